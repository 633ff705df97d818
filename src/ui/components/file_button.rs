//! A file input that looks like the buttons beside it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::ui::files::{self, Dropped};

/// Opens the browser's file picker. The same file can be chosen again.
#[component]
pub fn FileButton(
    /// What a person reads.
    label: &'static str,
    /// The input's handle.
    testid: &'static str,
    /// Whether several files may be chosen.
    #[prop(optional)]
    multiple: bool,
    /// Whether a folder is chosen, with all that is in it.
    #[prop(optional)]
    folder: bool,
    /// What files are offered (`.zip,image/*`); all where it is empty.
    #[prop(optional)]
    accept: &'static str,
    /// Whether it cannot be used now.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Hears what was chosen.
    on_files: Callback<Vec<Dropped>>,
) -> impl IntoView {
    let change = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let chosen = input.files().map(|list| files::chosen(&list)).unwrap_or_default();
        input.set_value("");
        if !chosen.is_empty() {
            on_files.run(chosen);
        }
    };
    view! {
        <label class="button" class:off=disabled>
            {label}
            <input type="file" class="unseen" data-testid=testid multiple=multiple prop:webkitdirectory=folder
                accept=(!accept.is_empty()).then_some(accept) disabled=disabled on:change=change />
        </label>
    }
}
