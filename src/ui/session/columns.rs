//! What a person said the columns of tables are, remembered by this browser.

use leptos::prelude::window;

use crate::dataset::Mapping;
use crate::engine::message;

/// Under this name the browser remembers them, as a message's bytes in hexadecimal digits.
const KEY: &str = "mien-columns-2";
/// So many are remembered, the last ones first.
const MOST: usize = 64;

/// Everything that was said. What cannot be read is as good as forgotten.
pub(super) fn remembered() -> Vec<Mapping> {
    let read = || {
        let text = window().local_storage().ok()??.get_item(KEY).ok()??;
        let byte = |place: usize| u8::from_str_radix(text.get(place..place + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
        message::read(&bytes?).ok()
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
    if let (Ok(bytes), Ok(Some(storage))) = (message::write(&all), window().local_storage()) {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // Where nothing may be stored, it has to be said again.
        let _ = storage.set_item(KEY, &text);
    }
}
