//! The layout *folder per class*: what a face shows is the name of a folder it lies in, at any depth.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::problem_list::ProblemList;
use super::{classes, paths};
use crate::affect::{Annotation, Expression, LabelSet};

/// An image and the folders that may name its class, outermost first: without those that name a split, and without
/// the archive it lies in (unless that names an expression, or there is no other).
struct Nested<'a> {
    image: usize,
    folders: Vec<&'a str>,
}

/// Reads the listing, if its folders are called after expressions.
pub(super) fn read_expressions(listing: &mut Listing) -> Option<Labelling> {
    let nested = nested(listing);
    Some(labelling(listing, &nested, &by_expression(&nested)?))
}

/// Reads the listing, if its images lie in different folders, whatever those are called.
pub(super) fn read_any(listing: &mut Listing) -> Option<Labelling> {
    let nested = nested(listing);
    Some(labelling(listing, &nested, &by_level(&nested)?))
}

/// Whether folders are called after expressions.
pub(super) fn fits_expressions(listing: &Listing) -> bool {
    by_expression(&nested(listing)).is_some()
}

/// Whether there are folders that may be classes, and other ones than those called after expressions.
pub(super) fn fits_any(listing: &Listing) -> bool {
    let nested = nested(listing);
    let Some(found) = by_level(&nested) else { return false };
    let names: HashSet<&str> = found.iter().flatten().copied().collect();
    names.len() <= classes::MOST_CLASSES && by_expression(&nested).is_none_or(|expressions| expressions != found)
}

fn nested(listing: &Listing) -> Vec<Nested<'_>> {
    listing.images().map(|image| Nested::of(listing.path(image), image)).collect()
}

/// The labelling by the folder that was found for each image.
fn labelling(listing: &Listing, nested: &[Nested], found: &[Option<&str>]) -> Labelling {
    let names: BTreeSet<&str> = found.iter().flatten().copied().collect();
    let mut problems = ProblemList::default();
    let mut images = Vec::new();
    let mut label_set = LabelSet::custom("Custom", Vec::<String>::new());
    if names.len() > classes::MOST_CLASSES {
        let message =
            format!("{} folders of images are too many to be classes; put each class in one folder", names.len());
        problems.push_file(listing.path(0), message);
    } else {
        label_set = classes::label_set(names.iter().copied());
        let class_of: HashMap<&str, usize> =
            names.iter().filter_map(|name| Some((*name, label_set.index_of(name)?))).collect();
        let mut without = Vec::new();
        for (Nested { image, .. }, class) in nested.iter().zip(found) {
            let path = listing.path(*image);
            match class.and_then(|name| class_of.get(name)) {
                Some(class) => images.push(LabelledImage::file(
                    *image,
                    Annotation::one_hot(*class, label_set.len()),
                    paths::split_of_folders(path),
                )),
                None => without.push(path),
            }
        }
        let place = without.first().copied().unwrap_or_default();
        problems.push_files(place, &without, "lies in no folder that names a class; it is left out");
    }
    let recognised = format!("a folder per class because the images lie in folders called {}", listed(&names));
    // Folders called 0, 1, 2.
    let numbers = label_set.classes().iter().map(|name| name.parse().ok()).collect::<Option<_>>().unwrap_or_default();
    Labelling { recognised, label_set, numbers, images, read: Vec::new(), excluded: Vec::new(), problems }
}

impl<'a> Nested<'a> {
    fn of(path: &'a str, image: usize) -> Self {
        let all: Vec<&str> = paths::folders(path).collect();
        let names = all.iter().map(|folder| paths::without_zip(folder));
        let mut folders: Vec<&str> = names.filter(|folder| paths::split_of_folder(folder).is_none()).collect();
        let archived = all.first().is_some_and(|outermost| paths::kind(outermost) == paths::Kind::Zip);
        let spare = folders.len() > 1 && folders.first().is_some_and(|first| is_spare(first, all[0]));
        if archived && spare {
            folders.remove(0);
        }
        Nested { image, folders }
    }
}

/// Whether the outermost folder is the archive itself, and names no expression.
fn is_spare(first: &str, archive: &str) -> bool {
    first == paths::without_zip(archive) && Expression::from_name(first).is_none()
}

/// The class of each image by the innermost folder that names an expression, or that lies beside such folders; if that
/// gives at least half of the images a class.
fn by_expression<'a>(nested: &[Nested<'a>]) -> Option<Vec<Option<&'a str>>> {
    let expression = |folders: &[&str]| folders.iter().rposition(|folder| Expression::from_name(folder).is_some());
    let homes: HashSet<&[&str]> =
        nested.iter().filter_map(|Nested { folders, .. }| Some(&folders[..expression(folders)?])).collect();
    let beside = |folders: &[&str]| (0..folders.len()).rev().find(|depth| homes.contains(&folders[..*depth]));
    let class = |Nested { folders, .. }: &Nested<'a>| Some(folders[expression(folders).or_else(|| beside(folders))?]);
    let found: Vec<_> = nested.iter().map(class).collect();
    let covered = found.iter().flatten().count();
    (covered > 0 && covered * 2 >= found.len()).then_some(found)
}

/// The class of each image by the outermost level of folders at which there are different ones.
fn by_level<'a>(nested: &[Nested<'a>]) -> Option<Vec<Option<&'a str>>> {
    let deepest = nested.iter().map(|Nested { folders, .. }| folders.len()).max()?;
    let at = |level: usize| nested.iter().map(move |Nested { folders, .. }| folders.get(level).copied());
    let level = (0..deepest).find(|level| {
        let mut names = at(*level).flatten();
        let first = names.next();
        names.any(|name| Some(name) != first)
    })?;
    Some(at(level).collect())
}

/// The first few names, and how many more there are.
fn listed(names: &BTreeSet<&str>) -> String {
    const FEW: usize = 8;
    let first = names.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
    if names.len() > FEW { format!("{first} and {} more", names.len() - FEW) } else { first }
}
