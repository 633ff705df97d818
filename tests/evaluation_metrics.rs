//! Every figure of a report against scikit-learn, SciPy and NumPy (`golden/make_metrics.py`).
#![cfg(feature = "engine")]

use mien::affect::{Annotation, LabelSet};
use mien::dataset::Split;
use mien::evaluation::{ConfusionMatrix, mae, pearson, rmse, sagr};
use mien::evaluation::{Interval, Prediction, Report, accuracy, argmax, brier, ccc, ece, evaluate, roc_auc, top2};
use serde_json::Value;

/// One made-up evaluation and what the reference says about it.
struct Case {
    name: String,
    label_set: LabelSet,
    predictions: Vec<Prediction>,
    figures: Value,
    intervals: Value,
}

impl Case {
    fn report(&self, seed: u64) -> Report {
        evaluate(&self.label_set, Split::Test, &self.predictions, seed)
    }
}

fn cases() -> Vec<Case> {
    let golden: Vec<Value> = serde_json::from_str(include_str!("golden/metrics.json")).unwrap();
    golden.iter().map(case).collect()
}

fn case(golden: &Value) -> Case {
    let classes = golden["classes"].as_u64().unwrap() as usize;
    let number = |value: &Value| value.as_f64().map(|number| number as f32);
    let prediction = |sample: usize| {
        let expression = match &golden["truth"][sample] {
            Value::Null => None,
            Value::Array(votes) => Some(votes.iter().filter_map(number).collect()),
            class => Annotation::one_hot(class.as_u64().unwrap() as usize, classes).expression,
        };
        let [valence, arousal] = ["valence", "arousal"].map(|axis| &golden[axis][sample]);
        Prediction {
            sample,
            name: format!("{sample}.png"),
            split: Split::Test,
            truth: Annotation { expression, valence: number(&valence[0]), arousal: number(&arousal[0]) },
            probabilities: golden["weights"][sample]
                .as_array()
                .unwrap()
                .iter()
                .map(|w| number(w).unwrap() / 1024.0)
                .collect(),
            valence: number(&valence[1]).unwrap(),
            arousal: number(&arousal[1]).unwrap(),
        }
    };
    Case {
        name: golden["name"].as_str().unwrap().into(),
        label_set: LabelSet::custom("golden", (0..classes).map(|class| format!("class {class}"))),
        predictions: (0..golden["truth"].as_array().unwrap().len()).map(prediction).collect(),
        figures: golden["figures"].clone(),
        intervals: golden["intervals"].clone(),
    }
}

/// Fails unless both have the same shape, nulls in the same places, and numbers within `1e-9`.
fn assert_same(actual: &Value, expected: &Value, place: &str) {
    match (actual, expected) {
        (Value::Object(a), Value::Object(e)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), e.keys().collect::<Vec<_>>(), "{place}");
            a.iter().for_each(|(key, value)| assert_same(value, &e[key], &format!("{place}, {key}")));
        }
        (Value::Array(a), Value::Array(e)) => {
            assert_eq!(a.len(), e.len(), "{place}");
            a.iter().zip(e).enumerate().for_each(|(i, (a, e))| assert_same(a, e, &format!("{place}[{i}]")));
        }
        (Value::Number(a), Value::Number(e)) => {
            let (a, e) = (a.as_f64().unwrap(), e.as_f64().unwrap());
            assert!((a - e).abs() <= 1e-9, "{place}: {a}, the reference says {e}");
        }
        _ => assert_eq!(actual, expected, "{place}"),
    }
}

/// The report without what the reference file holds elsewhere: the intervals, the label set and the split.
fn figures(report: &Report) -> Value {
    let mut report = serde_json::to_value(report).unwrap();
    let fields = report.as_object_mut().unwrap();
    fields.remove("label_set");
    fields.remove("split");
    for part in ["expression", "valence", "arousal"] {
        if let Some(part) = fields[part].as_object_mut() {
            part.retain(|figure, _| !figure.ends_with("_interval"));
        }
    }
    report
}

