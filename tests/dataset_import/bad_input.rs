//! Whatever is wrong is named in a sentence, and the rest of the dataset stays.

use mien::dataset::{DroppedFile, Import, ImportError, MemoryPixelStore, PixelStore, SplitPlan, StoreError, Twins};
use mien::imaging::Pixels;

use super::support::{classes, dataset, file, fixture, golden, import, png, refusal, sentences, zip};

/// Two good images, and something beside them.
fn beside(other: DroppedFile) -> Vec<DroppedFile> {
    vec![file("d/happy/1.png", png(1)), file("d/sad/2.png", png(2)), other]
}

/// Images 1 to 3 with a table.
fn with_table(csv: &str) -> Vec<DroppedFile> {
    let mut files: Vec<_> = (1..4).map(|i| file(&format!("d/{i}.png"), png(i))).collect();
    files.push(file("d/labels.csv", csv));
    files
}

/// The good images are there, and this is the only problem.
fn assert_only_problem(files: Vec<DroppedFile>, expected: &str) {
    let dataset = dataset(files);
    assert_eq!(classes(&dataset), [("d/happy/1.png", "happy"), ("d/sad/2.png", "sad")]);
    assert_eq!(sentences(&dataset), [expected]);
}

/// The header of a PNG of 20,000 x 20,000 pixels, and nothing more than a row of it.
fn huge_png() -> Vec<u8> {
    let mut bytes = png(0);
    bytes[16..24].copy_from_slice(&[0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20]);
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// CRC-32 as PNG and zip have it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[test]
fn an_empty_folder() {
    assert_eq!(
        refusal(vec![]),
        "Nothing to import: the folder is empty. Drop images with their labels, or a zip of them."
    );
}

#[test]
fn a_zip_of_no_images() {
    let bytes = zip(&[("notes/readme.txt", b"no faces"), ("labels.csv", b"image,label\n")]);
    assert_eq!(
        refusal(vec![file("notes.zip", bytes)]),
        "notes.zip holds no image (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF)."
    );
    assert_eq!(
        refusal(vec![file("empty.zip", zip(&[]))]),
        "empty.zip holds no image (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF)."
    );
}

#[test]
fn images_without_labels() {
    let sentence = refusal(vec![file("faces/1.png", png(0)), file("faces/2.png", png(0))]);
    assert!(
        sentence.starts_with("faces holds 2 images but no labels. Put the images of each class in a folder"),
        "{sentence}"
    );
    let sentence = refusal(vec![file("faces/1.png", png(0)), file("faces/ages.csv", "image,age\n1.png,30\n")]);
    assert!(sentence.contains("faces/ages.csv: has no header that names a column"), "{sentence}");
}

#[test]
fn a_truncated_zip() {
    let whole = std::fs::read(golden("folders.zip")).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let why = "is cut short: its directory, which stands at the end of a zip, is missing; download or copy it again";
    let sentence = refusal(vec![file("half.zip", half.clone())]);
    assert_eq!(
        sentence,
        format!("half.zip holds no image (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF). half.zip: {why}.")
    );
    assert_only_problem(beside(file("d/half.zip", half)), &format!("d/half.zip: {why}"));
    // Wherever it is cut, a sentence comes of it.
    for length in (0..whole.len()).step_by(7) {
        assert!(import(vec![file("cut.zip", &whole[..length])]).is_err(), "{length}");
    }
}

#[test]
fn what_is_no_zip() {
    let why = "is not a zip archive; pack the images as zip, or drop the unpacked folder";
    assert_only_problem(beside(file("d/faces.zip", "Rar!")), &format!("d/faces.zip: {why}"));
    assert_only_problem(beside(file("d/faces.zip", "")), &format!("d/faces.zip: {why}"));
    let why = "is an archive of a kind that cannot be opened here; pack it as zip";
    assert_only_problem(beside(file("d/faces.tar.gz", "")), &format!("d/faces.tar.gz: {why}"));
}

#[test]
fn a_zip_inside_a_zip() {
    let dataset = dataset(vec![fixture("nested.zip")]);
    assert_eq!(classes(&dataset), [("nested.zip/happy/1.png", "happy")]);
    assert_eq!(
        sentences(&dataset),
        ["nested.zip/more.zip: is a zip inside a zip; unpack the outer one and drop the folder"]
    );
}

#[test]
fn names_that_climb_out_are_mere_names() {
    let dataset = dataset(vec![fixture("climbing.zip")]);
    let expected =
        [("climbing.zip/happy/1.png", "happy"), ("climbing.zip/sad/2.png", "sad"), ("climbing.zip/fear/3.png", "fear")];
    assert_eq!(classes(&dataset), expected);
}

#[test]
fn methods_other_than_deflate() {
    let dataset = dataset(vec![fixture("methods.zip")]);
    assert_eq!(dataset.samples.len(), 2);
    let why = "is packed by a method other than deflate; pack it again as an ordinary zip, or drop the unpacked folder";
    let expected = ["bzip2", "lzma"].map(|name| format!("methods.zip/sad/{name}.png: {why}"));
    assert_eq!(sentences(&dataset), expected);
}

/// Changes the bytes before and at each of an archive's signatures.
fn patched(signature: &[u8; 4], offset: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = zip(&[("happy/1.png", &png(1))]);
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(signature)).collect();
    for place in places {
        bytes[place + offset..place + offset + value.len()].copy_from_slice(value);
    }
    bytes
}

