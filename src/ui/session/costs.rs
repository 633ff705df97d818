//! What a training by the plan would cost.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::engine::protocol::{Command, FailureKind, Outcome};
use crate::training::TrainingPlan;

impl Session {
    /// What of the plan decides its costs, where they can be asked for now.
    pub fn plan_to_estimate(&self) -> Option<TrainingPlan> {
        if !self.is_ready() || self.training_hindrance().is_some() {
            return None;
        }
        let plan = self.settings.plan.get();
        let TrainingPlan { model, weights, trainable, epochs, batch_size, input_size, optimizer, ema_decay, .. } = plan;
        let others = TrainingPlan::default();
        Some(TrainingPlan { model, weights, trainable, epochs, batch_size, input_size, optimizer, ema_decay, ..others })
    }

    /// Has a plan estimated. What cannot be estimated is said when it is begun.
    pub fn estimate(self, plan: TrainingPlan) {
        if self.deadly_plan.with_untracked(|deadly| deadly.as_ref() == Some(&plan)) {
            return;
        }
        spawn_local(async move {
            match self.ask(Command::Estimate { plan: plan.clone() }).await {
                Ok(answer) => {
                    if let Outcome::Costs(costs) = answer.outcome
                        && self.plan_to_estimate_untracked().is_none_or(|now| now == plan)
                    {
                        self.costs.set(Some(costs));
                    }
                }
                // It would break the next engine, too.
                Err(failure) if failure.kind == FailureKind::Fatal => self.deadly_plan.set(Some(plan)),
                Err(_) => {}
            }
        });
    }

    fn plan_to_estimate_untracked(&self) -> Option<TrainingPlan> {
        untrack(|| self.plan_to_estimate())
    }
}
