//! A camera's picture in the worker: drawn on a canvas that nobody sees, and read from it.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::ImageData;

// web-sys would be built anew with these, and everything that stands on it.
#[wasm_bindgen]
extern "C" {
    /// A picture that crossed from the page without being copied.
    pub type ImageBitmap;
    #[wasm_bindgen(method, getter)]
    fn width(this: &ImageBitmap) -> u32;
    #[wasm_bindgen(method, getter)]
    fn height(this: &ImageBitmap) -> u32;
    #[wasm_bindgen(method)]
    fn close(this: &ImageBitmap);

    type OffscreenCanvas;
    #[wasm_bindgen(constructor, catch)]
    fn new(width: u32, height: u32) -> Result<OffscreenCanvas, JsValue>;
    #[wasm_bindgen(method, js_name = getContext)]
    fn get_context(this: &OffscreenCanvas, kind: &str, options: &JsValue) -> Option<Context>;

    type Context;
    #[wasm_bindgen(method, catch, js_name = drawImage)]
    fn draw_image(this: &Context, picture: &ImageBitmap, x: u32, y: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getImageData)]
    fn get_image_data(this: &Context, x: u32, y: u32, width: u32, height: u32) -> Result<ImageData, JsValue>;
}

/// The picture as RGBA pixels, row by row. The picture is given back to the browser.
pub fn pixels(picture: &ImageBitmap) -> Result<Vec<u8>, JsValue> {
    let (width, height) = (picture.width(), picture.height());
    let options = Object::new();
    // It is read at once and drawn nowhere: it need not be on the graphics card.
    Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
    let context = OffscreenCanvas::new(width, height)?.get_context("2d", &options);
    let context = context.ok_or("This browser's workers cannot draw.")?;
    context.draw_image(picture, 0, 0)?;
    picture.close();
    Ok(context.get_image_data(0, 0, width, height)?.data().0)
}
