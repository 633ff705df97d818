//! A training that was stopped or cut short goes on in another engine, natively: the storage lies in a folder on the disk.

mod journey;

use std::fs;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use futures_util::future::{Either, join, select};
use journey::{Engine, tiny_plan};
use mien::engine::protocol::*;
use mien::engine::storage::{Folder, Storage};
use mien::models::Checkpoint;
use mien::training::{EpochRecord, Optimizer, Schedule, StepRecord, TrainingPlan};

/// An empty folder of this test's own.
fn empty(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("unfinished_{name}"));
    let _ = fs::remove_dir_all(&path);
    path
}

/// An engine on this folder, with what was kept open again.
async fn engine(folder: &Path) -> Engine {
    let engine = Engine::start_with(DeviceChoice::Cpu, Storage::at(Folder::at(folder).unwrap())).await;
    engine.ask(Command::Restore).await;
    engine
}

async fn look(engine: &Engine) -> StorageReport {
    let (Outcome::Storage(report), _) = engine.ask(Command::LookAtStorage).await else { panic!("no report") };
    report
}

async fn unfinished(engine: &Engine) -> Option<UnfinishedTraining> {
    look(engine).await.unfinished
}

/// The folders of kept trainings, the oldest first.
fn places(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("trainings")) else { return Vec::new() };
    let mut places: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    places.sort();
    places
}

fn plan() -> TrainingPlan {
    TrainingPlan { epochs: 4, ..tiny_plan() }
}

