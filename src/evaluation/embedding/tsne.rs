//! t-SNE: neighbours in many dimensions as neighbours in a plane.

use super::affinities::{conditional, measure_row, symmetrise};
use super::features::Features;
use super::pca::Principal;

/// How many neighbours a sample has, about, where nobody says otherwise.
pub const PERPLEXITY: f64 = 30.0;
/// Iterations under exaggerated attraction, and all iterations.
const EARLY: usize = 250;
const ITERATIONS: usize = 1000;
const EXAGGERATION: f64 = 12.0;
/// Inertia while exaggerated, and after.
const MOMENTUM: [f64; 2] = [0.5, 0.8];
/// The standard deviation of the first axis at the start.
const START: f64 = 1e-4;
/// Numbers looked at in one step while affinities are computed.
const STEP: usize = 1 << 20;

/// Exact t-SNE (van der Maaten & Hinton 2008) under way. Everything is as in scikit-learn's `TSNE(method="exact",
/// init="pca", learning_rate="auto")`, but that all iterations are done. An iteration takes n^2 / 2 steps, and memory is
/// 4 n^2 bytes: meant for 1,500 samples and fewer.
pub struct Tsne {
    features: Features,
    perplexity: f64,
    /// Squared distances, then conditional, then joint probabilities.
    affinities: Vec<f32>,
    stage: Stage,
    pub(super) points: Vec<[f64; 2]>,
    update: Vec<[f64; 2]>,
    gains: Vec<[f64; 2]>,
}

/// What is done, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Rows measured.
    Distances(usize),
    /// Rows turned into probabilities.
    Neighbours(usize),
    /// Iterations.
    Descent(usize),
}

impl Tsne {
    /// From the principal components' scores: the first two decide where the points begin. Few samples have fewer
    /// neighbours: the perplexity is a third of them at most.
    ///
    /// # Panics
    /// Where `start` is not of the same rows, or has no component.
    pub fn new(features: Features, start: &Principal, perplexity: f64) -> Tsne {
        let rows = features.rows();
        assert_eq!(start.scores.len(), rows, "one start a row");
        let second = |score: &Vec<f64>| score.get(1).copied().unwrap_or(0.0);
        let spread = (start.scores.iter().map(|score| score[0] * score[0]).sum::<f64>() / rows as f64).sqrt();
        let scale = if spread > 0.0 { START / spread } else { 0.0 };
        Tsne::starting(features, start.scores.iter().map(|s| [s[0] * scale, second(s) * scale]).collect(), perplexity)
    }

    pub(super) fn starting(features: Features, points: Vec<[f64; 2]>, perplexity: f64) -> Tsne {
        let rows = features.rows();
        Tsne {
            perplexity: perplexity.min(rows.saturating_sub(1) as f64 / 3.0).max(1.0),
            affinities: vec![0.0; rows * rows],
            stage: Stage::Distances(0),
            update: vec![[0.0; 2]; rows],
            gains: vec![[1.0; 2]; rows],
            features,
            points,
        }
    }

    /// One iteration, or a few rows of affinities before these; says whether there is more to do. Of fewer than four
    /// samples there is nothing to say beyond their principal components.
    pub fn step(&mut self) -> bool {
        let rows = self.points.len();
        if rows < 4 || self.stage == Stage::Descent(ITERATIONS) {
            return false;
        }
        let some = |done: usize, effort: usize| done..(done + (STEP / effort.max(1)).max(1)).min(rows);
        match self.stage {
            Stage::Distances(done) => {
                let until = some(done, rows * self.features.width());
                let end = until.end;
                until.for_each(|row| measure_row(&self.features, row, &mut self.affinities));
                self.stage = if end < rows { Stage::Distances(end) } else { Stage::Neighbours(0) };
            }
            Stage::Neighbours(done) => {
                let until = some(done, 20 * rows);
                let end = until.end;
                for row in until {
                    conditional(&mut self.affinities[row * rows..][..rows], row, self.perplexity);
                }
                self.stage = if end < rows { Stage::Neighbours(end) } else { Stage::Descent(0) };
                if end == rows {
                    symmetrise(&mut self.affinities, rows);
                }
            }
            Stage::Descent(done) => {
                self.descend(done);
                self.stage = Stage::Descent(done + 1);
            }
        }
        self.stage != Stage::Descent(ITERATIONS)
    }

