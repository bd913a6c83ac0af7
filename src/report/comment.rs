//! The comment under a change: Markdown by a template, within the letters that a comment may have.

use super::{Paper, Provenance, ReportOptions, TemplateName, markdown, options::MAX_COMMENT, templates};

/// Rows of a table with which it is tried, until the comment fits.
const MAX_ROWS: [usize; 4] = [24, 12, 6, 3];

/// The comment, with the line that says what it was made of at its end.
pub fn write(paper: &Paper<'_>) -> String {
    let provenance = Provenance::of(paper);
    let end = format!("\n{}\n\n{}\n", markdown::escaped(&provenance.sentence()), provenance.comment());
    let most = MAX_COMMENT - end.chars().count();
    let body =
        MAX_ROWS.iter().map(|max_rows| body(paper, *max_rows)).find(|body| body.chars().count() <= most);
    body.unwrap_or_else(|| cut(&self::body(paper, MAX_ROWS[MAX_ROWS.len() - 1]), most)) + &end
}

fn body(paper: &Paper<'_>, max_rows: usize) -> String {
    let options = ReportOptions { max_rows: Some(max_rows), ..paper.options.clone() };
    match templates::text(TemplateName::PullRequest, &Paper { options, ..paper.clone() }) {
        Ok(text) => text.trim().to_owned() + "\n",
        // Checked before a comment is written; whoever did not check reads it here.
        Err(error) => format!("{}\n", markdown::escaped(&error.to_string())),
    }
}

/// As many whole lines as there is room for, with what was opened closed.
fn cut(text: &str, most: usize) -> String {
    const SAID: &str = "\n\nThe comment is cut here: there is more than one may hold.\n";
    let room = most - SAID.chars().count() - 64;
    let mut n_letters = 0;
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| {
            n_letters += line.chars().count() + 1;
            n_letters <= room
        })
        .collect();
    let kept = lines.join("\n");
    let n_open = kept.matches("<details>").count().saturating_sub(kept.matches("</details>").count());
    let fences = kept.lines().filter(|line| line.starts_with("```")).count();
    let fence = if fences % 2 == 1 { "\n```" } else { "" };
    format!("{kept}{fence}{}{SAID}", "\n\n</details>".repeat(n_open.min(4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_cut_at_a_line_and_closes_what_it_opened() {
        let text = format!("<details>\n```\n{}", "a line of words\n".repeat(100));
        let cut = cut(&text, 1_000);
        assert!(cut.chars().count() <= 1_000, "{}", cut.len());
        assert!(cut.contains("a line of words\n```\n\n</details>\n\nThe comment is cut here"), "{cut}");
    }
}
