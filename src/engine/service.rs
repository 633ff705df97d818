//! The worker's end: holds the dataset and the models, and answers one request after another.
//!
//! Requests are handled side by side: a gallery can be listed while a training runs. Long work yields to the event
//! loop, so that Cancel, Pause and Stop are heard.

mod choosing;
mod compare;
mod comparison_file;
mod dataset_file;
mod describe;
mod embed;
mod estimate;
mod evaluate;
mod explain;
mod export;
mod features;
mod gallery;
mod import;
mod live;
mod looking;
mod memory;
mod models;
mod pace;
mod packed;
mod predictions;
mod pretrained;
mod preview;
mod probe;
mod record;
mod report;
mod restore;
mod run;
mod shipped;
mod speed;
#[cfg(feature = "gpu")]
mod tilings;
mod train;
mod unfinished;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use async_lock::Mutex;
use burn::tensor::Device;

use super::device;
use super::protocol::{
    Body, Command, DeviceReport, Faces, Failure, FailureKind, LiveSettings, ModelId, Outcome, Progress, Reply, Request,
    RequestId,
};
use super::replicas;
use super::site::Site;
use super::storage::{Blob, KeptTraining, PixelFile, Storage};
use crate::dataset::{Choices, Dataset, DroppedFile, Source, Split};
#[cfg(feature = "gpu")]
use crate::kernels::gpu::{Tilings, chosen};
use crate::live::Record;
use crate::models::{Architecture, architecture, published};
use crate::training::{InitialWeights, PlanError, TrainingError, TrainingPlan};
use choosing::Found;
use compare::HeldComparison;
use embed::HeldFeatures;
use evaluate::Evaluation;
use explain::HeldExplainer;
use live::Live;
use models::{HeldModel, ShelvedModel};
use pace::Pace;
use train::Control;

/// The way back to the page.
pub trait Line {
    /// Sends a reply, and what goes with it.
    fn send(&self, reply: &Reply, attachment: Option<Attachment>);
}

/// What goes beside a reply.
#[derive(Clone, Debug)]
pub enum Attachment {
    /// Bytes in this memory.
    Bytes(Vec<u8>),
    /// A file that never was in this memory as a whole.
    File(Blob),
}

impl From<Vec<u8>> for Attachment {
    fn from(bytes: Vec<u8>) -> Self {
        Attachment::Bytes(bytes)
    }
}

/// How a request is answered: the outcome, and what goes beside it.
type Answer = Result<(Outcome, Option<Attachment>), Failure>;

/// The engine's state, and the commands it answers.
pub struct Service {
    line: Box<dyn Line>,
    device: RefCell<Option<(Device, DeviceReport)>>,
    /// On how many a training may run.
    cores: Cell<usize>,
    dataset: RefCell<Option<Rc<OpenDataset>>>,
    models: RefCell<Vec<ShelvedModel>>,
    last_model: Cell<ModelId>,
    storage: Storage,
    site: Site,
    restoring: Cell<bool>,
    evaluation: RefCell<Option<Rc<Evaluation>>>,
    comparison: RefCell<Option<Rc<HeldComparison>>>,
    /// Those of the evaluation whose faces were placed last.
    features: RefCell<Option<Rc<HeldFeatures>>>,
    /// The model that explained itself last; taken out while it does.
    explainer: RefCell<Option<HeldExplainer>>,
    /// The model that reads faces as they come. Who wants something of it waits until it has read the picture before.
    live: Mutex<Option<Live>>,
    live_settings: Cell<LiveSettings>,
    /// What it read, where somebody wants that kept.
    record: RefCell<Option<Record>>,
    /// Held while it is found out which tilings a GPU is fastest with: who times the GPU waits.
    tilings: Mutex<()>,
    /// How many plans were estimated.
    estimates: Cell<u32>,
    /// The long task under way, in words. One at a time: they share the one core, and the dataset.
    task: Cell<Option<&'static str>>,
    training: RefCell<Option<Rc<Control>>>,
    /// The training that can go on.
    unfinished: RefCell<Option<KeptTraining>>,
    cancelled: RefCell<HashSet<RequestId>>,
}

/// The dataset that is open. Sample `i` is image `i` of the pixels.
pub(crate) struct OpenDataset {
    /// As it was found.
    pub found: Rc<Found>,
    /// What a person decided about it.
    pub choices: Choices,
    /// What that makes of it.
    pub dataset: Rc<Dataset>,
}

impl OpenDataset {
    fn pixels(&self) -> &PixelFile {
        &self.found.pixels
    }
}

/// Says that a long task is over when it is dropped.
struct TaskGuard<'a>(&'a Service);

impl Drop for TaskGuard<'_> {
    fn drop(&mut self) {
        self.0.task.set(None);
    }
}

pub(crate) fn refused(why: impl ToString) -> Failure {
    Failure { kind: FailureKind::Refused, message: why.to_string() }
}

