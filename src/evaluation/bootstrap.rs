//! How far figures could lie elsewhere by chance: percentile bootstrap (Efron 1979; Efron & Tibshirani 1993, ch. 13).
//!
//! A resample is not made: it is told by weights, how often each sample was drawn, and figures are computed under these.
//! Whatever needs an order (the areas under the curves) is sorted once, and a resample costs a few passes.
//! Seeded: the same samples and the same seed give the same intervals on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::interval::Interval;

/// How often the samples are drawn anew.
const RESAMPLES: usize = 1000;
/// Samples looked at in one step: a few milliseconds, so that others get their turn.
const STEP: usize = 1 << 20;

/// What has figures under any weights of its samples.
pub(super) trait Weighable {
    /// How many samples there are.
    fn samples(&self) -> usize;

    /// The samples, in the groups within which they are drawn.
    fn strata(&self) -> Vec<Vec<u32>>;

    /// How often the figures look at each sample, about.
    fn passes(&self) -> usize;

    /// The figures where every sample counts as often as its weight says: as many as ever, in the same order.
    fn figures(&self, weights: &[u32]) -> Vec<Option<f64>>;
}

/// A bootstrap under way.
pub(super) struct Bootstrap<T> {
    subject: T,
    strata: Vec<Vec<u32>>,
    weights: Vec<u32>,
    rng: ChaCha8Rng,
    drawn: usize,
    /// For each figure its value in every resample where it is defined.
    values: Vec<Vec<f64>>,
}

impl<T: Weighable> Bootstrap<T> {
    /// Of fewer than two samples nothing is drawn.
    pub fn new(subject: T, seed: u64) -> Self {
        let samples = subject.samples();
        let drawn = if samples < 2 { RESAMPLES } else { 0 };
        Bootstrap {
            strata: subject.strata(),
            subject,
            weights: vec![0; samples],
            rng: ChaCha8Rng::seed_from_u64(seed),
            drawn,
            values: Vec::new(),
        }
    }

    /// Draws some more; says whether more are left to draw.
    pub fn step(&mut self) -> bool {
        let effort = self.weights.len() * self.subject.passes();
        let until = (self.drawn + (STEP / effort.max(1)).max(1)).min(RESAMPLES);
        while self.drawn < until {
            self.draw();
            let figures = self.subject.figures(&self.weights);
            self.values.resize_with(figures.len(), || Vec::with_capacity(RESAMPLES));
            for (values, figure) in self.values.iter_mut().zip(figures) {
                values.extend(figure);
            }
            self.drawn += 1;
        }
        self.drawn < RESAMPLES
    }

    /// The share that is drawn, 0..=1.
    pub fn progress(&self) -> f64 {
        self.drawn as f64 / RESAMPLES as f64
    }

    /// What it is of.
    pub fn subject(&self) -> &T {
        &self.subject
    }

    /// The interval of every figure, in their order: over the resamples where it is defined, `None` where there are none.
    pub fn intervals(self) -> impl Iterator<Item = Option<Interval>> {
        self.distributions().map(|distribution| distribution.interval())
    }

    /// The values of every figure, in their order.
    pub fn distributions(self) -> impl Iterator<Item = Distribution> {
        self.values.into_iter().map(Distribution::new)
    }

    /// Draws from every stratum as many samples as it has, with replacement.
    fn draw(&mut self) {
        self.weights.fill(0);
        for stratum in &self.strata {
            let size = stratum.len() as u32;
            for _ in 0..size {
                self.weights[stratum[self.rng.random_range(0..size) as usize] as usize] += 1;
            }
        }
    }
}

/// A figure's value in every resample where it is defined, in order.
pub(super) struct Distribution(Vec<f64>);

impl Distribution {
    fn new(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Distribution(values)
    }

    /// The 2.5th and the 97.5th percentile.
    pub fn interval(&self) -> Option<Interval> {
        Some(Interval { low: self.quantile(0.025)?, high: self.quantile(0.975)? })
    }

    /// How probable it is to be as far on the other side of 0 by chance: twice the share beyond 0, the sample itself counted
    /// as one of the resamples (Efron & Tibshirani 1993, ch. 15; Davison & Hinkley 1997, ch. 4). `None` of nothing.
    pub fn p_value(&self) -> Option<f64> {
        let beyond = |count: usize| (1 + count) as f64 / (1 + self.0.len()) as f64;
        let below = self.0.partition_point(|value| *value <= 0.0);
        let above = self.0.len() - self.0.partition_point(|value| *value < 0.0);
        (!self.0.is_empty()).then(|| (2.0 * beyond(below.min(above))).min(1.0))
    }

    /// Linear between the two nearest values (definition 7 of Hyndman & Fan 1996, NumPy's default).
    fn quantile(&self, q: f64) -> Option<f64> {
        let place = q * self.0.len().checked_sub(1)? as f64;
        let (below, above) = (self.0[place.floor() as usize], self.0[place.ceil() as usize]);
        Some(below + (above - below) * place.fract())
    }
}
