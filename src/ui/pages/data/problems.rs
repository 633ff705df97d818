//! What could not be used, and why.

use std::sync::Arc;

use leptos::prelude::*;

use crate::dataset::{DatasetSummary, Problem};
use crate::engine::protocol::Export;
use crate::ui::figures;
use crate::ui::session::Session;

/// So many are looked through at a glance.
const FEW: usize = 10;

/// The list of problems: to be searched where they are many, and to be kept as a file.
#[component]
pub fn Problems(
    /// The dataset they are from; it has some.
    dataset: Arc<DatasetSummary>,
) -> impl IntoView {
    let session = Session::here();
    let sought = RwSignal::new(String::new());
    let (all, listed) = (dataset.problem_count, dataset.problems.len());
    let many = listed > FEW;
    let lines: Vec<(String, Problem)> =
        dataset.problems.iter().map(|problem| (problem.to_string().to_lowercase(), problem.clone())).collect();
    let found = Memo::new(move |_| {
        let sought = sought.get().trim().to_lowercase();
        let fits = |(line, problem): &(String, Problem)| line.contains(&sought).then(|| problem.clone());
        lines.iter().filter_map(fits).collect::<Vec<_>>()
    });
    let count = move || {
        let found = found.with(Vec::len);
        let first = if all > listed {
            format!("The first {} of {}", figures::count(listed), figures::count(all))
        } else {
            String::new()
        };
        match (found == listed, first.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("{first}."),
            (false, true) => format!("{} of {}.", figures::count(found), figures::count(listed)),
            (false, false) => format!("{first}; {} of these.", figures::count(found)),
        }
    };
    let line = |problem: &Problem| {
        view! { <li><code>{problem.place.to_string()}</code> " " {problem.message.clone()}</li> }
    };
    view! {
        <details class="problems">
            <summary>{figures::counted(all, "problem", "problems")} ": what could not be used, and why"</summary>
            <div class="bar-line">
                {many.then(|| view! {
                    <label class="inline">
                        "containing "
                        <input type="search" data-testid="problems-search" on:input=move |event| sought.set(event_target_value(&event)) />
                    </label>
                })}
                <span class="quiet" role="status" data-testid="problems-count">{count}</span>
                <button type="button" data-testid="download-problems" on:click=move |_| session.download(Export::Problems)>"Problems (CSV)"</button>
            </div>
            <p class="complaint">{session.notice}</p>
            <ol class="scroll">{move || found.with(|found| found.iter().map(line).collect_view())}</ol>
        </details>
    }
}
