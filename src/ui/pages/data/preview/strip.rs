//! Rows of pictures, each row on one canvas.

use js_sys::Uint8Array;
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::engine::protocol::THUMBNAIL;
use crate::ui::components::{pictures, thumbnails};

/// Places in a row.
pub const FACES: usize = 6;

/// The pictures of every row.
#[derive(Default)]
pub struct Rows(Vec<Vec<ImageData>>);

impl Rows {
    /// Cuts what the engine sent: a row of thumbnails, then rows of pictures `side` pixels wide and high.
    pub fn cut(bytes: &Uint8Array, faces: usize, side: usize) -> Rows {
        let first = (faces * THUMBNAIL * THUMBNAIL * 4) as u32;
        let rest = pictures(&bytes.subarray(first, bytes.length()), side);
        let mut rows = vec![thumbnails(&bytes.subarray(0, first))];
        rows.extend(rest.chunks(faces.max(1)).map(<[ImageData]>::to_vec));
        Rows(rows)
    }
}

/// One row. Its canvas stays and is drawn anew, so that nothing beside it moves or loses the keyboard.
#[component]
pub fn Strip(
    /// All rows.
    rows: RwSignal<Rows, LocalStorage>,
    /// Which one.
    row: usize,
    /// What is done to these faces.
    label: String,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        rows.with(|Rows(rows)| {
            if let Some(pictures) = rows.get(row) {
                draw(&canvas, pictures);
            }
        });
    });
    // The first row is the pictures themselves, shrunk or enlarged; the others are the very pixels.
    let testid = format!("strip-{row}");
    let (width, height) = (place(THUMBNAIL) * FACES, THUMBNAIL);
    view! { <canvas class="strip" class:exact=row.gt(&0) node_ref=canvas width=width height=height role="img" aria-label=label data-testid=testid></canvas> }
}

/// Pixels from one picture to the next.
fn place(side: usize) -> usize {
    side + side.div_ceil(16)
}

fn draw(canvas: &HtmlCanvasElement, pictures: &[ImageData]) {
    let Some(side) = pictures.first().map(ImageData::width) else { return };
    let place = place(side as usize) as u32;
    // This also wipes it.
    canvas.set_width(place * FACES as u32);
    canvas.set_height(side);
    let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into().ok());
    let Some(context) = context.map(|context: CanvasRenderingContext2d| context) else { return };
    for (left, picture) in (0u32..).step_by(place as usize).zip(pictures) {
        // Fails for an image whose buffer was given away; these are kept.
        let _ = context.put_image_data(picture, f64::from(left), 0.0);
    }
}
