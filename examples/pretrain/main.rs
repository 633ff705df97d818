//! Trains as the browser does, natively: the same engine, the same requests, a folder in place of the browser's storage.
//!
//! ```text
//! cargo run --release --example pretrain -- --plan examples/pretrain/plans/custom-cnn.json --data FILE_OR_FOLDER... --run FOLDER
//! ```
//!
//! What is in FOLDER when it is stopped, by whatever means, is gone on with when the same command is given again. At the end
//! FOLDER holds the run as the browser downloads it (`run.zip`), which opens there.

#[path = "../asking/mod.rs"]
mod asking;
mod options;

use std::error::Error;

use futures_executor::block_on;
use mien::engine::protocol::{Command, Export, ModelId, ModelSummary, Outcome, UnfinishedTraining};
use mien::engine::site::Site;
use mien::engine::storage::{Folder, Storage};
use mien::evaluation::Report;

use asking::{Engine, UNEXPECTED};
use options::{Options, USAGE};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = Options::read(&arguments).map_err(|why| format!("{why}\n\n{USAGE}").into()).and_then(|options| {
        // One thread, as in a worker.
        block_on(pretrain(&options))
    });
    if let Err(why) = done {
        eprintln!("{why}");
        std::process::exit(1);
    }
}

async fn pretrain(options: &Options) -> Result<(), Box<dyn Error>> {
    let storage = Storage::at(Folder::at(options.run.join("storage"))?);
    let engine = Engine::new(Site::at(&options.site), storage);
    let Outcome::Ready(device) = engine.ask(Command::Start { device: options.device, cores: options.cores }).await?
    else {
        return Err(UNEXPECTED.into());
    };
    println!("{}: {}", device.backend, device.description);
    let Outcome::Restored { models, dataset } = engine.ask(Command::Restore).await? else {
        return Err(UNEXPECTED.into());
    };
    if dataset.is_none() {
        let summary = engine.import(&options.data).await?;
        println!("{}: {} faces, {}", summary.name, summary.samples, summary.recognised);
    }
    let model = match trained(&engine, options, &models).await? {
        Some(model) => model,
        None => train(&engine, options).await?,
    };
    for split in &options.splits {
        tell(&engine.evaluate(model, *split).await?);
    }
    let run = engine.file(Command::Export { what: Export::Run(model) }).await?;
    let path = options.run.join("run.zip");
    std::fs::write(&path, run)?;
    println!("{}", path.display());
    Ok(())
}

/// The model of a training by this plan that has ended already.
async fn trained(
    engine: &Engine,
    options: &Options,
    models: &[ModelSummary],
) -> Result<Option<ModelId>, Box<dyn Error>> {
    let by_plan = models.iter().rev().find(|model| model.plan.as_ref() == Some(&options.plan));
    let Some(model) = by_plan else { return Ok(None) };
    // One that was stopped has its unfinished training beside it.
    let unfinished = unfinished(engine).await?;
    Ok(unfinished.is_none().then_some(model.id))
}

/// The training that can go on.
async fn unfinished(engine: &Engine) -> Result<Option<UnfinishedTraining>, Box<dyn Error>> {
    match engine.ask(Command::LookAtStorage).await? {
        Outcome::Storage(report) => Ok(report.unfinished),
        _ => Err(UNEXPECTED.into()),
    }
}

async fn train(engine: &Engine, options: &Options) -> Result<ModelId, Box<dyn Error>> {
    let command = match unfinished(engine).await? {
        Some(unfinished) if unfinished.plan == options.plan => {
            println!("goes on behind epoch {}", unfinished.history.epochs.len());
            Command::ContinueTraining
        }
        Some(_) => return Err("A training by another plan is under way in this folder: choose another --run.".into()),
        None => Command::Train { plan: options.plan.clone() },
    };
    match engine.ask(command).await? {
        Outcome::Trained { model, best_epoch, .. } => {
            println!("the best epoch is {best_epoch}");
            Ok(model.id)
        }
        _ => Err(UNEXPECTED.into()),
    }
}

fn tell(report: &Report) {
    let Some(expression) = &report.expression else { return };
    let figure = |value: Option<f64>| value.map_or("n/a".into(), |value| format!("{value:.4}"));
    println!(
        "{:?}, {} faces: accuracy {}, macro F1 {}, kappa {}",
        report.split,
        expression.samples,
        figure(expression.accuracy),
        figure(expression.f1_macro),
        figure(expression.kappa)
    );
    for (class, name) in expression.classes.iter().zip(report.label_set.classes()) {
        println!("  {name:10} recall {}, F1 {}", figure(class.recall), figure(class.f1));
    }
}
