//! The table of predictions read back: the counterpart of `export.rs`.

use csv::{ErrorKind, StringRecord};

use super::evaluate::measure;
use super::export::columns;
use super::report::{AffectMetrics, Prediction, Report};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::{Place, Problem, Split};

/// What the table is called.
pub const PREDICTIONS_FILE: &str = "predictions.csv";

/// The most of a cell that a complaint repeats, letters.
const REPEATED: usize = 40;

/// Reads what [`predictions_csv`](super::predictions_csv) wrote over the same classes. What the table does not hold is made
/// up: a face's place in its dataset is its row, and of a soft label the most likely class alone comes back.
///
/// # Errors
/// The first thing that cannot be read, with its place.
pub fn read_predictions(label_set: &LabelSet, table: &[u8]) -> Result<Vec<Prediction>, Problem> {
    let mut table = csv::Reader::from_reader(table);
    let columns: Vec<String> = columns(label_set).collect();
    if table.headers().map_err(unreadable)?.iter().ne(&columns) {
        let message = "its columns are not those of these classes.".into();
        return Err(Problem { place: Place { file: PREDICTIONS_FILE.into(), ..Place::default() }, message });
    }
    let read = |(sample, record): (usize, csv::Result<StringRecord>)| {
        let record = record.map_err(unreadable)?;
        Row { label_set, columns: &columns, sample, record }.prediction()
    };
    table.records().enumerate().map(read).collect()
}

/// Whether a report can be of these predictions: both count the same faces, labels and mistakes.
pub fn is_of(report: &Report, predictions: &[Prediction]) -> bool {
    let measured = measure(&report.label_set, report.split, predictions);
    let labelled = |of: &Option<AffectMetrics>| of.map(|of| of.samples);
    let expression = |of: &Report| {
        let of = of.expression.as_ref()?;
        let classes: Vec<_> = of.classes.iter().map(|class| (class.class.clone(), class.support)).collect();
        Some((of.samples, of.confusion.clone(), classes))
    };
    let counts = |of: &Report| (of.samples, expression(of), labelled(&of.valence), labelled(&of.arousal));
    predictions.len() as u64 == report.samples && counts(&measured) == counts(report)
}

/// A row of the table, one column of which is looked at at a time.
struct Row<'a> {
    label_set: &'a LabelSet,
    columns: &'a [String],
    sample: usize,
    record: StringRecord,
}

impl Row<'_> {
    fn prediction(&self) -> Result<Prediction, Problem> {
        let classes = self.label_set.len();
        // Where valence and arousal begin.
        let affect = 4 + classes;
        let said = |column| self.number(column)?.ok_or_else(|| self.complain(column, "a number is missing."));
        let class = self.class()?;
        let truth = Annotation {
            expression: class.and_then(|class| Annotation::one_hot(class, classes).expression),
            valence: self.number(affect)?,
            arousal: self.number(affect + 2)?,
        };
        // A model without classes says nothing of them.
        let silent = (4..affect).all(|column| self.cell(column).is_empty());
        let probabilities = if silent { Vec::new() } else { (4..affect).map(said).collect::<Result<_, _>>()? };
        Ok(Prediction {
            sample: self.sample,
            name: self.cell(0).into(),
            split: self.split()?,
            truth,
            probabilities,
            valence: said(affect + 1)?,
            arousal: said(affect + 3)?,
        })
    }

    fn cell(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    fn split(&self) -> Result<Split, Problem> {
        let split = Split::ALL.into_iter().find(|split| split.name() == self.cell(1));
        split.ok_or_else(|| self.complain(1, "is no split."))
    }

    fn class(&self) -> Result<Option<usize>, Problem> {
        let name = self.cell(2);
        if name.is_empty() {
            return Ok(None);
        }
        let class = self.label_set.classes().iter().position(|class| class == name);
        class.map(Some).ok_or_else(|| self.complain(2, "is none of the classes."))
    }

    fn number(&self, column: usize) -> Result<Option<f32>, Problem> {
        match self.cell(column) {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| self.complain(column, "is not a number.")),
        }
    }

    fn complain(&self, column: usize, what: &str) -> Problem {
        let cell = self.cell(column);
        let message = if cell.is_empty() { what.into() } else { format!("\"{}\" {what}", shortened(cell)) };
        let (row, column) = (Some(self.sample as u64 + 2), self.columns.get(column).cloned());
        Problem { place: Place { file: PREDICTIONS_FILE.into(), row, column }, message }
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= REPEATED {
        return text.into();
    }
    text.chars().take(REPEATED).chain("...".chars()).collect()
}

fn unreadable(error: csv::Error) -> Problem {
    let row = error.position().map(|position| position.record() + 1);
    let message = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => format!("there are {len} cells, not {expected_len}."),
        _ => format!("{error}."),
    };
    Problem { place: Place { file: PREDICTIONS_FILE.into(), row, column: None }, message }
}
