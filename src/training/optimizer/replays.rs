//! Steps that a GPU takes over, without being asked for each of them.

use super::rule::How;
use super::{Descent, Together};
use crate::kernels::gpu::known;

impl Descent {
    /// The numbers that a GPU will move by, at this rate, what the last step has moved: four for each group.
    pub fn next(&self, rate: f64) -> Vec<f32> {
        let four = |together: &Together| {
            let steps = together.members.first().map_or(0, |id| self.steps(*id));
            self.rule.numbers(How { steps, ..together.how }, rate)
        };
        self.last.iter().flat_map(four).collect()
    }

    /// The last step was taken once more, without being asked.
    pub(in crate::training) fn was_replayed(&mut self) {
        self.count(|steps| steps + 1);
    }

    /// The last step was recorded, and not taken.
    pub(in crate::training) fn was_recorded(&mut self) {
        self.count(|steps| steps - 1);
    }

    /// A device knows again what is remembered.
    pub(in crate::training) fn know_moments(&mut self) {
        for tensor in self.moments.values_mut().flat_map(|moments| &mut moments.tensors) {
            *tensor = known(tensor.clone());
        }
    }

    fn count(&mut self, steps: impl Fn(usize) -> usize) {
        for id in self.last.iter().flat_map(|together| &together.members) {
            self.moments.entry(*id).and_modify(|moments| moments.steps = steps(moments.steps));
        }
    }
}
