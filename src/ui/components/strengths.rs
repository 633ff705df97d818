//! How strongly training varies images, in a word.

use leptos::prelude::*;

use crate::training::{Strength, TrainingPlan};
use crate::ui::session::Session;

/// Buttons that fill in every operation of augmentation.
#[component]
pub fn Strengths() -> impl IntoView {
    let settings = Session::here().settings;
    let strength = Memo::new(move |_| settings.plan.with(TrainingPlan::strength));
    let button = move |name: &&'static str| {
        let name = *name;
        let pressed = move || (strength.get() == Strength::from_name(name)).to_string();
        let choose = move |_| {
            if let Some(strength) = Strength::from_name(name) {
                settings.vary(strength);
            }
        };
        view! { <button type="button" aria-pressed=pressed data-testid=format!("strength-{name}") on:click=choose>{name}</button> }
    };
    view! {
        <div class="choices" role="group" aria-label="Strength of augmentation">
            {Strength::NAMES.iter().map(button).collect_view()}
        </div>
    }
}
