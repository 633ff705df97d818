//! The layout *AffectNet* (Mollahosseini et al. 2017): `images/N.jpg`, and beside them `annotations/N_exp.npy`,
//! `N_val.npy`, `N_aro.npy` and `N_lnd.npy`, one value a file (the landmarks are not read).

use std::collections::HashMap;

use super::layout::{Label, LabelledImage, Labelling};
use super::listing::Listing;
use super::paths::{self, Kind};
use super::picture::Picture;
use super::problem_list::ProblemList;
use crate::affect::{Annotation, LabelSet};
use crate::dataset::npy::Values;

/// What AffectNet writes for "not annotated".
pub(super) const MISSING: f64 = -2.0;

/// Why an image is left out whose expression is one of the numbers after contempt.
pub(super) fn no_expression(number: f64) -> Option<&'static str> {
    const AFTER_CONTEMPT: [(f64, &str); 3] =
        [(8.0, "annotated as no expression"), (9.0, "annotated as uncertain"), (10.0, "annotated as not a face")];
    AFTER_CONTEMPT.into_iter().find(|(after, _)| *after == number).map(|(_, reason)| reason)
}

/// The files that say what is known of one image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AnnotationFiles {
    expression: Option<usize>,
    valence: Option<usize>,
    arousal: Option<usize>,
}

/// Whether there are arrays of one annotation each: their names say it.
pub(super) fn fits(listing: &mut Listing) -> bool {
    read(listing).is_some()
}

/// Reads the listing, if there are arrays of one annotation each.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let mut annotations: HashMap<String, AnnotationFiles> = HashMap::new();
    let mut read = Vec::new();
    for array in listing.of_kind(Kind::Array) {
        let Some((number, part)) = stem(listing.path(array)).rsplit_once('_') else { continue };
        let key = key(listing.path(array), number);
        match part {
            "exp" => annotations.entry(key).or_default().expression = Some(array),
            "val" => annotations.entry(key).or_default().valence = Some(array),
            "aro" => annotations.entry(key).or_default().arousal = Some(array),
            "lnd" => {}
            _ => continue,
        }
        read.push(array);
    }
    let first = *read.first()?;
    let mut images = Vec::new();
    let mut without = Vec::new();
    for file in listing.images() {
        let path = listing.path(file);
        match annotations.get(&key(path, stem(path))) {
            Some(files) => images.push(LabelledImage {
                picture: Picture::File { file, face: None },
                label: Label::Files(*files),
                split: paths::split_of_folders(path),
                person: None,
            }),
            None => without.push(path),
        }
    }
    if images.is_empty() {
        return None;
    }
    let mut problems = ProblemList::default();
    let place = without.first().copied().unwrap_or_default();
    problems.push_files(
        place,
        &without,
        "has no annotations called after it (such as annotations/12_exp.npy for 12.jpg)",
    );
    Some(Labelling {
        recognised: format!("AffectNet because arrays such as {} annotate one image each", listing.path(first)),
        label_set: LabelSet::affectnet8(),
        numbers: Vec::new(),
        images,
        read,
        excluded: Vec::new(),
        problems,
    })
}

/// What an image and its annotations have in common: the folder that theirs lie in, and the number.
fn key(path: &str, number: &str) -> String {
    let mut folders: Vec<&str> = paths::folders(path).collect();
    folders.pop();
    format!("{}/{number}", folders.join("/"))
}

/// A file's name without its extension.
fn stem(path: &str) -> &str {
    let name = paths::file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

impl AnnotationFiles {
    /// What the files say, or why the image is left out.
    pub(super) fn read(&self, listing: &mut Listing, problems: &mut ProblemList) -> Result<Annotation, &'static str> {
        let mut number = |file: Option<usize>, fits: fn(f64) -> bool, expected: &str| {
            let file = file?;
            let wrong = match read_number(listing, file) {
                Ok(number) if number == MISSING => return None,
                Ok(number) if fits(number) => return Some(number),
                Ok(number) => format!("expected {expected}, found {number}; it is left out"),
                Err(error) => error,
            };
            problems.push_file(listing.path(file), wrong);
            None
        };
        let is_number = |number: f64| (0.0..=10.0).contains(&number) && number.fract() == 0.0;
        let is_affect = |number: f64| (-1.0..=1.0).contains(&number);
        let expression = number(self.expression, is_number, "the number of an expression, 0 to 10");
        let valence = number(self.valence, is_affect, "valence from -1 to 1").map(|value| value as f32);
        let arousal = number(self.arousal, is_affect, "arousal from -1 to 1").map(|value| value as f32);
        if let Some(reason) = expression.and_then(no_expression) {
            return Err(reason);
        }
        // From 0 to 7: the numbers after that were dealt with.
        let known = expression.map(|number| Annotation::one_hot(number as usize, LabelSet::affectnet8().len()));
        let annotation = Annotation { valence, arousal, ..known.unwrap_or_default() };
        if annotation.is_empty() { Err("no usable label") } else { Ok(annotation) }
    }
}

/// The one number of an array, which may be written as text.
fn read_number(listing: &mut Listing, file: usize) -> Result<f64, String> {
    let array = listing.read_array(file).map_err(|error| error.to_string())?;
    if array.header.shape.iter().any(|length| *length != 1) {
        return Err(format!(
            "expected a single value, found an array of shape {:?}; it is left out",
            array.header.shape
        ));
    }
    match array.values() {
        Values::Numbers(numbers) => numbers.first().copied().ok_or_else(|| "expected a number".to_owned()),
        Values::Text(texts) => {
            let text = texts.first().map_or("", |text| text.trim());
            text.parse().map_err(|_| format!("expected a number, found {text}; it is left out"))
        }
    }
}
