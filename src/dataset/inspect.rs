//! A look at every face of a dataset, by fingerprints, paths and persons.

use std::collections::HashMap;

use super::{Dataset, Finding, Findings, PersonRule, Persons, Sample, Split, TwinCount, Twins};

/// Sizes that are listed.
const LISTED_SIZES: usize = 5;

/// A face of less contrast (standard deviation of the luma) is nearly blank.
const BLANK: u8 = 6;

impl Dataset {
    /// What is worth knowing about the faces in use. `twins` are those among all faces.
    pub fn findings(&self, twins: &Twins) -> Findings {
        let used: Vec<&Sample> = self.samples.iter().filter(|sample| sample.split.is_some()).collect();
        let (sizes, size_count) = sizes(&used);
        Findings {
            sizes,
            size_count,
            brightness: quartiles(used.iter().map(|sample| sample.look.brightness).collect()),
            blank: used.iter().filter(|sample| is_blank(sample)).count(),
            copies: self.count(&twins.copies),
            alike: self.count(&twins.alike),
            persons: persons(&used),
            left_out: self.samples.len() - used.len(),
        }
    }

    /// The faces a finding is about, in the order they are looked at: twins beside each other.
    pub fn found_by(&self, finding: Finding, twins: &Twins) -> Vec<usize> {
        let listed = |groups: &[Vec<usize>], keep: &dyn Fn(&[usize]) -> bool| {
            let in_use = |group: &Vec<usize>| self.in_use(group);
            groups.iter().map(in_use).filter(|group| group.len() > 1 && keep(group)).flatten().collect()
        };
        let faces = |keep: &dyn Fn(&Sample) -> bool| {
            (0..self.samples.len()).filter(|index| keep(&self.samples[*index])).collect()
        };
        match finding {
            Finding::Copies => listed(&twins.copies, &|_| true),
            Finding::Alike => listed(&twins.alike, &|_| true),
            Finding::Leaking => listed(&twins.alike, &|group| self.leaking(group) > 0),
            Finding::Contradicting => listed(&twins.alike, &|group| self.contradicts(group)),
            Finding::Blank => faces(&|sample| sample.split.is_some() && is_blank(sample)),
            Finding::LeftOut => faces(&|sample| sample.split.is_none()),
        }
    }

    fn in_use(&self, group: &[usize]) -> Vec<usize> {
        group.iter().copied().filter(|member| self.samples[*member].split.is_some()).collect()
    }

    fn count(&self, groups: &[Vec<usize>]) -> TwinCount {
        let mut count = TwinCount::default();
        for group in groups.iter().map(|group| self.in_use(group)) {
            count.surplus += group.len().saturating_sub(1);
            count.leaking += self.leaking(&group);
            count.contradicting += if self.contradicts(&group) { group.len() } else { 0 };
        }
        count
    }

    /// Faces of a group that figures are made on, where others of it are trained on.
    fn leaking(&self, group: &[usize]) -> usize {
        leaking(group.iter().filter_map(|member| self.samples[*member].split))
    }

    /// Whether a group has more than one class.
    fn contradicts(&self, group: &[usize]) -> bool {
        let mut classes = group.iter().filter_map(|member| self.samples[*member].annotation.class());
        let first = classes.next();
        classes.any(|class| Some(class) != first)
    }
}

/// How many of these are held out, where others are trained on.
fn leaking(splits: impl Iterator<Item = Split>) -> usize {
    let (mut training, mut held_out) = (false, 0);
    splits.for_each(|split| match split {
        Split::Train => training = true,
        Split::Validation | Split::Test => held_out += 1,
    });
    if training { held_out } else { 0 }
}

fn is_blank(sample: &Sample) -> bool {
    sample.look.contrast < BLANK
}

