//! A drawing as SVG: readable by screen readers, the same bytes for the same drawing.

use super::{Anchor, Drawing, Item, Marker, Palette, Position, Role, Stroke, Weight, palette::LIGHT};

/// Faces of the letters, the best first.
const FACES: &str = "'IBM Plex Sans','Inter','Helvetica Neue',Arial,'Liberation Sans',sans-serif";

/// Where the colours come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SvgColors {
    /// By day, on a white ground: for a file that is shown anywhere.
    Fixed,
    /// The variables of the page around it, which has a theme.
    OfPage,
}

/// The drawing as an SVG element, or as a whole file; `id` tells it apart from others on one page.
pub fn svg(drawing: &Drawing, id: &str, colors: SvgColors) -> String {
    let (width, height) = (number(drawing.size.width), number(drawing.size.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-words\" font-family=\"{FACES}\" \
         style=\"font-variant-numeric:tabular-nums\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-words\">{}</desc>\n",
        escaped(&drawing.title),
        escaped(&drawing.words)
    );
    let pen = Pen { colors };
    if colors == SvgColors::Fixed {
        out +=
            &format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n", pen.color(Role::Ground));
    }
    let mut index = 0;
    while let Some(item) = drawing.items.get(index) {
        let n_alike = n_rects_alike(&drawing.items[index..]);
        if n_alike > 1 {
            pen.rects(&drawing.items[index..index + n_alike], &mut out);
        } else {
            pen.item(item, &mut out);
        }
        index += n_alike.max(1);
    }
    out + "</svg>\n"
}

/// How many rectangles of one look follow each other; they are written as one path.
fn n_rects_alike(items: &[Item]) -> usize {
    let look = |item: &Item| match item {
        Item::Rect { role, opacity, .. } => Some((*role, opacity.to_bits())),
        _ => None,
    };
    match items.first().and_then(look) {
        Some(first) => items.iter().take_while(|item| look(item) == Some(first)).count(),
        None => 0,
    }
}

struct Pen {
    colors: SvgColors,
}

impl Pen {
    fn color(&self, role: Role) -> String {
        match self.colors {
            SvgColors::Fixed => hex(LIGHT.color(role)),
            SvgColors::OfPage => format!("var(--{})", variable(role)),
        }
    }

    fn item(&self, item: &Item, out: &mut String) {
        match item {
            Item::Line { from, to, stroke } => {
                *out += &format!("<path d=\"M{} L{}\" {}/>\n", place(*from), place(*to), self.stroke(stroke));
            }
            Item::Polyline { points, stroke } => {
                *out += &format!("<path d=\"{}\" {}/>\n", path(points), self.stroke(stroke));
            }
            Item::Ribbon { upper, lower, role, opacity } => {
                let outline: Vec<Position> = upper.iter().chain(lower.iter().rev()).copied().collect();
                *out += &format!("<path d=\"{}Z\" {}/>\n", path(&outline), self.fill(*role, *opacity));
            }
            Item::Rect { min, max, role, opacity } => {
                *out += &format!(
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>\n",
                    number(min.x),
                    number(min.y),
                    number(max.x - min.x),
                    number(max.y - min.y),
                    self.fill(*role, *opacity)
                );
            }
            Item::Marker { at, radius, marker, role } => {
                *out += &format!("{} {}/>\n", outline(*marker, *at, *radius), self.fill(*role, 1.0));
            }
            Item::Text { at, text, role, size, weight, anchor } => {
                let anchor = match anchor {
                    Anchor::Start => "",
                    Anchor::Middle => " text-anchor=\"middle\"",
                    Anchor::End => " text-anchor=\"end\"",
                };
                let weight = if *weight == Weight::SemiBold { " font-weight=\"600\"" } else { "" };
                *out += &format!(
                    "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{anchor} {}>{}</text>\n",
                    number(at.x),
                    number(at.y),
                    number(*size),
                    self.fill(*role, 1.0),
                    escaped(text)
                );
            }
        }
    }

    fn rects(&self, items: &[Item], out: &mut String) {
        let Some(Item::Rect { role, opacity, .. }) = items.first() else { return };
        *out += "<path d=\"";
        for item in items {
            if let Item::Rect { min, max, .. } = item {
                let (width, height) = (number(max.x - min.x), number(max.y - min.y));
                *out += &format!("M{}h{width}v{height}h{}z", place(*min), negative(&width));
            }
        }
        *out += &format!("\" {}/>\n", self.fill(*role, *opacity));
    }

    fn fill(&self, role: Role, opacity: f64) -> String {
        let opacity =
            if opacity < 1.0 { format!(" fill-opacity=\"{}\"", number(opacity)) } else { String::new() };
        format!("fill=\"{}\"{opacity}", self.color(role))
    }

    fn stroke(&self, stroke: &Stroke) -> String {
        let dash: Vec<String> = stroke.dash.iter().map(|length| number(*length)).collect();
        let dash =
            if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", dash.join(" ")) };
        format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dash}",
            self.color(stroke.role),
            number(stroke.width)
        )
    }
}

