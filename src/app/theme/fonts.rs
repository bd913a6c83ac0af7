//! Typefaces: IBM Plex Sans, whose digits all have one width, and the material icons.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

use super::Weight;

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/IBMPlexSans-Regular.ttf");
const MEDIUM: &[u8] = include_bytes!("../../../assets/fonts/IBMPlexSans-Medium.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/IBMPlexSans-SemiBold.ttf");

pub fn family(weight: Weight) -> FontFamily {
    match weight {
        Weight::Regular => FontFamily::Proportional,
        Weight::Medium => FontFamily::Name("medium".into()),
        Weight::SemiBold => FontFamily::Name("semibold".into()),
    }
}

/// Each family falls back to egui's own fonts and then to the icons.
pub fn definitions() -> FontDefinitions {
    let mut definitions = FontDefinitions::default();
    let mut icons = egui_material_icons::font_insert();
    // Beside Plex the icons sit a little low; measured on buttons of both kinds.
    icons.data.tweak.y_offset_factor = -0.03;
    let fallback: Vec<String> = definitions.families[&FontFamily::Proportional]
        .iter()
        .cloned()
        .chain([egui_material_icons::FONT_FAMILY.to_owned()])
        .collect();
    definitions.font_data.insert(egui_material_icons::FONT_FAMILY.to_owned(), Arc::new(icons.data));
    definitions.families.insert(
        FontFamily::Name(egui_material_icons::FONT_FAMILY.into()),
        vec![egui_material_icons::FONT_FAMILY.to_owned()],
    );
    for (weight, name, bytes) in [
        (Weight::Regular, "plex-regular", REGULAR),
        (Weight::Medium, "plex-medium", MEDIUM),
        (Weight::SemiBold, "plex-semibold", SEMIBOLD),
    ] {
        definitions.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let fonts = [name.to_owned()].into_iter().chain(fallback.iter().cloned()).collect();
        definitions.families.insert(family(weight), fonts);
    }
    definitions
}
