//! What is recognised, and what is read of it. Fixtures are written by Python's zipfile, pandas and Pillow.

use mien::affect::LabelSet;
use mien::dataset::{DroppedFile, PixelStore, Split, Twins};

use super::support::{classes, dataset, described, file, fixture, golden, import, png, sentences, shade, split_name};

#[test]
fn a_folder_per_class_with_its_own_splits() {
    for name in ["folders.zip", "folders_zip64.zip"] {
        let (dataset, store) = import(vec![fixture(name)]).unwrap();
        assert_eq!(dataset.name, name.trim_end_matches(".zip"));
        assert_eq!(
            dataset.recognised,
            "Recognised as a folder per class because the images lie in folders called Happy, neutral, sadness; its own \
             splits are used (train, validation, test)."
        );
        assert_eq!(dataset.label_set.classes(), ["neutral", "happy", "sad"]);
        assert!(dataset.own_splits);
        assert_eq!(dataset.excluded, [("neither image nor table".to_owned(), 1)], "README.txt");
        assert_eq!(sentences(&dataset), [""; 0], "what systems leave lying about is no problem");
        let summary = dataset.summary(&Twins::default());
        assert_eq!(summary.counts, [vec![4, 5, 4], vec![2; 3], vec![2; 3]]);
        assert_eq!(summary.split_sizes, [13, 6, 6]);
        assert_eq!(summary.samples, store.len());
        let samples = described(&dataset);
        assert_eq!(samples[5], (format!("{name}/faces/Training/sadness/1.png").as_str(), "sad", "train"));
        assert_eq!(store.get(5).unwrap(), shade(5), "sample i's pixels are image i");
        assert_eq!(samples[23].2, "test");
        assert_eq!(store.get(23).unwrap(), shade(23));
        let colour = store.get(24).unwrap();
        assert_eq!((colour.width, colour.height, colour.channels), (16, 8, 3));
        let near = |sample: u8, value: u8| sample.abs_diff(value) <= 2;
        assert!(near(colour.data[0], 200) && near(colour.data[1], 100) && near(colour.data[2], 50), "a JPEG's colours");
    }
}

#[test]
fn folders_of_expressions_at_any_depth() {
    let images = [
        "drop/subject 1/happy/a.png",
        "drop/subject 1/session/angry/b.png",
        "drop/subject 2/fearful/take 1/c.png",
        "drop/cover.png",
    ];
    let dataset = dataset(images.iter().map(|path| file(path, png(0))).collect());
    assert_eq!(dataset.label_set.classes(), ["happy", "fear", "anger"]);
    let expected = [(images[0], "happy"), (images[1], "anger"), (images[2], "fear")];
    assert_eq!(classes(&dataset), expected);
    assert_eq!(sentences(&dataset), ["drop/cover.png: lies in no folder that names a class; it is left out"]);
    assert!(!dataset.own_splits);
}

#[test]
fn a_folder_beside_expressions_is_a_class_too() {
    let images =
        ["d/train/happy/1.png", "d/train/sad/1.png", "d/train/bored/1.png", "d/test/Bored/1.png", "d/test/joy/1.png"];
    let dataset = dataset(images.iter().map(|path| file(path, png(0))).collect());
    assert_eq!(dataset.label_set, LabelSet::custom("Custom", ["Bored", "happy", "sad"]));
    let found: Vec<_> = described(&dataset).into_iter().map(|(_, class, _)| class).collect();
    assert_eq!(found, ["happy", "sad", "Bored", "Bored", "happy"]);
    assert_eq!(dataset.indices(Split::Test), [3, 4]);
}

#[test]
fn other_classes_are_the_outermost_folders_that_differ() {
    let images = ["w/set 2/x/1.png", "w/set 10/y/1.png", "w/set 1/z/1.png", "w/set 1/z/2.png"];
    let found = dataset(images.iter().map(|path| file(path, png(0))).collect());
    assert_eq!(found.label_set, LabelSet::custom("Custom", ["set 1", "set 2", "set 10"]));
    assert_eq!(found.name, "w");
    // Archives are wrappers, unless there is no folder in them.
    let zip = super::support::zip(&[("cats/1.png", &png(1)), ("dogs/1.png", &png(2))]);
    let two = dataset(vec![file("first.zip", zip.clone()), file("second.zip", zip)]);
    assert_eq!(two.label_set.classes(), ["cats", "dogs"]);
    assert_eq!(two.name, "first + second");
    let flat = super::support::zip(&[("1.png", &png(1))]);
    let two = dataset(vec![file("Cats.zip", flat.clone()), file("Dogs.zip", flat)]);
    assert_eq!(two.label_set.classes(), ["Cats", "Dogs"]);
}

