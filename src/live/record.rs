//! What was read, moment by moment, for as long as somebody wants it kept.

use std::ops::Range;

use super::{Answer, Bands, Mark, Reading, TrackSummary};
use crate::affect::LabelSet;
use crate::detection::{Bounds, Face};

/// A reading stands for the time until the next of the same face, but for no longer than this, seconds.
const STANDS: f64 = 0.5;

/// Readings of two pictures that are nearer to each other in time are of the same picture, seconds.
const SAME_PICTURE: f64 = 5e-4;

/// Readings of all faces, in the order of time.
#[derive(Clone, Debug)]
pub struct Record {
    label_set: LabelSet,
    /// When it began, by the clock of what is read.
    zero: f64,
    has_ended: bool,
    /// Whether what is read now is something else.
    is_left: bool,
    moments: Vec<Moment>,
    marks: Vec<Mark>,
}

/// One reading, at a time since the record's beginning, seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    pub time: f64,
    pub track: u32,
    pub bounds: Bounds,
    pub score: f32,
    pub raw: Answer,
    pub smooth: Answer,
}

impl Record {
    /// An empty record of a model with these classes. Its times count from `zero`, in seconds of what is read.
    pub fn new(label_set: LabelSet, zero: f64) -> Record {
        Record { label_set, zero, has_ended: false, is_left: false, moments: Vec::new(), marks: Vec::new() }
    }

    /// The model's classes.
    pub fn label_set(&self) -> &LabelSet {
        &self.label_set
    }

    /// Takes no readings any more.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// What is read from now on is something else.
    pub fn leave(&mut self) {
        self.end();
        self.is_left = true;
    }

    /// Where which face was about this moment, in seconds of what is read; nothing of something else.
    pub fn faces_at(&self, time: f64) -> Vec<(u32, Face)> {
        let time = time - self.zero;
        let from = self.moments.partition_point(|moment| moment.time < time - STANDS);
        let to = self.moments.partition_point(|moment| moment.time <= time + STANDS);
        let mut about: Vec<&Moment> = if self.is_left { Vec::new() } else { self.moments[from..to].iter().collect() };
        about.sort_by(|a, b| (a.time - time).abs().total_cmp(&(b.time - time).abs()));
        about.sort_by_key(|moment| moment.track);
        about.dedup_by_key(|moment| moment.track);
        let face = |bounds: Bounds, score| Face { bounds, keypoints: [bounds.middle(); 6], score };
        about.into_iter().map(|moment| (moment.track, face(moment.bounds, moment.score))).collect()
    }

    /// Whether it takes no readings any more.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Takes what was read in the picture of this moment, in seconds of what is read. Where a film was wound back and the
    /// picture was read before, that is replaced.
    pub fn push(&mut self, time: f64, readings: &[Reading]) {
        if self.has_ended {
            return;
        }
        let time = time - self.zero;
        let moments = readings.iter().cloned().map(|Reading { track, face, raw, smooth }| Moment {
            time,
            track,
            bounds: face.bounds,
            score: face.score,
            raw,
            smooth,
        });
        let from = self.moments.partition_point(|moment| moment.time < time - SAME_PICTURE);
        let to = self.moments.partition_point(|moment| moment.time <= time + SAME_PICTURE);
        self.moments.splice(from..to, moments);
    }

    /// Notes something at this moment, in seconds of what is read.
    pub fn mark(&mut self, time: f64, text: &str) {
        let time = time - self.zero;
        let place = self.marks.partition_point(|mark| mark.time <= time);
        self.marks.insert(place, Mark { time, text: text.into() });
    }

    /// What was noted, in the order of time.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// From the first to the last that it holds, seconds since its beginning.
    pub fn span(&self) -> (f64, f64) {
        let ends = [self.moments.first(), self.moments.last()].map(|of| of.map_or(0.0, |moment| moment.time));
        let marks = [self.marks.first(), self.marks.last()].map(|of| of.map_or(0.0, |mark| mark.time));
        (ends[0].min(marks[0]).min(0.0), ends[1].max(marks[1]))
    }

