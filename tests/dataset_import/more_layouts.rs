//! Every layout in use, as the usual tools write it (`tests/golden/make_layouts.py`). The `i`th image of each has the shade
//! `10 * i`, so that a test sees which label went to which image.

use std::path::Path;

use mien::affect::LabelSet;
use mien::dataset::{Dataset, DroppedFile, FileSource, MemoryPixelStore, PixelStore};

use super::support::{file, import, png, sentences, split_name};

const VALENCE: [f32; 6] = [-1.0, -0.5, 0.0, 0.25, 0.5, 1.0];
const AROUSAL: [f32; 6] = [0.5, -0.25, 0.125, 1.0, -1.0, 0.0];

fn layout(name: &str) -> DroppedFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/layouts").join(name);
    DroppedFile::new(name, FileSource::new(path).unwrap())
}

/// Imports a layout, which must be without a problem.
fn open(name: &str) -> (Dataset, MemoryPixelStore) {
    let (dataset, store) = import(vec![layout(name)]).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(sentences(&dataset), [""; 0], "{name}");
    (dataset, store)
}

/// What each image shows by its shade, its class and its split, by shade.
fn labelled<'a>(dataset: &'a Dataset, store: &MemoryPixelStore) -> Vec<(u8, &'a str, &'a str)> {
    let name = |class: usize| dataset.label_set.classes()[class].as_str();
    let sample = |(i, sample): (usize, &'a mien::dataset::Sample)| {
        (shade(store, i), sample.annotation.class().map_or("", name), split_name(sample))
    };
    let mut samples: Vec<_> = dataset.samples.iter().enumerate().map(sample).collect();
    samples.sort_unstable();
    samples
}

fn classes<'a>(dataset: &'a Dataset, store: &MemoryPixelStore) -> Vec<(u8, &'a str)> {
    labelled(dataset, store).into_iter().map(|(shade, class, _)| (shade, class)).collect()
}

/// The shade of an image, to the nearest ten: JPEG may be a level off.
fn shade(store: &MemoryPixelStore, index: usize) -> u8 {
    (store.get(index).unwrap().data[0] + 5) / 10 * 10
}

/// Valence and arousal, by shade.
fn affect(dataset: &Dataset, store: &MemoryPixelStore) -> Vec<(u8, Option<f32>, Option<f32>)> {
    let sample = |(i, sample): (usize, &mien::dataset::Sample)| {
        (shade(store, i), sample.annotation.valence, sample.annotation.arousal)
    };
    let mut samples: Vec<_> = dataset.samples.iter().enumerate().map(sample).collect();
    samples.sort_by_key(|(shade, ..)| *shade);
    samples
}

fn all_affect() -> Vec<(u8, Option<f32>, Option<f32>)> {
    (0..6).map(|i| (i as u8 * 10, Some(VALENCE[i]), Some(AROUSAL[i]))).collect()
}

#[test]
fn the_seed_projects_arrays_go_by_natural_order() {
    let expected = [(0, "neutral"), (10, "happy"), (20, "sad"), (30, "surprise"), (40, "anger"), (50, "contempt")];
    for (name, words) in [
        ("seed.zip", "; expressions are numbers, read in AffectNet's order (0 neutral to 7 contempt)"),
        ("seed_names.zip", ""),
        ("seed_one_hot.zip", "; rows of 8 weights are read in AffectNet's order"),
        ("seed_soft.zip", "; rows of 8 weights are read in AffectNet's order"),
    ] {
        let (dataset, store) = open(name);
        assert_eq!(
            dataset.recognised,
            format!(
                "Recognised as arrays of labels because {name}/data/expressions.npy has a value for each image, in the order of their names{words}."
            ),
        );
        assert_eq!(classes(&dataset, &store), expected, "{name}");
        assert_eq!(affect(&dataset, &store), all_affect(), "{name}");
    }
    let (dataset, _) = open("seed_soft.zip");
    let happy = dataset.samples.iter().find(|sample| sample.annotation.class() == Some(1)).unwrap();
    assert_eq!(happy.annotation.expression.as_deref(), Some(&[0.0, 0.75, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0][..]));
}

