//! Faces through a network, a batch at a time; several at a time on several cores.

use super::pace::{Pace, next_task};
use super::{Service, refused};
use crate::dataset::PixelStore;
use crate::engine::protocol::{Failure, Progress, RequestId};
use crate::engine::replicas;
use crate::engine::storage::PixelFile;
use crate::imaging::{Images, Preprocessing};
use crate::models::{Checkpoint, Graph};
use crate::training::{Blueprint, Readers, ReplicaError};

/// Multiplications that take one core one to four seconds: for less no others are started, which takes one.
const WORTH: u64 = 10_000_000_000;

/// How far a request is that looks at faces, with one model or with several.
pub(super) struct Tally {
    pub id: RequestId,
    pub done: usize,
    pub total: usize,
    pace: Pace,
}

impl Tally {
    pub(super) fn new(id: RequestId, total: usize) -> Self {
        Tally { id, done: 0, total, pace: Pace::new() }
    }
}

/// Brings samples to a network's input.
pub(super) struct Preparation<'a> {
    pub pixels: &'a PixelFile,
    pub preprocessing: &'a Preprocessing,
}

impl Preparation<'_> {
    /// Those of a batch.
    ///
    /// # Errors
    /// Where a sample cannot be read back.
    pub(super) fn of(&self, samples: &[usize]) -> Result<Images, Failure> {
        let image = |&sample: &usize| Ok(self.preprocessing.apply(&self.pixels.get(sample)?));
        self.preprocessing.normalised(samples.iter().map(image))
    }
}

impl From<ReplicaError> for Failure {
    fn from(error: ReplicaError) -> Self {
        refused(error)
    }
}

impl Service {
    /// A model in use: on the CPU, on all cores where it is worth their beginning to look at so many faces.
    pub(super) fn readers(&self, checkpoint: &Checkpoint, faces: usize) -> Result<Readers, Failure> {
        let device = self.device()?;
        let (model, card) = (checkpoint.build(&device).map_err(refused)?, &checkpoint.card);
        let (architecture, variant) = (card.architecture.clone(), card.variant.clone());
        let blueprint = Blueprint { architecture, variant, classes: card.label_set.len() };
        let an_image = Graph::of(&model, card.preprocessing.size as usize).multiplications();
        let others = if an_image * faces as u64 > WORTH { self.lookers() - 1 } else { 0 };
        Ok(Readers::new(model, blueprint, &device, replicas::start(others)))
    }

    /// Asks a network about samples, some batches at a time. Others get their turn meanwhile, and Cancel is heard.
    ///
    /// # Errors
    /// Those of `ask`, and where the person cancels.
    pub(super) async fn look_at_faces(
        &self,
        tally: &mut Tally,
        readers: &mut Readers,
        preparation: &Preparation<'_>,
        samples: &[usize],
        mut ask: impl AsyncFnMut(&mut Readers, &[&[usize]]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut batches = samples.chunks(readers.batch(preparation.preprocessing.size as usize));
        loop {
            let at_once: Vec<&[usize]> = batches.by_ref().take(readers.at_once().await?).collect();
            if at_once.is_empty() {
                return Ok(());
            }
            ask(readers, &at_once).await?;
            tally.done += at_once.iter().map(|batch| batch.len()).sum::<usize>();
            if tally.pace.report_due() {
                self.progress(tally.id, Progress::Count { done: tally.done, total: tally.total });
            }
            next_task().await;
            self.check_cancelled(tally.id)?;
        }
    }
}
