//! What a person sees when the page itself breaks.

use leptos::prelude::document;

/// Writes panics into the document's fault line, and into the console.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        if let Some(line) = document().get_element_by_id("fault") {
            line.set_text_content(Some(&format!(
                "The page met an error it cannot recover from. Reload it to go on; what was kept or downloaded is safe. ({panic})"
            )));
            // A line that stays hidden has at least been written to the console.
            let _ = line.remove_attribute("hidden");
        }
    }));
}
