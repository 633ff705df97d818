//! The layout *arrays beside images*: image files, and `expressions.npy`, `valence.npy`, `arousal.npy` with one value an
//! image, the images in the order a person would put their names in.

use super::array_groups::{Group, Role, groups};
use super::classes::natural;
use super::label_arrays::LabelArrays;
use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::paths;

/// Whether label arrays lie beside or above images.
pub(super) fn fits(listing: &Listing) -> bool {
    let labels = |group: &Group| group.arrays.keys().any(|role| *role != Role::Images);
    let groups: Vec<Group> = groups(listing).into_iter().filter(labels).collect();
    !groups.is_empty() && listing.images().any(|image| groups.iter().any(|group| group.owns(listing.path(image))))
}

/// Reads the listing, if label arrays lie beside or above its images.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let mut free: Vec<Option<usize>> = listing.images().map(Some).collect();
    let mut owned: Vec<(Group, Vec<usize>)> = Vec::new();
    // The deepest folders first: `train/` takes its images before the folder that all lies in does.
    for group in groups(listing).into_iter().filter(|group| group.arrays.keys().any(|role| *role != Role::Images)) {
        let mut images = Vec::new();
        for image in &mut free {
            images.extend(image.take_if(|image| group.owns(listing.path(*image))));
        }
        if !images.is_empty() {
            images.sort_by(|a, b| natural(listing.path(*a), listing.path(*b)));
            owned.push((group, images));
        }
    }
    let (first, _) = owned.first()?;
    let example = listing.path(*first.arrays.values().min()?).to_owned();
    let mut arrays = LabelArrays::default();
    for (group, images) in &owned {
        arrays.read(listing, group, images.len());
    }
    let settled = arrays.settle();
    let mut images = Vec::new();
    let mut unlabelled = 0;
    for ((group, files), annotations) in owned.into_iter().zip(settled.annotations) {
        for (file, annotation) in files.into_iter().zip(annotations) {
            if annotation.is_empty() {
                unlabelled += 1;
                continue;
            }
            let split = group.split.or_else(|| paths::split_of_folders(listing.path(file)));
            images.push(LabelledImage::file(file, annotation, split));
        }
    }
    let unnamed: Vec<&str> = free.into_iter().flatten().map(|image| listing.path(image)).collect();
    arrays.problems.push_files(&example, &unnamed, "lies beside no array of labels; it is left out");
    Some(Labelling {
        recognised: format!(
            "arrays of labels because {example} has a value for each image, in the order of their names{}",
            settled.how
        ),
        label_set: settled.label_set,
        numbers: settled.numbers,
        images,
        read: arrays.read,
        excluded: if unlabelled > 0 { vec![("no usable label".to_owned(), unlabelled)] } else { vec![] },
        problems: arrays.problems,
    })
}

impl Group {
    /// Whether an image is one of those that the arrays speak of: it lies in their folder or below, and where they are for
    /// one split, in a folder of that split.
    fn owns(&self, image: &str) -> bool {
        let below =
            self.folder.is_empty() || image.strip_prefix(&self.folder).is_some_and(|rest| rest.starts_with('/'));
        below && (self.split.is_none() || paths::split_of_folders(image) == self.split)
    }
}
