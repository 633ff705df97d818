//! What was read, moment by moment, for as long as somebody wants it kept.

use super::{Answer, Reading, TrackSummary};
use crate::affect::LabelSet;
use crate::detection::Bounds;

/// A reading stands for the time until the next of the same face, but for no longer than this, seconds.
const STANDS: f64 = 0.5;

/// Readings of all faces, in the order they were made.
#[derive(Clone, Debug)]
pub struct Record {
    label_set: LabelSet,
    moments: Vec<Moment>,
    marks: Vec<Mark>,
}

/// One reading. The film's or the session's time, seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    pub time: f64,
    pub track: u32,
    pub bounds: Bounds,
    pub score: f32,
    pub raw: Answer,
    pub smooth: Answer,
}

/// A note that a person made.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    time: f64,
    text: String,
}

/// A face's readings over a stretch of time, in so many columns; `None` where it was not in view.
pub type Bands = Vec<Option<Answer>>;

impl Record {
    /// An empty record of a model with these classes.
    pub fn new(label_set: LabelSet) -> Record {
        Record { label_set, moments: Vec::new(), marks: Vec::new() }
    }

    /// The model's classes.
    pub fn label_set(&self) -> &LabelSet {
        &self.label_set
    }

    /// Takes a reading of this moment, in seconds.
    pub fn push(&mut self, time: f64, reading: &Reading) {
        let Reading { track, face, raw, smooth } = reading.clone();
        self.moments.push(Moment { time, track, bounds: face.bounds, score: face.score, raw, smooth });
    }

    /// Notes something at this moment.
    pub fn mark(&mut self, time: f64, text: &str) {
        self.marks.push(Mark { time, text: text.into() });
    }

    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.moments.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// The faces that were read, in the order they came.
    pub fn tracks(&self) -> Vec<u32> {
        let mut tracks: Vec<u32> = self.moments.iter().map(|moment| moment.track).collect();
        tracks.sort_unstable();
        tracks.dedup();
        tracks
    }

    /// A face's readings in the order of time, each with the seconds it stands for.
    pub(super) fn of(&self, track: u32) -> Vec<(&Moment, f64)> {
        let mut moments: Vec<&Moment> = self.moments.iter().filter(|moment| moment.track == track).collect();
        moments.sort_by(|a, b| a.time.total_cmp(&b.time));
        let next = moments.iter().skip(1).map(|next| next.time).chain([f64::INFINITY]);
        moments.iter().copied().zip(next).map(|(moment, next)| (moment, (next - moment.time).min(STANDS))).collect()
    }

    /// What was read of each face in all. Below `least`, the model was not sure.
    pub fn summaries(&self, least: f32) -> Vec<TrackSummary> {
        self.tracks().into_iter().filter_map(|track| self.summary(track, least)).collect()
    }

    fn summary(&self, track: u32, least: f32) -> Option<TrackSummary> {
        let moments = self.of(track);
        let span = (moments.first()?.0.time, moments.last()?.0.time);
        let seconds: f64 = moments.iter().map(|(_, stands)| stands).sum();
        let mut shares = vec![0.0; self.label_set.len()];
        let (mut valence, mut arousal) = (0.0, 0.0);
        for (Moment { smooth, .. }, stands) in &moments {
            let share = stands / seconds;
            if let Some(class) = smooth.class(least) {
                shares[class] += share;
            }
            valence += share * f64::from(smooth.valence);
            arousal += share * f64::from(smooth.arousal);
        }
        Some(TrackSummary { track, span, seconds, readings: moments.len(), shares, valence, arousal })
    }

    /// A face's readings from one moment to another, in `columns` of equal length: means.
    pub fn bands(&self, track: u32, (from, to): (f64, f64), columns: usize) -> Bands {
        let width = (to - from) / columns.max(1) as f64;
        let mut bands: Vec<Vec<&Answer>> = vec![Vec::new(); columns];
        for (moment, stands) in self.of(track) {
            let column = |time: f64| ((time - from) / width).floor();
            let (first, last) = (column(moment.time).max(0.0), column(moment.time + stands * 0.999));
            let end = (last + 1.0).max(0.0) as usize;
            bands.iter_mut().take(end).skip(first as usize).for_each(|band| band.push(&moment.smooth));
        }
        bands.into_iter().map(|answers| mean(&answers)).collect()
    }

