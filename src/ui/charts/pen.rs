//! What a chart draws with.

use leptos::prelude::{document, window};
use plotters::style::RGBColor;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The font of every chart: the page's own.
pub const FONT: &str = "system-ui, sans-serif";

/// A canvas fitted to its place on the screen, and the page's colours.
pub struct Pen {
    /// The canvas; its pixels are the screen's.
    pub canvas: HtmlCanvasElement,
    /// Draws on it, in CSS pixels.
    pub context: CanvasRenderingContext2d,
    /// CSS pixels across.
    pub width: f64,
    /// CSS pixels down.
    pub height: f64,
    /// Screen pixels in a CSS pixel.
    pub ratio: f64,
    roles: Option<web_sys::CssStyleDeclaration>,
}

impl Pen {
    /// Takes a canvas up and wipes it. `None` where it is not on the screen.
    pub fn take(canvas: HtmlCanvasElement) -> Option<Pen> {
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        if width < 1.0 || height < 1.0 {
            return None;
        }
        let ratio = window().device_pixel_ratio().max(1.0);
        // Setting a canvas's size wipes it, too.
        canvas.set_width((width * ratio).round() as u32);
        canvas.set_height((height * ratio).round() as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.scale(ratio, ratio).ok()?;
        let roles = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
        Some(Pen { canvas, context, width, height, ratio, roles })
    }

    /// The colour of a role of the style sheet (`--ink`), as CSS writes it.
    pub fn role(&self, role: &str) -> String {
        let value = self.roles.as_ref().and_then(|roles| roles.get_property_value(role).ok()).unwrap_or_default();
        let value = value.trim();
        if value.is_empty() { "#808080".into() } else { value.into() }
    }

    /// The same for plotters. Roles are written `#rrggbb`.
    pub fn colour(&self, role: &str) -> RGBColor {
        let text = self.role(role);
        let value = u32::from_str_radix(text.trim_start_matches('#'), 16).unwrap_or(0x80_8080);
        RGBColor((value >> 16) as u8, (value >> 8) as u8, value as u8)
    }

    /// Writes text at a place, in CSS pixels. `align` and `baseline` are the canvas's own words.
    pub fn write(&self, text: &str, (x, y): (f64, f64), size: f64, align: &str, baseline: &str) {
        self.context.set_font(&format!("{size}px {FONT}"));
        self.context.set_text_align(align);
        self.context.set_text_baseline(baseline);
        // Text that cannot be drawn stands in the table beside the picture.
        let _ = self.context.fill_text(text, x, y);
    }

    /// Draws a line between two places.
    pub fn line(&self, from: (f64, f64), to: (f64, f64)) {
        self.context.begin_path();
        self.context.move_to(from.0, from.1);
        self.context.line_to(to.0, to.1);
        self.context.stroke();
    }

    /// Makes a path of a circle, to be filled or stroked.
    pub fn circle(&self, (x, y): (f64, f64), radius: f64) {
        self.context.begin_path();
        // Fails for a negative radius only.
        let _ = self.context.arc(x, y, radius.max(0.0), 0.0, std::f64::consts::TAU);
    }
}
