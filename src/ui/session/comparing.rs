//! Asks the engine to compare models; trains all four, one after the other, where that is asked.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Activity, Session};
use crate::dataset::Split;
use crate::engine::protocol::{Command, Compared, ModelId, Outcome};
use crate::training::{InitialWeights, MODELS, Trainable, TrainingPlan};

/// Which models are compared, and what came of it.
#[derive(Clone, Copy)]
pub struct Comparing {
    /// The models that a person chose.
    pub chosen: RwSignal<Vec<ModelId>>,
    /// On which split.
    pub split: RwSignal<Split>,
    /// The comparison under way, or how the last one ended.
    pub activity: RwSignal<Activity>,
    /// The last comparison.
    pub compared: RwSignal<Option<Arc<Compared>>>,
    /// The trainings that end in a comparison.
    pub queue: RwSignal<Option<Queue>>,
}

impl Default for Comparing {
    fn default() -> Self {
        Comparing {
            chosen: RwSignal::default(),
            split: RwSignal::new(Split::Test),
            activity: RwSignal::default(),
            compared: RwSignal::default(),
            queue: RwSignal::default(),
        }
    }
}

impl Comparing {
    /// The engine no longer has what was compared.
    pub(super) fn forget(&self) {
        self.chosen.set(Vec::new());
        self.activity.set(Activity::Idle);
        self.compared.set(None);
    }
}

/// Trainings, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// Every network, and how it went.
    pub entries: Vec<(&'static str, Turn)>,
    /// Whether a person has ended it.
    pub ended: bool,
}

/// How a network of the queue went.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Turn {
    /// Its turn comes.
    #[default]
    Waits,
    /// It is training.
    Trains,
    /// It has become this model.
    Done(ModelId),
    /// There is no model, and why.
    Failed(String),
}

impl Queue {
    fn set(&mut self, place: usize, turn: Turn) {
        if let Some(entry) = self.entries.get_mut(place) {
            entry.1 = turn;
        }
    }

    /// Whether a network's turn comes, or is.
    pub fn is_on(&self) -> bool {
        !self.ended && self.entries.iter().any(|(_, turn)| matches!(turn, Turn::Waits | Turn::Trains))
    }
}

impl Session {
    /// Why nothing can be compared now, in words; `None` where it can.
    pub fn comparison_hindrance(&self) -> Option<String> {
        let nothing = || {
            self.comparing.chosen.with(Vec::is_empty).then(|| "Choose the models to compare: two or more.".to_string())
        };
        self.evaluation_hindrance().or_else(nothing)
    }

    /// Compares the chosen models.
    pub fn compare(self) {
        spawn_local(async move { self.compare_chosen().await });
    }

    async fn compare_chosen(self) {
        let (models, split) = (self.comparing.chosen.get_untracked(), self.comparing.split.get_untracked());
        let call = self.send(Command::Compare { models, split }, Vec::new());
        let activity = self.comparing.activity;
        activity.set(Activity::begun(Some(call.id), 0));
        let call = call.on_progress(move |progress| activity.update(|running| running.advance(&progress)));
        match call.outcome().await {
            Ok(answer) => {
                if let Outcome::Compared(compared) = answer.outcome {
                    self.comparing.compared.set(Some(Arc::new(*compared)));
                }
                activity.set(Activity::Done);
                self.renew_models().await;
            }
            Err(failure) => activity.set(Activity::failed(failure)),
        }
    }

    /// Trains every network by the plan as it stands, and compares what comes of it. Backbones of which there are
    /// ImageNet weights begin with `weights`, and learn as far as `trainable` says.
    pub fn compare_all(self, weights: InitialWeights, trainable: Trainable) {
        let plan = self.settings.plan.get_untracked();
        let plans: Vec<TrainingPlan> = MODELS.iter().map(|model| plan.for_model(model, weights, trainable)).collect();
        let entries = MODELS.iter().map(|model| (*model, Turn::Waits)).collect();
        let queue = self.comparing.queue;
        queue.set(Some(Queue { entries, ended: false }));
        let update = move |change: &dyn Fn(&mut Queue)| queue.update(|queue| queue.iter_mut().for_each(change));
        spawn_local(async move {
            let mut models = Vec::new();
            for (place, plan) in plans.into_iter().enumerate() {
                if queue.with_untracked(|queue| queue.as_ref().is_none_or(|queue| queue.ended)) {
                    break;
                }
                update(&|queue| queue.set(place, Turn::Trains));
                let turn = match self.train_by(plan).await {
                    Ok(model) => {
                        models.push(model.id);
                        Turn::Done(model.id)
                    }
                    Err(why) => Turn::Failed(why),
                };
                update(&|queue| queue.set(place, turn.clone()));
            }
            if !models.is_empty() {
                self.comparing.chosen.set(models);
                self.compare_chosen().await;
            }
        });
    }

    /// Trains none of those that wait; the training under way is stopped, and its best weights are kept.
    pub fn end_queue(self) {
        self.comparing.queue.update(|queue| queue.iter_mut().for_each(|queue| queue.ended = true));
        self.stop_training();
    }
}
