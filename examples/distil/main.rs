//! Labels for a small model to learn from: what people voted, and what a better model says, half and half (Hinton et al. 2015,
//! *Distilling the Knowledge in a Neural Network*).
//!
//! ```text
//! cargo run --release --example distil -- MODEL DATA.zip OUT.zip
//! ```
//!
//! MODEL is a model file of FER+'s classes, DATA.zip the training images in FER+'s layout (a folder with `label.csv`). OUT.zip is the
//! same with other votes, [`VOTE`] for each of an annotator's. What FER+'s protocol leaves out stays as it was, and left out.

#[path = "../asking/mod.rs"]
mod asking;

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

use futures_executor::block_on;
use mien::dataset::Split;
use mien::engine::protocol::{Command, DeviceChoice, Export};
use mien::engine::site::Site;
use mien::engine::storage::Storage;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use asking::{Engine, site};

type Failure = Box<dyn Error>;

/// The classes that are voted for, after a row's file and box; "unknown" and "not a face" come behind them.
const CLASSES: std::ops::Range<usize> = 2..10;

/// What a vote becomes: whole numbers, but fine ones.
const VOTE: f64 = 1000.0;

/// The share of the better model's word.
const SHARE: f64 = 0.5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [model, data, out] => block_on(distil(model, data, out)),
        _ => Err("distil MODEL DATA.zip OUT.zip".into()),
    };
    if let Err(why) = done {
        eprintln!("{why}");
        std::process::exit(1);
    }
}

async fn distil(model: &str, data: &str, out: &str) -> Result<(), Failure> {
    let said = said(model, data).await?;
    println!("{} faces were looked at", said.len());
    let mut data = ZipArchive::new(File::open(data)?)?;
    let mut out = ZipWriter::new(File::create(out)?);
    for number in 0..data.len() {
        let mut file = data.by_index(number)?;
        let name = file.name().to_string();
        match name.strip_suffix("label.csv") {
            None => out.raw_copy_file(file)?,
            Some(folder) => {
                let mut table = Vec::new();
                file.read_to_end(&mut table)?;
                out.start_file(&name, SimpleFileOptions::default())?;
                out.write_all(&mixed(folder, &table, &said)?)?;
            }
        }
    }
    out.finish()?;
    Ok(())
}

/// What the model says of every face of the training split: the probability of each class, by the face's path.
async fn said(model: &str, data: &str) -> Result<HashMap<String, Vec<f64>>, Failure> {
    let engine = Engine::new(Site::at(site()), Storage::none("nothing is kept"));
    engine.ask(Command::Start { device: DeviceChoice::Cpu, cores: None }).await?;
    engine.import(&[PathBuf::from(data)]).await?;
    let teacher = engine.import_model("teacher", std::fs::read(model)?).await?;
    engine.evaluate(teacher.id, Split::Train).await?;
    let table = engine.file(Command::Export { what: Export::Predictions }).await?;
    let mut table = csv::Reader::from_reader(&table[..]);
    let names = table.headers()?.clone();
    let classes: Vec<usize> = (0..names.len()).filter(|column| names[*column].starts_with("probability_")).collect();
    if classes.len() != CLASSES.len() {
        return Err(format!("{model} knows {} classes, FER+ has {}", classes.len(), CLASSES.len()).into());
    }
    let rows = table.records().map(|row| {
        let row = row?;
        let probabilities: Result<Vec<f64>, _> = classes.iter().map(|column| row[*column].parse()).collect();
        // Behind the zip's own name.
        let (_, path) = row[0].split_once('/').ok_or_else(|| format!("{data} has no folder"))?;
        Ok((path.to_string(), probabilities?))
    });
    rows.collect()
}

/// A table of votes with the model's word mixed in.
fn mixed(folder: &str, table: &[u8], said: &HashMap<String, Vec<f64>>) -> Result<Vec<u8>, Failure> {
    let mut from = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    let mut to = csv::Writer::from_writer(Vec::new());
    for row in from.records() {
        let row = row?;
        let mut votes = row.iter().skip(CLASSES.start).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let (classes, _) = votes.split_at_mut(CLASSES.len());
        if let Some(said) = said.get(&format!("{folder}{}", &row[0])) {
            let all: f64 = classes.iter().sum();
            classes.iter_mut().zip(said).for_each(|(vote, said)| *vote = (1.0 - SHARE) * *vote + SHARE * all * said);
        }
        let votes = votes.iter().map(|vote| ((vote * VOTE).round() as u32).to_string());
        to.write_record(row.iter().take(CLASSES.start).map(String::from).chain(votes))?;
    }
    Ok(to.into_inner().map_err(|error| error.to_string())?)
}
