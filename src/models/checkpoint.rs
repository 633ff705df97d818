//! Model files: safetensors, with everything that inference needs in the metadata.
//!
//! Metadata (safetensors has strings only; what is not a name is JSON): `format` (`mien/1`), `architecture`, `variant`,
//! `label_set`, `preprocessing`, and where known `plan`, `metrics`, `dataset`, `licence`.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{Device, ExecutionError};
use half::f16;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::weights::Short;
use super::{Architecture, Model, Weights, parameters, variant, weights};
use crate::affect::LabelSet;
use crate::imaging::Preprocessing;

/// The format this build writes and reads.
pub const FORMAT: &str = "mien/1";

/// Where a file's header begins: behind its length.
const HEADER: usize = 8;

/// More classes than any label set has: a file that names more lies.
const MOST_CLASSES: usize = 1000;

/// What a model file says about its model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCard {
    /// The architecture's name in the catalogue.
    pub architecture: String,
    /// Which network of that name.
    pub variant: String,
    /// The classes, in the order of the logits.
    pub label_set: LabelSet,
    /// What turns pixels into the network's input.
    pub preprocessing: Preprocessing,
    /// The training plan.
    pub plan: Option<serde_json::Value>,
    /// What was measured of it.
    pub metrics: Option<serde_json::Value>,
    /// Fingerprint of the data it was trained on.
    pub dataset: Option<String>,
    /// On what terms it may be used.
    pub licence: Option<String>,
}

/// A model in memory, as it is written to a file. Its weights have been checked against its architecture.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What it says about itself.
    pub card: ModelCard,
    pub(super) weights: BTreeMap<String, Weights>,
}

/// Why a model cannot be read or written.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// Not safetensors, cut short, or with a header that contradicts itself.
    #[error("this is not a whole safetensors file: {0}")]
    File(#[from] SafeTensorError),
    /// Safetensors, but of somebody else's.
    #[error("this file was not written by Mien: its format is {found}, not \"{FORMAT}\"")]
    Format {
        /// What stands there, in quotation marks, or "missing".
        found: String,
    },
    /// A piece of metadata is missing or cannot be read.
    #[error("the file's metadata \"{key}\" {why}")]
    Metadata {
        /// Which.
        key: &'static str,
        /// What is the matter.
        why: String,
    },
    /// The architecture, or its variant, is unknown here.
    #[error("this build has no architecture \"{name}\", variant \"{variant}\"")]
    Architecture {
        /// Its name.
        name: String,
        /// Its variant.
        variant: String,
    },
    /// The weights of another architecture, or of another variant.
    #[error("these are weights of {found}, not of {expected}")]
    Another {
        /// Whose they are.
        found: String,
        /// Whose they should be.
        expected: String,
    },
    /// The file leaves its backbone to other weights than this build's.
    #[error("it leaves its backbone to pre-trained weights that this site does not have (SHA-256 {sha256})")]
    Backbone {
        /// What those weights are known by.
        sha256: String,
    },
    /// A parameter is not in the file.
    #[error("the tensor \"{0}\" is missing")]
    Missing(String),
    /// The file holds a tensor that the architecture has no place for.
    #[error("the tensor \"{0}\" has no place in this architecture")]
    Extra(String),
    /// A tensor has other dimensions than its parameter.
    #[error("the tensor \"{name}\" has shape {found:?}, not {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// The parameter's dimensions.
        expected: Vec<usize>,
        /// The tensor's.
        found: Vec<usize>,
    },
    /// A tensor is of a type that is not read.
    #[error("the tensor \"{name}\" is of type {found}; only F32, F16 and BF16 are read")]
    Type {
        /// Its name.
        name: String,
        /// Its type.
        found: Dtype,
    },
    /// A tensor holds NaN or infinity.
    #[error("the tensor \"{name}\" holds a value that is not finite, at index {index}")]
    NotFinite {
        /// Its name.
        name: String,
        /// The first such value, counted from 0 over the flattened tensor.
        index: usize,
    },
    /// The device could not give its weights.
    #[error("the weights cannot be read from the device: {0}")]
    Device(#[from] ExecutionError),
}

