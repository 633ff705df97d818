//! The document's pictures.

use super::html::escaped;

/// The side of a picture, and the margin in it for words.
const SIDE: f32 = 300.0;
const MARGIN: f32 = 36.0;

/// Colours that colour-blind eyes tell apart (Okabe & Ito 2008), darkened for lines on white.
const COLOURS: [&str; 8] = ["#4d4d4d", "#b87800", "#0072b2", "#8a7a00", "#a8527f", "#00785a", "#c04a00", "#2b7fb3"];

/// More arrows than this are not drawn.
const MOST_ARROWS: usize = 400;

/// A curve.
pub struct Line {
    pub name: String,
    /// From (0, 0) to (1, 1).
    pub points: Vec<[f32; 2]>,
}

/// Curves in the unit square, with their names under it.
pub fn plot(title: &str, [across, up]: [&str; 2], lines: &[Line], diagonal: bool) -> String {
    let place = |[x, y]: [f32; 2]| {
        format!("{:.1},{:.1}", MARGIN + x * (SIDE - 2.0 * MARGIN), SIDE - MARGIN - y * (SIDE - 2.0 * MARGIN))
    };
    let mut picture = frame(title);
    if diagonal {
        let points = [[0.0, 0.0], [1.0, 1.0]].map(place).join(" ");
        picture += &format!("<polyline points=\"{points}\" fill=\"none\" stroke=\"#bbb\"/>\n");
    }
    for (number, line) in lines.iter().enumerate() {
        let points: Vec<String> = line.points.iter().copied().map(place).collect();
        picture += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"{}/>\n",
            points.join(" "),
            COLOURS[number % COLOURS.len()],
            dashes(number)
        );
    }
    for share in [0.0, 0.5, 1.0] {
        let at = MARGIN + share * (SIDE - 2.0 * MARGIN);
        picture += &text((at, SIDE - MARGIN + 14.0), "middle", &format!("{share}"));
        picture += &text((MARGIN - 6.0, SIDE - at + 4.0), "end", &format!("{share}"));
    }
    picture += &text((SIDE / 2.0, SIDE - 6.0), "middle", across);
    let (x, y) = (12.0, SIDE / 2.0);
    picture += &format!("<g transform=\"rotate(-90 {x} {y})\">{}</g>\n", text((x, y), "middle", up));
    let key = |(number, line): (usize, &Line)| {
        format!(
            "<span><svg width=\"22\" height=\"8\" aria-hidden=\"true\"><line x1=\"1\" y1=\"4\" x2=\"21\" y2=\"4\" stroke=\"{}\" stroke-width=\"2\"{}/></svg> {}</span> ",
            COLOURS[number % COLOURS.len()],
            dashes(number),
            escaped(&line.name)
        )
    };
    let keys: String = lines.iter().enumerate().map(key).collect();
    format!(
        "<figure>{picture}</svg>\n<div class=\"key\">{keys}</div><figcaption>{}</figcaption></figure>\n",
        escaped(title)
    )
}

/// From where faces were on the circumplex to where they were said to be.
pub fn circumplex(pairs: &[[(f32, f32); 2]]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let radius = SIDE / 2.0 - MARGIN;
    let place = |(valence, arousal): (f32, f32)| {
        (SIDE / 2.0 + valence.clamp(-1.0, 1.0) * radius, SIDE / 2.0 - arousal.clamp(-1.0, 1.0) * radius)
    };
    let mut picture = frame("Errors of valence and arousal");
    let centre = SIDE / 2.0;
    picture += &format!("<circle cx=\"{centre}\" cy=\"{centre}\" r=\"{radius}\" fill=\"none\" stroke=\"#999\"/>\n");
    let (near, far) = (MARGIN, SIDE - MARGIN);
    picture += &format!("<path d=\"M{near} {centre}H{far}M{centre} {near}V{far}\" stroke=\"#ddd\"/>\n");
    let step = pairs.len().div_ceil(MOST_ARROWS).max(1);
    for [was, said] in pairs.iter().step_by(step) {
        let ((x1, y1), (x2, y2)) = (place(*was), place(*said));
        picture += &format!(
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#c04a00\" stroke-opacity=\".35\"/><circle cx=\"{x2:.1}\" cy=\"{y2:.1}\" r=\"1.6\" fill=\"#c04a00\"/>\n"
        );
    }
    picture += &text((centre, MARGIN - 8.0), "middle", "excited");
    picture += &text((centre, SIDE - MARGIN + 16.0), "middle", "calm");
    picture += &text((MARGIN - 4.0, centre - 6.0), "middle", "unpleasant");
    picture += &text((SIDE - MARGIN + 4.0, centre - 6.0), "middle", "pleasant");
    let drawn = pairs.len().div_ceil(step);
    format!(
        "<figure>{picture}</svg>\n<figcaption>From what was so to what was said (dot), {drawn} of {} faces; valence across, arousal up.</figcaption></figure>\n",
        pairs.len()
    )
}

fn frame(title: &str) -> String {
    let inner = SIDE - 2.0 * MARGIN;
    format!(
        "<svg viewBox=\"0 0 {SIDE} {SIDE}\" width=\"{SIDE}\" height=\"{SIDE}\" role=\"img\" aria-label=\"{}\">\n<rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{inner}\" height=\"{inner}\" fill=\"none\" stroke=\"#ddd\"/>\n",
        escaped(title)
    )
}

fn text((x, y): (f32, f32), anchor: &str, words: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"11\" font-family=\"system-ui, sans-serif\" fill=\"#555\">{}</text>\n",
        escaped(words)
    )
}

/// Every second line is dashed: colour alone tells nothing.
fn dashes(number: usize) -> &'static str {
    if number % 2 == 1 { " stroke-dasharray=\"4 2\"" } else { "" }
}
