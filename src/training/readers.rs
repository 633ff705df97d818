//! A model in use on several cores.

use burn::tensor::Device;

use super::crew::Crew;
use super::replica::{Blueprint, Connection, Parcel, Sight, tensor};
use super::{FEATURE_BATCH, ReplicaError};
use crate::imaging::Images;
use crate::kernels::on_cpu;
use crate::models::{Guess, Model, Predictor, guesses};

/// A model, and replicas of it on other cores. What it says is the same with any number of them.
pub struct Readers {
    own: Predictor,
    device: Device,
    blueprint: Blueprint,
    crew: Crew,
}

impl Readers {
    /// Puts a model to use that is without autodiff, on this device; replicas are on the CPU alone.
    pub fn new(model: Model, blueprint: Blueprint, device: &Device, replicas: Vec<Box<dyn Connection>>) -> Readers {
        Readers { own: Predictor::new(model), device: device.clone(), blueprint, crew: Crew::new(replicas) }
    }

    /// Works with these from now on.
    pub(super) fn take_on(&mut self, replicas: Vec<Box<dyn Connection>>) {
        self.crew = Crew::new(replicas);
    }

    /// How many images of this height and width are a batch: few on the CPU, so that all cores have one soon; elsewhere see
    /// [`Predictor::batch`].
    pub fn batch(&self, size: usize) -> usize {
        let most = self.own.batch(size);
        if on_cpu(&self.device) { most.min(FEATURE_BATCH) } else { most }
    }

    /// How many batches can be looked at at once: on this core, and on those that have begun by now.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn at_once(&mut self) -> Result<usize, ReplicaError> {
        self.crew.begin(self.own.model(), || self.blueprint.clone()).await?;
        Ok(self.crew.replicas().len() + 1)
    }

    /// What the model says about each image of so many batches at most as are looked at at once.
    ///
    /// # Errors
    /// Where a batch cannot be `prepared`, or the device fails.
    pub async fn guesses<B, E: From<ReplicaError>>(
        &mut self,
        batches: &[B],
        prepared: impl Fn(&B) -> Result<Images, E>,
    ) -> Result<Vec<Vec<Guess>>, E> {
        let Readers { own, device, blueprint, crew } = self;
        let read = |said: &Parcel, _: &B| {
            let images = said.numbers.len() / (2 + blueprint.classes);
            let (affect, logits) = said.numbers.split_at(2 * images);
            Ok(guesses(affect, logits))
        };
        let here = async |Images { shape, numbers }| {
            let images = tensor(&numbers, shape, device)?;
            Ok(own.predict(images).await.map_err(ReplicaError::from)?)
        };
        crew.look(Sight::Said, batches, prepared, here, read).await
    }

    /// The features of each batch's images, one image after another.
    ///
    /// # Errors
    /// As for [`guesses`](Readers::guesses).
    pub async fn features<B, E: From<ReplicaError>>(
        &mut self,
        batches: &[B],
        prepared: impl Fn(&B) -> Result<Images, E>,
    ) -> Result<Vec<Vec<f32>>, E> {
        let Readers { own, device, crew, .. } = self;
        let here = async |Images { shape, numbers }| {
            let images = tensor(&numbers, shape, device)?;
            Ok(own.features(images).await.map_err(ReplicaError::from)?)
        };
        crew.look(Sight::Features, batches, prepared, here, |said, _| Ok(said.numbers.clone())).await
    }
}
