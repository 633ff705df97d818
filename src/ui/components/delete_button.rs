//! A button that deletes for good, and asks first.

use leptos::prelude::*;

/// The first click asks, the second deletes; whoever turns away is asked again.
#[component]
pub fn DeleteButton(
    /// What is deleted, for those who cannot see where the button stands.
    what: String,
    /// The button's handle.
    testid: &'static str,
    /// Whether it cannot be deleted now.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Deletes.
    on_delete: Callback<()>,
) -> impl IntoView {
    let asked = RwSignal::new(false);
    let click = move |_| {
        if asked.get_untracked() {
            on_delete.run(());
        }
        asked.update(|asked| *asked = !*asked);
    };
    view! {
        <button type="button" data-testid=testid disabled=disabled on:click=click on:blur=move |_| asked.set(false)>
            {move || if asked.get() { "Delete for good?" } else { "Delete" }} <span class="unseen">" " {what}</span>
        </button>
    }
}
