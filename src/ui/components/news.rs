//! What a person should know of the engine and of what is kept, above every page.

use leptos::prelude::*;

use crate::ui::session::Session;

/// One line a sentence, until they are dismissed.
#[component]
pub fn News() -> impl IntoView {
    let news = Session::here().keeping.news;
    let lines = move || news.get().into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view();
    view! {
        <div role="status" data-testid="news">
            <Show when=move || !news.with(Vec::is_empty)>
                <div class="news">
                    <ul>{lines}</ul>
                    <button type="button" on:click=move |_| news.set(Vec::new())>"Dismiss"</button>
                </div>
            </Show>
        </div>
    }
}
