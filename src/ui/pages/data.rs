//! Data: faces in, and a look at them.

mod classes;
mod closer_look;
mod columns;
mod gallery;
mod import;
mod keeping;
mod opening;
mod preview;
mod problems;
mod remarks;
mod summary;

use leptos::prelude::*;

use crate::engine::protocol::SampleFilter;
use crate::ui::session::Session;
use closer_look::CloserLook;
use columns::Unexplained;
use gallery::Gallery;
use import::{Import, Shares};
use preview::Preview;
use summary::Summary;

/// The page: the import on the right; the dataset in the middle as soon as there is one.
#[component]
pub fn Data() -> impl IntoView {
    let session = Session::here();
    let shares = Shares::default();
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
            {move || session.unopened.get().map(|unopened| view! { <Unexplained unopened /> })}
            {move || session.dataset.get().map(|dataset| view! { <Summary dataset /> })}
            <Import shares />
            {move || session.dataset.get().map(|dataset| {
                let filter = RwSignal::new(SampleFilter::default());
                view! {
                    <CloserLook dataset=dataset.clone() filter shares />
                    <Gallery dataset=dataset.clone() filter />
                    <Preview dataset />
                }
            })}
        </div>
    }
}
