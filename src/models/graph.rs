//! A network written down: its layers in order, their shapes, and what they cost.

use std::collections::{HashMap, HashSet};

use burn::module::ParamId;
use burn::nn::pool::MaxPool2d;
use burn::nn::{BatchNorm, PaddingConfig2d};

use super::{Activation, Convolution, Dense, Layers, Model, parameters};

/// A model on inputs of one size. What a node gives is known by the node's index.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// In the order they are computed in; the first is [`Operation::Input`].
    pub nodes: Vec<Node>,
    /// Which gives the expression logits; `None` where the model has no classes.
    pub logits: Option<usize>,
    /// Which gives valence and arousal.
    pub affect: usize,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is done.
    pub operation: Operation,
    /// To the output of which nodes.
    pub inputs: Vec<usize>,
    /// The output of one image: channels, height, width; or features.
    pub shape: Vec<usize>,
    /// How many trainable numbers it has that no node before it has.
    pub parameters: usize,
}

/// What a node does. Layers with parameters are named by what their parameters' names begin with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// The normalised images.
    Input,
    /// A convolution.
    Convolution {
        /// Its name.
        layer: String,
        /// Whether it has a bias.
        bias: bool,
        /// Height and width of the kernel.
        kernel: usize,
        /// Places from one output to the next.
        stride: usize,
        /// Zeros above, left, below, right.
        padding: [usize; 4],
        /// Places from one element of the kernel to the next.
        dilation: usize,
        /// Channels are divided into so many groups.
        groups: usize,
    },
    /// Batch normalisation by the running statistics.
    Normalisation {
        /// Its name.
        layer: String,
        /// Added to the variance.
        epsilon: f64,
    },
    /// A fully connected layer.
    Dense {
        /// Its name.
        layer: String,
    },
    /// An activation.
    Activation(Activation),
    /// The largest of every window.
    MaxPool {
        /// Height and width of the window.
        kernel: [usize; 2],
        /// Places from one window to the next.
        stride: [usize; 2],
        /// Places added above, left, below, right; none of them is ever the largest.
        padding: [usize; 4],
    },
    /// See [`Layers::mean_of_places`].
    MeanOfPlaces,
    /// See [`Layers::largest_of_places`].
    LargestOfPlaces,
    /// See [`Layers::mean_of_channels`].
    MeanOfChannels,
    /// See [`Layers::largest_of_channels`].
    LargestOfChannels,
    /// See [`Layers::as_maps`].
    AsMaps,
    /// See [`Layers::concatenate`].
    Concatenation,
    /// See [`Layers::add`].
    Sum,
    /// See [`Layers::weigh`].
    Product,
}

impl Graph {
    /// A model on images of this height and width, pixels.
    pub fn of(model: &Model, size: usize) -> Graph {
        let mut writer = Writer { names: parameters::names(model), counted: HashSet::new(), nodes: Vec::new() };
        let images = writer.note(Operation::Input, &[], vec![3, size, size]);
        let (logits, affect) = model.through(&mut writer, images);
        Graph { nodes: writer.nodes, logits: logits.map(|Noted(node)| node), affect: affect.0 }
    }

    /// Multiplications that one image costs, each with its addition: those of convolutions and fully connected layers.
    pub fn multiplications(&self) -> u64 {
        self.nodes.iter().map(|node| self.multiplications_of(node)).sum()
    }

    /// Those of one node.
    pub fn multiplications_of(&self, node: &Node) -> u64 {
        let outputs: usize = node.shape.iter().product();
        let inputs = || self.nodes[node.inputs[0]].shape[0];
        let each = match node.operation {
            Operation::Convolution { kernel, groups, .. } => inputs() / groups * kernel * kernel,
            Operation::Dense { .. } => inputs(),
            _ => 0,
        };
        outputs as u64 * each as u64
    }

    /// Numbers that the node with the largest output gives for one image.
    pub fn widest(&self) -> usize {
        self.nodes.iter().map(|node| node.shape.iter().product()).max().unwrap_or_default()
    }
}

/// Writes down what a network says.
struct Writer {
    names: HashMap<ParamId, String>,
    /// Weights whose layer was met: some are used twice.
    counted: HashSet<ParamId>,
    nodes: Vec<Node>,
}

/// What a node gives, by its index.
#[derive(Clone, Copy)]
struct Noted(usize);

impl Writer {
    fn note(&mut self, operation: Operation, inputs: &[Noted], shape: Vec<usize>) -> Noted {
        let inputs = inputs.iter().map(|Noted(node)| *node).collect();
        self.nodes.push(Node { operation, inputs, shape, parameters: 0 });
        Noted(self.nodes.len() - 1)
    }

    /// A node whose output is shaped as its first input.
    fn note_alike(&mut self, operation: Operation, inputs: &[Noted]) -> Noted {
        let shape = self.shape(inputs[0]).to_vec();
        self.note(operation, inputs, shape)
    }

    /// Says how many parameters the layer of this weight has.
    fn with_parameters(&mut self, noted: Noted, weight: ParamId, parameters: usize) -> Noted {
        if self.counted.insert(weight) {
            self.nodes[noted.0].parameters = parameters;
        }
        noted
    }

