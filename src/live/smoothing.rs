//! Numbers that tremble, made calm without lagging behind.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

/// How calm: the parameters of the One-Euro filter (Casiez, Roussel & Vogel 2012, *1€ Filter: A Simple Speed-based Low-pass
/// Filter for Noisy Input in Interactive Systems*).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Smoothing {
    /// The least cut-off frequency, Hz: the lower, the calmer what stands still.
    pub cutoff: f64,
    /// By how much the cut-off rises with speed: the higher, the less lags what moves.
    pub speed: f64,
}

impl Default for Smoothing {
    /// Calm within about a third of a second.
    fn default() -> Self {
        Smoothing { cutoff: 0.6, speed: 0.1 }
    }
}

/// The cut-off frequency of the speed's own filter, Hz: the paper's.
const SPEED_CUTOFF: f64 = 1.0;

/// The filter of one number.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneEuro {
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    time: f64,
    smooth: f64,
    speed: f64,
}

impl OneEuro {
    /// Takes the next value, at `time` in seconds, and gives the smoothed one. A time that does not go on begins anew.
    pub fn next(&mut self, smoothing: Smoothing, time: f64, raw: f64) -> f64 {
        let Some(last) = self.last.filter(|last| time > last.time) else {
            self.last = Some(Last { time, smooth: raw, speed: 0.0 });
            return raw;
        };
        let step = time - last.time;
        let follow = |cutoff: f64, last: f64, next: f64| {
            let share = 1.0 / (1.0 + 1.0 / (TAU * cutoff * step));
            last + share * (next - last)
        };
        let speed = follow(SPEED_CUTOFF, last.speed, (raw - last.smooth) / step);
        let smooth = follow(smoothing.cutoff + smoothing.speed * speed.abs(), last.smooth, raw);
        self.last = Some(Last { time, smooth, speed });
        smooth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by the authors' own implementation in Python, `OneEuroFilter` 0.2.1 of PyPI:
    /// `f = OneEuroFilter(30, mincutoff=0.6, beta=0.6, dcutoff=1.0)`, then `f(value, time)`.
    #[test]
    fn it_is_the_authors_filter() {
        let values = [(1.0, 0.2), (1.1, 0.3), (1.2, 0.9), (1.3, 0.85), (1.45, 0.1), (1.5, 0.12)];
        let expected: [f64; 6] = [0.2, 0.234316851336, 0.626584417568, 0.754992594699, 0.425707100993, 0.313852814479];
        let mut filter = OneEuro::default();
        for ((time, value), expected) in values.into_iter().zip(expected) {
            let smooth = filter.next(Smoothing { cutoff: 0.6, speed: 0.6 }, time, value);
            assert!((smooth - expected).abs() < 1e-9, "{smooth} instead of {expected}");
        }
    }

    #[test]
    fn what_stands_still_stays_and_a_film_wound_back_begins_anew() {
        let mut filter = OneEuro::default();
        for step in 0..50 {
            assert_eq!(filter.next(Smoothing::default(), f64::from(step) / 10.0, 0.4), 0.4);
        }
        assert_eq!(filter.next(Smoothing::default(), 1.0, -0.7), -0.7);
        assert_eq!(filter.next(Smoothing::default(), 1.0, 0.3), 0.3, "no time has passed");
    }
}