/// The most frequent sizes, and how many there are.
fn sizes(samples: &[&Sample]) -> (Vec<([u16; 2], usize)>, usize) {
    let mut counts = HashMap::new();
    for sample in samples {
        *counts.entry([sample.look.width, sample.look.height]).or_insert(0) += 1;
    }
    let different = counts.len();
    let mut sizes: Vec<_> = counts.into_iter().collect();
    sizes.sort_unstable_by_key(|(size, count)| (std::cmp::Reverse(*count), *size));
    sizes.truncate(LISTED_SIZES);
    (sizes, different)
}

fn quartiles(mut values: Vec<u8>) -> [u8; 5] {
    values.sort_unstable();
    std::array::from_fn(|quarter| values.get(quarter * values.len().saturating_sub(1) / 4).copied().unwrap_or(0))
}

/// What the data says about persons. Where it says nothing: what the paths may tell.
fn persons(samples: &[&Sample]) -> Vec<Persons> {
    match by_rule(samples, PersonRule::Column) {
        Some((persons, _)) => vec![persons],
        None => {
            [PersonRule::Prefix, PersonRule::Folder].into_iter().filter_map(|rule| guessed(samples, rule)).collect()
        }
    }
}

/// What a rule makes of the faces, and which are whose. `None` where it knows nobody.
fn by_rule<'a>(samples: &[&'a Sample], rule: PersonRule) -> Option<(Persons, HashMap<&'a str, Vec<&'a Sample>>)> {
    let mut faces: HashMap<&str, Vec<&Sample>> = HashMap::new();
    for sample in samples {
        if let Some(person) = rule.person(sample) {
            faces.entry(person).or_default().push(sample);
        }
    }
    let persons = Persons {
        rule,
        count: faces.len(),
        example: samples.iter().find_map(|sample| rule.person(sample))?.to_owned(),
        leaking: faces.values().map(|faces| leaking(faces.iter().filter_map(|face| face.split))).sum(),
    };
    Some((persons, faces))
}