#[test]
fn zips_of_one_split_each() {
    let zip = |shade| super::support::zip(&[("happy/1.png", &png(shade)), ("sad/1.png", &png(shade))]);
    let names = ["faces-train.zip", "faces-valid.zip", "faces-test.zip"];
    let dataset = dataset(names.iter().zip(0..).map(|(name, shade)| file(name, zip(shade))).collect());
    assert!(dataset.own_splits);
    assert_eq!(dataset.summary(&Twins::default()).split_sizes, [2, 2, 2]);
    assert_eq!(dataset.name, "faces-train + faces-valid + faces-test");
}

#[test]
fn a_missing_validation_split_is_drawn_from_the_training_images() {
    let paths = |split: &str, count: usize| {
        (0..count)
            .flat_map(move |i| ["happy", "sad"].map(|class| format!("{split}/{class}/{i}.png")))
            .collect::<Vec<_>>()
    };
    let all = [paths("d/train", 20), paths("d/test", 5)].concat();
    let dataset = dataset(all.iter().map(|path| file(path, png(0))).collect());
    assert_eq!(dataset.summary(&Twins::default()).split_sizes, [34, 6, 10]);
    assert!(dataset.indices(Split::Test).iter().all(|index| dataset.samples[*index].name.contains("/test/")));
    assert!(dataset.recognised.ends_with("its own splits are used (train, test)."), "{}", dataset.recognised);
}

/// Every way in which pandas wrote the table gives the values that pandas reads from it.
#[test]
fn a_table_says_what_pandas_reads_in_it() {
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(golden("table.json")).unwrap()).unwrap();
    for (name, with_splits) in [
        ("table_comma.zip", true),
        ("table_semicolon.zip", true),
        ("table_tab.zip", false),
        ("table_numbers.zip", true),
    ] {
        let (dataset, store) = import(vec![fixture(name)]).unwrap();
        assert_eq!(sentences(&dataset), [""; 0], "{name}");
        assert_eq!(dataset.label_set.classes(), ["neutral", "happy", "sad", "anger"], "{name}");
        assert_eq!(dataset.samples.len(), rows.len());
        assert_eq!(dataset.own_splits, with_splits, "{name}");
        for (index, (sample, row)) in dataset.samples.iter().zip(&rows).enumerate() {
            assert!(sample.name.ends_with(row["image"].as_str().unwrap()));
            let value = |column: &str| row[column].as_f64().map(|value| value as f32);
            assert_eq!(sample.annotation.valence, value("valence"), "{name}: {}", sample.name);
            assert_eq!(sample.annotation.arousal, value("arousal"), "{name}: {}", sample.name);
            let class = row["expression"].as_str().map(|class| dataset.label_set.index_of(class).unwrap());
            assert_eq!(sample.annotation.class(), class, "{name}: {}", sample.name);
            assert_eq!(store.get(index).unwrap(), shade(index as u8));
            if with_splits {
                let own = row["split"].as_str().unwrap();
                assert!(split_name(sample).starts_with(own), "{name}: {}", sample.name);
            }
        }
        let numbered = dataset.recognised.contains("numbers, read in AffectNet's order");
        assert_eq!(numbered, name == "table_numbers.zip", "{}", dataset.recognised);
        assert_eq!(dataset.summary(&Twins::default()).with_affect, 22, "one without valence, one without arousal");
    }
}

#[test]
fn a_table_says_why_it_was_recognised() {
    let dataset = dataset(vec![fixture("table_comma.zip")]);
    assert_eq!(
        dataset.recognised,
        "Recognised as a table of labels because table_comma.zip/set/labels.csv has the columns image, expression, \
         valence, arousal, split; its own splits are used (train, validation, test)."
    );
}

