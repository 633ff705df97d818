//! The losses of a run, step by step, in bounded memory.

/// More points than this are halved: a chart is narrower than this anyway.
const MOST_POINTS: usize = 4096;

/// A value a step. Once long, neighbours are averaged, so that a run of any length is kept whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    points: Vec<(f64, f64)>,
    /// Steps averaged into one point; 0 means 1.
    stride: u32,
    /// Sum of places, sum of values and number of the steps that do not fill a point yet.
    open: (f64, f64, u32),
}

impl Trace {
    /// Adds the value of the step at `place`. A value that is not finite cannot be drawn, and is left out.
    pub fn push(&mut self, place: f64, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.open = (self.open.0 + place, self.open.1 + value, self.open.2 + 1);
        if self.open.2 >= self.stride.max(1) {
            let many = f64::from(self.open.2);
            self.points.push((self.open.0 / many, self.open.1 / many));
            self.open = (0.0, 0.0, 0);
        }
        if self.points.len() >= MOST_POINTS {
            self.points = self.points.chunks(2).map(mean).collect();
            self.stride = self.stride.max(1) * 2;
        }
    }

    /// The points, in order of place.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// At most `most` points, neighbours averaged.
    pub fn thinned(&self, most: usize) -> Vec<(f64, f64)> {
        self.points.chunks(self.points.len().div_ceil(most.max(1)).max(1)).map(mean).collect()
    }
}

/// An exponential moving average that starts without a pull towards zero (Kingma & Ba 2015, section 3).
/// `memory` is how many points it looks back over, about.
pub fn smoothed(points: &[(f64, f64)], memory: f64) -> Vec<(f64, f64)> {
    let keep = 1.0 - 1.0 / memory.max(1.0);
    let (mut average, mut weight) = (0.0, 0.0);
    let smooth = |&(place, value): &(f64, f64)| {
        average = keep * average + (1.0 - keep) * value;
        weight = keep * weight + (1.0 - keep);
        (place, average / weight)
    };
    points.iter().map(smooth).collect()
}

fn mean(points: &[(f64, f64)]) -> (f64, f64) {
    let many = points.len() as f64;
    (points.iter().map(|point| point.0).sum::<f64>() / many, points.iter().map(|point| point.1).sum::<f64>() / many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_stays_small_and_keeps_its_mean() {
        let mut trace = Trace::default();
        for step in 0..1_000_000 {
            trace.push(f64::from(step), f64::from(step % 10));
        }
        assert!(trace.points().len() < MOST_POINTS);
        assert!(trace.points().windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mean = trace.points().iter().map(|point| point.1).sum::<f64>() / trace.points().len() as f64;
        assert!((mean - 4.5).abs() < 0.05, "{mean}");
        assert_eq!(trace.thinned(100).len().min(100), trace.thinned(100).len());
    }

    #[test]
    fn smoothing_keeps_a_constant_and_its_first_value() {
        let level = smoothed(&[(0.0, 2.0), (1.0, 2.0), (2.0, 2.0)], 10.0);
        assert!(level.iter().all(|point| (point.1 - 2.0).abs() < 1e-12));
        let steps = smoothed(&[(0.0, 0.0), (1.0, 1.0)], 2.0);
        assert!((steps[1].1 - 2.0 / 3.0).abs() < 1e-12);
    }
}
