//! A run: what it tells, and what can be asked of it.

use std::fmt;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::engine::client::Answer;
use crate::engine::protocol::{
    Command, Ending, FailureKind, ModelSummary, Outcome, Progress, TrainingProgress, UnfinishedTraining,
};
use crate::training::{History, StepRecord, TrainingPlan};
use crate::ui::trace::Trace;

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// None was begun.
    #[default]
    Idle,
    /// Images are being resized, weights drawn.
    Preparing,
    /// Steps are taken.
    Running,
    /// Held.
    Paused,
    /// Ended well.
    Finished,
    /// Ended badly, and why.
    Failed(String),
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Phase::Idle => f.write_str("idle"),
            Phase::Preparing => f.write_str("preparing"),
            Phase::Running => f.write_str("running"),
            Phase::Paused => f.write_str("paused"),
            Phase::Finished => f.write_str("finished"),
            Phase::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

/// How fast a run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Training images a second, of late.
    pub images_per_second: f64,
    /// Seconds left, if every planned epoch is run.
    pub seconds_left: f64,
}

/// How a run ended well.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The best weights.
    pub model: ModelSummary,
    /// Why it ended.
    pub ending: Ending,
    /// The epoch the weights are from; 0 where none was finished.
    pub best_epoch: u32,
}

/// The run under way, or the last one.
#[derive(Clone, Copy, Default)]
pub struct Training {
    /// Where it stands.
    pub phase: RwSignal<Phase>,
    /// What was asked of it and is not answered yet ("Pausing", "Stopping").
    pub asked: RwSignal<Option<&'static str>>,
    /// Epochs it was begun with.
    pub planned: RwSignal<u32>,
    /// Steps in an epoch, and trainable parameters; `None` before the first step.
    pub size: RwSignal<Option<(u32, usize)>>,
    /// How many bytes of the pre-trained weights have come, of how many, while they come.
    pub fetched: RwSignal<Option<(u64, u64)>>,
    /// How many images the backbone has looked at, of how many, where it does so once before the first step.
    pub looked: RwSignal<Option<(usize, usize)>>,
    /// What a person should know.
    pub warnings: RwSignal<Vec<String>>,
    /// The last step.
    pub step: RwSignal<Option<StepRecord>>,
    /// The training loss, over epochs.
    pub losses: RwSignal<Trace>,
    /// The learning rate, over epochs.
    pub rates: RwSignal<Trace>,
    /// The epochs so far.
    pub history: RwSignal<History>,
    /// How fast it is.
    pub pace: RwSignal<Option<Pace>>,
    /// How it ended well.
    pub trained: RwSignal<Option<Trained>>,
}

impl Training {
    /// Whether a run is on, held or not.
    pub fn is_on(&self) -> bool {
        matches!(self.phase.get(), Phase::Preparing | Phase::Running | Phase::Paused)
    }

    /// The epoch the run is in, from 1; once it has ended, the last one finished.
    pub fn epoch(&self) -> u32 {
        let finished = self.history.with(|history| history.epochs.len()) as u32;
        let begun = matches!(self.phase.get(), Phase::Running | Phase::Paused);
        if begun { (finished + 1).min(self.planned.get()) } else { finished }
    }

    fn begin(&self, epochs: u32) {
        self.phase.set(Phase::Preparing);
        self.asked.set(None);
        self.planned.set(epochs);
        self.size.set(None);
        self.fetched.set(None);
        self.looked.set(None);
        self.warnings.set(Vec::new());
        self.step.set(None);
        self.losses.set(Trace::default());
        self.rates.set(Trace::default());
        self.history.set(History::default());
        self.pace.set(None);
        self.trained.set(None);
    }

    /// Shows how far the run came before; of its steps, the means of their epochs.
    fn go_on_from(&self, history: History) {
        self.losses.update(|losses| {
            history.epochs.iter().for_each(|epoch| losses.push(epoch.epoch.into(), epoch.train_loss.into()));
        });
        self.rates.update(|rates| {
            history.epochs.iter().for_each(|epoch| rates.push(epoch.epoch.into(), epoch.learning_rate));
        });
        self.history.set(history);
    }

