//! Pre-trained weights on their way from the site to a training.

mod journey;
mod scratch;

use std::path::{Path, PathBuf};

use futures_executor::block_on;
use journey::{Engine, tiny_plan};
use mien::engine::protocol::*;
use mien::engine::site::Site;
use mien::engine::storage::{Storage, digest};
use mien::models::{BackboneWeights, Checkpoint, published};
use mien::training::{InitialWeights, Trainable, TrainingPlan};
use scratch::Scratch;

/// The file of them.
const WEIGHTS: &str = "efficientnet-b0.safetensors";

fn plan(model: &str) -> TrainingPlan {
    let (weights, trainable) = (InitialWeights::Imagenet, Trainable::Head);
    TrainingPlan { model: model.into(), weights, trainable, ..tiny_plan() }
}

async fn engine(site: Site, storage: Storage) -> Engine {
    let engine = Engine::start_on(site, DeviceChoice::Cpu, storage).await;
    engine.sample_faces(16).await;
    engine
}

#[test]
fn weights_that_cannot_be_had_are_refused_in_a_sentence() {
    let folder = Scratch::new("refused-weights");
    std::fs::create_dir_all(folder.path("weights")).unwrap();
    block_on(async {
        let bare = engine(Site::default(), Storage::none("This test keeps nothing.")).await;
        let why = bare.refused(Command::Train { plan: plan("efficientnet-b0") }).await.message;
        assert_eq!(why, "EfficientNetB0's ImageNet weights cannot be used: this site does not have it.");
        let why = bare.refused(Command::Train { plan: plan("custom-cnn") }).await.message;
        assert_eq!(why, "Weights must be none for custom-cnn: there are no ImageNet weights of it.");

        std::fs::write(folder.path("weights/efficientnet-b0.safetensors"), b"half a file").unwrap();
        let damaged = engine(Site::at(folder.path(".")), folder.storage("kept")).await;
        let why = damaged.refused(Command::Train { plan: plan("efficientnet-b0") }).await.message;
        assert!(why.contains("what the site sent is damaged"), "{why}");
        assert!(!folder.path("kept/weights/efficientnet-b0.safetensors").exists());
    });
}

