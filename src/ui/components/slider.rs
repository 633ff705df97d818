//! A setting of the plan to be moved by hand.

use leptos::prelude::*;

use crate::training::{Kind, Setting};
use crate::ui::session::Session;

/// A setting that is a number, its value, and what it does.
#[component]
pub fn Slider(
    /// Which setting.
    setting: &'static Setting,
) -> impl IntoView {
    let settings = Session::here().settings;
    let name = setting.name;
    let (min, max, step) = match setting.kind {
        Kind::Number { min, max, step } => (min, max, step),
        Kind::Whole { min, max } => (min as f64, max as f64, 1.0),
        Kind::Choice(_) | Kind::Switch => (0.0, 0.0, 1.0),
    };
    let value = move || settings.plan.with(|plan| plan.get(name)).unwrap_or_default();
    let (id, help) = (format!("slide-{name}"), format!("slide-help-{name}"));
    // The value comes after the range: a browser keeps it within the range that it knows by then.
    view! {
        <div class="slider">
            <label for=id.clone()>{setting.label}</label>
            <output for=id.clone()>{value}</output>
            <input type="range" id=id data-testid=format!("slider-{name}") min=min max=max step=step prop:value=value
                aria-describedby=help.clone() on:input=move |event| settings.type_in(name, &event_target_value(&event)) />
            <p class="help" id=help>{setting.help}</p>
        </div>
    }
}