#[test]
fn an_encrypted_archive() {
    let bytes = patched(b"PK\x01\x02", 8, &[1, 0]);
    let why = "is encrypted; unpack it with its password and drop the folder";
    let sentence = refusal(vec![file("secret.zip", bytes.clone())]);
    assert_eq!(sentence, format!("No image of secret could be imported. secret.zip/happy/1.png: {why}."));
    assert_only_problem(beside(file("d/secret.zip", bytes)), &format!("d/secret.zip/happy/1.png: {why}"));
}

#[test]
fn a_checksum_that_does_not_match() {
    let bytes = patched(b"PK\x01\x02", 16, &[1, 2, 3, 4]);
    let dataset = dataset(beside(file("d/bad.zip", bytes)));
    assert_eq!(dataset.samples.len(), 2);
    assert!(sentences(&dataset)[0].starts_with("d/bad.zip/happy/1.png: cannot be read ("), "{:?}", sentences(&dataset));
}

#[test]
fn sizes_that_lie() {
    // The directory claims 4 GiB for an image of a few bytes: what is there is read, and no more set aside.
    let bytes = patched(b"PK\x01\x02", 24, &[0xFE, 0xFF, 0xFF, 0xFF]);
    assert_eq!(dataset(vec![file("lie.zip", bytes)]).samples.len(), 1);
    // The end record of a zip64 claims 2^56 entries.
    let mut bytes = std::fs::read(golden("folders.zip")).unwrap();
    let end = bytes.len() - 22;
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend([0, 0, 0, 0, 0, 0, 0, 1].repeat(2));
    record.extend([100, 0, 0, 0, 0, 0, 0, 0].repeat(2));
    record.extend(b"PK\x06\x07\0\0\0\0");
    record.extend((end as u64).to_le_bytes());
    record.extend(1_u32.to_le_bytes());
    bytes[end + 8..end + 20].fill(0xFF);
    bytes.splice(end..end, record);
    let sentence = refusal(vec![file("lie.zip", bytes)]);
    assert!(sentence.contains("lie.zip: is damaged (it claims 72057594037927936 entries"), "{sentence}");
}

#[test]
fn text_called_png() {
    let why = "is not an image Mien can read (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF)";
    assert_only_problem(beside(file("d/sad/text.png", "not an image")), &format!("d/sad/text.png: {why}"));
    assert_only_problem(beside(file("d/sad/none.png", "")), "d/sad/none.png: is empty");
    let sentence = refusal(vec![file("d/sad/text.png", "not an image")]);
    assert_eq!(sentence, format!("No image of d could be imported. d/sad/text.png: {why}."));
}

#[test]
fn a_png_of_20_000_by_20_000() {
    let why = "is 20000 x 20000 pixels, more than the 64 megapixels Mien reads; scale it down";
    assert_only_problem(beside(file("d/sad/huge.png", huge_png())), &format!("d/sad/huge.png: {why}"));
    let packed = zip(&[("sad/huge.png", &huge_png())]);
    assert_only_problem(beside(file("d/huge.zip", packed)), &format!("d/huge.zip/sad/huge.png: {why}"));
}