#[test]
fn the_seed_projects_arrays_in_a_folder_for_each_split() {
    let (dataset, store) = open("seed_splits.zip");
    assert!(dataset.own_splits);
    let found = labelled(&dataset, &store);
    assert!(found.contains(&(0, "neutral", "validation")) && found.contains(&(10, "happy", "validation")), "{found:?}");
    // The missing test split is drawn from the training images.
    let mut of_training: Vec<_> =
        found.iter().filter(|(.., split)| *split != "validation").map(|f| (f.0, f.1)).collect();
    of_training.sort_unstable();
    assert_eq!(of_training, [(0, "neutral"), (10, "happy"), (20, "sad"), (30, "surprise")]);
}

#[test]
fn arrays_of_images_in_every_form_give_the_same_pixels() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/layouts/arrays.json"));
    let pixels: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
    for name in [
        "gray_u8",
        "gray_u8_fortran",
        "gray_f32",
        "gray_f32_big_endian",
        "gray_f32_signed",
        "gray_last",
        "gray_first",
        "gray_u16",
        "gray_i64",
        "rgb_last",
        "rgb_last_fortran",
        "rgb_first",
        "rgb_first_f32_fortran",
    ] {
        let (dataset, store) = open(&format!("arrays_{name}.zip"));
        let kind = if name.starts_with("rgb") { "rgb" } else { "gray" };
        let channels = if kind == "rgb" { 3 } else { 1 };
        assert_eq!(dataset.samples.len(), 6, "{name}");
        for (i, sample) in dataset.samples.iter().enumerate() {
            let image = store.get(i).unwrap();
            assert_eq!((image.width, image.height, image.channels), (5, 4, channels), "{name}");
            let expected: Vec<u8> = serde_json::from_value(pixels[kind][i].clone()).unwrap();
            assert_eq!(image.data, expected, "{name}, image {i}");
            assert_eq!(sample.annotation.valence, Some(VALENCE[i]), "{name}");
            assert_eq!(sample.annotation.class(), Some(i), "{name}");
            assert_eq!(sample.name, format!("arrays_{name}.zip/d/images.npy, row {}", i + 1));
        }
    }
    let (dataset, _) = open("arrays_gray_f32.zip");
    assert_eq!(
        dataset.recognised,
        "Recognised as arrays because arrays_gray_f32.zip/d/images.npy holds 6 images of 5 x 4 pixels, 0 to 1; \
         expressions are numbers, read in AffectNet's order (0 neutral to 7 contempt)."
    );
}

#[test]
fn what_savez_writes_is_an_archive_of_arrays() {
    let (dataset, store) = open("arrays_savez.npz");
    assert_eq!(dataset.name, "arrays_savez");
    assert_eq!((dataset.samples.len(), store.len()), (6, 6));
    let test: Vec<_> = dataset.indices(mien::dataset::Split::Test);
    let class = |i: &usize| dataset.samples[*i].annotation.class();
    assert_eq!(test.iter().map(class).collect::<Vec<_>>(), [Some(1), Some(0)]);
}

#[test]
fn affectnets_arrays_of_one_annotation_each() {
    let (dataset, store) = open("affectnet_arrays.zip");
    assert!(
        dataset.recognised.starts_with("Recognised as AffectNet because arrays such as "),
        "{}",
        dataset.recognised
    );
    assert_eq!(dataset.label_set, LabelSet::affectnet8());
    assert_eq!(classes(&dataset, &store), [(0, "neutral"), (10, "happy"), (20, "contempt"), (40, "anger")]);
    let expected =
        [(0, Some(0.1), Some(-0.2)), (10, Some(0.9), Some(0.3)), (20, Some(-0.5), Some(0.25)), (40, None, None)];
    assert_eq!(affect(&dataset, &store), expected);
    let excluded = ["annotated as no expression", "annotated as not a face"].map(|reason| (reason.to_owned(), 1));
    assert_eq!(dataset.excluded, excluded);
    assert_eq!(dataset.samples.iter().filter(|sample| split_name(sample) == "validation").count(), 1);
}