    /// Every reading, in the order of time.
    pub(super) fn moments(&self) -> &[Moment] {
        &self.moments
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
        let moments: Vec<&Moment> = self.moments.iter().filter(|moment| moment.track == track).collect();
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

    /// A face's readings over a stretch of time, in `columns` of equal length: means.
    pub fn bands(&self, track: u32, Range { start: from, end: to }: Range<f64>, columns: usize) -> Bands {
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

    /// A record of two classes; each reading: time, face, the probability of the second class.
    pub fn record(readings: &[(f64, u32, f32)]) -> Record {
        let mut record = Record::new(LabelSet::custom("two", ["calm", "ecstatic, very"]), 0.0);
        for at in readings.chunk_by(|a, b| a.0 == b.0) {
            let at_once: Vec<Reading> = at.iter().map(|&(_, track, share)| reading(track, share)).collect();
            record.push(at[0].0, &at_once);
        }
        record
    }

    fn reading(track: u32, share: f32) -> Reading {
        let answer = Answer { probabilities: vec![1.0 - share, share], valence: share, arousal: -share };
        let face = Face { bounds: Bounds::default(), keypoints: [(0.0, 0.0); 6], score: 0.75 };
        Reading { track, face, raw: answer.clone(), smooth: answer }
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
        let bands = record(&[(0.0, 1, 0.0), (0.5, 1, 1.0), (3.0, 1, 0.5)]).bands(1, 0.0..4.0, 4);
        let shares: Vec<Option<f32>> = bands.iter().map(|band| band.as_ref().map(|of| of.probabilities[1])).collect();
        assert_eq!(shares, [Some(0.5), None, None, Some(0.5)]);
        assert!(record(&[]).bands(1, 0.0..0.0, 4).iter().all(Option::is_none));
    }

    #[test]
    fn a_picture_that_is_read_again_replaces_what_was_read() {
        let mut record = record(&[(0.0, 1, 0.0), (0.1, 1, 0.0), (0.2, 1, 0.0)]);
        record.push(0.1, &[reading(1, 1.0), reading(2, 0.5)]);
        record.push(0.15, &[reading(1, 0.25)]);
        let first: Vec<(f64, f32)> = record.of(1).iter().map(|(of, _)| (of.time, of.smooth.valence)).collect();
        assert_eq!(first, [(0.0, 0.0), (0.1, 1.0), (0.15, 0.25), (0.2, 0.0)]);
        assert_eq!(record.tracks(), [1, 2]);
        record.end();
        record.push(0.3, &[reading(1, 1.0)]);
        assert_eq!(record.len(), 5, "it has ended");
    }

    #[test]
    fn faces_are_known_about_the_moments_at_which_they_were_read() {
        let mut record = record(&[(0.0, 2, 0.0), (0.1, 1, 0.0), (0.1, 2, 0.0), (5.0, 3, 0.0)]);
        let tracks = |record: &Record, time| record.faces_at(time).iter().map(|(track, _)| *track).collect::<Vec<_>>();
        assert_eq!(tracks(&record, 0.3), [1, 2]);
        assert_eq!(tracks(&record, 2.0), [0; 0]);
        assert_eq!(tracks(&record, 4.6), [3]);
        record.leave();
        assert_eq!(tracks(&record, 4.6), [0; 0], "another film");
    }

    #[test]
    fn times_count_from_its_beginning() {
        let mut record = Record::new(LabelSet::custom("two", ["calm", "ecstatic, very"]), 100.0);
        record.push(100.5, &[reading(1, 0.0)]);
        record.mark(103.0, "late");
        record.mark(102.0, "early");
        assert_eq!(record.of(1)[0].0.time, 0.5);
        assert_eq!(record.marks().iter().map(|mark| mark.time).collect::<Vec<_>>(), [2.0, 3.0]);
        assert_eq!(record.span(), (0.0, 3.0));
    }
}
