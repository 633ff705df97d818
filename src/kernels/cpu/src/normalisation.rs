//! Batch normalisation over `[batch, channels, places]`, with or without a ReLU behind it (Ioffe & Szegedy 2015, *Batch
//! Normalization*). Two passes over memory forward, two backward.

use wide::f32x4;

use crate::cores;
use crate::then::relu;
use crate::vector::{Vector, mapped};

/// A normalisation and what it is applied to. Tensors are contiguous: `[batch, channels, places]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Channels.
    pub channels: usize,
    /// Height times width.
    pub places: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether negative results become zero.
    pub relu: bool,
}

/// What comes out of a normalisation in training.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalised {
    /// `[batch, channels, places]`.
    pub output: Vec<f32>,
    /// Of every channel in this batch.
    pub mean: Vec<f32>,
    /// Of every channel in this batch, divided by the number of values (not by one less).
    pub variance: Vec<f32>,
}

/// The gradient of a normalisation.
#[derive(Clone, Debug, PartialEq)]
pub struct NormGradient {
    /// To the input: `[batch, channels, places]`.
    pub input: Vec<f32>,
    /// To every channel's scale.
    pub gamma: Vec<f32>,
    /// To every channel's shift.
    pub beta: Vec<f32>,
}

impl BatchNorm {
    /// Normalises by the batch's own mean and variance, then scales by `gamma` and shifts by `beta`.
    ///
    /// # Panics
    /// If `gamma` or `beta` is shorter than the channels.
    pub fn forward(&self, input: &[f32], gamma: &[f32], beta: &[f32]) -> Normalised {
        let channels: Vec<usize> = (0..self.channels).collect();
        let parts = channels.chunks(cores::share(self.channels, input.len()));
        let statistics = |channels: &[usize]| channels.iter().map(|channel| self.statistics(input, *channel)).collect();
        let statistics: Vec<(f32, f32)> = cores::joined(cores::each(parts, statistics));
        let lines: Vec<(f32, f32)> = (statistics.iter().zip(gamma.iter().zip(beta)))
            .map(|((mean, variance), (gamma, beta))| {
                let scale = gamma / (variance + self.epsilon).sqrt();
                (scale, beta - mean * scale)
            })
            .collect();
        let parts = input.chunks(self.part(input));
        let output = cores::joined(cores::each(parts, |input| self.normalised(input, &lines)));
        let (mean, variance) = statistics.into_iter().unzip();
        Normalised { output, mean, variance }
    }

    /// Some images, each channel scaled and shifted.
    fn normalised(&self, input: &[f32], lines: &[(f32, f32)]) -> Vec<f32> {
        let mut output = Vec::with_capacity(input.len());
        for (plane, channel) in self.planes(input) {
            let (scale, shift) = (Vector::splat(lines[channel].0), Vector::splat(lines[channel].1));
            match self.relu {
                true => mapped([plane], &mut output, |[value]| relu(value * scale + shift)),
                false => mapped([plane], &mut output, |[value]| value * scale + shift),
            }
        }
        output
    }

    /// Values of the images that a core takes.
    fn part(&self, input: &[f32]) -> usize {
        let image = (self.channels * self.places).max(1);
        cores::share(input.len() / image, input.len()) * image
    }

    /// The gradient, from what [`BatchNorm::forward`] was given and gave, and the gradient to its output.
    ///
    /// # Panics
    /// If a slice is shorter than its shape says.
    pub fn gradient(
        &self,
        input: &[f32],
        gamma: &[f32],
        beta: &[f32],
        mean: &[f32],
        variance: &[f32],
        output: &[f32],
    ) -> NormGradient {
        let count = (input.len() / self.channels.max(1)) as f32;
        let lines: Vec<Line> = (0..self.channels)
            .map(|channel| {
                let deviation = 1.0 / (variance[channel] + self.epsilon).sqrt();
                let scale = gamma[channel] * deviation;
                Line { scale, shift: beta[channel] - mean[channel] * scale, mean: mean[channel], deviation }
            })
            .collect();
        let part = self.part(input);
        let parts = || input.chunks(part).zip(output.chunks(part));
        let mut sums = vec![(0.0, 0.0); self.channels];
        for of_part in cores::each(parts(), |(input, output)| self.sums(input, output, &lines)) {
            for (sum, (shift, scale)) in sums.iter_mut().zip(of_part) {
                *sum = (sum.0 + shift, sum.1 + scale);
            }
        }
        let slopes: Vec<(f32, f32)> = (lines.iter().zip(&sums))
            .map(|(line, (shift, scale))| {
                // scale * (g - shift / n - normalised * scale / n), as a straight line in the input.
                let slope = -line.scale * line.deviation * (*scale as f32 / count);
                (slope, -line.scale * (*shift as f32 / count) - slope * line.mean)
            })
            .collect();
        let to_input = cores::each(parts(), |(input, output)| self.input_gradient(input, output, &lines, &slopes));
        let (beta, gamma) = sums.into_iter().map(|(shift, scale)| (shift as f32, scale as f32)).unzip();
        NormGradient { input: cores::joined(to_input), gamma, beta }
    }

