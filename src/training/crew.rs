//! Who computes beside this core: replicas of a model, and how work is handed to them.

use super::ReplicaError;
use super::replica::{Blueprint, Connection, Parcel, Sight, Task, joined, parcel};
use crate::imaging::Images;
use crate::models::{Model, parameters};

/// Replicas of one model.
#[derive(Default)]
pub(super) struct Crew {
    hands: Vec<Hand>,
    /// Whether all that have begun have the weights that are trained, and know which those are.
    pub current: bool,
}

struct Hand {
    replica: Box<dyn Connection>,
    /// Whether it is a copy of the model yet.
    begun: bool,
}

impl Crew {
    /// None of them is a copy of anything yet.
    pub fn new(replicas: Vec<Box<dyn Connection>>) -> Crew {
        let hands = replicas.into_iter().map(|replica| Hand { replica, begun: false }).collect();
        Crew { hands, current: false }
    }

    /// Makes copies of a model of those that are ready by now.
    pub async fn begin(&mut self, model: &Model, blueprint: impl FnOnce() -> Blueprint) -> Result<(), ReplicaError> {
        let new = |hand: &&mut Hand| !hand.begun && hand.replica.ready();
        if !self.hands.iter_mut().any(|hand| new(&hand)) {
            return Ok(());
        }
        let all = joined(parameters::read(model, |_| true).await?);
        let begin = Task::Begin(blueprint());
        self.current = false;
        for hand in self.hands.iter_mut().filter(new) {
            // They answer in their order: nobody waits for this.
            drop(hand.replica.ask(parcel(&begin, all.clone())?));
            hand.begun = true;
        }
        Ok(())
    }

    /// Those that are copies of the model.
    pub fn replicas(&self) -> Vec<&dyn Connection> {
        self.hands.iter().filter(|hand| hand.begun).map(|hand| &*hand.replica).collect()
    }

    /// Gives them up.
    pub fn disband(&mut self) {
        self.hands.clear();
    }

    /// What the model says about batches, of which there are at most one more than replicas: the last one is looked at `here`, as is
    /// that of a replica which is lost.
    pub async fn look<B, A, E: From<ReplicaError>>(
        &self,
        sight: Sight,
        batches: &[B],
        prepared: impl Fn(&B) -> Result<Images, E>,
        mut here: impl AsyncFnMut(Images) -> Result<A, E>,
        read: impl Fn(&Parcel, &B) -> Result<A, ReplicaError>,
    ) -> Result<Vec<A>, E> {
        let Some((own, away)) = batches.split_last() else { return Ok(Vec::new()) };
        let mut answers = Vec::new();
        for (batch, replica) in away.iter().zip(self.replicas()) {
            let Images { shape, numbers } = prepared(batch)?;
            answers.push(replica.ask(parcel(&Task::Look { images: shape, sight }, numbers)?));
        }
        let last = here(prepared(own)?).await?;
        let mut said = Vec::new();
        for (answer, batch) in answers.into_iter().zip(away) {
            said.push(match answer.await {
                Ok(answer) => read(&answer, batch)?,
                Err(_) => here(prepared(batch)?).await?,
            });
        }
        said.push(last);
        Ok(said)
    }
}
