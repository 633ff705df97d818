//! Weights of a backbone alone, as others publish them: torchvision's and timm's safetensors files, and what
//! `make weights` converts into that form.
//!
//! A file of ours says in its metadata whose weights they are (`architecture`, `variant`, `preprocessing`, `origin`,
//! `licence`); a plain one does not, and is taken for what it is loaded as.

use std::collections::BTreeMap;

use safetensors::SafeTensors;

use super::{Architecture, Backbone, CheckpointError, Model, Weights, parameters, weights};

/// The beginnings of a classifier's names in others' files: a backbone has no use for it.
const CLASSIFIERS: [&str; 2] = ["fc.", "classifier."];

/// How PyTorch counts the batches a normalisation has seen: an integer that nothing depends on.
const COUNTER: &str = ".num_batches_tracked";

/// The weights of a backbone, checked against its architecture.
#[derive(Clone, Debug)]
pub struct BackboneWeights {
    architecture: &'static Architecture,
    weights: BTreeMap<String, Weights>,
}

impl BackboneWeights {
    /// Reads a file of this architecture's weights. A classifier in it is left out.
    ///
    /// # Errors
    /// [`CheckpointError`]: the file is not whole, is another architecture's, or a tensor is missing, extra, misshaped or
    /// not finite; the error names it.
    pub fn read(file: &[u8], architecture: &'static Architecture) -> Result<Self, CheckpointError> {
        let (_, header) = SafeTensors::read_metadata(file)?;
        let metadata = header.metadata().as_ref();
        let says = |key: &str| metadata.and_then(|metadata| metadata.get(key));
        if let (Some(name), Some(variant)) = (says("architecture"), says("variant"))
            && (name, variant) != (&architecture.name.to_string(), &architecture.variant.to_string())
        {
            let expected = format!("{}, variant {}", architecture.name, architecture.variant);
            return Err(CheckpointError::Another { found: format!("{name}, variant {variant}"), expected });
        }
        let backbone = (architecture.build)(&burn::tensor::Device::flex());
        let name_here = |name: &str| {
            let useless = name.ends_with(COUNTER) || CLASSIFIERS.iter().any(|part| name.starts_with(part));
            (!useless).then(|| backbone.name_here(name))
        };
        let weights = weights::tensors(&SafeTensors::deserialize(file)?, name_here)?;
        weights::check(&weights, parameters::shapes(&backbone))?;
        Ok(BackboneWeights { architecture, weights })
    }

    /// No weights at all: a backbone that they are put into stays as it was drawn. For measuring what a training costs.
    pub fn as_drawn(architecture: &'static Architecture) -> Self {
        BackboneWeights { architecture, weights: BTreeMap::new() }
    }

    /// Whose weights they are.
    pub fn architecture(&self) -> &'static Architecture {
        self.architecture
    }

    /// Them by their names in a model.
    pub fn in_a_model(&self) -> BTreeMap<String, Weights> {
        self.weights.iter().map(|(name, weights)| (format!("backbone.{name}"), weights.clone())).collect()
    }

    /// Puts them into a model of their architecture. The head stays as it is.
    pub fn put_into(&self, model: Model) -> Model {
        Model { backbone: parameters::load(model.backbone, &self.weights), head: model.head }
    }
}
