//! Compare: several models on the same faces.

use leptos::prelude::*;

/// What will stand here, and what can be done until then.
#[component]
pub fn Compare() -> impl IntoView {
    view! {
        <div class="page plain">
            <header><h1>"Compare"</h1></header>
            <p class="lead">"Here several models will stand side by side on the same faces, with intervals that say whether one is really better."</p>
            <p>
                "This page is not built yet. Until it is, evaluate one model after the other on the same split and download their "
                "reports: " <a href="#/evaluate">"Evaluate"</a> " writes every figure as JSON, every prediction as CSV."
            </p>
        </div>
    }
}
