//! What a chart draws with: on a canvas, or into an SVG file.

use std::cell::RefCell;

use js_sys::Array;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, Path2d};

use super::path::{Path, Spot};

/// The font of every chart: the page's own.
const FONT: &str = "system-ui, sans-serif";

/// Draws in CSS pixels, in the page's colours.
pub struct Pen {
    /// CSS pixels across.
    pub width: f64,
    /// CSS pixels down.
    pub height: f64,
    ink: Ink,
    roles: Option<CssStyleDeclaration>,
}

enum Ink {
    Canvas(CanvasRenderingContext2d),
    Svg(RefCell<String>),
}

/// How a path is stroked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// CSS pixels.
    pub width: f64,
    /// Lengths of dashes and of what is between them; 0 for a whole line.
    pub dashes: (f64, f64),
    /// 0..=1.
    pub opacity: f64,
}

impl Line {
    /// A whole line of this width.
    pub const fn of(width: f64) -> Line {
        Line { width, dashes: (0.0, 0.0), opacity: 1.0 }
    }
}

/// On which side of their place words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// They end there.
    Left,
    /// Their middle is there.
    Middle,
    /// They begin there.
    Right,
}

/// The same, up and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Up {
    /// They stand on it.
    Above,
    /// Their middle is there.
    Middle,
    /// They hang from it.
    Below,
}

/// How words are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Words {
    /// The letters' size, CSS pixels.
    pub size: f64,
    /// Across.
    pub across: Across,
    /// Up and down.
    pub up: Up,
    /// Quarters by which they are turned clockwise.
    pub turn: f64,
}

impl Words {
    /// Words that are not turned.
    pub const fn of(size: f64, across: Across, up: Up) -> Words {
        Words { size, across, up, turn: 0.0 }
    }

    /// How far below their place their line is: letters are alike in every font, but for this much.
    fn drop(&self) -> f64 {
        match self.up {
            Up::Above => -0.15 * self.size,
            Up::Middle => 0.35 * self.size,
            Up::Below => 0.85 * self.size,
        }
    }
}

impl Pen {
    /// Fits a canvas to its place on the screen, wipes it, and takes it up. `None` where it is not on the screen.
    pub fn on(canvas: &HtmlCanvasElement) -> Option<Pen> {
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        if width < 1.0 || height < 1.0 {
            return None;
        }
        Pen::sized(canvas, (width, height), window().device_pixel_ratio().max(1.0))
    }

    /// Gives a canvas this size, of so many pixels for one of CSS's, and takes it up.
    pub fn sized(canvas: &HtmlCanvasElement, (width, height): (f64, f64), ratio: f64) -> Option<Pen> {
        // Setting a canvas's size wipes it, too.
        canvas.set_width((width * ratio).round() as u32);
        canvas.set_height((height * ratio).round() as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.scale(ratio, ratio).ok()?;
        context.set_line_join("round");
        Some(Pen { width, height, ink: Ink::Canvas(context), roles: roles() })
    }

    /// Writes a file of this size.
    pub fn svg((width, height): (f64, f64)) -> Pen {
        Pen { width, height, ink: Ink::Svg(RefCell::default()), roles: roles() }
    }

    /// The file that was written; nothing of a canvas.
    pub fn finish(self) -> String {
        let Pen { width, height, ink: Ink::Svg(drawn), .. } = self else { return String::new() };
        let drawn = drawn.into_inner();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"{FONT}\">\n{drawn}</svg>\n"
        )
    }

    /// Draws something on a part of the paper, as if that were the whole.
    pub fn inset(self, (left, top): Spot, (width, height): (f64, f64), draw: &dyn Fn(&Pen)) -> Pen {
        match &self.ink {
            Ink::Canvas(context) => {
                context.save();
                // Fails for what is no number only.
                let _ = context.translate(left, top);
            }
            Ink::Svg(drawn) => *drawn.borrow_mut() += &format!("<g transform=\"translate({left:.2} {top:.2})\">\n"),
        }
        let part = Pen { width, height, ..self };
        draw(&part);
        match &part.ink {
            Ink::Canvas(context) => context.restore(),
            Ink::Svg(drawn) => *drawn.borrow_mut() += "</g>\n",
        }
        Pen { width: self.width, height: self.height, ..part }
    }