impl Checkpoint {
    /// Reads a model's weights from its device.
    ///
    /// # Errors
    /// Where the device fails, a weight is not finite, or `card` is not about this model.
    pub async fn of(model: &Model, card: ModelCard) -> Result<Self, CheckpointError> {
        let weights = parameters::read(model, |_| true).await?;
        Checkpoint { card, weights }.checked()
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`CheckpointError`], which names the tensor where one is at fault.
    pub fn read(file: &[u8]) -> Result<Self, CheckpointError> {
        let card = ModelCard::read(file)?;
        let weights = weights::tensors(&SafeTensors::deserialize(file)?, |name| Some(name.into()))?;
        Checkpoint { card, weights }.checked()
    }

    /// The bytes of a model file. The same model gives the same bytes.
    ///
    /// # Errors
    /// Where the header would be too large.
    pub fn write(&self) -> Result<Vec<u8>, CheckpointError> {
        Ok(in_order(safetensors::serialize(&self.weights, Some(self.card.metadata()))?)?)
    }

    /// The same with weights of 16 bits: half as large, and a little off. A tensor with a value beyond those stays as it is.
    ///
    /// # Errors
    /// As for [`write`](Checkpoint::write).
    pub fn write_halves(&self) -> Result<Vec<u8>, CheckpointError> {
        let halves = self.weights.iter().map(|(name, weights)| (name.clone(), halves(weights)));
        write_short(halves.collect(), self.card.metadata())
    }

    /// The same model with its logits divided by a temperature.
    pub fn at_temperature(mut self, temperature: f64) -> Self {
        for (name, weights) in &mut self.weights {
            if name.starts_with("head.expression.") {
                weights.values.iter_mut().for_each(|value| *value = (f64::from(*value) / temperature) as f32);
            }
        }
        self
    }

    /// The model, on a device: with autodiff to be trained on, without to be used.
    ///
    /// # Errors
    /// Where this build does not have the architecture.
    pub fn build(&self, device: &Device) -> Result<Model, CheckpointError> {
        let blank = Model::blank(self.card.catalogued()?, self.card.label_set.len(), device);
        Ok(parameters::load(blank, &self.weights))
    }

    /// The weights, by name.
    pub fn weights(&self) -> &BTreeMap<String, Weights> {
        &self.weights
    }

    /// How many trainable numbers it has: running statistics are not counted.
    pub fn parameters(&self) -> usize {
        let trainable = self.weights.iter().filter(|(name, _)| !name.contains(".running_"));
        trainable.map(|(_, weights)| weights.values.len()).sum()
    }

    /// Compares the weights with what the architecture has.
    pub(super) fn checked(self) -> Result<Self, CheckpointError> {
        let blank = Model::blank(self.card.catalogued()?, self.card.label_set.len(), &Device::flex());
        weights::check(&self.weights, parameters::shapes(&blank))?;
        Ok(self)
    }
}

impl ModelCard {
    /// What a model file says about its model, without a look at its weights.
    ///
    /// # Errors
    /// As [`Checkpoint::read`], of the file's header.
    pub fn read(file: &[u8]) -> Result<Self, CheckpointError> {
        let (_, header) = SafeTensors::read_metadata(file)?;
        ModelCard::from_metadata(header.metadata().as_ref())
    }

