//! A training taken to bytes, and made again from them.

#![allow(dead_code)]

use std::collections::BTreeMap;

use futures_executor::block_on;
use mien::models::CheckpointError;
use mien::training::{Advance, Ending, EpochRecord, Part, StepRecord, Trainer, TrainingError};

/// Every kind of tensor a training has.
pub const PARTS: [Part; 5] = [Part::Weights, Part::Average, Part::Best, Part::FirstMoment, Part::SecondMoment];

/// A training, as bytes.
#[derive(Clone)]
pub struct Kept {
    pub standing: String,
    pub files: BTreeMap<Part, Vec<u8>>,
}

impl Kept {
    /// A training between two steps.
    pub fn of(trainer: &Trainer) -> Kept {
        let standing = trainer.standing().expect("a training between two steps");
        let file = |part: &Part| (*part, block_on(trainer.part(*part)).unwrap());
        let files = standing.parts().iter().map(file).collect();
        Kept { standing: serde_json::to_string(&standing).unwrap(), files }
    }

    /// Goes on with it, on a trainer of the same plan and data.
    pub fn resume(&self, fresh: Trainer) -> Result<Trainer, CheckpointError> {
        let standing = serde_json::from_str(&self.standing).unwrap();
        block_on(fresh.resume(standing, async |part| Ok::<_, CheckpointError>(self.files[&part].clone())))
    }
}

/// How a training went, and everything it left.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub steps: Vec<StepRecord>,
    pub epochs: Vec<EpochRecord>,
    pub ending: Ending,
    pub best_epoch: u32,
    pub tensors: Vec<Vec<u8>>,
}

impl Run {
    /// The same without its first steps.
    pub fn without(self, steps: usize) -> Run {
        Run { steps: self.steps[steps..].to_vec(), ..self }
    }
}

/// Trains to the end.
pub fn finish(mut trainer: Trainer) -> Result<Run, TrainingError> {
    let mut steps = Vec::new();
    let ending = loop {
        match block_on(trainer.advance())? {
            Advance::Steps(records) => steps.extend(records),
            Advance::Finished(ending) => break ending,
            _ => {}
        }
    };
    Ok(Run {
        steps,
        epochs: trainer.history().epochs.clone(),
        ending,
        best_epoch: trainer.best().epoch,
        tensors: PARTS.iter().map(|part| block_on(trainer.part(*part)).unwrap()).collect(),
    })
}

/// Trains until `enough` says so of what it has just done; reads what is unread.
pub fn train_until(trainer: &mut Trainer, mut enough: impl FnMut(&Advance) -> bool) {
    while !enough(&block_on(trainer.advance()).unwrap()) {}
    block_on(trainer.read_steps()).unwrap();
}
