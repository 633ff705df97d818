//! The layout *table*: images anywhere, or as pixels in a column, and CSV or TSV files with a header that says what is known of each. AffectNet's
//! own tables are of this kind; they also say where in the image the face is.

use std::collections::BTreeMap;

use super::affectnet_arrays::no_expression;
use super::classes::{Classes, Numbers};
use super::columns::ImageColumn;
use super::image_index::ImageIndex;
use super::layout::{Label, LabelledImage, Labelling};
use super::listing::Listing;
use super::paths;
use super::problem_list::ProblemList;
use super::rafdb;
use super::table_rows::{Row, Rows, Table, Told};
use crate::affect::Annotation;
use crate::dataset::{Mapping, Split};

/// Whether a table has a header with an image and a label.
pub(super) fn fits(listing: &mut Listing, mappings: &[Mapping]) -> bool {
    listing.tables().into_iter().any(|file| open(listing, file, mappings).is_some())
}

/// Reads the listing's tables, if one of them has a header with an image and a label, or a person said which columns those
/// are.
pub(super) fn read(listing: &mut Listing, mappings: &[Mapping]) -> Option<Labelling> {
    let tables: Vec<Table> = listing.tables().into_iter().filter_map(|file| open(listing, file, mappings)).collect();
    let first = tables.first()?;
    let what = if first.columns.are_affectnets() { "AffectNet's table of labels" } else { "a table of labels" };
    let mut recognised = format!("{what} because {} has the columns {}", first.path, first.columns.used());
    if first.columns.explained {
        recognised += ", as you explained them";
    }
    let index = ImageIndex::new(listing);
    let mut rows = Rows::default();
    for (number, table) in tables.iter().enumerate() {
        match listing.read_table(table.file) {
            Ok(reader) => rows.read(reader, number, table, &index),
            Err(error) => rows.problems.push_file(&table.path, error.to_string()),
        }
    }
    let unnamed = listing.images().filter(|image| !rows.names(*image));
    let unnamed: Vec<&str> = unnamed.map(|image| listing.path(image)).collect();
    rows.problems.push_files(&first.path, &unnamed, "has no row in the table; add one, or leave the image out");
    let from_rafdb = rows.rows.iter().all(|row| rafdb::is_named_so(listing.path(row.picture.order().0)));
    let classes = if from_rafdb {
        Classes::in_order(&rows.labels, Numbers::RafDb)
    } else if tables.iter().any(|table| table.columns.are_affectnets()) {
        Classes::in_order(&rows.labels, Numbers::AffectNet)
    } else if tables.iter().any(|table| !table.columns.classes.is_empty()) {
        // A class that has a column has a name.
        Classes::of_names(&rows.labels)
    } else {
        Classes::of(&rows.labels)
    };
    if let Some(numbers) = classes.numbers {
        recognised += &format!("; expressions are numbers, read in {}", numbers.order());
    }
    let (images, excluded) = label_images(rows.rows, &classes, &tables, listing, &mut rows.problems);
    let excluded = excluded.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect();
    let read = tables.into_iter().map(|table| table.file).collect();
    let (label_set, numbers) = (classes.set, classes.of_class);
    Some(Labelling { recognised, label_set, numbers, images, read, excluded, problems: rows.problems })
}

/// A table whose header has an image and a label. One that names files is of no use where there are none.
fn open(listing: &mut Listing, file: usize, mappings: &[Mapping]) -> Option<Table> {
    let table = Table::open(listing, file, mappings)?;
    let holds_pixels = matches!(table.columns.image, ImageColumn::Pixels(_));
    (holds_pixels || listing.images().next().is_some()).then_some(table)
}

/// The images of the rows, and how many rows are left out, by reason.
fn label_images(
    rows: Vec<Row>,
    classes: &Classes,
    tables: &[Table],
    listing: &Listing,
    problems: &mut ProblemList,
) -> (Vec<LabelledImage>, BTreeMap<&'static str, usize>) {
    let mut images = Vec::new();
    let mut excluded = BTreeMap::new();
    let splits: Vec<Option<Split>> = tables.iter().map(|table| split_of_table(&table.path)).collect();
    let mut too_many = false;
    for row in rows {
        let table = &tables[row.table];
        let label = match row.expression {
            Some(Told::One(label)) => Some(label),
            _ => None,
        };
        let number = label.filter(|_| table.columns.are_affectnets()).and_then(|label| classes.number(label));
        if let Some(reason) = number.and_then(no_expression) {
            *excluded.entry(reason).or_default() += 1;
            continue;
        }
        let expression = row.expression.and_then(|told| distribution(told, classes));
        if label.is_some() && expression.is_none() {
            if classes.numbers.is_some() {
                problems.push(table.place(Some(row.number), table.columns.expression), classes.refusal());
            } else if !std::mem::replace(&mut too_many, true) {
                problems.push(table.place(None, table.columns.expression), classes.refusal());
            }
        }
        let annotation = Annotation { expression, valence: row.valence, arousal: row.arousal };
        if annotation.is_empty() {
            *excluded.entry("no usable label in the row").or_default() += 1;
            continue;
        }
        let path = listing.path(row.picture.order().0);
        let split = row.split.or_else(|| paths::split_of_folders(path)).or(splits[row.table]);
        images.push(LabelledImage { picture: row.picture, label: Label::Known(annotation), split, person: row.person });
    }
    (images, excluded)
}

/// What a row says of the expression, as a distribution over the classes.
fn distribution(told: Told, classes: &Classes) -> Option<Vec<f32>> {
    let weights = match told {
        Told::One(label) => return Annotation::one_hot(classes.class(label)?, classes.set.len()).expression,
        Told::Weights(weights) => weights,
    };
    let mut distribution = vec![0.0; classes.set.len()];
    for (label, weight) in weights {
        distribution[classes.class(label)?] += weight;
    }
    Some(distribution)
}

/// The split that a table's name or folder names: `train.csv`, `test/labels.csv`.
fn split_of_table(path: &str) -> Option<Split> {
    let name = paths::file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    paths::split_of_name(stem).or_else(|| paths::split_of_folders(path))
}
