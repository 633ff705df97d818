//! Images that nothing is learned from: those whose features are computed, and those of the validation split.

use std::mem;

use burn::module::Module;

use super::{Advance, FEATURE_BATCH, Phase, Trainer};
use crate::imaging::Images;
use crate::models::{Model, Output, Predictor};
use crate::training::batch::normalised;
use crate::training::replica::{Parcel, Sight, read_said, tensor};
use crate::training::validation::Validation;
use crate::training::{Ending, TrainingError};

impl Trainer {
    /// Whether features are computed before the first step: the head alone is trained.
    pub fn wants_features(&self) -> bool {
        matches!(self.phase, Phase::Features { .. })
    }

    /// The features of the training split, then those of the validation split, where the head alone is trained; zero until
    /// they are computed.
    pub fn features(&self) -> Option<Vec<f32>> {
        let [train, validation] = self.features.as_ref()?;
        Some([train.values(), validation.values()].concat())
    }

    /// How many bytes those are.
    pub fn features_bytes(&self) -> usize {
        self.features.iter().flatten().map(|features| 4 * features.values().len()).sum()
    }

    /// Begins with the features of a training of the same images by the same backbone. Of another length they are not
    /// those, and are computed.
    pub fn with_features(mut self, values: Vec<f32>) -> Self {
        let (Some([train, validation]), Phase::Features { then, .. }) = (&mut self.features, &mut self.phase) else {
            return self;
        };
        let of_train = train.values().len();
        if values.len() == of_train + validation.values().len() {
            train.take_over(&values[..of_train]);
            validation.take_over(&values[of_train..]);
            self.phase = Phase::Training(mem::take(then));
        }
        self
    }

    /// Computes the features of the next images: those of the training split, then those of the validation split.
    pub(super) async fn compute_features(&mut self) -> Result<Advance, TrainingError> {
        let (of_train, total) = (self.train.len(), self.train.len() + self.validation.len());
        let (Phase::Features { done, readers, then }, Some([train, validation])) =
            (&mut self.phase, &mut self.features)
        else {
            return Ok(Advance::Features { done: total, total });
        };
        let (features, source, samples) = match done.checked_sub(of_train) {
            None => (train, &self.data.train, &self.train[*done..]),
            Some(done) => (validation, &self.data.validation, &self.validation[done..]),
        };
        let batches: Vec<&[usize]> = samples.chunks(FEATURE_BATCH).take(readers.at_once().await?).collect();
        let source = source.as_ref();
        let images =
            |samples: &&[usize]| normalised(source, samples, &self.preprocessing, None).map_err(TrainingError::from);
        let computed = readers.features(&batches, images).await?;
        for (samples, computed) in batches.iter().zip(computed) {
            features.note(samples, &computed);
            *done += samples.len();
        }
        let done = *done;
        if done == total {
            self.phase = Phase::Training(mem::take(then));
        }
        Ok(Advance::Features { done, total })
    }

    /// The weights that are evaluated: the moving average, where there is one.
    pub(super) fn current(&self) -> Model {
        // `valid` gives the copy running statistics of its own: a clone would share them with what is still training.
        match &self.ema {
            Some(ema) => ema.model().valid(),
            None => self.model.valid(),
        }
    }

    /// Looks at the first batch of the validation split; without one, ends the epoch.
    pub(super) async fn begin_validation(&mut self) -> Result<Advance, TrainingError> {
        #[cfg(feature = "gpu")]
        self.replays.end();
        let model = self.current();
        if self.features.is_none() {
            self.send_weights(Some(&model)).await?;
        }
        let model = Box::new(Predictor::new(model));
        let batch = model.batch(self.plan.input_size as usize);
        self.phase = Phase::Validating { done: 0, model, batch, seen: Validation::default() };
        if self.validation.is_empty() { self.end_epoch().await } else { self.validate_batch().await }
    }

    /// Looks at the next batch of the validation split, or at several at once.
    pub(super) async fn validate_batch(&mut self) -> Result<Advance, TrainingError> {
        let total = self.validation.len();
        // What looks at images needs the whole training beside the phase.
        let Phase::Validating { mut done, mut model, batch, mut seen } =
            mem::replace(&mut self.phase, Phase::Over(Ending::BrokenOff))
        else {
            return Ok(Advance::Validating { done: total, total });
        };
        if let Some([_, features]) = &self.features {
            let indices = &self.validation[done..(done + batch).min(total)];
            let device = self.device.clone().without_autodiff();
            let Images { shape, numbers } = features.of(indices);
            seen.push(model.head(tensor(&numbers, shape, &device)?));
            done += indices.len();
        } else {
            let (outputs, images) = self.look_at_next(&mut model, (done, batch)).await?;
            outputs.into_iter().for_each(|output| seen.push(output));
            done += images;
        }
        self.phase = Phase::Validating { done, model, batch, seen };
        Ok(Advance::Validating { done, total })
    }

    /// What a model says about the next images of the validation split, as many batches as there are hands; and how many images that
    /// were. The replicas have that model.
    async fn look_at_next(
        &self,
        model: &mut Predictor,
        (done, batch): (usize, usize),
    ) -> Result<(Vec<Output>, usize), TrainingError> {
        let device = self.device.clone().without_autodiff();
        let batches: Vec<&[usize]> =
            self.validation[done..].chunks(batch).take(self.crew.replicas().len() + 1).collect();
        let source = self.data.validation.as_ref();
        let images =
            |samples: &&[usize]| normalised(source, samples, &self.preprocessing, None).map_err(TrainingError::from);
        let here = async |Images { shape, numbers }| Ok(model.forward(tensor(&numbers, shape, &device)?));
        let read = |said: &Parcel, samples: &&[usize]| read_said(said, samples.len(), self.classes, &device);
        let outputs = self.crew.look(Sight::Said, &batches, images, here, read).await?;
        Ok((outputs, batches.iter().map(|samples| samples.len()).sum()))
    }
}
