//! In what the models' plans differ.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Compared, Contestant, ModelSummary};
use crate::training::SETTINGS;
use crate::ui::components::Scroll;

/// A table of the settings that are not the same in all plans.
#[component]
pub fn Plans(
    /// Whose.
    compared: Arc<Compared>,
) -> impl IntoView {
    let models: Vec<(&Contestant, &ModelSummary)> =
        compared.contestants.iter().filter_map(|of| Some((of, of.model.as_ref()?))).collect();
    let planned = models.iter().filter(|(_, model)| model.plan.is_some()).count();
    if models.len() < 2 || planned < 2 {
        return ().into_any();
    }
    let value =
        |model: &ModelSummary, name: &str| model.plan.as_ref().and_then(|plan| plan.get(name)).unwrap_or("-".into());
    let row = |setting: &'static crate::training::Setting| {
        let values: Vec<String> = models.iter().map(|(_, model)| value(model, setting.name)).collect();
        let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
        let cell = |value: &String| view! { <td>{value.clone()}</td> };
        differs.then(|| view! { <tr><th scope="row">{setting.label}</th>{values.iter().map(cell).collect_view()}</tr> })
    };
    let rows: Vec<_> = SETTINGS.iter().filter_map(row).collect();
    let same_data = models.windows(2).all(|pair| {
        let identity = |model: &ModelSummary| model.training.as_ref().map(|training| training.faces.identity.clone());
        identity(pair[0].1) == identity(pair[1].1)
    });
    let data = match same_data {
        true => "They were trained on the same faces.",
        false => "They were not all trained on the same faces, or it is not known.",
    };
    let head = |(of, _): &(&Contestant, &ModelSummary)| view! { <th scope="col">{of.name.clone()}</th> };
    let table = view! {
        <table class="figures">
            <thead><tr><th scope="col">"setting"</th>{models.iter().map(head).collect_view()}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    };
    view! {
        <section aria-labelledby="plans-title">
            <h2 id="plans-title">"In what their plans differ"</h2>
            <p class="quiet">{data}</p>
            <Scroll label="In what the plans differ">{table}</Scroll>
        </section>
    }
    .into_any()
}
