//! Thumbnails from the engine, each on its own canvas.

use js_sys::{Uint8Array, Uint8ClampedArray};
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, ImageData};

use crate::engine::protocol::THUMBNAIL;

/// Cuts a buffer of thumbnails, one after the other, into images that share its memory.
pub fn thumbnails(bytes: &Uint8Array) -> Vec<ImageData> {
    pictures(bytes, THUMBNAIL)
}

/// The same for pictures `side` pixels wide and high.
pub fn pictures(bytes: &Uint8Array, side: usize) -> Vec<ImageData> {
    let size = (side * side * 4) as u32;
    let image = |index: u32| {
        let start = bytes.byte_offset() + index * size;
        let pixels = Uint8ClampedArray::new_with_byte_offset_and_length(&bytes.buffer(), start, size);
        ImageData::new_with_js_u8_clamped_array(&pixels, side as u32).ok()
    };
    (0..bytes.length() / size.max(1)).filter_map(image).collect()
}

/// One face.
#[component]
pub fn Face(
    /// Its pixels; `None` leaves the place empty.
    image: Option<ImageData>,
    /// What it is, for those who cannot see it.
    label: String,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some((canvas, image)) = canvas.get().zip(image.as_ref()) else { return };
        let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into().ok());
        if let Some(context) = context.map(|context: CanvasRenderingContext2d| context) {
            // Fails for an image whose buffer was given away; this one is kept.
            let _ = context.put_image_data(image, 0.0, 0.0);
        }
    });
    view! { <canvas class="face" node_ref=canvas width=THUMBNAIL height=THUMBNAIL role="img" aria-label=label></canvas> }
}
