//! The training plan while a person fills in the form.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::training::{PlanError, Setting, Strength, TrainingPlan, operations};
use crate::ui::route::Route;

/// The plan, and what stands in the form that cannot be a plan's.
#[derive(Clone, Copy, Default)]
pub struct Settings {
    /// The last plan whose every field was in range.
    pub plan: RwSignal<TrainingPlan>,
    /// Fields whose text was refused, and why.
    pub refused: RwSignal<BTreeMap<&'static str, String>>,
    /// Counts the times a link or a word changed the plan: then the form takes its texts from the plan.
    pub applied: RwSignal<u32>,
    /// What a link said that could not be used.
    pub link_problems: RwSignal<Vec<String>>,
}

impl Settings {
    /// Takes in what a person typed into the field called `name`.
    pub fn type_in(&self, name: &'static str, text: &str) {
        let mut plan = self.plan.get_untracked();
        match plan.set(name, text) {
            Ok(()) => {
                self.refused.update(|refused| drop(refused.remove(name)));
                self.plan.set(plan);
            }
            Err(error) => self.refused.update(|refused| drop(refused.insert(name, error.to_string()))),
        }
    }

    /// Fills in every operation of augmentation.
    pub fn vary(&self, strength: Strength) {
        self.refused.update(|refused| operations().for_each(|operation| drop(refused.remove(operation.name))));
        self.plan.update(|plan| *plan = plan.with_strength(strength));
        self.applied.update(|times| *times += 1);
    }

    /// Sets what an address says. Pairs that are no settings are somebody else's; what cannot be used is listed.
    pub fn apply(&self, route: &Route) {
        if route.query.is_empty() {
            return;
        }
        let mut plan = self.plan.get_untracked();
        let mut problems = Vec::new();
        for (name, value) in &route.query {
            match plan.set(name, value) {
                Ok(()) | Err(PlanError::Unknown(_)) => {}
                Err(error) => problems.push(format!("The link's {name}={value} was not used: {error}.")),
            }
        }
        self.link_problems.set(problems);
        if plan != self.plan.get_untracked() {
            self.refused.set(BTreeMap::new());
            self.plan.set(plan);
            self.applied.update(|times| *times += 1);
        }
    }

    /// Why the plan cannot be trained by, in words.
    pub fn objection(&self) -> Option<String> {
        let refused = self.refused.with(|refused| refused.values().next().map(|why| format!("{why}.")));
        refused.or_else(|| self.plan.with(|plan| plan.check().err()).map(|error| format!("{error}.")))
    }

    /// The value of a setting, as the form writes it.
    pub fn text(&self, setting: &Setting) -> String {
        self.plan.with_untracked(|plan| plan.get(setting.name)).unwrap_or_default()
    }
}
