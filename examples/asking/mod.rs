//! The engine in this very process: a request, and what came of it. Progress is told as it comes.

#![allow(dead_code, reason = "each of the programs asks for other things")]

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mien::dataset::{DatasetSummary, FileSource, MemorySource, Opening, Source, Split, SplitPlan};
use mien::engine::protocol::{
    Body, Command, ModelId, ModelSummary, Outcome, Progress, Reply, Request, TrainingProgress,
};
use mien::engine::service::{Attachment, Line, Service};
use mien::engine::site::Site;
use mien::engine::storage::Storage;
use mien::evaluation::Report;

/// Said where the engine does not keep to its protocol.
pub const UNEXPECTED: &str = "The engine answered something else.";

/// The built site's folder, which has the pre-trained weights: `dist`, or what `MIEN_SITE` names.
pub fn site() -> PathBuf {
    std::env::var_os("MIEN_SITE").map_or("dist".into(), PathBuf::from)
}

/// The engine, and the end of the request that was answered last.
pub struct Engine {
    service: Rc<Service>,
    ends: Ends,
    asked: Cell<u32>,
}

/// How a request ended, and what went with that.
type End = (Body, Option<Attachment>);

#[derive(Clone, Default)]
struct Ends(Rc<RefCell<Option<End>>>);

impl Line for Ends {
    fn send(&self, reply: &Reply, attachment: Option<Attachment>) {
        match &reply.body {
            Body::Progress(progress) => tell(progress),
            end => {
                self.0.replace(Some((end.clone(), attachment)));
            }
        }
    }
}

impl Engine {
    pub fn new(site: Site, storage: Storage) -> Engine {
        let ends = Ends::default();
        Engine { service: Service::on(site, ends.clone(), storage), ends, asked: Cell::new(0) }
    }

    /// What a request ends with.
    pub async fn ask(&self, command: Command) -> Result<Outcome, String> {
        self.ask_with(command, Vec::new()).await
    }

    /// The same, with files.
    pub async fn ask_with(&self, command: Command, files: Vec<Box<dyn Source>>) -> Result<Outcome, String> {
        Ok(self.answer(command, files).await?.0)
    }

    /// Opens files and folders as a dataset.
    pub async fn import(&self, data: &[PathBuf]) -> Result<DatasetSummary, String> {
        let mut files = Vec::new();
        for path in data {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            list(path, name, &mut files).map_err(|why| format!("{}: {why}.", path.display()))?;
        }
        let (paths, sources) = files.into_iter().unzip();
        let command = Command::Import { paths, splits: SplitPlan::default(), opening: Opening::default() };
        match self.ask_with(command, sources).await? {
            Outcome::Dataset(summary) => Ok(summary),
            Outcome::Unclear { why, .. } => Err(why),
            _ => Err(UNEXPECTED.into()),
        }
    }

    /// Reads a model file.
    pub async fn import_model(&self, name: &str, bytes: Vec<u8>) -> Result<ModelSummary, String> {
        let command = Command::ImportModel { name: format!("{name}.safetensors") };
        match self.ask_with(command, vec![Box::new(MemorySource::new(bytes))]).await? {
            Outcome::Model(model) => Ok(model),
            _ => Err(UNEXPECTED.into()),
        }
    }

    /// The figures of a model on a split.
    pub async fn evaluate(&self, model: ModelId, split: Split) -> Result<Report, String> {
        match self.ask(Command::Evaluate { model, split }).await? {
            Outcome::Evaluated { report, warnings, .. } => {
                warnings.iter().for_each(|warning| println!("{warning}"));
                Ok(report)
            }
            _ => Err(UNEXPECTED.into()),
        }
    }

    /// The file that a request ends with.
    pub async fn file(&self, command: Command) -> Result<Vec<u8>, String> {
        match self.answer(command, Vec::new()).await?.1 {
            Some(Attachment::Bytes(bytes) | Attachment::File(bytes)) => Ok(bytes),
            None => Err("The engine sent no file.".into()),
        }
    }

    async fn answer(
        &self,
        command: Command,
        files: Vec<Box<dyn Source>>,
    ) -> Result<(Outcome, Option<Attachment>), String> {
        self.asked.set(self.asked.get() + 1);
        Rc::clone(&self.service).handle(Request { id: self.asked.get(), command }, files).await;
        match self.ends.0.take() {
            Some((Body::Finished(outcome), attachment)) => Ok((outcome, attachment)),
            Some((Body::Failed(failure), _)) => Err(failure.message),
            _ => Err("The engine did not answer.".into()),
        }
    }
}

/// Every file at or below a path, `/` between its folders.
fn list(path: &Path, name: String, files: &mut Vec<(String, Box<dyn Source>)>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push((name, Box::new(FileSource::new(path)?)));
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        list(&entry.path(), format!("{name}/{}", entry.file_name().to_string_lossy()), files)?;
    }
    Ok(())
}

fn tell(progress: &Progress) {
    let Progress::Training(progress) = progress else { return };
    match progress {
        TrainingProgress::Running { steps_per_epoch, parameters, warnings } => {
            println!("{parameters} parameters, {steps_per_epoch} steps an epoch");
            warnings.iter().for_each(|warning| println!("{warning}"));
        }
        TrainingProgress::Features { done, total } if done % 1000 < 8 => println!("features of {done} of {total}"),
        TrainingProgress::Steps { records, images_per_second, seconds_left } => {
            if let Some(step) = records.iter().find(|record| record.step % 100 == 0) {
                let minutes = seconds_left / 60.0;
                println!(
                    "step {}: loss {:.3}, {images_per_second:.0} images/s, {minutes:.0} min left",
                    step.step, step.loss
                );
            }
        }
        TrainingProgress::Epoch(epoch) => println!("{}", serde_json::to_string(epoch).unwrap_or_default()),
        _ => {}
    }
}
