//! The layout *FER+ votes* (Barsoum et al. 2016): folders of images, each with a table without a header, a row an
//! image: `file, "(x0, y0, x1, y1)", votes of ten annotators`.

use csv::StringRecord;

use super::columns::fold;
use super::image_index::{ImageIndex, NotFound};
use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::paths::{self, Kind};
use super::problem_list::ProblemList;
use super::table_rows::{csv_reader, next_record};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::{Place, Split};

/// What the votes are for, after the file and the box: the eight classes, then these two.
const UNKNOWN: usize = 8;
const NOT_A_FACE: usize = 9;
const VOTES: usize = 10;
const COLUMNS: usize = 2 + VOTES;

/// Why an image is left out under the "majority" protocol.
const REASONS: [&str; 3] =
    ["most annotators: unknown expression", "most annotators: not a face", "annotators tied, no majority"];

/// What the votes on an image amount to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// A distribution over the eight classes.
    Label(Vec<f32>),
    /// Index into [`REASONS`].
    LeftOut(usize),
}

/// How many images are left out for each of the [`REASONS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut([usize; REASONS.len()]);

impl LeftOut {
    pub(super) fn count(&mut self, reason: usize) {
        self.0[reason] += 1;
    }

    /// The reasons that occur, and how often.
    pub(super) fn counted(self) -> Vec<(String, usize)> {
        let occurring = REASONS.into_iter().zip(self.0).filter(|(_, count)| *count > 0);
        occurring.map(|(reason, count)| (reason.to_owned(), count)).collect()
    }
}

/// Whether there are tables of votes.
pub(super) fn fits(listing: &mut Listing) -> bool {
    listing.tables().into_iter().any(|file| has_header(listing, file) || has_votes(listing, file))
}

/// Reads the listing's vote tables, if there are such.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let tables: Vec<(usize, bool)> = listing
        .tables()
        .into_iter()
        .filter_map(|file| {
            let own = has_header(listing, file);
            (own || has_votes(listing, file)).then_some((file, own))
        })
        .collect();
    let (first, _) = *tables.first()?;
    let index = ImageIndex::new(listing);
    let mut votes = Votes { named: vec![None; listing.files().len()], ..Votes::default() };
    for (table, own) in &tables {
        votes.read(listing, *table, *own, &index);
    }
    let unnamed = listing.images().filter(|image| votes.named[*image].is_none());
    let unnamed: Vec<&str> = unnamed.map(|image| listing.path(image)).collect();
    votes.problems.push_files(listing.path(first), &unnamed, "has no votes in the table; it is left out");
    Some(Labelling {
        recognised: format!("FER+ votes because {} gives ten annotators' votes on each image", listing.path(first)),
        label_set: LabelSet::ferplus(),
        numbers: Vec::new(),
        images: votes.images,
        read: tables.into_iter().map(|(table, _)| table).collect(),
        excluded: votes.left_out.counted(),
        problems: votes.problems,
    })
}

/// Whether the first row of a table is a row of votes.
fn has_votes(listing: &mut Listing, table: usize) -> bool {
    let Ok(reader) = listing.read_table(table) else { return false };
    let Ok(Some(row)) = next_record(&mut csv_reader(reader, b',')) else { return false };
    let mut cells = row.iter().map(str::trim);
    row.len() == COLUMNS
        && cells.next().is_some_and(|name| paths::kind(name) == Kind::Image)
        && cells.next().is_some_and(|face_box| face_box.starts_with('(') && face_box.ends_with(')'))
        && cells.all(|count| count.parse::<u32>().is_ok())
}

/// What the tables say.
#[derive(Default)]
struct Votes {
    images: Vec<LabelledImage>,
    left_out: LeftOut,
    /// The row that names an image, by its index in the listing.
    named: Vec<Option<u64>>,
    problems: ProblemList,
}

impl Votes {
    /// Reads a table of votes; FER+'s own has a header, the split in its first column and the image in its second.
    fn read(&mut self, listing: &mut Listing, table: usize, own: bool, index: &ImageIndex) {
        let path = listing.path(table).to_owned();
        let split_of_table = paths::split_of_folders(&path);
        let image_column = usize::from(own);
        let place = |row, column| Place { file: path.clone(), row: Some(row), column };
        let mut reader = match listing.read_table(table) {
            Ok(reader) => csv_reader(reader, b','),
            Err(error) => return self.problems.push_file(&path, error.to_string()),
        };
        for row in 1.. {
            let record = match next_record(&mut reader) {
                Ok(Some(_)) if own && row == 1 => continue,
                Ok(Some(record)) => record,
                Ok(None) => return,
                Err(error) => {
                    let message = format!("the rows from here on cannot be read ({error})");
                    return self.problems.push(place(row, None), message);
                }
            };
            let name = record.get(image_column).unwrap_or_default().trim();
            let split = record.get(0).filter(|_| own).and_then(paths::split_of_name).or(split_of_table);
            match parse_votes(&record).map(|counts| judge(&counts)) {
                Err((column, message)) => self.problems.push(place(row, column), message),
                // It names no image where there was no face.
                Ok(Verdict::LeftOut(reason)) if own && name.is_empty() => self.left_out.count(reason),
                Ok(verdict) => match self.claim(index.find(name, &path), row) {
                    Ok(image) => self.add(image, verdict, split),
                    Err(why) => {
                        let column = Some((image_column + 1).to_string());
                        self.problems.push(place(row, column), format!("names {name}, {why}"));
                    }
                },
            }
        }
    }

