//! The models at hand: in memory, in the browser's storage, or both.

use std::rc::Rc;

use super::export::summarise;
use super::pretrained::Hear;
use super::{Answer, Service, refused};
use crate::engine::protocol::{Failure, ModelId, ModelSummary, Outcome, Shipped, TrainingRecord};
use crate::engine::shipped::ShippedModel;
use crate::engine::storage::KeptEvaluation;
use crate::models::{Checkpoint, CheckpointError, backbone_elsewhere};

/// A model in memory, as it would be written to a file.
pub(crate) struct HeldModel {
    pub summary: ModelSummary,
    pub checkpoint: Rc<Checkpoint>,
}

/// A model of the list.
pub(super) struct ShelvedModel {
    pub summary: ModelSummary,
    /// Where it is kept; `None` where it is not.
    pub place: Option<String>,
    /// Its weights, where they are kept nowhere else.
    pub held: Option<Rc<HeldModel>>,
    /// The site's file of it, where it comes with the site.
    pub shipped: Option<Rc<ShippedModel>>,
    /// Its evaluations that are kept nowhere else.
    pub evaluations: Vec<Rc<KeptEvaluation>>,
}

impl ShelvedModel {
    /// A model whose weights are nowhere yet.
    pub fn of(summary: ModelSummary) -> Self {
        ShelvedModel { summary, place: None, held: None, shipped: None, evaluations: Vec::new() }
    }
}

impl Service {
    pub(super) fn summaries(&self) -> Vec<ModelSummary> {
        self.models.borrow().iter().map(|model| model.summary.clone()).collect()
    }

    /// A model with its weights: read from the storage where it is kept, for memory never shrinks.
    pub(super) async fn model(&self, id: ModelId) -> Result<Rc<HeldModel>, Failure> {
        self.model_heard(id, &mut |_, _| true).await
    }

    /// The same, heard of where it has to be fetched.
    pub(super) async fn model_heard(&self, id: ModelId, hear: Hear<'_>) -> Result<Rc<HeldModel>, Failure> {
        let summary = match self.models.borrow().iter().find(|model| model.summary.id == id) {
            None => return Err(refused("The engine no longer has this model: train or import it again.")),
            Some(ShelvedModel { held: Some(held), .. }) => return Ok(Rc::clone(held)),
            Some(ShelvedModel { summary, .. }) => summary.clone(),
        };
        let Shipped { bytes, backbone_bytes, .. } = summary.shipped.clone().unwrap_or_default();
        let file = self.file_at_hand(id, &mut |done, _| hear(done, bytes + backbone_bytes)).await?;
        let unreadable = |error| refused(format!("{} cannot be read: {error}.", summary.name));
        let checkpoint = self.checkpoint(&file, &mut |done, of| hear(bytes + done, bytes + of), unreadable).await?;
        Ok(Rc::new(HeldModel { summary, checkpoint: checkpoint.into() }))
    }

    /// Reads a model file. A backbone that it leaves to pre-trained weights is fetched.
    pub(super) async fn checkpoint(
        &self,
        file: &[u8],
        hear: Hear<'_>,
        unreadable: impl Fn(CheckpointError) -> Failure,
    ) -> Result<Checkpoint, Failure> {
        let elsewhere = backbone_elsewhere(file).map_err(&unreadable)?;
        match elsewhere.and_then(|architecture| Some((architecture, architecture.weights?))) {
            None => Checkpoint::read(file).map_err(unreadable),
            Some((architecture, published)) => {
                let backbone = self.pretrained(architecture, &published, hear).await?;
                Checkpoint::read_beside(file, &backbone).map_err(unreadable)
            }
        }
    }

    /// The bytes of a model's file, whole: as they are kept or come with the site, or as they would be.
    pub(super) async fn model_file(&self, id: ModelId) -> Result<Vec<u8>, Failure> {
        let file = self.file_at_hand(id, &mut |_, _| true).await?;
        match backbone_elsewhere(&file) {
            Ok(Some(_)) => self.model(id).await?.checkpoint.write().map_err(refused),
            // Whole; or damaged, which whoever reads it says.
            _ => Ok(file),
        }
    }

    async fn file_at_hand(&self, id: ModelId, hear: Hear<'_>) -> Result<Vec<u8>, Failure> {
        let (summary, place) = self.shelved(id)?;
        let (held, shipped) = {
            let models = self.models.borrow();
            let model = models.iter().find(|model| model.summary.id == id);
            (model.and_then(|model| model.held.clone()), model.and_then(|model| model.shipped.clone()))
        };
        match (held, shipped) {
            (Some(held), _) => held.checkpoint.write().map_err(refused),
            (None, Some(shipped)) => self.shipped_file(&shipped, hear).await,
            (None, None) => {
                let file = self.storage.model_file(&place.unwrap_or_default()).await;
                file.map_err(|why| refused(format!("{} cannot be read from the storage: {why}.", summary.name)))
            }
        }
    }

