//! A model to choose.

use leptos::prelude::*;

use crate::engine::protocol::ModelSummary;
use crate::ui::session::Session;

/// The models there are; the chosen one is the session's.
#[component]
pub fn ModelSelect(
    /// The select's handle.
    testid: &'static str,
    /// Hears that another was chosen.
    #[prop(optional)]
    on_choose: Option<Callback<()>>,
) -> impl IntoView {
    let session = Session::here();
    let none = move || session.models.with(Vec::is_empty);
    let chosen = move || session.model_to_evaluate().map(|model| model.id);
    let option = move |model: ModelSummary| {
        let id = model.id;
        view! { <option value=id prop:selected=move || chosen() == Some(id)>{format!("{}, {}", model.name, model.origin)}</option> }
    };
    let choose = move |event| {
        session.chosen_model.set(event_target_value(&event).parse().ok());
        on_choose.inspect(|on_choose| on_choose.run(()));
    };
    view! {
        <select data-testid=testid disabled=none on:change=choose>
            <Show when=none><option>"no model yet"</option></Show>
            {move || session.models.get().into_iter().map(option).collect_view()}
        </select>
    }
}
