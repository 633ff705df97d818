//! Tensors, and the orders of their dimensions.

use thiserror::Error;

/// Numbers in a box; the last dimension runs fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// As many as the dimensions say.
    pub values: Vec<f32>,
}

/// A tensor has not the dimensions it is taken for.
#[derive(Debug, Error)]
#[error("a tensor of shape {found:?} was to be {expected}")]
pub struct ShapeError {
    found: Vec<usize>,
    expected: &'static str,
}

impl Tensor {
    /// A vector.
    pub fn vector(values: Vec<f32>) -> Tensor {
        Tensor { shape: vec![values.len()], values }
    }

    /// The same, its dimension `i` the old dimension `order[i]`.
    ///
    /// # Errors
    /// Where it has not as many dimensions.
    pub fn permuted<const D: usize>(&self, order: [usize; D]) -> Result<Tensor, ShapeError> {
        if self.shape.len() != D {
            return Err(self.no("of other dimensions"));
        }
        let strides: Vec<usize> = (0..D).map(|d| self.shape[d + 1..].iter().product()).collect();
        let shape = order.map(|d| self.shape[d]);
        let mut values = Vec::with_capacity(self.values.len());
        let mut place = [0; D];
        for _ in 0..self.values.len() {
            values.push(self.values[(0..D).map(|d| place[d] * strides[order[d]]).sum::<usize>()]);
            for d in (0..D).rev() {
                place[d] += 1;
                if place[d] < shape[d] {
                    break;
                }
                place[d] = 0;
            }
        }
        Ok(Tensor { shape: shape.into(), values })
    }

    /// A kernel of TensorFlow's, `[height, width, channels in, channels out]`, as `[out, in, height, width]`.
    ///
    /// # Errors
    /// Where it has not four dimensions.
    pub fn kernel(&self) -> Result<Tensor, ShapeError> {
        self.permuted([3, 2, 0, 1])
    }

    /// A depthwise kernel of TensorFlow's, `[height, width, channels, 1]`, as `[channels, 1, height, width]`.
    ///
    /// # Errors
    /// Where it is no such kernel.
    pub fn depthwise_kernel(&self) -> Result<Tensor, ShapeError> {
        match self.shape[..] {
            [_, _, _, 1] => self.permuted([2, 3, 0, 1]),
            _ => Err(self.no("a depthwise kernel")),
        }
    }

    /// A kernel `[out, 3, height, width]` whose input begins with blue, for one that begins with red.
    ///
    /// # Errors
    /// Where its input has not three channels.
    pub fn red_first(mut self) -> Result<Tensor, ShapeError> {
        let [_, 3, height, width] = self.shape[..] else { return Err(self.no("a kernel over three channels")) };
        let plane = height * width;
        for kernel in self.values.chunks_exact_mut(3 * plane) {
            let (red, blue) = kernel.split_at_mut(2 * plane);
            red[..plane].swap_with_slice(blue);
        }
        Ok(self)
    }

    /// `self - other`, value by value.
    ///
    /// # Errors
    /// Where they are not of one shape.
    pub fn less(mut self, other: &Tensor) -> Result<Tensor, ShapeError> {
        if self.shape != other.shape {
            return Err(self.no("of the shape of another"));
        }
        for (value, other) in self.values.iter_mut().zip(&other.values) {
            *value -= other;
        }
        Ok(self)
    }

    fn no(&self, expected: &'static str) -> ShapeError {
        ShapeError { found: self.shape.clone(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(shape: [usize; 4]) -> Tensor {
        let count = shape.iter().product::<usize>();
        Tensor { shape: shape.into(), values: (0..count).map(|value| value as f32).collect() }
    }

    #[test]
    fn a_kernel_is_turned_round() {
        let (height, width, inputs, outputs) = (2, 3, 4, 5);
        let theirs = counted([height, width, inputs, outputs]);
        let ours = theirs.kernel().unwrap();
        assert_eq!(ours.shape, [5, 4, 2, 3]);
        // theirs[1, 2, 3, 4] is ours[4, 3, 1, 2].
        let at_theirs = ((width + 2) * inputs + 3) * outputs + 4;
        assert_eq!(ours.values[((4 * inputs + 3) * height + 1) * width + 2], theirs.values[at_theirs]);
        let depthwise = counted([2, 3, 4, 1]).depthwise_kernel().unwrap();
        assert_eq!((depthwise.shape, depthwise.values[6 + 5]), (vec![4, 1, 2, 3], 5.0 * 4.0 + 1.0));
        assert!(counted([2, 3, 4, 2]).depthwise_kernel().is_err());
    }

    #[test]
    fn red_comes_first() {
        let kernel = counted([2, 3, 1, 2]).red_first().unwrap();
        assert_eq!(kernel.values, [4.0, 5.0, 2.0, 3.0, 0.0, 1.0, 10.0, 11.0, 8.0, 9.0, 6.0, 7.0]);
        assert!(counted([3, 2, 1, 1]).red_first().is_err());
    }
}
