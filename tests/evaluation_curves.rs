//! Curves to draw, against scikit-learn's (`golden/make_metrics.py`).
#![cfg(feature = "engine")]

use mien::affect::{Annotation, LabelSet};
use mien::dataset::Split;
use mien::evaluation::{CURVE_POINTS, ClassCurves, Prediction, argmax, average_precision, curves, ece};
use mien::evaluation::{precision_recall_curve, reliability, roc_auc, roc_curve};
use proptest::prelude::*;
use serde_json::Value;

/// True classes and rows of probabilities, of those samples that have a class.
struct Scored {
    truth: Vec<usize>,
    rows: Vec<Vec<f32>>,
}

impl Scored {
    fn of(case: &Value) -> Scored {
        let numbers = |row: &Value| -> Vec<f32> {
            row.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
        };
        let class = |truth: &Value| match truth {
            Value::Null => None,
            Value::Array(_) => argmax(&numbers(truth)),
            class => Some(class.as_u64().unwrap() as usize),
        };
        let samples = case["truth"].as_array().unwrap().iter().zip(case["weights"].as_array().unwrap());
        let row = |weights: &Value| -> Vec<f32> { numbers(weights).iter().map(|weight| weight / 1024.0).collect() };
        let (truth, rows) = samples.filter_map(|(truth, weights)| Some((class(truth)?, row(weights)))).unzip();
        Scored { truth, rows }
    }

    fn rows(&self) -> Vec<&[f32]> {
        self.rows.iter().map(Vec::as_slice).collect()
    }

    fn one_against_rest(&self, class: usize) -> (Vec<bool>, Vec<f32>) {
        let positive = self.truth.iter().map(|truth| *truth == class);
        positive.zip(self.rows.iter().map(|row| row[class])).unzip()
    }

    fn predictions(&self, classes: usize) -> Vec<Prediction> {
        let prediction = |(sample, (truth, row)): (usize, (&usize, &Vec<f32>))| Prediction {
            sample,
            name: sample.to_string(),
            split: Split::Test,
            truth: Annotation::one_hot(*truth, classes),
            probabilities: row.clone(),
            valence: 0.0,
            arousal: 0.0,
        };
        self.truth.iter().zip(&self.rows).enumerate().map(prediction).collect()
    }
}

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("golden/metrics.json")).unwrap()
}

/// `None` is no points.
fn assert_points(found: Option<Vec<[f64; 2]>>, reference: &Value, place: &str) {
    let found = found.unwrap_or_default();
    let reference = reference.as_array().unwrap();
    assert_eq!(found.len(), reference.len(), "{place}: {found:?} for {reference:?}");
    for (i, (point, expected)) in found.iter().zip(reference).enumerate() {
        for axis in 0..2 {
            let expected = expected[axis].as_f64().unwrap();
            assert!((point[axis] - expected).abs() < 1e-6, "{place}, point {i}: {point:?} for {expected}");
        }
    }
}

#[test]
fn curves_have_the_points_of_the_reference() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| !case["curves"].is_null()) {
        let scored = Scored::of(case);
        for (class, reference) in case["curves"].as_array().unwrap().iter().enumerate() {
            let (positive, scores) = scored.one_against_rest(class);
            let place = |curve| format!("{}, class {class}, {curve}", case["name"]);
            assert_points(roc_curve(&positive, &scores), &reference["roc"], &place("ROC"));
            let precision_recall = precision_recall_curve(&positive, &scores);
            assert_points(precision_recall, &reference["precision_recall"], &place("precision-recall"));
            compared += 1;
        }
    }
    assert_eq!(compared, 41);
}

#[test]
fn bins_of_confidence_are_those_of_the_reference() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| !case["reliability"].is_null()) {
        let scored = Scored::of(case);
        let bins = reliability(&scored.truth, &scored.rows());
        assert_eq!(bins.iter().map(|bin| bin.samples).sum::<u64>(), scored.truth.len() as u64);
        let filled: Vec<_> = (0..).zip(&bins).filter(|(_, bin)| bin.samples > 0).collect();
        let reference = case["reliability"].as_array().unwrap();
        assert_eq!(filled.len(), reference.len(), "{}", case["name"]);
        for ((place, bin), expected) in filled.into_iter().zip(reference) {
            assert_eq!(
                (place, bin.samples),
                (expected["bin"].as_u64().unwrap(), expected["samples"].as_u64().unwrap())
            );
            for (figure, expected) in [(bin.confidence, &expected["confidence"]), (bin.accuracy, &expected["accuracy"])]
            {
                assert!((figure.unwrap() - expected.as_f64().unwrap()).abs() < 1e-9, "{}, bin {place}", case["name"]);
            }
            compared += 1;
        }
        let gaps = bins.iter().filter_map(|bin| Some(bin.samples as f64 * (bin.accuracy? - bin.confidence?).abs()));
        let expected = gaps.sum::<f64>() / scored.truth.len() as f64;
        assert!((ece(&scored.truth, &scored.rows()).unwrap() - expected).abs() < 1e-12);
    }
    assert!(compared > 100);
}

