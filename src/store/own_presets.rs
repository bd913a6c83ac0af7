//! The analyst's own presets: scenario files in a folder beside the run library.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{StoreError, files::read_small_text, preset, write_file};

const ENDING: &str = "toml";
const MAX_NAME: usize = 60;
/// Names that some systems keep for devices.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A scenario that the analyst keeps as a preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPreset {
    pub name: String,
    pub text: String,
}

/// The folder of the analyst's own presets; there need not be one yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPresets {
    folder: PathBuf,
}

impl OwnPresets {
    /// Those that belong to a run library.
    pub fn beside(library: &Path) -> Self {
        Self { folder: library.with_file_name("presets") }
    }

    /// All of them by name; files that cannot be read are left out.
    pub fn list(&self) -> Result<Vec<OwnPreset>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::file("list your presets", &error, &self.folder)),
        };
        let mut presets: Vec<OwnPreset> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().to_str()?.strip_suffix(".toml")?.to_owned();
                check_name(&name).ok()?;
                Some(OwnPreset { text: read_small_text(&entry.path()).ok()?, name })
            })
            .collect();
        presets.sort_by_cached_key(|preset| preset.name.to_lowercase());
        Ok(presets)
    }

    /// The text of the preset of this name, if there is one.
    pub fn text(&self, name: &str) -> Result<Option<String>, StoreError> {
        if check_name(name).is_err() || !self.has(name) {
            return Ok(None);
        }
        read_small_text(&self.path_of(name)).map(Some)
    }

    pub fn has(&self, name: &str) -> bool {
        self.path_of(name).is_file()
    }

    /// Writes a preset, over one of the same name if there is one.
    pub fn save(&self, name: &str, text: &str) -> Result<(), StoreError> {
        check_name(name).map_err(StoreError::PresetName)?;
        fs::create_dir_all(&self.folder)
            .map_err(|error| StoreError::file("make the folder of your presets", &error, &self.folder))?;
        write_file(&self.path_of(name), text)
    }

    /// Removes a preset; returns its text, with which it can be saved again.
    pub fn delete(&self, name: &str) -> Result<String, StoreError> {
        let path = self.path_of(name);
        check_name(name).map_err(StoreError::PresetName)?;
        let text = read_small_text(&path)?;
        fs::remove_file(&path).map_err(|error| StoreError::file("delete the preset", &error, &path))?;
        Ok(text)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ENDING}"))
    }
}

/// Why a name cannot be that of an own preset.
pub fn check_name(name: &str) -> Result<(), String> {
    let is_plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.' | '(' | ')');
    if name.is_empty() {
        return Err("a preset needs a name".to_owned());
    }
    if preset(&name.to_lowercase()).is_some() {
        return Err(format!("`{name}` is a preset that comes with the program; choose another name"));
    }
    if name.chars().count() > MAX_NAME || !name.chars().all(is_plain) {
        return Err(format!(
            "the name of a preset has letters, digits, spaces, `-`, `_`, `.` and brackets only, at most {MAX_NAME}"
        ));
    }
    let is_odd = name.starts_with(['.', ' ', '-']) || name.ends_with(['.', ' ']);
    if is_odd || RESERVED.contains(&name.to_lowercase().as_str()) {
        return Err(format!(
            "`{name}` cannot be the name of a file everywhere; begin and end it with a letter"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_presets_are_kept_listed_replaced_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let presets = OwnPresets::beside(&folder.path().join("library.sqlite"));
        assert_eq!(presets.list().unwrap(), []);
        presets.save("Zebra", "z").unwrap();
        presets.save("my checkout", "old").unwrap();
        presets.save("my checkout", "new").unwrap();
        fs::write(folder.path().join("presets/notes.txt"), "no preset").unwrap();
        let names: Vec<_> = presets.list().unwrap().into_iter().map(|preset| preset.name).collect();
        assert_eq!(names, ["my checkout", "Zebra"]);
        assert_eq!(presets.text("my checkout").unwrap().as_deref(), Some("new"));
        assert_eq!(presets.text("../library").unwrap(), None);
        assert_eq!(presets.delete("my checkout").unwrap(), "new");
        assert_eq!(presets.text("my checkout").unwrap(), None);
    }

    #[test]
    fn names_are_those_of_files_and_none_that_comes_with_the_program() {
        for (name, expected) in [
            ("smoke", "comes with the program"),
            ("Smoke", "comes with the program"),
            ("", "needs a name"),
            ("a/b", "letters, digits"),
            ("..", "begin and end"),
            ("nul", "begin and end"),
            ("-v", "begin and end"),
            (&"x".repeat(61), "at most 60"),
        ] {
            assert!(check_name(name).unwrap_err().contains(expected), "{name}");
        }
        assert_eq!(check_name("Prüfung (abends) 2"), Ok(()));
    }
}
