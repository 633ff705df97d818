//! What kernels are tried on.

use burn::tensor::{Device, Tensor, TensorData};

/// Values between -1 and 1, around `centre`, with a period that no shape of the tests divides.
pub fn wave<const D: usize>(shape: [usize; D], centre: f32, device: &Device) -> Tensor<D> {
    let values = (0..shape.iter().product()).map(|at: usize| centre + ((at * 37 % 101) as f32 / 50.0 - 1.0)).collect();
    Tensor::from_data(TensorData::new::<f32, _>(values, shape), device)
}
