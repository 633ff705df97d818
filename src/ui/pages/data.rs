//! Data: faces in, and a look at them.

mod augmentation;
mod classes;
mod gallery;
mod import;
mod keeping;
mod summary;

use leptos::prelude::*;

use crate::ui::session::Session;
use augmentation::AugmentationPreview;
use gallery::Gallery;
use import::Import;
use summary::Summary;

/// The page: the import on the right; the dataset in the middle as soon as there is one.
#[component]
pub fn Data() -> impl IntoView {
    let session = Session::here();
    view! {
        <div class="page data" class:empty=move || session.dataset.with(Option::is_none)>
            <header>
                <h1>"Data"</h1>
                <Show when=move || session.dataset.with(Option::is_none)>
                    <p class="lead">
                        "Faces with labels: an expression, valence and arousal, or both. They are read here, in this browser, and stay here."
                    </p>
                </Show>
            </header>
            {move || session.dataset.get().map(|dataset| view! { <Summary dataset /> })}
            <Import />
            {move || session.dataset.get().map(|dataset| view! {
                <Gallery dataset=dataset.clone() />
                <AugmentationPreview dataset />
            })}
        </div>
    }
}