#[test]
fn affectnets_table_cuts_the_face_out() {
    let (dataset, store) = import(vec![layout("affectnet_table.zip")]).unwrap();
    assert_eq!(
        dataset.recognised,
        "Recognised as AffectNet's table of labels because affectnet_table.zip/training.csv has the columns \
         subDirectory_filePath, expression, valence, arousal, face_x, face_y, face_width, face_height; expressions are \
         numbers, read in AffectNet's order (0 neutral to 7 contempt)."
    );
    let reasons = ["annotated as no expression", "annotated as not a face", "annotated as uncertain"];
    assert_eq!(dataset.excluded, reasons.map(|reason| (reason.to_owned(), 1)));
    let found: Vec<_> = dataset
        .samples
        .iter()
        .map(|sample| dataset.label_set.classes()[sample.annotation.class().unwrap()].as_str())
        .collect();
    assert_eq!(found, ["happy", "anger", "neutral"]);
    for i in 0..3 {
        let face = store.get(i).unwrap();
        assert_eq!((face.width, face.height), (10, 12), "the face box alone");
        assert!(face.data.iter().all(|value| *value == 200));
    }
    assert_eq!(dataset.samples[2].annotation.arousal, None);
    assert_eq!(
        sentences(&dataset),
        [
            "affectnet_table.zip/Manually_Annotated/2/cut.png: is smaller than its face box, so it is taken for the face \
          already cut out"
        ]
    );
}

#[test]
fn fer2013_is_one_table_of_pixels() {
    let expected = [
        (0, "angry", "train"),
        (10, "happy", "train"),
        (20, "neutral", "train"),
        (30, "surprise", "validation"),
        (40, "sad", "test"),
        (50, "fear", "test"),
    ];
    for (name, table) in [("fer2013.zip", "fer2013.csv"), ("fer2013_icml.zip", "challenge/icml_face_data.csv")] {
        let (dataset, store) = import(vec![layout(name)]).unwrap();
        assert_eq!(dataset.label_set, LabelSet::fer2013());
        assert_eq!(labelled(&dataset, &store), expected, "{name}");
        let image = store.get(3).unwrap();
        assert_eq!((image.width, image.height, image.channels), (48, 48, 1));
        assert!(image.data.iter().all(|value| *value == 30));
        assert_eq!(dataset.samples[3].name, format!("{name}/{table}, row 5"));
        assert_eq!(
            dataset.recognised,
            format!(
                "Recognised as FER2013 because {name}/{table} holds each image as a row of pixels; its own splits are used (train, validation, test)."
            )
        );
    }
    let (dataset, _) = import(vec![layout("fer2013_icml.zip")]).unwrap();
    assert_eq!(
        sentences(&dataset),
        ["fer2013_icml.zip/challenge/train.csv: holds pixels as well; the table with a column Usage is read alone"]
    );
}

#[test]
fn ferplus_beside_fer2013_says_what_the_labels_are() {
    let (dataset, store) = open("fer2013_plus.zip");
    assert_eq!(dataset.label_set, LabelSet::ferplus());
    let expected = [(0, "anger", "train"), (10, "happiness", "train"), (30, "surprise", "validation")];
    assert_eq!(labelled(&dataset, &store), expected);
    let soft = dataset.samples[1].annotation.expression.clone().unwrap();
    assert_eq!(soft, [0.0, 0.6, 0.2, 0.0, 0.0, 0.0, 0.0, 0.2]);
    let excluded: Vec<usize> = dataset.excluded.iter().map(|(_, count)| *count).collect();
    assert_eq!(excluded, [1, 1, 1], "unknown, not a face, tied");
    assert!(dataset.recognised.contains("; the labels are FER+'s votes in fer2013_plus.zip/fer2013new.csv"));
}

#[test]
fn ferplus_beside_its_images() {
    let csv = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n\
               Training,fer0000000.png,0,9,0,0,0,0,0,0,1,0\nPublicTest,fer0000001.png,0,0,0,0,0,0,8,0,2,0\n\
               PrivateTest,,0,0,0,0,0,0,0,0,0,10\n";
    let files =
        vec![file("d/fer0000000.png", png(0)), file("d/fer0000001.png", png(10)), file("d/fer2013new.csv", csv)];
    let (dataset, store) = import(files).unwrap();
    assert_eq!(dataset.label_set, LabelSet::ferplus());
    assert_eq!(classes(&dataset, &store), [(0, "happiness"), (10, "fear")]);
    assert_eq!(split_name(&dataset.samples[1]), "validation");
    assert_eq!(sentences(&dataset), [""; 0]);
}

