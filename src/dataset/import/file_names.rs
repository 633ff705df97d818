//! The layout *class in the file name*: `S005_happy_3.png`, and JAFFE's `KA.AN1.39.tiff` (Lyons et al. 1998), where the
//! second part is the expression and the poser's number of it.

use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::problem_list::ProblemList;
use super::{classes, paths};
use crate::affect::{Annotation, Expression};

/// The expression that a file name names.
type Named = fn(&str) -> Option<Expression>;

/// The ways in which file names name expressions, and what each is recognised as.
const WAYS: [(Named, &str); 2] = [
    (of_jaffe, "JAFFE because images are called as its images are, such as"),
    (of_words, "a class in each file name because there are images called"),
];

/// Whether nearly all images have an expression in their names.
pub(super) fn fits(listing: &Listing) -> bool {
    WAYS.iter().any(|(named, _)| expressions(listing, *named).is_some())
}

/// Reads the listing, if nearly all of its images have an expression in their names.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let (found, what) = WAYS.iter().find_map(|(named, what)| Some((expressions(listing, *named)?, what)))?;
    let label_set = classes::expression_set(&found.iter().flatten().copied().collect());
    let mut labelled = Vec::new();
    let mut without = Vec::new();
    for (image, expression) in listing.images().zip(&found) {
        let path = listing.path(image);
        match expression.and_then(|expression| label_set.index_of(expression.name())) {
            Some(class) => labelled.push(LabelledImage::file(
                image,
                Annotation::one_hot(class, label_set.len()),
                paths::split_of_folders(path),
            )),
            None => without.push(path),
        }
    }
    let mut problems = ProblemList::default();
    let place = without.first().copied().unwrap_or_default();
    problems.push_files(place, &without, "has no expression in its name; it is left out");
    let example = labelled.first().map_or("", |image| paths::file_name(listing.path(image.picture.order().0)));
    Some(Labelling {
        recognised: format!("{what} {example}"),
        label_set,
        numbers: Vec::new(),
        images: labelled,
        read: Vec::new(),
        excluded: Vec::new(),
        problems,
    })
}

/// The expression that each image is called after, if nearly all are: one file in ten may be something else, a cover, a
/// test image.
fn expressions(listing: &Listing, named: fn(&str) -> Option<Expression>) -> Option<Vec<Option<Expression>>> {
    let images = listing.images().count();
    let mut found = Vec::new();
    let mut without = 0;
    for image in listing.images() {
        let expression = named(listing.path(image));
        without += usize::from(expression.is_none());
        // Most datasets are none of this kind, and soon show it.
        if without * 10 > images {
            return None;
        }
        found.push(expression);
    }
    (without < images).then_some(found)
}

/// The expression of `KA.AN1.39.tiff`.
fn of_jaffe(path: &str) -> Option<Expression> {
    let mut parts = paths::file_name(path).split(['.', '-', '_']);
    let (poser, code, number) = (parts.next()?, parts.next()?, parts.next()?);
    let is_letters = |text: &str| text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let (letters, count) = code.split_at_checked(2)?;
    let fits = is_letters(poser) && is_letters(letters) && is_number(count) && is_number(number);
    // Its codes are synonyms already.
    fits.then(|| Expression::from_name(letters)).flatten()
}

/// The one expression that the words of a name name. Words of two letters are too often something else.
pub(super) fn of_words(path: &str) -> Option<Expression> {
    let words = paths::words(paths::file_name(path));
    let mut named = words.iter().filter(|word| word.len() > 2).filter_map(|word| Expression::from_name(word));
    let first = named.next()?;
    named.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_name_expressions() {
        use Expression::{Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise};
        for (name, expression) in [
            ("jaffe/KA.AN1.39.tiff", Some(Anger)),
            ("YM.DI2.60.png", Some(Disgust)),
            ("KL-FE3-176.jpg", Some(Fear)),
            ("MK.HA1.116.bmp", Some(Happy)),
            ("NA.SA2.206.tiff", Some(Sad)),
            ("TM.SU1.195.tiff", Some(Surprise)),
            ("UY.NE3.139.tiff", Some(Neutral)),
            ("UY.XX3.139.tiff", None),
            ("an.di1.3.png", None),
            ("apple.png", None),
        ] {
            assert_eq!(of_jaffe(name), expression, "{name}");
        }
        for (name, expression) in [
            ("S005_happy_3.png", Some(Happy)),
            ("0012-Sadness.jpg", Some(Sad)),
            ("joyHappy.png", Some(Happy)),
            ("happy_or_sad.png", None),
            ("photo_of_an_apple.png", None),
            ("S010_004_00000017.png", None),
        ] {
            assert_eq!(of_words(name), expression, "{name}");
        }
    }
}
