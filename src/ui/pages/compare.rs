//! Compare: several models on the same faces.

mod choice;
mod costs;
mod curves;
mod disputed;
mod figures_table;
mod plans;
mod verdict;

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::Compared;
use crate::ui::session::Session;
use choice::Choice;
use costs::Costs;
use curves::Curves;
use disputed::Faces;
use figures_table::FiguresTable;
use plans::Plans;
use verdict::Verdict;

/// The page: who is compared on the right; in the middle the verdict, the figures, and the faces they disagree on.
#[component]
pub fn Compare() -> impl IntoView {
    let session = Session::here();
    let compared = session.comparing.compared;
    view! {
        <div class="page compare" class:empty=move || compared.with(Option::is_none)>
            <header>
                <h1>"Compare"</h1>
                <Show when=move || compared.with(Option::is_none)>
                    <p class="lead">"Which model is better, and is that more than chance? Several models on the same faces: every figure side by side, and the faces on which they disagree."</p>
                </Show>
            </header>
            <Choice />
            {move || compared.get().map(|compared| view! { <Findings compared /> })}
        </div>
    }
}

#[component]
fn Findings(compared: Arc<Compared>) -> impl IntoView {
    let several = compared.contestants.len() > 1;
    view! {
        <Verdict compared=compared.clone() />
        <FiguresTable compared=compared.clone() />
        <Costs compared=compared.clone() />
        <Curves compared=compared.clone() />
        <Plans compared=compared.clone() />
        {several.then(|| view! { <Faces compared /> })}
    }
}
