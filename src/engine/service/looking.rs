//! Faces through a network, a batch at a time.

use burn::tensor::{ExecutionError, Tensor};

use super::pace::{Pace, next_task};
use super::{Service, refused};
use crate::dataset::PixelStore;
use crate::engine::protocol::{Failure, Progress, RequestId};
use crate::engine::storage::PixelFile;
use crate::imaging::Preprocessing;
use crate::models::normalised;

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

impl Service {
    /// Brings each batch of samples to a network's input, `[batch, 3, height, width]`, and asks it about them. Others get
    /// their turn meanwhile, and Cancel is heard.
    ///
    /// # Errors
    /// Where a sample cannot be read back, the device fails, or the person cancels.
    pub(super) async fn look_at_faces<'a>(
        &self,
        tally: &mut Tally,
        pixels: &PixelFile,
        batches: impl Iterator<Item = &'a [usize]>,
        preprocessing: &Preprocessing,
        mut ask: impl AsyncFnMut(&[usize], Tensor<4>) -> Result<(), ExecutionError>,
    ) -> Result<(), Failure> {
        let device = self.device()?;
        for batch in batches {
            let mut faces = Vec::with_capacity(batch.len());
            for &sample in batch {
                faces.push(preprocessing.apply(&pixels.get(sample)?));
            }
            ask(batch, normalised(&faces, preprocessing, &device)).await.map_err(refused)?;
            tally.done += batch.len();
            if tally.pace.report_due() {
                self.progress(tally.id, Progress::Count { done: tally.done, total: tally.total });
            }
            next_task().await;
            self.check_cancelled(tally.id)?;
        }
        Ok(())
    }
}
