//! A training's epochs as a table that a spreadsheet, pandas or R opens; and the table read back.

use csv::{ErrorKind, StringRecord, Terminator};

use super::{EpochRecord, History};
use crate::dataset::{Place, Problem};

/// What the table is called.
pub const HISTORY_FILE: &str = "history.csv";

/// The fields of an [`EpochRecord`], in their order.
const COLUMNS: [&str; 10] = [
    "epoch",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "valence_ccc",
    "arousal_ccc",
    "learning_rate",
    "seconds",
    "best",
];

/// The history as CSV, with a header: a row an epoch, a column for each field of an [`EpochRecord`]. An empty cell is
/// undefined. Numbers are written so that reading them gives back the very same value.
///
/// # Errors
/// Where memory is short.
pub fn history_csv(history: &History) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new().has_headers(false).terminator(Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for epoch in &history.epochs {
        table.serialize(epoch)?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// Reads what [`history_csv`] wrote; columns may stand in any order, and more of them beside these.
///
/// # Errors
/// The first thing that cannot be read, with its place.
pub fn read_history(table: &[u8]) -> Result<History, Problem> {
    let mut table = csv::Reader::from_reader(table);
    let columns = table.headers().map_err(|error| unreadable(error, &StringRecord::new()))?.clone();
    if let Some(missing) = COLUMNS.iter().find(|name| columns.iter().all(|column| column != **name)) {
        return Err(problem(Some(1), None, format!("there is no column {missing}.")));
    }
    let mut epochs = Vec::new();
    for row in table.records() {
        let row = row.map_err(|error| unreadable(error, &columns))?;
        let number = epochs.len() as u64 + 2;
        if let Some((cell, column)) = row.iter().zip(&columns).find(|(cell, _)| is_infinite(cell)) {
            return Err(problem(Some(number), Some(column), format!("{cell} is not a finite number.")));
        }
        let epoch: EpochRecord = row.deserialize(Some(&columns)).map_err(|error| unreadable(error, &columns))?;
        let expected = epochs.len() + 1;
        if epoch.epoch as usize != expected {
            let message = format!("epoch {} stands where epoch {expected} should.", epoch.epoch);
            return Err(problem(Some(number), Some("epoch"), message));
        }
        epochs.push(epoch);
    }
    Ok(History { epochs })
}

/// Whether a cell is a number that is kept nowhere: NaN, infinity, or beyond what 32 bits hold.
fn is_infinite(cell: &str) -> bool {
    cell.parse::<f32>().is_ok_and(|value| !value.is_finite())
}

fn unreadable(error: csv::Error, columns: &StringRecord) -> Problem {
    let row = error.position().map(|position| position.record() + 1);
    match error.kind() {
        ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|field| columns.get(field as usize));
            problem(row, column, format!("{}.", err.kind()))
        }
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            problem(row, None, format!("there are {len} cells, not {expected_len}."))
        }
        _ => problem(row, None, format!("{error}.")),
    }
}

fn problem(row: Option<u64>, column: Option<&str>, message: String) -> Problem {
    Problem { place: Place { file: HISTORY_FILE.into(), row, column: column.map(Into::into) }, message }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_history_is_written_to_the_letter() {
        let first =
            EpochRecord { epoch: 1, train_loss: 2.0625, learning_rate: 1e-3, seconds: 1.5, ..Default::default() };
        let second = EpochRecord {
            epoch: 2,
            train_loss: 0.1,
            train_accuracy: Some(0.5),
            validation_loss: Some(1e-20),
            validation_accuracy: Some(1.0),
            valence_ccc: Some(-0.25),
            arousal_ccc: None,
            learning_rate: 5e-4,
            seconds: 0.1,
            best: true,
        };
        let history = History { epochs: vec![first, second] };
        let written = String::from_utf8(history_csv(&history).unwrap()).unwrap();
        assert_eq!(
            written,
            "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,valence_ccc,arousal_ccc,learning_rate,seconds,best\r\n\
             1,2.0625,,,,,,0.001,1.5,false\r\n\
             2,0.1,0.5,1e-20,1.0,-0.25,,0.0005,0.1,true\r\n"
        );
        assert_eq!(read_history(written.as_bytes()), Ok(history));
        assert_eq!(read_history(&history_csv(&History::default()).unwrap()), Ok(History::default()));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        let header = COLUMNS.join(",");
        let refused = |rows: &str| read_history(format!("{header}\n{rows}").as_bytes()).unwrap_err().to_string();
        assert_eq!(
            refused("1,2,,,,,,0.1,1,true\n2,lots,,,,,,0.1,1,true"),
            "history.csv, row 3, column train_loss: invalid float literal."
        );
        assert_eq!(
            refused("1,NaN,,,,,,0.1,1,true"),
            "history.csv, row 2, column train_loss: NaN is not a finite number."
        );
        assert_eq!(
            refused("1,1e39,,,,,,0.1,1,true"),
            "history.csv, row 2, column train_loss: 1e39 is not a finite number."
        );
        assert_eq!(
            refused("2,2,,,,,,0.1,1,true"),
            "history.csv, row 2, column epoch: epoch 2 stands where epoch 1 should."
        );
        assert_eq!(refused("1,2"), "history.csv, row 2: there are 2 cells, not 10.");
        let why = read_history(b"epoch,loss\n1,2\n").unwrap_err().to_string();
        assert_eq!(why, "history.csv, row 1: there is no column train_loss.");
    }

    proptest! {
        #[test]
        fn a_history_comes_back_as_it_went(rows in proptest::collection::vec(any::<([u32; 6], [u64; 2], u8)>(), 0..5)) {
            let finite = |bits: u32| Some(f32::from_bits(bits)).filter(|value| value.is_finite());
            let finite_64 = |bits: u64| Some(f64::from_bits(bits)).filter(|value| (*value as f32).is_finite()).unwrap_or(0.5);
            let epoch = |(place, (bits, wide, best)): (usize, &([u32; 6], [u64; 2], u8))| EpochRecord {
                epoch: place as u32 + 1,
                train_loss: finite(bits[0]).unwrap_or(1.0),
                train_accuracy: finite(bits[1]),
                validation_loss: finite(bits[2]),
                validation_accuracy: finite(bits[3]),
                valence_ccc: finite(bits[4]),
                arousal_ccc: finite(bits[5]),
                learning_rate: finite_64(wide[0]),
                seconds: finite_64(wide[1]),
                best: best % 2 == 0,
            };
            let history = History { epochs: rows.iter().enumerate().map(epoch).collect() };
            let table = history_csv(&history).unwrap();
            let again = read_history(&table).unwrap();
            prop_assert_eq!(&again, &history);
            prop_assert_eq!(history_csv(&again).unwrap(), table, "to the sign of a zero");
        }
    }
}