#[test]
fn a_truncated_image() {
    let whole = png(7);
    let dataset = dataset(beside(file("d/sad/cut.png", &whole[..whole.len() - 20])));
    assert_eq!(dataset.samples.len(), 2);
    assert!(sentences(&dataset)[0].starts_with("d/sad/cut.png: is damaged"), "{:?}", sentences(&dataset));
}

#[test]
fn an_image_file_too_large_to_be_one() {
    let bytes = vec![0; (64 << 20) + 1];
    let why = "is larger than 64 MiB, the most that is read of an image";
    assert_only_problem(beside(file("d/sad/film.png", bytes)), &format!("d/sad/film.png: {why}"));
}

#[test]
fn a_table_that_names_missing_files() {
    let dataset = dataset(with_table("image,expression\n1.png,happy\nlost.png,sad\n2.png,sad\n3.png,sad\n,sad\n"));
    assert_eq!(dataset.samples.len(), 3);
    let expected = [
        "d/labels.csv, row 3, column image: names lost.png, which was not dropped; the row is left out",
        "d/labels.csv, row 6, column image: names no image; the row is left out",
    ];
    assert_eq!(sentences(&dataset), expected);
    let sentence = refusal(with_table("image,expression\nx.png,happy\n"));
    assert_eq!(
        sentence,
        format!("No image of d could be imported. {}.", expected[0].replace("row 3", "row 2").replace("lost", "x"))
    );
}

#[test]
fn values_out_of_range_cost_only_themselves() {
    let csv = "image,expression,valence,arousal\n1.png,happy,1.5,0.5\n2.png,sad,nan,high\n3.png,sad,-1,1\n";
    let dataset = dataset(with_table(csv));
    let values: Vec<_> = dataset.samples.iter().map(|s| (s.annotation.valence, s.annotation.arousal)).collect();
    assert_eq!(values, [(None, Some(0.5)), (None, None), (Some(-1.0), Some(1.0))]);
    assert_eq!(dataset.samples.iter().filter(|sample| sample.annotation.expression.is_some()).count(), 3);
    let problem = |row, column, found| {
        format!(
            "d/labels.csv, row {row}, column {column}: expected a number from -1 to 1, found {found}; this value is left out"
        )
    };
    assert_eq!(
        sentences(&dataset),
        [problem(2, "valence", "1.5"), problem(3, "valence", "nan"), problem(3, "arousal", "high")]
    );
}

#[test]
fn numbers_that_are_no_expression() {
    let dataset = dataset(with_table("image,expression,valence\n1.png,1,0\n2.png,1.5,0.5\n3.png,4.0,\n"));
    assert_eq!(classes(&dataset), [("d/1.png", "happy"), ("d/2.png", ""), ("d/3.png", "fear")]);
    let why = "is no expression's number: AffectNet's order goes from 0 (neutral) to 7 (contempt)";
    assert_eq!(sentences(&dataset), [format!("d/labels.csv, row 3, column expression: {why}")]);
}

#[test]
fn ragged_rows_second_rows_and_images_without_a_row() {
    let dataset =
        dataset(with_table("image,expression,split\n1.png,happy,train,,\n2.png,sad\n1.png,sad,7\n2.png,sad,fold 3\n"));
    assert_eq!(classes(&dataset), [("d/1.png", "happy"), ("d/2.png", "sad")]);
    let expected = [
        "d/labels.csv, row 3: has 2 cells where the header has 3; the row is left out",
        "d/labels.csv, row 4, column image: names 1.png, as row 2 did; the first of the two is kept",
        "d/labels.csv, column split: expected train, validation or test, found fold 3; such values are not read",
        "d/3.png: has no row in the table; add one, or leave the image out",
    ];
    assert_eq!(sentences(&dataset), expected);
}

