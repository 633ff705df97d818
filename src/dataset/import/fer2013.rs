//! The layout *FER2013* (Goodfellow et al. 2013): one table, a row an image, `emotion,pixels,Usage`, the pixels as
//! numbers with spaces between. It is about 290 MB: it is read twice from front to back, once for the labels and once
//! for the pixels, a row at a time. Where FER+'s table (`fer2013new.csv`) lies beside it, its votes are the labels.

use csv::ByteRecord;

use super::columns::fold;
use super::ferplus::{self, Verdict};
use super::layout::{Label, LabelledImage, Labelling};
use super::listing::Listing;
use super::paths;
use super::picture::Picture;
use super::pixel_rows::{PixelColumn, pixel_reader};
use super::problem_list::ProblemList;
use super::table_rows::{csv_reader, next_record};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Place;

/// A table with pixels in it, and which column holds what.
struct PixelTable {
    file: usize,
    path: String,
    emotion: usize,
    pixels: usize,
    usage: Option<usize>,
}

/// Whether there is a table of pixels.
pub(super) fn fits(listing: &mut Listing) -> bool {
    listing.tables().into_iter().any(|file| PixelTable::open(listing, file).is_some())
}

/// Reads the listing, if it holds a table of pixels.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let mut tables: Vec<PixelTable> =
        listing.tables().into_iter().filter_map(|file| PixelTable::open(listing, file)).collect();
    let (mut images, mut problems, mut read) = (Vec::new(), ProblemList::default(), Vec::new());
    // The challenge's own files say the same twice: icml_face_data.csv holds all that train.csv does.
    if let Some(whole) = tables.iter().position(|table| table.usage.is_some()) {
        let whole = tables.swap_remove(whole);
        for spare in std::mem::replace(&mut tables, vec![whole]) {
            problems.push_file(&spare.path, "holds pixels as well; the table with a column Usage is read alone");
            read.push(spare.file);
        }
    }
    let path = tables.first()?.path.clone();
    for table in &tables {
        table.read_labels(listing, &mut images, &mut problems);
        read.push(table.file);
    }
    let mut labelling = Labelling {
        recognised: format!("FER2013 because {path} holds each image as a row of pixels"),
        label_set: LabelSet::fer2013(),
        numbers: Vec::new(),
        images,
        read,
        excluded: Vec::new(),
        problems,
    };
    let unread: Vec<&str> = listing.images().map(|image| listing.path(image)).collect();
    labelling.problems.push_files(&path, &unread, "lies beside a table of pixels; it is not read");
    if let [table] = &tables[..] {
        take_votes(listing, table, &mut labelling);
    }
    Some(labelling)
}

impl PixelTable {
    fn open(listing: &mut Listing, file: usize) -> Option<PixelTable> {
        let header = next_record(&mut csv_reader(listing.read_table(file).ok()?, b',')).ok()??;
        let find = |name: &str| header.iter().position(|column| fold(column) == name);
        let path = listing.path(file).to_owned();
        Some(PixelTable { file, path, emotion: find("emotion")?, pixels: find("pixels")?, usage: find("usage") })
    }

    fn place(&self, row: u64, column: &str) -> Place {
        Place { file: self.path.clone(), row: Some(row), column: Some(column.to_owned()) }
    }

    /// The first reading: every row's label and split.
    fn read_labels(&self, listing: &mut Listing, images: &mut Vec<LabelledImage>, problems: &mut ProblemList) {
        let classes = LabelSet::fer2013().len();
        let split_of_file = paths::split_of_name(paths::file_name(&self.path));
        let mut reader = match listing.read_table(self.file) {
            Ok(reader) => pixel_reader(reader, b','),
            Err(error) => return problems.push_file(&self.path, error.to_string()),
        };
        let mut record = ByteRecord::new();
        for row in 1.. {
            match reader.read_byte_record(&mut record) {
                Ok(true) if row == 1 => continue,
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    let message = format!("the rows from here on cannot be read ({error})");
                    return problems.push(self.place(row, "pixels"), message);
                }
            }
            let cell = |column: usize| String::from_utf8_lossy(record.get(column).unwrap_or_default());
            let label = cell(self.emotion);
            let Some(class) = label.trim().parse().ok().filter(|class: &usize| *class < classes) else {
                let message = format!("expected the number of an emotion, 0 (angry) to 6 (neutral), found {label}");
                problems.push(self.place(row, "emotion"), message);
                continue;
            };
            let split = self.usage.and_then(|usage| paths::split_of_name(&cell(usage))).or(split_of_file);
            let column = PixelColumn { index: self.pixels, delimiter: b',' };
            let picture = Picture::Cell { file: self.file, row, column };
            images.push(LabelledImage {
                picture,
                label: Label::Known(Annotation::one_hot(class, classes)),
                split,
                person: None,
            });
        }
    }
}

/// Puts FER+'s votes in the place of the labels, where its table is there and has as many rows.
fn take_votes(listing: &mut Listing, table: &PixelTable, labelling: &mut Labelling) {
    let Some((file, verdicts)) = ferplus::verdicts_by_row(listing, &mut labelling.problems) else { return };
    let path = listing.path(file).to_owned();
    labelling.read.push(file);
    let rows = labelling.images.iter().map(|image| image.picture.order().1).max().unwrap_or_default();
    // Both have a header, so that row 2 is the first image of either.
    if verdicts.len() as u64 + 1 < rows {
        let message =
            format!("has {} rows, and {} goes to row {rows}; its votes are not read", verdicts.len() + 1, table.path);
        return labelling.problems.push_file(&path, message);
    }
    let mut left_out = ferplus::LeftOut::default();
    labelling.images.retain_mut(|image| {
        let row = usize::try_from(image.picture.order().1.saturating_sub(2)).unwrap_or(usize::MAX);
        match verdicts.get(row) {
            Some(Some(Verdict::Label(distribution))) => {
                image.label =
                    Label::Known(Annotation { expression: Some(distribution.clone()), ..Annotation::default() });
                true
            }
            Some(Some(Verdict::LeftOut(reason))) => {
                left_out.count(*reason);
                false
            }
            _ => false,
        }
    });
    labelling.label_set = LabelSet::ferplus();
    labelling.excluded.extend(left_out.counted());
    labelling.recognised += &format!("; the labels are FER+'s votes in {path}");
}