    fn take_in(&self, progress: TrainingProgress) {
        match progress {
            TrainingProgress::Preparing => self.phase.set(Phase::Preparing),
            TrainingProgress::Running { steps_per_epoch, parameters, warnings } => {
                self.size.set(Some((steps_per_epoch, parameters)));
                self.warnings.set(warnings);
                self.asked.set(None);
                self.phase.set(Phase::Running);
            }
            TrainingProgress::Fetching { done, total } => self.fetched.set((done < total).then_some((done, total))),
            TrainingProgress::Features { done, total } => self.looked.set((done < total).then_some((done, total))),
            TrainingProgress::Steps { records, images_per_second, seconds_left } => {
                self.steps(&records);
                self.pace.set(Some(Pace { images_per_second, seconds_left }));
            }
            TrainingProgress::Epoch(record) => self.history.update(|history| history.epochs.push(record)),
            TrainingProgress::Paused => {
                self.asked.set(None);
                self.phase.set(Phase::Paused);
            }
        }
    }

    fn steps(&self, records: &[StepRecord]) {
        let steps_per_epoch = self.size.get_untracked().map_or(1, |(steps, _)| steps.max(1));
        let place = |record: &StepRecord| f64::from(record.step) / f64::from(steps_per_epoch);
        self.losses.update(|losses| {
            records.iter().for_each(|record| losses.push(place(record), f64::from(record.loss)));
        });
        self.rates.update(|rates| records.iter().for_each(|record| rates.push(place(record), record.learning_rate)));
        if let Some(last) = records.last() {
            self.step.set(Some(*last));
        }
    }
}

impl Session {
    /// Why a training cannot be begun now, in words; `None` where it can.
    pub fn training_hindrance(&self) -> Option<String> {
        let no_data = || {
            self.dataset.with(Option::is_none).then(|| "There is no dataset yet: import one on the Data page.".into())
        };
        self.hindrance().or_else(no_data).or_else(|| self.settings.objection())
    }

    /// Trains by the plan.
    pub fn train(self) {
        let plan = self.settings.plan.get_untracked();
        spawn_local(async move { drop(self.train_by(plan).await) });
    }

    /// Trains by a plan to the end.
    ///
    /// # Errors
    /// Why there is no model, in words.
    pub(super) async fn train_by(self, plan: TrainingPlan) -> Result<ModelSummary, String> {
        self.training.begin(plan.epochs);
        self.follow(Command::Train { plan }).await
    }

    /// Goes on with the training that was kept.
    pub fn continue_training(self) {
        let Some(UnfinishedTraining { plan, history, .. }) = untrack(|| self.keeping.unfinished()) else { return };
        self.training.begin(plan.epochs);
        self.training.go_on_from(history);
        spawn_local(async move { drop(self.follow(Command::ContinueTraining).await) });
    }

    /// Follows a training to its end.
    async fn follow(self, command: Command) -> Result<ModelSummary, String> {
        let call = self.send(command, Vec::new()).on_progress(move |progress| {
            if let Progress::Training(progress) = progress {
                self.training.take_in(progress);
            }
        });
        let outcome = call.outcome().await;
        self.training.asked.set(None);
        match outcome {
            Ok(Answer { outcome: Outcome::Trained { model, ending, best_epoch }, .. }) => {
                self.hold(model.clone());
                self.training.trained.set(Some(Trained { model: model.clone(), ending, best_epoch }));
                self.training.phase.set(Phase::Finished);
                self.look_at_storage().await;
                Ok(model)
            }
            Ok(_) => {
                self.training.phase.set(Phase::Finished);
                Err("The engine said nothing of a model.".into())
            }
            Err(failure) => {
                let fatal = failure.kind == FailureKind::Fatal;
                self.training.phase.set(Phase::Failed(failure.message.clone()));
                // A fresh engine says itself which models it has.
                if !fatal {
                    self.refresh_models().await;
                    self.look_at_storage().await;
                }
                Err(failure.message)
            }
        }
    }

    /// Holds the run after the step it is in, or goes on with it.
    pub fn pause_or_resume(self) {
        match self.training.phase.get_untracked() {
            Phase::Paused => self.tell_training(Command::Resume, "Resuming"),
            _ => self.tell_training(Command::Pause, "Pausing"),
        }
    }

    /// Ends the run and keeps the best weights so far.
    pub fn stop_training(self) {
        self.tell_training(Command::Stop, "Stopping");
    }

    /// The run itself says when it has done so; a refusal means that it ended meanwhile.
    fn tell_training(self, command: Command, asked: &'static str) {
        self.training.asked.set(Some(asked));
        spawn_local(async move {
            if self.ask(command).await.is_err() {
                self.training.asked.set(None);
            }
        });
    }
}
