//! Weights as TensorFlow.js publishes them: a `model.json` and its shards.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use crate::archive::{Archive, ArchiveError};
use crate::tensor::Tensor;

/// A published model: its tensors, and what each operation of its graph reads.
pub struct Published {
    tensors: BTreeMap<String, Tensor>,
    inputs: BTreeMap<String, Vec<String>>,
}

/// Why a model cannot be read.
#[derive(Debug, Error)]
pub enum TfjsError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("its model.json cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("its shards end before the tensor {0}")]
    Short(String),
    #[error("the tensor {name} is of type {dtype}")]
    Type { name: String, dtype: String },
    #[error("it has no {0}")]
    Missing(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    #[serde(default)]
    model_topology: Topology,
    weights_manifest: Vec<Group>,
}

#[derive(Default, Deserialize)]
struct Topology {
    /// Of a graph; a model of layers has none.
    #[serde(default)]
    node: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    name: String,
    #[serde(default)]
    input: Vec<String>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    /// Numbers in fewer bits: neither of our packages has them.
    quantization: Option<serde_json::Value>,
}

impl Published {
    /// Reads the model in a folder of an archive.
    ///
    /// # Errors
    /// Where a file is missing, or does not hold what it says.
    pub fn read(archive: &Archive, folder: &str) -> Result<Published, TfjsError> {
        let model: Model = serde_json::from_slice(archive.file(&format!("{folder}/model.json"))?)?;
        let mut tensors = BTreeMap::new();
        for group in model.weights_manifest {
            let shards: Result<Vec<&[u8]>, _> =
                group.paths.iter().map(|path| archive.file(&format!("{folder}/{path}"))).collect();
            let bytes = shards?.concat();
            let mut rest = &bytes[..];
            for listed in group.weights {
                let (tensor, after) = listed.take(rest)?;
                rest = after;
                tensors.extend(tensor.map(|tensor| (listed.name, tensor)));
            }
        }
        let inputs = model.model_topology.node.into_iter().map(|node| (node.name, node.input)).collect();
        Ok(Published { tensors, inputs })
    }

    /// A tensor by its name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn tensor(&self, name: &str) -> Result<&Tensor, TfjsError> {
        self.tensors.get(name).ok_or_else(|| TfjsError::Missing(format!("tensor {name}")))
    }

    /// The weights and the bias that an operation of the graph reads, after its input.
    ///
    /// # Errors
    /// Where there is no such operation, or it reads something else.
    pub fn operation(&self, name: &str) -> Result<[&Tensor; 2], TfjsError> {
        match self.inputs.get(name).map(Vec::as_slice) {
            Some([_, weights, bias]) => Ok([self.tensor(weights)?, self.tensor(bias)?]),
            _ => Err(TfjsError::Missing(format!("operation {name} with weights and bias"))),
        }
    }
}

impl Listed {
    /// The tensor (`None` where it is one of integers), and what comes after it.
    fn take<'a>(&self, bytes: &'a [u8]) -> Result<(Option<Tensor>, &'a [u8]), TfjsError> {
        let count = self.shape.iter().try_fold(1usize, |count, length| count.checked_mul(*length));
        let length = count.and_then(|count| count.checked_mul(4)).filter(|length| *length <= bytes.len());
        let Some(length) = length else { return Err(TfjsError::Short(self.name.clone())) };
        let (data, rest) = bytes.split_at(length);
        match (self.dtype.as_str(), &self.quantization) {
            ("float32", None) => {
                let values = data.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
                Ok((Some(Tensor { shape: self.shape.clone(), values }), rest))
            }
            ("int32", None) => Ok((None, rest)),
            (dtype, _) => Err(TfjsError::Type { name: self.name.clone(), dtype: dtype.into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_lie_one_after_the_other() {
        let listed = |name: &str, shape: &[usize], dtype: &str| Listed {
            name: name.into(),
            shape: shape.into(),
            dtype: dtype.into(),
            quantization: None,
        };
        let bytes = [1f32, 2.0, 3.0].map(f32::to_le_bytes).concat();
        let (tensor, rest) = listed("a", &[2, 1], "float32").take(&bytes).unwrap();
        assert_eq!(tensor, Some(Tensor { shape: vec![2, 1], values: vec![1.0, 2.0] }));
        assert_eq!(listed("b", &[], "int32").take(rest).unwrap(), (None, &[][..]));
        assert!(matches!(listed("b", &[2], "float32").take(rest), Err(TfjsError::Short(name)) if name == "b"));
        assert!(matches!(listed("b", &[usize::MAX, 2], "float32").take(rest), Err(TfjsError::Short(_))));
        assert!(matches!(listed("b", &[], "uint8").take(rest), Err(TfjsError::Type { .. })));
    }
}
