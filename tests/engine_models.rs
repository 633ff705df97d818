//! What can be done with models, and what a training would cost.

mod journey;
mod scratch;

use futures_executor::block_on;
use journey::{Engine, tiny_plan};
use mien::engine::protocol::*;
use mien::training::{InitialWeights, Trainable, TrainingPlan};
use scratch::Scratch;

fn names(outcome: Outcome) -> Vec<String> {
    let Outcome::Models(models) = outcome else { panic!("{outcome:?}") };
    models.into_iter().map(|model| model.name).collect()
}

#[test]
fn models_are_renamed_copied_and_looked_into() {
    let folder = Scratch::new("models");
    block_on(async {
        let engine = folder.engine().await;
        engine.sample_faces(16).await;
        let (outcome, _) = engine.ask(Command::Train { plan: tiny_plan() }).await;
        let Outcome::Trained { model: ModelSummary { id: model, .. }, .. } = outcome else { panic!("{outcome:?}") };

        let name = " Tuesday ".to_string();
        assert_eq!(names(engine.ask(Command::RenameModel { model, name }).await.0), ["Tuesday"]);
        let why = engine.refused(Command::RenameModel { model, name: " ".into() }).await.message;
        assert_eq!(why, "A model needs a name.");
        engine.ask(Command::CopyModel { model }).await;
        let all = ["Tuesday", "Tuesday copy", "Tuesday copy 2"];
        assert_eq!(names(engine.ask(Command::CopyModel { model }).await.0), all);
        let (_, original) = engine.ask(Command::Export { what: Export::Model(model) }).await;
        let (_, copy) = engine.ask(Command::Export { what: Export::Model(model + 1) }).await;
        assert_eq!(original.as_ref().map(Vec::len), copy.map(|copy| copy.len()));
        let (outcome, onnx) = engine.ask(Command::Export { what: Export::Onnx(model) }).await;
        assert!(matches!(outcome, Outcome::File { name, .. } if name == "tuesday.onnx"));
        assert!(onnx.unwrap().len() > 900_000);

        let (outcome, _) = engine.ask(Command::DescribeModel { model }).await;
        let Outcome::Description(description) = outcome else { panic!("{outcome:?}") };
        let of_layers: usize = description.layers.iter().map(|layer| layer.parameters).sum();
        assert_eq!(of_layers, description.parameters);
        let of_layers: u64 = description.layers.iter().map(|layer| layer.multiplications).sum();
        assert_eq!(of_layers, description.multiplications);
        assert_eq!(description.bytes as usize, original.unwrap().len());
        let stem = &description.layers[1];
        assert_eq!(stem.does, "3 x 3 convolution, stride 2, batch normalisation, ReLU");
        assert_eq!((stem.name.as_str(), &stem.shape[..]), ("backbone.stem.conv", &[32, 16, 16][..]));

        let tomorrow = folder.engine().await;
        assert_eq!(names(tomorrow.ask(Command::ListModels).await.0), all);
    });
}

#[test]
fn every_network_is_measured_and_told() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        assert_eq!(engine.ask(Command::MeasureSpeed { size: 32 }).await.0, Outcome::Done);
        let speed = |body: &Body| match body {
            Body::Progress(Progress::Speed(speed)) => Some(speed.clone()),
            _ => None,
        };
        let told = |(reply, _): &(Reply, _)| speed(&reply.body);
        let speeds: Vec<Speed> = engine.replies.0.borrow().iter().filter_map(told).collect();
        let labels: Vec<&str> = speeds.iter().map(|speed| speed.label.as_str()).collect();
        assert_eq!(labels, ["CustomCNN", "VGG16", "ResNet50", "EfficientNetB0"]);
        for speed in speeds {
            let figures = [speed.alone, speed.together, speed.training.expect("it fits")];
            assert!(figures.iter().all(|figure| figure.is_finite() && *figure > 0.0), "{speed:?}");
        }
        let why = engine.refused(Command::MeasureSpeed { size: 4096 }).await.message;
        assert_eq!(why, "No network takes images of 4096 pixels.");
    });
}

#[test]
fn costs_are_told_and_what_does_not_fit_is_refused() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(16).await;
        let costs = async |plan| match engine.ask(Command::Estimate { plan }).await.0 {
            Outcome::Costs(costs) => costs,
            outcome => panic!("{outcome:?}"),
        };
        let own = costs(tiny_plan()).await;
        assert_eq!(own.moved, own.parameters);
        assert!(own.seconds.unwrap() > 0.0 && own.refusal.is_none(), "{own:?}");

        let (weights, trainable) = (InitialWeights::Imagenet, Trainable::Head);
        let head = TrainingPlan { model: "efficientnet-b0".into(), weights, trainable, ..tiny_plan() };
        let of_head = costs(head.clone()).await;
        assert_eq!(of_head.moved, 1280 * 10 + 10, "eight classes, valence and arousal");
        assert!(of_head.seconds.unwrap() > 0.0);
        let all = costs(TrainingPlan { trainable: Trainable::All, ..head }).await;
        assert_eq!(all.moved, all.parameters);
        assert!(all.memory > 2 * of_head.memory, "{all:?} {of_head:?}");

        let large = TrainingPlan { model: "vgg16".into(), batch_size: 64, input_size: 224, ..tiny_plan() };
        let refused = costs(large.clone()).await;
        let why = refused.refusal.unwrap();
        assert!(why.starts_with("VGG16 needs about ") && why.contains("a batch of "), "{why}");
        assert_eq!(refused.seconds, None);
        assert_eq!(engine.refused(Command::Train { plan: large.clone() }).await.message, why);
        let batch = why.split("a batch of ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        assert_eq!(costs(TrainingPlan { batch_size: batch, epochs: 1, ..large }).await.refusal, None);
    });
}
