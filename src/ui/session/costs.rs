//! What a training by the plan would cost.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::engine::client::Answer;
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
            let costs = match self.ask(Command::Estimate { plan: plan.clone() }).await {
                Ok(Answer { outcome: Outcome::Costs(costs), .. }) => costs,
                // It would break the next engine, too.
                Err(failure) if failure.kind == FailureKind::Fatal => return self.deadly_plan.set(Some(plan)),
                _ => return,
            };
            let now = self.plan_to_estimate_untracked();
            if now.as_ref().is_some_and(|now| *now != plan) {
                return;
            }
            let fits = costs.refusal.is_none();
            self.costs.set(Some(costs));
            if now.is_some() && fits {
                self.warm_up(plan).await;
            }
        });
    }

    /// Has a plan rehearsed; once, lest one that breaks the engine break the next one, too.
    async fn warm_up(self, plan: TrainingPlan) {
        if self.rehearsed_plan.with_untracked(|rehearsed| rehearsed.as_ref() == Some(&plan)) {
            return;
        }
        self.rehearsed_plan.set(Some(plan.clone()));
        // Where it fails, the training will say why.
        let _ = self.ask(Command::WarmUp { plan }).await;
    }

    fn plan_to_estimate_untracked(&self) -> Option<TrainingPlan> {
        untrack(|| self.plan_to_estimate())
    }
}
