//! In what plans differ.

use super::{SETTINGS, Setting, TrainingPlan};

/// The settings that are not the same in all of these plans, each with its values in their order. Where a plan is not known,
/// neither is its value.
pub fn differences(plans: &[Option<&TrainingPlan>]) -> Vec<(&'static Setting, Vec<Option<String>>)> {
    let row = |setting: &'static Setting| {
        let values: Vec<_> = plans.iter().map(|plan| plan.and_then(|plan| plan.get(setting.name))).collect();
        values.windows(2).any(|pair| pair[0] != pair[1]).then_some((setting, values))
    };
    SETTINGS.iter().filter_map(row).collect()
}