    /// What every channel's planes in some images sum up to.
    fn sums(&self, input: &[f32], output: &[f32], lines: &[Line]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.channels];
        for ((plane, channel), output) in self.planes(input).zip(output.chunks_exact(self.places.max(1))) {
            let (shift, scale) = self.plane_sums(plane, output, &lines[channel]);
            sums[channel].0 += shift;
            sums[channel].1 += scale;
        }
        sums
    }

    /// The gradient to some images.
    fn input_gradient(&self, input: &[f32], output: &[f32], lines: &[Line], slopes: &[(f32, f32)]) -> Vec<f32> {
        let mut gradient = Vec::with_capacity(input.len());
        for ((plane, channel), output) in self.planes(input).zip(output.chunks_exact(self.places.max(1))) {
            let (scale, shift) = (Vector::splat(lines[channel].scale), Vector::splat(lines[channel].shift));
            let (slope, offset) = (Vector::splat(slopes[channel].0), Vector::splat(slopes[channel].1));
            mapped([plane, output], &mut gradient, |[value, gradient]| {
                let gradient = match self.relu {
                    true => (value * scale + shift).simd_gt(Vector::ZERO) & gradient,
                    false => gradient,
                };
                scale * gradient + slope * value + offset
            });
        }
        gradient
    }

    /// The planes of a tensor, with their channels.
    fn planes<'a>(&self, values: &'a [f32]) -> impl Iterator<Item = (&'a [f32], usize)> {
        values.chunks_exact(self.places.max(1)).zip((0..self.channels).cycle())
    }

    /// Mean and variance of a channel. The sums are of differences to its first value: no digits are lost where the mean
    /// is far from zero.
    fn statistics(&self, input: &[f32], channel: usize) -> (f32, f32) {
        let planes = || input.chunks_exact(self.places.max(1)).skip(channel).step_by(self.channels);
        let Some(&origin) = planes().next().and_then(|plane| plane.first()) else { return (0.0, 0.0) };
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for plane in planes() {
            let (lanes, rest) = plane.as_chunks::<4>();
            let mut partial = [f32x4::ZERO; 2];
            for lane in lanes {
                let difference = f32x4::new(*lane) - f32x4::splat(origin);
                partial[0] += difference;
                partial[1] += difference * difference;
            }
            let rest = rest.iter().map(|value| value - origin);
            sum += f64::from(partial[0].reduce_add() + rest.clone().sum::<f32>());
            squares += f64::from(partial[1].reduce_add() + rest.map(|value| value * value).sum::<f32>());
            count += plane.len() as f64;
        }
        let mean = sum / count;
        let variance = squares / count - mean * mean;
        let variance = if variance < 0.0 { 0.0 } else { variance };
        ((mean + f64::from(origin)) as f32, variance as f32)
    }

    /// The sums of a plane's gradient, and of its product with the normalised input.
    fn plane_sums(&self, plane: &[f32], output: &[f32], line: &Line) -> (f64, f64) {
        let (lanes, rest) = plane.as_chunks::<4>();
        let (gradients, rest_gradients) = output.as_chunks::<4>();
        let (mean, zero) = (f32x4::splat(line.mean), f32x4::ZERO);
        let (scale, shift) = (f32x4::splat(line.scale), f32x4::splat(line.shift));
        let mut sums = [f32x4::ZERO; 2];
        for (value, gradient) in lanes.iter().zip(gradients) {
            let (value, gradient) = (f32x4::new(*value), f32x4::new(*gradient));
            let gradient = match self.relu {
                true => (value * scale + shift).simd_gt(zero) & gradient,
                false => gradient,
            };
            sums[0] += gradient;
            sums[1] += gradient * (value - mean);
        }
        let rest = rest.iter().zip(rest_gradients).filter(|(value, _)| self.passes(line, **value));
        let shift = sums[0].reduce_add() + rest.clone().map(|(_, gradient)| gradient).sum::<f32>();
        let scale = sums[1].reduce_add() + rest.map(|(value, gradient)| gradient * (value - line.mean)).sum::<f32>();
        (f64::from(shift), f64::from(scale * line.deviation))
    }

    /// Whether the ReLU lets a value's gradient through.
    #[inline(always)]
    fn passes(&self, line: &Line, value: f32) -> bool {
        !self.relu || value * line.scale + line.shift > 0.0
    }
}

/// What a channel's values are put through.
struct Line {
    scale: f32,
    shift: f32,
    mean: f32,
    /// One over the standard deviation.
    deviation: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_stays_so() {
        for relu in [true, false] {
            let norm = BatchNorm { channels: 2, places: 5, epsilon: 1e-5, relu };
            let mut input: Vec<f32> = (0..20).map(|value| value as f32).collect();
            input[3] = f32::INFINITY;
            let normalised = norm.forward(&input, &[1.0, 1.0], &[0.0, 0.0]);
            assert!(normalised.mean[0].is_infinite() && normalised.variance[0].is_nan());
            assert!(normalised.output[..5].iter().all(|value| value.is_nan()), "{:?}", normalised.output);
            assert!(normalised.output[5..10].iter().all(|value| value.is_finite()));
        }
    }
}
