//! Whatever the bytes, an import ends: in a dataset whose figures hold together, or in a sentence.

use proptest::prelude::*;

use super::support::{file, golden, import_as, png};
use mien::dataset::{DroppedFile, Mapping, Meaning, Opening, PixelStore, Scale, Twins};

/// Imports, and checks what must hold of any dataset.
fn check(files: Vec<DroppedFile>) -> Result<(), TestCaseError> {
    check_as(files, &Opening::default())
}

/// The same of files that are opened as a person says.
fn check_as(files: Vec<DroppedFile>, opening: &Opening) -> Result<(), TestCaseError> {
    let (dataset, store) = match import_as(files, opening) {
        Ok(imported) => imported,
        Err(error) => {
            prop_assert!(!error.to_string().is_empty());
            return Ok(());
        }
    };
    prop_assert_eq!(store.len(), dataset.samples.len());
    for sample in &dataset.samples {
        let annotation = &sample.annotation;
        prop_assert!(!annotation.is_empty());
        for value in [annotation.valence, annotation.arousal].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&value));
        }
        if let Some(distribution) = &annotation.expression {
            prop_assert_eq!(distribution.len(), dataset.label_set.len());
            prop_assert!((distribution.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            prop_assert!(distribution.iter().all(|weight| *weight >= 0.0));
        }
    }
    let summary = dataset.summary(&Twins::default());
    prop_assert_eq!(summary.split_sizes.iter().sum::<usize>(), dataset.samples.len());
    Ok(())
}

fn with_images(table: impl Into<Vec<u8>>) -> Vec<DroppedFile> {
    let mut files: Vec<_> = ["d/a.png", "d/x/b.png", "d/y/b.png"].iter().map(|path| file(path, png(3))).collect();
    files.push(file("d/labels.csv", table));
    files
}

