//! Every figure of every model, the best of each marked.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Compared, Contestant};
use crate::evaluation::{Figure, Side, Verdict};
use crate::ui::components::Scroll;
use crate::ui::figures;

/// The table: figures down, models across.
#[component]
pub fn FiguresTable(
    /// Whose figures.
    compared: Arc<Compared>,
) -> impl IntoView {
    let head = |of: &Contestant| view! { <th scope="col">{of.name.clone()}</th> };
    let sides = compared.sides();
    let group = |title: &'static str, figures: Vec<Figure>| {
        let rows: Vec<_> = figures.into_iter().filter_map(|figure| row(&sides, figure)).collect();
        let across = compared.contestants.len() + 1;
        (!rows.is_empty()).then(|| {
            view! { <tbody><tr class="group"><th scope="rowgroup" colspan=across>{title}</th></tr>{rows}</tbody> }
        })
    };
    let table = view! {
        <table class="figures side-by-side" data-testid="compare-figures">
            <thead><tr><th scope="col"><span class="unseen">"figure"</span></th>{compared.contestants.iter().map(head).collect_view()}</tr></thead>
            {group("Expression", Figure::of_expression())}
            {group("Valence and arousal", Figure::of_affect())}
        </table>
    };
    view! {
        <section aria-labelledby="side-by-side-title">
            <h2 id="side-by-side-title">"Side by side"</h2>
            <Scroll label="Every figure of every model" tall=true>{table}</Scroll>
            <p class="quiet">
                "Bold: the best value. A triangle says that a model is shown to be better or worse than "
                {compared.contestants[compared.leader].name.clone()}
                ": McNemar's test for accuracy, a paired bootstrap on the same faces for the rest, corrected for the number of models (Holm 1979). Small: the 95 % interval."
            </p>
        </section>
    }
}

/// One figure of all; `None` where nobody has it.
fn row(sides: &[Side], figure: Figure) -> Option<impl IntoView + use<>> {
    let values: Vec<Option<f64>> = sides.iter().map(|of| figure.of(of.report)).collect();
    let best = figure.best(values.iter().copied())?;
    let cells = sides.iter().zip(values).map(|(of, value)| {
        let is_best = value == Some(best) && sides.len() > 1;
        let interval = figure.interval(of.report).map(|interval| interval.to_string());
        let (sign, words) = match of.verdict(figure) {
            Some(Verdict::Better) => ("\u{25b2}", " better than the leader"),
            Some(Verdict::Worse) => ("\u{25bc}", " worse than the leader"),
            _ => ("", ""),
        };
        view! {
            <td class:best=is_best data-value=value.map(|value| value.to_string())>
                {figures::decimal(value)} <span class="sign" aria-hidden="true">{sign}</span>
                <span class="unseen">{if is_best { " best" } else { "" }} {words}</span>
                <span class="interval">{interval}</span>
            </td>
        }
    });
    Some(view! { <tr><th scope="row">{figure.label()}</th>{cells.collect_view()}</tr> })
}
