//! Whether the dataset is there again tomorrow, what it takes, how to take it home, and how to be rid of it.

use leptos::prelude::*;

use crate::engine::protocol::StorageReport;
use crate::ui::components::{ActivityLine, DeleteButton};
use crate::ui::figures;
use crate::ui::session::{Activity, Session};

/// One line on the dataset's fate, and the buttons that download and delete it.
#[component]
pub fn Keeping() -> impl IntoView {
    let session = Session::here();
    let fate = move || {
        let reopened = session.keeping.reopened.get();
        session.keeping.storage.with(|storage| storage.as_ref().map(|storage| fate(storage, reopened)))
    };
    let hindered = Signal::derive(move || session.hindrance().is_some());
    let delete = Callback::new(move |()| session.delete_dataset());
    view! {
        <div class="bar-line">
            <p class="quiet" data-testid="dataset-kept">{fate}</p>
            <button type="button" data-testid="dataset-download" disabled=hindered on:click=move |_| session.take_dataset()>
                "Download the dataset"
            </button>
            <DeleteButton what="the dataset".into() testid="dataset-delete" disabled=hindered on_delete=delete />
        </div>
        <Show when=move || session.taking.with(|taking| *taking != Activity::Idle)>
            <ActivityLine activity=session.taking testid="dataset-download-status" name="Download" doing="writing" />
        </Show>
    }
}

fn fate(storage: &StorageReport, reopened: bool) -> String {
    let Some(bytes) = storage.dataset else {
        let why = storage.hindrance.clone();
        return why.unwrap_or_else(|| "In memory only: it is gone when the page is closed.".into());
    };
    let mut text = format!("Kept in this browser: {} of pixels.", figures::bytes(bytes));
    if reopened {
        text = format!("Imported on an earlier visit. {text}");
    }
    if let (Some(used), Some(quota)) = (storage.used, storage.quota) {
        text += &format!(" Mien uses {} of the {} it may use.", figures::bytes(used), figures::bytes(quota));
    }
    text
}