#[test]
fn a_table_of_valence_and_arousal_only_has_no_classes() {
    let csv = "img,v,a\n1.png,0.5,-0.5\n2.png,,0.25\n3.png,-2,-2\n";
    let mut files: Vec<DroppedFile> = (1..4).map(|i| file(&format!("d/{i}.png"), png(i))).collect();
    files.push(file("d/va.csv", csv));
    let dataset = dataset(files);
    assert!(dataset.label_set.is_empty());
    assert_eq!(dataset.samples.len(), 2);
    assert_eq!(dataset.samples[1].annotation.valence, None, "missing, not zero");
    assert_eq!(dataset.samples[1].annotation.arousal, Some(0.25));
    assert_eq!(dataset.excluded, [("no usable label in the row".to_owned(), 1)]);
    assert_eq!(dataset.summary(&Twins::default()).affect_points, [(0.5, -0.5)]);
}

#[test]
fn a_table_for_each_split() {
    let mut files: Vec<DroppedFile> = (0..3).map(|i| file(&format!("d/images/{i}.png"), png(i))).collect();
    files.push(file("d/train.csv", "path,emotion\nimages/0.png,Joyful\n"));
    files.push(file("d/validation.csv", "path,emotion\nimages/1.png,level 1\n"));
    files.push(file("d/test.csv", "path,emotion\nimages/2.png,level 1\n"));
    let dataset = dataset(files);
    let expected = [
        ("d/images/0.png", "Joyful", "train"),
        ("d/images/1.png", "level 1", "validation"),
        ("d/images/2.png", "level 1", "test"),
    ];
    assert_eq!(described(&dataset), expected);
}

#[test]
fn quoted_cells_hold_delimiters_and_line_ends() {
    let csv = "image;label;note\n\"a, b;c.png\";happy;\"two\nlines; one note\"\nd.png;sad;\n";
    let dataset = dataset(vec![file("d/a, b;c.png", png(0)), file("d/d.png", png(0)), file("d/l.csv", csv)]);
    assert_eq!(classes(&dataset), [("d/a, b;c.png", "happy"), ("d/d.png", "sad")]);
    assert_eq!(sentences(&dataset), [""; 0]);
}

#[test]
fn large_images_are_stored_small() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(640, 320, image::Rgb([9, 8, 7])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let (_, store) = import(vec![file("happy/1.png", bytes.into_inner())]).unwrap();
    let stored = store.get(0).unwrap();
    assert_eq!((stored.width, stored.height, stored.channels, &stored.data[..3]), (256, 128, 3, &[9, 8, 7][..]));
}

#[test]
fn votes_become_distributions() {
    let csv = "a.png,\"(0, 0, 48, 48)\",4,0,0,1,3,0,0,0,2,0\n\
               b.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,0,0,9,1\n\
               c.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,0,0,0,10\n\
               d.png,\"(0, 0, 48, 48)\",5,5,0,0,0,0,0,0,0,0\n\
               e.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,0,8,2,0\n";
    let mut files: Vec<DroppedFile> =
        ["a", "b", "c", "d", "e"].iter().map(|n| file(&format!("F/{n}.png"), png(0))).collect();
    files.push(file("F/label.csv", csv));
    let dataset = dataset(files);
    assert_eq!(dataset.label_set, LabelSet::ferplus());
    assert_eq!(
        dataset.recognised,
        "Recognised as FER+ votes because F/label.csv gives ten annotators' votes on each image."
    );
    let first = dataset.samples[0].annotation.expression.clone().unwrap();
    assert_eq!(first, [0.5, 0.0, 0.0, 0.125, 0.375, 0.0, 0.0, 0.0]);
    assert_eq!(classes(&dataset), [("F/a.png", "neutral"), ("F/e.png", "contempt")]);
    let excluded: Vec<usize> = dataset.excluded.iter().map(|(_, count)| *count).collect();
    assert_eq!(excluded, [1, 1, 1], "unknown, not a face, tied");
    assert_eq!(sentences(&dataset), [""; 0], "leaving out is no problem");
}

#[test]
fn three_folders_of_votes_are_three_splits() {
    let files = ["FER2013Train", "FER2013Valid", "FER2013Test"].into_iter().flat_map(|folder| {
        // The same file name in each: a table means the images beside it.
        let csv = "x.png,\"(0, 0, 48, 48)\",0,9,0,0,0,0,0,0,0,1\n";
        [file(&format!("ferplus/{folder}/x.png"), png(0)), file(&format!("ferplus/{folder}/label.csv"), csv)]
    });
    let dataset = dataset(files.collect());
    let splits: Vec<_> = described(&dataset).into_iter().map(|(_, class, split)| (class, split)).collect();
    assert_eq!(splits, [("happiness", "train"), ("happiness", "validation"), ("happiness", "test")]);
    assert!(dataset.own_splits);
}
