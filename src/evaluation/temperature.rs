//! One number that makes a model's confidence honest.

use super::Prediction;

/// Between these a temperature is looked for.
const RANGE: (f64, f64) = (0.1, 10.0);

/// The search halves its interval about so often: the temperature is found to seven digits.
const STEPS: u32 = 60;

/// A probability of zero says no more than this.
const LEAST: f64 = 1e-12;

/// The temperature by which logits are to be divided, so that the truth is as likely as can be: temperature scaling (Guo et al.
/// 2017, *On Calibration of Modern Neural Networks*, section 4.2). Above 1 where a model is too sure of itself. `None` where no
/// face has a class and probabilities.
pub fn temperature(predictions: &[Prediction]) -> Option<f64> {
    let said: Vec<(Vec<f64>, usize)> = predictions
        .iter()
        .filter_map(|prediction| {
            let class = prediction.truth.class().filter(|class| *class < prediction.probabilities.len())?;
            Some((prediction.probabilities.iter().map(|p| f64::from(*p).max(LEAST).ln()).collect(), class))
        })
        .collect();
    if said.is_empty() {
        return None;
    }
    let loss = |log_temperature: f64| {
        let sharpness = (-log_temperature).exp();
        said.iter().map(|(logs, class)| surprise(logs, *class, sharpness)).sum::<f64>()
    };
    // In the logarithm of the temperature the loss has one valley: golden-section search.
    let golden = (5.0f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (RANGE.0.ln(), RANGE.1.ln());
    for _ in 0..STEPS {
        let width = golden * (high - low);
        if loss(high - width) < loss(low + width) { high = low + width } else { low = high - width }
    }
    Some(((low + high) / 2.0).exp())
}

/// Minus the logarithm of what a class is given when logits are multiplied.
fn surprise(logs: &[f64], class: usize, sharpness: f64) -> f64 {
    let largest = logs.iter().copied().fold(f64::MIN, f64::max);
    let sum: f64 = logs.iter().map(|log| ((log - largest) * sharpness).exp()).sum();
    sum.ln() - (logs[class] - largest) * sharpness
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::Annotation;
    use crate::dataset::Split;

    fn said(class: usize, probabilities: Vec<f32>) -> Prediction {
        let truth = Annotation::one_hot(class, probabilities.len());
        Prediction {
            sample: 0,
            name: String::new(),
            split: Split::Validation,
            truth,
            probabilities,
            valence: 0.0,
            arousal: 0.0,
        }
    }

    #[test]
    fn who_is_right_seven_times_of_ten_is_to_be_so_sure() {
        let predictions: Vec<Prediction> = (0..10).map(|face| said(usize::from(face >= 7), vec![0.9, 0.1])).collect();
        // ln(0.9 / 0.1) / T = ln(0.7 / 0.3).
        let wanted = 9.0f64.ln() / (7.0f64 / 3.0).ln();
        let found = temperature(&predictions).unwrap();
        assert!((found - wanted).abs() < 1e-5, "{found}, not {wanted}");
    }

    #[test]
    fn what_cannot_be_said_is_not() {
        assert_eq!(temperature(&[]), None);
        let unlabelled = Prediction { truth: Annotation::default(), ..said(0, vec![1.0]) };
        let without_classes = Prediction { probabilities: Vec::new(), ..said(0, vec![1.0]) };
        assert_eq!(temperature(&[unlabelled, without_classes]), None);
        // Always right, and not sure: the sharper the better.
        assert!(temperature(&[said(0, vec![0.6, 0.4])]).unwrap() < 0.11);
        assert!(temperature(&[said(0, vec![0.0, 1.0])]).unwrap() > 9.9);
    }
}
