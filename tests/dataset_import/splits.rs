//! Stratified splits.

use mien::affect::Annotation;
use mien::dataset::{Sample, Split, SplitPlan, assign_splits};
use mien::imaging::Fingerprint;
use proptest::prelude::*;

/// Samples of these classes; `classes` itself stands for no class.
fn samples(labels: &[usize], classes: usize) -> Vec<Sample> {
    let annotation = |label: usize| {
        if label < classes {
            Annotation::one_hot(label, classes)
        } else {
            Annotation { valence: Some(0.0), ..Annotation::default() }
        }
    };
    let sample = |(i, label): (usize, &usize)| Sample {
        name: i.to_string(),
        annotation: annotation(*label),
        person: None,
        split: None,
        look: Fingerprint::default(),
    };
    labels.iter().enumerate().map(sample).collect()
}

fn sizes(samples: &[Sample], keep: impl Fn(&Sample) -> bool) -> [usize; 3] {
    Split::ALL.map(|split| samples.iter().filter(|sample| sample.split == Some(split) && keep(sample)).count())
}

#[test]
fn the_draw_depends_on_the_seed_alone() {
    let labels: Vec<usize> = (0..300).map(|i| i % 4).collect();
    let draw = |seed| {
        let mut samples = samples(&labels, 3);
        assign_splits(&mut samples, &SplitPlan { seed, ..SplitPlan::default() });
        samples.into_iter().map(|sample| sample.split).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

proptest! {
    /// Sizes are within one of the plan's share; a class of three or more is everywhere; so are the unlabelled.
    #[test]
    fn every_class_is_divided_as_planned(
        labels in prop::collection::vec(0..4_usize, 0..400),
        validation in 0.0..0.5_f32,
        test in 0.0..0.5_f32,
        seed: u64,
    ) {
        let plan = SplitPlan { validation, test, seed };
        let mut samples = samples(&labels, 3);
        assign_splits(&mut samples, &plan);
        for class in [Some(0), Some(1), Some(2), None] {
            let sizes = sizes(&samples, |sample| sample.annotation.class() == class);
            let count: usize = sizes.iter().sum();
            let shares = [1.0 - validation - test, validation, test];
            for (size, share) in sizes.into_iter().zip(shares) {
                let wanted = share * count as f32;
                prop_assert!(share <= 1e-6 || count < 3 || size > 0, "{sizes:?} of {count} by {shares:?}");
                prop_assert!((size as f32 - wanted).abs() < 2.01, "{sizes:?} of {count} by {shares:?}");
            }
        }
    }
}
