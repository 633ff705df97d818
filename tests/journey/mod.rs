//! A whole journey through the engine: sample faces, training, evaluation, a model file out and in again.
//! Run natively by `engine_service.rs` and in a browser's worker by `browser_engine.rs`.

#![allow(dead_code)]

use std::cell::RefCell;
use std::io::{self, Cursor};
use std::rc::Rc;

use mien::dataset::{ReadSeek, Source, Split, SplitPlan};
use mien::engine::message;
use mien::engine::protocol::*;
use mien::engine::service::{Attachment, Line, Service};
use mien::engine::site::Site;
use mien::engine::storage::Storage;
use mien::training::{StepRecord, TrainingPlan};

/// A reply, and the bytes that went with it.
type Sent = (Reply, Option<Vec<u8>>);

/// Every reply, in order.
#[derive(Clone, Default)]
pub struct Recorder(pub Rc<RefCell<Vec<Sent>>>);

impl Line for Recorder {
    fn send(&self, reply: &Reply, attachment: Option<Attachment>) {
        assert_eq!(carried(reply), *reply, "what the page reads is what the engine says");
        self.0.borrow_mut().push((reply.clone(), attachment.map(bytes)));
    }
}

/// What comes out of a message that is sent.
fn carried<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T) -> T {
    message::read(&message::write(message).unwrap()).unwrap()
}

fn bytes(attachment: Attachment) -> Vec<u8> {
    match attachment {
        Attachment::Bytes(bytes) => bytes,
        #[cfg(not(target_family = "wasm"))]
        Attachment::File(file) => file,
        #[cfg(target_family = "wasm")]
        Attachment::File(_) => panic!("a browser's file is read by its page"),
    }
}

/// A file held in memory.
pub struct Bytes(pub Vec<u8>);

impl Source for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

/// An engine under test.
pub struct Engine {
    pub service: Rc<Service>,
    pub replies: Recorder,
    next_id: RefCell<RequestId>,
}

impl Engine {
    pub async fn start(device: DeviceChoice) -> Engine {
        Engine::start_with(device, Storage::none("This test keeps nothing.")).await
    }

    pub async fn start_with(device: DeviceChoice, storage: Storage) -> Engine {
        Engine::start_on(Site::default(), device, storage).await
    }

    pub async fn start_on(site: Site, device: DeviceChoice, storage: Storage) -> Engine {
        let replies = Recorder::default();
        let service = Service::on(site, replies.clone(), storage);
        let engine = Engine { service, replies, next_id: RefCell::new(1) };
        engine.ask(Command::Start { device, cores: None }).await;
        engine
    }

    pub async fn ask(&self, command: Command) -> (Outcome, Option<Vec<u8>>) {
        let (id, body, attachment) = self.send(command, Vec::new()).await;
        match body {
            Body::Finished(outcome) => (outcome, attachment),
            other => panic!("request {id} ended as {other:?}"),
        }
    }

    pub async fn refused(&self, command: Command) -> Failure {
        match self.send(command, Vec::new()).await {
            (_, Body::Failed(failure), _) => failure,
            (id, other, _) => panic!("request {id} ended as {other:?}"),
        }
    }

    /// Sends a request and gives back its terminal reply, of which there must be exactly one.
    pub async fn send(&self, command: Command, files: Vec<Vec<u8>>) -> (RequestId, Body, Option<Vec<u8>>) {
        let id = self.next_id.replace_with(|id| *id + 1);
        let files = files.into_iter().map(|bytes| Box::new(Bytes(bytes)) as Box<dyn Source>).collect();
        Rc::clone(&self.service).handle(carried(&Request { id, command }), files).await;
        let replies = self.replies.0.borrow();
        let mut ends = replies.iter().filter(|(reply, _)| reply.id == id && !matches!(reply.body, Body::Progress(_)));
        let (reply, attachment) = ends.next().expect("no terminal reply").clone();
        assert!(ends.next().is_none(), "more than one terminal reply");
        (id, reply.body, attachment)
    }

    pub async fn sample_faces(&self, count: usize) {
        let splits = SplitPlan { validation: 0.25, test: 0.25, seed: 1 };
        let (outcome, _) = self.ask(Command::ImportSample { count, seed: 7, splits }).await;
        let Outcome::Dataset(summary) = outcome else { panic!("{outcome:?}") };
        assert_eq!(summary.samples, count);
    }

    /// Every step any training has reported.
    pub fn steps(&self) -> Vec<StepRecord> {
        let replies = self.replies.0.borrow();
        let steps = replies.iter().filter_map(|(reply, _)| match &reply.body {
            Body::Progress(Progress::Training(TrainingProgress::Steps { records, .. })) => Some(records.clone()),
            _ => None,
        });
        steps.flatten().collect()
    }

    pub fn epochs(&self) -> usize {
        let replies = self.replies.0.borrow();
        let epoch =
            |body: &Body| matches!(body, Body::Progress(Progress::Training(TrainingProgress::Epoch(_)))) as usize;
        replies.iter().map(|(reply, _)| epoch(&reply.body)).sum()
    }

    async fn predictions(&self, model: ModelId) -> Vec<u8> {
        let (outcome, _) = self.ask(Command::Evaluate { model, split: Split::Test }).await;
        let Outcome::Evaluated { report, .. } = outcome else { panic!("{outcome:?}") };
        assert!(report.expression.is_some() && report.valence.is_some() && report.arousal.is_some());
        self.ask(Command::Export { what: Export::Predictions }).await.1.expect("a file")
    }
}

/// A plan small enough for a software adapter.
pub fn tiny_plan() -> TrainingPlan {
    TrainingPlan { epochs: 2, warmup_epochs: 0, batch_size: 4, input_size: 32, ..Default::default() }
}

/// Sample faces in, a trained model and its figures out, the model file in again: the same predictions.
pub async fn journey(device: DeviceChoice) {
    let engine = Engine::start(device).await;
    engine.sample_faces(32).await;

    let list = Command::ListSamples { filter: SampleFilter::default(), skip: 30, take: 10 };
    let (outcome, thumbnails) = engine.ask(list).await;
    let Outcome::Samples { total: 32, samples } = outcome else { panic!("{outcome:?}") };
    assert_eq!(samples.len(), 2);
    assert_eq!(thumbnails.expect("thumbnails").len(), 2 * THUMBNAIL * THUMBNAIL * 4);

    let (outcome, _) = engine.ask(Command::Train { plan: tiny_plan() }).await;
    let Outcome::Trained { model, ending: Ending::Completed, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(engine.epochs(), 2);
    assert_eq!(engine.steps().len(), 2 * 4, "16 training faces, 4 a step, 2 epochs");

    let predictions = engine.predictions(model.id).await;
    let file = engine.ask(Command::Export { what: Export::Model(model.id) }).await.1.expect("a file");
    let import = Command::ImportModel { name: "again.safetensors".into() };
    let (_, body, _) = engine.send(import, vec![file]).await;
    let Body::Finished(Outcome::Model(again)) = body else { panic!("{body:?}") };
    assert_ne!(again.id, model.id);
    assert_eq!(engine.predictions(again.id).await, predictions);
}

/// The losses of the first five steps of a training.
pub async fn first_losses(device: DeviceChoice) -> Vec<f32> {
    let engine = Engine::start(device).await;
    engine.sample_faces(40).await;
    engine.ask(Command::Train { plan: TrainingPlan { epochs: 1, ..tiny_plan() } }).await;
    let losses: Vec<f32> = engine.steps().iter().map(|step| step.loss).take(5).collect();
    assert_eq!(losses.len(), 5);
    losses
}
