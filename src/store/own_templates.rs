//! The user's own templates for reports: files in a folder beside the run library, or in any other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{StoreError, read_text_file, write_file};

/// The largest template that is read.
const MAX_BYTES: u64 = 256 << 10;
const ENDING: &str = "md";

/// A folder of templates; there need not be one yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTemplates {
    folder: PathBuf,
}

/// A template of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTemplate {
    pub file_name: String,
    pub path: PathBuf,
    pub text: String,
}

impl OwnTemplates {
    /// Those that belong to a run library.
    pub fn beside(library: &Path) -> Self {
        Self { folder: library.with_file_name("report-templates") }
    }

    /// Those of a folder.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    pub fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// All of them by name; none where there is no folder.
    pub fn read(&self) -> Result<Vec<OwnTemplate>, StoreError> {
        let failed = |error: io::Error| StoreError::file("list the templates", &error, &self.folder);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut templates = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let is_template = path.is_file() && path.extension().is_some_and(|ending| ending == ENDING);
            let Some(file_name) = path.file_name().and_then(|name| name.to_str()).filter(|_| is_template)
            else {
                continue;
            };
            let file_name = file_name.to_owned();
            templates.push(OwnTemplate { text: read_template(&path)?, file_name, path });
        }
        templates.sort_by(|a, b| a.file_name.cmp(&b.file_name));
        Ok(templates)
    }

    /// Writes templates to start from; one that is there stays, and then nothing is written.
    pub fn write(&self, templates: &[(&str, &str)]) -> Result<Vec<PathBuf>, StoreError> {
        let paths: Vec<PathBuf> = templates.iter().map(|(name, _)| self.folder.join(name)).collect();
        if let Some(path) = paths.iter().find(|path| path.exists()) {
            let why = "it is there already; name another folder".to_owned();
            return Err(StoreError::File { action: "write the templates", why, path: path.clone() });
        }
        fs::create_dir_all(&self.folder)
            .map_err(|error| StoreError::file("make the folder of the templates", &error, &self.folder))?;
        for ((_, text), path) in templates.iter().zip(&paths) {
            write_file(path, text)?;
        }
        Ok(paths)
    }
}

/// Reads one template.
pub fn read_template(path: &Path) -> Result<String, StoreError> {
    read_text_file(path, "read the template", MAX_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_written_once_and_read_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let templates = OwnTemplates::beside(&folder.path().join("library.sqlite"));
        assert!(!templates.exists() && templates.read().unwrap().is_empty());
        let paths = templates.write(&[("b.md", "two"), ("a.md", "one")]).unwrap();
        assert_eq!(paths.len(), 2);
        fs::write(folder.path().join("report-templates/notes.txt"), "none").unwrap();
        let read = templates.read().unwrap();
        let texts: Vec<_> = read.iter().map(|own| (own.file_name.as_str(), own.text.as_str())).collect();
        assert_eq!(texts, [("a.md", "one"), ("b.md", "two")]);
        let message = templates.write(&[("c.md", "three"), ("a.md", "mine")]).unwrap_err().to_string();
        assert!(message.contains("it is there already") && message.ends_with("a.md"), "{message}");
        assert_eq!(templates.read().unwrap(), read, "nothing was written");
    }
}
