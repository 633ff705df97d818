//! A record as subtitles, for whoever watches the film again.

use super::Record;
use super::record::Moment;

/// What is shorter is no cue, seconds: nobody could read it.
const SHORTEST: f64 = 0.4;

/// A stretch of one face's time in which the answer stays the same.
struct Cue {
    from: f64,
    to: f64,
    track: u32,
    class: Option<usize>,
    affect: (f64, f64),
}

/// The record as WebVTT (W3C, *WebVTT: The Web Video Text Tracks Format*): which expression each face has from when to when, and
/// the mean valence and arousal. Below `least`, the model was not sure.
pub fn subtitles(record: &Record, least: f32) -> String {
    let mut cues: Vec<Cue> = record.tracks().into_iter().flat_map(|track| cues(record, track, least)).collect();
    cues.sort_by(|a, b| a.from.total_cmp(&b.from));
    let mut file = String::from("WEBVTT\n");
    for Cue { from, to, track, class, affect: (valence, arousal) } in cues {
        let said = class.and_then(|class| record.label_set().classes().get(class)).map_or("not sure", String::as_str);
        let text = escaped(&format!("Face {track}: {said}, valence {valence:+.2}, arousal {arousal:+.2}"));
        file += &format!("\n{} --> {}\n{text}\n", time(from), time(to));
    }
    file
}

fn cues(record: &Record, track: u32, least: f32) -> Vec<Cue> {
    let moments = record.of(track);
    let ends = |(moment, stands): &(&Moment, f64)| moment.time + stands;
    let same = |a: &(&Moment, f64), b: &(&Moment, f64)| {
        a.0.smooth.class(least) == b.0.smooth.class(least) && b.0.time - ends(a) < 1e-6
    };
    let stretches = moments.chunk_by(same).filter_map(|stretch| {
        let (first, last) = (stretch.first()?, stretch.last()?);
        let seconds: f64 = stretch.iter().map(|(_, stands)| stands).sum();
        let mean = |part: fn(&Moment) -> f32| {
            stretch.iter().map(|(moment, stands)| f64::from(part(moment)) * stands / seconds).sum()
        };
        let affect = (mean(|moment| moment.smooth.valence), mean(|moment| moment.smooth.arousal));
        Some(Cue { from: first.0.time, to: ends(last), track, class: first.0.smooth.class(least), affect })
    });
    stretches.filter(|cue| cue.to - cue.from >= SHORTEST).collect()
}

/// Hours, minutes, seconds, milliseconds.
fn time(seconds: f64) -> String {
    let all = (seconds.max(0.0) * 1000.0).round() as u64;
    format!("{:02}:{:02}:{:02}.{:03}", all / 3_600_000, all / 60_000 % 60, all / 1000 % 60, all % 1000)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::record::tests::record;

    #[test]
    fn a_cue_lasts_as_long_as_the_answer() {
        let record =
            record(&[(3599.5, 1, 0.0), (3600.0, 1, 0.1), (3600.4, 1, 0.9), (3600.5, 1, 0.5), (3600.8, 2, 1.0)]);
        let expected = "WEBVTT\n\
            \n00:59:59.500 --> 01:00:00.400\nFace 1: calm, valence +0.04, arousal -0.04\n\
            \n01:00:00.500 --> 01:00:01.000\nFace 1: not sure, valence +0.50, arousal -0.50\n\
            \n01:00:00.800 --> 01:00:01.300\nFace 2: ecstatic, very, valence +1.00, arousal -1.00\n";
        assert_eq!(subtitles(&record, 0.6), expected);
    }

    #[test]
    fn a_class_cannot_break_the_file() {
        assert_eq!(escaped("a --> <b> & c"), "a --&gt; &lt;b&gt; &amp; c");
    }
}
