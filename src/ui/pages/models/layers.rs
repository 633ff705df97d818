//! A model's layers, once somebody wants to see them.

use leptos::prelude::*;

use crate::engine::protocol::{Description, Layer, ModelId};
use crate::ui::figures;
use crate::ui::session::Session;

/// A table behind a word.
#[component]
pub fn Layers(
    /// Whose.
    id: ModelId,
) -> impl IntoView {
    let session = Session::here();
    let description = RwSignal::new(None);
    let open = move |_| {
        if description.with_untracked(Option::is_none) {
            session.describe_model(id, description);
        }
    };
    view! {
        <details on:toggle=open data-testid="model-layers">
            <summary>"Layers and costs"</summary>
            {move || description.get().map(table)}
        </details>
    }
}

fn table(description: Description) -> impl IntoView {
    let Description { layers, parameters, multiplications, bytes, licence } = description;
    let facts = format!(
        "{} parameters, a file of {}; {} million multiplications an image, each with an addition.",
        figures::count(parameters),
        figures::bytes(bytes),
        figures::count(multiplications.div_ceil(1_000_000) as usize),
    );
    view! {
        <p class="quiet">{facts} {licence.map(|licence| format!(" Licence: {licence}."))}</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Layers">
            <table class="layers">
                <thead><tr>
                    <th scope="col">"Layer"</th><th scope="col">"Does"</th><th scope="col">"Output"</th>
                    <th scope="col">"Parameters"</th><th scope="col">"Multiplications"</th>
                </tr></thead>
                <tbody>{layers.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(layer: Layer) -> impl IntoView {
    let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
    let counted = |count: u64| if count > 0 { figures::count(count as usize) } else { String::new() };
    view! {
        <tr>
            <td><code>{layer.name}</code></td><td>{layer.does}</td><td class="number">{shape.join(" x ")}</td>
            <td class="number">{counted(layer.parameters as u64)}</td><td class="number">{counted(layer.multiplications)}</td>
        </tr>
    }
}
