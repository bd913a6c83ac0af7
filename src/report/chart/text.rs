//! How wide words are, without a font: the advances of Helvetica, which the common sans-serif faces are near to.

use super::Weight;

/// Advances of the printable ASCII letters in thousandths of the size, from the space on.
// Adobe's AFM file of Helvetica.
const ADVANCES: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Other letters, as far as they are no wider than Latin ones.
const OTHER: u16 = 600;
const WIDE: u16 = 1_000;

/// Faces that readers have instead are up to so much wider.
const SLACK: f64 = 1.07;

const SEMIBOLD: f64 = 1.06;

const ELLIPSIS: char = '…';

/// About how wide a text is.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let units: f64 = text.chars().map(|letter| f64::from(advance(letter))).sum();
    let heavier = if weight == Weight::SemiBold { SEMIBOLD } else { 1.0 };
    units / 1_000.0 * size * SLACK * heavier
}

fn advance(letter: char) -> u16 {
    match letter {
        ' '..='~' => ADVANCES[letter as usize - ' ' as usize],
        // Scripts whose letters fill a square.
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' => WIDE,
        letter if u32::from(letter) >= 0x1_f000 => WIDE,
        _ => OTHER,
    }
}

/// The text as far as it fits, with `…` where it was cut; none where not even three letters fit.
pub fn fitted(text: &str, room: f64, size: f64, weight: Weight) -> Option<String> {
    if width(text, size, weight) <= room {
        return Some(text.to_owned());
    }
    let mut left = room - width(&ELLIPSIS.to_string(), size, weight);
    let mut short = String::new();
    for letter in text.chars() {
        left -= width(letter.encode_utf8(&mut [0; 4]), size, weight);
        if left < 0.0 {
            break;
        }
        short.push(letter);
    }
    let short = short.trim_end();
    (short.chars().count() >= 3).then(|| format!("{short}{ELLIPSIS}"))
}

/// The text in lines that fit, broken between words; a word that is too long stands on a line of its own, cut.
pub fn wrapped(text: &str, room: f64, size: f64, weight: Weight) -> Vec<String> {
    let lines = lines(text, room, size, weight).into_iter();
    lines
        .map(|words| match words.as_slice() {
            [word] => fitted(word, room, size, weight).unwrap_or_default(),
            words => words.join(" "),
        })
        .collect()
}

/// How many lines a text takes; none where there are no words.
pub fn n_lines(text: &str, room: f64, size: f64, weight: Weight) -> usize {
    lines(text, room, size, weight).len()
}

/// The words of each line.
fn lines(text: &str, room: f64, size: f64, weight: Weight) -> Vec<Vec<&str>> {
    // A text fits a room of its own width, whatever the sum of its words comes to.
    let room = room + 1e-6;
    let space = width(" ", size, weight);
    let mut lines: Vec<Vec<&str>> = Vec::new();
    let mut left = 0.0;
    // A space that does not break is part of a word.
    let breaks = |letter: char| letter.is_whitespace() && letter != '\u{a0}';
    for word in text.split(breaks).filter(|word| !word.is_empty()) {
        let width = width(word, size, weight);
        match lines.last_mut() {
            Some(line) if space + width <= left => {
                line.push(word);
                left -= space + width;
            }
            _ => {
                lines.push(vec![word]);
                left = room - width;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_where_there_is_no_room() {
        let fit = |text: &str, room| fitted(text, room, 10.0, Weight::Regular);
        assert_eq!(fit("Sustain (200)", 100.0).unwrap(), "Sustain (200)");
        assert_eq!(fit("Sustain (200)", 45.0).unwrap(), "Sustain…");
        assert_eq!(fit("Sustain (200)", 20.0), None);
        assert_eq!(fit("", 0.0).unwrap(), "");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three four", 60.0, 10.0, Weight::Regular), ["one two", "three four"]);
        assert!(wrapped("", 60.0, 10.0, Weight::Regular).is_empty());
        let n_lines = |text| n_lines(text, 60.0, 10.0, Weight::Regular);
        assert_eq!([n_lines("one two three four"), n_lines("one two"), n_lines("")], [2, 1, 0]);
        assert_eq!(n_lines("three\u{a0}four five"), 2);
        for text in ["stage Sustain (200)", "one two three four five six seven", "p95 of connection pool"] {
            assert_eq!(super::n_lines(text, width(text, 7.02, Weight::Regular), 7.02, Weight::Regular), 1);
        }
        assert!(wrapped(&"x".repeat(99), 60.0, 10.0, Weight::Regular)[0].ends_with('…'));
    }

    #[test]
    fn digits_have_one_width_and_squares_are_wide() {
        let w = |text: &str| width(text, 10.0, Weight::Regular);
        assert_eq!(w("1111"), w("8888"));
        assert!(w("漢字") > w("ab") * 1.5);
    }
}
