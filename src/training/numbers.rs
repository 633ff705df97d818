//! Numbers for a device. They cross at once, and lie behind one another there.

use burn::tensor::{Device, Tensor, TensorData};

#[cfg(feature = "gpu")]
use crate::kernels::on_cpu;

/// Rows of numbers that a step goes by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers(Vec<Vec<f32>>);

impl Numbers {
    /// One more row; a row has at least one number.
    pub fn push(&mut self, row: Vec<f32>) {
        self.0.push(row);
    }

    /// These rows, and behind them others.
    #[cfg(feature = "gpu")]
    pub fn followed_by(mut self, others: Numbers) -> Self {
        self.0.extend(others.0);
        self
    }

    /// How long each row is.
    #[cfg(feature = "gpu")]
    pub fn lengths(&self) -> Vec<usize> {
        self.0.iter().map(Vec::len).collect()
    }

    /// The rows on a device.
    pub fn rows(self, device: &Device) -> Rows {
        #[cfg(feature = "gpu")]
        if !on_cpu(device) {
            let lengths = self.lengths();
            return Rows::within(&self.in_one(device), &lengths);
        }
        let tensors: Vec<_> = self.0.into_iter().map(|row| tensor(row, device)).collect();
        Rows(tensors.into_iter())
    }

    /// The rows on a GPU, in one memory.
    #[cfg(feature = "gpu")]
    pub fn in_one(self, device: &Device) -> Tensor<1> {
        let mut all = Vec::new();
        for row in self.0 {
            let begins = all.len();
            all.extend_from_slice(&row);
            all.resize(begins + crate::kernels::gpu::room(row.len()), 0.0);
        }
        tensor(all, device)
    }
}

/// Rows of numbers on a device, to be taken in the order in which they were pushed.
pub struct Rows(std::vec::IntoIter<Tensor<1>>);

impl Rows {
    /// Those of such lengths that lie in one memory.
    #[cfg(feature = "gpu")]
    pub fn within(memory: &Tensor<1>, lengths: &[usize]) -> Rows {
        Rows(crate::kernels::gpu::parts(memory, lengths).into_iter())
    }

    /// The next row.
    ///
    /// # Panics
    /// If there is none: who takes rows has pushed them.
    pub fn next(&mut self) -> Tensor<1> {
        // Who takes rows has pushed them: what there is of a step says both (`Form`, `Kinds`).
        self.0.next().expect("a row for each that is taken")
    }

    /// The next row, in its shape.
    ///
    /// # Panics
    /// As [`next`](Self::next).
    pub fn take<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        self.next().reshape(shape)
    }
}

fn tensor(row: Vec<f32>, device: &Device) -> Tensor<1> {
    let length = row.len();
    Tensor::from_data(TensorData::new(row, [length]), device)
}
