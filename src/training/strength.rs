//! How strongly training varies images, in a word.

use super::{Group, PlanError, SETTINGS, Setting, TrainingPlan};
use crate::choice::choice;

choice! {
    /// A strength of augmentation to begin with.
    Strength {
        /// Images stay as they are.
        None = "none",
        /// For aligned faces of one camera.
        Light = "light",
        /// What a plan begins with.
        Medium = "medium",
        /// For few images, or many epochs.
        Strong = "strong",
    }
}

/// The operations of augmentation, in the order a form shows them.
pub fn operations() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.group == Group::Augmentation)
}

impl TrainingPlan {
    /// The plan with every operation as strong as this.
    pub fn with_strength(&self, strength: Strength) -> TrainingPlan {
        let [flip, rotation, scale, shift, shear, brightness, contrast, saturation, erasing] = match strength {
            Strength::None => [0.0; 9],
            Strength::Light => [0.5, 5.0, 0.05, 0.04, 0.0, 0.1, 0.1, 0.0, 0.0],
            Strength::Medium => [0.5, 10.0, 0.1, 0.08, 0.0, 0.15, 0.2, 0.0, 0.1],
            Strength::Strong => [0.5, 20.0, 0.2, 0.12, 10.0, 0.3, 0.4, 0.4, 0.3],
        };
        let plan = self.clone();
        TrainingPlan { flip, rotation, scale, shift, shear, brightness, contrast, saturation, erasing, ..plan }
    }

    /// How strong augmentation is, where a word says it.
    pub fn strength(&self) -> Option<Strength> {
        let mut named = Strength::NAMES.iter().filter_map(|name| Strength::from_name(name));
        named.find(|strength| self.with_strength(*strength) == *self)
    }

    /// The plan with one operation of augmentation, as strong as it is, and no other.
    ///
    /// # Errors
    /// [`PlanError`] where there is no such operation.
    pub fn with_only(&self, operation: &str) -> Result<TrainingPlan, PlanError> {
        let mut plan = self.with_strength(Strength::None);
        plan.set(operation, &self.get(operation).unwrap_or_default())?;
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Augmentation;

    #[test]
    fn a_plan_begins_at_medium_and_knows_its_strength() {
        let plan = TrainingPlan { epochs: 7, ..TrainingPlan::default() };
        assert_eq!(plan.strength(), Some(Strength::Medium));
        for name in Strength::NAMES {
            let strength = Strength::from_name(name).unwrap();
            let plan = plan.with_strength(strength);
            plan.check().unwrap();
            assert_eq!((plan.strength(), plan.epochs), (Some(strength), 7));
        }
        assert_eq!(TrainingPlan { rotation: 11.0, ..plan }.strength(), None);
    }

    #[test]
    fn each_operation_can_be_alone_and_none_is_left_out() {
        let plan = TrainingPlan::default().with_strength(Strength::Strong);
        assert_eq!(plan.with_strength(Strength::None).augmentation(), Augmentation::default());
        let mut rebuilt = plan.with_strength(Strength::None);
        for Setting { name, .. } in operations() {
            let alone = plan.with_only(name).unwrap();
            assert_ne!(alone.augmentation(), Augmentation::default(), "{name} does something");
            assert_eq!(alone.with_only(name).unwrap(), alone);
            rebuilt.set(name, &alone.get(name).unwrap()).unwrap();
        }
        assert_eq!(rebuilt, plan, "all together they are the plan");
        assert!(plan.with_only("twirl").is_err());
    }
}
