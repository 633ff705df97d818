//! Photographs and films that are dropped or pasted anywhere on the page.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DataTransfer;

use crate::ui::files::{self, Dropped};

/// Has `take` hear of every file that is dropped or pasted, for as long as the view is there.
pub fn hear_arrivals(take: impl Fn(Vec<Dropped>) + Copy + 'static) {
    let listeners = [
        window_event_listener_untyped("drop", move |event| take_all(&event, "dataTransfer", take)),
        window_event_listener_untyped("paste", move |event| take_all(&event, "clipboardData", take)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
}

fn take_all(event: &JsValue, holder: &str, take: impl Fn(Vec<Dropped>)) {
    let transfer = Reflect::get(event, &holder.into()).ok().and_then(|of| of.dyn_into::<DataTransfer>().ok());
    let files = transfer.and_then(|of| of.files()).map(|list| files::chosen(&list)).unwrap_or_default();
    if !files.is_empty() {
        take(files);
    }
}
