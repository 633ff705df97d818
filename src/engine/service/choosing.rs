//! What a person decided about the open dataset: what its classes are, how it is divided, what is left out.

use std::rc::Rc;

use super::gallery::Thumbnails;
use super::pace::Pace;
use super::{Answer, OpenDataset, Service, refused};
use crate::dataset::{Choices, Dataset, DatasetSummary, PixelStore, TwinSearch, Twins};
use crate::engine::protocol::{FACES_OF_A_CLASS, Failure, Outcome};
use crate::engine::storage::PixelFile;

impl OpenDataset {
    /// A dataset as it was found, and what a person decided about it.
    pub(super) async fn new(found: Dataset, choices: Option<Choices>, pixels: PixelFile, kept: bool) -> Self {
        let choices = choices.unwrap_or_else(|| Choices::as_found(&found.label_set));
        let twins = twins(&found).await;
        let found = Found { dataset: Rc::new(found), twins, pixels: Rc::new(pixels), kept };
        Rc::new(found).with(choices)
    }

    /// What the page shows of it.
    pub(super) fn summary(&self) -> DatasetSummary {
        let Found { dataset, twins, .. } = &*self.found;
        DatasetSummary { found: dataset.found(), choices: self.choices.clone(), ..self.dataset.summary(twins) }
    }
}

/// Seconds of work where there are many faces.
async fn twins(dataset: &Dataset) -> Twins {
    let looks: Vec<_> = dataset.samples.iter().map(|sample| sample.look).collect();
    let mut search = TwinSearch::new(&looks);
    let mut pace = Pace::new();
    while search.step() {
        pace.breathe().await;
    }
    search.finish()
}

/// A dataset as its files have it.
pub(crate) struct Found {
    pub dataset: Rc<Dataset>,
    pub twins: Twins,
    pub pixels: Rc<PixelFile>,
    /// Whether it is there again tomorrow.
    pub kept: bool,
}

impl Found {
    fn with(self: Rc<Self>, choices: Choices) -> OpenDataset {
        // Most datasets are used as they were found, and need not be in memory twice.
        let dataset = match choices == Choices::as_found(&self.dataset.label_set) {
            true => Rc::clone(&self.dataset),
            false => Rc::new(self.dataset.with(&choices, &self.twins)),
        };
        OpenDataset { dataset, choices, found: self }
    }
}

impl Service {
    pub(super) async fn choose(&self, choices: Choices) -> Answer {
        let _task = self.begin("A change of the dataset")?;
        let found = Rc::clone(&self.open_dataset()?.found);
        check(&choices, &found.dataset)?;
        let open = Rc::clone(&found).with(choices);
        if open.dataset.samples.iter().all(|sample| sample.split.is_none()) {
            return Err(refused("Not one face would be left."));
        }
        if let Some(place) = found.pixels.place().filter(|_| found.kept)
            && let Err(why) = self.storage.keep_choices(place, &open.choices).await
        {
            self.storage.tell(format!("What you chose for this dataset is forgotten when the page is closed: {why}."));
        }
        Ok((Outcome::Dataset(self.open(open)), None))
    }

    pub(super) fn show_classes(&self) -> Answer {
        let found = Rc::clone(&self.open_dataset()?.found);
        let mut thumbnails = Thumbnails::with_capacity(FACES_OF_A_CLASS * found.dataset.label_set.len());
        for samples in samples_of_classes(&found.dataset) {
            for place in 0..FACES_OF_A_CLASS {
                // A class is found because it has a sample; one that only shares votes has none of its own.
                match samples.get(place % samples.len().max(1)) {
                    Some(&sample) => thumbnails.push(&found.pixels.get(sample)?),
                    None => thumbnails.push_blank(),
                }
            }
        }
        Ok((Outcome::Faces, Some(thumbnails.into_bytes().into())))
    }
}

/// The first samples of every class.
fn samples_of_classes(dataset: &Dataset) -> Vec<Vec<usize>> {
    let mut samples = vec![Vec::new(); dataset.label_set.len()];
    for (index, sample) in dataset.samples.iter().enumerate() {
        if let Some(of_class) = sample.annotation.class().and_then(|class| samples.get_mut(class))
            && of_class.len() < FACES_OF_A_CLASS
        {
            of_class.push(index);
        }
    }
    samples
}

fn check(choices: &Choices, found: &Dataset) -> Result<(), Failure> {
    let names = &choices.names.0;
    if names.len() != found.label_set.len() {
        return Err(refused("The classes have changed meanwhile: look at them again."));
    }
    if !names.is_empty() && names.iter().all(Option::is_none) {
        return Err(refused("At least one class must stay: choose what it is."));
    }
    if names.iter().flatten().any(|name| name.trim().is_empty()) {
        return Err(refused("A class needs a name: write one, or leave the class out."));
    }
    Ok(())
}
