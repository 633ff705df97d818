//! What a training by the plan would cost.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::engine::protocol::{Command, Failure, FailureKind, Outcome};
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
            if let Err(failure) = self.estimate_and_warm_up(&plan).await
                && failure.kind == FailureKind::Fatal
            {
                // It would break the next engine, too.
                self.deadly_plan.set(Some(plan));
            }
        });
    }

    async fn estimate_and_warm_up(self, plan: &TrainingPlan) -> Result<(), Failure> {
        let answer = self.ask(Command::Estimate { plan: plan.clone() }).await?;
        let Outcome::Costs(costs) = answer.outcome else { return Ok(()) };
        if self.plan_to_estimate_untracked().is_some_and(|now| now != *plan) {
            return Ok(());
        }
        let fits = costs.refusal.is_none();
        self.costs.set(Some(costs));
        if fits {
            self.ask(Command::WarmUp { plan: plan.clone() }).await?;
        }
        Ok(())
    }

    fn plan_to_estimate_untracked(&self) -> Option<TrainingPlan> {
        untrack(|| self.plan_to_estimate())
    }
}
