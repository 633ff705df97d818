//! What a model is made of, in words and numbers.

use burn::tensor::Device;

use super::{Answer, Service, refused};
use crate::engine::protocol::{Description, Failure, Layer, ModelId, Outcome};
use crate::models::{Activation, Graph, Node, Operation};

impl Service {
    pub(super) async fn describe_model(&self, id: ModelId) -> Answer {
        Ok((Outcome::Description(self.description(id).await?), None))
    }

    pub(super) async fn description(&self, id: ModelId) -> Result<Description, Failure> {
        let model = self.model(id).await?;
        let checkpoint = &model.checkpoint;
        let network = checkpoint.build(&Device::flex()).map_err(refused)?;
        let graph = Graph::of(&network, checkpoint.card.preprocessing.size as usize);
        let bytes = checkpoint.write().map_err(refused)?.len() as u64;
        Ok(Description {
            layers: layers(&graph),
            parameters: network.parameters(),
            multiplications: graph.multiplications(),
            bytes,
            licence: checkpoint.card.licence.clone(),
        })
    }
}

/// The layers of a graph; what follows directly on one and has no weights of its own is told with it.
fn layers(graph: &Graph) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for (place, node) in graph.nodes.iter().enumerate() {
        let follows = node.inputs[..] == [place.wrapping_sub(1)];
        match (&node.operation, layers.last_mut()) {
            (Operation::Normalisation { .. } | Operation::Activation(_), Some(last)) if follows => {
                last.does += &format!(", {}", words(&node.operation));
                last.parameters += node.parameters;
            }
            _ => layers.push(layer(graph, node)),
        }
    }
    layers
}

fn layer(graph: &Graph, node: &Node) -> Layer {
    let name = match &node.operation {
        Operation::Convolution { layer, .. } | Operation::Normalisation { layer, .. } | Operation::Dense { layer } => {
            layer
        }
        _ => "",
    };
    Layer {
        name: name.into(),
        does: words(&node.operation),
        shape: node.shape.clone(),
        parameters: node.parameters,
        multiplications: graph.multiplications_of(node),
    }
}

fn words(operation: &Operation) -> String {
    let plain = match operation {
        Operation::Input => "normalised image",
        Operation::Convolution { kernel, stride, dilation, groups, .. } => {
            let depthwise = if *groups > 1 { " depthwise" } else { "" };
            let every = if *stride > 1 { format!(", stride {stride}") } else { String::new() };
            let spread = if *dilation > 1 { format!(", dilation {dilation}") } else { String::new() };
            return format!("{kernel} x {kernel}{depthwise} convolution{every}{spread}");
        }
        Operation::Normalisation { .. } => "batch normalisation",
        Operation::Dense { .. } => "fully connected",
        Operation::Activation(activation) => match activation {
            Activation::Identity => "identity",
            Activation::Relu => "ReLU",
            Activation::Silu => "SiLU",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
        },
        Operation::MaxPool { kernel: [height, width], .. } => return format!("largest of {height} x {width}"),
        Operation::MeanOfPlaces => "mean of all places",
        Operation::LargestOfPlaces => "largest of all places",
        Operation::MeanOfChannels => "mean of all channels",
        Operation::LargestOfChannels => "largest of all channels",
        Operation::AsMaps => "as maps of one place",
        Operation::Concatenation => "concatenation",
        Operation::Sum => "sum",
        Operation::Product => "product",
    };
    plain.into()
}
