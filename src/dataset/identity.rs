//! What faces are recognised by, wherever they were dropped from.

use sha2::{Digest, Sha256};

use super::{Dataset, Split};

/// Hexadecimal digits of an identity: 64 bits, enough to tell one person's datasets apart.
const DIGITS: usize = 16;

impl Dataset {
    /// Equal for the same faces with the same labels in the same order, whatever their files are called; of those that
    /// are in one of `splits`.
    pub fn identity(&self, splits: &[Split]) -> String {
        let mut hash = Sha256::new();
        for class in self.label_set.classes() {
            hash.update(class.as_bytes());
            hash.update([0]);
        }
        let taken = self.samples.iter().filter(|sample| sample.split.is_some_and(|split| splits.contains(&split)));
        for sample in taken {
            let annotation = &sample.annotation;
            hash.update([sample.split.map_or(0, |split| split as u8)]);
            hash.update(sample.look.pixels.to_le_bytes());
            for value in [annotation.valence, annotation.arousal] {
                // NaN stands for what is missing: no label is one.
                hash.update(value.unwrap_or(f32::NAN).to_le_bytes());
            }
            let weights = annotation.expression.as_deref().unwrap_or_default();
            hash.update([weights.len() as u8]);
            weights.iter().for_each(|weight| hash.update(weight.to_le_bytes()));
        }
        let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        digits[..DIGITS].to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::Annotation;
    use crate::dataset::SplitPlan;
    use crate::imaging::Fingerprint;

    #[test]
    fn identity_is_of_faces_and_labels_alone() {
        let faces = |last: u64| {
            let face =
                |i| (Annotation::one_hot(i as usize % 8, 8), Fingerprint { pixels: i, ..Fingerprint::default() });
            (0..15).map(face).chain([(Annotation::one_hot(3, 8), Fingerprint { pixels: last, ..Default::default() })])
        };
        let dataset = |last| Dataset::sample_faces(faces(last).collect(), &SplitPlan::default());
        let mut renamed = dataset(99);
        renamed.name = "else".into();
        renamed.samples.iter_mut().for_each(|sample| sample.name.insert(0, 'x'));
        assert_eq!(dataset(99).identity(&Split::ALL), renamed.identity(&Split::ALL));
        assert_ne!(dataset(99).identity(&Split::ALL), dataset(98).identity(&Split::ALL));
        let mut relabelled = dataset(99);
        let test = relabelled.indices(Split::Test)[0];
        relabelled.samples[test].annotation.valence = Some(0.0);
        assert_eq!(dataset(99).identity(&[Split::Train]), relabelled.identity(&[Split::Train]));
        assert_ne!(dataset(99).identity(&[Split::Test]), relabelled.identity(&[Split::Test]));
    }
}
