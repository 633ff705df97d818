//! A training that was stopped or cut short, and can go on.

use leptos::prelude::*;

use crate::engine::protocol::UnfinishedTraining;
use crate::ui::components::DeleteButton;
use crate::ui::figures;
use crate::ui::session::Session;

/// What it is, and what can be done with it; nothing while a training is on.
#[component]
pub fn Unfinished() -> impl IntoView {
    let session = Session::here();
    let offered = move || session.keeping.unfinished().filter(|_| !session.training.is_on());
    let hindered = Signal::derive(move || session.hindrance().is_some());
    let offer = move |unfinished| {
        view! {
            <div class="result">
                <p>{sentence(&unfinished)}</p>
                <div class="actions">
                    <button type="button" data-testid="train-resume" disabled=hindered
                        on:click=move |_| session.continue_training()>"Go on"</button>
                    <DeleteButton what="the unfinished training".into() testid="train-discard" disabled=hindered
                        on_delete=Callback::new(move |()| session.discard_training()) />
                </div>
            </div>
        }
    };
    move || offered().map(offer)
}

fn sentence(UnfinishedTraining { network, plan, kept, faces, history, .. }: &UnfinishedTraining) -> String {
    let epoch = (history.epochs.len() as u32 + 1).min(plan.epochs);
    let ago = figures::duration((js_sys::Date::now() - *kept as f64).max(0.0) / 1000.0);
    format!(
        "{network} stands in epoch {epoch} of {} ({}, {ago} ago), and can go on from there. A new training takes its place.",
        plan.epochs, faces.dataset
    )
}
