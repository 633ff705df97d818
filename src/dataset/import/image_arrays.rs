//! The layout *arrays*: `images.npy` (or `x_train.npy`, ...), and the arrays of its labels beside it.

use super::array_groups::{Group, Role, groups};
use super::array_items::Items;
use super::label_arrays::LabelArrays;
use super::layout::{Label, LabelledImage, Labelling};
use super::listing::Listing;
use super::picture::Picture;
use super::problem_list::ProblemList;

/// Whether there are arrays of images.
pub(super) fn fits(listing: &Listing) -> bool {
    groups(listing).iter().any(|group| group.arrays.contains_key(&Role::Images))
}

/// Reads the listing, if it holds arrays of images.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let mut problems = ProblemList::default();
    let mut read = Vec::new();
    let mut found: Vec<(Group, usize, Items)> = Vec::new();
    for group in groups(listing) {
        let Some(array) = group.arrays.get(&Role::Images).copied() else { continue };
        read.push(array);
        match Items::open(listing, array) {
            Ok(items) => found.push((group, array, items)),
            Err(error) => {
                problems.push_file(listing.path(array), error);
                read.extend(group.arrays.values());
            }
        }
    }
    let recognised = read.first().map(|array| format!("arrays because {} holds", listing.path(*array)))?;
    // One that cannot be read is no reason to pass image files by.
    if found.is_empty() && listing.images().next().is_some() {
        return None;
    }
    let mut labels = LabelArrays::default();
    let mut shapes = Vec::new();
    for (group, array, items) in &found {
        if let Some(warning) = items.warning() {
            problems.push_file(listing.path(*array), warning);
        }
        if group.arrays.len() == 1 {
            let message =
                "has no array of labels beside it (expressions.npy, valence.npy, arousal.npy); it is not read";
            problems.push_file(listing.path(*array), message);
        }
        labels.read(listing, group, items.count());
        shapes.push(items.described());
    }
    let settled = labels.settle();
    let mut images = Vec::new();
    let mut unlabelled = 0;
    for ((group, array, items), annotations) in found.iter().zip(settled.annotations) {
        let whole = items.whole();
        for (row, annotation) in (1..=whole).zip(annotations) {
            if annotation.is_empty() {
                unlabelled += 1;
                continue;
            }
            let picture = Picture::Row { file: *array, row };
            images.push(LabelledImage { picture, label: Label::Known(annotation), split: group.split, person: None });
        }
    }
    problems.append(labels.problems);
    let unread: Vec<&str> = listing.images().map(|image| listing.path(image)).collect();
    problems.push_files(
        unread.first().copied().unwrap_or_default(),
        &unread,
        "lies beside an array of images; it is not read",
    );
    read.extend(labels.read);
    Some(Labelling {
        recognised: format!("{recognised} {}{}", shapes.first().map_or("images", String::as_str), settled.how),
        label_set: settled.label_set,
        numbers: settled.numbers,
        images,
        read,
        excluded: if unlabelled > 0 { vec![("no usable label".to_owned(), unlabelled)] } else { vec![] },
        problems,
    })
}
