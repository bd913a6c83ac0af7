//! The scenarios that come with the program: the files of `presets/`, embedded.

/// A scenario that comes with the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// File name without ending, such as `quickstart`.
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(Preset { name: $name, text: include_str!(concat!("../../presets/", $name, ".toml")) }),*]
    };
}

/// The scenarios that come with the program, the easiest first.
pub fn presets() -> &'static [Preset] {
    embedded!(
        "quickstart",
        "smoke",
        "normal",
        "peak",
        "stress",
        "spike",
        "soak",
        "breakpoint",
        "knee",
        "comprehensive"
    )
}

/// The preset of this name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{OwnPresets, read_scenario_text};

    #[test]
    fn every_file_of_presets_is_embedded() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .collect();
        let mut names: Vec<_> = presets().iter().map(|preset| preset.name).collect();
        files.sort();
        names.sort_unstable();
        assert_eq!(names, files);
    }

    #[test]
    fn a_preset_reads_like_a_file_and_a_near_miss_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnPresets::beside(&folder.path().join("library.sqlite"));
        let read = |name: &str| read_scenario_text(name, &own);
        assert_eq!(read("quickstart").unwrap(), preset("quickstart").unwrap().text);
        let message = read("quikstart").unwrap_err().to_string();
        assert!(message.contains("no such file") && message.contains("`quickstart`"), "{message}");
        let message = read("checkout-of-last-year").unwrap_err().to_string();
        assert!(message.contains("presets list"), "{message}");
        own.save("checkout of last year", "# mine").unwrap();
        assert_eq!(read("checkout of last year").unwrap(), "# mine");
        let message = read("checkout-of-last-year").unwrap_err().to_string();
        assert!(message.contains("`checkout of last year`"), "{message}");
    }
}