    /// The share that is done, 0..=1.
    pub fn progress(&self) -> f64 {
        match self.stage {
            Stage::Descent(done) => done as f64 / ITERATIONS as f64,
            _ => 0.0,
        }
    }

    /// Where the samples lie now.
    pub fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    /// Kullback-Leibler divergence of the neighbours in the plane from those in the features, which the descent makes small.
    /// `None` before the descent.
    pub fn divergence(&self) -> Option<f64> {
        let Stage::Descent(_) = self.stage else { return None };
        let (mut sum, mut whole) = (0.0, 0.0);
        for (i, point) in self.points.iter().enumerate() {
            let affinities = &self.affinities[i * self.points.len()..];
            for (j, other) in self.points.iter().enumerate().skip(i + 1) {
                let (p, q) = (f64::from(affinities[j]), closeness(*point, *other));
                sum += 2.0 * p * (p / q).ln();
                whole += 2.0 * q;
            }
        }
        Some(sum + whole.ln())
    }

    /// How likely two samples are to be neighbours, once that is known.
    #[cfg(test)]
    pub(super) fn affinity(&self, one: usize, other: usize) -> f64 {
        f64::from(self.affinities[one * self.points.len() + other])
    }

    /// The divergence's gradient, attraction multiplied by `exaggeration` (eq. 5, attraction and repulsion apart, so that
    /// one pass is enough).
    pub(super) fn gradient(&self, exaggeration: f64) -> Vec<[f64; 2]> {
        let rows = self.points.len();
        let mut pull = vec![[0.0; 2]; rows];
        let mut push = vec![[0.0; 2]; rows];
        let mut whole = 0.0;
        for i in 0..rows {
            let (here, affinities) = (self.points[i], &self.affinities[i * rows..][..rows]);
            for j in i + 1..rows {
                let q = closeness(here, self.points[j]);
                whole += 2.0 * q;
                let pulling = f64::from(affinities[j]) * q;
                for axis in 0..2 {
                    let away = here[axis] - self.points[j][axis];
                    pull[i][axis] += pulling * away;
                    pull[j][axis] -= pulling * away;
                    push[i][axis] += q * q * away;
                    push[j][axis] -= q * q * away;
                }
            }
        }
        let force = |(pull, push): ([f64; 2], [f64; 2])| {
            [0, 1].map(|axis| 4.0 * (exaggeration * pull[axis] - push[axis] / whole))
        };
        pull.into_iter().zip(push).map(force).collect()
    }

    /// Gradient descent with inertia and a gain for every coordinate, which grows while its direction holds (Jacobs 1988).
    fn descend(&mut self, iteration: usize) {
        let early = iteration < EARLY;
        if iteration == EARLY {
            self.update.fill([0.0; 2]);
            self.gains.fill([1.0; 2]);
        }
        let gradient = self.gradient(if early { EXAGGERATION } else { 1.0 });
        let momentum = MOMENTUM[usize::from(!early)];
        // Belkina et al. 2019.
        let rate = (self.points.len() as f64 / EXAGGERATION / 4.0).max(50.0);
        for (row, gradient) in gradient.iter().enumerate() {
            for (axis, slope) in gradient.iter().enumerate() {
                let (update, gain) = (&mut self.update[row][axis], &mut self.gains[row][axis]);
                *gain = if *update * slope < 0.0 { *gain + 0.2 } else { *gain * 0.8 }.max(0.01);
                *update = momentum * *update - rate * *gain * slope;
                self.points[row][axis] += *update;
            }
        }
    }
}

/// Student's t with one degree of freedom, before it is normalised (eq. 4).
fn closeness(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    1.0 / (1.0 + x * x + y * y)
}
