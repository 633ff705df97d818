//! A kernel that was fine-tuned, as it differs from the published one: differences are small, and so are their errors where they
//! have 8 bits each, with a step for each output channel (Krishnamoorthi 2018, "Quantizing deep convolutional networks for
//! efficient inference": symmetric, by channel).

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use super::weights::{Short, floats};
use super::{CheckpointError, Weights};

/// The most steps a difference has, to either side.
const MOST: f32 = 127.0;

/// The name of the tensor that says how long the steps of another are.
pub(super) fn step_of(name: &str) -> String {
    format!("{name}.step")
}

/// Differences in whole steps. A step is as long as the largest difference of an output channel (the first dimension) needs.
pub(super) struct Difference {
    shape: Vec<usize>,
    steps: Vec<i8>,
    /// One for each output channel.
    step: Vec<f32>,
}

impl Difference {
    /// How `own` differs from `published`, which has the same shape and at least one dimension.
    pub fn between(own: &Weights, published: &Weights) -> Self {
        let differences: Vec<f32> = own.values.iter().zip(&published.values).map(|(own, was)| own - was).collect();
        let channels = differences.chunks(channel_len(&own.shape));
        let step: Vec<f32> =
            channels.clone().map(|of| of.iter().fold(0f32, |most, d| most.max(d.abs())) / MOST).collect();
        // Within -127 to 127, as the step is.
        let whole = |(of, step): (&[f32], f32)| {
            of.iter().map(move |d| if step > 0.0 { (d / step).round() as i8 } else { 0 }).collect::<Vec<_>>()
        };
        let steps = channels.zip(step.iter().copied()).flat_map(whole).collect();
        Difference { shape: own.shape.clone(), steps, step }
    }

    /// As tensors of a file: the steps, and how long they are.
    pub fn short(&self) -> [Short<'_>; 2] {
        [Short::Steps(&self.shape, &self.steps), Short::Floats(self.shape.get(..1).unwrap_or_default(), &self.step)]
    }

    /// Reads it from a file: the tensor `name`, of type I8, and that of its steps.
    ///
    /// # Errors
    /// Where the other tensor is missing, misshaped or of a type that is not read.
    pub fn read(name: &str, steps: &TensorView, file: &SafeTensors) -> Result<Self, CheckpointError> {
        let of = step_of(name);
        let view = file.tensor(&of).map_err(|_| CheckpointError::Missing(of.clone()))?;
        let expected = steps.shape().get(..1).unwrap_or_default();
        if view.shape() != expected {
            return Err(CheckpointError::Shape { name: of, expected: expected.into(), found: view.shape().into() });
        }
        let step = floats(&of, &view)?;
        let whole = steps.data().iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        Ok(Difference { shape: steps.shape().to_vec(), steps: whole, step })
    }

    /// The kernel that differs so from `published`.
    ///
    /// # Errors
    /// Where that has another shape; the error names the tensor, which is `name`.
    pub fn from(&self, name: &str, published: &Weights) -> Result<Weights, CheckpointError> {
        if self.shape != published.shape {
            let (expected, found) = (published.shape.clone(), self.shape.clone());
            return Err(CheckpointError::Shape { name: name.into(), expected, found });
        }
        let each = channel_len(&self.shape);
        let channels = published.values.chunks(each).zip(self.steps.chunks(each)).zip(&self.step);
        let differing = channels.flat_map(|((was, steps), step)| {
            was.iter().zip(steps).map(move |(was, steps)| was + f32::from(*steps) * step)
        });
        Ok(Weights { shape: self.shape.clone(), values: differing.collect() })
    }
}

/// How many values an output channel has, or one where it has none.
fn channel_len(shape: &[usize]) -> usize {
    shape.iter().skip(1).product::<usize>().max(1)
}
