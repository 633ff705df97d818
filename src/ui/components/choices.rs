//! A few choices beside one another, of which one holds.

use leptos::prelude::*;

/// Buttons, one for each choice; the one that holds is pressed.
#[component]
pub fn Choices<T: Copy + PartialEq + Send + Sync + 'static>(
    /// What is chosen.
    label: &'static str,
    /// The choices, and the words for each.
    choices: Vec<(T, &'static str)>,
    /// The one that holds.
    chosen: RwSignal<T>,
) -> impl IntoView {
    let button = move |(value, words): (T, &'static str)| {
        let pressed = move || (chosen.get() == value).to_string();
        view! { <button type="button" aria-pressed=pressed on:click=move |_| chosen.set(value)>{words}</button> }
    };
    view! {
        <div class="choices" role="group" aria-label=label>{choices.into_iter().map(button).collect_view()}</div>
    }
}
