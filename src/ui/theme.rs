//! Light, dark, or as the system has it.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// Under this name the browser remembers the choice.
const KEY: &str = "mien-theme";

/// What the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// As the system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Choice {
    /// All three.
    pub const ALL: [Choice; 3] = [Choice::Auto, Choice::Light, Choice::Dark];

    /// Its name, also in the document's `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Choice::Auto => "auto",
            Choice::Light => "light",
            Choice::Dark => "dark",
        }
    }
}

/// The theme: chosen here, followed by whatever is drawn.
#[derive(Clone, Copy)]
pub struct Theme {
    /// What the person wants.
    pub choice: RwSignal<Choice>,
    /// Whether the page is dark now. Canvases redraw when it changes.
    pub dark: Signal<bool>,
}

impl Theme {
    /// Makes the theme and puts it into the context.
    pub fn provide() {
        let choice = RwSignal::new(remembered());
        let system = system_is_dark();
        let dark = Signal::derive(move || match choice.get() {
            Choice::Auto => system.get(),
            Choice::Light => false,
            Choice::Dark => true,
        });
        Effect::new(move |_| show(choice.get()));
        provide_context(Theme { choice, dark });
    }
}

#[wasm_bindgen]
extern "C" {
    type MediaQueryList;

    #[wasm_bindgen(js_name = matchMedia)]
    fn match_media(query: &str) -> MediaQueryList;

    #[wasm_bindgen(method, getter)]
    fn matches(this: &MediaQueryList) -> bool;

    #[wasm_bindgen(method, setter)]
    fn set_onchange(this: &MediaQueryList, listener: &JsValue);
}

/// Whether the system is dark now, as long as the page lives.
fn system_is_dark() -> RwSignal<bool> {
    let query = Rc::new(match_media("(prefers-color-scheme: dark)"));
    let dark = RwSignal::new(query.matches());
    let asked = query.clone();
    let listener = Closure::<dyn FnMut()>::new(move || dark.set(asked.matches()));
    query.set_onchange(&listener.into_js_value());
    dark
}

fn remembered() -> Choice {
    let stored = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEY).ok().flatten());
    Choice::ALL.into_iter().find(|choice| Some(choice.name()) == stored.as_deref()).unwrap_or_default()
}

fn show(choice: Choice) {
    if let Some(root) = document().document_element() {
        // The name is a plain word, which an attribute always takes.
        let _ = root.set_attribute("data-theme", choice.name());
    }
    if let Ok(Some(storage)) = window().local_storage() {
        // Where nothing may be stored, the choice lasts as long as the page.
        let _ = storage.set_item(KEY, choice.name());
    }
}
