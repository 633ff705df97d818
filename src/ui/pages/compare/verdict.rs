//! Who is ahead, and whether that is more than chance: in sentences.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Compared, Contestant};
use crate::evaluation::{AffectFigure, Comparison, Difference, ExpressionFigure, Figure, Interval, Verdict as Says};
use crate::ui::figures;

/// The figures that a verdict speaks of, and their names in a sentence.
const FIGURES: [(Figure, &str); 8] = [
    (Figure::Expression(ExpressionFigure::Accuracy), "accuracy"),
    (Figure::Expression(ExpressionFigure::F1Macro), "F1"),
    (Figure::Expression(ExpressionFigure::Kappa), "kappa"),
    (Figure::Expression(ExpressionFigure::RocAucMacro), "ROC-AUC"),
    (Figure::Valence(AffectFigure::Ccc), "valence CCC"),
    (Figure::Arousal(AffectFigure::Ccc), "arousal CCC"),
    (Figure::Valence(AffectFigure::Rmse), "valence RMSE"),
    (Figure::Arousal(AffectFigure::Rmse), "arousal RMSE"),
];

/// The verdict.
#[component]
pub fn Verdict(
    /// On whom.
    compared: Arc<Compared>,
) -> impl IntoView {
    let faces = figures::counted(compared.faces.count, "face", "faces");
    let about = format!("{}, {} split: {faces}", compared.faces.dataset, compared.split.name());
    let warnings = compared
        .contestants
        .iter()
        .flat_map(|of| of.warnings.iter().map(|warning| view! { <li>{format!("{}: {warning}", of.name)}</li> }));
    let others = compared.contestants.iter().filter_map(|of| Some((of, of.against_leader.as_ref()?)));
    let leader = &compared.contestants[compared.leader];
    let others = others.map(|(of, comparison)| {
        view! { <li>{sentence(&of.name, &leader.name, comparison)}</li> }
    });
    view! {
        <section class="verdict-text" aria-labelledby="verdict-title">
            <h2 id="verdict-title">"Verdict"</h2>
            <p class="quiet">{about}</p>
            <p class="reading" data-testid="compare-verdict">{ahead(&compared)}</p>
            <ul class="plain-list" data-testid="compare-others">{others.collect_view()}</ul>
            <ul class="warnings">{warnings.collect_view()}</ul>
        </section>
    }
}

/// "X is ahead with an accuracy of 71.4 % (95 % interval 69.8 to 73.0)."
fn ahead(compared: &Compared) -> String {
    let leader = &compared.contestants[compared.leader];
    let expression = leader.report.expression.as_ref();
    let accuracy = expression.and_then(|of| Some((of.accuracy?, of.intervals.accuracy)));
    let first = match accuracy {
        Some((accuracy, interval)) => {
            let verb = if compared.contestants.len() > 1 { "is ahead with" } else { "has" };
            let between = interval.map_or(String::new(), |Interval { low, high }| {
                format!(" (95 % interval {:.1} to {:.1})", 100.0 * low, 100.0 * high)
            });
            format!("{} {verb} an accuracy of {}{between}.", leader.name, figures::percent(Some(accuracy)))
        }
        None => format!("{} is ahead.", leader.name),
    };
    match most_concordant(&compared.contestants) {
        Some((of, concordance)) if compared.contestants.len() > 1 => {
            format!("{first} In valence and arousal {} is ahead, with a mean CCC of {concordance:.3}.", of.name)
        }
        _ => first,
    }
}

/// The one with the highest mean CCC of valence and arousal, and that.
fn most_concordant(contestants: &[Contestant]) -> Option<(&Contestant, f64)> {
    let concordance =
        |of: &Contestant| Some((of.report.valence.as_ref()?.ccc? + of.report.arousal.as_ref()?.ccc?) / 2.0);
    let known = contestants.iter().filter_map(|of| Some((of, concordance(of)?)));
    known.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// How one stands to the leader: "B is worse than A in accuracy (by 3.1 points, ...), F1; no difference is shown in kappa."
fn sentence(name: &str, leader: &str, comparison: &Comparison) -> String {
    let with = |verdict: Says| {
        let said = FIGURES.iter().filter_map(|(figure, words)| {
            let difference = comparison.differences.iter().find(|of| of.figure == *figure)?;
            (difference.verdict == verdict).then(|| in_words(words, difference, comparison))
        });
        said.collect::<Vec<_>>()
    };
    let clause =
        |words: &str, figures: Vec<String>| (!figures.is_empty()).then(|| format!("{words} {}", listed(&figures)));
    let clauses: Vec<String> = [
        clause(&format!("is worse than {leader} in"), with(Says::Worse)),
        clause(&format!("is better than {leader} in"), with(Says::Better)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let undecided = clause("no difference is shown in", with(Says::NoDifferenceShown));
    match (clauses.is_empty(), undecided) {
        (false, Some(undecided)) => format!("{name} {}; {undecided}.", clauses.join(", and ")),
        (false, None) => format!("{name} {}.", clauses.join(", and ")),
        (true, Some(undecided)) => format!("{name} against {leader}: {undecided}."),
        (true, None) => format!("{name} cannot be compared with {leader}."),
    }
}

/// A figure's name; of the accuracy also how large the difference is, and how sure.
fn in_words(words: &str, difference: &Difference, comparison: &Comparison) -> String {
    if difference.figure != Figure::Expression(ExpressionFigure::Accuracy) {
        return words.into();
    }
    let points = |share: f64| figures::signed_points(share);
    let size = difference.difference.zip(difference.interval).map(|(size, Interval { low, high })| {
        format!("{} points, 95 % interval {} to {}", points(size), points(low), points(high))
    });
    let test = comparison.mcnemar.map(|test| format!("McNemar's p {}", figures::p_value(test.p_value)));
    let more: Vec<String> = [size, test].into_iter().flatten().collect();
    if more.is_empty() { words.into() } else { format!("{words} ({})", more.join("; ")) }
}

/// "a, b and c".
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
