//! The pre-trained weights that the site serves: `make weights` makes them, and always the same.

/// A file of weights, `weights/<file>` on the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The file's name.
    pub file: &'static str,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: &'static str,
    /// Where they were published, and what they were trained on.
    pub origin: &'static str,
    /// On what terms.
    pub licence: &'static str,
}

impl Published {
    /// What a model that began with them says of its licence.
    pub fn terms(&self) -> String {
        format!("trained from {}, {}", self.origin, self.licence)
    }
}
