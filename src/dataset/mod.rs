//! Files in, samples out.

mod problem;
mod sample;
mod summary;

pub use problem::{Place, Problem};
pub use sample::{Sample, Split, SplitPlan};
pub use summary::DatasetSummary;
