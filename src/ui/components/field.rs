//! A whole number to fill in.

use leptos::prelude::*;

/// A whole number in a range. What is out of it is said beside the field, and changes nothing.
#[component]
pub fn WholeField(
    /// What a person reads.
    label: &'static str,
    /// The number.
    value: RwSignal<u64>,
    /// The least it may be.
    min: u64,
    /// The most.
    max: u64,
) -> impl IntoView {
    let refused = RwSignal::new(false);
    let type_in = move |event| {
        let typed = event_target_value(&event).trim().parse().ok().filter(|number| (min..=max).contains(number));
        refused.set(typed.is_none());
        if let Some(number) = typed {
            value.set(number);
        }
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="number" min=min max=max step="1" value=value.get_untracked()
                aria-invalid=move || refused.get().to_string() on:input=type_in />
            <Show when=move || refused.get()><em role="alert">{format!("{min} to {max}; {} is kept", value.get_untracked())}</em></Show>
        </label>
    }
}
