//! Scenario files and documents: read with care, written whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{OwnPresets, StoreError, preset, presets};

/// The largest scenario file that is read.
pub const MAX_SCENARIO_BYTES: u64 = 4 * 1024 * 1024;

/// Reads a scenario file's text, or a preset's by its name; refuses what cannot be one.
// A file wins over a preset of the same name: what lies on the analyst's disk is theirs. The presets that come
// with the program win over own ones: their names mean the same everywhere.
pub fn read_scenario_text(file_or_preset: &str, own: &OwnPresets) -> Result<String, StoreError> {
    let path = Path::new(file_or_preset);
    let failed = |error: io::Error| StoreError::file("read the scenario", &error, path);
    let of_preset = || match preset(file_or_preset) {
        Some(preset) => Ok(Some(preset.text.to_owned())),
        None => own.text(file_or_preset),
    };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            of_preset()?.ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))
        }
        Ok(_) => read_scenario_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            of_preset()?.ok_or_else(|| no_such_scenario(file_or_preset, own))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Reads a scenario file's text; refuses what cannot be one.
pub fn read_scenario_file(path: &Path) -> Result<String, StoreError> {
    let failed = |error: io::Error| StoreError::file("read the scenario", &error, path);
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    if metadata.len() > MAX_SCENARIO_BYTES {
        return Err(StoreError::ScenarioTooLarge {
            size: metadata.len().to_string(),
            path: path.to_path_buf(),
        });
    }
    read_small_text(path)
}

// The length is asked again while reading: pipes have none, and a file may grow.
pub(super) fn read_small_text(path: &Path) -> Result<String, StoreError> {
    let failed = |error: io::Error| StoreError::file("read the scenario", &error, path);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SCENARIO_BYTES + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_SCENARIO_BYTES {
        return Err(StoreError::ScenarioTooLarge { size: "more".to_owned(), path: path.to_path_buf() });
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        let why = format!("line {line} is not UTF-8 text; save it as UTF-8, or choose a scenario file");
        StoreError::File { action: "read the scenario", why, path: path.to_path_buf() }
    })
}

/// Reads a text file of at most so many bytes; `action` says what for, such as `read the report`.
pub fn read_text_file(path: &Path, action: &'static str, max_bytes: u64) -> Result<String, StoreError> {
    let failed = |error: io::Error| StoreError::file(action, &error, path);
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut bytes)).map_err(failed)?;
    let refused = |why: String| StoreError::File { action, why, path: path.to_path_buf() };
    if bytes.len() as u64 > max_bytes {
        return Err(refused(format!("it has more than {max_bytes} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        refused(format!("line {line} is not UTF-8 text"))
    })
}

fn no_such_scenario(name: &str, own: &OwnPresets) -> StoreError {
    let own = own.list().unwrap_or_default();
    let nearest = presets()
        .iter()
        .map(|preset| preset.name)
        .chain(own.iter().map(|preset| preset.name.as_str()))
        .map(|preset| (strsim::damerau_levenshtein(preset, name), preset))
        .min()
        .filter(|(distance, preset)| *distance <= preset.len() / 2);
    let hint = match nearest {
        Some((_, preset)) => format!(" (the nearest is `{preset}`)"),
        None => " (`stagewright presets list` shows them)".to_owned(),
    };
    StoreError::NoSuchScenario { name: name.to_owned(), hint }
}

/// Writes a file whole or not at all: to a neighbour first, then renamed over.
pub fn write_file(path: &Path, text: &str) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::file("write the file", &error, path);
    let present = fs::metadata(path);
    match &present {
        Ok(metadata) if metadata.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
        // A terminal or pipe such as /dev/stdout cannot be replaced by a neighbour.
        Ok(metadata) if !metadata.is_file() => {
            return OpenOptions::new()
                .write(true)
                .open(path)
                .and_then(|mut pipe| pipe.write_all(text.as_bytes()))
                .map_err(failed);
        }
        _ => {}
    }
    // Behind a link, the file it leads to is replaced and the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let neighbour = neighbour_of(&target).ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))?;
    let permissions = present.ok().map(|metadata| metadata.permissions());
    let written = write_new(&neighbour, text, permissions).and_then(|()| fs::rename(&neighbour, &target));
    written.map_err(|error| {
        let _ = fs::remove_file(&neighbour);
        failed(error)
    })?;
    keep_folder(&target);
    Ok(())
}

/// Replaces a file by one that is made under another name first: whole or not at all.
pub(super) fn replace_file(
    path: &Path,
    make: impl FnOnce(&Path) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::file("write the file", &error, path);
    let present = fs::metadata(path);
    match &present {
        Ok(metadata) if metadata.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
        Ok(metadata) if !metadata.is_file() => {
            return Err(failed(io::Error::other("it is no regular file; name a file")));
        }
        _ => {}
    }
    // Behind a link, the file it leads to is replaced and the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let neighbour = neighbour_of(&target).ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))?;
    // Told by the system, in its words, before a database would stumble over it.
    OpenOptions::new().write(true).create_new(true).open(&neighbour).map_err(failed)?;
    let put_in_place = || {
        let new = File::open(&neighbour)?;
        if let Ok(present) = &present {
            new.set_permissions(present.permissions())?;
        }
        new.sync_all()?;
        fs::rename(&neighbour, &target)
    };
    make(&neighbour).and_then(|()| put_in_place().map_err(failed)).inspect_err(|_| {
        let _ = fs::remove_file(&neighbour);
    })?;
    keep_folder(&target);
    Ok(())
}

fn write_new(path: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

/// A name of ours in the same folder, so that the rename stays on one disk.
pub(super) fn neighbour_of(target: &Path) -> Option<PathBuf> {
    static N_WRITTEN: AtomicU32 = AtomicU32::new(0);
    let n_written = N_WRITTEN.fetch_add(1, Ordering::Relaxed);
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name()?);
    name.push(format!(".{}-{n_written}.tmp", std::process::id()));
    Some(target.with_file_name(name))
}

/// Makes the rename itself outlast a power cut, where the system lets a folder be opened.
pub(super) fn keep_folder(target: &Path) {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        // The file is in place either way.
        let _ = folder.sync_all();
    }
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

    #[track_caller]
    fn refused(path: &Path, expected: &str) {
        let own = OwnPresets::beside(Path::new("/nowhere/library.sqlite"));
        let message = read_scenario_text(path.to_str().unwrap(), &own).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.md");
        write_file(&path, "old").unwrap();
        write_file(&path, "new ✓").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new ✓");
        assert_eq!(names_in(folder.path()), ["out.md"]);
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let message = write_file(folder.path(), "text").unwrap_err().to_string();
        assert!(message.contains("it is a folder"), "{message}");
        let message = write_file(&folder.path().join("nowhere/out.md"), "text").unwrap_err().to_string();
        assert!(message.contains("does not exist"), "{message}");
        assert!(names_in(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file.toml"), folder.path().join("link.toml"));
        write_file(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file.toml", &link).unwrap();
        write_file(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_cannot_be_a_scenario_is_refused_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scenario.toml");
        refused(folder.path(), "it is a folder");
        fs::write(&path, b"name = \"a\"\nname = \"\xff\"\n").unwrap();
        refused(&path, "line 2 is not UTF-8");
        File::create(&path).unwrap().set_len(50_000_000).unwrap();
        refused(&path, "this one has 50000000");
        refused(&folder.path().join("missing.toml"), "no such file");
    }

    #[cfg(unix)]
    #[test]
    fn an_endless_file_is_not_read_to_its_end() {
        refused(Path::new("/dev/zero"), "this one has more");
    }
}
