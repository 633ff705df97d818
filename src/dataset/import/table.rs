//! The layout *table*: images anywhere, and CSV or TSV files with a header that says what is known of each.

use std::collections::BTreeSet;

use super::classes;
use super::image_index::ImageIndex;
use super::layout::{LabelledImage, Labelling};
use super::listing::Listing;
use super::paths;
use super::problem_list::ProblemList;
use super::table_rows::{Row, Rows, Table};
use crate::affect::{Annotation, Expression, LabelSet};
use crate::dataset::Split;

/// Reads the listing's tables, if one of them has a header with an image and a label.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let tables: Vec<Table> = listing.tables().into_iter().filter_map(|file| Table::open(listing, file)).collect();
    let first = tables.first()?;
    let mut recognised = format!("a table of labels because {} has the columns {}", first.path, first.columns.used());
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
    let classes = Classes::of(&rows.labels);
    if classes.numbered {
        recognised += "; expressions are numbers, read in AffectNet's order (0 neutral to 7 contempt)";
    }
    let (images, unlabelled) = label_images(rows.rows, &classes, &tables, listing, &mut rows.problems);
    let excluded = if unlabelled > 0 { vec![("no usable label in the row".to_owned(), unlabelled)] } else { vec![] };
    let tables = tables.into_iter().map(|table| table.file).collect();
    Some(Labelling { recognised, label_set: classes.set, images, tables, excluded, problems: rows.problems })
}

/// The classes that the cells of the expression columns name.
struct Classes {
    set: LabelSet,
    /// The class of each different cell.
    of_label: Vec<Option<usize>>,
    numbered: bool,
}

impl Classes {
    fn of(labels: &[String]) -> Self {
        let numbers: Option<Vec<f64>> = labels.iter().map(|label| label.parse().ok()).collect();
        match numbers {
            Some(numbers) if !numbers.is_empty() => Self::of_numbers(&numbers),
            _ => Self::of_names(labels),
        }
    }

    fn of_numbers(numbers: &[f64]) -> Self {
        let numbered = |number: &f64| (0..8).find(|index| f64::from(*index) == *number);
        let expression = |number: &f64| numbered(number).map(|index| Expression::ALL[index as usize]);
        let occurring: BTreeSet<Expression> = numbers.iter().filter_map(expression).collect();
        let class = |number: &f64| occurring.iter().position(|known| Some(*known) == expression(number));
        let of_label = numbers.iter().map(class).collect();
        Classes { set: classes::expression_set(&occurring), of_label, numbered: true }
    }

    fn of_names(labels: &[String]) -> Self {
        let labels = if labels.len() > classes::MOST_CLASSES { &[] } else { labels };
        let set = classes::label_set(labels.iter().map(String::as_str));
        let of_label = labels.iter().map(|label| set.index_of(label)).collect();
        Classes { set, of_label, numbered: false }
    }
}

/// The images of the rows, and how many rows say nothing that can be used.
fn label_images(
    rows: Vec<Row>,
    classes: &Classes,
    tables: &[Table],
    listing: &Listing,
    problems: &mut ProblemList,
) -> (Vec<LabelledImage>, usize) {
    let mut images = Vec::new();
    let mut unlabelled = 0;
    let splits: Vec<Option<Split>> = tables.iter().map(|table| split_of_table(&table.path)).collect();
    let mut too_many = false;
    for row in rows {
        let table = &tables[row.table];
        let class = row.label.and_then(|label| classes.of_label.get(label).copied().flatten());
        if row.label.is_some() && class.is_none() {
            if classes.numbered {
                let message = "is no expression's number: AffectNet's order goes from 0 (neutral) to 7 (contempt)";
                problems.push(table.place(Some(row.number), table.columns.expression), message);
            } else if !std::mem::replace(&mut too_many, true) {
                let message = format!(
                    "holds more than {} different values, so it names no classes; it is not read",
                    classes::MOST_CLASSES
                );
                problems.push(table.place(None, table.columns.expression), message);
            }
        }
        let annotation = Annotation {
            valence: row.valence,
            arousal: row.arousal,
            ..class.map(|class| Annotation::one_hot(class, classes.set.len())).unwrap_or_default()
        };
        if annotation.is_empty() {
            unlabelled += 1;
            continue;
        }
        let split = row.split.or_else(|| paths::split_of_folders(listing.path(row.image))).or(splits[row.table]);
        images.push(LabelledImage { file: row.image, annotation, split });
    }
    (images, unlabelled)
}

/// The split that a table's name or folder names: `train.csv`, `test/labels.csv`.
fn split_of_table(path: &str) -> Option<Split> {
    let name = paths::file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    paths::split_of_name(stem).or_else(|| paths::split_of_folders(path))
}
