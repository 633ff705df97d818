//! The open dataset as a file for the person: a zip of images and a table.

use super::export::{hand_over, slug};
use super::pace::Pace;
use super::{Answer, OpenDataset, Service, refused};
use crate::dataset::{Dataset, Export};
use crate::engine::protocol::{Failure, RequestId};
use crate::engine::storage::Outgoing;

impl Service {
    pub(super) async fn export_dataset(&self, id: RequestId) -> Answer {
        let _task = self.begin("A download")?;
        let open = self.open_dataset()?;
        let mut out = self.storage.outgoing(foreseen(&open.dataset)).await;
        let written = self.write_dataset(id, &open, &mut out).await;
        hand_over(format!("{}.zip", slug(&open.dataset.name)), written, out).await
    }

    async fn write_dataset(&self, id: RequestId, open: &OpenDataset, out: &mut Outgoing) -> Result<(), Failure> {
        let mut pace = Pace::new();
        let mut export = Export::open(&open.dataset, out).map_err(refused)?;
        while export.step(open.pixels()).map_err(refused)? {
            self.count(id, &mut pace, export.done(), export.total()).await?;
        }
        export.finish().map_err(refused)?;
        Ok(())
    }
}

/// Bytes it takes at most, or little more: pixels as they are, a row of the table, a place in the directory.
fn foreseen(dataset: &Dataset) -> u64 {
    const BESIDE_PIXELS: u64 = 400;
    let look = dataset.samples.iter().map(|sample| sample.look);
    look.map(|look| 3 * u64::from(look.width) * u64::from(look.height) + BESIDE_PIXELS).sum()
}
