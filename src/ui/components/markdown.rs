//! Markdown as Mien's own model cards use it: headings, paragraphs, lists and tables; no markup within a line.

use leptos::prelude::*;

use super::Scroll;

/// The text as headings, paragraphs, lists and tables, without its title.
#[component]
pub fn Markdown(text: String) -> impl IntoView {
    text.split("\n\n").map(|block| part(block.trim())).collect_view()
}

fn part(block: &str) -> AnyView {
    if let Some(heading) = block.strip_prefix("## ") {
        return view! { <h4>{heading.to_string()}</h4> }.into_any();
    }
    // The page has the title already.
    if block.starts_with("# ") {
        return ().into_any();
    }
    if block.starts_with("- ") {
        let item = |line: &str| view! { <li>{line.trim_start_matches("- ").to_string()}</li> };
        return view! { <ul>{block.lines().map(item).collect_view()}</ul> }.into_any();
    }
    if block.starts_with('|') {
        return table(block);
    }
    (!block.is_empty()).then(|| view! { <p>{block.to_string()}</p> }).into_any()
}

/// The first row is the header, the second a rule; the first cell of each other row is its header.
fn table(block: &str) -> AnyView {
    let cells = |line: &str| {
        let cells = line.trim().trim_start_matches('|').trim_end_matches('|').split('|');
        cells.map(|cell| cell.trim().to_string()).collect()
    };
    let mut rows: Vec<Vec<String>> = block.lines().map(cells).collect();
    let rows_below = rows.split_off(2.min(rows.len()));
    let header = rows.into_iter().next().unwrap_or_default();
    let heading = |cell: String| view! { <th scope="col">{cell}</th> };
    let row = |mut cells: Vec<String>| {
        let rest = cells.split_off(1.min(cells.len()));
        let first = cells.pop().unwrap_or_default();
        view! { <tr><th scope="row">{first}</th>{rest.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> }
    };
    view! {
        <Scroll label="Table">
            <table class="figures">
                <thead><tr>{header.into_iter().map(heading).collect_view()}</tr></thead>
                <tbody>{rows_below.into_iter().map(row).collect_view()}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}
