//! Losses, their gradients and learning rates against float64 references (tests/golden/make_losses.py).

use burn::tensor::{Device, Tensor, TensorData};
use mien::affect::Annotation;
use mien::models::Output;
use mien::training::{AffectLoss, LearningRate, Losses, Schedule, TrainingPlan, balanced_class_weights};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    losses: Vec<Case>,
    cosine: Vec<Cosine>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    logits: Vec<Vec<f32>>,
    predicted: Vec<Vec<f32>>,
    expression: Vec<Option<Vec<f32>>>,
    affect: Vec<[Option<f32>; 2]>,
    class_weights: Option<Vec<f32>>,
    label_smoothing: f32,
    affect_loss: AffectLoss,
    affect_weight: f32,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    expression: f32,
    affect: f32,
    total: f32,
    logits_gradient: Vec<Vec<f32>>,
    predicted_gradient: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Cosine {
    highest: f64,
    epochs: u32,
    warmup: u32,
    steps_per_epoch: u32,
    rates: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/losses.json")).unwrap()
}

fn matrix(rows: &[Vec<f32>], device: &Device) -> Tensor<2> {
    let data = TensorData::new(rows.concat(), [rows.len(), rows[0].len()]);
    Tensor::from_data(data, device).require_grad()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 2e-5 + 1e-4 * expected.abs(), "{what}: {found} is not {expected}");
    }
}

#[test]
fn losses_and_gradients_are_those_of_the_reference() {
    let device = Device::flex().autodiff();
    for case in golden().losses {
        let (logits, predicted) = (matrix(&case.logits, &device), matrix(&case.predicted, &device));
        let labels = case.expression.iter().zip(&case.affect);
        let annotations: Vec<Annotation> = labels
            .map(|(expression, affect)| Annotation {
                expression: expression.clone(),
                valence: affect[0],
                arousal: affect[1],
            })
            .collect();
        let losses = Losses {
            label_smoothing: case.label_smoothing,
            class_weights: case.class_weights,
            affect_loss: case.affect_loss,
            affect_weight: case.affect_weight,
        };
        let output = Output { logits: Some(logits.clone()), affect: predicted.clone() };
        let annotations: Vec<&Annotation> = annotations.iter().collect();
        let loss = losses.of(&output, &losses.targets(&annotations, case.logits[0].len(), &device));

        let has = |any: bool, loss: &Option<Tensor<1>>, expected: f32, what: &str| {
            assert_eq!(loss.is_some(), any, "{}: {what}", case.name);
            if let Some(loss) = loss {
                close(&values(loss.clone()), &[expected], &format!("{}: {what}", case.name));
            }
        };
        has(case.expression.iter().any(Option::is_some), &loss.expression, case.expected.expression, "expression");
        has(case.affect.iter().flatten().any(Option::is_some), &loss.affect, case.expected.affect, "affect");
        close(&values(loss.total.clone()), &[case.expected.total], &format!("{}: total", case.name));

        if loss.expression.is_none() && loss.affect.is_none() {
            continue;
        }
        let gradients = loss.total.backward();
        for (tensor, expected, what) in [
            (logits, case.expected.logits_gradient.concat(), "gradient of the logits"),
            (predicted, case.expected.predicted_gradient.concat(), "gradient of valence and arousal"),
        ] {
            let found = tensor.grad(&gradients).map_or(vec![0.0; expected.len()], values);
            close(&found, &expected, &format!("{}: {what}", case.name));
        }
    }
}

#[test]
fn a_constant_prediction_of_a_constant_truth_has_no_nan() {
    let device = Device::flex().autodiff();
    let annotation = Annotation { valence: Some(0.5), arousal: Some(0.5), ..Annotation::default() };
    let predicted = Tensor::<2>::full([3, 2], 0.5, &device).require_grad();
    let losses =
        Losses { label_smoothing: 0.0, class_weights: None, affect_loss: AffectLoss::Mixed, affect_weight: 1.0 };
    let targets = losses.targets(&[&annotation; 3], 0, &device);
    let loss = losses.of(&Output { logits: None, affect: predicted.clone() }, &targets);
    assert!(values(loss.total.clone())[0].is_finite());
    assert!(values(predicted.grad(&loss.total.backward()).unwrap()).iter().all(|value| value.is_finite()));
}

/// scikit-learn 1.7: compute_class_weight("balanced", classes=[0, 1, 3], y=[0, 0, 0, 1, 1, 3]) = [2/3, 1, 2].
#[test]
fn balanced_weights_are_those_of_scikit_learn() {
    let annotations: Vec<Annotation> = [0, 0, 0, 1, 1, 3].map(|class| Annotation::one_hot(class, 4)).into();
    close(&balanced_class_weights(annotations.iter(), 4), &[2.0 / 3.0, 1.0, 0.0, 2.0], "balanced");
    assert_eq!(balanced_class_weights([].into_iter(), 2), [0.0, 0.0]);
}

#[test]
fn the_cosine_is_that_of_the_reference() {
    for Cosine { highest, epochs, warmup, steps_per_epoch, rates } in golden().cosine {
        let plan = TrainingPlan { learning_rate: highest, epochs, warmup_epochs: warmup, ..TrainingPlan::default() };
        let rate = LearningRate::new(&plan, steps_per_epoch);
        assert_eq!(rates.len() as u32, epochs * steps_per_epoch);
        for (step, expected) in (0..).zip(&rates) {
            assert!((rate.at(step) - expected).abs() < 1e-12 * highest, "step {step}: {} {expected}", rate.at(step));
        }
    }
}

#[test]
fn the_plateau_waits_three_epochs() {
    let plan = TrainingPlan { learning_rate: 1.0, schedule: Schedule::Plateau, ..TrainingPlan::default() };
    let mut rate = LearningRate::new(&plan, 10);
    let mut rates = Vec::new();
    for improved in [true, false, false, true, false, false, false, false, false, false, true] {
        rate.epoch_ended(improved);
        rates.push(rate.at(5));
    }
    let expected = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.01, 0.01];
    assert!(rates.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{rates:?}");
}
