//! BlazeFace, as MediaPipe publishes it for faces at arm's length ("short range"): a TensorFlow Lite model of 16-bit numbers.

use crate::Error;
use crate::archive::Archive;
use crate::file::WeightFile;
use crate::tensor::Tensor;
use crate::tflite::Constants;

const METADATA: [(&str, &str); 5] = [
    ("format", "mien-detector/1"),
    ("architecture", "blazeface"),
    ("variant", "short-range"),
    ("origin", "npm @mediapipe/face_detection@0.4.1657300184"),
    ("licence", "Apache-2.0"),
];

/// Blocks of a depthwise and a pointwise convolution.
const BLOCKS: usize = 16;

/// The detector.
pub fn convert(archive: &Archive) -> Result<Vec<(&'static str, WeightFile)>, Error> {
    let constants = Constants::read(archive.file("package/face_detection_short_range.tflite")?)?;
    let metadata = METADATA.map(|(key, value)| (key, value.to_string())).into();
    let mut file = WeightFile { metadata, ..WeightFile::default() };
    let mut put = |ours: String, theirs: String, order: [usize; 4]| {
        let kernel: &Tensor = constants.tensor(&format!("{theirs}/Kernel"))?;
        file.put(format!("{ours}.weight"), kernel.permuted(order)?);
        file.put(format!("{ours}.bias"), constants.tensor(&format!("{theirs}/Bias"))?.clone());
        Ok::<(), Error>(())
    };
    // Theirs are [out, height, width, in], and [1, height, width, channels] where they are depthwise.
    const DENSE: [usize; 4] = [0, 3, 1, 2];
    const DEPTHWISE: [usize; 4] = [3, 0, 1, 2];
    put("stem".into(), "conv2d".into(), DENSE)?;
    for block in 0..BLOCKS {
        let number = if block == 0 { String::new() } else { format!("_{block}") };
        put(format!("blocks.{block}.depthwise"), format!("depthwise_conv2d{number}"), DEPTHWISE)?;
        put(format!("blocks.{block}.pointwise"), format!("conv2d_{}", block + 1), DENSE)?;
    }
    for (grid, stride) in [8, 16].into_iter().enumerate() {
        put(format!("grids.{grid}.score"), format!("classificator_{stride}"), DENSE)?;
        put(format!("grids.{grid}.place"), format!("regressor_{stride}"), DENSE)?;
    }
    Ok(vec![("site/blazeface.safetensors", file)])
}
