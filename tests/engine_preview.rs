//! What the page shows of preprocessing and augmentation is what training does.

mod in_memory;
mod journey;

use futures_executor::block_on;
use in_memory::Faces;
use journey::{Engine, tiny_plan};
use mien::affect::Annotation;
use mien::dataset::Split;
use mien::dataset::sample_faces::SampleFaces;
use mien::engine::protocol::*;
use mien::imaging::{Colour, Crop, Filter, Images, Pixels, Preprocessing};
use mien::models::{Checkpoint, variant};
use mien::training::{InitialWeights, Strength, TrainingPlan, augmentation_stream, normalised, operations};

const FACES: usize = 6;
/// What `Engine::sample_faces` draws from.
const SEED: u64 = 7;

/// The answer's rows of RGBA pictures, and what was said of the input.
async fn preview(engine: &Engine, plan: &TrainingPlan, turn: usize, draw: u64) -> (Vec<Vec<u8>>, InputValues) {
    let command = Command::Preview { plan: plan.clone(), faces: FACES, turn, draw };
    let (outcome, attachment) = engine.ask(command).await;
    let Outcome::Preview { faces: FACES, side, values } = outcome else { panic!("{outcome:?}") };
    assert_eq!(side, plan.input_size as usize);
    let bytes = attachment.expect("pictures");
    let (originals, rest) = bytes.split_at(FACES * THUMBNAIL * THUMBNAIL * 4);
    let mut rows = vec![originals.to_vec()];
    rows.extend(rest.chunks(FACES * side * side * 4).map(<[u8]>::to_vec));
    assert_eq!(rows.len(), 3 + operations().count());
    (rows, values)
}

/// The faces of the training split that a turn shows.
async fn training_faces(engine: &Engine, turn: usize) -> Vec<Pixels> {
    let filter = SampleFilter { split: Some(Split::Train), ..SampleFilter::default() };
    let (outcome, _) = engine.ask(Command::ListSamples { filter, skip: 0, take: 1000 }).await;
    let Outcome::Samples { samples, .. } = outcome else { panic!("{outcome:?}") };
    let place = |face: usize| (face * samples.len() / FACES + turn) % samples.len();
    (0..FACES).map(|face| SampleFaces::new(SEED).face(samples[place(face)].index).0).collect()
}

fn rgba(values: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let values: Vec<u8> = values.into_iter().collect();
    values.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect()
}

/// A batch's images as the 8-bit pixels they were normalised from.
fn pixels(Images { numbers, .. }: Images, side: usize) -> Vec<u8> {
    let level = |value: f32| ((value * 0.5 + 0.5) * 255.0).round() as u8;
    let (plane, image) = (side * side, 3 * side * side);
    let places = (0..FACES).flat_map(|face| (0..plane).map(move |place| face * image + place));
    rgba(places.flat_map(|place| (0..3).map(move |channel| place + channel * plane)).map(|place| level(numbers[place])))
}

#[test]
fn the_preview_is_what_a_batch_of_training_gets() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(64).await;
        for (side, colour, turn) in [(32, Colour::Rgb, 0), (48, Colour::Gray, 1)] {
            let plan = TrainingPlan { input_size: side, colour, seed: 9, ..TrainingPlan::default() };
            // Of six faces, hardly ever none.
            let plan = TrainingPlan { flip: 0.9, erasing: 0.9, ..plan.with_strength(Strength::Strong) };
            let preprocessing = plan.preprocessing(Preprocessing::plain(side));
            let faces = training_faces(&engine, turn).await;
            let source = Faces(faces.iter().map(|face| (preprocessing.apply(face), Annotation::default())).collect());
            let batch = |plan: &TrainingPlan| {
                let (mut rng, indices) = (augmentation_stream(plan.seed), [0, 1, 2, 3, 4, 5]);
                let augmentation = plan.augmentation();
                let varied = Some((&augmentation, &mut rng));
                normalised(&source, &indices, &preprocessing, varied).unwrap()
            };

            let (rows, _) = preview(&engine, &plan, turn, 0).await;
            assert!(rows[rows.len() - 1] == pixels(batch(&plan), side as usize), "all together");
            for (operation, row) in operations().zip(&rows[2..]) {
                let alone = plan.with_only(operation.name).unwrap();
                assert!(*row == pixels(batch(&alone), side as usize), "{} alone", operation.name);
                let idle = operation.name == "saturation" && colour == Colour::Gray;
                assert_eq!(*row == rows[1], idle, "{} shows", operation.name);
            }
            assert_ne!(preview(&engine, &plan, turn, 1).await.0.last(), rows.last(), "another draw");
            assert_ne!(preview(&engine, &plan, turn + 1, 0).await.0[0], rows[0], "other faces");
        }
    });
}

