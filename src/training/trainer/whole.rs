//! A step whose batch stays whole.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::Trainer;
use crate::affect::Annotation;
use crate::imaging::Images;
use crate::training::batch::normalised;
use crate::training::losses::figures;
use crate::training::numbers::{Numbers, Rows};
use crate::training::targets::Kinds;
use crate::training::{Labelled, TrainingError};

/// What the rows of a step's numbers are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Form {
    /// Of the images, or of their features where the head alone is trained.
    images: [usize; 4],
    /// Whether there is a dropout mask.
    hides: bool,
    targets: Kinds,
}

impl Trainer {
    /// Learns from a batch; its figures.
    pub(super) async fn learn(&mut self, indices: &[usize], rate: f64) -> Result<Tensor<1>, TrainingError> {
        let (form, numbers) = self.numbers(indices)?;
        #[cfg(feature = "gpu")]
        let figures = self.learn_or_replay(form, numbers, rate).await?;
        #[cfg(not(feature = "gpu"))]
        let figures = self.learn_from(&form, numbers.rows(&self.device), rate, false);
        self.send_ahead().await?;
        Ok(figures)
    }

    /// What a step goes by: the images, what is hidden of their features, the targets.
    fn numbers(&mut self, indices: &[usize]) -> Result<(Form, Numbers), TrainingError> {
        let augmentation = self.plan.augmentation();
        let varied = Some((&augmentation, &mut self.augmentation));
        let source = self.data.train.as_ref();
        let Images { shape: images, numbers } = match &self.features {
            Some([features, _]) => features.of(indices),
            None => normalised(source, indices, &self.preprocessing, varied)?,
        };
        let mut rows = Numbers::default();
        rows.push(numbers);
        let mask = self.draw_dropout(indices.len());
        let hides = mask.is_some();
        mask.into_iter().for_each(|mask| rows.push(mask));
        let annotations: Vec<&Annotation> = indices.iter().map(|&sample| self.data.train.annotation(sample)).collect();
        let whole = Labelled::of(annotations.iter().copied());
        let targets = self.losses.numbers(&annotations, self.classes, &whole, &mut rows);
        Ok((Form { images, hides, targets }, rows))
    }

    /// Learns from these numbers: looks at the images, and moves the weights and their average, at this rate or by further rows that tell how.
    pub(super) fn learn_from(&mut self, form: &Form, mut rows: Rows, rate: f64, told: bool) -> Tensor<1> {
        let images = rows.take(form.images);
        let mask = form.hides.then(|| rows.take([form.images[0], self.model.head.pooled()]));
        let targets = form.targets.targets(&mut rows);
        let output = match &self.features {
            Some(_) => self.model.head.forward(images, mask),
            None => self.model.forward(images, mask),
        };
        let loss = self.losses.of(&output, &targets);
        let figures = figures(&loss, &output, &targets);
        let gradients = GradientsParams::from_grads(loss.total.backward(), &self.model);
        let rates = told.then(|| rows.next().inner());
        let decay = (told && self.ema.is_some()).then(|| rows.next().inner());
        let (model, clip_norm) = (self.model.clone(), self.plan.clip_norm);
        self.model = self.optimizer.step_by(rates, &self.rates, rate, clip_norm, model, gradients);
        if let Some(ema) = &mut self.ema {
            ema.update_by(decay, &self.model.valid());
        }
        figures
    }
}
