//! A film that is read whole: which of the pictures that are shown are taken, and how fast it runs.

/// Two moments that are nearer to each other are the same, seconds.
const SAME: f64 = 1e-4;

/// After so many attempts at the slowest pace to see what may have been missed, it goes on without.
const ATTEMPTS: usize = 3;

/// The film runs faster after so many pictures for which one had to wait.
const PATIENCE: usize = 8;

/// How fast it runs, against how fast it was taken. Browsers run no film slower than at a sixteenth.
const SLOWEST: f64 = 1.0 / 16.0;
const FASTEST: f64 = 8.0;

/// What is to be done about a picture that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard {
    /// It was taken before, or is not yet of where the film is wound to.
    Known,
    /// It is the next.
    Next,
    /// There may have been others between it and the one that was taken last: the film is to run again from that one, at
    /// this moment in seconds.
    Missed(f64),
}

/// Keeps a film at a pace at which none of its pictures is missed.
#[derive(Clone, Debug)]
pub struct Pacing {
    last: Option<f64>,
    /// What was shown at its beginning, and not taken yet.
    first: Option<f64>,
    /// How many were shown, and how many left out.
    tally: (f64, f64),
    attempts: usize,
    gaps: usize,
    idle: usize,
    rate: f64,
    fastest: f64,
}

impl Default for Pacing {
    fn default() -> Self {
        Pacing {
            last: None,
            first: None,
            tally: (0.0, 0.0),
            attempts: 0,
            gaps: 0,
            idle: 0,
            rate: 1.0,
            fastest: FASTEST,
        }
    }
}

impl Pacing {
    /// Hears of a picture, which stands at this moment of the film, in seconds; and of how many were shown until then, and how
    /// many left out for want of time, since the film was opened. While the film `is_winding`, to its beginning or to the
    /// picture that was taken last, what stands behind that is still of the moment that it comes from.
    pub fn hear(&mut self, time: f64, tally: (f64, f64), is_winding: bool) -> Heard {
        if is_winding && time > self.last.unwrap_or(0.0) + SAME {
            return Heard::Known;
        }
        let before = std::mem::replace(&mut self.tally, tally);
        let Some(last) = self.last else {
            // Not every film begins at nought: what is shown there twice is its first picture.
            let first = self.first.replace(time);
            if time > SAME && first != Some(time) && (first.is_none() || self.tries_again()) {
                return Heard::Missed(0.0);
            }
            self.attempts = 0;
            self.last = Some(time);
            return Heard::Next;
        };
        if time <= last + SAME {
            return Heard::Known;
        }
        if tally.0 > before.0 + 1.0 || tally.1 > before.1 {
            if self.tries_again() {
                return Heard::Missed(last);
            }
            self.gaps += 1;
        }
        self.attempts = 0;
        self.last = Some(time);
        Heard::Next
    }

    /// Whether what was missed is to be shown again, slower than before.
    fn tries_again(&mut self) -> bool {
        if self.rate <= SLOWEST {
            self.attempts += 1;
        }
        self.rate = (self.rate / 1.5).max(SLOWEST);
        self.fastest = self.rate;
        self.attempts <= ATTEMPTS
    }

    /// Hears that a picture was read, and that none waits.
    pub fn waited_for_a_picture(&mut self) {
        self.idle += 1;
        if self.idle >= PATIENCE {
            self.idle = 0;
            self.rate = (self.rate * 1.25).min(self.fastest);
        }
    }

    /// Hears that more pictures wait than can: the film must.
    pub fn waited_for_a_reading(&mut self) {
        self.idle = 0;
        self.rate = (self.rate * 0.8).max(SLOWEST);
    }

