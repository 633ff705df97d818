//! The open dataset as a file for the person: a zip of images and a table.

use super::export::slug;
use super::pace::Pace;
use super::{Answer, Attachment, OpenDataset, Service, refused};
use crate::dataset::{Dataset, Export};
use crate::engine::protocol::{Failure, Outcome, RequestId};
use crate::engine::storage::Outgoing;

impl Service {
    pub(super) async fn export_dataset(&self, id: RequestId) -> Answer {
        let _task = self.begin("A download")?;
        let open = self.open_dataset()?;
        let mut out = self.storage.outgoing(foreseen(&open.dataset)).await;
        if let Err(failure) = self.write_dataset(id, &open, &mut out).await {
            out.discard().await;
            return Err(failure);
        }
        let written = out.finish().await;
        let file = written.map_err(|why| refused(format!("The dataset could not be written: {why}.")))?;
        let name = format!("{}.zip", slug(&open.dataset.name));
        Ok((Outcome::File { name, media_type: "application/zip".into() }, Some(Attachment::File(file))))
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