#[test]
fn many_images_without_a_row_are_one_problem() {
    let mut files: Vec<_> = (0..3000).map(|i| file(&format!("d/{i:04}.png"), [])).collect();
    files.push(file("d/0.png", png(0)));
    files.push(file("d/labels.csv", "image,label\n0.png,happy\n"));
    let expected = "d/labels.csv: 3000 files, from d/0000.png to d/2999.png: each has no row in the table; add one, or \
                    leave the image out";
    assert_eq!(sentences(&dataset(files)), [expected]);
}

#[test]
fn problems_are_counted_and_the_first_thousand_kept() {
    let mut files: Vec<_> = (0..1500).map(|i| file(&format!("d/sad/{i:04}.png"), "text")).collect();
    files.push(file("d/sad/good.png", png(0)));
    let dataset = dataset(files);
    assert_eq!((dataset.problems.len(), dataset.problem_count, dataset.samples.len()), (1000, 1500, 1));
    assert_eq!(dataset.summary(&Twins::default()).problem_count, 1500);
}

#[test]
fn a_column_of_everything_is_no_class() {
    let mut files: Vec<_> = (0..400).map(|i| file(&format!("d/{i}.png"), png(0))).collect();
    let rows: String = (0..400).map(|i| format!("{i}.png,person {i},0.5\n")).collect();
    files.push(file("d/labels.csv", format!("image,label,valence\n{rows}")));
    let found = dataset(files);
    assert!(found.label_set.is_empty());
    assert_eq!(found.samples.len(), 400);
    let expected =
        "d/labels.csv, column label: holds more than 256 different values, so it names no classes; it is not read";
    assert_eq!(sentences(&found), [expected]);
    let files = (0..400).map(|i| file(&format!("d/person {i}/1.png"), png(0))).collect();
    assert!(refusal(files).contains("400 folders of images are too many to be classes"));
}

#[test]
fn votes_that_are_none() {
    let votes = |name: &str, rest: &str| format!("{name}.png,\"(0, 0, 48, 48)\",{rest}\n");
    let good = "0,9,0,0,0,0,0,0,0,1";
    let csv = [
        votes("1", good),
        votes("2", "0,nine,0,0,0,0,0,0,0,1"),
        votes("3", "0,9,0"),
        votes("9", good),
        votes("1", good),
    ];
    let dataset = dataset(with_table(&csv.concat()));
    assert_eq!(classes(&dataset), [("d/1.png", "happiness")]);
    let expected = [
        "d/labels.csv, row 2, column 4: expected a count of votes, found nine; the row is left out",
        "d/labels.csv, row 3: has 5 cells, not 12; the row is left out",
        "d/labels.csv, row 4, column 1: names 9.png, which was not dropped; the row is left out",
        "d/labels.csv, row 5, column 1: names 1.png, as row 1 did; the first of the two is kept",
        "d/2.png: has no votes in the table; it is left out",
        "d/3.png: has no votes in the table; it is left out",
    ];
    assert_eq!(sentences(&dataset), expected);
}

#[test]
fn a_table_beside_folders_that_is_of_no_use_is_named() {
    let why = "has no header that names a column for the image (image, file, path) and one for expression, valence or \
               arousal; it is not read";
    assert_only_problem(beside(file("d/ages.csv", "image,age\n1.png,30\n")), &format!("d/ages.csv: {why}"));
    assert_only_problem(beside(file("d/empty.csv", "")), &format!("d/empty.csv: {why}"));
}

/// A store with room for one image.
#[derive(Default)]
struct Small(MemoryPixelStore);

impl PixelStore for Small {
    fn push(&mut self, pixels: &Pixels) -> Result<usize, StoreError> {
        if self.0.is_empty() { self.0.push(pixels) } else { Err(StoreError::Full { stored: 1 }) }
    }

    fn get(&self, index: usize) -> Result<Pixels, StoreError> {
        self.0.get(index)
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

#[test]
fn a_full_store_ends_the_import() {
    let mut import = Import::open(vec![fixture("folders.zip")], SplitPlan::default()).unwrap();
    let mut store = Small::default();
    assert_eq!((import.total(), import.done()), (25, 0));
    assert!(import.step(&mut store));
    assert!(!import.step(&mut store));
    assert!(!import.step(&mut store));
    assert_eq!(import.finish().unwrap_err(), ImportError::Store(StoreError::Full { stored: 1 }));
}