/// Cells as tables have them, good and bad.
fn cell() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "a.png",
        "b.png",
        "x/b.png",
        "../d/y/b.png",
        "image",
        "expression",
        "valence",
        "arousal",
        "split",
        "happy",
        "Bored",
        "3",
        "7.0",
        "-2",
        "0.5",
        "-1",
        "1.5",
        "0,5",
        "nan",
        "1e999",
        "",
        "\"",
        "\"(0, 0, 48, 48)\"",
        "\n",
        "\r\n",
        "\u{feff}",
        "train",
    ];
    prop_oneof![4 => prop::sample::select(KNOWN).prop_map(String::from), 1 => ".{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_a_table_or_a_problem(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(with_images(bytes))?;
    }

    #[test]
    fn any_rows_are_read_or_named(
        rows in prop::collection::vec(prop::collection::vec(cell(), 0..7), 0..12),
        delimiter in prop::sample::select(&[",", ";", "\t"][..]),
        header in any::<bool>(),
    ) {
        let header = if header { ["image", "expression", "valence", "arousal", "split\n"].join(delimiter) } else { String::new() };
        let body = rows.iter().map(|row| row.join(delimiter)).collect::<Vec<_>>().join("\n");
        check(with_images(header + &body))?;
    }

    #[test]
    fn any_rows_are_read_by_what_a_person_said(
        rows in prop::collection::vec(prop::collection::vec(cell(), 5), 0..8),
        rest in prop::collection::vec(0..8_usize, 4),
        headless: bool,
    ) {
        use Meaning::{Arousal, Class, Expression, Image, Nothing, Person, Split, Valence};
        let scale = Scale { low: 0, high: 10 };
        let all = [Nothing, Image, Expression, Valence(scale), Arousal(scale), Split, Person, Class];
        let columns = [Image].into_iter().chain(rest.iter().map(|meaning| all[*meaning])).collect();
        let mapping = Mapping { header: ["p", "q", "r", "s", "t"].map(String::from).into(), headless, columns };
        let body: String = rows.iter().map(|row| row.join(",") + "\n").collect();
        let files = with_images(format!("p,q,r,s,t\na.png,1,2,3,4\n{body}"));
        check_as(files, &Opening { layout: None, mappings: vec![mapping] })?;
    }

    #[test]
    fn any_votes_are_counted_or_named(rows in prop::collection::vec(prop::collection::vec(0..12_u32, 9..12), 1..6)) {
        let first = "a.png,\"(0, 0, 48, 48)\",0,9,0,0,0,0,0,0,0,1\n".to_owned();
        let row = |votes: &Vec<u32>| {
            format!("b.png,\"(0, 0, 48, 48)\",{}\n", votes.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
        };
        check(with_images(first + &rows.iter().map(row).collect::<String>()))?;
    }

    #[test]
    fn any_rows_of_pixels_are_images_or_named(rows in prop::collection::vec(("[0-9a-]{0,2}", "[0-9 x.]{0,24}", "[A-Za-z]{0,8}"), 0..12)) {
        let body: String = rows.iter().map(|(emotion, pixels, usage)| format!("{emotion},{pixels},{usage}\n")).collect();
        check(vec![file("fer2013.csv", format!("emotion,pixels,Usage\n3,1 2 3 4,Training\n{body}"))])?;
        check(vec![file("table.csv", format!("label,pixels,set\nhappy,1 2 3 4,train\n{body}"))])?;
    }

    /// Arrays as labels and as images, their shapes and their lengths whatever they are.
    #[test]
    fn any_arrays_are_read_or_named(
        shape in prop::collection::vec(0..6_usize, 0..5),
        fortran: bool,
        descr in prop::sample::select(&["|u1", "|i1", "<f4", ">f8", "<U2", "|S3", "|b1", "<f2"][..]),
        data in prop::collection::vec(any::<u8>(), 0..600),
        exact: bool,
    ) {
        let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
        let order = if fortran { "True" } else { "False" };
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({lengths})}}");
        let size = match descr { "<U2" => 8, "|S3" => 3, other => usize::from(other.as_bytes()[2] - b'0') };
        let mut data = data;
        if exact {
            data.resize(shape.iter().product::<usize>() * size, 1);
        }
        let start = [&b"\x93NUMPY\x01\0"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
        let array = [start, data].concat();
        let images = || [file("d/1.png", png(1)), file("d/2.png", png(2)), file("d/3.png", png(3))];
        let other = || file("d/valence.npy", [&b"\x93NUMPY\x01\0\x35\0{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}"[..], &[0, 1, 255]].concat());
        check(images().into_iter().chain([file("d/expressions.npy", array.clone()), other()]).collect())?;
        check(images().into_iter().chain([file("d/arousal.npy", array.clone()), other()]).collect())?;
        check(images().into_iter().map(|image| DroppedFile { path: image.path.replace("d/", "d/images/"), ..image })
            .chain([file("d/annotations/1_exp.npy", array.clone()), file("d/annotations/2_val.npy", array.clone())]).collect())?;
        check(vec![file("d/images.npy", array.clone()), other()])?;
        check(vec![file("d/images.npy", array.clone()), file("d/labels.npy", array)])?;
    }

    #[test]
    fn any_lists_and_clips_are_read_or_named(list in "(train_0000[1-3].jpg [0-9]{1,2}\n){0,3}.{0,20}", clip in "[{}\\[\\]:,\"a-z0-9.-]{0,60}") {
        let images = |prefix: &str, kind: &str| (1..4).map(|i| file(&format!("d/{prefix}{i}.{kind}"), png(i))).collect::<Vec<_>>();
        let mut files = images("train_0000", "jpg");
        files.push(file("d/list.txt", list));
        check(files)?;
        let mut files = images("", "png");
        files.push(file("d/clip.json", clip.clone()));
        check(files)?;
        let mut files = images("", "png");
        files.push(file("d/clip.json", format!("{{\"frames\":{{\"1\":{{\"valence\":3}},\"2\":{clip}}}}}")));
        check(files)?;
    }

    #[test]
    fn any_bytes_are_a_zip_or_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let marked = [b"PK\x03\x04", &bytes[..]].concat();
        check(vec![file("a.zip", bytes)])?;
        check(vec![file("a.zip", marked)])?;
    }

    /// A real archive with some bytes changed, and an end cut off or put on.
    #[test]
    fn a_damaged_zip_is_read_as_far_as_it_goes(
        zip64 in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        near_the_end in any::<bool>(),
        cut in prop_oneof![3 => Just(0_usize), 1 => 0..100_usize],
        extra in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = std::fs::read(golden(if zip64 { "folders_zip64.zip" } else { "folders.zip" })).unwrap();
        let directory = if near_the_end { bytes.len() * 2 / 3 } else { 0 };
        for (place, value) in changes {
            let length = bytes.len();
            bytes[directory + place.index(length - directory)] = value;
        }
        bytes.truncate(bytes.len() - cut);
        bytes.extend(extra);
        check(vec![file("a.zip", bytes)])?;
    }

    #[test]
    fn any_paths_are_mere_names(paths in prop::collection::vec("[a-c./\\\\: ]{0,12}(/(happy|train|val))?/[a-c.]{0,3}(png|csv|zip)?", 1..8)) {
        check(paths.iter().map(|path| file(path, png(1))).collect())?;
    }
}
