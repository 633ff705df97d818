//! Real faces with real votes, where they are at hand: in the folder that `MIEN_FERPLUS` names, else in
//! `../shared/data/ferplus`. They may not be redistributed, so the tests are skipped where they are not there.

use std::path::{Path, PathBuf};
use std::time::Instant;

use mien::affect::LabelSet;
use mien::dataset::{DroppedFile, FileSource, Split, Twins};

use super::support::{dataset, import};

fn archives(names: &[&str]) -> Option<Vec<DroppedFile>> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ferplus");
    let folder = std::env::var_os("MIEN_FERPLUS").map_or_else(default, PathBuf::from);
    let open = |name: &&str| Some(DroppedFile::new(*name, FileSource::new(folder.join(name)).ok()?));
    let files = names.iter().map(open).collect();
    if Option::is_none(&files) {
        println!("skipped: {} has no {names:?}", folder.display());
    }
    files
}

#[test]
fn the_small_archive_gives_every_face() {
    let Some(files) = archives(&["ferplus-mini.zip"]) else { return };
    let dataset = dataset(files);
    assert_eq!((dataset.samples.len(), dataset.problem_count), (800, 0));
    assert_eq!(dataset.label_set, LabelSet::ferplus());
    assert!(dataset.excluded.is_empty() && !dataset.own_splits);
    let summary = dataset.summary(&Twins::default());
    // 100 of each class: 70, 15 and 15.
    assert_eq!(summary.counts, [vec![70; 8], vec![15; 8], vec![15; 8]]);
}

#[test]
fn the_majority_protocol_leaves_3371_test_faces() {
    let Some(files) = archives(&["ferplus-test.zip"]) else { return };
    let start = Instant::now();
    let (dataset, _) = import(files).unwrap();
    println!("{:.0} images a second", dataset.samples.len() as f64 / start.elapsed().as_secs_f64());
    assert_eq!((dataset.samples.len(), dataset.problem_count), (3371, 0));
    let excluded: Vec<usize> = dataset.excluded.iter().map(|(_, count)| *count).collect();
    assert_eq!(excluded, [28, 174], "unknown, tied");
    assert!(!dataset.own_splits, "a test split alone cannot be trained on");
}

#[test]
fn the_archives_together_have_splits_of_their_own() {
    let Some(files) = archives(&["ferplus-mini.zip", "ferplus-valid.zip", "ferplus-test.zip"]) else { return };
    let dataset = dataset(files);
    assert!(dataset.recognised.ends_with("its own splits are used (validation, test)."), "{}", dataset.recognised);
    assert_eq!(dataset.indices(Split::Train).len(), 800, "what names no split is for training");
    let valid = dataset.samples.iter().filter(|sample| sample.name.contains("FER2013Valid"));
    assert_eq!(valid.clone().count(), 3396);
    assert!(valid.clone().all(|sample| sample.split == Some(Split::Validation)));
    assert_eq!(dataset.indices(Split::Test).len(), 3371);
}

/// Run with `--ignored`: the whole training archive, 28,558 images.
#[test]
#[ignore = "takes a while; says how many images are read in a second"]
fn the_training_archive_is_read_fast() {
    let Some(files) = archives(&["ferplus-train.zip"]) else { return };
    let start = Instant::now();
    let (dataset, _) = import(files).unwrap();
    let rate = dataset.samples.len() as f64 / start.elapsed().as_secs_f64();
    println!("{rate:.0} images a second");
    assert_eq!(dataset.samples.len(), 26940);
    assert!(rate > 1000.0, "{rate:.0} images a second");
}
