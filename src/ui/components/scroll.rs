//! A table that may be wider or longer than its place.

use leptos::prelude::*;

/// Scrolls what is in it; the keyboard reaches it.
#[component]
pub fn Scroll(
    /// What is in it, for those who come to it by the keyboard.
    #[prop(into)]
    label: String,
    /// Whether it is as long as what is in it, and scrolls sideways only.
    #[prop(optional)]
    tall: bool,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! { <div class="scroll" class:tall=tall role="region" aria-label=label tabindex="0">{children()}</div> }
}
