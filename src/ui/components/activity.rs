//! Work under way: its measure, its rate, the time left, and the way out.

use leptos::prelude::*;

use crate::ui::figures;
use crate::ui::session::{Activity, Counting, Session};

/// The state of an import, an evaluation or other work in a line. While it runs: a bar, a rate, the time left and "Cancel".
#[component]
pub fn ActivityLine(
    /// What is shown.
    activity: RwSignal<Activity>,
    /// The handle of the state's text.
    testid: &'static str,
    /// What it is called: "Import".
    name: &'static str,
    /// What is being done, in a word: "importing".
    doing: &'static str,
) -> impl IntoView {
    let session = Session::here();
    let running = Memo::new(move |_| activity.with(Activity::is_running));
    let counting = move || match activity.get() {
        Activity::Running(counting) => Some(counting),
        _ => None,
    };
    let share = move || counting().map_or(0.0, |counting| counting.done());
    let pace = move || counting().as_ref().map(pace_in_words);
    let cancel = move |_| {
        if let Some(request) = counting().and_then(|counting| counting.request) {
            session.cancel(request);
        }
    };
    // Read out when it begins and ends, not at every image.
    let spoken = move || if running.get() { format!("{doing} has begun") } else { activity.get().text(doing) };
    view! {
        <div class="activity" class:failed=move || matches!(activity.get(), Activity::Failed(_))>
            <p class="state">
                <span class="quiet">{name}</span> " " <span data-testid=testid>{move || activity.get().text(doing)}</span>
                " " <span class="quiet">{pace}</span>
            </p>
            <p class="unseen" role="status">{spoken}</p>
            <Show when=move || running.get()>
                <progress max="1" prop:value=share aria-label=doing></progress>
                <button type="button" on:click=cancel disabled=move || counting().is_none_or(|counting| counting.request.is_none())>
                    "Cancel"
                </button>
            </Show>
        </div>
    }
}

fn pace_in_words(counting: &Counting) -> String {
    match (counting.request, counting.rate(), counting.seconds_left()) {
        (None, ..) => "listing the folder".into(),
        _ if counting.share.is_some() => String::new(),
        (_, Some(rate), Some(left)) => {
            format!("{} images a second, {} left", figures::count(rate as usize), figures::duration(left))
        }
        _ => String::new(),
    }
}
