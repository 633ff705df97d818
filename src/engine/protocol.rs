//! What the page and the engine say to each other. Types only.
//!
//! The page sends a [`Request`]; the engine answers it with any number of [`Body::Progress`] and then exactly one
//! terminal [`Body::Finished`] or [`Body::Failed`] under the same id. Files, pixels and weights do not stand in the
//! messages: they travel beside them as *attachments* (files by reference, buffers transferred, not copied).

mod comparison;
mod live;
mod models;

use serde::{Deserialize, Serialize};

pub use comparison::{Compared, Contestant, DisagreementFilter, Disputed, Opinion};
pub use live::{LiveSettings, Looked, Photograph, Recorded};
pub use models::{
    Costs, Description, EvaluationRecord, Faces, Layer, ModelSummary, SPEED_BATCH, ServedWeights, Shipped, Speed,
    TrainingRecord, UnfinishedTraining,
};

use crate::affect::LabelSet;
use crate::dataset::{Choices, DatasetSummary, Finding, Opening, Split, SplitPlan, TableView};
use crate::evaluation::{Curves, Prediction, Report};
pub use crate::training::Ending;
use crate::training::{EpochRecord, StepRecord, TrainingPlan};

/// Names a request; unique within one page.
pub type RequestId = u32;

/// Names a model the engine holds; unique within one engine.
pub type ModelId = u32;

/// The side of a thumbnail, pixels. Thumbnails are RGBA, 8 bits a channel, one after the other in one buffer.
pub const THUMBNAIL: usize = 96;

/// How many faces are shown of each class that was found.
pub const FACES_OF_A_CLASS: usize = 3;

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Repeated in every reply.
    pub id: RequestId,
    /// What is wanted.
    pub command: Command,
}

/// Where the tensors live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// WebGPU on real hardware where there is such, else the CPU.
    #[default]
    Auto,
    /// WebGPU, on a software adapter too.
    WebGpu,
    /// One core of the CPU.
    Cpu,
}