    /// How fast the film is to run, against how fast it was taken.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Between how many pairs of pictures there may be others that the browser did not show.
    pub fn gaps(&self) -> usize {
        self.gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_taken_once() {
        let mut pacing = Pacing::default();
        assert_eq!(pacing.hear(0.0, (1.0, 0.0), false), Heard::Next);
        assert_eq!(pacing.hear(0.0, (2.0, 0.0), false), Heard::Known);
        assert_eq!(pacing.hear(0.04, (3.0, 0.0), false), Heard::Next);
        // Two were shown, and one was heard of.
        assert_eq!(pacing.hear(0.12, (5.0, 0.0), false), Heard::Missed(0.04));
        assert!(pacing.rate() < 1.0);
        assert_eq!(pacing.hear(0.04, (6.0, 0.0), false), Heard::Known);
        assert_eq!(pacing.hear(0.08, (7.0, 0.0), false), Heard::Next);
        // One was not shown at all.
        assert_eq!(pacing.hear(0.16, (8.0, 1.0), false), Heard::Missed(0.08));
        assert_eq!(pacing.hear(0.12, (9.0, 1.0), false), Heard::Next);
        assert_eq!(pacing.gaps(), 0);
    }

    #[test]
    fn what_is_shown_on_the_way_is_not_taken() {
        let mut pacing = Pacing::default();
        assert_eq!(pacing.hear(1.2, (40.0, 0.0), true), Heard::Known, "it was played before");
        assert_eq!(
            pacing.hear(0.0, (41.0, 0.0), true),
            Heard::Next,
            "browsers show it before they say that they are there"
        );
        assert_eq!(pacing.hear(0.08, (43.0, 0.0), false), Heard::Missed(0.0));
        assert_eq!(pacing.hear(0.12, (44.0, 0.0), true), Heard::Known);
        assert_eq!(pacing.hear(0.0, (45.0, 0.0), true), Heard::Known);
        assert_eq!(pacing.hear(0.04, (46.0, 0.0), false), Heard::Next);
    }

    #[test]
    fn what_cannot_be_shown_is_counted_and_left() {
        let mut pacing = Pacing::default();
        pacing.hear(0.0, (1.0, 0.0), false);
        let mut rates = Vec::new();
        for turn in 1.. {
            let heard = pacing.hear(0.08, (1.0 + f64::from(turn), f64::from(turn)), false);
            if heard == Heard::Next {
                break;
            }
            assert_eq!(heard, Heard::Missed(0.0));
            rates.push(pacing.rate());
        }
        assert!(rates.is_sorted_by(|before, after| before >= after));
        assert_eq!(rates.iter().filter(|&&rate| rate == SLOWEST).count(), 1 + ATTEMPTS);
        assert_eq!(pacing.gaps(), 1);
    }

    #[test]
    fn a_film_begins_with_what_is_shown_at_its_beginning() {
        let mut late = Pacing::default();
        assert_eq!(late.hear(0.08, (1.0, 0.0), false), Heard::Missed(0.0), "it may have been shown too late");
        assert_eq!(late.hear(0.0, (2.0, 0.0), false), Heard::Next);
        let mut begins_later = Pacing::default();
        assert_eq!(begins_later.hear(0.08, (1.0, 0.0), false), Heard::Missed(0.0));
        assert_eq!(begins_later.hear(0.08, (2.0, 0.0), false), Heard::Next);
        assert_eq!(begins_later.rate(), 1.0);
    }

    #[test]
    fn it_runs_as_fast_as_it_is_read_and_not_faster_than_it_is_shown() {
        let mut pacing = Pacing::default();
        (0..80).for_each(|_| pacing.waited_for_a_picture());
        assert_eq!(pacing.rate(), FASTEST);
        pacing.waited_for_a_reading();
        assert!(pacing.rate() < FASTEST);
        pacing.hear(0.0, (1.0, 0.0), false);
        pacing.hear(0.08, (3.0, 0.0), false);
        let slower = pacing.rate();
        (0..80).for_each(|_| pacing.waited_for_a_picture());
        assert_eq!(pacing.rate(), slower, "pictures were missed when it ran faster");
    }
}
