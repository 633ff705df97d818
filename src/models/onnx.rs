//! Models as ONNX files (IR version 8, operator set 17): what ONNX Runtime and others read.
//!
//! The input `images` is `[batch, 3, height, width]`, normalised as the metadata `preprocessing` says. The outputs are
//! `probabilities` and `logits` `[batch, classes]`, where the model has classes, and `valence_arousal` `[batch, 2]`.
//! Field numbers are those of `onnx.proto`.

mod protobuf;

use burn::tensor::Device;

use super::{Activation, Checkpoint, CheckpointError, Graph, Node, Operation, Weights};
use protobuf::Message;

const IR_VERSION: i64 = 8;
const OPERATOR_SET: i64 = 17;

/// ONNX's numbers for types of elements, and of attributes.
const FLOAT: i64 = 1;
const INT64: i64 = 7;
const ATTRIBUTE_FLOAT: i64 = 1;
const ATTRIBUTE_INT: i64 = 2;
const ATTRIBUTE_INTS: i64 = 7;

/// The bytes of an ONNX file of a model.
///
/// # Errors
/// Where this build does not have the architecture.
pub fn onnx(checkpoint: &Checkpoint) -> Result<Vec<u8>, CheckpointError> {
    let size = checkpoint.card.preprocessing.size as usize;
    let graph = Graph::of(&checkpoint.build(&Device::flex())?, size);
    let operators = Message::default().bytes(1, "").integer(2, OPERATOR_SET);
    let model = Message::default()
        .integer(1, IR_VERSION)
        .bytes(2, "Mien")
        .bytes(3, env!("CARGO_PKG_VERSION"))
        .message(8, operators)
        .message(7, graph_message(&graph, checkpoint, size));
    let mut metadata: Vec<_> = checkpoint.card.metadata().into_iter().collect();
    metadata.sort();
    let entry = |(key, value): (String, String)| Message::default().bytes(1, key).bytes(2, value);
    Ok(metadata.into_iter().fold(model, |model, pair| model.message(14, entry(pair))).into_bytes())
}

fn graph_message(graph: &Graph, checkpoint: &Checkpoint, size: usize) -> Message {
    let outputs = outputs(graph);
    let name = |node: usize| match outputs.iter().find(|(_, place, _)| *place == node) {
        Some((name, ..)) => (*name).to_owned(),
        None => value(node),
    };
    let message = Message::default().bytes(2, &checkpoint.card.architecture);
    let message = graph.nodes.iter().enumerate().fold(message, |message, (place, node)| {
        let inputs: Vec<String> = node.inputs.iter().map(|input| name(*input)).collect();
        operators(node, &inputs, &name(place))
            .into_iter()
            .fold(message, |message, operator| message.message(1, operator))
    });
    let message = match graph.logits {
        Some(logits) => message.message(1, operator("Softmax", &[&name(logits)], "probabilities", &[int("axis", 1)])),
        None => message,
    };
    let weights = checkpoint.weights().iter();
    let message = weights.fold(message, |message, (name, weights)| message.message(5, tensor(name, weights)));
    let used = graph.nodes.iter().any(|node| node.operation == Operation::AsMaps);
    let message = if used { message.message(5, integers("places", &[2, 3])) } else { message };
    let message = message.message(11, interface("images", &[3, size, size]));
    let message = match graph.logits {
        Some(logits) => message.message(12, interface("probabilities", &graph.nodes[logits].shape)),
        None => message,
    };
    outputs.iter().fold(message, |message, (name, _, shape)| message.message(12, interface(name, shape)))
}

/// The outputs that are nodes: name, node, shape.
fn outputs(graph: &Graph) -> Vec<(&'static str, usize, &[usize])> {
    let logits = graph.logits.map(|node| ("logits", node));
    let named = logits.into_iter().chain([("valence_arousal", graph.affect)]);
    named.map(|(name, node)| (name, node, &graph.nodes[node].shape[..])).collect()
}

/// What the output of a node is called within the file.
fn value(node: usize) -> String {
    if node == 0 { "images".into() } else { format!("x{node}") }
}

