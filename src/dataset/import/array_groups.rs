//! Which arrays belong together, and what each holds, by their names.

use std::collections::HashMap;

use super::columns::{AROUSAL, EXPRESSION, IMAGE, VALENCE, fold};
use super::listing::Listing;
use super::paths::{self, Kind};
use crate::dataset::Split;

/// What an array holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Images,
    Expression,
    Valence,
    Arousal,
}

impl Role {
    /// By the names that columns have too, and by `x` and `y`.
    fn of(name: &str) -> Option<Role> {
        let name = fold(name);
        let is = |names: &[&str], more: &[&str]| names.contains(&name.as_str()) || more.contains(&name.as_str());
        [
            (Role::Images, is(IMAGE, &["x", "data", "faces", "pixels"])),
            (Role::Expression, is(EXPRESSION, &["y", "classes", "targets"])),
            (Role::Valence, is(VALENCE, &["valences"])),
            (Role::Arousal, is(AROUSAL, &["arousals"])),
        ]
        .into_iter()
        .find_map(|(role, fits)| fits.then_some(role))
    }
}

/// The arrays that belong together: they lie in one folder, and are for one split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) folder: String,
    pub(super) split: Option<Split>,
    pub(super) arrays: HashMap<Role, usize>,
}

/// The groups of arrays whose names say what they hold, those in the deepest folders first.
pub(super) fn groups(listing: &Listing) -> Vec<Group> {
    let mut found: HashMap<(&str, Option<Split>), HashMap<Role, usize>> = HashMap::new();
    for array in listing.of_kind(Kind::Array) {
        let path = listing.path(array);
        if let Some((role, split)) = role_and_split(path) {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            found.entry((folder, split)).or_default().entry(role).or_insert(array);
        }
    }
    let group = |((folder, split), arrays): ((&str, _), _)| Group { folder: folder.to_owned(), split, arrays };
    let mut groups: Vec<Group> = found.into_iter().map(group).collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.folder.len()), group.arrays.values().min().copied()));
    groups
}

/// What an array holds, and for which split: `valence.npy`, `y_train.npy`, `val/images.npy`.
fn role_and_split(path: &str) -> Option<(Role, Option<Split>)> {
    let name = paths::file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // `val.npy` is valence, and `val_images.npy` are the images of the validation split.
    if let Some(role) = Role::of(stem) {
        return Some((role, paths::split_of_folders(path)));
    }
    let split = paths::split_of_name(stem)?;
    let rest = paths::words(stem).into_iter().filter(|word| paths::split_of_name(word).is_none());
    Some((Role::of(&rest.collect::<String>())?, Some(split)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_an_array_holds() {
        use Role::{Arousal, Expression, Images, Valence};
        for (path, expected) in [
            ("d/images.npy", Some((Images, None))),
            ("d/expressions.npy", Some((Expression, None))),
            ("d/val.npy", Some((Valence, None))),
            ("d/train/arousal.npy", Some((Arousal, Some(Split::Train)))),
            ("x_train.npy", Some((Images, Some(Split::Train)))),
            ("y_test.npy", Some((Expression, Some(Split::Test)))),
            ("val_images.npy", Some((Images, Some(Split::Validation)))),
            ("trainLabels.npy", Some((Expression, Some(Split::Train)))),
            ("train.npy", None),
            ("12_exp.npy", None),
            ("landmarks.npy", None),
        ] {
            assert_eq!(role_and_split(path), expected, "{path}");
        }
    }
}
