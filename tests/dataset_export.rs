//! Datasets out again: what is written opens here as the same, and in other programs (`tests/golden/read_export.py`).
#![cfg(feature = "engine")]

#[path = "dataset_import/support.rs"]
#[allow(dead_code)]
mod support;

use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use mien::affect::{Annotation, LabelSet};
use mien::dataset::{
    ArchiveWriter, Dataset, Export, ExportError, MemoryPixelStore, PixelStore, Sample, Split, SplitPlan,
};
use mien::imaging::{Fingerprint, Pixels, decode};
use support::{file, fixture, import, sentences};

/// A dataset and its pixels.
type Faces = (Dataset, MemoryPixelStore);

/// Writes to the end.
fn export((dataset, pixels): &Faces) -> Vec<u8> {
    let mut export = Export::open(dataset, Vec::new()).unwrap();
    while export.step(pixels).unwrap() {}
    assert_eq!(export.done(), export.total());
    export.finish().unwrap()
}

/// A picture that no other index has; every third in colour.
fn picture(index: usize) -> Pixels {
    let (width, height, channels) = (5 + index % 4, 7, if index.is_multiple_of(3) { 3 } else { 1 });
    let data = (0..width * height * channels).map(|i| (i * 37 + index * 11) as u8).collect();
    Pixels { width, height, channels, data }
}

/// Faces of these annotations, in these splits.
fn faces(label_set: LabelSet, faces: Vec<(&str, Annotation, Option<Split>)>) -> Faces {
    let mut pixels = MemoryPixelStore::new();
    let mut looks = Vec::new();
    for index in 0..faces.len() {
        pixels.push(&picture(index)).unwrap();
        looks.push((Annotation::default(), Fingerprint::of(&picture(index))));
    }
    let mut dataset = Dataset::sample_faces(looks, &SplitPlan::default());
    dataset.label_set = label_set;
    for (sample, (name, annotation, split)) in dataset.samples.iter_mut().zip(faces) {
        *sample = Sample { name: name.into(), annotation, split, ..sample.clone() };
    }
    (dataset, pixels)
}

/// What must be the same again: the name of the class or the distribution, valence, arousal, split, pixels.
fn known((dataset, pixels): &Faces) -> Vec<(String, Annotation, &'static str, Pixels)> {
    let describe = |(index, sample): (usize, &Sample)| {
        let annotation = sample.annotation.clone();
        let class = annotation.class().map_or(String::new(), |class| dataset.label_set.classes()[class].clone());
        (class, annotation, sample.split.map_or("", |split| split.name()), pixels.get(index).unwrap())
    };
    let kept = |sample: &Sample| sample.split.is_some() && !sample.annotation.is_empty();
    dataset.samples.iter().enumerate().filter(|(_, sample)| kept(sample)).map(describe).collect()
}

/// Out and in again.
fn again(faces: &Faces) -> Faces {
    let again = import(vec![file("again.zip", export(faces))]).unwrap();
    assert_eq!(sentences(&again.0), [""; 0]);
    again
}

fn annotation(expression: Option<Vec<f32>>, valence: Option<f32>, arousal: Option<f32>) -> Annotation {
    Annotation { expression, valence, arousal }
}

const TRAIN: Option<Split> = Some(Split::Train);
const VALIDATION: Option<Split> = Some(Split::Validation);
const TEST: Option<Split> = Some(Split::Test);