/// The operators that do what a node does.
fn operators(node: &Node, inputs: &[String], output: &str) -> Vec<Message> {
    let first = inputs.first().map(String::as_str).unwrap_or_default();
    let one = |kind: &str, attributes: &[Message]| {
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        vec![operator(kind, &inputs, output, attributes)]
    };
    // Global pooling leaves two dimensions of length 1, which features do not have.
    let flattened = |kind: &str| {
        let pooled = format!("{output}_pooled");
        vec![operator(kind, &[first], &pooled, &[]), operator("Flatten", &[&pooled], output, &[int("axis", 1)])]
    };
    match &node.operation {
        Operation::Input => Vec::new(),
        Operation::Convolution { layer, bias, kernel, stride, padding, dilation, groups } => {
            let parameters = parameters(layer, if *bias { &["weight", "bias"] } else { &["weight"] });
            let attributes = [
                ints("kernel_shape", &[*kernel; 2]),
                ints("strides", &[*stride; 2]),
                ints("pads", padding),
                ints("dilations", &[*dilation; 2]),
                int("group", *groups as i64),
            ];
            vec![operator("Conv", &with(first, &parameters), output, &attributes)]
        }
        Operation::Normalisation { layer, epsilon } => {
            let parameters = parameters(layer, &["weight", "bias", "running_mean", "running_var"]);
            let attributes = [float("epsilon", *epsilon as f32)];
            vec![operator("BatchNormalization", &with(first, &parameters), output, &attributes)]
        }
        Operation::Dense { layer } => {
            let parameters = parameters(layer, &["weight", "bias"]);
            vec![operator("Gemm", &with(first, &parameters), output, &[int("transB", 1)])]
        }
        Operation::Activation(Activation::Silu) => {
            let gate = format!("{output}_gate");
            vec![operator("Sigmoid", &[first], &gate, &[]), operator("Mul", &[first, &gate], output, &[])]
        }
        Operation::Activation(activation) => one(
            match activation {
                Activation::Relu => "Relu",
                Activation::Sigmoid => "Sigmoid",
                Activation::Tanh => "Tanh",
                _ => "Identity",
            },
            &[],
        ),
        Operation::MaxPool { kernel, stride, padding } => {
            one("MaxPool", &[ints("kernel_shape", kernel), ints("strides", stride), ints("pads", padding)])
        }
        Operation::MeanOfPlaces => flattened("GlobalAveragePool"),
        Operation::LargestOfPlaces => flattened("GlobalMaxPool"),
        Operation::MeanOfChannels => one("ReduceMean", &[ints("axes", &[1])]),
        Operation::LargestOfChannels => one("ReduceMax", &[ints("axes", &[1])]),
        Operation::AsMaps => vec![operator("Unsqueeze", &[first, "places"], output, &[])],
        Operation::Concatenation => one("Concat", &[int("axis", 1)]),
        Operation::Sum => one("Add", &[]),
        Operation::Product => one("Mul", &[]),
    }
}

/// The names of a layer's parameters.
fn parameters(layer: &str, of: &[&str]) -> Vec<String> {
    of.iter().map(|parameter| format!("{layer}.{parameter}")).collect()
}

fn with<'a>(first: &'a str, parameters: &'a [String]) -> Vec<&'a str> {
    std::iter::once(first).chain(parameters.iter().map(String::as_str)).collect()
}

fn operator(kind: &str, inputs: &[&str], output: &str, attributes: &[Message]) -> Message {
    let message = inputs.iter().fold(Message::default(), |message, input| message.bytes(1, input));
    let message = message.bytes(2, output).bytes(3, output).bytes(4, kind);
    attributes.iter().fold(message, |message, attribute| message.bytes(5, attribute))
}

fn int(name: &str, value: i64) -> Message {
    Message::default().bytes(1, name).integer(3, value).integer(20, ATTRIBUTE_INT)
}

fn ints(name: &str, values: &[usize]) -> Message {
    let message = Message::default().bytes(1, name);
    let message = values.iter().fold(message, |message, value| message.integer(8, *value as i64));
    message.integer(20, ATTRIBUTE_INTS)
}

fn float(name: &str, value: f32) -> Message {
    Message::default().bytes(1, name).float(2, value).integer(20, ATTRIBUTE_FLOAT)
}

fn tensor(name: &str, weights: &Weights) -> Message {
    let message = weights.shape.iter().fold(Message::default(), |message, length| message.integer(1, *length as i64));
    message.integer(2, FLOAT).bytes(8, name).bytes(9, weights.bytes())
}

fn integers(name: &str, values: &[i64]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Message::default().integer(1, values.len() as i64).integer(2, INT64).bytes(8, name).bytes(9, bytes)
}

/// An input or output: its name, and its shape behind the batch.
fn interface(name: &str, shape: &[usize]) -> Message {
    let batch = Message::default().message(1, Message::default().bytes(2, "batch"));
    let shape =
        shape.iter().fold(batch, |message, length| message.message(1, Message::default().integer(1, *length as i64)));
    let tensor = Message::default().integer(1, FLOAT).message(2, shape);
    Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}