/// What a rule makes of the paths: `None` where it hardly can mean persons. Those are at least five, have two faces each
/// on the average, none has half of all faces, and they do not each have one expression only (then it is the classes
/// that the paths tell).
fn guessed(samples: &[&Sample], rule: PersonRule) -> Option<Persons> {
    let (persons, faces) = by_rule(samples, rule)?;
    let largest = faces.values().map(Vec::len).max()?;
    let expressive = |faces: &Vec<&Sample>| {
        let mut classes = faces.iter().map(|face| face.annotation.class());
        let first = classes.next();
        first == Some(None) || classes.any(|class| Some(class) != first)
    };
    let plausible = faces.len() >= 5 && samples.len() >= 2 * faces.len() && 2 * largest <= samples.len();
    (plausible && faces.values().any(expressive)).then_some(persons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::Annotation;
    use crate::dataset::{Choices, Division, LeftOut, SplitPlan};
    use crate::imaging::Fingerprint;

    /// Path, pixels, class, split.
    type Face = (&'static str, u64, usize, Split);

    fn dataset(faces: &[Face]) -> (Dataset, Twins) {
        let looks: Vec<Fingerprint> = faces
            .iter()
            .map(|face| Fingerprint {
                pixels: face.1,
                width: 48,
                height: 48,
                contrast: 3 * face.1 as u8,
                ..Default::default()
            })
            .collect();
        let annotated = faces.iter().zip(&looks).map(|(face, look)| (Annotation::one_hot(face.2, 8), *look)).collect();
        let mut dataset = Dataset::sample_faces(annotated, &SplitPlan::default());
        for (sample, (name, _, _, split)) in dataset.samples.iter_mut().zip(faces) {
            (sample.name, sample.split) = ((*name).into(), Some(*split));
        }
        let twins = Twins { copies: Twins::among(&looks).copies, alike: Twins::among(&looks).copies };
        (dataset, twins)
    }

    #[test]
    fn twins_are_counted_listed_and_left_out() {
        let (train, test) = (Split::Train, Split::Test);
        let faces = [("a", 1, 0, train), ("b", 2, 0, test), ("c", 1, 0, test), ("d", 2, 1, test), ("e", 3, 0, train)];
        let (dataset, twins) = dataset(&faces);
        let findings = dataset.findings(&twins);
        assert_eq!(findings.copies, TwinCount { surplus: 2, leaking: 1, contradicting: 2 });
        assert_eq!((findings.blank, findings.size_count, findings.sizes), (2, 1, vec![([48, 48], 5)]));
        let found = |finding| dataset.found_by(finding, &twins);
        assert_eq!(found(Finding::Copies), [0, 2, 1, 3]);
        assert_eq!(found(Finding::Leaking), [0, 2]);
        assert_eq!(found(Finding::Contradicting), [1, 3]);
        assert_eq!(found(Finding::Blank), [0, 2]);
        assert!(found(Finding::LeftOut).is_empty());

        let choices = Choices { left_out: LeftOut::Copies, ..Choices::as_found(&dataset.label_set) };
        let chosen = dataset.with(&choices, &twins);
        assert_eq!(chosen.found_by(Finding::LeftOut, &twins), [0, 3]);
        let findings = chosen.findings(&twins);
        assert_eq!((findings.copies, findings.left_out), (TwinCount::default(), 2));
        assert_eq!(chosen.summary(&twins).split_sizes, [1, 0, 2]);
    }

    #[test]
    fn paths_that_may_tell_persons_are_found() {
        let face = |i: usize| -> (String, usize, Split) {
            let split = if i < 15 { Split::Train } else { Split::Test };
            (format!("faces/{}/P{}_{i}.png", i % 2, i % 6), i % 4, split)
        };
        let faces: Vec<_> = (0..20).map(face).collect();
        let leaked: Vec<Face> =
            faces.iter().map(|(name, class, split)| (&*name.clone().leak(), 9, *class, *split)).collect();
        let (dataset, twins) = dataset(&leaked);
        let persons = dataset.findings(&twins).persons;
        let expected = Persons { rule: PersonRule::Prefix, count: 6, example: "P0".into(), leaking: 5 };
        assert_eq!(persons, [expected], "two folders are no persons");
    }

    #[test]
    fn persons_that_the_data_names_are_no_guess() {
        let (train, test) = (Split::Train, Split::Test);
        let faces = [("a", 1, 0, train), ("b", 2, 0, test), ("c", 3, 0, test), ("d", 4, 0, test), ("e", 5, 0, train)];
        let (mut dataset, twins) = dataset(&faces);
        for (sample, person) in dataset.samples.iter_mut().zip([Some("Ada"), Some("Ada"), Some("Bo"), None, None]) {
            sample.person = person.map(String::from);
        }
        let expected = Persons { rule: PersonRule::Column, count: 2, example: "Ada".into(), leaking: 1 };
        assert_eq!(dataset.findings(&twins).persons, [expected]);
        let plan = SplitPlan { validation: 0.0, test: 0.4, seed: 1 };
        let division = Some(Division { plan, persons: Some(PersonRule::Column) });
        let chosen = dataset.with(&Choices { division, ..Choices::as_found(&dataset.label_set) }, &twins);
        assert_eq!(chosen.samples[0].split, chosen.samples[1].split);
        assert_eq!(chosen.findings(&twins).persons[0].leaking, 0);
        let size = |split| chosen.indices(split).len();
        assert_eq!((size(train), size(test)), (3, 2), "faces of nobody known are divided one by one");
    }

    #[test]
    fn brightness_is_told_by_quartiles() {
        assert_eq!(quartiles(vec![9, 1, 5, 3, 7]), [1, 3, 5, 7, 9]);
        assert_eq!(quartiles(vec![4]), [4; 5]);
        assert_eq!(quartiles(Vec::new()), [0; 5]);
    }
}