/// Everything the page can ask of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Starts the device. Finishes as [`Outcome::Ready`].
    Start {
        /// Which one.
        device: DeviceChoice,
        /// On how many cores of the CPU a training runs; where nobody says, in a browser as many as there are, and one
        /// natively.
        cores: Option<usize>,
    },
    /// Opens what was kept in the browser: once, first. Finishes as [`Outcome::Restored`].
    Restore,
    /// How the browser's storage is. Finishes as [`Outcome::Storage`].
    LookAtStorage,
    /// Imports files: one attachment (a `File`) for every path. Finishes as [`Outcome::Dataset`], or as
    /// [`Outcome::Unclear`].
    Import {
        /// Paths as they were dropped, `/` between folders.
        paths: Vec<String>,
        /// How to divide data without splits of its own.
        splits: SplitPlan,
        /// What a person says of them.
        opening: Opening,
    },
    /// Generates the sample faces. Finishes as [`Outcome::Dataset`].
    ImportSample {
        /// How many.
        count: usize,
        /// Seeds the faces.
        seed: u64,
        /// How to divide them.
        splits: SplitPlan,
    },
    /// Closes the dataset, and deletes it where it was kept. Finishes as [`Outcome::Done`].
    DeleteDataset,
    /// Ends another request early: an import, an evaluation. That one fails as cancelled. Finishes as [`Outcome::Done`].
    Cancel {
        /// Which one.
        request: RequestId,
    },
    /// A page of the gallery. Finishes as [`Outcome::Samples`], with thumbnails attached.
    ListSamples {
        /// Which samples.
        filter: SampleFilter,
        /// How many of those to skip.
        skip: usize,
        /// How many to list at most.
        take: usize,
    },
    /// Says what a person decided about the dataset: its classes, its division, what is left out. Finishes as
    /// [`Outcome::Dataset`].
    Choose {
        /// Every decision, those of before repeated.
        choices: Choices,
    },
    /// [`FACES_OF_A_CLASS`] samples of every class that was found. Finishes as [`Outcome::Faces`], with thumbnails attached,
    /// class by class; a class that has fewer shows them again.
    ShowClasses,
    /// Training faces in rows: as they are, as the network gets them, with each operation of augmentation alone (in the
    /// order of the settings), with all together. Finishes as [`Outcome::Preview`], with RGBA pictures attached, row by
    /// row: those of the first row [`THUMBNAIL`] on a side, whole, the others of the network's input size.
    Preview {
        /// Whose preprocessing and augmentation.
        plan: TrainingPlan,
        /// How many faces.
        faces: usize,
        /// Which: every turn shows others.
        turn: usize,
        /// What is drawn; 0 is what the plan's seed draws for the first faces of a training.
        draw: u64,
    },
    /// What a training would cost: takes about a second, and ends as cancelled where something long begins meanwhile.
    /// Finishes as [`Outcome::Costs`].
    Estimate {
        /// Every setting.
        plan: TrainingPlan,
    },
    /// Has a GPU compile what a training runs, so that its first steps need not wait for that. Ends as cancelled where something long
    /// begins meanwhile, or another plan is estimated. Finishes as [`Outcome::Done`].
    WarmUp {
        /// Every setting.
        plan: TrainingPlan,
    },
    /// Trains. Finishes as [`Outcome::Trained`], also when stopped.
    Train {
        /// Every setting.
        plan: TrainingPlan,
    },
    /// Goes on with the training that was kept ([`StorageReport::unfinished`]), where the same faces are open. Finishes as
    /// [`Outcome::Trained`], also when stopped.
    ContinueTraining,
    /// Deletes the training that was kept. Finishes as [`Outcome::Done`].
    DiscardTraining,
    /// Holds the training after the step it is in. Finishes as [`Outcome::Done`].
    Pause,
    /// Goes on with a paused training. Finishes as [`Outcome::Done`].
    Resume,
    /// Ends the training and keeps the best weights so far; it can go on later. Finishes as [`Outcome::Done`].
    Stop,
    /// Evaluates a model on a split of the dataset. Finishes as [`Outcome::Evaluated`].
    Evaluate {
        /// Which model.
        model: ModelId,
        /// Which split.
        split: Split,
    },
    /// A page of the last evaluation's predictions. Finishes as [`Outcome::Predictions`], with thumbnails attached.
    ListPredictions {
        /// Which predictions.
        filter: PredictionFilter,
        /// How many of those to skip.
        skip: usize,
        /// How many to list at most.
        take: usize,
    },
    /// Where in a face the last evaluation's model finds what it says. Finishes as [`Outcome::Explanation`], with RGBA
    /// pictures attached.
    Explain {
        /// The face: its index in the dataset.
        sample: usize,
        /// What is to be explained.
        what: Explained,
    },
    /// Places the faces of the last evaluation in a plane, as its model sees them. Finishes as [`Outcome::Embedded`].
    Embed {
        /// How.
        embedding: Embedding,
    },
    /// Evaluates models on the same split, those that were not yet, and compares them. Finishes as [`Outcome::Compared`].
    Compare {
        /// Which models: one or more.
        models: Vec<ModelId>,
        /// Which split.
        split: Split,
    },
    /// A page of the faces of which the models of the last comparison do not say the same. Finishes as
    /// [`Outcome::Disputed`], with thumbnails attached.
    ListDisputed {
        /// Which faces.
        filter: DisagreementFilter,
        /// How many of those to skip.
        skip: usize,
        /// How many to list at most.
        take: usize,
    },
    /// A file for the person to keep. Finishes as [`Outcome::File`], attached: its bytes, or as a `Blob`.
    Export {
        /// Which.
        what: Export,
    },
    /// The models the engine holds. Finishes as [`Outcome::Models`].
    ListModels,
    /// Reads a model file, or a run (`.zip`): one attachment (a `File`). Finishes as [`Outcome::Model`].
    ImportModel {
        /// The file's name.
        name: String,
    },
    /// Gives a model another name. Finishes as [`Outcome::Models`].
    RenameModel {
        /// Which one.
        model: ModelId,
        /// Its new name.
        name: String,
    },
    /// Keeps what a person writes about a model. Finishes as [`Outcome::Models`].
    NoteModel {
        /// Which one.
        model: ModelId,
        /// The note; empty to have none.
        note: String,
    },
    /// Makes a second model of the same weights. Finishes as [`Outcome::Models`].
    CopyModel {
        /// Which one.
        model: ModelId,
    },
    /// Says what a model is made of. Finishes as [`Outcome::Description`].
    DescribeModel {
        /// Which one.
        model: ModelId,
    },
    /// The pre-trained weights that the site serves. Finishes as [`Outcome::Weights`].
    ListWeights,
    /// Fetches pre-trained weights into the browser. Finishes as [`Outcome::Weights`].
    FetchWeights {
        /// The architecture's name.
        architecture: String,
    },
    /// Deletes pre-trained weights from the browser. Finishes as [`Outcome::Weights`].
    DeleteWeights {
        /// The architecture's name.
        architecture: String,
    },
    /// Measures how fast the device is with every network. Each is told as it was measured ([`Progress::Speed`]). Finishes as
    /// [`Outcome::Done`].
    MeasureSpeed {
        /// Height and width of the images.
        size: u32,
    },
    /// Deletes a model, where it was kept too. Finishes as [`Outcome::Models`].
    DeleteModel {
        /// Which one.
        model: ModelId,
    },
    /// Puts a model to reading faces, in the place of the one before. Finishes as [`Outcome::Live`].
    OpenLive {
        /// Which one.
        model: ModelId,
    },
    /// Reads the faces of a camera's or a film's picture: attached, RGBA. Finishes as [`Outcome::Looked`]; one at a time.
    Look {
        /// When it was taken, seconds of the session or the film.
        time: f64,
        /// Pixels across, and down.
        size: (usize, usize),
    },
    /// Reads the faces of a photograph: one attachment (a `File`). Finishes as [`Outcome::Photograph`], with thumbnails of the
    /// faces attached.
    LookAtPhotograph {
        /// The file's name.
        name: String,
    },
    /// How live readings are made from now on. Finishes as [`Outcome::Done`].
    SetLive {
        /// Every setting.
        settings: LiveSettings,
    },
    /// Takes what is said of a face for the person's neutral look. Finishes as [`Outcome::Done`], at once.
    NeutralLook {
        /// Which face.
        track: u32,
        /// Until when, seconds; `None` forgets the look.
        end: Option<f64>,
    },
    /// Begins to record readings, anew. Finishes as [`Outcome::Done`].
    BeginRecord {
        /// When, by the clock of what is read, seconds: the record's times count from there.
        zero: f64,
    },
    /// Records nothing further; what was recorded stays. Finishes as [`Outcome::Done`].
    EndRecord,
    /// Forgets what was recorded. Finishes as [`Outcome::Done`].
    ForgetRecord,
    /// Notes something in the record. Finishes as [`Outcome::Done`].
    MarkRecord {
        /// When, by the clock of what is read, seconds.
        time: f64,
        /// What.
        text: String,
    },
    /// What was recorded. Finishes as [`Outcome::Recorded`].
    ShowRecord {
        /// From when to when, seconds since the record's beginning; `None`: all of it.
        span: Option<(f64, f64)>,
        /// In how many columns.
        columns: usize,
    },
    /// What is read next is something else: no face is followed into it. Finishes as [`Outcome::Done`].
    LeaveScene,
    /// Ends reading faces; what was recorded stays. Finishes as [`Outcome::Done`].
    CloseLive,
}

