//! Makes a model that comes with the site out of a run of `pretrain`, and shows that those that do are as good as their cards say.
//!
//! ```text
//! cargo run --release --example ship -- make RUN FILE NAME   the run's last model, as www/models/FILE.safetensors
//! cargo run --release --example ship -- check SAID DATA...   every figure of every card, from the shipped files
//! ```
//!
//! `make` fits a temperature on the validation split and builds it in, rounds the weights to 16 bits, or to 8 what differs from
//! those that the site has already, leaves out what does not, evaluates the file so made on the validation and the test split of
//! the run's dataset, and writes it, its report, its card and its line of the table.
//!
//! `check` leaves what each model said of the test split in the folder SAID, for a browser's to be compared with.
//!
//! The pre-trained weights of the site are read from `dist`, or from the folder that `MIEN_SITE` names.

#[path = "../asking/mod.rs"]
mod asking;
mod card;

use std::error::Error;
use std::path::{Path, PathBuf};

use futures_executor::block_on;
use mien::dataset::Split;
use mien::engine::protocol::{Command, DeviceChoice, Export, ModelSummary, Outcome, Shipped};
use mien::engine::shipped::{ORIGIN, ShippedModel};
use mien::engine::site::Site;
use mien::engine::storage::{Folder, Storage, digest};
use mien::evaluation::{Report, read_predictions, temperature};
use mien::models::{BackboneWeights, Checkpoint, ModelCard, variant};
use mien::training::TrainingPlan;

use asking::{Engine, UNEXPECTED, site};

type Failure = Box<dyn Error>;

/// Where the site's models are.
const SHELF: &str = "www/models";

/// A longer file, bytes, leaves to the pre-trained weights what it can: the repository has it. A shorter one needs nothing else.
const LONG: usize = 10_000_000;

/// Figures of the same file on the same faces differ by less, whatever they were computed on.
const SAME: f64 = 1e-3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["make", run, file, name] => block_on(make(Path::new(run), file, name)),
        ["check", said, ref data @ ..] if !data.is_empty() => block_on(check(Path::new(said), data)),
        _ => Err("ship make RUN FILE NAME, or ship check SAID DATA...".into()),
    };
    if let Err(why) = done {
        eprintln!("{why}");
        std::process::exit(1);
    }
}

async fn make(run: &Path, file: &str, name: &str) -> Result<(), Failure> {
    let site = site();
    let engine = Engine::new(Site::at(&site), Storage::at(Folder::at(run.join("storage"))?));
    engine.ask(Command::Start { device: DeviceChoice::Cpu, cores: None }).await?;
    let Outcome::Restored { models, .. } = engine.ask(Command::Restore).await? else { return Err(UNEXPECTED.into()) };
    let trained = models.iter().rev().find(|model| model.training.is_some()).ok_or("the run has no model")?;

    let checkpoint = Checkpoint::read(&engine.file(Command::Export { what: Export::Model(trained.id) }).await?)?;
    let before = engine.evaluate(trained.id, Split::Validation).await?;
    let predictions = engine.file(Command::Export { what: Export::Predictions }).await?;
    let said = read_predictions(&checkpoint.card.label_set, &predictions).map_err(|problem| problem.message.clone())?;
    let temperature = temperature(&said).ok_or("no validation face has a class")?;
    let is_pretrained = trained.plan.as_ref().is_some_and(TrainingPlan::is_pretrained);
    let (bytes, backbone_bytes) = file_of(&checkpoint.at_temperature(temperature), is_pretrained, &site)?;

    // From here on the file itself is looked at, as a visitor gets it.
    let shipped = engine.import_model(file, bytes.clone()).await?;
    let reports =
        [engine.evaluate(shipped.id, Split::Validation).await?, engine.evaluate(shipped.id, Split::Test).await?];
    engine.ask(Command::DeleteModel { model: shipped.id }).await?;

    let shelf = Path::new(SHELF);
    std::fs::create_dir_all(shelf)?;
    let summary = ModelSummary {
        id: 0,
        name: name.into(),
        origin: ORIGIN.into(),
        training: trained.training.clone(),
        evaluations: Vec::new(),
        ..shipped
    };
    let shipped = Shipped { card: format!("models/{file}.md"), bytes: bytes.len() as u64, backbone_bytes };
    let card = card::written(&summary, &before, &reports, temperature, &shipped);
    let line = ShippedModel { file: format!("{file}.safetensors"), sha256: digest(&bytes), shipped, summary };
    std::fs::write(shelf.join(&line.file), &bytes)?;
    std::fs::write(shelf.join(format!("{file}.md")), card)?;
    std::fs::write(shelf.join(format!("{file}.json")), serde_json::to_vec_pretty(&reports)?)?;
    add(&shelf.join("index.json"), line)
}

