//! What a person said the columns of tables are, remembered by this browser.

use leptos::prelude::window;

use crate::dataset::Mapping;

/// Under this name the browser remembers them.
const KEY: &str = "mien-columns";
/// So many are remembered, the last ones first.
const MOST: usize = 64;

/// Everything that was said. What cannot be read is as good as forgotten.
pub(super) fn remembered() -> Vec<Mapping> {
    let read = || {
        let text = window().local_storage().ok()??.get_item(KEY).ok()??;
        serde_wasm_bindgen::from_value(js_sys::JSON::parse(&text).ok()?).ok()
    };
    read().unwrap_or_default()
}

/// Remembers what was said of tables with a certain first row, in the place of what was said before.
pub(super) fn remember(mapping: Mapping) {
    let mut all = without(&mapping.header);
    all.insert(0, mapping);
    all.truncate(MOST);
    write(&all);
}

/// Forgets what was said of tables with this first row.
pub(super) fn forget(header: &[String]) {
    write(&without(header));
}

fn without(header: &[String]) -> Vec<Mapping> {
    let mut all = remembered();
    all.retain(|known| known.header != header);
    all
}

fn write(all: &[Mapping]) {
    let text = serde_wasm_bindgen::to_value(all).ok().and_then(|all| js_sys::JSON::stringify(&all).ok());
    if let (Some(text), Ok(Some(storage))) = (text, window().local_storage()) {
        // Where nothing may be stored, it has to be said again.
        let _ = storage.set_item(KEY, &String::from(text));
    }
}
