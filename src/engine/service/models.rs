//! The models at hand: in memory, in the browser's storage, or both.

use std::rc::Rc;

use super::export::summarise;
use super::{Answer, Service, refused};
use crate::engine::protocol::{Failure, ModelId, ModelSummary, Outcome};
use crate::models::Checkpoint;

/// A model in memory, as it would be written to a file.
pub(crate) struct HeldModel {
    pub summary: ModelSummary,
    pub checkpoint: Checkpoint,
}

/// A model of the list.
pub(super) struct ShelvedModel {
    pub summary: ModelSummary,
    /// Where it is kept; `None` where it is not.
    pub place: Option<String>,
    /// Its weights, once somebody asked for them.
    pub held: Option<Rc<HeldModel>>,
}

impl Service {
    pub(super) fn summaries(&self) -> Vec<ModelSummary> {
        self.models.borrow().iter().map(|model| model.summary.clone()).collect()
    }

    /// A model with its weights: read from the storage the first time.
    pub(super) async fn model(&self, id: ModelId) -> Result<Rc<HeldModel>, Failure> {
        let (summary, place) = match self.models.borrow().iter().find(|model| model.summary.id == id) {
            None => return Err(refused("The engine no longer has this model: train or import it again.")),
            Some(ShelvedModel { held: Some(held), .. }) => return Ok(Rc::clone(held)),
            Some(ShelvedModel { summary, place, .. }) => (summary.clone(), place.clone().unwrap_or_default()),
        };
        let damaged = |why: String| refused(format!("{} cannot be read from the storage: {why}.", summary.name));
        let file = self.storage.model_file(&place).await.map_err(|error| damaged(error.to_string()))?;
        let checkpoint = Checkpoint::read(&file).map_err(|error| damaged(error.to_string()))?;
        let held = Rc::new(HeldModel { summary: summary.clone(), checkpoint });
        if let Some(model) = self.models.borrow_mut().iter_mut().find(|model| model.summary.id == id) {
            model.held = Some(Rc::clone(&held));
        }
        Ok(held)
    }

    /// Gives a model an id, and keeps it in the storage where there is one.
    pub(super) async fn hold(&self, name: &str, origin: &str, checkpoint: Checkpoint) -> ModelSummary {
        let summary = summarise(self.next_model(), name, origin, &checkpoint);
        let place = self.keep(&summary, &checkpoint).await;
        let held = Some(Rc::new(HeldModel { summary: summary.clone(), checkpoint }));
        self.models.borrow_mut().push(ShelvedModel { summary: summary.clone(), place, held });
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
            self.models.borrow_mut().push(ShelvedModel { summary, place: Some(kept.place), held: None });
        }
    }

    pub(super) async fn rename_model(&self, id: ModelId, name: &str) -> Answer {
        let name = name.trim();
        if name.is_empty() {
            return Err(refused("A model needs a name."));
        }
        let (summary, place) = self.shelved(id)?;
        let summary = ModelSummary { name: name.into(), ..summary };
        if let Some(place) = place {
            let renamed = self.storage.rename_model(&place, &summary).await;
            renamed.map_err(|error| refused(format!("The new name could not be kept: {error}.")))?;
        }
        if let Some(model) = self.models.borrow_mut().iter_mut().find(|model| model.summary.id == id) {
            model.summary = summary.clone();
            model.held =
                model.held.take().map(|held| Rc::new(HeldModel { summary, checkpoint: held.checkpoint.clone() }));
        }
        Ok((Outcome::Models(self.summaries()), None))
    }

    pub(super) async fn copy_model(&self, id: ModelId) -> Answer {
        let original = self.model(id).await?;
        let names: Vec<String> = self.summaries().into_iter().map(|model| model.name).collect();
        let name = format!("{} copy", original.summary.name);
        let numbered = (2..).map(|number| format!("{name} {number}"));
        let name = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or_default();
        self.hold(&name, &original.summary.origin, original.checkpoint.clone()).await;
        Ok((Outcome::Models(self.summaries()), None))
    }

    /// What is known of a model, and where it is kept.
    fn shelved(&self, id: ModelId) -> Result<(ModelSummary, Option<String>), Failure> {
        let models = self.models.borrow();
        let model = models.iter().find(|model| model.summary.id == id);
        let model = model.ok_or_else(|| refused("The engine no longer has this model."))?;
        Ok((model.summary.clone(), model.place.clone()))
    }

    pub(super) async fn delete_model(&self, id: ModelId) -> Answer {
        let (_, place) = self.shelved(id)?;
        if let Some(place) = place {
            let deleted = self.storage.delete_model(&place).await;
            deleted.map_err(|error| refused(format!("The model could not be deleted: {error}.")))?;
        }
        self.models.borrow_mut().retain(|model| model.summary.id != id);
        Ok((Outcome::Models(self.summaries()), None))
    }

    /// Ids are never used twice.
    fn next_model(&self) -> ModelId {
        self.last_model.update(|last| last + 1);
        self.last_model.get()
    }
}