    /// Fills a path with the colour of a role of the style sheet (`--ink`).
    pub fn fill(&self, path: &Path, role: &str, opacity: f64) {
        let colour = self.colour(role);
        match &self.ink {
            Ink::Canvas(context) => {
                context.set_global_alpha(opacity);
                context.set_fill_style_str(&colour);
                if let Ok(path) = Path2d::new_with_path_string(path.words()) {
                    context.fill_with_path_2d(&path);
                }
            }
            Ink::Svg(drawn) => {
                *drawn.borrow_mut() +=
                    &format!("<path d=\"{}\" fill=\"{colour}\" fill-opacity=\"{opacity:.2}\"/>\n", path.words());
            }
        }
    }

    /// Strokes a path.
    pub fn stroke(&self, path: &Path, role: &str, Line { width, dashes, opacity }: Line) {
        let colour = self.colour(role);
        let dashed = dashes.0 > 0.0;
        match &self.ink {
            Ink::Canvas(context) => {
                context.set_global_alpha(opacity);
                context.set_stroke_style_str(&colour);
                context.set_line_width(width);
                let lengths = if dashed { Array::of2(&dashes.0.into(), &dashes.1.into()) } else { Array::new() };
                // Fails for what is no list only.
                let _ = context.set_line_dash(&JsValue::from(lengths));
                if let Ok(path) = Path2d::new_with_path_string(path.words()) {
                    context.stroke_with_path(&path);
                }
            }
            Ink::Svg(drawn) => {
                let dashes =
                    if dashed { format!(" stroke-dasharray=\"{} {}\"", dashes.0, dashes.1) } else { String::new() };
                *drawn.borrow_mut() += &format!(
                    "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-opacity=\"{opacity:.2}\" stroke-linejoin=\"round\"{dashes}/>\n",
                    path.words()
                );
            }
        }
    }

    /// Writes words at a place.
    pub fn write(&self, text: &str, (x, y): Spot, role: &str, words: Words) {
        let (colour, size) = (self.colour(role), words.size);
        match &self.ink {
            Ink::Canvas(context) => {
                context.set_global_alpha(1.0);
                context.set_fill_style_str(&colour);
                context.set_font(&format!("{size}px {FONT}"));
                context.set_text_align(match words.across {
                    Across::Left => "right",
                    Across::Middle => "center",
                    Across::Right => "left",
                });
                context.save();
                // What cannot be written stands in the table beside the picture.
                let _ = context.translate(x, y);
                let _ = context.rotate(words.turn * std::f64::consts::FRAC_PI_2);
                let _ = context.fill_text(text, 0.0, words.drop());
                context.restore();
            }
            Ink::Svg(drawn) => {
                let anchor = match words.across {
                    Across::Left => "end",
                    Across::Middle => "middle",
                    Across::Right => "start",
                };
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                *drawn.borrow_mut() += &format!(
                    "<text transform=\"translate({x:.2} {y:.2}) rotate({})\" y=\"{:.2}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>\n",
                    90.0 * words.turn,
                    words.drop()
                );
            }
        }
    }

    /// The colour of a role, as CSS writes it.
    fn colour(&self, role: &str) -> String {
        let value = self.roles.as_ref().and_then(|roles| roles.get_property_value(role).ok()).unwrap_or_default();
        let value = value.trim();
        if value.is_empty() { "#808080".into() } else { value.into() }
    }
}

fn roles() -> Option<CssStyleDeclaration> {
    window().get_computed_style(&document().document_element()?).ok().flatten()
}
