//! The document's pictures.

use super::html::escaped;

/// The side of a picture, and the margin in it for words.
const SIDE: f32 = 300.0;
const MARGIN: f32 = 36.0;

/// Colours that colour-blind eyes tell apart (Okabe & Ito 2008), darkened for lines on white, lightened for lines on black:
/// the page's style says them.
const COLOURS: usize = 8;

/// More arrows than this are not drawn.
const MOST_ARROWS: usize = 400;

/// A curve.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// Its points, in order.
    pub points: Vec<[f32; 2]>,
}

/// One of the two directions of a picture.
pub struct Axis<'a> {
    pub name: &'a str,
    pub from: f32,
    pub to: f32,
}

impl<'a> Axis<'a> {
    /// From 0 to 1.
    pub fn share(name: &'a str) -> Axis<'a> {
        Axis { name, from: 0.0, to: 1.0 }
    }

    /// Where on it a value lies, 0 to 1.
    fn place(&self, value: f32) -> f32 {
        ((value - self.from) / (self.to - self.from).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0)
    }

    /// Round numbers that stand beside it: at most six, and halves only where there is nothing else.
    fn ticks(&self) -> Vec<f32> {
        let range = (self.to - self.from).max(f32::MIN_POSITIVE);
        let power = 10f32.powf(range.log10().floor() - 1.0);
        let step = [5.0, 10.0, 20.0, 50.0].map(|step| step * power).into_iter().find(|step| range / step < 4.5);
        let step = step.unwrap_or(range);
        let first = (self.from / step).ceil() as i32;
        let ticks = (first..first + 6).map(|tick| tick as f32 * step);
        ticks.filter(|tick| *tick <= self.to + step * 1e-3 && (range <= 1.0 || tick.fract() == 0.0)).collect()
    }
}

/// Curves, with their names under them.
pub fn plot(title: &str, [across, up]: [Axis; 2], lines: &[Line], diagonal: bool) -> String {
    let inner = SIDE - 2.0 * MARGIN;
    let place = |[x, y]: [f32; 2]| {
        format!("{:.1},{:.1}", MARGIN + across.place(x) * inner, SIDE - MARGIN - up.place(y) * inner)
    };
    let mut picture = frame(title);
    if diagonal {
        let points = [[across.from, up.from], [across.to, up.to]].map(place).join(" ");
        picture += &format!("<polyline points=\"{points}\" fill=\"none\" style=\"stroke: var(--line)\"/>\n");
    }
    for (number, line) in lines.iter().enumerate() {
        let points: Vec<String> = line.points.iter().copied().map(place).collect();
        picture += &format!(
            "<polyline points=\"{}\" fill=\"none\" style=\"stroke: {}\" stroke-width=\"1.6\"{}/>\n",
            points.join(" "),
            colour(number),
            dashes(number)
        );
        // A curve of one point has no line.
        if let [point] = &line.points[..] {
            let (x, y) = (MARGIN + across.place(point[0]) * inner, SIDE - MARGIN - up.place(point[1]) * inner);
            picture += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" style=\"fill: {}\"/>\n", colour(number));
        }
    }
    for tick in across.ticks() {
        let at = MARGIN + across.place(tick) * inner;
        picture += &text((at, SIDE - MARGIN + 14.0), "middle", &format!("{tick}"));
    }
    for tick in up.ticks() {
        let at = SIDE - MARGIN - up.place(tick) * inner;
        picture += &text((MARGIN - 6.0, at + 4.0), "end", &format!("{tick}"));
    }
    picture += &text((SIDE / 2.0, SIDE - 6.0), "middle", across.name);
    let (x, y) = (10.0, SIDE / 2.0);
    picture += &format!("<g transform=\"rotate(-90 {x} {y})\">{}</g>\n", text((x, y), "middle", up.name));
    let key = |(number, line): (usize, &Line)| {
        format!(
            "<span><svg width=\"22\" height=\"8\" aria-hidden=\"true\"><line x1=\"1\" y1=\"4\" x2=\"21\" y2=\"4\" style=\"stroke: {}\" stroke-width=\"2\"{}/></svg> {}</span> ",
            colour(number),
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
    picture += &format!(
        "<circle cx=\"{centre}\" cy=\"{centre}\" r=\"{radius}\" fill=\"none\" style=\"stroke: var(--quiet)\"/>\n"
    );
    let (near, far) = (MARGIN, SIDE - MARGIN);
    picture += &format!("<path d=\"M{near} {centre}H{far}M{centre} {near}V{far}\" style=\"stroke: var(--line)\"/>\n");
    let step = pairs.len().div_ceil(MOST_ARROWS).max(1);
    for [was, said] in pairs.iter().step_by(step) {
        let ((x1, y1), (x2, y2)) = (place(*was), place(*said));
        picture += &format!(
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" style=\"stroke: var(--c6)\" stroke-opacity=\".35\"/><circle cx=\"{x2:.1}\" cy=\"{y2:.1}\" r=\"1.6\" style=\"fill: var(--c6)\"/>\n"
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
        "<svg viewBox=\"0 0 {SIDE} {SIDE}\" width=\"{SIDE}\" height=\"{SIDE}\" role=\"img\" aria-label=\"{}\">\n<rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{inner}\" height=\"{inner}\" fill=\"none\" style=\"stroke: var(--line)\"/>\n",
        escaped(title)
    )
}

fn text((x, y): (f32, f32), anchor: &str, words: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"11\" font-family=\"system-ui, sans-serif\" style=\"fill: var(--quiet)\">{}</text>\n",
        escaped(words)
    )
}

fn colour(number: usize) -> String {
    format!("var(--c{})", number % COLOURS)
}

/// Every second line is dashed: colour alone tells nothing.
fn dashes(number: usize) -> &'static str {
    if number % 2 == 1 { " stroke-dasharray=\"4 2\"" } else { "" }
}
