//! A chart as a file: its title and its legend over it, dark on white whatever the page looks like.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, HtmlCanvasElement};

use super::path::{Path, Shape};
use super::pen::{Across, Line, Pen, Up, Words};
use crate::ui::files;

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels, three for one of CSS's: sharp in print.
    Png,
    /// Lines.
    Svg,
}

/// What stands in the legend for what is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Symbol {
    /// A line.
    Line(Line),
    /// A mark.
    Shape(Shape),
}

/// A line of the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// What it says.
    pub label: String,
    /// The role of its colour.
    pub role: &'static str,
    /// What stands for it.
    pub symbol: Symbol,
}

/// A chart as it is to be saved.
pub struct Figure<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its legend.
    pub keys: Vec<Key>,
    /// Its size without those two, CSS pixels.
    pub size: (f64, f64),
    /// Draws it.
    pub draw: &'a dyn Fn(&Pen),
}

const RATIO: f64 = 3.0;
const MARGIN: f64 = 10.0;
/// The heights of the title and of a row of the legend.
const TITLE: f64 = 26.0;
const ROW: f64 = 17.0;
/// The width of a letter of the legend, on average, and what stands before it.
const LETTER: f64 = 6.0;
const BEFORE: f64 = 28.0;

impl Figure<'_> {
    /// Has the browser save it.
    pub fn save(self, format: Format) {
        in_light(|| match format {
            Format::Svg => {
                let svg = self.drawn(Pen::svg(self.paper())).finish();
                let name = format!("{}.svg", self.name());
                // What the browser will not save it says itself.
                let _ = files::save(&name, "image/svg+xml", &svg.as_bytes().into());
            }
            Format::Png => {
                let canvas = document().create_element("canvas").ok().and_then(|canvas| canvas.dyn_into().ok());
                let Some(canvas): Option<HtmlCanvasElement> = canvas else { return };
                let Some(pen) = Pen::sized(&canvas, self.paper(), RATIO) else { return };
                self.drawn(pen);
                let name = format!("{}.png", self.name());
                let save = Closure::once_into_js(move |png: Option<Blob>| {
                    png.map(|png| files::save_file(&name, &png).is_ok()).unwrap_or_default()
                });
                // A canvas that was just drawn gives its pixels.
                let _ = canvas.to_blob(save.unchecked_ref());
            }
        });
    }

    /// The file's name, without its ending.
    fn name(&self) -> String {
        let words = self.title.split([':', ';']).next().unwrap_or_default();
        words.to_lowercase().replace(' ', "-")
    }

    fn head(&self) -> f64 {
        let rows = self.legend().last().map_or(0.0, |(_, (_, row))| row + 1.0);
        TITLE + rows * ROW + 6.0
    }

    fn paper(&self) -> (f64, f64) {
        (self.size.0 + 2.0 * MARGIN, self.size.1 + self.head() + MARGIN)
    }

    /// The keys, each with where it begins: across, and in which row.
    fn legend(&self) -> Vec<(&Key, (f64, f64))> {
        let (mut across, mut row) = (MARGIN, 0.0);
        let mut placed = Vec::new();
        for key in &self.keys {
            let width = BEFORE + LETTER * key.label.chars().count() as f64 + 12.0;
            if across > MARGIN && across + width > self.size.0 {
                (across, row) = (MARGIN, row + 1.0);
            }
            placed.push((key, (across, row)));
            across += width;
        }
        placed
    }

    fn drawn(&self, pen: Pen) -> Pen {
        let whole = Path::new().rectangle((0.0, 0.0), (pen.width, pen.height));
        pen.fill(&whole, "--white", 1.0);
        let words = |size| Words::of(size, Across::Right, Up::Middle);
        pen.write(self.title, (MARGIN, TITLE / 2.0 + 2.0), "--ink", words(14.0));
        for (key, (x, row)) in self.legend() {
            let y = TITLE + ROW * (row + 0.5);
            match key.symbol {
                Symbol::Line(line) => pen.stroke(&Path::through([(x, y), (x + 22.0, y)]), key.role, line),
                Symbol::Shape(shape) => pen.fill(&Path::new().shape((x + 16.0, y), 4.0, shape), key.role, 1.0),
            }
            pen.write(&key.label, (x + BEFORE, y), "--ink", words(11.0));
        }
        pen.inset((MARGIN, self.head()), self.size, self.draw)
    }
}

/// Draws as if the page were light: a figure is printed on white.
fn in_light(draw: impl FnOnce()) {
    const THEME: &str = "data-theme";
    let Some(root) = document().document_element() else { return };
    let before = root.get_attribute(THEME);
    // Nothing is painted before it is as it was.
    let _ = root.set_attribute(THEME, "light");
    draw();
    let _ = match before {
        Some(theme) => root.set_attribute(THEME, &theme),
        None => root.remove_attribute(THEME),
    };
}
