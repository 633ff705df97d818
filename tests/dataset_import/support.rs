//! Drops made in a line.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use mien::dataset::{Dataset, DroppedFile, FileSource, Import, ImportError, MemoryPixelStore, MemorySource, Problem};
use mien::dataset::{Opening, Sample, SplitPlan};
use mien::imaging::Pixels;

/// A dropped file that lies in memory.
pub fn file(path: &str, bytes: impl Into<Vec<u8>>) -> DroppedFile {
    DroppedFile::new(path, MemorySource::new(bytes.into()))
}

/// A PNG of one gray shade.
pub fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::GrayImage::from_pixel(6, 4, image::Luma([shade])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A zip of these files, deflated.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        writer.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Imports to the end.
pub fn import(files: Vec<DroppedFile>) -> Result<(Dataset, MemoryPixelStore), ImportError> {
    import_as(files, &Opening::default())
}

/// Imports to the end, as a person says.
pub fn import_as(files: Vec<DroppedFile>, opening: &Opening) -> Result<(Dataset, MemoryPixelStore), ImportError> {
    let mut store = MemoryPixelStore::new();
    let mut import = Import::open_as(files, SplitPlan::default(), opening)?;
    while import.step(&mut store) {}
    assert_eq!(import.done(), import.total());
    Ok((import.finish()?, store))
}

/// Imports what is dropped, which must be good for something.
pub fn dataset(files: Vec<DroppedFile>) -> Dataset {
    import(files).unwrap_or_else(|error| panic!("{error}")).0
}

/// The sentence with which an import that is good for nothing ends.
pub fn refusal(files: Vec<DroppedFile>) -> String {
    import(files).err().expect("nothing to import").to_string()
}

/// A fixture of the usual tools (see `tests/golden/make_dataset_fixtures.py`), dropped under its own name.
pub fn fixture(name: &str) -> DroppedFile {
    DroppedFile::new(name, FileSource::new(golden(name)).unwrap())
}

/// Where a fixture lies.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/dataset").join(name)
}

/// Samples by name, class name and split.
pub fn described(dataset: &Dataset) -> Vec<(&str, &str, &str)> {
    let class = |sample: &Sample| sample.annotation.class().map_or("", |class| &dataset.label_set.classes()[class]);
    dataset.samples.iter().map(|sample| (sample.name.as_str(), class(sample), split_name(sample))).collect()
}

/// Samples by name and class name.
pub fn classes(dataset: &Dataset) -> Vec<(&str, &str)> {
    described(dataset).into_iter().map(|(name, class, _)| (name, class)).collect()
}

/// Problems as a person reads them.
pub fn sentences(dataset: &Dataset) -> Vec<String> {
    assert_eq!(dataset.problem_count, dataset.problems.len());
    dataset.problems.iter().map(Problem::to_string).collect()
}

/// A gray image of the size that [`png`] makes.
pub fn shade(shade: u8) -> Pixels {
    Pixels::filled(6, 4, 1, shade)
}

/// The name of a sample's split: an import gives every sample one.
pub fn split_name(sample: &Sample) -> &'static str {
    sample.split.expect("an import leaves out nothing that it lists").name()
}
