//! What there is to say about a dataset: what is doubtful, what that means, and what can be done about it.

use super::import::Shares;
use crate::dataset::{Choices, DatasetSummary, Division, Finding, Findings, LeftOut, PersonRule, Split};
use crate::ui::figures;

/// A class this many times rarer than another is pointed out.
const RARE: usize = 3;

/// What a person can do about a remark.
pub(super) enum Remedy {
    /// Decide something about the dataset.
    Choose(Choices),
    /// Have rare classes count more in training.
    WeighClasses,
}

/// Something a person should know.
pub(super) struct Remark {
    /// A short name, for the handles of tests.
    pub(super) name: &'static str,
    pub(super) text: String,
    /// Whether it is a thing to mend, or merely so.
    pub(super) attention: bool,
    /// What the gallery shows of it.
    pub(super) finding: Option<Finding>,
    /// What can be done: the button's words first.
    pub(super) remedies: Vec<(&'static str, Remedy)>,
}

/// Sizes and light, in words.
pub(super) fn looks(findings: &Findings) -> String {
    let Some(([width, height], count)) = findings.sizes.first() else { return String::new() };
    let size = match findings.size_count {
        1 => format!("All faces have {width} x {height} pixels."),
        different => format!(
            "The faces have {} different sizes, most often {width} x {height} pixels ({}).",
            figures::count(different),
            figures::count(*count)
        ),
    };
    let [darkest, low, _, high, lightest] = findings.brightness;
    format!(
        "{size} On a scale of 0 to 255 half of them are {low} to {high} bright; the darkest is {darkest}, the lightest {lightest}."
    )
}

/// All there is to say about a dataset. `weighed`: classes are weighed in training.
pub(super) fn remarks(dataset: &DatasetSummary, shares: &Shares, weighed: bool) -> Vec<Remark> {
    let mut remarks = Vec::new();
    decisions(dataset, &mut remarks);
    twins(dataset, shares, &mut remarks);
    persons(dataset, shares, &mut remarks);
    balance(dataset, shares, weighed, &mut remarks);
    let blank = dataset.findings.blank;
    if blank > 0 {
        remarks.push(Remark {
            name: "blank",
            text: format!("{} nearly one shade throughout: there is no face to be seen.", are(blank)),
            attention: true,
            finding: Some(Finding::Blank),
            remedies: Vec::new(),
        });
    }
    remarks
}

/// What was decided before, and how to take it back.
fn decisions(dataset: &DatasetSummary, remarks: &mut Vec<Remark>) {
    let choices = &dataset.choices;
    if choices.left_out != LeftOut::Nothing {
        let back = Choices { left_out: LeftOut::Nothing, ..choices.clone() };
        remarks.push(Remark {
            name: "left-out",
            text: format!("{} left out, as you chose: twins of faces that stay.", are(dataset.findings.left_out)),
            attention: false,
            finding: Some(Finding::LeftOut),
            remedies: vec![("Take them back", Remedy::Choose(back))],
        });
    }
    if choices.division.is_some() {
        let back = Choices { division: None, ..choices.clone() };
        remarks.push(Remark {
            name: "divided",
            text: "The splits were drawn anew, as you chose.".into(),
            attention: false,
            finding: None,
            remedies: vec![("Divide as it was found", Remedy::Choose(back))],
        });
    }
}

fn twins(dataset: &DatasetSummary, shares: &Shares, remarks: &mut Vec<Remark>) {
    let (Findings { copies, alike, .. }, choices) = (&dataset.findings, &dataset.choices);
    let leave_out = |left_out| Remedy::Choose(Choices { left_out, ..choices.clone() });
    if copies.surplus > 0 {
        remarks.push(Remark {
            name: "copies",
            text: format!("{} in the dataset already: another file has the same pixels.", are(copies.surplus)),
            attention: true,
            finding: Some(Finding::Copies),
            remedies: vec![("Leave the copies out", leave_out(LeftOut::Copies))],
        });
    }
    let more = alike.surplus - copies.surplus;
    if more > 0 {
        remarks.push(Remark {
            name: "alike",
            text: format!(
                "{} nearly the same picture as another one: cut, lit, sized or compressed otherwise.",
                are(more)
            ),
            attention: true,
            finding: Some(Finding::Alike),
            remedies: vec![("Leave these twins out", leave_out(LeftOut::Alike))],
        });
    }
    if alike.leaking > 0 {
        remarks.push(Remark {
            name: "leaking",
            text: format!(
                "{} among those that are trained on. What a model has seen it knows by heart: its figures would be too good.",
                figures::counted(
                    alike.leaking,
                    "face of the validation and test splits has a twin",
                    "faces of the validation and test splits have twins"
                )
            ),
            attention: true,
            finding: Some(Finding::Leaking),
            remedies: vec![("Divide anew, twins together", divide(choices, shares, None))],
        });
    }
    if alike.contradicting > 0 {
        remarks.push(Remark {
            name: "contradicting",
            text: format!(
                "{} labelled with another class than a twin: one of the labels is wrong, or the face is between them.",
                are(alike.contradicting)
            ),
            attention: true,
            finding: Some(Finding::Contradicting),
            remedies: Vec::new(),
        });
    }
}

fn persons(dataset: &DatasetSummary, shares: &Shares, remarks: &mut Vec<Remark>) {
    for persons in dataset.findings.persons.iter().filter(|persons| persons.leaking > 0) {
        let (name, what, so) = match persons.rule {
            PersonRule::Prefix => ("prefix", "The beginnings of the file names may tell who is shown", "If so, "),
            PersonRule::Folder => ("folder", "The folders may tell who is shown", "If so, "),
            PersonRule::Column => ("person", "The data says who is shown", ""),
        };
        remarks.push(Remark {
            name,
            text: format!(
                "{what}: there are {} of them, \u{201c}{}\u{201d} for one. {so}{} of the validation and test \
                 splits show somebody who is trained on, and the figures say little about strangers.",
                figures::count(persons.count),
                persons.example,
                figures::counted(persons.leaking, "face", "faces")
            ),
            attention: true,
            finding: None,
            remedies: vec![("Divide anew, person by person", divide(&dataset.choices, shares, Some(persons.rule)))],
        });
    }
}

fn balance(dataset: &DatasetSummary, shares: &Shares, weighed: bool, remarks: &mut Vec<Remark>) {
    let classes = dataset.label_set.classes();
    let training = &dataset.counts[Split::Train as usize];
    let rarest = (0..training.len()).filter(|class| training[*class] > 0).min_by_key(|class| training[*class]);
    let commonest = (0..training.len()).max_by_key(|class| training[*class]);
    if let (Some(rare), Some(common)) = (rarest, commonest)
        && training[common] >= RARE * training[rare]
    {
        let weigh = if weighed { Vec::new() } else { vec![("Weigh classes in training", Remedy::WeighClasses)] };
        let so = if weighed {
            "Classes are weighed in training, so it counts as much."
        } else {
            "A model learns to guess the frequent ones."
        };
        remarks.push(Remark {
            name: "rare",
            text: format!(
                "{} is {:.0} times rarer than {} in training ({} to {}). {so}",
                capital(&classes[rare]),
                training[common] as f64 / training[rare] as f64,
                classes[common],
                figures::count(training[rare]),
                figures::count(training[common])
            ),
            attention: !weighed,
            finding: None,
            remedies: weigh,
        });
    }
    let missing: Vec<String> = Split::ALL.into_iter().filter_map(|split| missing(dataset, split)).collect();
    if !missing.is_empty() {
        remarks.push(Remark {
            name: "missing",
            text: missing.join(" "),
            attention: true,
            finding: None,
            remedies: vec![("Divide anew, class by class", divide(&dataset.choices, shares, None))],
        });
    }
}

/// Which classes a split lacks, in words.
fn missing(dataset: &DatasetSummary, split: Split) -> Option<String> {
    let counts = dataset.counts[split as usize].iter().zip(dataset.label_set.classes());
    let missing: Vec<&str> = counts.filter(|(count, _)| **count == 0).map(|(_, class)| class.as_str()).collect();
    let lacks = !missing.is_empty() && dataset.split_sizes[split as usize] > 0;
    lacks.then(|| format!("The {} split has no face of {}.", split.name(), missing.join(", ")))
}

fn divide(choices: &Choices, shares: &Shares, persons: Option<PersonRule>) -> Remedy {
    Remedy::Choose(Choices { division: Some(Division { plan: shares.plan(), persons }), ..choices.clone() })
}

/// "1 face is", "2 faces are".
fn are(count: usize) -> String {
    figures::counted(count, "face is", "faces are")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
