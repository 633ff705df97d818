//! A record as tables, for whoever goes on with it elsewhere.

use super::record::Moment;
use super::{Answer, Mark, Record};
use crate::affect::LabelSet;

/// What was read of each face in all, as a table (RFC 4180), with a header: `face`, `from` and `to` (when it was first and
/// last read, seconds), `seconds` in view, `readings`, the share of that time of each class (`share_<class>`) and of
/// none (`share_not_sure`), and the means of `valence` and `arousal`.
///
/// # Errors
/// None that can be foreseen: the table is written to memory.
pub fn summary_csv(record: &Record, least: f32) -> Result<Vec<u8>, csv::Error> {
    let mut table = table();
    let shares = record.label_set().classes().iter().map(|class| format!("share_{class}"));
    let before = ["face", "from", "to", "seconds", "readings"].map(String::from);
    let after = ["share_not_sure", "valence", "arousal"].map(String::from);
    table.write_record(before.into_iter().chain(shares).chain(after))?;
    for of in record.summaries(least) {
        let mut row = vec![of.track.to_string(), seconds(of.span.0), seconds(of.span.1), seconds(of.seconds)];
        row.push(of.readings.to_string());
        row.extend(
            of.shares.iter().copied().chain([of.not_sure(), of.valence, of.arousal]).map(|of| format!("{of:.4}")),
        );
        table.write_record(row)?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// Everything as a table (RFC 4180), with a header. One row for each reading: `time` (seconds), `face`, its box (`left`,
/// `top`, `width`, `height`, pixels), `score` (how sure it is that this is a face), `expression` (the likeliest class; empty
/// where that is less likely than `least`), `probability_<class>`, `valence`, `arousal`; then the same three as the model
/// said them before they were smoothed (`raw_...`). One row for each mark: its `time` and its text, in the last column.
///
/// # Errors
/// None that can be foreseen: the table is written to memory.
pub fn record_csv(record: &Record, least: f32) -> Result<Vec<u8>, csv::Error> {
    let classes = record.label_set().classes();
    let mut table = table();
    let fixed = ["time", "face", "left", "top", "width", "height", "score", "expression"].map(String::from);
    let answer = |prefix: &str| {
        let probabilities = classes.iter().map(move |class| format!("{prefix}probability_{class}"));
        probabilities.chain(["valence", "arousal"].map(|name| format!("{prefix}{name}"))).collect::<Vec<_>>()
    };
    table.write_record(fixed.into_iter().chain(answer("")).chain(answer("raw_")).chain(["mark".into()]))?;
    let blank = 2 * (classes.len() + 2) + 7;
    let mut marks = record.marks().iter().peekable();
    let mark = |mark: &Mark| {
        let gap = std::iter::repeat_n(String::new(), blank);
        std::iter::once(seconds(mark.time)).chain(gap).chain([mark.text.clone()]).collect::<Vec<_>>()
    };
    for moment in record.moments() {
        while let Some(next) = marks.next_if(|mark| mark.time <= moment.time) {
            table.write_record(mark(next))?;
        }
        table.write_record(row(record.label_set(), moment, least))?;
    }
    marks.try_for_each(|next| table.write_record(mark(next)))?;
    table.into_inner().map_err(|error| error.into_error().into())
}

fn row(label_set: &LabelSet, moment: &Moment, least: f32) -> Vec<String> {
    let Moment { time, track, bounds, score, raw, smooth } = moment;
    let class = smooth.class(least).and_then(|class| label_set.classes().get(class)).cloned();
    let mut row = vec![seconds(*time), track.to_string()];
    row.extend([bounds.left, bounds.top, bounds.width, bounds.height].map(|length| format!("{length:.1}")));
    row.extend([format!("{score:.3}"), class.unwrap_or_default()]);
    for Answer { probabilities, valence, arousal } in [smooth, raw] {
        let probability = |class: usize| probabilities.get(class).map(|share| format!("{share:?}"));
        row.extend((0..label_set.len()).map(|class| probability(class).unwrap_or_default()));
        row.extend([format!("{valence:?}"), format!("{arousal:?}")]);
    }
    row.push(String::new());
    row
}

fn table() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

/// To the millisecond.
fn seconds(time: f64) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::record::tests::record;

    #[test]
    fn the_table_reads_back() {
        let mut record = record(&[(0.5, 1, 0.25), (1.25, 2, 0.5)]);
        record.mark(1.0, "she \"laughs\", loudly");
        record.mark(9.0, "end");
        let table = record_csv(&record, 0.6).unwrap();
        let mut reader = csv::Reader::from_reader(&table[..]);
        let header = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let cell = |row: usize, column: &str| &rows[row][header.iter().position(|name| name == column).unwrap()];
        assert_eq!(rows.len(), 4);
        assert_eq!([cell(0, "time"), cell(0, "face"), cell(0, "expression")], ["0.500", "1", "calm"]);
        assert_eq!(cell(0, "probability_ecstatic, very"), "0.25");
        assert_eq!([cell(1, "time"), cell(1, "mark"), cell(1, "face")], ["1.000", "she \"laughs\", loudly", ""]);
        assert_eq!([cell(2, "expression"), cell(2, "raw_valence")], ["", "0.5"]);
        assert_eq!(cell(3, "mark"), "end");
    }

    #[test]
    fn a_summary_tells_every_class() {
        let table = summary_csv(&record(&[(1.0, 1, 0.0), (1.4, 1, 1.0), (1.5, 1, 0.5)]), 0.6).unwrap();
        assert_eq!(
            String::from_utf8(table).unwrap(),
            "face,from,to,seconds,readings,share_calm,\"share_ecstatic, very\",share_not_sure,valence,arousal\r\n\
             1,1.000,1.500,1.000,3,0.4000,0.1000,0.5000,0.3500,-0.3500\r\n"
        );
    }
}