#[test]
fn rafdb_by_list_by_folder_and_by_table() {
    let expected = [
        (0, "sadness", "train"),
        (10, "happiness", "train"),
        (20, "neutral", "train"),
        (30, "surprise", "test"),
        (40, "anger", "test"),
    ];
    for (name, words) in [
        ("rafdb.zip", "RAF-DB because rafdb.zip/basic/EmoLabel/list_patition_label.txt numbers the classes"),
        ("rafdb_folders.zip", "RAF-DB because images such as train_00001.jpg lie in folders called 1 to 7"),
    ] {
        let (dataset, store) = open(name);
        assert!(dataset.recognised.contains(words), "{}", dataset.recognised);
        assert_eq!(dataset.label_set, LabelSet::rafdb());
        let mut found = labelled(&dataset, &store);
        // A missing validation split is drawn from the training images.
        found.iter_mut().filter(|found| found.2 == "validation").for_each(|found| found.2 = "train");
        assert_eq!(found, expected, "{name}");
    }
    let (dataset, _) = open("rafdb.zip");
    assert_eq!(dataset.excluded, [("whole photographs beside the aligned faces".to_owned(), 5)]);
    let (dataset, store) = open("rafdb_table.zip");
    assert!(
        dataset.recognised.ends_with("read in RAF-DB's order (1 surprise to 7 neutral)."),
        "{}",
        dataset.recognised
    );
    assert_eq!(
        classes(&dataset, &store),
        [(0, "sad"), (10, "happy"), (20, "neutral"), (30, "surprise"), (40, "anger")]
    );
}

#[test]
fn classes_in_folders_and_in_file_names() {
    let (dataset, store) = open("ckplus48.zip");
    let ck = ["anger", "contempt", "disgust", "fear", "happy", "sad", "surprise"];
    let expected: Vec<_> = ck.into_iter().enumerate().map(|(i, class)| (i as u8 * 10, class)).collect();
    assert_eq!(classes(&dataset, &store), expected);

    let (dataset, store) = open("jaffe.zip");
    let jaffe = ["anger", "disgust", "fear", "happy", "neutral", "sad", "surprise"];
    let expected: Vec<_> = jaffe.into_iter().enumerate().map(|(i, class)| (i as u8 * 10, class)).collect();
    assert_eq!(classes(&dataset, &store), expected);
    assert_eq!(dataset.label_set, LabelSet::affectnet7());
    assert_eq!(
        dataset.recognised,
        "Recognised as JAFFE because images are called as its images are, such as KA.AN1.39.tiff."
    );

    let (dataset, store) = open("file_names.zip");
    assert_eq!(classes(&dataset, &store), [(0, "happy"), (10, "sad"), (20, "neutral"), (30, "surprise")]);
    assert_eq!(
        dataset.recognised,
        "Recognised as a class in each file name because there are images called 001_happy_f.png."
    );
}

#[test]
fn afew_vas_clips_go_from_minus_ten_to_ten() {
    let (dataset, store) = open("afew_va.zip");
    assert!(dataset.label_set.is_empty());
    assert_eq!(
        dataset.recognised,
        "Recognised as AFEW-VA because afew_va.zip/AFEW-VA/001/001.json gives valence and arousal of each frame."
    );
    let clip = [(-1.0, 0.0), (-0.5, 0.1), (0.0, 0.2)];
    let expected: Vec<_> = (0..6).map(|i| (i as u8 * 10, Some(clip[i % 3].0), Some(clip[i % 3].1))).collect();
    assert_eq!(affect(&dataset, &store), expected);
}

#[test]
fn tables_as_programs_of_other_countries_write_them() {
    for name in ["semicolon_comma", "tab_comma", "quoted_comma", "crlf", "bom", "all_quoted"] {
        let (dataset, store) = open(&format!("table_{name}.zip"));
        assert_eq!(affect(&dataset, &store), all_affect(), "{name}");
        let expected = [(0, "happy"), (10, "sad"), (20, "fear"), (30, "happy"), (40, "neutral"), (50, "anger")];
        assert_eq!(classes(&dataset, &store), expected, "{name}");
    }
}

#[test]
fn a_zip_inside_the_dropped_folder_is_part_of_it() {
    let images = super::support::zip(&[("aligned/train_00001.jpg", &png(0)), ("aligned/train_00002.jpg", &png(10))]);
    let files = vec![
        file("basic/Image/aligned.zip", images),
        file("basic/EmoLabel/list_patition_label.txt", "train_00001.jpg 4\ntrain_00002.jpg 1\n"),
    ];
    let (dataset, store) = import(files).unwrap();
    assert_eq!(classes(&dataset, &store), [(0, "happiness"), (10, "surprise")]);
}
