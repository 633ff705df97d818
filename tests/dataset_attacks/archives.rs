//! Zip archives.

use super::support::{classes, file, png, sentences, zip};
use super::{attack, bytes, refused, survived};

/// What is imported from an archive of the corpus.
fn opened(name: &str) -> mien::dataset::Dataset {
    attack(vec![file("d.zip", bytes(name))]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Both images are there, and nothing is wrong.
fn is_harmless(name: &str) {
    let dataset = opened(name);
    assert_eq!(classes(&dataset), [("d.zip/happy/1.png", "happy"), ("d.zip/sad/2.png", "sad")], "{name}");
    assert_eq!(sentences(&dataset), [""; 0], "{name}");
}

#[test]
fn a_ratio_bomb() {
    let zeros = vec![0; 70 << 20];
    // It begins as an image does.
    let bomb = [png(7), zeros].concat();
    let packed = zip(&[("happy/1.png", &png(1)), ("sad/bomb.png", &bomb)]);
    drop(bomb);
    assert!(packed.len() < 100_000);
    let why = "unpacks to more than 100 times its size in the archive, as no image does; it is not read";
    assert_eq!(survived(vec![file("d.zip", packed)], 1), format!("d.zip/sad/bomb.png: {why}"));
}

#[test]
fn a_table_that_is_a_bomb() {
    let mut table = b"image,expression\n1.png,happy\n".to_vec();
    table.resize(70 << 20, b'\n');
    let packed = zip(&[("1.png", &png(1)), ("labels.csv", &table)]);
    drop(table);
    let dataset = attack(vec![file("d.zip", packed)]).unwrap();
    assert_eq!(classes(&dataset), [("d.zip/1.png", "happy")]);
}

#[test]
fn lying_sizes() {
    is_harmless("lying-sizes.zip");
    let sentence = survived(vec![file("d.zip", bytes("lying-packed-size.zip"))], 1);
    assert!(sentence.starts_with("d.zip/sad/2.png: is damaged (an entry reaches beyond its end)"), "{sentence}");
}

/// A million entries: the directory is read, and what is no image is counted.
#[test]
fn a_million_entries() {
    const ENTRIES: u32 = 1_000_000;
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in 0..ENTRIES {
        let name = format!("{entry:07}");
        let start = archive.len() as u32;
        archive.extend(b"PK\x03\x04\x0a\0");
        archive.extend([0; 20]);
        archive.extend([name.len() as u8, 0, 0, 0]);
        archive.extend(name.as_bytes());
        directory.extend(b"PK\x01\x02\x0a\0\x0a\0");
        directory.extend([0; 20]);
        directory.extend([name.len() as u8, 0]);
        directory.extend([0; 12]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, length) = (archive.len() as u64, directory.len() as u64);
    archive.extend(directory);
    let end = archive.len() as u64;
    archive.extend(b"PK\x06\x06");
    archive.extend(44_u64.to_le_bytes());
    archive.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [u64::from(ENTRIES), u64::from(ENTRIES), length, start] {
        archive.extend(number.to_le_bytes());
    }
    archive.extend(b"PK\x06\x07\0\0\0\0");
    archive.extend(end.to_le_bytes());
    archive.extend([1, 0, 0, 0]);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([0xFF; 12]);
    archive.extend([0, 0]);
    let sentence = refused(vec![file("d.zip", archive)]);
    assert_eq!(sentence, "d.zip holds no image (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF).");
}

#[test]
fn overlapping_entries() {
    let dataset = opened("overlapping-entries.zip");
    assert_eq!(classes(&dataset), [("d.zip/happy/1.png", "happy")]);
    let why = "is damaged (several of its entries share the same bytes); download or copy it again, or drop the unpacked folder";
    let expected = [2, 3].map(|number| format!("d.zip/happy/{number}.png: {why}"));
    assert_eq!(sentences(&dataset), expected);
    let sentence = refused(vec![file("d.zip", bytes("quoted-entries.zip"))]);
    assert!(sentence.starts_with("No image of d could be imported. d.zip/happy/quoting.png: "), "{sentence}");
}

#[test]
fn an_entry_outside_of_the_file() {
    let sentence = survived(vec![file("d.zip", bytes("entry-outside.zip"))], 1);
    assert!(sentence.starts_with("d.zip/sad/2.png: is damaged ("), "{sentence}");
}

#[test]
fn names_that_climb_and_absolute_names() {
    let dataset = opened("climbing-names.zip");
    let names: Vec<&str> = dataset.samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names, ["d.zip/happy/1.png", "d.zip/etc/sad/2.png", "d.zip/Windows/happy/3.png", "d.zip/sad/4.png"]);
}

#[test]
fn an_encrypted_entry() {
    let why = "is encrypted; unpack it with its password and drop the folder";
    assert_eq!(survived(vec![file("d.zip", bytes("encrypted-entry.zip"))], 1), format!("d.zip/happy/1.png: {why}"));
}

#[test]
fn what_macos_leaves_behind() {
    is_harmless("macos.zip");
}

#[test]
fn zip64() {
    is_harmless("zip64.zip");
}

#[test]
fn names_that_are_not_utf8() {
    let dataset = opened("names-not-utf8.zip");
    let found: Vec<&str> = classes(&dataset).into_iter().map(|(_, class)| class).collect();
    assert_eq!(found, ["happy", "sad"]);
    assert_eq!(sentences(&dataset), [""; 0]);
}

#[test]
fn directories_that_are_damaged() {
    let sentence = refused(vec![file("d.zip", bytes("cut-directory.zip"))]);
    assert!(sentence.contains("d.zip: is damaged ("), "{sentence}");
    let sentence = refused(vec![file("d.zip", bytes("comment-with-an-end.zip"))]);
    assert!(sentence.starts_with("d.zip holds no image"), "{sentence}");
}

#[test]
fn one_name_twice() {
    let dataset = opened("same-name-twice.zip");
    assert_eq!(classes(&dataset), [("d.zip/happy/1.png", "happy"), ("d.zip/sad/2.png", "sad")]);
    let why = "stands in the archive more than once; the last of them is read";
    assert_eq!(sentences(&dataset), [format!("d.zip/happy/1.png: {why}")]);
}
