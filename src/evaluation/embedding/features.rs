//! Features: one row of numbers a face.

/// Rows of equal width, all of finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    values: Vec<f32>,
    width: usize,
}

impl Features {
    /// Row after row. `None` where they do not fill rows of that width, or one is no finite number.
    pub fn new(values: Vec<f32>, width: usize) -> Option<Features> {
        let fits = width > 0 && values.len().is_multiple_of(width);
        (fits && values.iter().all(|value| value.is_finite())).then_some(Features { values, width })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    /// How many numbers a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One of the rows.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..][..self.width]
    }

    /// Every column less its mean.
    pub(super) fn centred(mut self) -> Features {
        let mut means = vec![0.0; self.width];
        for row in self.values.chunks_exact(self.width) {
            means.iter_mut().zip(row).for_each(|(mean, value)| *mean += f64::from(*value));
        }
        let rows = self.rows() as f64;
        for row in self.values.chunks_exact_mut(self.width) {
            for (value, sum) in row.iter_mut().zip(&means) {
                *value = (f64::from(*value) - sum / rows) as f32;
            }
        }
        self
    }

    /// The summed squares of all values.
    pub(super) fn energy(&self) -> f64 {
        self.values.iter().map(|value| f64::from(*value).powi(2)).sum()
    }
}
