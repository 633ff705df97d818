//! The layout *RAF-DB* (Li et al. 2017): images called `train_00001.jpg`, and a list with a row an image and the number
//! of its class, from 1 (`list_patition_label.txt`, as its authors spell it); or the images in folders called 1 to 7.

use std::collections::HashMap;
use std::io::Read;

use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::paths::{self, Kind};
use super::problem_list::ProblemList;
use super::table_rows::{csv_reader, next_record};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::{Place, Split};

/// Whether an image is called as RAF-DB calls them: `train_00001.jpg`, `test_0001_aligned.jpg`.
pub(super) fn is_named_so(path: &str) -> bool {
    split_and_number(path).is_some()
}

/// Whether images are called as RAF-DB's are, and there is its list, or they lie in its folders.
pub(super) fn fits(listing: &mut Listing) -> bool {
    listing.images().any(|image| is_named_so(listing.path(image)))
        && (listing.of_kind(Kind::Text).into_iter().any(|text| is_list(listing, text)) || by_folder(listing).is_some())
}

/// Reads the listing, if it holds RAF-DB's list, or its images in numbered folders.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    by_list(listing).or_else(|| by_folder(listing))
}

/// `("train", "00001", is aligned)` of `train_00001_aligned.jpg`.
fn split_and_number(path: &str) -> Option<(&str, &str, bool)> {
    let name = paths::file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (stem, aligned) = stem.strip_suffix("_aligned").map_or((stem, false), |stem| (stem, true));
    let (split, number) = stem.split_once('_')?;
    let numbered = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (["train", "test"].contains(&split) && numbered).then_some((split, number, aligned))
}

fn split(path: &str) -> Option<Split> {
    split_and_number(path).and_then(|(split, ..)| paths::split_of_name(split))
}

/// The class of a number from 1 to 7.
fn class(number: &str) -> Option<usize> {
    let class = number.parse::<usize>().ok()?.checked_sub(1)?;
    (class < LabelSet::rafdb().len()).then_some(class)
}

fn labelled(file: usize, path: &str, class: usize) -> LabelledImage {
    LabelledImage::file(file, Annotation::one_hot(class, LabelSet::rafdb().len()), split(path))
}

/// The class of each image of the list, by split and number, and the row that says it.
type Rows = HashMap<(String, String), (usize, u64)>;

fn by_list(listing: &mut Listing) -> Option<Labelling> {
    let texts = listing.of_kind(Kind::Text);
    let list = texts.into_iter().find(|text| is_list(listing, *text))?;
    let path = listing.path(list).to_owned();
    let mut problems = ProblemList::default();
    let rows = read_rows(listing.read_table(list).ok()?, &path, &mut problems);
    let mut images = Vec::new();
    let mut without = Vec::new();
    // The faces cut out and the whole photographs are the same images: the faces are what is wanted.
    let any_aligned = listing.images().any(|image| split_and_number(listing.path(image)).is_some_and(|parts| parts.2));
    let mut whole = 0;
    for image in listing.images() {
        let path = listing.path(image);
        let parts = split_and_number(path);
        let row = parts.and_then(|(split, number, _)| rows.get(&(split.to_owned(), number.to_owned())));
        match (row, parts) {
            (Some(_), Some((.., false))) if any_aligned => whole += 1,
            (Some((class, _)), _) => images.push(labelled(image, path, *class)),
            (None, _) => without.push(path),
        }
    }
    problems.push_files(&path, &without, "has no row in the list; it is left out");
    let excluded =
        if whole > 0 { vec![("whole photographs beside the aligned faces".to_owned(), whole)] } else { vec![] };
    let recognised = format!("RAF-DB because {path} numbers the classes of images such as train_00001.jpg");
    Some(Labelling {
        recognised,
        label_set: LabelSet::rafdb(),
        numbers: Vec::new(),
        images,
        read: vec![list],
        excluded,
        problems,
    })
}

fn read_rows(reader: impl Read, path: &str, problems: &mut ProblemList) -> Rows {
    let mut rows = Rows::new();
    let mut reader = csv_reader(reader, b' ');
    for row in 1.. {
        let message = match next_record(&mut reader) {
            Ok(None) => break,
            Ok(Some(record)) => {
                let cell = |column| record.get(column).unwrap_or_default().trim();
                let (name, number) = (cell(0), cell(1));
                match (split_and_number(name), class(number)) {
                    (Some((split, count, _)), Some(class)) => {
                        match rows.insert((split.to_owned(), count.to_owned()), (class, row)) {
                            None => continue,
                            Some((_, earlier)) => {
                                format!("names {name}, as row {earlier} did; the second of the two is kept")
                            }
                        }
                    }
                    _ => format!(
                        "expected an image such as train_00001.jpg and a number from 1 to 7, found {name} {number}"
                    ),
                }
            }
            Err(error) => {
                let place = Place { file: path.to_owned(), row: Some(row), column: None };
                problems.push(place, format!("the rows from here on cannot be read ({error})"));
                break;
            }
        };
        problems.push(Place { file: path.to_owned(), row: Some(row), column: None }, message);
    }
    rows
}

/// Whether the first row of a text is one of RAF-DB's.
fn is_list(listing: &mut Listing, text: usize) -> bool {
    let Ok(reader) = listing.read_table(text) else { return false };
    let Ok(Some(row)) = next_record(&mut csv_reader(reader, b' ')) else { return false };
    row.len() == 2 && is_named_so(&row[0]) && class(row[1].trim()).is_some()
}

fn by_folder(listing: &mut Listing) -> Option<Labelling> {
    let folder = |image: usize| paths::folders(listing.path(image)).next_back().and_then(class);
    let found: Vec<(usize, Option<usize>)> = listing.images().map(|image| (image, folder(image))).collect();
    let fits = |(image, class): &(usize, Option<usize>)| class.is_some() && is_named_so(listing.path(*image));
    if !found.iter().all(fits) {
        return None;
    }
    let labelled = |(image, class): (usize, Option<usize>)| Some(labelled(image, listing.path(image), class?));
    Some(Labelling {
        recognised: "RAF-DB because images such as train_00001.jpg lie in folders called 1 to 7; they are read in its \
                     order (1 surprise to 7 neutral)"
            .to_owned(),
        label_set: LabelSet::rafdb(),
        numbers: Vec::new(),
        images: found.into_iter().filter_map(labelled).collect(),
        // Tables beside the folders repeat what these say.
        read: listing.tables(),
        excluded: Vec::new(),
        problems: ProblemList::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_split_and_the_number() {
        assert_eq!(split_and_number("a/train_00012_aligned.jpg"), Some(("train", "00012", true)));
        assert_eq!(split_and_number("test_0003.jpg"), Some(("test", "0003", false)));
        for other in ["train_.jpg", "train.jpg", "valid_0001.jpg", "train_1_2.jpg", "train_0001_masked.jpg"] {
            assert_eq!(split_and_number(other), None, "{other}");
        }
        assert_eq!((class("1"), class("7"), class("0"), class("8"), class("x")), (Some(0), Some(6), None, None, None));
    }
}