/// Which samples a gallery shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFilter {
    /// Only this split.
    pub split: Option<Split>,
    /// Only this class (index in the dataset's label set).
    pub class: Option<usize>,
    /// Only what this is about. Without it, every face in use.
    pub finding: Option<Finding>,
}

/// Which predictions are shown, and which of them first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictionFilter {
    /// Only right (`true`) or wrong (`false`) ones.
    pub right: Option<bool>,
    /// Only this true class.
    pub truth: Option<usize>,
    /// Only this predicted class.
    pub predicted: Option<usize>,
    /// Only this sample of the dataset.
    pub sample: Option<usize>,
    /// Which first.
    pub order: PredictionOrder,
}

/// Which predictions come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PredictionOrder {
    /// Those with the largest probability.
    #[default]
    MostConfident,
    /// Those whose largest probability is smallest.
    LeastConfident,
    /// Those that gave the true class the smallest probability.
    LargestLoss,
    /// Those farthest from the true valence and arousal.
    LargestAffectError,
}

/// What of an answer is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Explained {
    /// This class, of the model's.
    Class(usize),
    /// The valence.
    Valence,
    /// The arousal.
    Arousal,
}

/// How faces are placed in a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Embedding {
    /// Along the two directions in which their features vary most (PCA).
    Principal,
    /// So that neighbours stay neighbours (t-SNE).
    Neighbours,
}

/// A face in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddedFace {
    /// Its index in the dataset.
    pub sample: usize,
    /// Where it lies, across and up.
    pub place: (f32, f32),
    /// The class it is of, where that is known.
    pub truth: Option<usize>,
    /// The class it was said to be of.
    pub said: Option<usize>,
}