    /// The architecture it names.
    pub(super) fn catalogued(&self) -> Result<&'static Architecture, CheckpointError> {
        variant(&self.architecture, &self.variant).ok_or_else(|| CheckpointError::Architecture {
            name: self.architecture.clone(),
            variant: self.variant.clone(),
        })
    }

    pub(super) fn metadata(&self) -> HashMap<String, String> {
        // `to_string` of a JSON value cannot fail.
        let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
        let entries = [
            ("format", Some(FORMAT.to_string())),
            ("architecture", Some(self.architecture.clone())),
            ("variant", Some(self.variant.clone())),
            ("label_set", serde_json::to_string(&self.label_set).ok()),
            ("preprocessing", serde_json::to_string(&self.preprocessing).ok()),
            ("plan", json(&self.plan)),
            ("metrics", json(&self.metrics)),
            ("dataset", self.dataset.clone()),
            ("licence", self.licence.clone()),
        ];
        entries.into_iter().filter_map(|(key, value)| Some((key.to_string(), value?))).collect()
    }

    fn from_metadata(metadata: Option<&HashMap<String, String>>) -> Result<Self, CheckpointError> {
        let get = |key: &str| metadata.and_then(|metadata| metadata.get(key));
        match get("format") {
            Some(format) if format == FORMAT => {}
            found => {
                let found = found.map_or("missing".into(), |found| format!("\"{found}\""));
                return Err(CheckpointError::Format { found });
            }
        }
        let need = |key| get(key).ok_or(CheckpointError::Metadata { key, why: "is missing".into() });
        let card = ModelCard {
            architecture: need("architecture")?.clone(),
            variant: need("variant")?.clone(),
            label_set: parse("label_set", need("label_set")?)?,
            preprocessing: parse("preprocessing", need("preprocessing")?)?,
            plan: get("plan").map(|text| parse("plan", text)).transpose()?,
            metrics: get("metrics").map(|text| parse("metrics", text)).transpose()?,
            dataset: get("dataset").cloned(),
            licence: get("licence").cloned(),
        };
        card.check()?;
        Ok(card)
    }

    /// Refuses what would later be divided by, or allocated.
    fn check(&self) -> Result<(), CheckpointError> {
        let Preprocessing { size, scale, mean, std, .. } = &self.preprocessing;
        let refuse = |key, why: &str| Err(CheckpointError::Metadata { key, why: why.into() });
        if !(1..=4096).contains(size) {
            return refuse("preprocessing", "asks for an input that is not 1 to 4096 pixels wide");
        }
        if !scale.is_finite() || mean.iter().any(|m| !m.is_finite()) || std.iter().any(|s| !s.is_finite() || *s <= 0.0)
        {
            return refuse("preprocessing", "has a scale, mean or standard deviation that cannot be");
        }
        if self.label_set.len() > MOST_CLASSES {
            return refuse("label_set", "has more than 1000 classes");
        }
        Ok(())
    }
}

/// Weights rounded to 16 bits, for [`write_short`]; in 32 where one is beyond what 16 hold.
pub(super) fn halves(weights: &Weights) -> Short<'_> {
    match weights.values.iter().all(|value| f16::from_f32(*value).is_finite()) {
        true => Short::Halves(weights),
        false => Short::Floats(&weights.shape, &weights.values),
    }
}

/// The bytes of a file of tensors.
pub(super) fn write_short(
    tensors: BTreeMap<String, Short>,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, CheckpointError> {
    Ok(in_order(safetensors::serialize(tensors, Some(metadata))?)?)
}

/// Sorts the names in a file's header: its metadata come from a map that has no order.
fn in_order(mut file: Vec<u8>) -> Result<Vec<u8>, SafeTensorError> {
    let (length, _) = SafeTensors::read_metadata(&file)?;
    let header = file.get_mut(HEADER..HEADER + length).unwrap_or_default();
    let names: BTreeMap<String, BTreeMap<String, serde_json::Value>> = serde_json::from_slice(header)?;
    let sorted = serde_json::to_vec(&names)?;
    // It is as long as it was, but for the spaces at its end.
    header.fill(b' ');
    header.iter_mut().zip(sorted).for_each(|(to, from)| *to = from);
    Ok(file)
}

fn parse<T: DeserializeOwned>(key: &'static str, text: &str) -> Result<T, CheckpointError> {
    serde_json::from_str(text)
        .map_err(|error| CheckpointError::Metadata { key, why: format!("cannot be read: {error}") })
}