fn intervals(report: &Report) -> [(&'static str, Option<Interval>); 4] {
    let expression = report.expression.as_ref();
    [
        ("accuracy", expression.and_then(|e| e.accuracy_interval)),
        ("f1_macro", expression.and_then(|e| e.f1_macro_interval)),
        ("valence_ccc", report.valence.and_then(|v| v.ccc_interval)),
        ("arousal_ccc", report.arousal.and_then(|a| a.ccc_interval)),
    ]
}

#[test]
fn every_figure_is_the_reference_figure() {
    let cases = cases();
    assert!(cases.len() >= 30);
    for case in cases {
        assert_same(&figures(&case.report(1)), &case.figures, &case.name);
    }
}

#[test]
fn intervals_are_those_of_the_same_design_in_numpy() {
    let mut compared = 0;
    for case in cases() {
        let report = case.report(7);
        for (figure, interval) in intervals(&report) {
            let Some(reference) = case.intervals.get(figure) else { continue };
            let interval = interval.unwrap_or_else(|| panic!("{}: no interval of {figure}", case.name));
            for (end, value) in [("low", interval.low), ("high", interval.high)] {
                let [least, most] = [0, 1].map(|i| reference[end][i].as_f64().unwrap());
                let within = least - 1e-9 <= value && value <= most + 1e-9;
                assert!(within, "{}, {figure}, {end}: {value}, the reference says {least} to {most}", case.name);
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 14);
}

#[test]
fn an_interval_of_accuracy_or_ccc_holds_its_figure() {
    for case in cases().iter().filter(|case| case.predictions.len() >= 40) {
        let report = case.report(3);
        let expression = report.expression.as_ref();
        let accuracy = expression.map(|e| (e.accuracy, e.accuracy_interval));
        let affect = [report.valence, report.arousal].into_iter().flatten().map(|a| (a.ccc, a.ccc_interval));
        for (figure, interval) in accuracy.into_iter().chain(affect) {
            let (figure, interval) = (figure.unwrap(), interval.unwrap());
            let inside = interval.low - 1e-12 <= figure && figure <= interval.high + 1e-12;
            assert!(inside, "{}: {figure} is not in {interval:?}", case.name);
        }
    }
}

#[test]
fn the_seed_decides_the_intervals_and_nothing_else() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "imbalanced, 8 classes").unwrap();
    assert_eq!(case.report(5), case.report(5));
    assert_ne!(intervals(&case.report(5)), intervals(&case.report(6)));
    assert_eq!(figures(&case.report(5)), figures(&case.report(6)));
}

#[test]
fn one_sample_has_no_interval() {
    for case in cases().iter().filter(|case| case.predictions.len() == 1) {
        assert!(intervals(&case.report(1)).iter().all(|(_, interval)| interval.is_none()), "{}", case.name);
    }
}

#[test]
fn only_the_split_asked_for_counts() {
    let mut case = cases().swap_remove(0);
    let alone = case.report(1);
    let other = case.predictions.iter().take(50).cloned().map(|p| Prediction { split: Split::Train, ..p });
    case.predictions.extend(other.collect::<Vec<_>>());
    assert_eq!(case.report(1), alone);
    assert_eq!(evaluate(&case.label_set, Split::Train, &case.predictions, 1).samples, 50);
    let nothing = evaluate(&case.label_set, Split::Validation, &case.predictions, 1);
    assert_eq!((nothing.samples, nothing.expression, nothing.valence), (0, None, None));
}

/// Training that diverged predicts NaN: the report says so by having no figures, and does not invent any.
#[test]
fn numbers_that_are_none_make_figures_that_are_none() {
    let cases = cases();
    for poison in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let case = cases.iter().find(|case| case.name == "labels missing here and there").unwrap();
        let mut predictions = case.predictions.clone();
        predictions.iter_mut().for_each(|p| (p.probabilities[2], p.valence) = (poison, poison));
        let report = evaluate(&case.label_set, Split::Test, &predictions, 1);
        let json = figures(&report);
        assert_eq!(json["expression"]["samples"], case.figures["expression"]["samples"]);
        for figure in ["accuracy", "top2", "kappa", "f1_macro", "roc_auc_macro", "ece", "brier"] {
            assert_eq!(json["expression"][figure], Value::Null, "{figure} of {poison}");
        }
        for figure in ["rmse", "mae", "pearson", "ccc"] {
            assert_eq!(json["valence"][figure], Value::Null, "{figure} of {poison}");
        }
        assert_eq!(json["valence"]["sagr"].is_null(), poison.is_nan());
        assert_eq!(report.valence.unwrap().ccc_interval, None);
        assert_same(&json["arousal"], &case.figures["arousal"], "arousal is sound");
    }
}

#[test]
fn predictions_over_other_classes_are_not_counted() {
    let case = cases().swap_remove(0);
    let mut predictions = case.predictions.clone();
    predictions[0].probabilities.push(0.0);
    predictions[1].truth = Annotation::one_hot(7, 8);
    predictions[2].probabilities.clear();
    let report = evaluate(&case.label_set, Split::Test, &predictions, 1);
    assert_eq!(report.expression.unwrap().samples, case.predictions.len() as u64 - 3);
}

#[test]
fn of_nothing_nothing_is_defined() {
    let figures = [accuracy(&[], &[]), top2(&[], &[]), roc_auc(&[], &[]), ece(&[], &[]), brier(&[], &[])];
    assert_eq!(figures, [None; 5]);
    assert_eq!([rmse, mae, pearson, ccc, sagr].map(|figure| figure(&[], &[])), [None; 5]);
    let empty = ConfusionMatrix::empty(3);
    assert_eq!([empty.accuracy(), empty.kappa(), empty.f1_macro(), empty.f1_weighted()], [None; 4]);
    assert_eq!(argmax(&[]), None);
}

#[test]
fn a_column_that_stands_still_leaves_no_residue() {
    for (value, samples) in [(0.1, 3), (0.3, 999), (-0.7, 3511), (1e-30, 7)] {
        let (still, moving) = (vec![value; samples], (0..samples).map(|i| i as f32).collect::<Vec<_>>());
        assert_eq!([pearson(&still, &moving), pearson(&moving, &still), ccc(&still, &still)], [None; 3]);
        assert_eq!(ccc(&still, &moving), Some(0.0));
    }
}

#[test]
fn slices_give_what_the_report_gives() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "soft labels, with ties").unwrap();
    let truth: Vec<usize> = case.predictions.iter().map(|p| p.truth.class().unwrap()).collect();
    let predicted: Vec<usize> = case.predictions.iter().map(|p| argmax(&p.probabilities).unwrap()).collect();
    let expected = case.figures["expression"]["accuracy"].as_f64().unwrap();
    assert!((accuracy(&truth, &predicted).unwrap() - expected).abs() < 1e-12);
}
