//! What the classes found in a dataset are: a person knows better than its files.

use std::rc::Rc;

use super::gallery::Thumbnails;
use super::{Answer, OpenDataset, Service, refused};
use crate::dataset::{ClassNames, Dataset, DatasetSummary, PixelStore};
use crate::engine::protocol::{FACES_OF_A_CLASS, Failure, Outcome};

/// What became of a dataset's classes.
pub(crate) struct Renamed {
    /// The dataset as it was found.
    found: Dataset,
    names: ClassNames,
}

impl OpenDataset {
    /// The dataset as it was found.
    fn found(&self) -> &Dataset {
        self.renamed.as_ref().map_or(&self.dataset, |renamed| &renamed.found)
    }

    /// What the page shows of it.
    pub(super) fn summary(&self) -> DatasetSummary {
        let summary = self.dataset.summary();
        match &self.renamed {
            Some(Renamed { found, names }) => DatasetSummary { found: found.found(), names: names.clone(), ..summary },
            None => summary,
        }
    }

    /// A dataset as it was found, under the names a person gave its classes.
    pub(super) fn named(found: Dataset, names: Option<ClassNames>) -> (Dataset, Option<Renamed>) {
        match names.filter(|names| *names != ClassNames::as_found(&found.label_set)) {
            Some(names) => (found.renamed(&names), Some(Renamed { found, names })),
            None => (found, None),
        }
    }
}

impl Service {
    pub(super) async fn name_classes(&self, names: ClassNames) -> Answer {
        let _task = self.begin("Naming classes")?;
        let open = self.open_dataset()?;
        check(&names, open.found())?;
        let (dataset, renamed) = OpenDataset::named(open.found().clone(), Some(names.clone()));
        if let Some(place) = open.pixels.place().filter(|_| open.kept)
            && let Err(why) = self.storage.keep_class_names(place, &names).await
        {
            self.storage.tell(format!("The classes' names are forgotten when the page is closed: {why}."));
        }
        let pixels = Rc::clone(&open.pixels);
        let summary = self.open(OpenDataset { dataset, renamed, pixels, kept: open.kept });
        Ok((Outcome::Dataset(summary), None))
    }

    pub(super) fn show_classes(&self) -> Answer {
        let open = self.open_dataset()?;
        let found = open.found();
        let mut thumbnails = Thumbnails::with_capacity(FACES_OF_A_CLASS * found.label_set.len());
        for samples in samples_of_classes(found) {
            for place in 0..FACES_OF_A_CLASS {
                // A class is found because it has a sample; one that only shares votes has none of its own.
                match samples.get(place % samples.len().max(1)) {
                    Some(&sample) => thumbnails.push(&open.pixels.get(sample)?),
                    None => thumbnails.push_blank(),
                }
            }
        }
        Ok((Outcome::Faces, Some(thumbnails.into_bytes())))
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

fn check(names: &ClassNames, found: &Dataset) -> Result<(), Failure> {
    if names.0.len() != found.label_set.len() {
        return Err(refused("The classes have changed meanwhile: look at them again."));
    }
    if names.0.iter().all(Option::is_none) {
        return Err(refused("At least one class must stay: choose what it is."));
    }
    if names.0.iter().flatten().any(|name| name.trim().is_empty()) {
        return Err(refused("A class needs a name: write one, or leave the class out."));
    }
    Ok(())
}
