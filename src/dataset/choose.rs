//! A dataset as a person chose it to be.

use super::{Choices, Dataset, Twins};

impl Dataset {
    /// The same faces under other class names, divided anew, without twins: whatever was chosen. Faces keep their places;
    /// one that is left out has no split.
    pub fn with(&self, choices: &Choices, twins: &Twins) -> Dataset {
        let mut dataset = self.renamed(&choices.names);
        if let Some(division) = &choices.division {
            dataset.divide(division, twins);
        }
        dataset.leave_out(choices.left_out, twins);
        dataset
    }
}