/// A file the engine can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    /// The model (safetensors).
    Model(ModelId),
    /// The model (ONNX).
    Onnx(ModelId),
    /// A run: the model, how it was trained, and what it said of which faces (zip).
    Run(ModelId),
    /// The last evaluation (JSON).
    Report,
    /// The last evaluation, to be read and printed (one HTML file).
    Document,
    /// The last evaluation's predictions (CSV).
    Predictions,
    /// The last comparison: every figure of every model, and how each stands to the leader (JSON).
    Comparison,
    /// The last comparison, to be read and printed (one HTML file).
    ComparisonDocument,
    /// What could not be used of the dataset's files (CSV).
    Problems,
    /// What was recorded live (CSV).
    Record,
    /// What was recorded live, as subtitles (WebVTT).
    Subtitles,
    /// What was recorded live of each face in all (CSV).
    Summary,
    /// The open dataset as it was chosen to be (zip). It takes a while: it tells its progress, and can be cancelled.
    Dataset,
}

/// One message from the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The request it answers.
    pub id: RequestId,
    /// What it says.
    pub body: Body,
}

/// What a [`Reply`] says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "a message lives for a moment, and one at a time")]
pub enum Body {
    /// It goes on.
    Progress(Progress),
    /// It is done; the last message of its request.
    Finished(Outcome),
    /// It failed; the last message of its request.
    Failed(Failure),
}

/// How a request is getting on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Progress {
    /// An import, sample faces, an evaluation or a dataset's file: `done` of `total`.
    Count {
        /// Images so far.
        done: usize,
        /// Images in all.
        total: usize,
    },
    /// Work that has no images to count.
    Share {
        /// What it is, in words: "placing the faces".
        doing: String,
        /// The share that is done, 0..=1.
        done: f64,
    },
    /// Weights that are fetched: bytes so far, of so many.
    Bytes {
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A training.
    Training(TrainingProgress),
    /// A network was measured.
    Speed(Speed),
}

/// How a training is getting on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrainingProgress {
    /// Images are being resized, weights are being drawn.
    Preparing,
    /// The pre-trained weights are fetched from the site.
    Fetching {
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The first step is about to be taken, or the training goes on after a pause.
    Running {
        /// Steps in an epoch.
        steps_per_epoch: u32,
        /// Trainable parameters.
        parameters: usize,
        /// What a person should know (a split is empty, a class has one image): one sentence each.
        warnings: Vec<String>,
    },
    /// Only the head is trained: the backbone looks at every image once, before the first step.
    Features {
        /// Images so far.
        done: usize,
        /// Images in all.
        total: usize,
    },
    /// Steps were taken. Several records a message where steps are fast.
    Steps {
        /// In order.
        records: Vec<StepRecord>,
        /// Training images a second, of late.
        images_per_second: f64,
        /// Seconds left at this rate, if every planned epoch is run.
        seconds_left: f64,
    },
    /// An epoch is over.
    Epoch(EpochRecord),
    /// Held, until `Resume` or `Stop`.
    Paused,
}

