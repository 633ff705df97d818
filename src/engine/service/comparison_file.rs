//! The last comparison as files: for programs, and to be read.

use serde::Serialize;

use super::report::{Facts as Known, evaluated, of_model, trained};
use crate::engine::protocol::{Compared, Contestant, ModelSummary, TrainingRecord};
use crate::evaluation::{ComparisonDocument, Facts, LearningCurves, Line};
use crate::figures;
use crate::training::{EpochRecord, differences};

/// What the comparison's file says.
#[derive(Serialize)]
struct ComparisonFile<'a> {
    format: &'static str,
    #[serde(flatten)]
    comparison: &'a Compared,
}

/// The figures of a training that are drawn.
type Drawn = (&'static str, fn(&EpochRecord) -> Option<f32>);
const CURVES: [Drawn; 4] = [
    ("Validation accuracy", |epoch| epoch.validation_accuracy),
    ("Validation loss", |epoch| epoch.validation_loss),
    ("CCC of valence, validation", |epoch| epoch.valence_ccc),
    ("CCC of arousal, validation", |epoch| epoch.arousal_ccc),
];

/// The comparison as JSON.
pub(super) fn comparison_file(compared: &Compared) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec_pretty(&ComparisonFile { format: "mien-comparison/1", comparison: compared })
}

/// The comparison as one HTML file.
pub(super) fn comparison_document(compared: &Compared) -> String {
    let models: Vec<&ModelSummary> = compared.contestants.iter().filter_map(|of| of.model.as_ref()).collect();
    let made = |model: &ModelSummary| {
        let record = model.evaluations.iter().find(|of| of.faces.identity == compared.faces.identity);
        record.map(evaluated).unwrap_or_default()
    };
    let training = |model: &ModelSummary| model.training.as_ref().map(trained).unwrap_or_default();
    let tables = [
        Some(costs(&compared.contestants)),
        plans(&models, compared.on_what_trained()),
        side_by_side("Models", &models, |model| of_model(model, None)),
        side_by_side("Trainings", &models, training),
        side_by_side("Evaluations", &models, made),
    ];
    let document = ComparisonDocument {
        title: format!("{} on {}", listed(&compared.contestants), compared.faces.dataset),
        about: compared.about(),
        label_set: &compared.label_set,
        sides: compared.sides(),
        leader: compared.leader,
        warnings: compared.warnings(),
        curves: learning_curves(&compared.contestants),
        tables: tables.into_iter().flatten().collect(),
    };
    document.html()
}

/// "A, B and C".
fn listed(contestants: &[Contestant]) -> String {
    let names: Vec<&str> = contestants.iter().filter(|of| of.model.is_some()).map(|of| of.name.as_str()).collect();
    figures::listed(&names)
}

fn learning_curves(contestants: &[Contestant]) -> Vec<LearningCurves> {
    let trained: Vec<(&str, &TrainingRecord)> =
        contestants.iter().filter_map(|of| Some((of.name.as_str(), of.model.as_ref()?.training.as_ref()?))).collect();
    let curves = CURVES.map(|(title, value)| {
        let point = |epoch: &EpochRecord| Some([epoch.epoch as f32, value(epoch)?]);
        let line = |(name, training): &(&str, &TrainingRecord)| Line {
            name: (*name).into(),
            points: training.history.epochs.iter().filter_map(point).collect(),
        };
        LearningCurves { title, lines: trained.iter().map(line).collect() }
    });
    curves.into_iter().filter(|of| !of.is_empty()).collect()
}

/// What each of them costs.
fn costs(contestants: &[Contestant]) -> Facts {
    let row = |of: &Contestant| {
        let (model, unknown) = (of.model.as_ref(), || "-".to_string());
        let millions = of.multiplications.div_ceil(1_000_000) as usize;
        vec![
            of.name.clone(),
            format!("{:.1} ms", of.milliseconds),
            figures::bytes(of.bytes),
            model.map_or_else(unknown, |model| figures::count(model.parameters)),
            figures::count(millions),
            model.map_or_else(unknown, |model| format!("{} px", model.input_size)),
            model.and_then(|model| model.training.as_ref()).map_or_else(unknown, |training| training.cost()),
        ]
    };
    let heads = ["", "a face", "file", "parameters", "million multiplications", "input", "training"];
    let heads = heads.map(String::from).into();
    Facts { title: "What they cost", lead: "", heads, rows: contestants.iter().map(row).collect() }
}

/// In what the plans of the models differ; `None` where there are not two plans.
fn plans(models: &[&ModelSummary], lead: &'static str) -> Option<Facts> {
    let plans: Vec<_> = models.iter().map(|model| model.plan.as_ref()).collect();
    if plans.iter().flatten().count() < 2 {
        return None;
    }
    let words = |value: Option<String>| value.unwrap_or("-".into());
    let rows = differences(&plans).into_iter().map(|(setting, values)| {
        std::iter::once(setting.label.to_string()).chain(values.into_iter().map(words)).collect()
    });
    Some(Facts { title: "In what their plans differ", lead, heads: heads(models), rows: rows.collect() })
}

/// What is known of each model, name by name; `None` where nothing is.
fn side_by_side(
    title: &'static str,
    models: &[&ModelSummary],
    known: impl Fn(&ModelSummary) -> Known,
) -> Option<Facts> {
    let known: Vec<Known> = models.iter().map(|model| known(model)).collect();
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in known.iter().flatten() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |of: &Known, name: &String| {
        let found = of.iter().find(|(other, _)| other == name);
        found.map_or("-".into(), |(_, value)| value.clone())
    };
    let row = |name: &String| std::iter::once(name.clone()).chain(known.iter().map(|of| value(of, name))).collect();
    let rows: Vec<Vec<String>> = names.iter().map(|name| row(name)).collect();
    (!rows.is_empty()).then(|| Facts { title, lead: "", heads: heads(models), rows })
}

fn heads(models: &[&ModelSummary]) -> Vec<String> {
    std::iter::once(String::new()).chain(models.iter().map(|model| model.name.clone())).collect()
}
