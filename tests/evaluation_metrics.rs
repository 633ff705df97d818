//! Every figure of a report against scikit-learn, SciPy and NumPy (`golden/make_metrics.py`).
#![cfg(feature = "engine")]

use mien::affect::{Annotation, LabelSet};
use mien::dataset::Split;
use mien::evaluation::{ConfusionMatrix, Intervals, mae, pearson, rmse, sagr};
use mien::evaluation::{
    Prediction, Report, accuracy, argmax, average_precision, brier, ccc, ece, evaluate, measure, reliability, roc_auc,
    top2,
};
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
    take_intervals(&mut report);
    report
}

/// The intervals of the report, by part: those that are there.
fn intervals(report: &Report) -> Value {
    take_intervals(&mut serde_json::to_value(report).unwrap())
}

fn take_intervals(report: &mut Value) -> Value {
    let take = |metrics: &mut Value| {
        let mut intervals = metrics.as_object_mut().unwrap().remove("intervals").unwrap();
        intervals.as_object_mut().unwrap().retain(|_, interval| !interval.is_null());
        intervals
    };
    let mut taken = serde_json::Map::new();
    for part in ["expression", "valence", "arousal"] {
        if report[part].is_null() {
            continue;
        }
        let mut intervals = take(&mut report[part]);
        if let Some(Value::Array(classes)) = report[part].get_mut("classes") {
            intervals["classes"] = classes.iter_mut().map(take).collect();
        }
        taken.insert(part.into(), intervals);
    }
    taken.into()
}

/// Every interval in this part of a report, and where it stands.
fn listed(intervals: &Value, place: &str) -> Vec<(String, [f64; 2])> {
    match intervals {
        Value::Object(ends) if ends.contains_key("low") => {
            vec![(place.into(), ["low", "high"].map(|end| ends[end].as_f64().unwrap()))]
        }
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| listed(value, &format!("{place}/{key}"))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, value)| listed(value, &format!("{place}/{i}"))).collect()
        }
        _ => Vec::new(),
    }
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
    for case in cases().iter().filter(|case| case.intervals != serde_json::json!({})) {
        let intervals = intervals(&case.report(7));
        for (place, found) in listed(&intervals, "") {
            let reference = case.intervals.pointer(&place);
            let reference = reference.unwrap_or_else(|| panic!("{}: no reference for {place}", case.name));
            for (end, value) in ["low", "high"].into_iter().zip(found) {
                let [least, most] = [0, 1].map(|i| reference[end][i].as_f64().unwrap());
                let within = least - 1e-6 <= value && value <= most + 1e-6;
                assert!(within, "{}, {place}, {end}: {value}, the reference says {least} to {most}", case.name);
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 246);
}

/// A calibration error, by contrast, is smaller than that of nearly all its resamples where the model is well calibrated.
#[test]
fn an_interval_holds_its_figure_where_that_is_a_mean() {
    for case in cases().iter().filter(|case| case.predictions.len() >= 40) {
        let report = case.report(3);
        let (figures, intervals) = (figures(&report), intervals(&report));
        let means = ["expression/accuracy", "expression/top2", "expression/brier", "valence/ccc", "arousal/mae"];
        for place in means.map(|mean| format!("/{mean}")) {
            let Some(figure) = figures.pointer(&place) else { continue };
            let (figure, interval) = (figure.as_f64().unwrap(), intervals.pointer(&place).unwrap());
            let [low, high] = ["low", "high"].map(|end| interval[end].as_f64().unwrap());
            let inside = low - 1e-12 <= figure && figure <= high + 1e-12;
            assert!(inside, "{}, {place}: {figure} is not in {interval}", case.name);
        }
    }
}

#[test]
fn every_figure_that_is_defined_has_an_interval() {
    for case in cases().iter().filter(|case| case.predictions.len() > 1) {
        let report = serde_json::to_value(case.report(2)).unwrap();
        let parts = ["expression", "valence", "arousal"].map(|part| &report[part]);
        let classes = parts[0]["classes"].as_array().into_iter().flatten();
        for part in parts.into_iter().chain(classes).filter(|part| !part.is_null()) {
            for (figure, interval) in part["intervals"].as_object().unwrap() {
                let defined = part[figure].is_number();
                assert_eq!(defined, interval.is_object(), "{}: {figure} of {part}", case.name);
            }
        }
    }
}

#[test]
fn a_report_in_steps_is_the_report_at_once() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "labels missing here and there").unwrap();
    let mut report = measure(&case.label_set, Split::Test, &case.predictions);
    assert!(listed(&intervals(&report), "").is_empty());
    let mut under_way = Intervals::new(&case.label_set, Split::Test, &case.predictions, 9);
    let mut progress = vec![under_way.progress()];
    while under_way.step() {
        progress.push(under_way.progress());
    }
    assert!(progress[0] == 0.0 && progress.is_sorted() && under_way.progress() == 1.0);
    under_way.finish(&mut report);
    assert_eq!(report, case.report(9));
}

/// The same on every machine, browsers included, and in every version, or files that were written before cannot be repeated.
#[test]
fn a_seed_gives_these_very_intervals() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "labels missing here and there").unwrap();
    let intervals = intervals(&case.report(1));
    let ends = |place: &str| ["low", "high"].map(|end| intervals.pointer(place).unwrap()[end].as_f64().unwrap());
    assert_eq!(ends("/expression/f1_macro"), [0.3459178321678322, 0.5977272727272728]);
    assert_eq!(ends("/valence/ccc"), [0.6618614250900238, 0.8706017548737746]);
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
        assert!(listed(&intervals(&case.report(1)), "").is_empty(), "{}", case.name);
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
        for figure in
            ["accuracy", "top2", "kappa", "f1_macro", "roc_auc_macro", "average_precision_macro", "ece", "brier"]
        {
            assert_eq!(json["expression"][figure], Value::Null, "{figure} of {poison}");
        }
        for figure in ["rmse", "mae", "pearson", "ccc"] {
            assert_eq!(json["valence"][figure], Value::Null, "{figure} of {poison}");
        }
        assert_eq!(json["valence"]["sagr"].is_null(), poison.is_nan());
        let intervals = intervals(&report);
        assert_eq!(listed(&intervals["expression"], ""), []);
        assert_eq!(intervals["valence"].get("ccc"), None);
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
    let figures = [accuracy(&[], &[]), top2(&[], &[]), ece(&[], &[]), brier(&[], &[])];
    assert_eq!(figures, [None; 4]);
    assert_eq!([roc_auc(&[], &[]), average_precision(&[], &[])], [None; 2]);
    assert!(reliability(&[], &[]).iter().all(|bin| (bin.samples, bin.confidence, bin.accuracy) == (0, None, None)));
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
