//! Train: the plan, the run, its curves.

mod controls;
mod costs;
mod curves;
mod form;
mod unfinished;

use leptos::prelude::*;

use controls::Controls;
use curves::Curves;
pub(super) use form::Field;
use form::SettingsForm;
use unfinished::Unfinished;

/// The page: the run and its curves in the middle, the plan on the right.
#[component]
pub fn Train() -> impl IntoView {
    view! {
        <div class="page train">
            <header><h1>"Train"</h1></header>
            <Controls />
            <Unfinished />
            <Curves />
            <SettingsForm />
        </div>
    }
}
