//! How the files were opened, and the ways to have it otherwise.

use leptos::prelude::*;

use super::columns::Columns;
use crate::dataset::{Layout, Opened};
use crate::ui::session::Session;

/// What else the files may be, and what their columns are. Nothing where the files are not there any more.
#[component]
pub fn Opening(
    /// How they were opened.
    opened: Opened,
) -> impl IntoView {
    let session = Session::here();
    let Opened { layout, others, tables } = opened;
    let there = session.keeping.has_files();
    let otherwise = layout.filter(|_| there && !others.is_empty()).map(|layout| view! { <OpenAs layout others /> });
    let columns = (there && !tables.is_empty()).then(|| {
        view! {
            <details class="opening" data-testid="columns">
                <summary>"Columns"</summary>
                <Columns tables />
            </details>
        }
    });
    view! { {otherwise} {columns} }
}

#[component]
fn OpenAs(layout: Layout, others: Vec<Layout>) -> impl IntoView {
    let session = Session::here();
    let busy = Signal::derive(move || session.hindrance().is_some());
    let chosen = RwSignal::new(layout);
    let choices: Vec<Layout> =
        Layout::ALL.into_iter().filter(|each| *each == layout || others.contains(each)).collect();
    let option = move |each: &Layout| {
        let each = *each;
        view! { <option value=each.words() prop:selected=move || chosen.get() == each>{each.words()}</option> }
    };
    let options = choices.iter().map(option).collect_view();
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some(layout) = choices.iter().find(|layout| layout.words() == value) {
            chosen.set(*layout);
        }
    };
    view! {
        <details class="opening">
            <summary>"Open it as ..."</summary>
            <p class="quiet">"The same files could be something else. What you chose for this dataset is then forgotten."</p>
            <div class="actions">
                <select aria-label="The files are" data-testid="open-as" on:change=choose>{options}</select>
                <button type="button" data-testid="open-again" disabled=move || busy.get() || chosen.get() == layout
                    on:click=move |_| session.open_as(chosen.get_untracked())>"Open"</button>
            </div>
        </details>
    }
}
