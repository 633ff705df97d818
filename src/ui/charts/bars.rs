//! Horizontal bars, in plain elements: they are their own table.

use leptos::prelude::*;

use crate::ui::figures;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What the row is called, as it is shown.
    pub short: String,
    /// The whole name.
    pub name: String,
    /// The role of its colour.
    pub role: &'static str,
    /// A number for each part, in the order of the heads.
    pub parts: Vec<usize>,
}

/// Counts in parts, as one bar a row on a common scale; the parts differ in strength.
#[component]
pub fn Bars(
    /// What is counted.
    caption: &'static str,
    /// Names of the parts.
    heads: [&'static str; 3],
    /// The rows.
    bars: Vec<Bar>,
) -> impl IntoView {
    let longest = bars.iter().map(|bar| bar.parts.iter().sum::<usize>()).max().unwrap_or(0).max(1);
    let row = |bar: Bar| {
        let width = |part: usize| format!("{:.2}%", part as f64 * 100.0 / longest as f64);
        let piece = |part: &usize| view! { <i style:width=width(*part)></i> };
        let number = |part: &usize| view! { <td>{figures::count(*part)}</td> };
        let total = bar.parts.iter().sum::<usize>();
        view! {
            <tr>
                <th scope="row"><abbr title=bar.name>{bar.short}</abbr></th>
                <td class=format!("bar {}", bar.role.trim_start_matches('-'))>
                    <span aria-hidden="true">{bar.parts.iter().map(piece).collect_view()}</span>
                </td>
                {bar.parts.iter().map(number).collect_view()}
                <td><b>{figures::count(total)}</b></td>
            </tr>
        }
    };
    let head = |(part, name): (usize, &'static str)| view! { <th scope="col" class=format!("part-{part}")>{name}</th> };
    view! {
        <table class="bars">
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <th scope="col"><span class="unseen">"class"</span></th>
                    <th scope="col"><span class="unseen">"share"</span></th>
                    {heads.into_iter().enumerate().map(head).collect_view()}
                    <th scope="col">"all"</th>
                </tr>
            </thead>
            <tbody>{bars.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
