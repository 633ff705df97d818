//! The beginnings of tables, and what their columns may be: for a person to say what they are.

use std::io::Read;

use csv::StringRecord;

use super::columns::{self, Columns};
use super::file_names;
use super::listing::Listing;
use super::paths::{self, Kind};
use super::table_rows::{DELIMITERS, csv_reader, next_record};
use crate::affect::Expression;
use crate::dataset::{Mapping, Meaning, Scale, TableView, number};

/// Tables that are looked at, and different first rows that are shown.
const LOOKED_AT: usize = 64;
const SHOWN: usize = 8;
/// So many bytes of a table are read to show its beginning.
const BEGINNING: u64 = 1 << 16;
/// Rows that are shown after the first.
const ROWS: usize = 4;
/// A table of more columns is none that a person explains column by column.
const MOST_COLUMNS: usize = 64;
/// Letters of a cell that are shown. A first row with longer cells holds no names.
const LETTERS: usize = 120;

/// The beginnings of these tables, one for all that have the same first row.
pub(super) fn views(listing: &mut Listing, tables: &[usize], mappings: &[Mapping]) -> Vec<TableView> {
    let mut views: Vec<TableView> = Vec::new();
    for table in tables.iter().take(LOOKED_AT) {
        let Some(view) = view(listing, *table, mappings) else { continue };
        if let Some(known) = views.iter_mut().find(|known| known.mapping.header == view.mapping.header) {
            known.more += 1;
        } else if views.len() < SHOWN {
            views.push(view);
        }
    }
    views
}

fn view(listing: &mut Listing, table: usize, mappings: &[Mapping]) -> Option<TableView> {
    let mut beginning = Vec::new();
    listing.read_table(table).ok()?.take(BEGINNING).read_to_end(&mut beginning).ok()?;
    let records = |delimiter: u8| {
        let mut reader = csv_reader(&beginning[..], delimiter);
        std::iter::from_fn(move || next_record(&mut reader).ok()?).take(ROWS + 1).collect::<Vec<_>>()
    };
    let mut all: Vec<Vec<StringRecord>> = DELIMITERS.map(records).into_iter().filter(|rows| !rows.is_empty()).collect();
    // As it is read; where it is not, by what cuts it into the most cells, the comma first.
    let understood = all.iter().position(|rows| Columns::of(&rows[0], mappings).is_some());
    let widest = || (0..all.len()).rev().max_by_key(|cut| all[*cut][0].len());
    let records = all.swap_remove(understood.or_else(widest)?);
    let strange =
        |cell: &str| cell.chars().nth(LETTERS).is_some() || cell.contains(['\0', char::REPLACEMENT_CHARACTER]);
    if !(2..=MOST_COLUMNS).contains(&records[0].len()) || records[0].iter().any(strange) {
        return None;
    }
    let header = columns::header(&records[0]);
    let shown = |cell: &str| cell.trim().chars().take(LETTERS).collect();
    let row = |record: &StringRecord| record.iter().take(header.len()).map(shown).collect();
    let rows: Vec<Vec<String>> = records[1..].iter().map(row).collect();
    let said = mappings.iter().find(|mapping| mapping.header == header && mapping.trouble().is_none());
    let mapping = said.cloned().unwrap_or_else(|| guess(header, &rows, understood.is_some()));
    Some(TableView { path: listing.path(table).to_owned(), more: 0, rows, mapping, explained: said.is_some() })
}

/// What columns are by their names, and may be by what stands in them, where a table was not `understood`.
fn guess(header: Vec<String>, rows: &[Vec<String>], understood: bool) -> Mapping {
    let headless = !understood && header.iter().any(|cell| is_image(cell));
    let own = headless.then_some(&header);
    let cells = |column: usize| own.into_iter().chain(rows).filter_map(move |row| Some(row.get(column)?.as_str()));
    let mut columns = if headless { vec![Meaning::Nothing; header.len()] } else { columns::by_name(&header) };
    if !understood {
        let all = |column: usize, is: fn(&str) -> bool| {
            cells(column).next().is_some() && cells(column).all(|cell| cell.is_empty() || is(cell))
        };
        let names = if headless { vec![String::new(); header.len()] } else { header.clone() };
        if let Some(column) = (0..columns.len()).find(|column| all(*column, are_pixels)) {
            columns[column] = Meaning::Pixels;
        } else {
            guess_image(&mut columns, &all);
        }
        guess_expression(&mut columns, &names, &all);
    }
    for (column, meaning) in columns.iter_mut().enumerate() {
        if let Meaning::Valence(scale) | Meaning::Arousal(scale) = meaning {
            *scale = Scale::of(cells(column));
        }
    }
    Mapping { header, headless, columns }
}

/// Whether all cells of a column are of a kind.
type All<'a> = dyn Fn(usize, fn(&str) -> bool) -> bool + 'a;

/// The image is where image files are named, whatever the column is called.
fn guess_image(columns: &mut [Meaning], all: &All) {
    let images = |column: &usize| all(*column, is_image);
    let named = columns.iter().position(|meaning| *meaning == Meaning::Image);
    if named.is_none_or(|column| !images(&column))
        && let Some(column) = (0..columns.len()).find(images)
    {
        named.into_iter().for_each(|named| columns[named] = Meaning::Nothing);
        columns[column] = Meaning::Image;
    }
}

/// The expression is in columns of numbers that are called after expressions, else where expressions are named.
fn guess_expression(columns: &mut [Meaning], names: &[String], all: &All) {
    let free: Vec<usize> = (0..columns.len()).filter(|column| columns[*column] == Meaning::Nothing).collect();
    let counts =
        |column: &usize| all(*column, |cell| number(cell).is_some()) && file_names::of_words(&names[*column]).is_some();
    let classes: Vec<usize> = free.iter().copied().filter(counts).collect();
    if columns.contains(&Meaning::Expression) {
        return;
    }
    if classes.len() > 1 {
        classes.into_iter().for_each(|column| columns[column] = Meaning::Class);
    } else if let Some(column) =
        free.into_iter().find(|column| all(*column, |cell| Expression::from_name(cell).is_some()))
    {
        columns[column] = Meaning::Expression;
    }
}

/// Whether a cell, which may be cut, begins as pixels do.
fn are_pixels(cell: &str) -> bool {
    let numbers = cell.split_ascii_whitespace();
    numbers.clone().count() >= 16 && numbers.into_iter().all(|number| number.parse::<u8>().is_ok())
}

fn is_image(cell: &str) -> bool {
    paths::kind(cell) == Kind::Image
}