/// What says which faces those of these splits are.
fn faces(dataset: &Dataset, splits: &[Split]) -> Faces {
    let count = splits.iter().map(|split| dataset.indices(*split).len()).sum();
    Faces { dataset: dataset.name.clone(), identity: dataset.identity(splits), count }
}

/// The architecture a plan names: of several variants, the one that has the weights it begins with.
fn catalogued(plan: &TrainingPlan) -> Result<&'static Architecture, Failure> {
    let named = architecture(&plan.model);
    let named = named.ok_or_else(|| refused(format!("There is no model called {}.", plan.model)))?;
    match plan.weights {
        InitialWeights::Random => Ok(named),
        InitialWeights::Imagenet => {
            published(named.name).ok_or_else(|| sentence(PlanError::NoWeights(named.name.into())))
        }
    }
}

/// Whether an architecture takes images of the plan's size.
fn check_size(architecture: &Architecture, plan: &TrainingPlan) -> Result<(), Failure> {
    let ((least, most), size, model) = (architecture.sizes, plan.input_size, architecture.label);
    if architecture.sizes().contains(&size) {
        return Ok(());
    }
    Err(sentence(TrainingError::InputSize { model, least, most, size }))
}

/// Errors of the training are clauses: they become sentences here.
fn sentence(error: impl ToString) -> Failure {
    let clause = error.to_string();
    let mut letters = clause.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    refused(first.chain(letters).chain(['.']).collect::<String>())
}

fn cancelled() -> Failure {
    Failure { kind: FailureKind::Cancelled, message: "Cancelled.".into() }
}

impl Service {
    /// An engine with no device yet, and nothing open.
    pub fn new(line: impl Line + 'static, storage: Storage) -> Rc<Service> {
        Service::on(Site::default(), line, storage)
    }

    /// The same, on a site with files of its own.
    pub fn on(site: Site, line: impl Line + 'static, storage: Storage) -> Rc<Service> {
        Rc::new(Service {
            line: Box::new(line),
            device: RefCell::default(),
            cores: Cell::new(1),
            dataset: RefCell::default(),
            models: RefCell::default(),
            last_model: Cell::new(0),
            storage,
            site,
            restoring: Cell::new(false),
            evaluation: RefCell::default(),
            comparison: RefCell::default(),
            features: RefCell::default(),
            explainer: RefCell::default(),
            live: Mutex::default(),
            live_settings: Cell::default(),
            record: RefCell::default(),
            tilings: Mutex::default(),
            estimates: Cell::default(),
            task: Cell::new(None),
            training: RefCell::default(),
            unfinished: RefCell::default(),
            cancelled: RefCell::default(),
        })
    }

    /// Answers a request with exactly one terminal reply.
    pub async fn handle(self: Rc<Self>, request: Request, files: Vec<Box<dyn Source>>) {
        let id = request.id;
        let has_started = matches!(request.command, Command::Start { .. });
        let answer = self.answer(request, files).await;
        self.cancelled.borrow_mut().remove(&id);
        let (body, attachment) = match answer {
            Ok((outcome, attachment)) => (Body::Finished(outcome), attachment),
            Err(failure) => (Body::Failed(failure), None),
        };
        self.line.send(&Reply { id, body }, attachment);
        if has_started {
            self.settle_tilings().await;
        }
    }

