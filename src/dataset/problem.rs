//! What was wrong with an import, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a problem is: a file, and a row and column of it where there are such.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file's path as it was dropped; inside an archive, `archive.zip/path`.
    pub file: String,
    /// The row, from 1, the header counted.
    pub row: Option<u64>,
    /// The column's name, or its number from 1.
    pub column: Option<String>,
}

/// One thing that was left out of an import, and why. A problem never stops an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What was expected, what stood there, and what to do: one sentence.
    pub message: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