/// Lets the other futures go on.
async fn pause() {
    let mut polled = false;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

async fn until(enough: impl Fn() -> bool) {
    let begun = Instant::now();
    while !enough() {
        assert!(begun.elapsed() < Duration::from_secs(120), "what is waited for does not come");
        pause().await;
    }
}

fn trained(outcome: Outcome) -> (ModelSummary, Ending) {
    let Outcome::Trained { model, ending, .. } = outcome else { panic!("{outcome:?}") };
    (model, ending)
}

/// Begins a training, or goes on with one, and stops it after so many more steps.
async fn stop_after(engine: &Engine, command: Command, steps: usize) -> (ModelSummary, Ending) {
    let all = engine.steps().len() + steps;
    let stop = async {
        until(|| engine.steps().len() >= all).await;
        engine.ask(Command::Stop).await;
    };
    let ((outcome, _), ()) = join(engine.ask(command), stop).await;
    trained(outcome)
}

/// Everything that a training has come to, but for the time it took.
async fn come_to(engine: &Engine, model: &ModelSummary) -> (Checkpoint, Vec<EpochRecord>) {
    let file = engine.ask(Command::Export { what: Export::Model(model.id) }).await.1.expect("a file");
    let mut epochs = model.training.clone().unwrap().history.epochs;
    epochs.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
    let mut checkpoint = Checkpoint::read(&file).unwrap();
    checkpoint.card.metrics = None;
    (checkpoint, epochs)
}

/// The same training without an interruption: its model, its epochs, its steps.
async fn uninterrupted(plan: TrainingPlan) -> ((Checkpoint, Vec<EpochRecord>), Vec<StepRecord>) {
    let engine = Engine::start(DeviceChoice::Cpu).await;
    engine.sample_faces(32).await;
    let (model, _) = trained(engine.ask(Command::Train { plan }).await.0);
    (come_to(&engine, &model).await, engine.steps())
}

/// A folder with a training of sixteen faces, four a step, that was stopped in its second epoch.
async fn stopped(name: &str) -> PathBuf {
    let folder = empty(name);
    let engine = engine(&folder).await;
    engine.sample_faces(32).await;
    stop_after(&engine, Command::Train { plan: plan() }, 6).await;
    folder
}

#[test]
fn what_was_stopped_goes_on_in_another_engine_and_ends_as_if_nothing_had_been() {
    let folder = empty("stopped");
    block_on(async {
        let (expected, steps) = uninterrupted(plan()).await;
        let first = engine(&folder).await;
        first.sample_faces(32).await;
        assert_eq!(unfinished(&first).await, None);
        let (model, ending) = stop_after(&first, Command::Train { plan: plan() }, 6).await;
        assert_eq!(ending, Ending::Stopped);
        let taken = first.steps().len();
        let kept = unfinished(&first).await.expect("it can go on");
        assert_eq!((kept.network.as_str(), &kept.plan), ("CustomCNN", &plan()));
        assert_eq!((kept.faces.dataset.as_str(), kept.faces.count), ("Sample faces", 24));
        assert_eq!(kept.history, model.training.as_ref().unwrap().history);

        let second = engine(&folder).await;
        assert_eq!(unfinished(&second).await, Some(kept.clone()));
        // Stopped once more.
        stop_after(&second, Command::ContinueTraining, 3).await;
        assert_eq!(places(&folder).len(), 1, "what was kept before is gone");
        let again = second.steps().len();
        assert_eq!(second.steps(), steps[taken..taken + again], "it goes on with the very next step");

        let third = engine(&folder).await;
        let (model, ending) = trained(third.ask(Command::ContinueTraining).await.0);
        assert_eq!(ending, Ending::Completed);
        assert_eq!(third.steps(), steps[taken + again..]);
        assert!(come_to(&third, &model).await == expected, "the same weights, the same epochs");
        assert!(model.training.unwrap().seconds > kept.seconds, "time adds up");
        assert_eq!((unfinished(&third).await, places(&folder).len()), (None, 0));
        assert_eq!(look(&third).await.news, [""; 0]);
        let refusal = third.refused(Command::ContinueTraining).await.message;
        assert_eq!(refusal, "There is no training to go on with: begin one.");
    });
}

#[test]
fn what_is_cut_short_was_kept_while_it_went_on() {
    let folder = empty("cut_short");
    let plan = TrainingPlan { epochs: 1000, ..plan() };
    block_on(async {
        let kept = {
            let first = engine(&folder).await;
            first.sample_faces(32).await;
            let train = Box::pin(first.ask(Command::Train { plan: plan.clone() }));
            let kept = Box::pin(until(|| places(&folder).iter().any(|place| place.join("manifest.json").exists())));
            // The engine goes in the middle of it.
            assert!(matches!(select(train, kept).await, Either::Right(_)));
            first.steps().len()
        };
        let second = engine(&folder).await;
        let offered = unfinished(&second).await.expect("it can go on");
        assert_eq!(offered.plan, plan);
        assert!(offered.history.epochs.len() <= kept / 4);
        stop_after(&second, Command::ContinueTraining, 1).await;
        let begun = second.steps()[0].step as usize;
        assert!(begun > 1 && begun <= kept + 1, "{begun} {kept}");
    });
}

#[test]
fn a_pause_is_a_moment_to_keep_it() {
    let folder = empty("paused");
    block_on(async {
        let first = engine(&folder).await;
        first.sample_faces(32).await;
        let train = Box::pin(first.ask(Command::Train { plan: plan() }));
        let kept = Box::pin(async {
            until(|| !first.steps().is_empty()).await;
            first.ask(Command::Pause).await;
            until(|| places(&folder).iter().any(|place| place.join("manifest.json").exists())).await;
        });
        assert!(matches!(select(train, kept).await, Either::Right(_)));
        assert!(unfinished(&engine(&folder).await).await.is_some());
    });
}

#[test]
fn other_faces_are_refused_and_another_device_is_told() {
    block_on(async {
        let folder = stopped("other_faces").await;
        let second = engine(&folder).await;
        second.ask(Command::DeleteDataset).await;
        let why = second.refused(Command::ContinueTraining).await.message;
        assert_eq!(why, "The faces of this training (Sample faces) are not open: import them on the Data page.");
        second.sample_faces(40).await;
        let why = second.refused(Command::ContinueTraining).await.message;
        assert!(
            why.starts_with("The open dataset is not the one this training was begun with (Sample faces, 24"),
            "{why}"
        );
        assert!(unfinished(&second).await.is_some(), "a refusal costs nothing");

        second.sample_faces(32).await;
        let manifest = places(&folder)[0].join("manifest.json");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(&manifest, text.replace("\"device\": \"CPU, ", "\"device\": \"WebGPU, ")).unwrap();
        let third = engine(&folder).await;
        stop_after(&third, Command::ContinueTraining, 1).await;
        let replies = third.replies.0.borrow();
        let told = replies.iter().any(|(reply, _)| {
            matches!(&reply.body, Body::Progress(Progress::Training(TrainingProgress::Running { warnings, .. }))
                if warnings.iter().any(|warning| warning.starts_with("This training was begun on WebGPU, ")))
        });
        assert!(told);
    });
}

#[test]
fn it_stays_until_another_takes_its_place_or_it_is_discarded() {
    block_on(async {
        let folder = stopped("stays").await;
        let engine = engine(&folder).await;
        let kept = unfinished(&engine).await;
        // Of one step: over before it was ever kept.
        engine.ask(Command::Train { plan: TrainingPlan { epochs: 1, batch_size: 16, seed: 2, ..plan() } }).await;
        assert!(kept.is_some() && unfinished(&engine).await == kept);
        stop_after(&engine, Command::Train { plan: TrainingPlan { seed: 3, ..plan() } }, 1).await;
        assert_eq!(unfinished(&engine).await.unwrap().plan.seed, 3);
        assert_eq!(places(&folder).len(), 1);
        engine.ask(Command::DiscardTraining).await;
        assert_eq!((unfinished(&engine).await, places(&folder).len()), (None, 0));
    });
}

#[test]
fn a_training_whose_loss_explodes_does_not_go_on() {
    let folder = empty("explodes");
    block_on(async {
        let engine = engine(&folder).await;
        engine.sample_faces(32).await;
        // Each step multiplies the weights by 1 - 10 * 1.
        let plan = TrainingPlan { learning_rate: 10.0, weight_decay: 1.0, clip_norm: 0.0, epochs: 60, ..plan() };
        let plan = TrainingPlan { optimizer: Optimizer::Sgd, schedule: Schedule::Constant, ..plan };
        stop_after(&engine, Command::Train { plan }, 1).await;
        assert!(unfinished(&engine).await.is_some());
        let why = engine.refused(Command::ContinueTraining).await.message;
        assert!(why.starts_with("The loss became "), "{why}");
        assert_eq!((unfinished(&engine).await, places(&folder).len()), (None, 0));
    });
}

#[test]
fn one_that_is_not_whole_is_told_and_the_one_before_it_is_there() {
    let copy = |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        for file in fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    };
    let weights = |place: &Path| place.join("weights.safetensors");
    block_on(async {
        let folder = stopped("torn").await;
        let whole = places(&folder).pop().unwrap();
        let kept = unfinished(&engine(&folder).await).await;
        // In the year 2001, and long after: keeping it was cut short before the manifest.
        for place in ["1000000000000", "9000000000000"] {
            let begun = folder.join("trainings").join(place);
            copy(&whole, &begun);
            fs::remove_file(begun.join("manifest.json")).unwrap();
        }
        let second = engine(&folder).await;
        assert!(kept.is_some() && unfinished(&second).await == kept);
        assert_eq!((places(&folder), look(&second).await.news), (vec![whole.clone()], Vec::new()));

        // Another version's, and one that was cut short after.
        let (other, torn) = (folder.join("trainings/9000000000001"), folder.join("trainings/9000000000002"));
        copy(&whole, &other);
        let manifest = fs::read_to_string(other.join("manifest.json")).unwrap();
        fs::write(other.join("manifest.json"), manifest.replace("unfinished-training/1", "unfinished-training/0"))
            .unwrap();
        copy(&whole, &torn);
        fs::write(weights(&torn), [0; 100]).unwrap();
        let third = engine(&folder).await;
        let report = look(&third).await;
        assert!(report.unfinished == kept && places(&folder) == [whole.clone(), other.clone()]);
        assert_eq!(report.news.len(), 2, "{:?}", report.news);
        assert!(report.news[0].contains("weights.safetensors has 100 bytes"), "{:?}", report.news);
        assert!(report.news[1].contains("another version"), "{:?}", report.news);
        fs::remove_dir_all(other).unwrap();

        // A bit that was turned over is found when it is read.
        let mut bytes = fs::read(weights(&whole)).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(weights(&whole), bytes).unwrap();
        let fourth = engine(&folder).await;
        let why = fourth.refused(Command::ContinueTraining).await.message;
        assert_eq!(
            why,
            "The kept training cannot be read: weights.safetensors is not what was written. Discard it, and begin a new one."
        );
    });
}