impl Palette {
    /// The colours as variables of a style sheet.
    pub fn css_variables(&self) -> String {
        let mut roles = vec![
            Role::Ground,
            Role::Ink,
            Role::Muted,
            Role::Grid,
            Role::Axis,
            Role::Band,
            Role::Target,
            Role::Ok,
            Role::Warn,
            Role::Fail,
            Role::HeatGround,
        ];
        roles.extend((0..Role::N_SERIES as u8).map(Role::Series));
        roles.extend((0..self.outcomes.len() as u8).map(Role::Outcome));
        roles.extend((0..Role::N_HEATS as u8).map(Role::Heat));
        let line = |role: Role| format!("--{}:{};", variable(role), hex(self.color(role)));
        let of_page = [
            ("raised", self.raised),
            ("accent", self.accent),
            ("ok-soft", self.ok_soft),
            ("warn-soft", self.warn_soft),
            ("fail-soft", self.fail_soft),
        ];
        let of_page = of_page.map(|(name, color)| format!("--{name}:{};", hex(color)));
        roles.into_iter().map(line).chain(of_page).collect()
    }
}

/// The name of a role's variable.
fn variable(role: Role) -> String {
    match role {
        Role::Ground => "ground".to_owned(),
        Role::Ink => "ink".to_owned(),
        Role::Muted => "muted".to_owned(),
        Role::Grid => "grid".to_owned(),
        Role::Axis => "axis".to_owned(),
        Role::Band => "band".to_owned(),
        Role::Target => "target".to_owned(),
        Role::Ok => "ok".to_owned(),
        Role::Warn => "warn".to_owned(),
        Role::Fail => "fail".to_owned(),
        Role::HeatGround => "heat-ground".to_owned(),
        Role::Series(n) => format!("series-{}", n + 1),
        Role::Outcome(n) => format!("outcome-{n}"),
        Role::Heat(n) => format!("heat-{n}"),
    }
}

fn hex(color: u32) -> String {
    format!("#{color:06x}")
}

/// A tenth of a pixel is finer than anyone sees; opacities and widths are no finer.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = if value.abs() >= 10.0 { format!("{value:.1}") } else { text };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() { "0".to_owned() } else { text.to_owned() }
}

fn negative(number: &str) -> String {
    if number == "0" { number.to_owned() } else { format!("-{number}") }
}

fn place(at: Position) -> String {
    format!("{},{}", number(at.x), number(at.y))
}

/// Straight lines from one point to the next.
fn path(points: &[Position]) -> String {
    let mut out = String::with_capacity(points.len() * 12);
    for (index, point) in points.iter().enumerate() {
        out.push(if index == 0 { 'M' } else { 'L' });
        out += &place(*point);
    }
    out
}

/// The beginning of an element for a marker.
fn outline(marker: Marker, at: Position, radius: f64) -> String {
    let Position { x, y } = at;
    let polygon = |corners: &[(f64, f64)]| {
        let corners: Vec<Position> =
            corners.iter().map(|(dx, dy)| Position { x: x + dx * radius, y: y + dy * radius }).collect();
        format!("<path d=\"{}Z\"", path(&corners))
    };
    match marker {
        Marker::Circle => {
            format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", number(x), number(y), number(radius))
        }
        Marker::Square => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        Marker::Diamond => polygon(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
        Marker::Triangle => polygon(&[(0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)]),
    }
}

/// Text that XML and HTML show as it is.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            // XML 1.0 has no way to write the others.
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
