//! Dividing a dataset: by its own folders where it has such, else stratified by class, seeded.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{Sample, Split, SplitPlan};

/// Gives every sample a split: within each class a seeded draw of the plan's shares, rounded by largest remainder. A
/// class of three samples or more is in every split whose share is not zero. Samples without a class are divided as a
/// group of their own.
pub fn assign_splits(samples: &mut [Sample], plan: &SplitPlan) {
    draw(samples, (0..samples.len()).collect(), plan);
}

/// Uses the data's own splits where they hold something out (validation, test) and leave something to train on: what
/// has no split of its own is for training. A split that is missing is drawn from the training samples. Otherwise all
/// is drawn by the plan. Says which splits were the data's own.
pub(in crate::dataset) fn settle_splits(samples: &mut [Sample], own: &[Option<Split>], plan: &SplitPlan) -> Vec<Split> {
    let is_training = |own: &Option<Split>| own.is_none_or(|split| split == Split::Train);
    if !own.iter().any(is_training) || own.iter().all(is_training) {
        assign_splits(samples, plan);
        return Vec::new();
    }
    for (sample, own) in samples.iter_mut().zip(own) {
        sample.split = Some(own.unwrap_or(Split::Train));
    }
    let training = (0..samples.len()).filter(|index| samples[*index].split == Some(Split::Train)).collect();
    let present: Vec<Split> = Split::ALL.into_iter().filter(|split| own.contains(&Some(*split))).collect();
    let share = |split, planned| if present.contains(&split) { 0.0 } else { planned };
    let missing = SplitPlan {
        validation: share(Split::Validation, plan.validation),
        test: share(Split::Test, plan.test),
        seed: plan.seed,
    };
    draw(samples, training, &missing);
    present
}

/// Divides the samples at `indices`.
fn draw(samples: &mut [Sample], indices: Vec<usize>, plan: &SplitPlan) {
    let classes = indices.iter().filter_map(|i| samples[*i].annotation.class()).max().map_or(0, |class| class + 1);
    let mut groups = vec![Vec::new(); classes + 1];
    for index in indices {
        let group = samples[index].annotation.class().unwrap_or(classes);
        groups[group].push(index);
    }
    let shares = shares(plan);
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
    for mut group in groups {
        group.shuffle(&mut rng);
        let mut members = group.iter();
        for (split, size) in Split::ALL.into_iter().zip(sizes(group.len(), shares)) {
            members.by_ref().take(size).for_each(|index| samples[*index].split = Some(split));
        }
    }
}

/// Shares of train, validation and test: not negative, summing to 1.
pub(in crate::dataset) fn shares(plan: &SplitPlan) -> [f64; 3] {
    let share = |planned: f32, most: f64| if planned.is_nan() { 0.0 } else { f64::from(planned).clamp(0.0, most) };
    let validation = share(plan.validation, 1.0);
    let test = share(plan.test, 1.0 - validation);
    [1.0 - validation - test, validation, test]
}

/// Divides `count` by largest remainder (the earlier split first where remainders are equal), so that with three or
/// more no split of a positive share stays empty.
fn sizes(count: usize, shares: [f64; 3]) -> [usize; 3] {
    // Shares that sum to 1 in f32 leave crumbs in f64: those are no shares.
    const CRUMB: f64 = 1e-6;
    let wanted = shares.map(|share| if share < CRUMB { 0.0 } else { share * count as f64 });
    let mut sizes = wanted.map(|size| (size + CRUMB) as usize);
    let remainder = |split: &usize| wanted[*split] - (wanted[*split] + CRUMB).floor();
    let mut order: Vec<usize> = (0..3).filter(|split| wanted[*split] > 0.0).collect();
    order.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)));
    let left = count.saturating_sub(sizes.iter().sum());
    order.iter().cycle().take(left).for_each(|split| sizes[*split] += 1);
    if count >= order.len() {
        for empty in order {
            if sizes[empty] == 0 {
                let largest = (0..3).rev().max_by_key(|split| sizes[*split]).unwrap_or(0);
                sizes[largest] -= 1;
                sizes[empty] += 1;
            }
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_largest_remainders() {
        let usual = [0.7, 0.15, 0.15];
        for (count, expected) in [
            (0, [0, 0, 0]),
            (1, [1, 0, 0]),
            (2, [2, 0, 0]),
            (3, [1, 1, 1]),
            (4, [2, 1, 1]),
            (10, [7, 2, 1]),
            (100, [70, 15, 15]),
            (101, [71, 15, 15]),
            (103, [72, 16, 15]),
        ] {
            assert_eq!(sizes(count, usual), expected, "{count}");
        }
        assert_eq!(sizes(100, [0.0, 0.5, 0.5]), [0, 50, 50]);
        assert_eq!(sizes(5, [1.0, 0.0, 0.0]), [5, 0, 0]);
        assert_eq!(sizes(3, [0.98, 0.01, 0.01]), [1, 1, 1]);
    }

    #[test]
    fn any_plan_gives_every_sample_a_place() {
        for (validation, test) in
            [(0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (f32::NAN, 0.2), (-1.0, 3.0), (0.9, 0.9), (0.3, 0.7)]
        {
            let shares = shares(&SplitPlan { validation, test, seed: 0 });
            for count in 0..200 {
                assert_eq!(sizes(count, shares).iter().sum::<usize>(), count, "{validation} {test} {count}");
            }
        }
    }
}
