//! What is said of several models on the same faces.

use serde::{Deserialize, Serialize};

use super::{Faces, ModelSummary};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Split;
use crate::evaluation::{Comparison, Report, Side};
use crate::figures;

/// Models side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Which faces.
    pub faces: Faces,
    /// The split they are.
    pub split: Split,
    /// The dataset's classes: every model is judged over these.
    pub label_set: LabelSet,
    /// The models in the order they were named; behind several, their ensemble.
    pub contestants: Vec<Contestant>,
    /// The place of the one with the highest accuracy; without classes, with the highest mean CCC.
    pub leader: usize,
    /// Faces of which not all models say the same class.
    pub disagreements: usize,
}

impl Compared {
    /// What is said of each of them.
    pub fn sides(&self) -> Vec<Side<'_>> {
        self.contestants.iter().map(Contestant::side).collect()
    }

    /// Which faces, in words.
    pub fn about(&self) -> String {
        let faces = figures::counted(self.faces.count, "face", "faces");
        format!("{}, {} split: {faces}", self.faces.dataset, self.split.name())
    }

    /// What a person should know of the models: one sentence each, that begins with a model's name.
    pub fn warnings(&self) -> Vec<String> {
        let named = |of: &'_ Contestant| {
            of.warnings.iter().map(|warning| format!("{}: {warning}", of.name)).collect::<Vec<_>>()
        };
        self.contestants.iter().flat_map(named).collect()
    }

    /// Whether the models were trained on the same faces: a sentence.
    pub fn on_what_trained(&self) -> &'static str {
        let models: Vec<&ModelSummary> = self.contestants.iter().filter_map(|of| of.model.as_ref()).collect();
        let identity = |model: &ModelSummary| model.training.as_ref().map(|training| training.faces.identity.clone());
        match models.windows(2).all(|pair| identity(pair[0]) == identity(pair[1])) {
            true => "They were trained on the same faces.",
            false => "They were not all trained on the same faces, or it is not known.",
        }
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contestant {
    /// What it is called.
    pub name: String,
    /// The model; `None` of the ensemble.
    pub model: Option<ModelSummary>,
    /// The figures.
    pub report: Report,
    /// What a person should know (classes that do not map): one sentence each.
    pub warnings: Vec<String>,
    /// How it stands to the leader, itself being the first; `None` of the leader.
    pub against_leader: Option<Comparison>,
    /// Milliseconds a face, from its pixels to the answer, when it was evaluated.
    pub milliseconds: f64,
    /// Bytes of the model's file.
    pub bytes: u64,
    /// Multiplications of one face, each with an addition.
    pub multiplications: u64,
}

impl Contestant {
    fn side(&self) -> Side<'_> {
        Side { name: &self.name, report: &self.report, against_leader: self.against_leader.as_ref() }
    }
}

/// Which faces of a comparison are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisagreementFilter {
    /// Only those of which this contestant says the true class.
    pub right: Option<usize>,
    /// Only those of which this contestant says another.
    pub wrong: Option<usize>,
}

/// A face, and what every contestant says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disputed {
    /// Its file.
    pub name: String,
    /// What is known of it, over the dataset's classes.
    pub truth: Annotation,
    /// The contestants' answers, in their order.
    pub answers: Vec<Opinion>,
}

/// What one contestant says of a face.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// The most likely class; `None` where it has no classes.
    pub class: Option<usize>,
    /// Its probability.
    pub probability: f32,
    /// Valence, -1..1.
    pub valence: f32,
    /// Arousal, -1..1.
    pub arousal: f32,
}
