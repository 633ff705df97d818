//! The form of every setting, made from the plan's own table.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::training::{Group, Kind, SETTINGS, Setting, TrainingPlan};
use crate::ui::components::Strengths;
use crate::ui::route::configuration_link;
use crate::ui::session::Session;

/// Groups behind the basics.
const MORE: [(Group, &str); 4] = [
    (Group::Preprocessing, "Preprocessing"),
    (Group::Optimisation, "Optimiser and schedule"),
    (Group::Losses, "Losses and regularisation"),
    (Group::Augmentation, "Augmentation"),
];

/// The plan. It cannot be changed while a run is on.
#[component]
pub fn SettingsForm() -> impl IntoView {
    let session = Session::here();
    let problem = |problem: String| view! { <li>{problem}</li> };
    let more = |(group, title): (Group, &'static str)| {
        let strengths = (group == Group::Augmentation).then(|| view! { <Strengths /> });
        view! { <details><summary>{title}</summary>{strengths}<Fields group /></details> }
    };
    view! {
        <aside class="settings" aria-label="Settings">
            <h2>"Settings"</h2>
            <ul class="complaint">{move || session.settings.link_problems.get().into_iter().map(problem).collect_view()}</ul>
            <fieldset disabled=move || session.training.is_on()>
                <legend class="unseen">"Training plan"</legend>
                <Fields group=Group::Basics />
                {MORE.map(more).into_iter().collect_view()}
            </fieldset>
            <ConfigurationLink />
        </aside>
    }
}

#[component]
fn Fields(group: Group) -> impl IntoView {
    let field = |setting: &'static Setting| view! { <Field setting /> };
    SETTINGS.iter().filter(|setting| setting.group == group).map(field).collect_view()
}

/// One setting: its label, its control, what it does, and what is wrong with what was typed.
#[component]
pub(in crate::ui::pages) fn Field(setting: &'static Setting) -> impl IntoView {
    let settings = Session::here().settings;
    let name = setting.name;
    // A field that leaves the screen takes its refused text with it.
    on_cleanup(move || settings.refused.update(|refused| drop(refused.remove(name))));
    let (id, help, wrong) = (format!("set-{name}"), format!("help-{name}"), format!("wrong-{name}"));
    let refusal = move || settings.refused.with(|refused| refused.get(name).cloned());
    let described = format!("{help} {wrong}");
    let control = match setting.kind {
        Kind::Choice(names) => select(setting, names, id.clone(), described).into_any(),
        Kind::Switch => switch(setting, id.clone(), described).into_any(),
        Kind::Whole { min, max } => number(setting, Some((min, max)), 1.0, id.clone(), described).into_any(),
        Kind::Number { step, .. } => number(setting, None, step, id.clone(), described).into_any(),
    };
    view! {
        <div class="setting">
            <label for=id>{setting.label}</label>
            {control}
            <p class="help" id=help>{setting.help}</p>
            <p class="complaint" id=wrong role="alert">{refusal}</p>
        </div>
    }
}

/// The model's handle is older than the rule that a handle is the setting's name.
fn testid(setting: &Setting) -> &'static str {
    if setting.name == "model" { "model-select" } else { setting.name }
}

/// The browser holds the text; only a link overwrites it, so that nothing changes under a person's fingers.
fn number(
    setting: &'static Setting,
    range: Option<(u64, u64)>,
    step: f64,
    id: String,
    described: String,
) -> impl IntoView {
    let settings = Session::here().settings;
    let text = move || {
        settings.applied.track();
        settings.text(setting)
    };
    let wrong = move || settings.refused.with(|refused| refused.contains_key(setting.name)).to_string();
    view! {
        <input type="number" id=id data-testid=testid(setting) step=step min=range.map(|range| range.0) max=range.map(|range| range.1)
            prop:value=text aria-describedby=described aria-invalid=wrong
            on:input=move |event| settings.type_in(setting.name, &event_target_value(&event)) />
    }
}

fn select(setting: &'static Setting, names: &'static [&'static str], id: String, described: String) -> impl IntoView {
    let settings = Session::here().settings;
    let option = move |name: &&'static str| {
        let name = *name;
        let selected = move || {
            settings.applied.track();
            settings.text(setting) == name
        };
        let senseless = move || name == "imagenet" && !settings.plan.with(TrainingPlan::has_imagenet_weights);
        view! { <option value=name prop:selected=selected disabled=senseless>{name}</option> }
    };
    view! {
        <select id=id data-testid=testid(setting) aria-describedby=described
            on:change=move |event| settings.type_in(setting.name, &event_target_value(&event))>
            {names.iter().map(option).collect_view()}
        </select>
    }
}

fn switch(setting: &'static Setting, id: String, described: String) -> impl IntoView {
    let settings = Session::here().settings;
    let checked = move || {
        settings.applied.track();
        settings.text(setting) == "true"
    };
    view! {
        <input type="checkbox" id=id data-testid=testid(setting) aria-describedby=described prop:checked=checked
            on:change=move |event| settings.type_in(setting.name, &event_target_checked(&event).to_string()) />
    }
}

/// An ordinary link to this very configuration; a click copies it, too.
#[component]
fn ConfigurationLink() -> impl IntoView {
    let session = Session::here();
    let said = RwSignal::new("");
    let link = move || session.settings.plan.with(configuration_link);
    let copy = move |_| {
        let link = session.settings.plan.with_untracked(configuration_link);
        spawn_local(async move {
            let copied = JsFuture::from(window().navigator().clipboard().write_text(&link)).await;
            said.try_set(if copied.is_ok() { "Copied." } else { "It stands in the address bar: copy it from there." });
        });
    };
    view! {
        <p class="configuration">
            <a href=link on:click=copy>"Copy this configuration as a link"</a> " " <span role="status" class="quiet">{said}</span>
        </p>
    }
}
