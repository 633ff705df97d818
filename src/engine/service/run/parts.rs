//! The parts of a run's zip, read within bounds, and why they cannot be.

use std::collections::HashMap;
use std::io::Read;

use thiserror::Error;

use super::config::ConfigError;
use super::{CONFIG, MODEL, REPORT};
use crate::dataset::{Archive, ArchiveError, Problem, Source};
use crate::engine::service::export::LARGEST_MODEL;
use crate::engine::service::report::ReportError;
use crate::models::CheckpointError;

/// All that is read of a run beside its model, bytes: the predictions of a million faces and more.
const LARGEST_REST: u64 = 256 << 20;
/// The most that a part is believed to shrink in a zip, unless it is smaller than [`BELIEVED`].
const RATIO: u64 = 100;
/// A part of this many bytes is believed to shrink to anything.
const BELIEVED: u64 = 1 << 20;

/// Why a zip is no run that can be read: a sentence that goes after the file's name.
#[derive(Debug, Error)]
pub(in crate::engine::service) enum RunError {
    #[error("{}", of_archive(.0))]
    Archive(#[from] ArchiveError),
    #[error("{0} is missing: this zip is not a run of Mien's, or not all of it.")]
    Missing(String),
    #[error("{part} is damaged ({why}): download or copy the zip again.")]
    Damaged { part: String, why: std::io::Error },
    #[error("{part} has more than {} MiB, the most that is read.", most >> 20)]
    TooLarge { part: String, most: u64 },
    #[error("{0} unpacks to more than {RATIO} times its size in the zip, as no run does: it is not read.")]
    Bomb(String),
    #[error("{CONFIG} {0}.")]
    Config(#[from] ConfigError),
    #[error("{folder}{problem}")]
    Table { folder: String, problem: Problem },
    #[error("{MODEL}: {0}.")]
    Model(#[from] CheckpointError),
    #[error("{folder}{REPORT} {why}.")]
    Report { folder: String, why: ReportError },
    #[error("{part} {why}: these files are not of one run.")]
    Stray { part: String, why: &'static str },
}

fn of_archive(error: &ArchiveError) -> String {
    match error {
        ArchiveError::NotZip => "this is not a zip.".into(),
        ArchiveError::CutShort => "this zip is cut short, its end is missing: download or copy it again.".into(),
        ArchiveError::Damaged(why) => format!("this zip is damaged ({why}): download or copy it again."),
        ArchiveError::Encrypted => "this zip is encrypted: unpack it, and pack it without a password.".into(),
        ArchiveError::Method => "this zip is packed by a method other than deflate: pack it as an ordinary zip.".into(),
    }
}

/// A run's zip. What was unpacked and packed again may lie in a folder there.
pub(super) struct Parts {
    archive: Archive,
    /// Where each part stands in the archive, by its path in the run.
    places: HashMap<String, usize>,
    /// Bytes that may still be read beside the model.
    left: u64,
}

impl Parts {
    pub(super) fn open(source: Box<dyn Source>) -> Result<Parts, RunError> {
        let (archive, names) = Archive::open(source)?;
        let folders = names.iter().filter_map(|name| name.strip_suffix(CONFIG));
        let folder = folders.filter(|folder| folder.is_empty() || folder.ends_with('/')).min_by_key(|of| of.len());
        let folder = folder.ok_or_else(|| RunError::Missing(CONFIG.into()))?;
        let places =
            names.iter().enumerate().filter_map(|(place, name)| Some((name.strip_prefix(folder)?.into(), place)));
        Ok(Parts { archive, places: places.collect(), left: LARGEST_REST })
    }

    /// The folders that hold an evaluation, each with a `/` at its end; the top is empty.
    pub(super) fn evaluations(&self) -> Vec<String> {
        let folders = self.places.keys().filter_map(|part| part.strip_suffix(REPORT));
        let mut folders: Vec<String> =
            folders.filter(|folder| folder.is_empty() || folder.ends_with('/')).map(Into::into).collect();
        folders.sort_unstable();
        folders
    }

    /// The bytes of a part.
    pub(super) fn read(&mut self, part: &str) -> Result<Vec<u8>, RunError> {
        let most = if part == MODEL { LARGEST_MODEL } else { self.left };
        let place = *self.places.get(part).ok_or_else(|| RunError::Missing(part.into()))?;
        let (reader, packed) = self.archive.read(place)?;
        let believable = packed.saturating_mul(RATIO).max(BELIEVED);
        let mut bytes = Vec::new();
        let read = reader.take(most.min(believable) + 1).read_to_end(&mut bytes);
        read.map_err(|why| RunError::Damaged { part: part.into(), why })?;
        let size = bytes.len() as u64;
        if size > most {
            return Err(RunError::TooLarge { part: part.into(), most });
        }
        if size > believable {
            return Err(RunError::Bomb(part.into()));
        }
        if part != MODEL {
            self.left -= size;
        }
        Ok(bytes)
    }
}
