//! What a model reads from faces as time goes on: smoothed, held against a person's own neutral look, recorded.

mod neutral;
mod pacing;
mod reader;
mod reading;
#[cfg(feature = "engine")]
mod record;
mod smoothing;
#[cfg(feature = "engine")]
mod stillness;
#[cfg(feature = "engine")]
mod subtitles;
mod summary;
#[cfg(feature = "engine")]
mod tables;

pub use neutral::{Neutral, NeutralLook};
pub use pacing::{Heard, Pacing};
pub use reader::Reader;
pub use reading::{Answer, Reading};
#[cfg(feature = "engine")]
pub use record::Record;
pub use smoothing::{OneEuro, Smoothing};
#[cfg(feature = "engine")]
pub use stillness::Stillness;
#[cfg(feature = "engine")]
pub use subtitles::subtitles;
pub use summary::{Bands, Mark, TrackSummary};
#[cfg(feature = "engine")]
pub use tables::{record_csv, summary_csv};
