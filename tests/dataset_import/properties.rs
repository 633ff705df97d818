//! Whatever the bytes, an import ends: in a dataset whose figures hold together, or in a sentence.

use proptest::prelude::*;

use super::support::{file, golden, import, png};
use mien::dataset::{DroppedFile, PixelStore};

/// Imports, and checks what must hold of any dataset.
fn check(files: Vec<DroppedFile>) -> Result<(), TestCaseError> {
    let (dataset, store) = match import(files) {
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
    let summary = dataset.summary();
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
    fn any_votes_are_counted_or_named(rows in prop::collection::vec(prop::collection::vec(0..12_u32, 9..12), 1..6)) {
        let first = "a.png,\"(0, 0, 48, 48)\",0,9,0,0,0,0,0,0,0,1\n".to_owned();
        let row = |votes: &Vec<u32>| {
            format!("b.png,\"(0, 0, 48, 48)\",{}\n", votes.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
        };
        check(with_images(first + &rows.iter().map(row).collect::<String>()))?;
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
