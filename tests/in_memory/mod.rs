//! A split that a test makes up: it lies in memory, at the network's input size.

use std::borrow::Cow;

use mien::affect::Annotation;
use mien::dataset::StoreError;
use mien::imaging::Pixels;
use mien::training::SampleSource;

#[derive(Clone)]
pub struct Faces(pub Vec<(Pixels, Annotation)>);

impl SampleSource for Faces {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn image(&self, index: usize) -> Result<Cow<'_, Pixels>, StoreError> {
        Ok(Cow::Borrowed(&self.0[index].0))
    }

    fn extent(&self, index: usize) -> (usize, usize) {
        (self.0[index].0.width, self.0[index].0.height)
    }

    fn annotation(&self, index: usize) -> &Annotation {
        &self.0[index].1
    }
}
