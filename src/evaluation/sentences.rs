//! A comparison in sentences: who is ahead, and whether that is more than chance.

use super::comparison::{Comparison, Difference, Verdict};
use super::interval::Interval;
use super::report::Report;
use super::{AffectFigure, ExpressionFigure, Figure};
use crate::figures;

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

/// One of the models that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its figures.
    pub report: &'a Report,
    /// How it stands to the leader; `None` of the leader.
    pub against_leader: Option<&'a Comparison>,
}

impl Side<'_> {
    /// How it stands to the leader in a figure.
    pub fn verdict(&self, figure: Figure) -> Option<Verdict> {
        let difference = self.against_leader?.differences.iter().find(|difference| difference.figure == figure);
        difference.map(|difference| difference.verdict)
    }
}

/// Who is ahead: "X is ahead with an accuracy of 71.4 % (95 % interval 69.8 to 73.0)."
pub fn ahead(sides: &[Side], leader: usize) -> String {
    let Some(leader) = sides.get(leader) else { return String::new() };
    let expression = leader.report.expression.as_ref();
    let accuracy = expression.and_then(|of| Some((of.accuracy?, of.intervals.accuracy)));
    let first = match accuracy {
        Some((accuracy, interval)) => {
            let verb = if sides.len() > 1 { "is ahead with" } else { "has" };
            let between = interval.map_or(String::new(), |Interval { low, high }| {
                format!(" (95 % interval {:.1} to {:.1})", 100.0 * low, 100.0 * high)
            });
            format!("{} {verb} an accuracy of {}{between}.", leader.name, figures::percent(Some(accuracy)))
        }
        None => format!("{} is ahead.", leader.name),
    };
    match most_concordant(sides) {
        Some((of, concordance)) if sides.len() > 1 => {
            format!("{first} In valence and arousal {} is ahead, with a mean CCC of {concordance:.3}.", of.name)
        }
        _ => first,
    }
}

/// The one with the highest mean CCC of valence and arousal, and that.
fn most_concordant<'a, 'b>(sides: &'a [Side<'b>]) -> Option<(&'a Side<'b>, f64)> {
    let concordance = |of: &Side| Some((of.report.valence.as_ref()?.ccc? + of.report.arousal.as_ref()?.ccc?) / 2.0);
    let known = sides.iter().filter_map(|of| Some((of, concordance(of)?)));
    known.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// How every other one stands to the leader: a sentence each.
pub fn standings(sides: &[Side], leader: usize) -> Vec<String> {
    let Some(leader) = sides.get(leader) else { return Vec::new() };
    let others = sides.iter().filter_map(|of| Some((of.name, of.against_leader?)));
    others.map(|(name, comparison)| standing(name, leader.name, comparison)).collect()
}

/// How one stands to the leader: "B is worse than A in accuracy (by 3.1 points, ...), F1; no difference is shown in kappa."
fn standing(name: &str, leader: &str, comparison: &Comparison) -> String {
    let with = |verdict: Verdict| {
        let said = FIGURES.iter().filter_map(|(figure, words)| {
            let difference = comparison.differences.iter().find(|of| of.figure == *figure)?;
            (difference.verdict == verdict).then(|| in_words(words, difference, comparison))
        });
        said.collect::<Vec<_>>()
    };
    let clause =
        |words: &str, said: Vec<String>| (!said.is_empty()).then(|| format!("{words} {}", figures::listed(&said)));
    let clauses: Vec<String> = [
        clause(&format!("is worse than {leader} in"), with(Verdict::Worse)),
        clause(&format!("is better than {leader} in"), with(Verdict::Better)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let undecided = clause("no difference is shown in", with(Verdict::NoDifferenceShown));
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
