//! The layout *AFEW-VA* (Kossaifi et al. 2017): a folder a clip, with its frames as images and a JSON file that gives
//! valence and arousal, -10 to 10, of each frame by its number.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::paths::{self, Kind};
use super::problem_list::ProblemList;
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Place;

/// The largest value, either way.
const SCALE: f32 = 10.0;

/// A clip's file. What else stands in it (the landmarks) is passed over.
#[derive(Deserialize)]
struct Clip {
    actor: Option<String>,
    frames: HashMap<String, Frame>,
}

#[derive(Deserialize)]
struct Frame {
    valence: Option<f32>,
    arousal: Option<f32>,
}

/// Whether the first JSON file beside images gives valence and arousal of frames.
pub(super) fn fits(listing: &mut Listing) -> bool {
    let homes: HashSet<&str> = listing.images().map(|image| split(listing.path(image)).0).collect();
    let first = listing.of_kind(Kind::Json).into_iter().find(|text| homes.contains(split(listing.path(*text)).0));
    let mut bytes = Vec::new();
    let is_clip = |bytes: &[u8]| serde_json::from_slice::<Clip>(bytes).is_ok();
    first.is_some_and(|text| listing.read_text(text, &mut bytes).is_ok() && is_clip(&bytes))
}

/// Reads the listing, if a JSON file in it gives valence and arousal of frames.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let texts = listing.of_kind(Kind::Json);
    // The images of each folder, by their names without extension.
    let mut folders: HashMap<String, HashMap<String, usize>> = HashMap::new();
    for image in listing.images() {
        let (folder, name) = split(listing.path(image));
        folders.entry(folder.to_owned()).or_default().insert(name.to_owned(), image);
    }
    let (mut images, mut problems, mut read, mut unlabelled) = (Vec::new(), ProblemList::default(), Vec::new(), 0);
    let mut bytes = Vec::new();
    for text in texts {
        let path = listing.path(text).to_owned();
        let Some(frames) = folders.get_mut(split(&path).0) else { continue };
        let clip = match listing.read_text(text, &mut bytes).map(|()| serde_json::from_slice::<Clip>(&bytes)) {
            Ok(Ok(clip)) => clip,
            // Some other JSON, unless there are clips beside it.
            Ok(Err(error)) => {
                let place =
                    Place { file: path, row: Some(error.line() as u64), column: Some(error.column().to_string()) };
                problems
                    .push(place, format!("is no list of frames with valence and arousal ({error}); it is not read"));
                continue;
            }
            Err(error) => {
                problems.push_file(&path, error.to_string());
                continue;
            }
        };
        read.push(text);
        let mut numbers: Vec<_> = clip.frames.into_iter().collect();
        numbers.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (number, frame) in numbers {
            let place = Place { file: path.clone(), row: None, column: Some(format!("frame {number}")) };
            let Some(image) = frames.remove(&number) else {
                problems.push(place, "names a frame that was not dropped");
                continue;
            };
            let mut value = |value: Option<f32>| {
                let value = value?;
                if (-SCALE..=SCALE).contains(&value) {
                    return Some(value / SCALE);
                }
                problems.push(place.clone(), format!("expected valence and arousal from -10 to 10, found {value}"));
                None
            };
            let (valence, arousal) = (value(frame.valence), value(frame.arousal));
            let annotation = Annotation { expression: None, valence, arousal };
            if annotation.is_empty() {
                unlabelled += 1;
            } else {
                let person = clip.actor.clone();
                let split = paths::split_of_folders(&path);
                images.push(LabelledImage { person, ..LabelledImage::file(image, annotation, split) });
            }
        }
    }
    let first = *read.first()?;
    let mut unnamed: Vec<usize> = folders.into_values().flat_map(HashMap::into_values).collect();
    unnamed.sort_unstable();
    let unnamed: Vec<&str> = unnamed.into_iter().map(|image| listing.path(image)).collect();
    problems.push_files(listing.path(first), &unnamed, "is named by no JSON file in its folder; it is left out");
    Some(Labelling {
        recognised: format!("AFEW-VA because {} gives valence and arousal of each frame", listing.path(first)),
        label_set: LabelSet::custom("Custom", Vec::<String>::new()),
        numbers: Vec::new(),
        images,
        read,
        excluded: if unlabelled > 0 { vec![("no usable label".to_owned(), unlabelled)] } else { vec![] },
        problems,
    })
}

/// The folder of a file, and its name without extension.
fn split(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder, name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}
