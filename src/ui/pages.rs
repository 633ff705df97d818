//! One module a page.

mod compare;
mod data;
mod evaluate;
mod live;
pub(in crate::ui) mod models;
mod train;

pub use compare::Compare;
pub use data::Data;
pub use evaluate::Evaluate;
pub use live::Live;
pub use models::Models;
pub use train::Train;