#[test]
fn without_augmentation_every_row_is_the_input_and_its_values_are_told() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(32).await;
        let plan = TrainingPlan { input_size: 32, ..TrainingPlan::default().with_strength(Strength::None) };
        let (rows, values) = preview(&engine, &plan, 0, 0).await;
        assert!(rows[1..].iter().all(|row| *row == rows[1]));

        let levels = || rows[1].chunks(4).flat_map(|pixel| &pixel[..3]).map(|level| f64::from(*level) / 127.5 - 1.0);
        let count = levels().count() as f64;
        let mean = levels().sum::<f64>() / count;
        let variance = levels().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let expected = [levels().fold(1.0, f64::min), levels().fold(-1.0, f64::max), mean, variance.sqrt()];
        let found = [values.least, values.most, values.mean, values.deviation];
        assert!(
            found.into_iter().zip(expected).all(|(a, b)| (f64::from(a) - b).abs() < 1e-5),
            "{found:?} {expected:?}"
        );
    });
}

/// ResNet50's ImageNet weights are Keras's, which want other numbers than torchvision's network.
#[test]
fn a_pre_trained_variant_shows_its_own_numbers() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(32).await;
        let faces = training_faces(&engine, 0).await;
        for (weights, name) in [(InitialWeights::Random, "v1.5"), (InitialWeights::Imagenet, "v1")] {
            let plan = TrainingPlan { model: "resnet50".into(), weights, input_size: 32, ..TrainingPlan::default() };
            let preprocessing = (variant("resnet50", name).unwrap().preprocessing)(32);
            let mut numbers = vec![0.0; 3 * 32 * 32];
            let most = faces.iter().map(|face| {
                preprocessing.normalise_into(&preprocessing.apply(face), &mut numbers);
                numbers.iter().copied().fold(f32::MIN, f32::max)
            });
            assert_eq!(preview(&engine, &plan, 0, 0).await.1.most, most.fold(f32::MIN, f32::max), "{name}");
        }
    });
}

#[test]
fn what_the_plan_says_of_preprocessing_travels_in_the_model_file() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(32).await;
        let (crop, colour, filter) = (Crop::Pad, Colour::Gray, Filter::Lanczos);
        let plan = TrainingPlan { epochs: 1, crop, colour, filter, ..tiny_plan() };
        let (outcome, _) = engine.ask(Command::Train { plan: plan.clone() }).await;
        let Outcome::Trained { model, .. } = outcome else { panic!("{outcome:?}") };
        let file = engine.ask(Command::Export { what: Export::Model(model.id) }).await.1.expect("a file");
        let card = Checkpoint::read(&file).unwrap().card;
        assert_eq!(card.preprocessing, Preprocessing { crop, colour, filter, ..Preprocessing::plain(32) });
        assert_eq!(model.plan, Some(plan));
    });
}

#[test]
fn what_cannot_be_shown_is_refused() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        let ask = |plan| Command::Preview { plan, faces: FACES, turn: 0, draw: 0 };
        assert!(engine.refused(ask(tiny_plan())).await.message.starts_with("There is no dataset yet"));
        engine.sample_faces(32).await;
        let huge = TrainingPlan { input_size: 100_000, ..tiny_plan() };
        assert!(engine.refused(ask(huge)).await.message.starts_with("Input size must be"));
    });
}
