//! What is said of models.

use serde::{Deserialize, Serialize};

use super::ModelId;
use crate::affect::LabelSet;
use crate::dataset::Split;
use crate::figures;
use crate::training::{AffectLabels, Ending, History, TrainingPlan};

/// A model the engine holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelSummary {
    /// Its id in this engine.
    pub id: ModelId,
    /// What it is called.
    pub name: String,
    /// The architecture's name in the catalogue.
    pub architecture: String,
    /// Its classes.
    pub label_set: LabelSet,
    /// Parameters in all.
    pub parameters: usize,
    /// Height and width of its input, pixels.
    pub input_size: u32,
    /// Where it comes from: "trained with Mien", or the file's name.
    pub origin: String,
    /// The plan it was trained by, where the file tells.
    pub plan: Option<TrainingPlan>,
    /// What the site has of it, where it comes with the site.
    #[serde(default)]
    pub shipped: Option<Shipped>,
    /// What a person wrote about it.
    #[serde(default)]
    pub note: String,
    /// How it was trained, where that was here.
    #[serde(default)]
    pub training: Option<TrainingRecord>,
    /// What is known of how good it is, the oldest first.
    #[serde(default)]
    pub evaluations: Vec<EvaluationRecord>,
}

impl ModelSummary {
    /// Whether it comes with the site: it can be read, copied and evaluated, but not changed.
    pub fn is_shipped(&self) -> bool {
        self.shipped.is_some()
    }

    /// What a person should know of its valence and arousal, where nobody measured those that it learned.
    pub fn affect_caveat(&self) -> Option<&'static str> {
        let derived = self.plan.as_ref().is_some_and(|plan| plan.affect_labels == AffectLabels::Derived);
        derived.then_some("Valence and arousal are derived from expression labels, not measured.")
    }
}

/// What the site has of a model that comes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// Where its card is, beside the page.
    pub card: String,
    /// Bytes of its own file.
    pub bytes: u64,
    /// Bytes of the file of pre-trained weights that it needs beside; 0 where it is whole.
    pub backbone_bytes: u64,
}

/// How a model was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// When it ended, milliseconds since 1970.
    pub ended: u64,
    /// Seconds it took, pauses included.
    pub seconds: f64,
    /// What it was computed on.
    pub device: String,
    /// What it was trained and validated on.
    pub faces: Faces,
    /// Why it ended.
    pub ending: Ending,
    /// The epoch the weights are from; 0 where none was finished.
    pub best_epoch: u32,
    /// Every epoch.
    pub history: History,
}

impl TrainingRecord {
    /// How long it took, in words: `8 epochs for 2 min 5 s`.
    pub fn cost(&self) -> String {
        let epochs = figures::counted(self.history.epochs.len(), "epoch", "epochs");
        format!("{epochs} for {}", figures::duration(self.seconds))
    }
}

/// A training that was stopped or cut short, and can go on from there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnfinishedTraining {
    /// What a person calls the network.
    pub network: String,
    /// The plan it goes by.
    pub plan: TrainingPlan,
    /// When it was kept, milliseconds since 1970.
    pub kept: u64,
    /// Seconds it took so far, pauses included.
    pub seconds: f64,
    /// What it was computed on.
    pub device: String,
    /// What it is trained and validated on.
    pub faces: Faces,
    /// Every finished epoch.
    pub history: History,
}

/// An evaluation that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRecord {
    /// When it ended, milliseconds since 1970.
    pub ended: u64,
    /// Seconds from the first face's pixels to the last answer.
    pub seconds: f64,
    /// What it was computed on.
    pub device: String,
    /// What it was evaluated on.
    pub faces: Faces,
    /// The split they were.
    pub split: Split,
    /// Share of faces whose most likely class was the true one; `None` where none had a class.
    pub accuracy: Option<f64>,
}

/// Which faces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faces {
    /// What the dataset was called.
    pub dataset: String,
    /// Equal for the same faces with the same labels: 16 hexadecimal digits.
    pub identity: String,
    /// How many they are.
    pub count: usize,
}

/// A model, layer by layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// In the order they are computed in.
    pub layers: Vec<Layer>,
    /// Parameters in all.
    pub parameters: usize,
    /// Multiplications of one image, each with an addition.
    pub multiplications: u64,
    /// Bytes of the model's file.
    pub bytes: u64,
    /// On what terms it may be used, where it says.
    pub licence: Option<String>,
}

/// One layer, with the normalisation and activation behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// What its parameters' names begin with; nothing where it has none.
    pub name: String,
    /// What it does, in words.
    pub does: String,
    /// Its output: channels, height, width; or features.
    pub shape: Vec<usize>,
    /// Its parameters.
    pub parameters: usize,
    /// Its multiplications for one image.
    pub multiplications: u64,
}

/// Pre-trained weights that the site serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServedWeights {
    /// The architecture's name in the catalogue.
    pub architecture: String,
    /// What a person reads.
    pub label: String,
    /// The file's length.
    pub bytes: u64,
    /// Where they were published, and what they were trained on.
    pub origin: String,
    /// On what terms.
    pub licence: String,
    /// Whether they are in this browser already.
    pub kept: bool,
}

/// What a training by a plan would cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// Parameters of the model.
    pub parameters: usize,
    /// Those that training moves.
    pub moved: usize,
    /// Multiplications of one image, each with an addition, when the model is used.
    pub multiplications: u64,
    /// Bytes of memory, about.
    pub memory: u64,
    /// Seconds for every planned epoch, as measured on a few small images; `None` where it does not fit.
    pub seconds: Option<f64>,
    /// Why it does not fit, and what would: a sentence.
    pub refusal: Option<String>,
}

/// Images at once where the speed of many is measured: as many as a shard of a training has.
pub const SPEED_BATCH: usize = 16;

/// How fast the device is with a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// What a person calls the network.
    pub label: String,
    /// Multiplications of one image, each with an addition, when the model is used.
    pub multiplications: u64,
    /// Seconds from one image to what is said of it.
    pub alone: f64,
    /// The same for each of [`SPEED_BATCH`] images at once, or of fewer where they are too large for that.
    pub together: f64,
    /// Images a second in a training of the whole network; `None` where that would take more memory than is tried.
    pub training: Option<f64>,
}
