//! Files in, samples out.
//!
//! ```text
//! dropped files -> listing (archives opened) -> layout (which images, what is known of each) -> import (decode, store)
//!   -> splits -> dataset
//! dataset as found + choices (names, division, twins left out) -> dataset as a person wants it
//! ```
//!
//! What a layout is, and where another one goes, stands in `import/layout.rs`. Nothing that is wrong with a dataset stops
//! its import: it becomes a [`Problem`] with its place. What the page shows ([`DatasetSummary`], [`Problem`], [`Sample`])
//! is always compiled; reading needs feature `engine`.

mod choices;
mod class_names;
mod findings;
mod mapping;
mod opening;
mod problem;
mod sample;
mod summary;

#[cfg(feature = "engine")]
mod choose;
#[cfg(feature = "engine")]
#[allow(clippy::module_inception)]
mod dataset;
#[cfg(feature = "engine")]
mod divide;
#[cfg(feature = "engine")]
mod export;
#[cfg(feature = "engine")]
mod identity;
#[cfg(feature = "engine")]
mod import;
#[cfg(feature = "engine")]
mod inspect;
#[cfg(feature = "engine")]
pub mod npy;
#[cfg(feature = "engine")]
mod pixel_store;
#[cfg(feature = "engine")]
mod rename;
#[cfg(feature = "engine")]
pub mod sample_faces;
#[cfg(feature = "engine")]
mod source;
#[cfg(feature = "engine")]
mod split;
#[cfg(feature = "engine")]
mod twins;

pub use choices::{Choices, Division, LeftOut, PersonRule};
pub use class_names::ClassNames;
pub use findings::{Finding, Findings, Persons, TwinCount};
pub use mapping::{Mapping, Meaning, Scale, TableView, number};
pub use opening::{Layout, Opened, Opening};
pub use problem::{Place, Problem};
pub use sample::{Sample, Split, SplitPlan};
pub use summary::DatasetSummary;

#[cfg(feature = "engine")]
pub use dataset::Dataset;
#[cfg(feature = "engine")]
pub use export::{ArchiveWriter, Export, ExportError};
#[cfg(feature = "engine")]
pub(crate) use import::{Archive, ArchiveError};
#[cfg(feature = "engine")]
pub use import::{Import, ImportError};
#[cfg(feature = "engine")]
pub use pixel_store::{MemoryPixelStore, PackedShape, PixelStore, StoreError};
#[cfg(feature = "engine")]
pub use problem::problems_csv;
#[cfg(all(feature = "engine", not(target_family = "wasm")))]
pub use source::FileSource;
#[cfg(feature = "engine")]
pub use source::{DroppedFile, MemorySource, ReadSeek, Source};
#[cfg(feature = "engine")]
pub use split::assign_splits;
#[cfg(feature = "engine")]
pub use twins::{TwinSearch, Twins};