/// The file of a model, and how long the other file is that it needs, or 0.
fn file_of(checkpoint: &Checkpoint, is_pretrained: bool, site: &Path) -> Result<(Vec<u8>, u64), Failure> {
    let whole = checkpoint.write_halves()?;
    let ModelCard { architecture, variant: of, .. } = &checkpoint.card;
    let architecture = variant(architecture, of).ok_or("this build does not have the model's architecture")?;
    let Some(published) = architecture.weights.filter(|_| is_pretrained && whole.len() > LONG) else {
        return Ok((whole, 0));
    };
    let path = site.join("weights").join(published.file);
    let weights = std::fs::read(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    if digest(&weights) != published.sha256 {
        return Err(format!("{} is not what this build goes with", path.display()).into());
    }
    let own = checkpoint.write_beside(&BackboneWeights::read(&weights, architecture)?, published.sha256)?;
    Ok((own, published.bytes))
}

/// Puts a model into the table, in the place of an earlier one of the same file.
fn add(index: &Path, line: ShippedModel) -> Result<(), Failure> {
    let mut lines: Vec<ShippedModel> = match std::fs::read(index) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(_) => Vec::new(),
    };
    match lines.iter_mut().find(|earlier| earlier.file == line.file) {
        Some(earlier) => *earlier = line,
        // Before the others: what a visitor finds chosen stays.
        None => lines.insert(0, line),
    }
    Ok(std::fs::write(index, serde_json::to_vec_pretty(&lines)?)?)
}

async fn check(said: &Path, data: &[&str]) -> Result<(), Failure> {
    std::fs::create_dir_all(said)?;
    let lines: Vec<ShippedModel> = serde_json::from_slice(&std::fs::read(Path::new(SHELF).join("index.json"))?)?;
    let engine = Engine::new(Site::at(site()), Storage::none("nothing is kept"));
    engine.ask(Command::Start { device: DeviceChoice::Cpu, cores: None }).await?;
    engine.import(&data.iter().map(PathBuf::from).collect::<Vec<_>>()).await?;
    for line in lines {
        let path: PathBuf = Path::new(SHELF).join(&line.file);
        let bytes = std::fs::read(&path)?;
        if digest(&bytes) != line.sha256 {
            return Err(format!("{} is not what the table says", path.display()).into());
        }
        let model = engine.import_model(&line.summary.name, bytes).await?;
        let told: Vec<Report> = serde_json::from_slice(&std::fs::read(path.with_extension("json"))?)?;
        for told in told {
            let found = engine.evaluate(model.id, told.split).await?;
            compare(&line.summary.name, &told, &found)?;
            if told.split == Split::Test {
                let predictions = engine.file(Command::Export { what: Export::Predictions }).await?;
                std::fs::write(said.join(&line.file).with_extension("csv"), predictions)?;
            }
        }
    }
    Ok(())
}

/// Whether figures are those that were told, and the faces as many.
fn compare(name: &str, told: &Report, found: &Report) -> Result<(), Failure> {
    let (Some(was), Some(is)) = (&told.expression, &found.expression) else { return Err("no figures".into()) };
    let figures = [
        ("accuracy", was.accuracy, is.accuracy),
        ("macro F1", was.f1_macro, is.f1_macro),
        ("kappa", was.kappa, is.kappa),
        ("ROC-AUC", was.roc_auc_macro, is.roc_auc_macro),
        ("ECE", was.ece, is.ece),
    ];
    println!("{name}, {:?}, {} faces", found.split, found.samples);
    for (figure, was, is) in figures {
        let off = was.zip(is).map_or(0.0, |(was, is)| (was - is).abs());
        println!("  {figure:10} {is:.4?}, told {was:.4?}");
        if was.is_some() != is.is_some() || off > SAME {
            return Err(format!("{name}: the {figure} of its card is not what its file gives").into());
        }
    }
    if told.samples != found.samples {
        return Err(format!("these are {} faces, the card is about {}", found.samples, told.samples).into());
    }
    Ok(())
}