    /// Gives a model an id, and keeps it in the storage where there is one.
    pub(super) async fn hold(
        &self,
        name: &str,
        origin: &str,
        checkpoint: impl Into<Rc<Checkpoint>>,
        training: Option<TrainingRecord>,
    ) -> ModelSummary {
        let checkpoint = checkpoint.into();
        let summary = ModelSummary { training, ..summarise(self.next_model(), name, origin, &checkpoint) };
        self.shelve(summary, checkpoint).await
    }

    /// Takes a model onto the list, and keeps it in the storage where there is one.
    pub(super) async fn shelve(&self, summary: ModelSummary, checkpoint: Rc<Checkpoint>) -> ModelSummary {
        let place = self.keep(&summary, &checkpoint).await;
        let held = place.is_none().then(|| Rc::new(HeldModel { summary: summary.clone(), checkpoint }));
        let shelved = ShelvedModel { place, held, ..ShelvedModel::of(summary.clone()) };
        self.models.borrow_mut().push(shelved);
        summary
    }

    async fn keep(&self, summary: &ModelSummary, checkpoint: &Checkpoint) -> Option<String> {
        if self.storage.hindrance().is_some() {
            return None;
        }
        let kept = match checkpoint.write() {
            Ok(file) => self.storage.keep_model(summary, &file).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let tell = |why| self.storage.tell(format!("{} is not kept here: {why}. Download it.", summary.name));
        kept.map_err(tell).ok()
    }

    /// Takes the kept models onto the list.
    pub(super) async fn restore_models(&self) {
        for kept in self.storage.kept_models().await {
            let summary = ModelSummary { id: self.next_model(), ..kept.summary };
            let shelved = ShelvedModel { place: Some(kept.place), ..ShelvedModel::of(summary) };
            self.models.borrow_mut().push(shelved);
        }
    }

    pub(super) async fn rename_model(&self, id: ModelId, name: &str) -> Answer {
        let name = name.trim();
        if name.is_empty() {
            return Err(refused("A model needs a name."));
        }
        self.change_summary(id, |summary| summary.name = name.into()).await
    }

    pub(super) async fn note_model(&self, id: ModelId, note: &str) -> Answer {
        self.change_summary(id, |summary| summary.note = note.trim().into()).await
    }

    async fn change_summary(&self, id: ModelId, change: impl FnOnce(&mut ModelSummary)) -> Answer {
        self.check_own(id)?;
        let (mut summary, place) = self.shelved(id)?;
        change(&mut summary);
        if let Some(place) = place {
            let kept = self.storage.keep_summary(&place, &summary).await;
            kept.map_err(|error| refused(format!("This could not be kept: {error}.")))?;
        }
        self.set_summary(summary);
        Ok((Outcome::Models(self.summaries()), None))
    }

    /// Takes the place of what was said of the model.
    pub(super) fn set_summary(&self, summary: ModelSummary) {
        if let Some(model) = self.models.borrow_mut().iter_mut().find(|model| model.summary.id == summary.id) {
            model.summary = summary.clone();
            let held = model.held.take();
            model.held = held.map(|held| Rc::new(HeldModel { summary, checkpoint: Rc::clone(&held.checkpoint) }));
        }
    }

    pub(super) async fn copy_model(&self, id: ModelId) -> Answer {
        let original = self.model(id).await?;
        let name = self.unused_name(format!("{} copy", original.summary.name));
        let ModelSummary { origin, training, .. } = &original.summary;
        let origin = if original.summary.is_shipped() { &format!("copy of {}", original.summary.name) } else { origin };
        self.hold(&name, origin, original.checkpoint.clone(), training.clone()).await;
        Ok((Outcome::Models(self.summaries()), None))
    }

    /// This name, or where a model has it already the first of "name 2", "name 3" that none has.
    pub(super) fn unused_name(&self, name: String) -> String {
        let names: Vec<String> = self.summaries().into_iter().map(|model| model.name).collect();
        let numbered = (2..).map(|number| format!("{name} {number}"));
        std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or_default()
    }

    /// What is known of a model, and where it is kept.
    pub(super) fn shelved(&self, id: ModelId) -> Result<(ModelSummary, Option<String>), Failure> {
        let models = self.models.borrow();
        let model = models.iter().find(|model| model.summary.id == id);
        let model = model.ok_or_else(|| refused("The engine no longer has this model."))?;
        Ok((model.summary.clone(), model.place.clone()))
    }

    pub(super) async fn delete_model(&self, id: ModelId) -> Answer {
        self.check_own(id)?;
        let (_, place) = self.shelved(id)?;
        if let Some(place) = place {
            let deleted = self.storage.delete_model(&place).await;
            deleted.map_err(|error| refused(format!("The model could not be deleted: {error}.")))?;
        }
        self.models.borrow_mut().retain(|model| model.summary.id != id);
        Ok((Outcome::Models(self.summaries()), None))
    }

    /// Ids are never used twice.
    pub(super) fn next_model(&self) -> ModelId {
        self.last_model.update(|last| last + 1);
        self.last_model.get()
    }
}
