//! The engine's service, natively on the CPU.

mod journey;

use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_executor::LocalPool;
use futures_executor::LocalSpawner;
use futures_util::task::LocalSpawnExt;
use journey::{Engine, tiny_plan};
use mien::dataset::{Split, SplitPlan};
use mien::engine::protocol::*;
use mien::training::TrainingPlan;

fn run<F: Future>(test: impl FnOnce(LocalSpawner) -> F) -> F::Output {
    let mut pool = LocalPool::new();
    let test = test(pool.spawner());
    pool.run_until(test)
}

/// Sends a request and does not wait for its end.
fn send(spawner: &LocalSpawner, engine: &Engine, id: RequestId, command: Command) {
    let request = Request { id, command };
    spawner.spawn_local(Rc::clone(&engine.service).handle(request, Vec::new())).unwrap();
}

/// Lets the engine work until there is a reply that `wanted` accepts.
async fn wait_for(engine: &Engine, wanted: impl Fn(&Reply) -> bool) {
    let begun = Instant::now();
    while !engine.replies.0.borrow().iter().any(|(reply, _)| wanted(reply)) {
        assert!(begun.elapsed() < Duration::from_secs(120), "no such reply: {:?}", engine.replies.0.borrow().last());
        let mut polled = false;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[test]
fn a_whole_journey() {
    run(|_| journey::journey(DeviceChoice::Cpu));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let first = run(|_| journey::first_losses(DeviceChoice::Cpu));
    assert_eq!(first, run(|_| journey::first_losses(DeviceChoice::Cpu)));
}

#[test]
fn a_second_start_is_refused_while_one_runs_and_stop_keeps_a_model() {
    run(|spawner| async move {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(32).await;
        let plan = TrainingPlan { epochs: 1000, warmup_epochs: 0, ..tiny_plan() };
        send(&spawner, &engine, 100, Command::Train { plan: plan.clone() });
        wait_for(&engine, |reply| matches!(reply.body, Body::Progress(Progress::Training(TrainingProgress::Epoch(_)))))
            .await;
        let failure = engine.refused(Command::Train { plan }).await;
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.message.starts_with("A training is under way"), "{}", failure.message);
        engine.ask(Command::Pause).await;
        wait_for(&engine, |reply| matches!(reply.body, Body::Progress(Progress::Training(TrainingProgress::Paused))))
            .await;
        let paused_at = engine.epochs();
        engine.ask(Command::ListSamples { filter: SampleFilter::default(), skip: 0, take: 1 }).await;
        assert_eq!(engine.epochs(), paused_at, "nothing is trained while paused");
        engine.ask(Command::Resume).await;
        wait_for(&engine, |_| engine.epochs() > paused_at).await;
        engine.ask(Command::Stop).await;
        wait_for(&engine, |reply| reply.id == 100 && !matches!(reply.body, Body::Progress(_))).await;
        let replies = engine.replies.0.borrow();
        let end = replies.iter().find(|(reply, _)| reply.id == 100 && !matches!(reply.body, Body::Progress(_)));
        let Some((Reply { body: Body::Finished(Outcome::Trained { ending, best_epoch, .. }), .. }, _)) = end else {
            panic!("{end:?}")
        };
        assert_eq!(*ending, Ending::Stopped);
        assert!(*best_epoch >= 1);
    });
}

#[test]
fn an_import_can_be_cancelled_and_the_last_dataset_stays() {
    run(|spawner| async move {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(32).await;
        let import = Command::ImportSample { count: 50_000, seed: 1, splits: SplitPlan::default() };
        send(&spawner, &engine, 100, import);
        wait_for(&engine, |reply| reply.id == 100).await;
        engine.ask(Command::Cancel { request: 100 }).await;
        wait_for(&engine, |reply| reply.id == 100 && matches!(reply.body, Body::Failed(_))).await;
        let list = Command::ListSamples { filter: SampleFilter::default(), skip: 0, take: 0 };
        assert!(matches!(engine.ask(list).await.0, Outcome::Samples { total: 32, .. }));
    });
}

#[test]
fn what_is_not_there_is_refused_in_a_sentence() {
    run(|_| async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        for command in [
            Command::Train { plan: tiny_plan() },
            Command::Evaluate { model: 1, split: Split::Test },
            Command::Export { what: Export::Report },
            Command::Pause,
            Command::ListSamples { filter: SampleFilter::default(), skip: 0, take: 1 },
        ] {
            let failure = engine.refused(command).await;
            assert_eq!(failure.kind, FailureKind::Refused);
            assert!(failure.message.ends_with('.'), "{}", failure.message);
        }
    });
}
