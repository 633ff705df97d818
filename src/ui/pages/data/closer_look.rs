//! A closer look: what is wrong with the faces, what that means, and what can be done about it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::import::Shares;
use super::remarks::{Remark, Remedy, looks, remarks};
use crate::dataset::DatasetSummary;
use crate::engine::protocol::SampleFilter;
use crate::ui::session::Session;

const TITLE: &str = "closer-look-title";

/// How the faces look, what is doubtful about them, and the remedies.
#[component]
pub fn CloserLook(
    /// The dataset.
    dataset: Arc<DatasetSummary>,
    /// What the gallery shows.
    filter: RwSignal<SampleFilter>,
    /// How faces are divided anew.
    shares: Shares,
) -> impl IntoView {
    let session = Session::here();
    let failed = RwSignal::new(None);
    let weighed = Memo::new(move |_| session.settings.plan.with(|plan| plan.class_weights));
    let looks = looks(&dataset.findings);
    let remarks = move || {
        let remarks = remarks(&dataset, &shares, weighed.get());
        if remarks.is_empty() {
            return view! { <p>"Nothing is doubtful: no face is there twice, none is blank, no class is rare or missing."</p> }
                .into_any();
        }
        let lines = remarks.into_iter().map(|remark| view! { <Line remark filter failed /> }).collect_view();
        view! { <ul class="remarks">{lines}</ul> }.into_any()
    };
    view! {
        <section class="closer-look" aria-labelledby=TITLE>
            <h2 id=TITLE tabindex="-1">"A closer look"</h2>
            <p class="quiet">{looks}</p>
            {remarks}
            <p class="complaint" role="alert">{failed}</p>
        </section>
    }
}

#[component]
fn Line(remark: Remark, filter: RwSignal<SampleFilter>, failed: RwSignal<Option<String>>) -> impl IntoView {
    let session = Session::here();
    let busy = Signal::derive(move || session.hindrance().is_some());
    let Remark { name, text, attention, finding, remedies } = remark;
    let look = finding.map(|finding| {
        let show = move |_| {
            filter.set(SampleFilter { finding: Some(finding), ..SampleFilter::default() });
            go_to("gallery-title");
        };
        view! { <button type="button" on:click=show data-testid=format!("look-{name}")>"Look at them"</button> }
    });
    let remedy = |(words, remedy): (&'static str, Remedy)| {
        let remedy = StoredValue::new(remedy);
        let apply = move |_| remedy.with_value(|remedy| apply(session, remedy, failed));
        view! { <button type="button" disabled=busy on:click=apply data-testid=format!("mend-{name}")>{words}</button> }
    };
    view! {
        <li class:attention=attention data-testid=format!("remark-{name}")>
            <p>{text}</p>
            <div class="actions">{look} {remedies.into_iter().map(remedy).collect_view()}</div>
        </li>
    }
}

fn apply(session: Session, remedy: &Remedy, failed: RwSignal<Option<String>>) {
    match remedy {
        Remedy::WeighClasses => session.settings.type_in("class-weights", "true"),
        Remedy::Choose(choices) => {
            let choices = choices.clone();
            spawn_local(async move {
                match session.choose(choices).await {
                    // The section was drawn anew, and the button that had the focus with it.
                    Ok(()) => go_to(TITLE),
                    Err(why) => drop(failed.try_set(Some(why))),
                }
            });
        }
    }
}

/// Brings a heading into sight, and the keyboard with it.
fn go_to(id: &str) {
    if let Some(heading) =
        document().get_element_by_id(id).and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = heading.focus();
        heading.scroll_into_view();
    }
}