    fn shape(&self, noted: Noted) -> &[usize] {
        &self.nodes[noted.0].shape
    }

    /// The layer that a weight belongs to.
    fn layer(&self, weight: ParamId) -> String {
        let name = self.names.get(&weight).map_or("", String::as_str);
        name.strip_suffix(".weight").unwrap_or(name).to_owned()
    }
}

impl Layers for Writer {
    type Maps = Noted;
    type Features = Noted;

    fn convolution(&mut self, layer: &Convolution, then: Activation, x: Noted) -> Noted {
        let weight = layer.weight.lazy_shape();
        let (height, width) = (self.shape(x)[1], self.shape(x)[2]);
        let options = layer.options(height, width);
        let ([(above, below), (left, right)], stride) = (options.padding, options.stride[0]);
        let shape = vec![weight[0], height.div_ceil(stride), width.div_ceil(stride)];
        let operation = Operation::Convolution {
            layer: self.layer(layer.weight.id),
            bias: layer.bias.is_some(),
            kernel: weight[2],
            stride,
            padding: [above, left, below, right],
            dilation: options.dilation[0],
            groups: options.groups,
        };
        let bias = if layer.bias.is_some() { weight[0] } else { 0 };
        let noted = self.note(operation, &[x], shape);
        let noted = self.with_parameters(noted, layer.weight.id, weight.num_elements() + bias);
        self.activation(then, noted)
    }

    fn normalised(&mut self, layer: &Convolution, norm: &BatchNorm, then: Activation, x: Noted) -> Noted {
        let x = self.convolution(layer, Activation::Identity, x);
        let operation = Operation::Normalisation { layer: self.layer(norm.gamma.id), epsilon: norm.epsilon };
        let x = self.note_alike(operation, &[x]);
        let x = self.with_parameters(x, norm.gamma.id, 2 * layer.channels_out());
        self.activation(then, x)
    }

    fn dense(&mut self, layer: &Dense, then: Activation, x: Noted) -> Noted {
        let weight = layer.weight.lazy_shape();
        let noted = self.note(Operation::Dense { layer: self.layer(layer.weight.id) }, &[x], vec![weight[0]]);
        let noted = self.with_parameters(noted, layer.weight.id, weight.num_elements() + weight[0]);
        self.activation(then, noted)
    }

    fn activation(&mut self, activation: Activation, x: Noted) -> Noted {
        if activation == Activation::Identity { x } else { self.note_alike(Operation::Activation(activation), &[x]) }
    }

    fn activation_of_features(&mut self, activation: Activation, x: Noted) -> Noted {
        self.activation(activation, x)
    }

    fn max_pool(&mut self, pool: &MaxPool2d, x: Noted) -> Noted {
        let [above, left, below, right] = match pool.padding {
            PaddingConfig2d::Explicit(top, left, bottom, right) => [top, left, bottom, right],
            _ => [0; 4],
        };
        let ([kernel_height, kernel_width], [down, across]) = (pool.kernel_size, pool.stride);
        let shape = self.shape(x);
        let height = (shape[1] + above + below - kernel_height) / down + 1;
        let width = (shape[2] + left + right - kernel_width) / across + 1;
        let shape = vec![shape[0], height, width];
        let padding = [above, left, below, right];
        self.note(Operation::MaxPool { kernel: pool.kernel_size, stride: pool.stride, padding }, &[x], shape)
    }

    fn mean_of_places(&mut self, x: Noted) -> Noted {
        let channels = self.shape(x)[0];
        self.note(Operation::MeanOfPlaces, &[x], vec![channels])
    }

    fn largest_of_places(&mut self, x: Noted) -> Noted {
        let channels = self.shape(x)[0];
        self.note(Operation::LargestOfPlaces, &[x], vec![channels])
    }

    fn mean_of_channels(&mut self, x: Noted) -> Noted {
        let shape = vec![1, self.shape(x)[1], self.shape(x)[2]];
        self.note(Operation::MeanOfChannels, &[x], shape)
    }

    fn largest_of_channels(&mut self, x: Noted) -> Noted {
        let shape = vec![1, self.shape(x)[1], self.shape(x)[2]];
        self.note(Operation::LargestOfChannels, &[x], shape)
    }

    fn as_maps(&mut self, x: Noted) -> Noted {
        let features = self.shape(x)[0];
        self.note(Operation::AsMaps, &[x], vec![features, 1, 1])
    }

    fn concatenate(&mut self, maps: Vec<Noted>) -> Noted {
        let channels = maps.iter().map(|map| self.shape(*map)[0]).sum();
        let shape = vec![channels, self.shape(maps[0])[1], self.shape(maps[0])[2]];
        self.note(Operation::Concatenation, &maps, shape)
    }

    fn add(&mut self, a: Noted, b: Noted) -> Noted {
        self.note_alike(Operation::Sum, &[a, b])
    }

    fn add_features(&mut self, a: Noted, b: Noted) -> Noted {
        self.add(a, b)
    }

    fn weigh(&mut self, x: Noted, weights: Noted) -> Noted {
        self.note_alike(Operation::Product, &[x, weights])
    }
}