/// Soft labels, missing ones, names that a table has to quote, one face left out, one of which nothing is known.
fn soft_faces() -> Faces {
    let third = 1.0_f32 / 3.0;
    let soft = |weights: [f32; 3]| Some(Vec::from(weights));
    faces(
        LabelSet::custom("Custom", ["happy", "not sure", "so, \"so\""]),
        vec![
            ("d.zip/a, b.png", annotation(soft([0.1, 0.2, 0.7]), Some(0.1), Some(-1.0)), TRAIN),
            ("d.zip/\"c\".png", annotation(soft([third, third, 1.0 - 2.0 * third]), None, None), VALIDATION),
            ("left out.png", annotation(soft([1.0, 0.0, 0.0]), None, None), None),
            ("d.zip/\u{fc}.png", annotation(None, Some(-0.333_333_34), Some(1e-7)), TEST),
            ("unknown.png", annotation(None, None, None), TRAIN),
            ("faces.csv, row 17", annotation(soft([0.0, 1.0, 0.0]), Some(0.0), None), TRAIN),
        ],
    )
}

#[test]
fn soft_labels_come_back_to_the_last_bit() {
    let before = soft_faces();
    let after = again(&before);
    assert_eq!(after.0.label_set, before.0.label_set);
    assert_eq!(known(&after), known(&before));
    assert_eq!(after.0.samples.len(), 4);
    let names: Vec<&str> = after.0.samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names, [1, 2, 3, 4].map(|i| format!("again.zip/images/0000{i}.png")));
}

#[test]
fn real_layouts_come_back() {
    for name in
        ["folders.zip", "table_comma.zip", "../layouts/seed.zip", "../layouts/seed_soft.zip", "../layouts/afew_va.zip"]
    {
        let before = import(vec![fixture(name)]).unwrap();
        let after = again(&before);
        // Classes go by name, and their order by those that occur.
        let by_name = |faces: &Faces| {
            let soft = |annotation: Annotation| Annotation { expression: None, ..annotation };
            known(faces)
                .into_iter()
                .map(|(class, rest, split, pixels)| (class, soft(rest), split, pixels))
                .collect::<Vec<_>>()
        };
        assert_eq!(by_name(&after), by_name(&before), "{name}");
        assert_eq!(known(&again(&after)), known(&after), "{name}: from then on nothing changes");
    }
}

#[test]
fn classes_that_read_as_numbers_stay_what_they_are() {
    let face = |class| annotation(Annotation::one_hot(class, 3).expression, None, None);
    // In natural order, as classes of no known name are.
    let label_set = LabelSet::custom("Custom", ["0", "2", "nan"]);
    let before = faces(label_set, vec![("a", face(0), TRAIN), ("b", face(1), VALIDATION), ("c", face(2), TEST)]);
    let after = again(&before);
    assert_eq!((after.0.label_set.classes(), known(&after)), (before.0.label_set.classes(), known(&before)));
}

#[test]
fn faces_with_valence_alone_come_back() {
    let face = |valence| annotation(None, Some(valence), None);
    let label_set = LabelSet::custom("None", [""; 0]);
    let before =
        faces(label_set, vec![("a", face(0.5), TRAIN), ("b", face(-0.25), VALIDATION), ("c", face(1.0), TEST)]);
    assert_eq!(known(&again(&before)), known(&before));
}

#[test]
fn what_cannot_be_read_or_written_is_said() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (dataset, pixels) = soft_faces();
    let error = Export::open(&dataset, Full).err().unwrap();
    assert_eq!(error.to_string(), "The dataset could not be written: the disk is full.");
    let error = Export::open(&dataset, Vec::new()).unwrap().step(&MemoryPixelStore::new()).unwrap_err();
    assert!(matches!(error, ExportError::Store(_)), "{error}");
    drop(pixels);
}

/// Where the archive lies that other programs were shown.
fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/export").join(name)
}

/// Names and contents; pictures decoded.
fn contents(archive: Vec<u8>) -> Vec<(String, Result<Pixels, String>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let count = archive.len();
    let read = |index| {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().to_owned(), decode(&bytes).map_err(|_| String::from_utf8(bytes).unwrap()))
    };
    (0..count).map(read).collect()
}

