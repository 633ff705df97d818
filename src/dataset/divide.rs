//! Dividing a dataset anew, as a person chose: what belongs together stays together.

use std::collections::HashMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::split::shares;
use super::twins::Sets;
use super::{Dataset, Division, LeftOut, Sample, Split, SplitPlan, Twins};

impl Dataset {
    /// Draws the splits anew: twins, and the faces of one person, are in one split; the shares hold class by class as
    /// nearly as whole groups allow.
    pub(super) fn divide(&mut self, division: &Division, twins: &Twins) {
        let mut sets = Sets::new(self.samples.len());
        for group in &twins.alike {
            group.iter().for_each(|member| sets.join(group[0], *member));
        }
        if let Some(rule) = division.persons {
            let mut first = HashMap::new();
            for (index, sample) in self.samples.iter().enumerate() {
                if let Some(person) = rule.person(sample) {
                    sets.join(*first.entry(person).or_insert(index), index);
                }
            }
        }
        draw(&mut self.samples, sets.all(), self.label_set.len(), &division.plan);
        self.own_splits = false;
    }

    /// Leaves out all but one of every group of twins. The one that stays is the first of the test split, else of the
    /// validation split: what figures are made on stays, and is not trained on.
    pub(super) fn leave_out(&mut self, which: LeftOut, twins: &Twins) {
        let groups = match which {
            LeftOut::Nothing => return,
            LeftOut::Copies => &twins.copies,
            LeftOut::Alike => &twins.alike,
        };
        for group in groups {
            let stays = group.iter().copied().min_by_key(|member| {
                let split = self.samples[*member].split;
                (
                    [Some(Split::Test), Some(Split::Validation)]
                        .iter()
                        .position(|held_out| *held_out == split)
                        .unwrap_or(2),
                    *member,
                )
            });
            for member in group.iter().filter(|member| Some(**member) != stays) {
                self.samples[*member].split = None;
            }
        }
    }
}

/// Gives each group the split that lacks its classes most, the largest groups first, in a seeded order.
///
/// What is made least is the sum over classes of the squared difference between a split's faces and its share of them,
/// relative to the class: as scikit-learn's `StratifiedGroupKFold` goes about it, for splits of unequal shares.
fn draw(samples: &mut [Sample], mut groups: Vec<Vec<usize>>, classes: usize, plan: &SplitPlan) {
    // Faces without a class are a class of their own.
    let class = |sample: &Sample| sample.annotation.class().unwrap_or(classes);
    let mut totals = vec![0.0; classes + 1];
    samples.iter().for_each(|sample| totals[class(sample)] += 1.0);
    let shares = shares(plan);
    let mut lacking = shares.map(|share| totals.iter().map(|total| total * share).collect::<Vec<f64>>());

    groups.shuffle(&mut ChaCha8Rng::seed_from_u64(plan.seed));
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut counts = vec![0.0; classes + 1];
    for group in groups {
        counts.fill(0.0);
        group.iter().for_each(|member| counts[class(&samples[*member])] += 1.0);
        let cost = |split: usize| -> f64 {
            let change =
                |(class, count): (usize, &f64)| count * (count - 2.0 * lacking[split][class]) / totals[class].max(1.0);
            counts.iter().enumerate().filter(|(_, count)| **count > 0.0).map(change).sum()
        };
        let best =
            (0..3).filter(|split| shares[*split] > 0.0).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(0);
        lacking[best].iter_mut().zip(&counts).for_each(|(lacking, count)| *lacking -= count);
        group.iter().for_each(|member| samples[*member].split = Some(Split::ALL[best]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::Annotation;
    use crate::dataset::PersonRule;
    use crate::imaging::Fingerprint;

    /// 400 faces of 40 persons, four classes; the pixels of every 25th repeat those of the one before.
    fn dataset() -> Dataset {
        let face = |i: usize| {
            let pixels = if i.is_multiple_of(25) && i > 0 { i - 1 } else { i };
            let look = Fingerprint { pixels: pixels as u64, ..Fingerprint::default() };
            (Annotation::one_hot(i * 7 % 4, 8), look)
        };
        let mut dataset = Dataset::sample_faces((0..400).map(face).collect(), &SplitPlan::default());
        for (i, sample) in dataset.samples.iter_mut().enumerate() {
            sample.name = format!("faces/P{:02}_{i}.png", i * 13 % 40);
        }
        dataset
    }

    fn twins(dataset: &Dataset) -> Twins {
        Twins::among(&dataset.samples.iter().map(|sample| sample.look).collect::<Vec<_>>())
    }

    #[test]
    fn persons_and_twins_stay_together_and_the_shares_hold() {
        let mut dataset = dataset();
        let twins = twins(&dataset);
        assert_eq!(twins.copies.len(), 15);
        let plan = SplitPlan { validation: 0.2, test: 0.2, seed: 3 };
        dataset.divide(&Division { plan, persons: Some(PersonRule::Prefix) }, &twins);
        let mut split_of = HashMap::new();
        for sample in &dataset.samples {
            let person = PersonRule::Prefix.person(sample).unwrap().to_owned();
            assert_eq!(*split_of.entry(person).or_insert(sample.split), sample.split);
        }
        for group in &twins.alike {
            assert!(group.iter().all(|member| dataset.samples[*member].split == dataset.samples[group[0]].split));
        }
        let size = |split| dataset.indices(split).len();
        let sizes = Split::ALL.map(size);
        assert!(
            sizes[0].abs_diff(240) <= 40 && sizes[1].abs_diff(80) <= 30 && sizes[2].abs_diff(80) <= 30,
            "{sizes:?}"
        );
    }

    #[test]
    fn without_persons_the_shares_hold_class_by_class() {
        let mut dataset = dataset();
        let twins = twins(&dataset);
        let plan = SplitPlan { validation: 0.15, test: 0.15, seed: 3 };
        dataset.divide(&Division { plan, persons: None }, &twins);
        for (split, expected) in Split::ALL.into_iter().zip([70, 15, 15]) {
            for class in 0..4 {
                let of_class = |index: &&usize| dataset.samples[**index].annotation.class() == Some(class);
                let count = dataset.indices(split).iter().filter(of_class).count();
                assert!(count.abs_diff(expected) <= 1, "{split:?} {class}: {count}");
            }
        }
        let first = dataset.clone();
        dataset.divide(&Division { plan: SplitPlan { seed: 4, ..plan }, persons: None }, &twins);
        assert_ne!(first, dataset, "the seed draws");
        dataset.divide(&Division { plan, persons: None }, &twins);
        assert_eq!(first, dataset, "and draws the same again");
    }

    #[test]
    fn of_twins_the_one_in_the_test_split_stays() {
        let mut dataset = dataset();
        let twins = twins(&dataset);
        let splits = [Split::Train, Split::Validation, Split::Test];
        dataset.samples.iter_mut().enumerate().for_each(|(i, sample)| sample.split = Some(splits[i % 3]));
        dataset.leave_out(LeftOut::Copies, &twins);
        // 24 is in train, 25 in validation; 49 in validation, 50 in test; 74 in test, 75 in train.
        let left_out: Vec<usize> = (0..99).filter(|i| dataset.samples[*i].split.is_none()).collect();
        assert_eq!(left_out, [24, 49, 75]);
    }
}
