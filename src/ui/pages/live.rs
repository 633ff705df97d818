//! Live: a camera or a video.

use leptos::prelude::*;

/// What will stand here, and what can be done until then.
#[component]
pub fn Live() -> impl IntoView {
    view! {
        <div class="page plain">
            <header><h1>"Live"</h1></header>
            <p class="lead">"Here a model will read faces from a camera or a recorded video, and keep a time line of expression, valence and arousal."</p>
            <p>
                "This page is not built yet: no camera is asked for. Until it is, photographs can be put into folders named after "
                "expressions and opened on the " <a href="#/data">"Data"</a> " page, then read on the " <a href="#/evaluate">"Evaluate"</a> " page."
            </p>
        </div>
    }
}