/// A folder whose site has EfficientNetB0's weights, where `make weights` has made them.
fn with_weights(name: &str) -> Option<Scratch> {
    let cache = std::env::var_os("MIEN_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("XDG_CACHE_HOME").map(|cache| Path::new(&cache).join("mien")));
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/mien")));
    let made = cache.unwrap_or_default().join("weights/site").join(WEIGHTS);
    let folder = Scratch::new(name);
    std::fs::create_dir_all(folder.path("weights")).unwrap();
    match std::fs::copy(&made, folder.path("weights").join(WEIGHTS)) {
        Ok(_) => Some(folder),
        Err(_) => {
            eprintln!("SKIPPED: there is no {}; `make weights` makes it", made.display());
            None
        }
    }
}

#[test]
fn weights_are_fetched_once_then_kept() {
    let Some(folder) = with_weights("kept-weights") else { return };
    block_on(async {
        let first = engine(Site::at(folder.path(".")), folder.storage("kept")).await;
        let (outcome, _) = first.ask(Command::Train { plan: plan("efficientnet-b0") }).await;
        let Outcome::Trained { model, ending: Ending::Completed, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(model.architecture, "efficientnet-b0");
        assert_eq!(first.epochs(), 2);

        let told = |engine: &Engine, is: fn(&TrainingProgress) -> bool| {
            let replies = engine.replies.0.borrow();
            replies
                .iter()
                .filter(|(reply, _)| matches!(&reply.body, Body::Progress(Progress::Training(told)) if is(told)))
                .count()
        };
        let fetching =
            |told: &TrainingProgress| matches!(told, TrainingProgress::Fetching { done, total } if done == total);
        let looking = |told: &TrainingProgress| matches!(told, TrainingProgress::Features { .. });
        assert_eq!((told(&first, fetching), told(&first, looking)), (1, 2), "12 faces, 8 at a time");

        // Another engine, whose site has gone; the same faces, kept as they were imported.
        let second = Engine::start_on(Site::default(), DeviceChoice::Cpu, folder.storage("kept")).await;
        second.ask(Command::Restore).await;
        let (outcome, _) = second.ask(Command::Train { plan: plan("efficientnet-b0") }).await;
        assert!(matches!(outcome, Outcome::Trained { .. }));
        assert_eq!((told(&second, fetching), told(&second, looking)), (0, 0), "weights and features are kept");
        assert_eq!(second.steps().len(), first.steps().len());
        for (a, b) in second.steps().iter().zip(first.steps()) {
            assert_eq!(a.loss, b.loss, "the same weights, the same run");
        }
        // Of other pixels there are other features.
        let plan = TrainingPlan { colour: mien::imaging::Colour::Gray, ..plan("efficientnet-b0") };
        second.ask(Command::Train { plan }).await;
        assert_eq!(told(&second, looking), 2);

        let listed = |outcome| {
            let Outcome::Weights(served) = outcome else { panic!("{outcome:?}") };
            served.into_iter().map(|weights| (weights.architecture, weights.kept)).collect::<Vec<_>>()
        };
        let three = |kept: [bool; 3]| {
            ["vgg16", "resnet50", "efficientnet-b0"].map(String::from).into_iter().zip(kept).collect::<Vec<_>>()
        };
        assert_eq!(listed(second.ask(Command::ListWeights).await.0), three([false, false, true]));
        let architecture = || "efficientnet-b0".to_string();
        let gone = second.ask(Command::DeleteWeights { architecture: architecture() }).await.0;
        assert_eq!(listed(gone), three([false; 3]));
        let why = second.refused(Command::FetchWeights { architecture: architecture() }).await.message;
        assert_eq!(why, "EfficientNetB0's ImageNet weights cannot be used: this site does not have it.");
        let again = first.ask(Command::FetchWeights { architecture: architecture() }).await.0;
        assert_eq!(listed(again), three([false, false, true]));
    });
}

#[test]
fn a_model_file_may_leave_its_backbone_to_the_sites_weights() {
    let Some(folder) = with_weights("left-weights") else { return };
    block_on(async {
        let engine = engine(Site::at(folder.path(".")), folder.storage("kept")).await;
        let Outcome::Trained { model, .. } = engine.ask(Command::Train { plan: plan("efficientnet-b0") }).await.0
        else {
            panic!("no model")
        };
        let whole = engine.ask(Command::Export { what: Export::Model(model.id) }).await.1.expect("a file");
        let whole = Checkpoint::read(&whole).unwrap();
        let weights = std::fs::read(folder.path("weights").join(WEIGHTS)).unwrap();
        let backbone = BackboneWeights::read(&weights, published("efficientnet-b0").unwrap()).unwrap();
        let head = whole.write_beside(&backbone, &digest(&weights)).unwrap();
        // (8 classes + 2) of 1280 features and a bias, 16 bits each; and the header.
        assert!((25_620..30_000).contains(&head.len()), "{} bytes", head.len());

        let import = |file| engine.send(Command::ImportModel { name: "head.safetensors".into() }, vec![file]);
        let (_, Body::Finished(Outcome::Model(again)), _) = import(head).await else { panic!("not imported") };
        assert_eq!(again.parameters, model.parameters);
        let again = engine.ask(Command::Export { what: Export::Model(again.id) }).await.1.expect("a file");
        let again = Checkpoint::read(&again).unwrap();
        for (name, weights) in whole.weights() {
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-3 * a.abs().max(1e-3);
            let (a, b) = (&weights.values, &again.weights()[name].values);
            let same = if name.starts_with("head.") { a.iter().zip(b).all(near) } else { a == b };
            assert!(same, "{name}");
        }

        let other = whole.write_beside(&backbone, "0123").unwrap();
        let (_, Body::Failed(why), _) = import(other).await else { panic!("imported") };
        assert_eq!(
            why.message,
            "head.safetensors: it leaves its backbone to pre-trained weights that this site does not have (SHA-256 0123)."
        );
    });
}