/// How a request ended well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "a message lives for a moment, and one at a time")]
pub enum Outcome {
    /// The device is up.
    Ready(DeviceReport),
    /// What was kept is open again.
    Restored {
        /// Every model, the oldest first.
        models: Vec<ModelSummary>,
        /// The dataset, where one was kept.
        dataset: Option<DatasetSummary>,
    },
    /// How the storage is.
    Storage(StorageReport),
    /// A dataset is open; it takes the place of the last one.
    Dataset(DatasetSummary),
    /// Nothing was imported: a person has to say what the columns of tables are.
    Unclear {
        /// What stood in the way: a sentence.
        why: String,
        /// The tables.
        tables: Vec<TableView>,
    },
    /// A page of the gallery.
    Samples {
        /// How many samples the filter lets through.
        total: usize,
        /// Those asked for.
        samples: Vec<SampleView>,
    },
    /// Images are attached, and nothing else is to be said.
    Faces,
    /// Faces before a training, and in it.
    Preview {
        /// Faces in a row.
        faces: usize,
        /// Pixels on a side, from the second row on.
        side: usize,
        /// What the network's input is made of.
        values: InputValues,
    },
    /// Training ended; the best weights are this model.
    Trained {
        /// The model.
        model: ModelSummary,
        /// Why it ended.
        ending: Ending,
        /// The epoch the weights are from; 0 where no epoch was finished (they are then the last ones).
        best_epoch: u32,
    },
    /// Every model, in the order they came.
    Models(Vec<ModelSummary>),
    /// A model was read.
    Model(ModelSummary),
    /// What a model is made of.
    Description(Description),
    /// The pre-trained weights that the site serves.
    Weights(Vec<ServedWeights>),
    /// What a training would cost.
    Costs(Costs),
    /// An evaluation.
    Evaluated {
        /// Of what, on what, when.
        record: EvaluationRecord,
        /// The figures.
        report: Report,
        /// What a person should know (classes that do not map): one sentence each.
        warnings: Vec<String>,
        /// What the figures are of, to be drawn.
        curves: Curves,
        /// (valence, arousal) as it was and as it was said to be, of faces that have both: all, or evenly chosen thousands.
        affect: Vec<[(f32, f32); 2]>,
    },
    /// A page of predictions.
    Predictions {
        /// How many predictions the filter lets through.
        total: usize,
        /// Those asked for.
        predictions: Vec<Prediction>,
    },
    /// Pictures, each of this side: the face as the network sees it, where what is explained lies in it (to be laid over the
    /// face), and what the attention of each block looks at, where the network has any.
    Explanation {
        /// Pixels on a side.
        side: usize,
        /// How many pictures of attention there are.
        attention: usize,
    },
    /// Faces in a plane.
    Embedded {
        /// Those that were placed: all, or evenly chosen ones.
        faces: Vec<EmbeddedFace>,
        /// The share of all variance along the two directions in which there is most; `None` where nothing varies.
        shares: Option<[f64; 2]>,
        /// For every class of the model: among the ten nearest of a face of the class, the mean share that is of it too.
        kinship: Vec<Option<f64>>,
    },
    /// Models side by side.
    Compared(Box<Compared>),
    /// Faces that models say different things of.
    Disputed {
        /// How many faces the filter lets through.
        total: usize,
        /// Those asked for.
        faces: Vec<Disputed>,
    },
    /// A model reads faces.
    Live {
        /// Its classes.
        label_set: LabelSet,
    },
    /// A picture was looked at.
    Looked(Looked),
    /// A photograph was looked at.
    Photograph(Photograph),
    /// What was recorded.
    Recorded(Recorded),
    /// A file; it is attached.
    File {
        /// What to call it.
        name: String,
        /// Its media type.
        media_type: String,
    },
    /// Nothing more to say.
    Done,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// A sentence a person can act on.
    pub message: String,
}

/// Kinds of failure the page tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// The person cancelled it.
    Cancelled,
    /// The input, or the moment, was wrong. Nothing was changed.
    Refused,
    /// The engine or its device broke; a fresh engine is needed.
    Fatal,
}

/// The device that started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// "CPU" or "WebGPU".
    pub backend: String,
    /// The adapter's own description, or "2 cores, simd128".
    pub description: String,
    /// Why it is this one, where that is not plain: "no hardware WebGPU".
    pub note: Option<String>,
    /// Bytes of the largest tensor that it takes, where it has a limit of its own.
    pub largest_tensor: Option<u64>,
}

/// What the browser keeps between two visits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageReport {
    /// Why nothing is kept, in one sentence; `None` where it is.
    pub hindrance: Option<String>,
    /// Bytes used by everything of this site; `None` where the browser does not say.
    pub used: Option<u64>,
    /// Bytes there are in all.
    pub quota: Option<u64>,
    /// Bytes the open dataset's pixels take in the storage; `None` where it is not kept, or there is none.
    pub dataset: Option<u64>,
    /// The training that can go on, where one was kept.
    pub unfinished: Option<UnfinishedTraining>,
    /// What was not kept or not found whole since the last look: one sentence each.
    pub news: Vec<String>,
}

/// The numbers that the network gets for some faces, over all channels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputValues {
    /// The least.
    pub least: f32,
    /// The greatest.
    pub most: f32,
    /// Their mean.
    pub mean: f32,
    /// Their standard deviation.
    pub deviation: f32,
}

/// One sample of the gallery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleView {
    /// Its index in the dataset.
    pub index: usize,
    /// Its file.
    pub name: String,
    /// Its split; `None` where it is left out.
    pub split: Option<Split>,
    /// Its annotation.
    pub annotation: crate::affect::Annotation,
}
