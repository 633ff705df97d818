//! Model files that leave to a file of pre-trained weights what is the same there, and say of kernels how they differ: those that the
//! site brings beside such a file, and that would be many times as long.
//!
//! Their metadata have `backbone`: the SHA-256 of the other file.

use std::collections::{BTreeMap, BTreeSet};

use safetensors::{Dtype, SafeTensors};

use super::checkpoint::{halves, write_short};
use super::difference::{Difference, step_of};
use super::{Architecture, BackboneWeights, Checkpoint, CheckpointError, ModelCard, weights};

/// The metadata's key.
const BACKBONE: &str = "backbone";

/// The architecture whose pre-trained weights a model file leaves something to; `None` where it is whole.
///
/// # Errors
/// Where its header cannot be read, or the weights are none of this build's.
pub fn backbone_elsewhere(file: &[u8]) -> Result<Option<&'static Architecture>, CheckpointError> {
    let (_, header) = SafeTensors::read_metadata(file)?;
    let Some(sha256) = header.metadata().as_ref().and_then(|metadata| metadata.get(BACKBONE)) else { return Ok(None) };
    let architecture = ModelCard::read(file)?.catalogued()?;
    match architecture.weights {
        Some(published) if published.sha256 == sha256 => Ok(Some(architecture)),
        _ => Err(CheckpointError::Backbone { sha256: sha256.clone() }),
    }
}

impl Checkpoint {
    /// The bytes of a model file of 16-bit weights, without those that are the same in `backbone`, whose file has this SHA-256.
    /// Kernels and matrices that differ from its own are there as their differences, in 8 bits.
    ///
    /// # Errors
    /// As for [`write_halves`](Checkpoint::write_halves).
    pub fn write_beside(&self, backbone: &BackboneWeights, sha256: &str) -> Result<Vec<u8>, CheckpointError> {
        let elsewhere = backbone.in_a_model();
        let own = || self.weights.iter().filter(|(name, weights)| elsewhere.get(*name) != Some(*weights));
        let differing = own().filter_map(|(name, weights)| {
            let published = elsewhere.get(name).filter(|_| weights.shape.len() > 1)?;
            Some((name, Difference::between(weights, published)))
        });
        let differing: BTreeMap<&String, Difference> = differing.collect();

        let mut tensors = BTreeMap::new();
        for (name, weights) in own().filter(|(name, _)| !differing.contains_key(name)) {
            tensors.insert(name.clone(), halves(weights));
        }
        for (name, difference) in &differing {
            let [steps, step] = difference.short();
            tensors.extend([(name.to_string(), steps), (step_of(name), step)]);
        }
        let mut metadata = self.card.metadata();
        metadata.insert(BACKBONE.into(), sha256.into());
        write_short(tensors, metadata)
    }

    /// Reads a model file that leaves out what is the same in `backbone`.
    ///
    /// # Errors
    /// As for [`read`](Checkpoint::read).
    pub fn read_beside(file: &[u8], backbone: &BackboneWeights) -> Result<Self, CheckpointError> {
        let card = ModelCard::read(file)?;
        let file = SafeTensors::deserialize(file)?;
        let mut weights = backbone.in_a_model();
        let mut apart = BTreeSet::new();
        for (name, view) in file.tensors() {
            if view.dtype() == Dtype::I8
                && let Some(published) = weights.get_mut(&name)
            {
                *published = Difference::read(&name, &view, &file)?.from(&name, published)?;
                apart.extend([step_of(&name), name]);
            }
        }
        weights.extend(weights::tensors(&file, |name| (!apart.contains(name)).then(|| name.into()))?);
        Checkpoint { card, weights }.checked()
    }
}