    /// Everything as a table (RFC 4180), with a header. One row for each reading: `time` (seconds), `face`, its box (`left`,
    /// `top`, `width`, `height`, pixels), `score` (how sure it is that this is a face), `expression` (the likeliest class; empty
    /// where that is less likely than `least`), `probability_<class>`, `valence`, `arousal`; then the same three as the model
    /// said them before they were smoothed (`raw_...`). One row for each mark: its `time` and its text, in the last column.
    ///
    /// # Errors
    /// None that can be foreseen: the table is written to memory.
    pub fn csv(&self, least: f32) -> Result<Vec<u8>, csv::Error> {
        let classes = self.label_set.classes();
        let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let fixed = ["time", "face", "left", "top", "width", "height", "score", "expression"].map(String::from);
        let answer = |prefix: &str| {
            let probabilities = classes.iter().map(move |class| format!("{prefix}probability_{class}"));
            probabilities.chain(["valence", "arousal"].map(|name| format!("{prefix}{name}"))).collect::<Vec<_>>()
        };
        table.write_record(fixed.into_iter().chain(answer("")).chain(answer("raw_")).chain(["mark".into()]))?;
        let blank = 2 * (classes.len() + 2) + 7;
        let mut marks = self.marks.iter().peekable();
        let mark = |mark: &Mark| {
            let gap = std::iter::repeat_n(String::new(), blank);
            std::iter::once(seconds(mark.time)).chain(gap).chain([mark.text.clone()]).collect::<Vec<_>>()
        };
        for moment in &self.moments {
            while let Some(next) = marks.next_if(|mark| mark.time <= moment.time) {
                table.write_record(mark(next))?;
            }
            table.write_record(self.row(moment, least))?;
        }
        marks.try_for_each(|next| table.write_record(mark(next)))?;
        table.into_inner().map_err(|error| error.into_error().into())
    }

    fn row(&self, moment: &Moment, least: f32) -> Vec<String> {
        let Moment { time, track, bounds, score, raw, smooth } = moment;
        let class = smooth.class(least).and_then(|class| self.label_set.classes().get(class)).cloned();
        let mut row = vec![seconds(*time), track.to_string()];
        row.extend([bounds.left, bounds.top, bounds.width, bounds.height].map(|length| format!("{length:.1}")));
        row.extend([format!("{score:.3}"), class.unwrap_or_default()]);
        for Answer { probabilities, valence, arousal } in [smooth, raw] {
            let probability = |class: usize| probabilities.get(class).map(|share| format!("{share:?}"));
            row.extend((0..self.label_set.len()).map(|class| probability(class).unwrap_or_default()));
            row.extend([format!("{valence:?}"), format!("{arousal:?}")]);
        }
        row.push(String::new());
        row
    }
}

/// To the millisecond.
fn seconds(time: f64) -> String {
    format!("{time:.3}")
}

fn mean(answers: &[&Answer]) -> Option<Answer> {
    let count = answers.len() as f32;
    let of = |part: &dyn Fn(&Answer) -> f32| answers.iter().map(|answer| part(answer)).sum::<f32>() / count;
    let classes = answers.first()?.probabilities.len();
    Some(Answer {
        probabilities: (0..classes).map(|class| of(&|answer| answer.probabilities[class])).collect(),
        valence: of(&|answer| answer.valence),
        arousal: of(&|answer| answer.arousal),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::detection::Face;

    /// A record of two classes; each reading: time, face, the probability of the second class.
    pub fn record(readings: &[(f64, u32, f32)]) -> Record {
        let mut record = Record::new(LabelSet::custom("two", ["calm", "ecstatic, very"]));
        for &(time, track, share) in readings {
            let answer = Answer { probabilities: vec![1.0 - share, share], valence: share, arousal: -share };
            let face = Face { bounds: Bounds::default(), keypoints: [(0.0, 0.0); 6], score: 0.75 };
            record.push(time, &Reading { track, face, raw: answer.clone(), smooth: answer });
        }
        record
    }

    #[test]
    fn a_summary_weighs_by_time() {
        // Face 1: calm for 0.4 s, ecstatic for 0.1 s, then unsure for the half second that the last reading stands for.
        let summaries = record(&[(1.0, 1, 0.0), (1.2, 2, 1.0), (1.4, 1, 1.0), (1.5, 1, 0.5)]).summaries(0.6);
        assert_eq!(summaries.len(), 2);
        let TrackSummary { track, span, seconds, readings, shares, valence, .. } = &summaries[0];
        assert_eq!((*track, *span, *readings), (1, (1.0, 1.5), 3));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(
            near(*seconds, 1.0) && near(shares[0], 0.4) && near(shares[1], 0.1) && near(*valence, 0.35),
            "{shares:?}"
        );
        assert_eq!(summaries[1].shares, [0.0, 1.0]);
    }

    #[test]
    fn bands_are_empty_where_a_face_was_not_in_view() {
        let bands = record(&[(0.0, 1, 0.0), (0.5, 1, 1.0), (3.0, 1, 0.5)]).bands(1, (0.0, 4.0), 4);
        let shares: Vec<Option<f32>> = bands.iter().map(|band| band.as_ref().map(|of| of.probabilities[1])).collect();
        assert_eq!(shares, [Some(0.5), None, None, Some(0.5)]);
        assert!(record(&[]).bands(1, (0.0, 0.0), 4).iter().all(Option::is_none));
    }

    #[test]
    fn the_table_reads_back() {
        let mut record = record(&[(0.5, 1, 0.25), (1.25, 2, 0.5)]);
        record.mark(1.0, "she \"laughs\", loudly");
        record.mark(9.0, "end");
        let table = record.csv(0.6).unwrap();
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
}
