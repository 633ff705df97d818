//! Model files that leave to a file of pre-trained weights what is the same there: those that the site brings beside such a file,
//! and that would be many times as long.
//!
//! Their metadata have `backbone`: the SHA-256 of the other file.

use safetensors::SafeTensors;

use super::checkpoint::write_halves;
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
    ///
    /// # Errors
    /// As for [`write_halves`](Checkpoint::write_halves).
    pub fn write_beside(&self, backbone: &BackboneWeights, sha256: &str) -> Result<Vec<u8>, CheckpointError> {
        let elsewhere = backbone.in_a_model();
        let own = self.weights.iter().filter(|(name, weights)| elsewhere.get(*name) != Some(*weights));
        let mut metadata = self.card.metadata();
        metadata.insert(BACKBONE.into(), sha256.into());
        write_halves(own, metadata)
    }

    /// Reads a model file that leaves out what is the same in `backbone`.
    ///
    /// # Errors
    /// As for [`read`](Checkpoint::read).
    pub fn read_beside(file: &[u8], backbone: &BackboneWeights) -> Result<Self, CheckpointError> {
        let mut weights = backbone.in_a_model();
        weights.extend(weights::tensors(&SafeTensors::deserialize(file)?, |name| Some(name.into()))?);
        Checkpoint { card: ModelCard::read(file)?, weights }.checked()
    }
}
