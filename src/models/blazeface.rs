//! BlazeFace (Bazarevsky et al. 2019, *BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs*), as MediaPipe
//! publishes it for faces at arm's length: 101,632 parameters, an image of 128 x 128 in, 896 guesses out.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::{Device, ExecutionError, Tensor, Transaction, activation};
use safetensors::SafeTensors;

use super::{Activation, CheckpointError, Convolution, Padding, Published, Weights, parameters, weights};
use crate::kernels::{max_pool, on_cpu_without_gradients, separable_on_cpu};

/// The weights that the site serves.
pub const BLAZEFACE: Published = Published {
    file: "blazeface.safetensors",
    bytes: 213_780,
    sha256: "8d94085271452af001855adc114e664c652fa396baf7ec704fa0dcf0dcd5f1c5",
    origin: "MediaPipe Face Detection, short range",
    licence: "Apache-2.0",
};

/// Height and width of the input, pixels.
pub const SIDE: usize = 128;

/// Numbers that a guess is told by: a box, then six keypoints.
pub const NUMBERS: usize = 16;

/// The grids of guesses: cells a side, and guesses a cell.
pub const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];

/// Channels of the stem.
const STEM: usize = 24;

/// Channels of every block, and its stride. The first grid looks at what the eleventh finds, the second at the last.
const BLOCKS: [(usize, usize); 16] = [
    (24, 1),
    (28, 1),
    (32, 2),
    (36, 1),
    (42, 1),
    (48, 2),
    (56, 1),
    (64, 1),
    (72, 1),
    (80, 1),
    (88, 1),
    (96, 2),
    (96, 1),
    (96, 1),
    (96, 1),
    (96, 1),
];

/// The block behind which each grid looks.
const SEEN: [usize; 2] = [10, 15];

/// The network.
#[derive(Module, Debug)]
pub struct BlazeFace {
    stem: Convolution,
    blocks: Vec<Block>,
    grids: Vec<Grid>,
}

/// A depthwise and a pointwise convolution beside a shortcut, whose missing channels are zero.
#[derive(Module, Debug)]
struct Block {
    depthwise: Convolution,
    pointwise: Convolution,
    /// Halves the shortcut where the block halves.
    pool: Option<MaxPool2d>,
}

/// What is guessed at every cell: how sure it is of a face, and where that lies.
#[derive(Module, Debug)]
struct Grid {
    score: Convolution,
    place: Convolution,
}

/// What the network says of each guess, in the order of [`GRIDS`]: row by row, cell by cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Guesses {
    /// Logits: how sure.
    pub scores: Vec<f32>,
    /// [`NUMBERS`] for each, in pixels from the cell's middle: the box's middle (across, down), width and height; then each
    /// keypoint (across, down).
    pub places: Vec<f32>,
}

impl BlazeFace {
    /// The network with its convolutions zero.
    fn new(device: &Device) -> BlazeFace {
        let biased = |channels_in, channels_out, kernel| {
            Convolution::new(channels_in, channels_out, kernel, device).with_bias().with_padding(Padding::Same)
        };
        let mut channels = STEM;
        let block = |(wide, stride): (usize, usize)| {
            let depthwise = Convolution::depthwise(channels, 3, device).with_bias().with_padding(Padding::Same);
            let pool = (stride > 1).then(|| MaxPool2dConfig::new([stride; 2]).with_strides([stride; 2]).init());
            let pointwise = biased(std::mem::replace(&mut channels, wide), wide, 1);
            Block { depthwise: depthwise.with_stride(stride), pointwise, pool }
        };
        let blocks = BLOCKS.into_iter().map(block).collect();
        let grid = |(block, (_, guesses)): (usize, (usize, usize))| {
            let channels = BLOCKS[block].0;
            Grid { score: biased(channels, guesses, 1), place: biased(channels, NUMBERS * guesses, 1) }
        };
        let grids = SEEN.into_iter().zip(GRIDS).map(grid).collect();
        BlazeFace { stem: biased(3, STEM, 5).with_stride(2), blocks, grids }
    }

    /// Reads the network's file.
    ///
    /// # Errors
    /// [`CheckpointError`]: the file is not whole, or a tensor is missing, extra, misshaped or not finite.
    pub fn read(file: &[u8], device: &Device) -> Result<BlazeFace, CheckpointError> {
        let file = SafeTensors::deserialize(file)?;
        let weights: BTreeMap<String, Weights> = weights::tensors(&file, |name| Some(name.into()))?;
        let network = BlazeFace::new(device);
        weights::check(&weights, parameters::shapes(&network))?;
        Ok(parameters::load(network, &weights))
    }

    /// What it says of images `[batch, 3, 128, 128]` of numbers in -1..=1, each image's guesses by themselves. One read-back.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn guess(&self, images: Tensor<4>) -> Result<Vec<Guesses>, ExecutionError> {
        let batch = images.dims()[0];
        let mut x = self.stem.forward_then(Activation::Relu, images);
        let mut transaction = Transaction::default();
        for (number, block) in self.blocks.iter().enumerate() {
            x = block.forward(x);
            for (grid, _) in self.grids.iter().zip(SEEN).filter(|(_, seen)| *seen == number) {
                transaction = transaction.register(by_cell(grid.score.forward(x.clone()), 1));
                transaction = transaction.register(by_cell(grid.place.forward(x.clone()), NUMBERS));
            }
        }
        let read = transaction.execute_async().await?;
        let read: Vec<Vec<f32>> = read.into_iter().map(|data| data.iter::<f32>().collect()).collect();
        let of_image = |image: usize| {
            let part = |values: &Vec<f32>| {
                let length = values.len() / batch;
                values[image * length..(image + 1) * length].to_vec()
            };
            Guesses {
                scores: read.iter().step_by(2).flat_map(part).collect(),
                places: read.iter().skip(1).step_by(2).flat_map(part).collect(),
            }
        };
        Ok((0..batch).map(of_image).collect())
    }
}

impl Block {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        if let (true, Some(depthwise), Some(pointwise)) =
            (on_cpu_without_gradients(&x.device()), self.depthwise.weights(), self.pointwise.weights())
        {
            let window = self.depthwise.window(&x);
            return separable_on_cpu(x, depthwise, pointwise, window);
        }
        let y = self.pointwise.forward(self.depthwise.forward(x.clone()));
        let x = match &self.pool {
            Some(pool) => max_pool(pool, x),
            None => x,
        };
        let ([batch, channels, height, width], wide) = (x.dims(), y.dims()[1]);
        let x = match wide - channels {
            0 => x,
            missing => {
                let zeros = Tensor::zeros([batch, missing, height, width], &x.device());
                Tensor::cat(vec![x, zeros], 1)
            }
        };
        activation::relu(x + y)
    }
}

/// `[batch, guesses * numbers, height, width]` as `[batch, height * width * guesses, numbers]`.
fn by_cell(maps: Tensor<4>, numbers: usize) -> Tensor<3> {
    let [batch, channels, height, width] = maps.dims();
    maps.permute([0, 2, 3, 1]).reshape([batch, height * width * (channels / numbers), numbers])
}