    async fn answer(&self, Request { id, command }: Request, files: Vec<Box<dyn Source>>) -> Answer {
        match command {
            Command::Start { device, cores } => self.start(device, cores).await,
            Command::Restore => self.restore().await,
            Command::LookAtStorage => self.look_at_storage().await,
            Command::Import { paths, splits, opening } => {
                let files = paths.into_iter().zip(files).map(|(path, source)| DroppedFile { path, source }).collect();
                self.import(id, files, splits, &opening).await
            }
            Command::ImportSample { count, seed, splits } => self.import_sample(id, count, seed, splits).await,
            Command::DeleteDataset => self.delete_dataset().await,
            Command::Cancel { request } => {
                self.cancelled.borrow_mut().insert(request);
                Ok((Outcome::Done, None))
            }
            Command::ListSamples { filter, skip, take } => self.list_samples(filter, skip, take),
            Command::Choose { choices } => self.choose(choices).await,
            Command::ShowClasses => self.show_classes(),
            Command::Preview { plan, faces, turn, draw } => self.preview(&plan, faces, turn, draw),
            Command::Estimate { plan } => self.estimate(plan).await,
            Command::WarmUp { plan } => self.warm_up(plan).await,
            Command::Train { plan } => self.train(id, plan, None).await,
            Command::ContinueTraining => self.continue_training(id).await,
            Command::DiscardTraining => self.discard_training().await,
            Command::Pause => self.control(Control::pause),
            Command::Resume => self.control(Control::resume),
            Command::Stop => self.control(Control::stop),
            Command::Evaluate { model, split } => self.evaluate(id, model, split).await,
            Command::ListPredictions { filter, skip, take } => self.list_predictions(filter, skip, take),
            Command::Explain { sample, what } => self.explain(sample, what).await,
            Command::Embed { embedding } => self.embed(id, embedding).await,
            Command::Compare { models, split } => self.compare(id, models, split).await,
            Command::ListDisputed { filter, skip, take } => self.list_disputed(filter, skip, take),
            Command::Export { what } => self.export(id, what).await,
            Command::ListModels => Ok((Outcome::Models(self.summaries()), None)),
            Command::ImportModel { name } => self.import_model(name, files).await,
            Command::RenameModel { model, name } => self.rename_model(model, &name).await,
            Command::NoteModel { model, note } => self.note_model(model, &note).await,
            Command::CopyModel { model } => self.copy_model(model).await,
            Command::DescribeModel { model } => self.describe_model(model).await,
            Command::ListWeights => self.list_weights().await,
            Command::FetchWeights { architecture } => self.fetch_weights(id, &architecture).await,
            Command::DeleteWeights { architecture } => self.delete_weights(&architecture).await,
            Command::MeasureSpeed { size } => self.measure_speed(id, size).await,
            Command::DeleteModel { model } => self.delete_model(model).await,
            Command::OpenLive { model } => self.open_live(id, model).await,
            Command::Look { time, size } => self.look(time, size, &files).await,
            Command::LookAtPhotograph { name } => self.look_at_photograph(&name, &files).await,
            Command::SetLive { settings } => self.set_live(settings),
            Command::NeutralLook { track, end } => self.neutral_look(track, end).await,
            Command::BeginRecord { zero } => self.begin_record(zero).await,
            Command::EndRecord => self.end_record(),
            Command::ForgetRecord => self.forget_record(),
            Command::MarkRecord { time, text } => self.mark_record(time, &text),
            Command::ShowRecord { span, columns } => self.show_record(span, columns),
            Command::LeaveScene => self.leave_scene().await,
            Command::CloseLive => self.close_live().await,
        }
    }

    async fn start(&self, choice: super::protocol::DeviceChoice, cores: Option<usize>) -> Answer {
        self.cores.set(replicas::cores(cores));
        let (device, report) = device::start(choice, self.cores.get()).await.map_err(refused)?;
        self.device.replace(Some((device, report.clone())));
        self.choose_tilings().await;
        Ok((Outcome::Ready(report), None))
    }

    fn device(&self) -> Result<Device, Failure> {
        let device = self.device.borrow().as_ref().map(|(device, _)| device.clone());
        device.ok_or_else(|| refused("The engine's device has not started."))
    }

    /// What it is computed on, in words, and in what way where there are several: sums of another order differ in their last digits.
    fn device_name(&self) -> String {
        let device = self.device.borrow();
        let Some((_, of)) = device.as_ref() else { return String::new() };
        #[cfg(feature = "gpu")]
        if of.backend == "WebGPU" && chosen() != Tilings::SAFE {
            return format!("{}, {} ({})", of.backend, of.description, chosen());
        }
        format!("{}, {}", of.backend, of.description)
    }

    #[cfg(not(feature = "gpu"))]
    async fn choose_tilings(&self) {}

    #[cfg(not(feature = "gpu"))]
    async fn settle_tilings(&self) {}

    fn open_dataset(&self) -> Result<Rc<OpenDataset>, Failure> {
        self.dataset.borrow().clone().ok_or_else(|| refused("There is no dataset yet: import one on the Data page."))
    }

    /// Marks a long task as begun, unless another is under way.
    fn begin(&self, task: &'static str) -> Result<TaskGuard<'_>, Failure> {
        if let Some(other) = self.task.get() {
            return Err(refused(format!("{other} is under way: wait for it, or stop it first.")));
        }
        self.task.set(Some(task));
        Ok(TaskGuard(self))
    }

    /// Whether the person has asked to end `id`.
    fn check_cancelled(&self, id: RequestId) -> Result<(), Failure> {
        if self.cancelled.borrow().contains(&id) { Err(cancelled()) } else { Ok(()) }
    }

    /// Goes on with something step by step. Others get their turn meanwhile, and Cancel is heard.
    async fn go_on(&self, id: RequestId, mut step: impl FnMut() -> bool) -> Result<(), Failure> {
        let mut pace = Pace::new();
        while step() {
            pace.breathe().await;
            self.check_cancelled(id)?;
        }
        Ok(())
    }

    /// Reports how far something is that has no images to count, now and then.
    fn sharing(&self, id: RequestId, doing: &'static str) -> impl FnMut(f64) {
        let mut pace = Pace::new();
        move |done| {
            if pace.report_due() {
                self.progress(id, Progress::Share { doing: doing.into(), done });
            }
        }
    }

    fn progress(&self, id: RequestId, progress: Progress) {
        self.line.send(&Reply { id, body: Body::Progress(progress) }, None);
    }
}
