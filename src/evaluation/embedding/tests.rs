//! Against scikit-learn (`tests/golden/make_embedding.py`) and against finite differences.

use serde_json::Value;

use super::{Features, Pca, Principal, Tsne};

fn golden(part: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_str(include_str!("../../../tests/golden/embedding.json")).unwrap();
    golden[part].as_array().unwrap().clone()
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn rows(list: &Value) -> Vec<Vec<f64>> {
    list.as_array().unwrap().iter().map(numbers).collect()
}

fn points(list: &Value) -> Vec<[f64; 2]> {
    rows(list).iter().map(|row| [row[0], row[1]]).collect()
}

fn features(case: &Value) -> Features {
    let values = numbers(&case["features"]).into_iter().map(|value| value as f32).collect();
    Features::new(values, case["width"].as_u64().unwrap() as usize).unwrap()
}

fn principal(features: Features, components: usize) -> Principal {
    let mut pca = Pca::new(features, components, 1);
    while pca.step() {}
    pca.finish()
}

fn assert_close(found: &[f64], expected: &[f64], within: f64, place: &str) {
    assert_eq!(found.len(), expected.len(), "{place}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= within, "{place}, {i}: {a}, the reference says {b}");
    }
}

#[test]
fn components_are_those_of_the_reference() {
    for case in golden("pca") {
        let name = case["name"].as_str().unwrap();
        let expected = rows(&case["components"]);
        let found = principal(features(&case), expected.len());
        assert_eq!(found, principal(features(&case), expected.len()), "the same seed, the same numbers");
        assert_close(&found.variances, &numbers(&case["variances"]), 1e-5, name);
        assert_close(&found.shares.unwrap(), &numbers(&case["shares"]), 1e-6, name);
        let scores = rows(&case["scores"]);
        for (place, (found_component, expected)) in found.components.iter().zip(&expected).enumerate() {
            let sign = found_component.iter().zip(expected).map(|(a, b)| a * b).sum::<f64>().signum();
            let turned: Vec<f64> = expected.iter().map(|entry| sign * entry).collect();
            assert_close(found_component, &turned, 2e-6, name);
            let expected: Vec<f64> = scores.iter().map(|row| sign * row[place]).collect();
            let found: Vec<f64> = found.scores.iter().map(|row| row[place]).collect();
            assert_close(&found, &expected, 2e-5, name);
        }
    }
}

#[test]
fn joint_probabilities_are_those_of_the_reference() {
    for case in golden("tsne") {
        let perplexity = case["perplexity"].as_f64().unwrap();
        let mut tsne = Tsne::starting(features(&case), points(&case["start"]), perplexity);
        while tsne.divergence().is_none() {
            tsne.step();
        }
        let rows = case["rows"].as_u64().unwrap() as usize;
        let found: Vec<f64> =
            (0..rows).flat_map(|i| (i + 1..rows).map(move |j| (i, j))).map(|(i, j)| tsne.affinity(i, j)).collect();
        let expected = numbers(&case["joint"]);
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() <= 1e-8 + 2e-4 * b, "{a}, the reference says {b}");
        }
        assert!((2.0 * found.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn the_descent_takes_the_steps_of_the_reference() {
    for case in golden("tsne") {
        let perplexity = case["perplexity"].as_f64().unwrap();
        let mut tsne = Tsne::starting(features(&case), points(&case["start"]), perplexity);
        while tsne.divergence().is_none() {
            tsne.step();
        }
        (0..5).for_each(|_| assert!(tsne.step()));
        let expected = points(&case["after_5"]);
        let size = expected.iter().flatten().fold(0.0, |size: f64, x| size.max(x.abs()));
        for (found, expected) in tsne.points().iter().zip(&expected) {
            assert_close(found, expected, 1e-3 * size, case["name"].as_str().unwrap());
        }
    }
}

#[test]
fn the_divergence_ends_where_the_reference_ends() {
    for case in golden("tsne") {
        let features = features(&case);
        let start = principal(features.clone(), 2);
        let mut tsne = Tsne::new(features, &start, case["perplexity"].as_f64().unwrap());
        let mut progress = vec![tsne.progress()];
        while tsne.step() {
            progress.push(tsne.progress());
        }
        assert!(progress.is_sorted() && tsne.progress() == 1.0 && !tsne.step());
        let (found, expected) = (tsne.divergence().unwrap(), case["divergence"].as_f64().unwrap());
        assert!(found < 1.05 * expected, "{}: {found}, the reference says {expected}", case["name"]);
    }
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    let case = &golden("tsne")[1];
    let start = points(&case["start"]).into_iter().map(|point| point.map(|x| x * 1e4)).collect();
    let mut tsne = Tsne::starting(features(case), start, 8.0);
    while tsne.divergence().is_none() {
        tsne.step();
    }
    let gradient = tsne.gradient(1.0);
    for (row, gradient) in gradient.iter().enumerate().step_by(7) {
        for (axis, expected) in gradient.iter().enumerate() {
            let mut shifted = |by: f64| {
                tsne.points[row][axis] += by;
                let divergence = tsne.divergence().unwrap();
                tsne.points[row][axis] -= by;
                divergence
            };
            let slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            assert!((slope - expected).abs() < 1e-7, "row {row}: {slope}, not {expected}");
        }
    }
}

#[test]
fn what_has_no_direction_has_no_components() {
    assert_eq!(Features::new(vec![1.0; 5], 2), None);
    assert_eq!(Features::new(vec![1.0; 4], 0), None);
    assert_eq!(Features::new(vec![1.0, f32::NAN], 2), None);
    let still = principal(Features::new(vec![0.7; 12], 3).unwrap(), 2);
    assert_eq!((still.shares, still.variances), (None, vec![0.0; 2]));
    assert!(still.scores.iter().flatten().all(|score| *score == 0.0));
    let one = principal(Features::new(vec![0.7, 0.1, 3.0], 3).unwrap(), 2);
    assert_eq!((one.scores, one.variances), (vec![vec![0.0; 2]], vec![0.0; 2]));
    let none = principal(Features::new(vec![], 3).unwrap(), 2);
    assert!(none.scores.is_empty());
    let line = principal(Features::new(vec![0.0, 0.0, 1.0, 2.0, 2.0, 4.0], 2).unwrap(), 5);
    assert_close(&line.shares.unwrap(), &[1.0, 0.0], 1e-9, "a line");
}

#[test]
fn few_samples_and_samples_that_are_alike_have_finite_places() {
    let alike: Vec<f32> = (0..40).map(|i| if i < 20 { 0.0 } else { 1.0 }).collect();
    for values in [vec![], vec![1.0; 2], vec![0.5, 1.0, 2.0, 0.0], vec![0.3; 40], alike] {
        let features = Features::new(values, 2).unwrap();
        let start = principal(features.clone(), 2);
        let mut tsne = Tsne::new(features.clone(), &start, 30.0);
        while tsne.step() {}
        assert_eq!(tsne.points().len(), features.rows());
        assert!(tsne.points().iter().flatten().all(|x| x.is_finite()), "{:?}", tsne.points());
    }
}
