//! The models that the site brings: trained, to be used at once. They lie in `models/` beside the page, with a table of what they
//! are, so that the page can show them before any is fetched.

use serde::{Deserialize, Serialize};

use super::protocol::{ModelSummary, Shipped};

/// The table, a JSON list of [`ShippedModel`]s. The last is what a visitor finds chosen.
pub const INDEX: &str = "models/index.json";

/// What the page says a shipped model comes from.
pub const ORIGIN: &str = "comes with Mien";

/// A model file of the site, `models/<file>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShippedModel {
    /// The file's name.
    pub file: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its length, and what belongs to it.
    pub shipped: Shipped,
    /// What the page shows of it. The id is given by each engine, and so is what is shipped.
    pub summary: ModelSummary,
}