/// What `read_export.py` read by zipfile, pandas and Pillow from `faces.zip`, which this test wrote once: it writes it anew
/// where `MIEN_WRITE_GOLDEN` is set.
#[test]
fn other_programs_read_what_was_written() {
    let before = soft_faces();
    let archive = export(&before);
    if std::env::var_os("MIEN_WRITE_GOLDEN").is_some() {
        std::fs::write(golden("faces.zip"), &archive).unwrap();
    }
    assert_eq!(contents(archive), contents(std::fs::read(golden("faces.zip")).unwrap()), "the same is written today");

    let read: serde_json::Value = serde_json::from_slice(&std::fs::read(golden("faces.json")).unwrap()).unwrap();
    let columns = ["image", "expression", "valence", "arousal", "split", "source"].map(String::from).into_iter();
    let classes = before.0.label_set.classes();
    let columns: Vec<String> = columns.chain(classes.iter().map(|class| format!("probability_{class}"))).collect();
    assert_eq!(read["columns"], serde_json::json!(columns));
    assert_eq!(read["damaged"], serde_json::Value::Null);
    let rows = read["rows"].as_array().unwrap();
    let known = known(&before);
    assert_eq!(rows.len(), known.len());
    let sources = before.0.samples.iter().filter(|sample| sample.split.is_some() && !sample.annotation.is_empty());
    for ((row, (class, annotation, split, pixels)), source) in rows.iter().zip(&known).zip(sources) {
        assert_eq!(row["expression"].as_str().unwrap_or_default(), class);
        assert_eq!((row["split"].as_str(), row["source"].as_str()), (Some(*split), Some(&*source.name)));
        let number = |column: &str| row[column].as_f64().map(|value| value as f32);
        assert_eq!((number("valence"), number("arousal")), (annotation.valence, annotation.arousal));
        let weights: Option<Vec<f32>> = classes.iter().map(|class| number(&format!("probability_{class}"))).collect();
        assert_eq!(weights, annotation.expression);
        let samples: Vec<u8> = row["pixels"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as u8).collect();
        assert_eq!(
            (&row["mode"], samples),
            (&serde_json::json!(if pixels.channels == 1 { "L" } else { "RGB" }), pixels.data.clone())
        );
        assert_eq!(row["size"], serde_json::json!([pixels.width, pixels.height]));
    }
}

#[test]
fn more_entries_than_16_bits_count() {
    let mut writer = ArchiveWriter::new(Vec::new());
    for entry in 0..70_000_u32 {
        writer.add(&format!("{entry}"), &entry.to_le_bytes()).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(archive.len(), 70_000);
    for entry in [0, 65_535, 69_999_u32] {
        let mut read = Vec::new();
        archive.by_name(&entry.to_string()).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, entry.to_le_bytes());
    }
}

/// A file with a hole in it, which takes no room on the disk.
#[test]
fn entries_beyond_four_gibibytes() {
    let path = std::env::temp_dir().join(format!("mien-far-{}.zip", std::process::id()));
    let file = std::fs::File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
    let mut writer = ArchiveWriter::new(file);
    assert!(writer.begin("too large", (1 << 32) - 1, 0).is_err());
    for name in ["a hole", "another"] {
        let hole = (1 << 32) - 2;
        writer.begin(name, hole, 0).unwrap().seek(SeekFrom::Current(hole as i64)).unwrap();
    }
    writer.add("happy/far.png", &support::png(9)).unwrap();
    let mut file = writer.finish().unwrap();
    assert!(file.stream_position().unwrap() > 2 << 32);
    let mut archive = zip::ZipArchive::new(&file).unwrap();
    let mut read = Vec::new();
    archive.by_name("happy/far.png").unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read, support::png(9));
    let source = mien::dataset::FileSource::new(&path).unwrap();
    let dataset = support::dataset(vec![mien::dataset::DroppedFile::new("far.zip", source)]);
    assert_eq!(support::classes(&dataset), [("far.zip/happy/far.png", "happy")]);
    std::fs::remove_file(path).unwrap();
}
