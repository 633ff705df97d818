//! Who is ahead, and whether that is more than chance: in sentences.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::Compared;
use crate::evaluation::{ahead, standings};

/// The verdict.
#[component]
pub fn Verdict(
    /// On whom.
    compared: Arc<Compared>,
) -> impl IntoView {
    let sides = compared.sides();
    let entry = |words: String| view! { <li>{words}</li> };
    let others = standings(&sides, compared.leader).into_iter().map(entry);
    let warnings = compared.warnings().into_iter().map(entry);
    view! {
        <section class="verdict-text" aria-labelledby="verdict-title">
            <h2 id="verdict-title">"Verdict"</h2>
            <p class="quiet">{compared.about()}</p>
            <p class="reading" data-testid="compare-verdict">{ahead(&sides, compared.leader)}</p>
            <ul class="plain-list" data-testid="compare-others">{others.collect_view()}</ul>
            <ul class="warnings">{warnings.collect_view()}</ul>
        </section>
    }
}