    /// The image found, unless another row has named it already.
    fn claim(&mut self, found: Result<usize, NotFound>, row: u64) -> Result<usize, String> {
        let image = found.map_err(|error| match error {
            NotFound::Missing => "which was not dropped; the row is left out",
            NotFound::Ambiguous => "and several images are called that; write it with its folder",
        })?;
        match self.named[image].replace(row) {
            None => Ok(image),
            Some(earlier) => Err(format!("as row {earlier} did; the first of the two is kept")),
        }
    }

    fn add(&mut self, file: usize, verdict: Verdict, split: Option<Split>) {
        match verdict {
            Verdict::Label(distribution) => {
                let annotation = Annotation { expression: Some(distribution), ..Annotation::default() };
                self.images.push(LabelledImage::file(file, annotation, split));
            }
            Verdict::LeftOut(reason) => self.left_out.count(reason),
        }
    }
}

/// The columns of `fer2013new.csv` after the split and the image's name.
const HEADER: [&str; VOTES] =
    ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf"];

/// What FER+'s own table (`fer2013new.csv`) says of each row of FER2013's, if it is there: rows stand in the same order.
/// `None` for a row that cannot be read.
pub(super) fn verdicts_by_row(
    listing: &mut Listing,
    problems: &mut ProblemList,
) -> Option<(usize, Vec<Option<Verdict>>)> {
    let tables = listing.tables();
    let table = tables.into_iter().find(|table| has_header(listing, *table))?;
    let path = listing.path(table).to_owned();
    let mut reader = csv_reader(listing.read_table(table).ok()?, b',');
    let mut verdicts = Vec::new();
    for row in 1.. {
        let (column, message) = match next_record(&mut reader) {
            Ok(None) => break,
            Ok(Some(_)) if row == 1 => continue,
            Ok(Some(record)) => match parse_votes(&record) {
                Ok(counts) => {
                    verdicts.push(Some(judge(&counts)));
                    continue;
                }
                Err(wrong) => wrong,
            },
            Err(error) => {
                let place = Place { file: path, row: Some(row), column: None };
                problems.push(place, format!("the rows from here on cannot be read ({error})"));
                break;
            }
        };
        problems.push(Place { file: path.clone(), row: Some(row), column }, message);
        verdicts.push(None);
    }
    Some((table, verdicts))
}

/// Whether a table has the header of `fer2013new.csv`.
fn has_header(listing: &mut Listing, table: usize) -> bool {
    let Ok(reader) = listing.read_table(table) else { return false };
    let Ok(Some(row)) = next_record(&mut csv_reader(reader, b',')) else { return false };
    row.len() == COLUMNS && row.iter().skip(2).map(fold).eq(HEADER)
}

/// The ten counts of a row, or which column is wrong and how.
fn parse_votes(record: &StringRecord) -> Result<[u32; VOTES], (Option<String>, String)> {
    if record.len() != COLUMNS {
        return Err((None, format!("has {} cells, not {COLUMNS}; the row is left out", record.len())));
    }
    let mut counts = [0; VOTES];
    for (cell, (count, column)) in record.iter().skip(2).zip(counts.iter_mut().zip(3..)) {
        *count = cell.trim().parse().map_err(|_| {
            let message = format!("expected a count of votes, found {cell}; the row is left out");
            (Some(column.to_string()), message)
        })?;
    }
    Ok(counts)
}

/// The "majority" protocol: left out where the most votes are for "unknown" or "not a face", or are shared by two.
/// Otherwise the votes for the eight classes are the label, as a distribution.
fn judge(counts: &[u32; VOTES]) -> Verdict {
    let most = counts.iter().max();
    let mut winners = (0..VOTES).filter(|class| Some(&counts[*class]) == most);
    match (winners.next(), winners.next()) {
        (Some(UNKNOWN), None) => Verdict::LeftOut(0),
        (Some(NOT_A_FACE), None) => Verdict::LeftOut(1),
        (Some(_), None) => {
            let classes = &counts[..UNKNOWN];
            let total: f64 = classes.iter().map(|count| f64::from(*count)).sum();
            Verdict::Label(classes.iter().map(|count| (f64::from(*count) / total) as f32).collect())
        }
        _ => Verdict::LeftOut(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_decides_and_the_distribution_is_kept() {
        let label = judge(&[4, 0, 0, 1, 3, 0, 0, 0, 2, 0]);
        assert_eq!(label, Verdict::Label(vec![0.5, 0.0, 0.0, 0.125, 0.375, 0.0, 0.0, 0.0]));
        assert_eq!(judge(&[2, 0, 0, 1, 3, 0, 0, 0, 4, 0]), Verdict::LeftOut(0));
        assert_eq!(judge(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 10]), Verdict::LeftOut(1));
        assert_eq!(judge(&[4, 4, 0, 0, 2, 0, 0, 0, 0, 0]), Verdict::LeftOut(2));
        assert_eq!(judge(&[4, 0, 0, 0, 2, 0, 0, 0, 4, 0]), Verdict::LeftOut(2), "also a tie with unknown");
        assert_eq!(judge(&[0; 10]), Verdict::LeftOut(2), "nobody voted");
    }
}
