//! In what the models' plans differ.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Compared, Contestant, ModelSummary};
use crate::training::{Setting, differences};
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
    let plans: Vec<_> = models.iter().map(|(_, model)| model.plan.as_ref()).collect();
    let row = |(setting, values): (&'static Setting, Vec<Option<String>>)| {
        let cell = |value: Option<String>| view! { <td>{value.unwrap_or("-".into())}</td> };
        view! { <tr><th scope="row">{setting.label}</th>{values.into_iter().map(cell).collect_view()}</tr> }
    };
    let rows = differences(&plans).into_iter().map(row).collect_view();
    let data = compared.on_what_trained();
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
