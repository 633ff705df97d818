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

/// Problems as CSV, with a header row: `file`, `row`, `column`, `problem`. An empty cell: there is no such.
///
/// # Errors
/// Where memory is short.
#[cfg(feature = "engine")]
pub fn problems_csv(problems: &[Problem]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(["file", "row", "column", "problem"])?;
    for Problem { place, message } in problems {
        let row = place.row.map(|row| row.to_string()).unwrap_or_default();
        table.write_record([&place.file, &row, place.column.as_deref().unwrap_or_default(), message])?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
#[cfg(feature = "engine")]
mod tests {
    use super::*;

    #[test]
    fn problems_are_a_table() {
        let place = Place { file: "a \"b\".csv".into(), row: Some(3), column: Some("valence".into()) };
        let problems = [
            Problem { place, message: "2.5 is not within -1 and 1, so it was left out.".into() },
            Problem { place: Place { file: "c.png".into(), ..Place::default() }, message: "is damaged.".into() },
        ];
        assert_eq!(
            String::from_utf8(problems_csv(&problems).unwrap()).unwrap(),
            "file,row,column,problem\r\n\
             \"a \"\"b\"\".csv\",3,valence,\"2.5 is not within -1 and 1, so it was left out.\"\r\n\
             c.png,,,is damaged.\r\n"
        );
    }
}
