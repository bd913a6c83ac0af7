//! Files that belong together, such as a report and its charts: all of them are written, or none.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{
    StoreError,
    files::{keep_folder, neighbour_of},
};

/// A file on its way to its place.
struct Staged {
    target: PathBuf,
    /// Where it lies until all are written.
    neighbour: PathBuf,
    /// Where what it replaces lies until all are in place.
    kept: Option<PathBuf>,
    is_in_place: bool,
}

/// Whether something is there that cannot be replaced by a file, such as a terminal or a pipe.
pub fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Writes files, making the folders that they need; where one cannot be written all is as it was.
// First everything is written beside its place, where nearly all that can fail does; then names are changed, and what
// they replace is kept until the last of them is in place.
pub fn write_files(files: &[(PathBuf, &[u8])]) -> Result<(), StoreError> {
    let mut folders = Vec::new();
    let mut staged = Vec::new();
    let written = write_all(files, &mut folders, &mut staged);
    match &written {
        Ok(()) => {
            for file in &staged {
                if let Some(kept) = &file.kept {
                    let _ = fs::remove_file(kept);
                }
                keep_folder(&file.target);
            }
        }
        Err(_) => undo(&staged, &folders),
    }
    written
}

fn write_all(
    files: &[(PathBuf, &[u8])],
    folders: &mut Vec<PathBuf>,
    staged: &mut Vec<Staged>,
) -> Result<(), StoreError> {
    for (path, bytes) in files {
        let failed = |error: io::Error| StoreError::file("write the file", &error, path);
        make_folders(path, folders).map_err(failed)?;
        stage(path, bytes, staged).map_err(failed)?;
    }
    for (file, (path, _)) in staged.iter_mut().zip(files) {
        file.put_in_place().map_err(|error| StoreError::file("write the file", &error, path))?;
    }
    Ok(())
}

/// Makes the folder of a file where it is missing; its own folder has to be there.
fn make_folders(path: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir(folder)?;
    made.push(folder.to_owned());
    Ok(())
}

fn stage(path: &Path, bytes: &[u8], staged: &mut Vec<Staged>) -> io::Result<()> {
    let present = fs::metadata(path);
    match &present {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => {
            return Err(io::Error::other("it is no regular file, and others belong beside it; name a file"));
        }
        _ => {}
    }
    // Behind a link, the file it leads to is replaced and the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let neighbour = neighbour_of(&target).ok_or(io::ErrorKind::IsADirectory)?;
    let mut file = File::options().write(true).create_new(true).open(&neighbour)?;
    staged.push(Staged { target, neighbour, kept: None, is_in_place: false });
    file.write_all(bytes)?;
    if let Ok(present) = present {
        file.set_permissions(present.permissions())?;
    }
    file.sync_all()
}

impl Staged {
    fn put_in_place(&mut self) -> io::Result<()> {
        if self.target.exists() {
            let kept = neighbour_of(&self.target).ok_or(io::ErrorKind::IsADirectory)?;
            fs::rename(&self.target, &kept)?;
            self.kept = Some(kept);
        }
        fs::rename(&self.neighbour, &self.target)?;
        self.is_in_place = true;
        Ok(())
    }
}

/// Puts everything back; what cannot be put back stays beside its place, under a name that tells of it.
fn undo(staged: &[Staged], folders: &[PathBuf]) {
    for file in staged.iter().rev() {
        let new = if file.is_in_place { &file.target } else { &file.neighbour };
        let _ = fs::remove_file(new);
        if let Some(kept) = &file.kept {
            let _ = fs::rename(kept, &file.target);
        }
    }
    // Only those that were made here, and only while nothing lies in them.
    folders.iter().rev().for_each(|folder| _ = fs::remove_dir(folder));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_are_written_and_replace_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let (report, chart) = (folder.path().join("report.md"), folder.path().join("report-charts/load.svg"));
        for text in [&b"old"[..], b"new"] {
            write_files(&[(report.clone(), text), (chart.clone(), text)]).unwrap();
        }
        assert_eq!(fs::read(&report).unwrap(), b"new");
        assert_eq!(fs::read(&chart).unwrap(), b"new");
        assert_eq!(names_in(folder.path()), ["report-charts", "report.md"]);
        assert_eq!(names_in(&folder.path().join("report-charts")), ["load.svg"]);
    }

    #[test]
    fn where_one_cannot_be_written_all_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("report.md"), "old").unwrap();
        fs::create_dir(at("in-the-way.svg")).unwrap();
        let new = &b"new"[..];
        // A folder stands where a file should: found before anything was replaced.
        let files = [(at("report.md"), new), (at("charts/load.svg"), new), (at("in-the-way.svg"), new)];
        let message = write_files(&files).unwrap_err().to_string();
        assert!(message.contains("it is a folder") && message.contains("in-the-way.svg"), "{message}");
        // No folder for it, and none is made two levels deep.
        let message = write_files(&[(at("report.md"), new), (at("no/such/load.svg"), new)]).unwrap_err();
        assert!(message.to_string().contains("does not exist"), "{message}");
        assert_eq!(fs::read_to_string(at("report.md")).unwrap(), "old");
        assert_eq!(names_in(folder.path()), ["in-the-way.svg", "report.md"]);
    }

    #[test]
    fn what_was_already_replaced_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "old a").unwrap();
        let mut staged = Vec::new();
        stage(&at("a"), b"new a", &mut staged).unwrap();
        stage(&at("b"), b"new b", &mut staged).unwrap();
        staged[0].put_in_place().unwrap();
        staged[1].put_in_place().unwrap();
        assert_eq!(fs::read_to_string(at("a")).unwrap(), "new a");
        undo(&staged, &[]);
        assert_eq!(fs::read_to_string(at("a")).unwrap(), "old a");
        assert_eq!(names_in(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_and_pipes_are_told_apart() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.md");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        write_files(&[(file.clone(), b"new")]).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(is_stream(Path::new("/dev/null")) && !is_stream(&file) && !is_stream(folder.path()));
        assert!(!is_stream(&folder.path().join("nowhere")));
    }
}
