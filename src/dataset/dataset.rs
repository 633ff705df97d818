//! An imported dataset.

use serde::{Deserialize, Serialize};

use super::{Choices, DatasetSummary, Opened, Problem, Sample, Split, SplitPlan, Twins, assign_splits};
use crate::affect::{Annotation, LabelSet};
use crate::imaging::Fingerprint;

/// Labelled faces. The pixels of sample `i` are image `i` of the store they were imported into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// What it is called: the dropped folder's or archive's name.
    pub name: String,
    /// "Recognised as ... because ...": one sentence.
    pub recognised: String,
    /// How its files were opened, and how else they could be.
    #[serde(default)]
    pub opened: Opened,
    /// The classes; empty where there are only valence and arousal.
    pub label_set: LabelSet,
    /// The number that the data has for each class found; empty where it names them.
    #[serde(default)]
    pub numbers: Vec<u64>,
    /// The faces.
    pub samples: Vec<Sample>,
    /// Whether the splits are the data's own.
    pub own_splits: bool,
    /// Images deliberately left out, by reason.
    pub excluded: Vec<(String, usize)>,
    /// What could not be read, the first 1,000 of it.
    pub problems: Vec<Problem>,
    /// How many problems there are in all.
    pub problem_count: usize,
}

/// The most places on the circumplex that a summary holds.
const AFFECT_POINTS: usize = 5000;

impl Dataset {
    /// The generated faces, in their order.
    pub fn sample_faces(faces: Vec<(Annotation, Fingerprint)>, splits: &SplitPlan) -> Self {
        let face = |(index, (annotation, look))| {
            let name = format!("face-{:05}.png", index + 1);
            Sample { name, annotation, person: None, split: None, look }
        };
        let mut samples: Vec<Sample> = faces.into_iter().enumerate().map(face).collect();
        assign_splits(&mut samples, splits);
        Dataset {
            name: "Sample faces".into(),
            recognised: "Drawn here from a seed, each with an expression, valence and arousal.".into(),
            opened: Opened::default(),
            label_set: LabelSet::affectnet8(),
            numbers: Vec::new(),
            samples,
            own_splits: false,
            excluded: Vec::new(),
            problems: Vec::new(),
            problem_count: 0,
        }
    }

    /// The samples of a split, in order.
    pub fn indices(&self, split: Split) -> Vec<usize> {
        (0..self.samples.len()).filter(|index| self.samples[*index].split == Some(split)).collect()
    }

    /// Its classes, and how many samples each has.
    pub fn found(&self) -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = self.label_set.classes().iter().map(|class| (class.clone(), 0)).collect();
        for class in self.samples.iter().filter_map(|sample| sample.annotation.class()) {
            found[class].1 += 1;
        }
        found
    }

    /// What the page shows of it. `twins` are those among its faces.
    pub fn summary(&self, twins: &Twins) -> DatasetSummary {
        let mut counts = [(); 3].map(|()| vec![0; self.label_set.len()]);
        let mut split_sizes = [0; 3];
        for sample in &self.samples {
            let Some(split) = sample.split.map(|split| split as usize) else { continue };
            split_sizes[split] += 1;
            if let Some(count) = sample.annotation.class().and_then(|class| counts[split].get_mut(class)) {
                *count += 1;
            }
        }
        let affect = |sample: &Sample| Some((sample.annotation.valence?, sample.annotation.arousal?));
        let in_use = self.samples.iter().filter(|sample| sample.split.is_some());
        let points: Vec<(f32, f32)> = in_use.filter_map(affect).collect();
        DatasetSummary {
            name: self.name.clone(),
            recognised: self.recognised.clone(),
            opened: self.opened.clone(),
            label_set: self.label_set.clone(),
            found: self.found(),
            numbers: self.numbers.clone(),
            choices: Choices::as_found(&self.label_set),
            findings: self.findings(twins),
            samples: split_sizes.iter().sum(),
            counts,
            split_sizes,
            own_splits: self.own_splits,
            with_affect: points.len(),
            affect_points: points.iter().step_by(points.len().div_ceil(AFFECT_POINTS).max(1)).copied().collect(),
            excluded: self.excluded.clone(),
            problems: self.problems.clone(),
            problem_count: self.problem_count,
        }
    }
}
