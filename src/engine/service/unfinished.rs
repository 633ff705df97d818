//! A training that was stopped or cut short: kept while it goes on, and gone on with.

use std::time::Duration;

use web_time::Instant;

use super::{Answer, Service, catalogued, faces, refused};
use crate::dataset::Split;
use crate::engine::protocol::{Failure, Outcome, RequestId, UnfinishedTraining};
use crate::engine::storage::{KeptTraining, StorageError, now};
use crate::training::{Trainer, TrainingPlan};

/// Training goes on for as many times as long as it took to keep it: that costs a twentieth of the time.
const TIMES: u32 = 19;

/// It goes on for so long in any case: what is lost of less is soon made again.
const AT_LEAST: Duration = Duration::from_secs(5);

/// When a training is kept, and what is said of it.
pub(super) struct Keeper {
    /// What is the same each time; its seconds are those of before this engine.
    about: UnfinishedTraining,
    began: Instant,
    /// When it was kept last, and how long that took.
    last: (Instant, Duration),
    /// The step it was kept after.
    step: u32,
    /// Whether what is kept is this training.
    own: bool,
    given_up: bool,
}

impl Keeper {
    /// Whether it is time to keep the training again.
    pub(super) fn is_due(&self) -> bool {
        let (last, took) = self.last;
        !self.given_up && last.elapsed() >= (took * TIMES).max(AT_LEAST)
    }

    /// What is said of the training as it is now.
    pub(super) fn about(&self) -> UnfinishedTraining {
        let seconds = self.about.seconds + self.began.elapsed().as_secs_f64();
        UnfinishedTraining { kept: now() as u64, seconds, ..self.about.clone() }
    }
}

impl Service {
    /// Opens the training that was kept.
    pub(super) async fn restore_training(&self) {
        let kept = self.storage.kept_training().await;
        self.unfinished.replace(kept);
    }

    pub(super) async fn continue_training(&self, id: RequestId) -> Answer {
        let kept = self.unfinished.borrow().clone();
        let kept = kept.ok_or_else(|| refused("There is no training to go on with: begin one."))?;
        let UnfinishedTraining { faces: begun_with, plan, .. } = &kept.unfinished;
        let (name, count) = (&begun_with.dataset, begun_with.count);
        let open = self.dataset.borrow().clone();
        let open = open.ok_or_else(|| {
            refused(format!("The faces of this training ({name}) are not open: import them on the Data page."))
        })?;
        if faces(&open.dataset, &[Split::Train, Split::Validation]).identity != begun_with.identity {
            return Err(refused(format!(
                "The open dataset is not the one this training was begun with ({name}, {count} faces with the same labels \
                 and splits): open that one, or begin a new training."
            )));
        }
        self.train(id, plan.clone(), Some(kept)).await
    }

    pub(super) async fn discard_training(&self) -> Answer {
        if self.training.borrow().is_some() {
            return Err(refused("A training is under way: stop it first."));
        }
        let kept = self.unfinished.borrow().clone();
        if let Some(kept) = kept {
            let deleted = self.storage.delete_training(&kept).await;
            deleted.map_err(|error| refused(format!("The training could not be deleted: {error}.")))?;
        }
        self.unfinished.replace(None);
        Ok((Outcome::Done, None))
    }

    /// What keeps a training by this plan, which may have been begun by another engine.
    pub(super) fn keeper(&self, plan: &TrainingPlan, kept: Option<&KeptTraining>) -> Result<Keeper, Failure> {
        let open = self.open_dataset()?;
        let about = UnfinishedTraining {
            network: catalogued(plan)?.label.into(),
            plan: plan.clone(),
            kept: 0,
            seconds: kept.map_or(0.0, |kept| kept.unfinished.seconds),
            device: self.device_name(),
            faces: faces(&open.dataset, &[Split::Train, Split::Validation]),
            history: Default::default(),
        };
        let began = Instant::now();
        let given_up = self.storage.hindrance().is_some();
        let step = kept.map_or(0, |kept| kept.standing.step());
        Ok(Keeper { about, began, last: (began, Duration::ZERO), step, own: kept.is_some(), given_up })
    }

    /// The training as it stood when it was kept, and what a person should know of that.
    pub(super) async fn taken_up(
        &self,
        trainer: Trainer,
        kept: &KeptTraining,
    ) -> Result<(Trainer, Option<String>), Failure> {
        let file = async |part| self.storage.training_part(kept, part).await;
        let trainer = trainer.resume(kept.standing.clone(), file).await.map_err(|error| {
            refused(format!("The kept training cannot be read: {error}. Discard it, and begin a new one."))
        })?;
        let (begun_on, here) = (&kept.unfinished.device, self.device_name());
        let warning = (*begun_on != here).then(|| {
            format!("This training was begun on {begun_on}: what is computed on {here} may differ in its last digits.")
        });
        Ok((trainer, warning))
    }

    /// Keeps the training, where it has come further since the last time. Where that fails the training goes on.
    pub(super) async fn keep_training(&self, trainer: &Trainer, keeper: &mut Keeper) {
        if keeper.given_up || keeper.step == trainer.steps() {
            return;
        }
        let Some(standing) = trainer.standing() else { return };
        let begun = Instant::now();
        let unfinished = UnfinishedTraining { history: trainer.history().clone(), ..keeper.about() };
        let file = async |part| trainer.part(part).await.map_err(StorageError::from);
        match self.storage.keep_training(unfinished, standing, trainer.parts_bytes(), file).await {
            Ok(kept) => {
                self.unfinished.replace(Some(kept));
                (keeper.own, keeper.step) = (true, trainer.steps());
            }
            Err(why) => {
                keeper.given_up = true;
                self.storage.tell(format!("If this training is cut short, it cannot go on from where it is: {why}."));
            }
        }
        keeper.last = (Instant::now(), begun.elapsed());
    }

    /// The training is over: there is nothing to go on with. One that it did not take the place of stays.
    pub(super) async fn forget_training(&self, keeper: &Keeper) {
        if keeper.own
            && let Some(kept) = self.unfinished.take()
        {
            // Where it cannot be removed, it is offered once more after the next start.
            let _ = self.storage.delete_training(&kept).await;
        }
    }
}
