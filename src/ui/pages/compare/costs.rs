//! What each model costs: time, size, multiplications.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Compared, Contestant, TrainingRecord};
use crate::ui::components::Scroll;
use crate::ui::figures;

/// Quality on one side, costs on the other.
#[component]
pub fn Costs(
    /// Whose.
    compared: Arc<Compared>,
) -> impl IntoView {
    let row = |of: &Contestant| {
        let model = of.model.as_ref();
        let trained = model.and_then(|model| model.training.as_ref()).map(TrainingRecord::cost);
        let accuracy = of.report.expression.as_ref().and_then(|expression| expression.accuracy);
        view! {
            <tr>
                <th scope="row">{of.name.clone()}</th>
                <td>{figures::percent(accuracy)}</td>
                <td>{format!("{:.1} ms", of.milliseconds)}</td>
                <td>{figures::bytes(of.bytes)}</td>
                <td>{model.map_or("-".into(), |model| figures::count(model.parameters))}</td>
                <td>{figures::count(of.multiplications.div_ceil(1_000_000) as usize)}</td>
                <td>{model.map_or("-".into(), |model| format!("{} px", model.input_size))}</td>
                <td>{trained.unwrap_or("-".into())}</td>
            </tr>
        }
    };
    let head = |words: &'static str| view! { <th scope="col">{words}</th> };
    let heads = ["accuracy", "a face", "file", "parameters", "million multiplications", "input", "training"];
    let table = view! {
        <table class="figures spent">
            <thead><tr><th scope="col">"model"</th>{heads.map(head).into_iter().collect_view()}</tr></thead>
            <tbody>{compared.contestants.iter().map(row).collect_view()}</tbody>
        </table>
    };
    view! {
        <section aria-labelledby="costs-title">
            <h2 id="costs-title">"What they cost"</h2>
            <Scroll label="What the models cost">{table}</Scroll>
        </section>
    }
}
