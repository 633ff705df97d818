//! Imports: dropped files, and the sample faces.

use std::rc::Rc;

use super::pace::Pace;
use super::{Answer, OpenDataset, Service, refused};
use crate::dataset::sample_faces::SampleFaces;
use crate::dataset::{Dataset, DroppedFile, Import, MemoryPixelStore, PixelStore, SplitPlan};
use crate::engine::protocol::{Failure, Outcome, Progress, RequestId};

/// More sample faces than this would not fit into memory beside a training.
const MOST_SAMPLE_FACES: usize = 50_000;

impl Service {
    pub(super) async fn import(&self, id: RequestId, files: Vec<DroppedFile>, splits: SplitPlan) -> Answer {
        let _task = self.begin("An import")?;
        let mut import = Import::open(files, splits).map_err(refused)?;
        let mut pixels: Box<dyn PixelStore> = Box::new(MemoryPixelStore::default());
        let mut pace = Pace::new();
        while import.step(pixels.as_mut()) {
            self.import_progress(id, &mut pace, import.done(), import.total()).await?;
        }
        Ok(self.open(import.finish().map_err(refused)?, pixels))
    }

    pub(super) async fn import_sample(&self, id: RequestId, count: usize, seed: u64, splits: SplitPlan) -> Answer {
        let _task = self.begin("An import")?;
        if !(1..=MOST_SAMPLE_FACES).contains(&count) {
            return Err(refused(format!("The number of sample faces must be from 1 to {MOST_SAMPLE_FACES}.")));
        }
        let faces = SampleFaces::new(seed);
        let mut pixels: Box<dyn PixelStore> = Box::new(MemoryPixelStore::default());
        let mut annotations = Vec::with_capacity(count);
        let mut pace = Pace::new();
        for index in 0..count {
            let (face, annotation) = faces.face(index);
            pixels.push(&face).map_err(refused)?;
            annotations.push(annotation);
            self.import_progress(id, &mut pace, index + 1, count).await?;
        }
        Ok(self.open(Dataset::sample_faces(annotations, &splits), pixels))
    }

    async fn import_progress(&self, id: RequestId, pace: &mut Pace, done: usize, total: usize) -> Result<(), Failure> {
        if pace.report_due() {
            self.progress(id, Progress::Count { done, total });
        }
        pace.breathe().await;
        self.check_cancelled(id)
    }

    /// Puts a dataset in the place of the last one. What was said about that one goes with it.
    fn open(&self, dataset: Dataset, pixels: Box<dyn PixelStore>) -> (Outcome, Option<Vec<u8>>) {
        let summary = dataset.summary();
        self.evaluation.replace(None);
        self.dataset.replace(Some(Rc::new(OpenDataset { dataset, pixels })));
        (Outcome::Dataset(summary), None)
    }
}
