//! A dataset whose classes a person renamed, merged or left out.

use super::import::label_set;
use super::{ClassNames, Dataset, Sample};
use crate::affect::{Annotation, LabelMap};

impl Dataset {
    /// The same faces with other class names. What is left out of a face's distribution is left out of the whole; a face
    /// whose most likely class is left out has no expression any more. Faces keep their places and their splits.
    pub fn renamed(&self, names: &ClassNames) -> Dataset {
        let label_set = label_set(names.0.iter().flatten().map(String::as_str));
        let map = LabelMap(names.0.iter().map(|name| label_set.index_of(name.as_deref()?)).collect());
        let rename = |sample: &Sample| {
            let expression = renamed(&sample.annotation, &map, label_set.len());
            Sample { annotation: Annotation { expression, ..sample.annotation.clone() }, ..sample.clone() }
        };
        Dataset { samples: self.samples.iter().map(rename).collect(), label_set, ..self.clone() }
    }
}

fn renamed(annotation: &Annotation, map: &LabelMap, classes: usize) -> Option<Vec<f32>> {
    let distribution = annotation.expression.as_ref()?;
    map.0.get(annotation.class()?).copied().flatten()?;
    let mut mapped = vec![0.0; classes];
    for (weight, class) in distribution.iter().zip(&map.0) {
        if let Some(class) = class {
            mapped[*class] += weight;
        }
    }
    let sum: f32 = mapped.iter().sum();
    mapped.iter_mut().for_each(|weight| *weight /= sum);
    Some(mapped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::LabelSet;
    use crate::dataset::{Split, SplitPlan};
    use crate::imaging::Fingerprint;

    fn face(expression: Option<[f32; 4]>) -> Sample {
        let annotation =
            Annotation { expression: expression.map(Vec::from), valence: Some(0.5), ..Annotation::default() };
        Sample {
            name: "a.png".into(),
            annotation,
            person: None,
            split: Some(Split::Test),
            look: Fingerprint::default(),
        }
    }

    #[test]
    fn classes_are_renamed_merged_and_left_out() {
        let faces = [Some([0.6, 0.2, 0.2, 0.0]), Some([0.1, 0.0, 0.9, 0.0]), Some([0.0, 0.3, 0.1, 0.6]), None];
        let dataset = Dataset {
            label_set: LabelSet::custom("Custom", ["lachen", "grinsen", "unklar", "wut"]),
            samples: faces.into_iter().map(face).collect(),
            ..Dataset::sample_faces(Vec::new(), &SplitPlan::default())
        };
        let names = [Some("happy"), Some("joy"), None, Some("anger")].map(|name| name.map(String::from));
        let renamed = dataset.renamed(&ClassNames(names.into()));
        assert_eq!(renamed.label_set.classes(), ["happy", "anger"]);
        let expressions: Vec<_> = renamed.samples.iter().map(|face| face.annotation.expression.clone()).collect();
        assert_eq!(expressions[..2], [Some(vec![1.0, 0.0]), None]);
        let third = expressions[2].as_ref().unwrap();
        assert!((third[0] - 1.0 / 3.0).abs() < 1e-6 && (third[1] - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!(expressions[3], None);
        assert!(
            renamed.samples.iter().all(|face| face.annotation.valence == Some(0.5) && face.split == Some(Split::Test))
        );
    }

    #[test]
    fn names_as_found_change_nothing() {
        let found = LabelSet::custom("Custom", ["b", "happy", "a"]);
        let faces = [2, 0].map(|class| (Annotation::one_hot(class, 3), Fingerprint::default())).into();
        let mut dataset = Dataset::sample_faces(faces, &SplitPlan::default());
        dataset.label_set = found.clone();
        let renamed = dataset.renamed(&ClassNames::as_found(&found));
        let name = |dataset: &Dataset, face: usize| {
            dataset.label_set.classes()[dataset.samples[face].annotation.class().unwrap()].clone()
        };
        assert_eq!([0, 1].map(|face| name(&renamed, face)), [0, 1].map(|face| name(&dataset, face)));
    }
}
