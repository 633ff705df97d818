//! Gradients as numbers, for what is summed on the host.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{ExecutionError, Tensor, TensorData, Transaction};

use crate::models::{Model, parameters};

/// The gradients to the moved parameters of a model, in the order of a traversal. A parameter that took no part has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradients {
    /// Whether a parameter has one, for each that is moved.
    pub there: Vec<bool>,
    /// Their numbers, one parameter after another; 0 where there is none.
    pub values: Vec<f32>,
}

impl Gradients {
    /// Reads those of a model, in one read-back.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn read(gradients: GradientsParams, model: &Model) -> Result<Gradients, ExecutionError> {
        struct Reader {
            gradients: GradientsParams,
            /// How many numbers each moved parameter has, and whether a gradient.
            lengths: Vec<(usize, bool)>,
            transaction: Transaction,
        }

        impl ModuleVisitor for Reader {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if !param.is_require_grad() {
                    return;
                }
                let gradient = self.gradients.remove::<D>(param.id);
                self.lengths.push((param.lazy_shape().num_elements(), gradient.is_some()));
                if let Some(gradient) = gradient {
                    self.transaction = std::mem::take(&mut self.transaction).register(gradient);
                }
            }
        }

        let mut reader = Reader { gradients, lengths: Vec::new(), transaction: Transaction::default() };
        model.visit(&mut reader);
        let mut data = reader.transaction.execute_async().await?.into_iter();
        let mut read = Gradients::default();
        for (length, there) in reader.lengths {
            read.there.push(there);
            match if there { data.next() } else { None } {
                Some(data) => read.values.extend(parameters::numbers(data)),
                None => read.values.resize(read.values.len() + length, 0.0),
            }
        }
        Ok(read)
    }

    /// Adds those of another shard of the batch.
    pub fn add(&mut self, other: &Gradients) {
        self.there.iter_mut().zip(&other.there).for_each(|(there, other)| *there |= other);
        self.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
    }

    /// As the optimiser takes them, for the model that they are of.
    pub fn into_params(self, model: &Model) -> GradientsParams {
        struct Writer {
            gradients: Gradients,
            parameter: usize,
            at: usize,
            written: GradientsParams,
        }

        impl ModuleVisitor for Writer {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if !param.is_require_grad() {
                    return;
                }
                let shape = param.lazy_shape();
                let values = &self.gradients.values[self.at..][..shape.num_elements()];
                self.at += values.len();
                if self.gradients.there[self.parameter] {
                    let device = param.lazy_device().without_autodiff();
                    let gradient = Tensor::<D>::from_data(TensorData::new(values.to_vec(), shape), &device);
                    self.written.register(param.id, gradient);
                }
                self.parameter += 1;
            }
        }

        let mut writer = Writer { gradients: self, parameter: 0, at: 0, written: GradientsParams::new() };
        model.visit(&mut writer);
        writer.written
    }
}
