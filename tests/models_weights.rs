//! The weights that the site serves, where `make weights` has made them: that they are the ones the engine expects, and
//! that with them ImageNet's classifiers see the panda. Proves the converter and the architectures together.

mod made;
mod panda;

use burn::tensor::Device;
use futures_executor::block_on;
use image::imageops::{self, FilterType};
use made::made;
use mien::imaging::{Pixels, Preprocessing, decode};
use mien::models::{Backbone, BackboneWeights, Model, normalised, variant};
use panda::{NETWORKS, PANDA};
use safetensors::SafeTensors;

/// The backbone of a served file.
fn load(name: &str, of: &str) -> Option<Model> {
    let architecture = variant(name, of).unwrap();
    let weights = BackboneWeights::read(&made(&format!("site/{name}.safetensors"))?, architecture).unwrap();
    Some(weights.put_into(Model::blank(architecture, 0, &Device::flex())))
}

/// The likeliest class of an image of 224 x 224, and its probability, where the weights have been made.
fn seen(name: &str, of: &str, layer: &str, image: &Pixels) -> Option<(usize, f32)> {
    let (weights, classifier) =
        (made(&format!("site/{name}.safetensors"))?, made(&format!("check/{name}-classifier.safetensors"))?);
    Some(block_on(panda::seen((name, of, layer), &weights, &classifier, image, &Device::flex())))
}

fn photo() -> Option<Pixels> {
    Some(decode(&made("check/panda.jpg")?).unwrap())
}

/// The middle of the photo by bicubic resampling, as in the packages' own examples.
fn bicubic(photo: &Pixels) -> Pixels {
    let photo = image::RgbImage::from_raw(photo.width as u32, photo.height as u32, photo.data.clone()).unwrap();
    let side = photo.width().min(photo.height());
    let (left, top) = ((photo.width() - side) / 2, (photo.height() - side) / 2);
    let middle = imageops::crop_imm(&photo, left, top, side, side).to_image();
    let small = imageops::resize(&middle, 224, 224, FilterType::CatmullRom);
    Pixels { width: 224, height: 224, channels: 3, data: small.into_raw() }
}

/// 0.9987 and 0.826 are what the packages' own models say in TensorFlow.js; the other figures are PyTorch's.
#[test]
fn the_panda_is_seen() {
    let Some(photo) = photo() else { return };
    let plain = Preprocessing::plain(224).apply(&photo);
    for ((name, of, layer, with_bilinear), with_bicubic) in NETWORKS.into_iter().zip([0.9987, 0.826]) {
        for (image, wanted, tolerance) in
            [(bicubic(&photo), with_bicubic, 0.002), (plain.clone(), with_bilinear, 0.003)]
        {
            let Some((class, probability)) = seen(name, of, layer, &image) else { continue };
            assert_eq!(class, PANDA, "{name}");
            assert!((probability - wanted).abs() < tolerance, "{name}: {probability}, not {wanted}");
        }
    }
}

/// VGG16's package has no classifier: PyTorch's features of the panda, by torchvision's network with the same weights.
#[test]
fn vgg16_sees_what_torchvisions_does() {
    let (Some(photo), Some(model)) = (photo(), load("vgg16", "configuration-d")) else { return };
    let preprocessing = Preprocessing::imagenet(224);
    let images = normalised(&[preprocessing.apply(&photo)], &preprocessing, &Device::flex());
    let pooled = model.backbone.features(images).mean_dim(2).mean_dim(3).into_data();
    let pooled: Vec<f32> = pooled.iter::<f32>().collect();
    for (channel, wanted) in [(13, 3.4379), (19, 3.2530), (99, 3.0971), (0, 0.3450), (6, 1.2710)] {
        assert!((pooled[channel] - wanted).abs() < 0.03, "channel {channel}: {}, not {wanted}", pooled[channel]);
    }
    let mean = pooled.iter().sum::<f32>() / pooled.len() as f32;
    assert!((mean - 0.342_67).abs() < 0.002, "{mean}");
}

/// What the files say of their images is what the catalogue does with them.
#[test]
fn the_files_and_the_catalogue_prepare_images_alike() {
    for (name, of) in [("vgg16", "configuration-d"), ("resnet50", "v1"), ("efficientnet-b0", "same")] {
        let Some(file) = made(&format!("site/{name}.safetensors")) else { continue };
        let (_, header) = SafeTensors::read_metadata(&file).unwrap();
        let said = &header.metadata().as_ref().unwrap()["preprocessing"];
        let said: Preprocessing = serde_json::from_str(said).unwrap();
        assert_eq!(said, (variant(name, of).unwrap().preprocessing)(224), "{name}");
    }
}
