//! The models that come with the site.

mod journey;
mod scratch;

use futures_executor::block_on;
use journey::{Engine, tiny_plan};
use mien::dataset::Split;
use mien::engine::protocol::*;
use mien::engine::shipped::{ORIGIN, ShippedModel};
use mien::engine::site::Site;
use mien::engine::storage::{Storage, digest};
use mien::training::{AffectLabels, TrainingPlan};
use scratch::Scratch;

fn nothing_kept() -> Storage {
    Storage::none("This test keeps nothing.")
}

/// A site with one model, as the trainer's `ship` makes it.
async fn site(folder: &Scratch) -> Site {
    let engine = Engine::start(DeviceChoice::Cpu).await;
    engine.sample_faces(16).await;
    let plan = TrainingPlan { affect_labels: AffectLabels::Derived, ..tiny_plan() };
    let Outcome::Trained { model, .. } = engine.ask(Command::Train { plan }).await.0 else { panic!("no model") };
    let file = engine.ask(Command::Export { what: Export::Model(model.id) }).await.1.expect("a file");
    let summary = ModelSummary { id: 0, name: "Tiny".into(), origin: ORIGIN.into(), ..model };
    let shipped = Shipped { card: "models/tiny.md".into(), bytes: file.len() as u64, backbone_bytes: 0 };
    let index = [ShippedModel { file: "tiny.safetensors".into(), sha256: digest(&file), shipped, summary }];
    std::fs::create_dir_all(folder.path("models")).unwrap();
    std::fs::write(folder.path("models/tiny.safetensors"), file).unwrap();
    std::fs::write(folder.path("models/index.json"), serde_json::to_vec(&index).unwrap()).unwrap();
    Site::at(folder.path("."))
}

async fn restored(engine: &Engine) -> Vec<ModelSummary> {
    let Outcome::Restored { models, .. } = engine.ask(Command::Restore).await.0 else { panic!("nothing restored") };
    models
}

#[test]
fn what_comes_with_the_site_is_used_and_copied_but_not_changed() {
    let folder = Scratch::new("shipped");
    block_on(async {
        let engine = Engine::start_on(site(&folder).await, DeviceChoice::Cpu, nothing_kept()).await;
        let [tiny] = &restored(&engine).await[..] else { panic!("one model comes with the site") };
        assert_eq!((tiny.name.as_str(), tiny.origin.as_str()), ("Tiny", ORIGIN));
        assert!(tiny.affect_caveat().unwrap().contains("derived from expression labels, not measured"));

        engine.sample_faces(64).await;
        let (outcome, _) = engine.ask(Command::Evaluate { model: tiny.id, split: Split::Test }).await;
        assert!(matches!(outcome, Outcome::Evaluated { .. }));
        let all = tiny.shipped.as_ref().unwrap().bytes;
        let fetched = Body::Progress(Progress::Bytes { done: all, total: all });
        assert!(engine.replies.0.borrow().iter().any(|(reply, _)| reply.body == fetched), "the fetching is told");

        let rename = Command::RenameModel { model: tiny.id, name: "Mine".into() };
        for change in [rename, Command::DeleteModel { model: tiny.id }] {
            let why = engine.refused(change).await.message;
            assert_eq!(why, "Tiny comes with Mien: copy it, and change the copy.");
        }
        let Outcome::Models(models) = engine.ask(Command::CopyModel { model: tiny.id }).await.0 else {
            panic!("no list")
        };
        let copy = models.last().unwrap();
        assert_eq!((copy.name.as_str(), &copy.shipped), ("Tiny copy", &None));
        engine.ask(Command::DeleteModel { model: copy.id }).await;

        // A visitor's own models are numbered as if there were no others.
        let Outcome::Trained { model, .. } = engine.ask(Command::Train { plan: tiny_plan() }).await.0 else { panic!() };
        assert!(model.name.ends_with(" 2"), "{}", model.name);
    });
}

#[test]
fn a_damaged_model_or_table_is_told_and_loses_nothing() {
    let folder = Scratch::new("damaged-shipped");
    block_on(async {
        let site = site(&folder).await;
        std::fs::write(folder.path("models/tiny.safetensors"), b"half a file").unwrap();
        let engine = Engine::start_on(site.clone(), DeviceChoice::Cpu, nothing_kept()).await;
        let tiny = restored(&engine).await[0].id;
        let why = engine.refused(Command::DescribeModel { model: tiny }).await.message;
        assert!(why.starts_with("Tiny cannot be had: what the site sent is damaged"), "{why}");

        std::fs::write(folder.path("models/index.json"), b"<html>").unwrap();
        let engine = Engine::start_on(site, DeviceChoice::Cpu, nothing_kept()).await;
        assert!(restored(&engine).await.is_empty());
        let Outcome::Storage(report) = engine.ask(Command::LookAtStorage).await.0 else { panic!("no report") };
        assert!(report.news[0].starts_with("The models that come with Mien are not there"), "{:?}", report.news);
    });
}
