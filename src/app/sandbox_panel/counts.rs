//! What the sandbox has counted so far.

use egui::{Align, Grid, Layout, Ui};

use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize::{self, MISSING},
    sandbox::SandboxState,
};

/// Draws the counts since it was started.
pub fn counts_ui(ui: &mut Ui, said: &SandboxState, received_per_sec: Option<f64>) {
    widgets::section_with(ui, "Counts", |ui| ui.label(theme::small(ui, "since its start")));
    for (id, rows) in
        [("sandbox work", work_rows(said, received_per_sec)), ("sandbox requests", service_rows(said))]
    {
        rows_ui(ui, id, &rows);
        ui.add_space(space::XS);
    }
}

/// Names at the left, numbers that line up at the right.
fn rows_ui(ui: &mut Ui, id: &str, rows: &[(String, String)]) {
    let width = ui.available_width();
    Grid::new(id).num_columns(2).min_col_width(width / 2.0 - space::S).spacing([space::S, 3.0]).show(
        ui,
        |ui| {
            ui.spacing_mut().interact_size.y = 18.0;
            for (name, value) in rows {
                ui.label(theme::muted(ui, name));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(theme::text(value, size::BODY, Weight::Medium));
                });
                ui.end_row();
            }
        },
    );
}

fn work_rows(said: &SandboxState, received_per_sec: Option<f64>) -> Vec<(String, String)> {
    let or_missing = |words: Option<String>| words.unwrap_or_else(|| MISSING.to_owned());
    let pool = &said.pool;
    let waiting = if pool.n_waiting > 0 {
        format!(", {} waiting", humanize::count(pool.n_waiting))
    } else {
        String::new()
    };
    let rows = [
        ("Requests", humanize::count(said.n_received)),
        ("Requests now", or_missing(received_per_sec.map(humanize::rate))),
        ("Statements", humanize::count(said.n_statements)),
        ("Slow statements", humanize::count(said.n_slow)),
        (
            "Connections in use",
            format!("{} of {}{waiting}", humanize::count(pool.n_in_use), humanize::count(pool.size)),
        ),
        ("Cache hits", or_missing(said.cache.hit_ratio().map(humanize::percent))),
        ("Cache entries", humanize::count(said.cache.n_entries)),
        ("Database", store_name(&said.database)),
        ("Cache in", store_name(&said.cache_store)),
    ];
    rows.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The name of a store as people write it.
fn store_name(name: &str) -> String {
    match name {
        "" => MISSING,
        "sqlite" => "SQLite",
        "postgresql" => "PostgreSQL",
        "redis" => "Redis",
        "memory" => "memory",
        other => other,
    }
    .to_owned()
}

/// Requests by service, the first part of each route's path.
fn service_rows(said: &SandboxState) -> Vec<(String, String)> {
    let mut rows: Vec<(String, u64)> = Vec::new();
    for (route, n) in &said.n_received_by_route {
        let path = route.split_once(' ').map_or(route.as_str(), |(_, path)| path);
        let service = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match rows.iter_mut().find(|(name, _)| name == service) {
            Some((_, total)) => *total += n,
            None => rows.push((service.to_owned(), *n)),
        }
    }
    rows.retain(|(_, n)| *n > 0);
    rows.into_iter().map(|(service, n)| (service, humanize::count(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{CacheState, PoolState};

    #[test]
    fn requests_add_up_by_service() {
        let mut said = SandboxState::default();
        for (route, n) in [
            ("GET /education/courses", 3),
            ("GET /education/courses/{id}", 4),
            ("GET /mint/wallet", 5),
            ("GET /forge/jobs", 0),
        ] {
            said.n_received_by_route.insert(route.to_owned(), n);
        }
        let rows = service_rows(&said);
        let rows: Vec<(&str, &str)> = rows.iter().map(|(name, n)| (name.as_str(), n.as_str())).collect();
        assert_eq!(rows, [("education", "7"), ("mint", "5")]);
    }

    #[test]
    fn what_cannot_be_told_yet_is_missing_and_not_zero() {
        let mut said = SandboxState::default();
        let value = |said: &SandboxState, name: &str| {
            let rows = work_rows(said, None);
            rows.into_iter().find(|(row, _)| row == name).unwrap().1
        };
        assert_eq!(
            (value(&said, "Requests now"), value(&said, "Cache hits")),
            (MISSING.to_owned(), MISSING.to_owned())
        );
        said.cache = CacheState { n_hits: 3, n_misses: 1, ..CacheState::default() };
        said.pool = PoolState { size: 4, n_in_use: 4, n_waiting: 2, ..PoolState::default() };
        assert_eq!(value(&said, "Cache hits"), humanize::percent(0.75));
        assert_eq!(value(&said, "Connections in use"), "4 of 4, 2 waiting");
    }
}
