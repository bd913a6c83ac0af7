//! Markdown tables, and the middle of several rounds.

/// Prints a heading, a sentence and a table.
pub fn print(heading: &str, sentence: &str, columns: &[&str], rows: &[Vec<String>]) {
    println!("### {heading}\n\n{sentence}\n");
    println!("| {} |", columns.join(" | "));
    let rule: Vec<_> = (0..columns.len()).map(|column| if column == 0 { "---" } else { "---:" }).collect();
    println!("| {} |", rule.join(" | "));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
    println!();
}

/// `median (least – most)`.
pub fn spread(values: &[f64], n_decimals: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.n_decimals$} ({least:.n_decimals$} – {most:.n_decimals$})", median(values))
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}