#[test]
fn what_is_drawn_is_short_and_has_the_area_that_is_reported() {
    // Every score its own, so that the curves have as many points as samples.
    let score = |sample: u64| (sample.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32 / (1u64 << 24) as f32;
    let scores: Vec<f32> = (0..20_000).map(score).collect();
    let positive: Vec<bool> = (0..20_000).map(|sample| score(sample + 70_000) < score(sample).powi(2)).collect();
    let drawn = ClassCurves::new("any", &positive, &scores);
    let area = |points: &[[f32; 2]]| -> f64 {
        let slice = |[a, b]: [[f32; 2]; 2]| f64::from(b[0] - a[0]) * f64::from(a[1] + b[1]) / 2.0;
        points.windows(2).map(|ends| slice([ends[0], ends[1]])).sum()
    };
    assert!(drawn.roc.len() <= CURVE_POINTS && drawn.precision_recall.len() <= CURVE_POINTS);
    assert!((area(&drawn.roc) - roc_auc(&positive, &scores).unwrap()).abs() < 2e-3);
    assert!((area(&drawn.precision_recall) - average_precision(&positive, &scores).unwrap()).abs() < 5e-3);
}

#[test]
fn a_split_has_a_curve_for_every_class() {
    let cases = cases();
    let case = cases.iter().find(|case| case["name"] == "a class absent from the truth").unwrap();
    let label_set = LabelSet::affectnet8();
    let mut predictions = Scored::of(case).predictions(8);
    let of_split = curves(&label_set, Split::Test, &predictions);
    assert_eq!(
        of_split.classes.iter().map(|of| &of.class).collect::<Vec<_>>(),
        label_set.classes().iter().collect::<Vec<_>>()
    );
    let empty: Vec<usize> = (0..8).filter(|class| of_split.classes[*class].roc.is_empty()).collect();
    assert_eq!(empty, [3, 7], "these do not occur");
    assert_eq!(curves(&label_set, Split::Train, &predictions), Default::default());
    predictions[0].probabilities[1] = f32::NAN;
    assert_eq!(curves(&label_set, Split::Test, &predictions), Default::default());
}

proptest! {
    #[test]
    fn curves_run_from_corner_to_corner_and_never_back(samples in prop::collection::vec((any::<bool>(), 0u8..20), 0..60)) {
        let (positive, scores): (Vec<bool>, Vec<f32>) = samples.into_iter().map(|(p, s)| (p, f32::from(s))).unzip();
        let both = positive.contains(&true) && positive.contains(&false);
        let roc = roc_curve(&positive, &scores);
        prop_assert_eq!(roc.is_some(), both);
        if let Some(roc) = roc {
            prop_assert_eq!((roc[0], roc[roc.len() - 1]), ([0.0; 2], [1.0; 2]));
            prop_assert!(roc.windows(2).all(|ends| ends[0][0] <= ends[1][0] && ends[0][1] <= ends[1][1]));
            let slices = roc.windows(2).map(|ends| (ends[1][0] - ends[0][0]) * (ends[0][1] + ends[1][1]) / 2.0);
            prop_assert!((slices.sum::<f64>() - roc_auc(&positive, &scores).unwrap()).abs() < 1e-9);
        }
        let curve = precision_recall_curve(&positive, &scores);
        prop_assert_eq!(curve.is_some(), positive.contains(&true));
        if let Some(curve) = curve {
            prop_assert!(curve.windows(2).all(|ends| ends[0][0] <= ends[1][0]));
            let steps = curve.windows(2).map(|ends| (ends[1][0] - ends[0][0]) * ends[1][1]);
            prop_assert!((steps.sum::<f64>() - average_precision(&positive, &scores).unwrap()).abs() < 1e-9);
        }
    }
}
