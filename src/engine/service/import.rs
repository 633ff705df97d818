//! Imports: dropped files, and the sample faces. What was imported is kept where there is storage.

use std::rc::Rc;

use super::pace::Pace;
use super::{Answer, OpenDataset, Service, refused};
use crate::dataset::sample_faces::SampleFaces;
use crate::dataset::{Dataset, DatasetSummary, DroppedFile, Import, ImportError, Opening, PixelStore, SplitPlan};
use crate::engine::protocol::{Failure, Outcome, Progress, RequestId};
use crate::engine::storage::PixelFile;
use crate::imaging::Fingerprint;

/// More sample faces than this would not fit into memory beside a training.
const MOST_SAMPLE_FACES: usize = 50_000;

/// After so many images, and then ever more seldom, it is noted how far an import is: what is noted grows with it.
const FIRST_NOTED: usize = 128;

impl Service {
    pub(super) async fn import(
        &self,
        id: RequestId,
        files: Vec<DroppedFile>,
        splits: SplitPlan,
        opening: &Opening,
    ) -> Answer {
        let _task = self.begin("An import")?;
        self.restored().await;
        let mut import = match Import::open_as(files, splits, opening) {
            Ok(import) => import,
            Err(error) => return unopened(&error),
        };
        let mut pixels = match self.storage.resume_import(&mut import).await {
            Some(pixels) => pixels,
            None => self.storage.new_pixels(import.total()).await,
        };
        let dataset = self.read_all(id, import, &mut pixels).await;
        self.keep_and_open(dataset, pixels).await
    }

    async fn read_all(&self, id: RequestId, mut import: Import, pixels: &mut PixelFile) -> Result<Dataset, Failure> {
        let mut pace = Pace::new();
        let mut noted = pixels.len();
        while import.step(pixels) {
            self.count(id, &mut pace, import.done(), import.total()).await?;
            if pixels.len() >= noted + noted / 8 + FIRST_NOTED {
                noted = pixels.len();
                self.storage.note_import(&import, pixels).await;
            }
        }
        import.finish().map_err(refused)
    }

    pub(super) async fn import_sample(&self, id: RequestId, count: usize, seed: u64, splits: SplitPlan) -> Answer {
        let _task = self.begin("An import")?;
        if !(1..=MOST_SAMPLE_FACES).contains(&count) {
            return Err(refused(format!("The number of sample faces must be from 1 to {MOST_SAMPLE_FACES}.")));
        }
        self.restored().await;
        let mut pixels = self.storage.new_pixels(count).await;
        let dataset = self.draw_all(id, count, SampleFaces::new(seed), &splits, &mut pixels).await;
        self.keep_and_open(dataset, pixels).await
    }

    async fn draw_all(
        &self,
        id: RequestId,
        count: usize,
        faces: SampleFaces,
        splits: &SplitPlan,
        pixels: &mut PixelFile,
    ) -> Result<Dataset, Failure> {
        let mut drawn = Vec::with_capacity(count);
        let mut pace = Pace::new();
        for index in 0..count {
            let (face, annotation) = faces.face(index);
            pixels.push(&face).map_err(refused)?;
            drawn.push((annotation, Fingerprint::of(&face)));
            self.count(id, &mut pace, index + 1, count).await?;
        }
        Ok(Dataset::sample_faces(drawn, splits))
    }

    /// Tells, now and then, how many images are done; ends where the person asks for it.
    pub(super) async fn count(&self, id: RequestId, pace: &mut Pace, done: usize, total: usize) -> Result<(), Failure> {
        if pace.report_due() {
            self.progress(id, Progress::Count { done, total });
        }
        pace.breathe().await;
        self.check_cancelled(id)
    }

    /// Keeps what was imported, and puts it in the place of the last dataset. An import that failed leaves nothing.
    async fn keep_and_open(&self, imported: Result<Dataset, Failure>, mut pixels: PixelFile) -> Answer {
        let place = pixels.place().map(str::to_string);
        let dataset = match imported {
            Ok(dataset) => dataset,
            Err(failure) => {
                drop(pixels);
                self.storage.delete_dataset(place.as_deref()).await;
                return Err(failure);
            }
        };
        let kept = place.is_some() && self.keep_dataset(&dataset, &mut pixels).await;
        let summary = self.open(OpenDataset::new(dataset, None, pixels, kept).await);
        if kept {
            // The last one is closed by now, and can be removed.
            self.storage.delete_datasets_before(&place.unwrap_or_default()).await;
        }
        Ok((Outcome::Dataset(summary), None))
    }

    async fn keep_dataset(&self, dataset: &Dataset, pixels: &mut PixelFile) -> bool {
        let kept = self.storage.keep_dataset(dataset, pixels).await;
        if let Err(why) = &kept {
            let name = &dataset.name;
            self.storage.tell(format!("{name} is in memory only, and gone when the page is closed: {why}."));
        }
        kept.is_ok()
    }

    /// Puts a dataset in the place of the last one. What was said about that one goes with it.
    pub(super) fn open(&self, open: OpenDataset) -> DatasetSummary {
        let summary = open.summary();
        self.evaluation.replace(None);
        self.dataset.replace(Some(Rc::new(open)));
        summary
    }

    /// Opens the dataset that was kept.
    pub(super) async fn restore_dataset(&self) -> Option<DatasetSummary> {
        let (found, choices, pixels) = self.storage.kept_dataset().await?;
        Some(self.open(OpenDataset::new(found, choices, pixels, true).await))
    }

    pub(super) async fn delete_dataset(&self) -> Answer {
        let _task = self.begin("A deletion")?;
        let place = self.open_dataset()?.pixels().place().map(str::to_string);
        self.evaluation.replace(None);
        self.dataset.replace(None);
        if self.storage.hindrance().is_none() {
            let failed = |why| format!("The dataset could not be deleted: {why}. Reload the page and delete it again.");
            self.storage.forget_datasets(place.as_deref()).await.map_err(|why| refused(failed(why)))?;
        }
        Ok((Outcome::Done, None))
    }
}

/// An import that did not begin: a person may say more about tables, or it is refused.
fn unopened(error: &ImportError) -> Answer {
    match error.tables() {
        [] => Err(refused(error)),
        tables => Ok((Outcome::Unclear { why: error.to_string(), tables: tables.to_vec() }, None)),
    }
}
