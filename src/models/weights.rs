//! The values of parameters, by name, as they stand in a safetensors file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::tensor::{TensorView, View};
use safetensors::{Dtype, SafeTensors};

use super::CheckpointError;

/// The values of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// As many values as the dimensions say, the last dimension fastest.
    pub values: Vec<f32>,
}

impl Weights {
    /// The values as they stand in a file, 32 bits each.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }
}

impl View for &Weights {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.bytes())
    }

    fn data_len(&self) -> usize {
        4 * self.values.len()
    }
}

/// A tensor in fewer bits than it has in memory.
pub(super) enum Short<'a> {
    /// Each value rounded to 16 bits.
    Halves(&'a Weights),
    /// Whole numbers, one for each value of a tensor of this shape.
    Steps(&'a [usize], &'a [i8]),
    /// Values of 32 bits, for a tensor of this shape.
    Floats(&'a [usize], &'a [f32]),
}

impl View for Short<'_> {
    fn dtype(&self) -> Dtype {
        match self {
            Short::Halves(_) => Dtype::F16,
            Short::Steps(..) => Dtype::I8,
            Short::Floats(..) => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        match self {
            Short::Halves(weights) => &weights.shape,
            Short::Steps(shape, _) => shape,
            Short::Floats(shape, _) => shape,
        }
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(match self {
            Short::Halves(Weights { values, .. }) => {
                values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect()
            }
            Short::Steps(_, steps) => steps.iter().flat_map(|step| step.to_le_bytes()).collect(),
            Short::Floats(_, values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        })
    }

    fn data_len(&self) -> usize {
        match self {
            Short::Halves(weights) => 2 * weights.values.len(),
            Short::Steps(_, steps) => steps.len(),
            Short::Floats(_, values) => 4 * values.len(),
        }
    }
}

/// The tensors of a file, under the names that `name_here` gives them; where it gives none, a tensor is left out.
///
/// # Errors
/// Where one is of a type that is not read.
pub(crate) fn tensors(
    file: &SafeTensors,
    name_here: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Weights>, CheckpointError> {
    let named = file.tensors().into_iter().filter_map(|(name, view)| Some((name_here(&name)?, view)));
    let read = |(name, view): (String, TensorView)| {
        let values = floats(&name, &view)?;
        Ok((name, Weights { shape: view.shape().to_vec(), values }))
    };
    named.map(read).collect()
}

/// Compares weights with the shapes there must be.
///
/// # Errors
/// [`CheckpointError`], which names the first tensor that is missing, extra, misshaped or not finite.
pub(crate) fn check(
    weights: &BTreeMap<String, Weights>,
    expected: BTreeMap<String, Vec<usize>>,
) -> Result<(), CheckpointError> {
    if let Some(extra) = weights.keys().find(|name| !expected.contains_key(*name)) {
        return Err(CheckpointError::Extra(extra.clone()));
    }
    for (name, expected) in expected {
        let Some(Weights { shape, values }) = weights.get(&name) else {
            return Err(CheckpointError::Missing(name));
        };
        if *shape != expected {
            return Err(CheckpointError::Shape { name, expected, found: shape.clone() });
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(CheckpointError::NotFinite { name, index });
        }
    }
    Ok(())
}

/// A tensor's values as f32, as many as its shape says. The safetensors crate has checked that shape, type and length agree.
pub(super) fn floats(name: &str, view: &TensorView) -> Result<Vec<f32>, CheckpointError> {
    let bytes = view.data();
    match view.dtype() {
        Dtype::F32 => Ok(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()),
        Dtype::F16 => Ok(bytes.as_chunks().0.iter().map(|two| f16::from_le_bytes(*two).to_f32()).collect()),
        Dtype::BF16 => Ok(bytes.as_chunks().0.iter().map(|two| bf16::from_le_bytes(*two).to_f32()).collect()),
        found => Err(CheckpointError::Type { name: name.into(), found }),
    }
}
