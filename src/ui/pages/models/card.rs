//! The card of a model that comes with the site, once somebody wants to read it.

use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::ui::components::Markdown;

/// A text of the site behind a word.
#[component]
pub fn Card(
    /// Where it is.
    address: String,
) -> impl IntoView {
    let text = RwSignal::new(None::<String>);
    let open = move |_| {
        if text.with_untracked(Option::is_some) {
            return;
        }
        let address = address.clone();
        spawn_local(async move {
            let read = read(&address).await;
            // The view may be gone.
            text.try_set(Some(
                read.unwrap_or_else(|_| "It could not be fetched: reload the page, and try again.".into()),
            ));
        });
    };
    view! {
        <details on:toggle=open data-testid="model-card">
            <summary>"Model card: what it learned, how good it is, where it fails"</summary>
            <div class="card-text">{move || text.get().map(|text| view! { <Markdown text /> })}</div>
        </details>
    }
}

async fn read(address: &str) -> Result<String, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await?.unchecked_into();
    match response.ok() {
        true => Ok(JsFuture::from(response.text()?).await?.unchecked_into::<JsString>().into()),
        false => Err(JsValue::NULL),
    }
}
