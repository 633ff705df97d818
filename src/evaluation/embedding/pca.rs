//! Principal components, without the matrix of covariances.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::eigen::{Matrix, eigen};
use super::features::Features;

/// Directions followed beside those wanted: the more, the fewer passes.
const SPARE: usize = 10;
/// Passes over the features, at most.
const PASSES: usize = 100;
/// How far a component may be from an eigenvector: what is left over, as a share of the largest eigenvalue.
const PRECISION: f64 = 1e-9;
/// Multiplications of one step: a few milliseconds.
const STEP: usize = 4 << 20;

/// Principal component analysis (Pearson 1901; Hotelling 1933) under way, by subspace iteration: a few directions are
/// multiplied with the covariances again and again, which turns them towards the largest eigenvectors (Golub & Van Loan
/// 2013, 8.2; Halko, Martinsson & Tropp 2011). A pass over the features multiplies all of them.
pub struct Pca {
    features: Features,
    components: usize,
    /// Orthonormal, one a row.
    basis: Matrix,
    /// The basis times the covariances, as far as rows were visited.
    product: Matrix,
    visited: usize,
    passes: usize,
    found: bool,
}

/// The components that were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// Unit vectors, that of the largest variance first. The largest entry of each is positive.
    pub components: Vec<Vec<f64>>,
    /// The variance along each, divided by n - 1; 0 of one row.
    pub variances: Vec<f64>,
    /// The share of the whole variance that each has; `None` where nothing varies.
    pub shares: Option<Vec<f64>>,
    /// Where each row lies along the components.
    pub scores: Vec<Vec<f64>>,
}

impl Pca {
    /// Looks for so many components, or as many as there are columns. `seed` decides the directions to begin with.
    pub fn new(features: Features, components: usize, seed: u64) -> Pca {
        let (width, components) = (features.width(), components.min(features.width()));
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut basis: Matrix = (0..(components + SPARE).min(width))
            .map(|_| (0..width).map(|_| rng.random_range(-1.0..1.0)).collect())
            .collect();
        orthonormalise(&mut basis);
        let product = vec![vec![0.0; width]; basis.len()];
        Pca { features: features.centred(), components, basis, product, visited: 0, passes: 0, found: false }
    }

    /// A few milliseconds of work; says whether there is more to do.
    pub fn step(&mut self) -> bool {
        if self.found {
            return false;
        }
        let effort = 2 * self.basis.len() * self.features.width();
        let until = (self.visited + (STEP / effort.max(1)).max(1)).min(self.features.rows());
        for row in self.visited..until {
            let row = self.features.row(row);
            for (direction, product) in self.basis.iter().zip(&mut self.product) {
                let score = dot(row, direction);
                product.iter_mut().zip(row).for_each(|(sum, value)| *sum += score * f64::from(*value));
            }
        }
        self.visited = until;
        if self.visited == self.features.rows() {
            self.turn();
        }
        !self.found
    }

    /// The components, their variances, and the rows along them.
    pub fn finish(self) -> Principal {
        let Pca { features, components, mut basis, .. } = self;
        basis.truncate(components);
        for component in &mut basis {
            let largest = component.iter().copied().reduce(|a, b| if b.abs() > a.abs() { b } else { a });
            if largest.is_some_and(|largest| largest < 0.0) {
                component.iter_mut().for_each(|entry| *entry = -*entry);
            }
        }
        let rows = 0..features.rows();
        let score = |row: usize| basis.iter().map(|component| dot(features.row(row), component)).collect();
        let scores: Vec<Vec<f64>> = rows.map(score).collect();
        let energy = |place: usize| scores.iter().map(|score| score[place] * score[place]).sum::<f64>();
        let energies: Vec<f64> = (0..basis.len()).map(energy).collect();
        let (whole, freedom) = (features.energy(), features.rows().saturating_sub(1).max(1) as f64);
        Principal {
            variances: energies.iter().map(|energy| energy / freedom).collect(),
            shares: (whole > 0.0).then(|| energies.iter().map(|energy| energy / whole).collect()),
            components: basis,
            scores,
        }
    }

    /// After a pass: the best directions within the subspace (Rayleigh & Ritz), which are either good enough, or the
    /// beginning of another pass.
    fn turn(&mut self) {
        let inner = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let small = self.basis.iter().map(|a| self.product.iter().map(|b| inner(a, b)).collect()).collect();
        let (values, turns) = eigen(small);
        self.basis = mixed(&turns, &self.basis);
        let mut product = mixed(&turns, &self.product);
        let largest = values.first().copied().unwrap_or(0.0);
        let left_over = |place: usize| {
            let stray = |(p, b): (&f64, &f64)| (p - values[place] * b).powi(2);
            product[place].iter().zip(&self.basis[place]).map(stray).sum::<f64>().sqrt()
        };
        self.passes += 1;
        self.found = self.passes == PASSES || (0..self.components).all(|place| left_over(place) <= PRECISION * largest);
        if !self.found {
            self.product.iter_mut().for_each(|sums| sums.fill(0.0));
            self.visited = 0;
            orthonormalise(&mut product);
            self.basis = product;
        }
    }
}

fn dot(row: &[f32], direction: &[f64]) -> f64 {
    row.iter().zip(direction).map(|(value, entry)| f64::from(*value) * entry).sum()
}

/// The rows that `turns` mixes from others.
fn mixed(turns: &Matrix, rows: &Matrix) -> Matrix {
    let mix = |turn: &Vec<f64>| {
        let mut sum = vec![0.0; rows.first().map_or(0, Vec::len)];
        for (share, row) in turn.iter().zip(rows) {
            sum.iter_mut().zip(row).for_each(|(sum, entry)| *sum += share * entry);
        }
        sum
    };
    turns.iter().map(mix).collect()
}

/// Gram and Schmidt's, twice, which is enough (Giraud et al. 2005). A row that depends on those before it becomes 0.
fn orthonormalise(rows: &mut Matrix) {
    for place in 0..rows.len() {
        let (before, rest) = rows.split_at_mut(place);
        let row = &mut rest[0];
        let length = |row: &[f64]| row.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
        let original = length(row);
        for other in before.iter().chain(before.iter()) {
            let along: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            row.iter_mut().zip(other).for_each(|(entry, other)| *entry -= along * other);
        }
        let left = length(row);
        let scale = if left > 1e-12 * original { 1.0 / left } else { 0.0 };
        row.iter_mut().for_each(|entry| *entry *= scale);
    }
}
