//! What outlives the engine: models and the dataset, in the browser's private file system (OPFS).
//!
//! ```text
//! models/<place>/      model.safetensors, manifest.json; evaluations/<split>-<faces>/: predictions.json, manifest.json
//! datasets/<place>/    pixels, index, samples.json, manifest.json; while it is imported, begun.json and what it seals;
//!                      features/<key>: what a backbone makes of its faces
//! scratch/<place>/     pixels: a split at a network's input size, while it is trained on
//! outgoing/<place>/    file: a download, for an hour
//! trainings/<place>/   the training that can go on: a file of tensors a part, manifest.json
//! weights/             pre-trained weights, as the site serves them
//! gpus/                what is fastest on this computer's GPUs
//! ```
//!
//! Every file is written under a temporary name, flushed, then renamed; the manifest comes last and holds a seal (length
//! and SHA-256) of what it names. So what was cut short is found: it is told, and never fatal. Where the browser keeps
//! nothing (private windows, old browsers), everything works from memory, and the reason is told once.
//!
//! Two folders of the same shape stand below: `opfs` in a worker, `disk` natively, where it is tested.

mod cut_short;
mod datasets;
mod evaluations;
mod features;
#[cfg(not(target_family = "wasm"))]
#[path = "storage/disk.rs"]
mod folder;
#[cfg(target_family = "wasm")]
#[path = "storage/opfs.rs"]
mod folder;
mod gpus;
mod manifest;
mod models;
mod outgoing;
mod pixel_file;
mod seal;
mod trainings;
mod weights;

use std::cell::RefCell;

use thiserror::Error;
use web_time::SystemTime;

pub use evaluations::KeptEvaluation;
pub use folder::{Blob, Folder};
pub use models::KeptModel;
pub use outgoing::Outgoing;
pub use pixel_file::PixelFile;
pub use seal::digest;
pub use trainings::KeptTraining;

/// Room that is left for models where something else can do without being kept.
const FOR_MODELS: u64 = 256 << 20;

/// The engine's storage, or why there is none.
pub struct Storage {
    root: Result<Folder, String>,
    news: RefCell<Vec<String>>,
}

/// What is used of the storage, and what there is, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// By everything of this site.
    pub used: u64,
    /// In all.
    pub quota: u64,
}

/// Why something was not kept, or not given back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StorageError {
    /// There is no room left.
    #[error("the browser's storage is full")]
    Full,
    /// There will be no room, as far as can be foreseen.
    #[error("it needs about {} MB, and the browser has {} MB left for this site", megabytes(.needed), megabytes(.room))]
    NoRoom {
        /// Bytes it will need.
        needed: u64,
        /// Bytes there are.
        room: u64,
    },
    /// Only one tab can have a file open.
    #[error("another tab has it open")]
    InUse,
    /// There is no such file.
    #[error("{0} is missing")]
    Missing(String),
    /// It is not what was written.
    #[error("{0}")]
    Damaged(String),
    /// It was written by a newer build, or an older one.
    #[error("it was kept by another version of Mien (\"{0}\")")]
    Format(String),
    /// Whatever else the browser says.
    #[error("the browser's storage failed: {0}")]
    Failed(String),
}

impl Storage {
    /// Storage in this folder.
    pub fn at(root: Folder) -> Self {
        Storage { root: Ok(root), news: RefCell::default() }
    }

    /// No storage, and why in one sentence.
    pub fn none(why: impl Into<String>) -> Self {
        Storage { root: Err(why.into()), news: RefCell::default() }
    }

    /// The browser's private file system, where it has one.
    #[cfg(target_family = "wasm")]
    pub async fn open() -> Self {
        match Folder::root().await {
            Ok(root) => Storage::at(root),
            Err(_) => Storage::none(
                "This browser window keeps nothing (a private window, or an old browser): what is not downloaded is \
                 gone when the page is closed.",
            ),
        }
    }

    /// Why nothing is kept, in one sentence; `None` where it is.
    pub fn hindrance(&self) -> Option<String> {
        self.root.as_ref().err().cloned()
    }

    /// What was not kept or not found whole since the last time somebody asked: one sentence each.
    pub fn take_news(&self) -> Vec<String> {
        self.news.take()
    }

    /// What is used, and what there is; `None` where the browser does not say.
    pub async fn room(&self) -> Option<Room> {
        self.root.as_ref().ok()?.room().await
    }

    /// Whether there is room for so many bytes, and for a model beside them, as far as the browser says.
    async fn has_room(&self, bytes: u64) -> Result<(), StorageError> {
        let Some(room) = self.room().await else { return Ok(()) };
        let (needed, room) = (bytes + FOR_MODELS, room.quota.saturating_sub(room.used));
        if needed > room { Err(StorageError::NoRoom { needed, room }) } else { Ok(()) }
    }

    /// Adds a sentence to the news.
    pub(super) fn tell(&self, sentence: String) {
        self.news.borrow_mut().push(sentence);
    }

    /// The folder of this kind of thing.
    async fn shelf(&self, kind: &str) -> Result<Folder, StorageError> {
        let root = self.root.as_ref().map_err(|why| StorageError::Failed(why.clone()))?;
        root.folder(kind).await
    }
}

fn megabytes(bytes: &u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

/// A fresh folder in `shelf`, called by the time in milliseconds since 1970: names sort by age, also where the clock was
/// set back.
async fn new_place(shelf: &Folder) -> Result<(String, Folder), StorageError> {
    let taken = shelf.names().await?;
    let newest = taken.iter().filter_map(|name| name.parse::<u128>().ok()).max();
    let place = format!("{:013}", now().max(newest.map_or(0, |newest| newest + 1)));
    let folder = shelf.folder(&place).await?;
    Ok((place, folder))
}

/// Whether a place is so old that nobody is still writing it: another tab may be at it.
fn is_abandoned(place: &str) -> bool {
    age(place) > 60_000
}

/// Milliseconds since a place was made.
fn age(place: &str) -> u128 {
    place.parse::<u128>().map_or(u128::MAX, |made| now().abs_diff(made))
}

/// Milliseconds since 1970.
pub(super) fn now() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}
