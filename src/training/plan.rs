//! The training plan: every setting of a run, its name, its range and its default.
//!
//! One table, [`SETTINGS`], is what the page's form, the query string and the checks are all made from.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::choice::choice;
use crate::imaging::{Augmentation, Colour, Crop, Filter, Preprocessing};
use crate::number;

choice! {
    /// How the weights are moved along the gradient.
    Optimizer {
        /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
        Adamw = "adamw",
        /// Stochastic gradient descent with momentum 0.9.
        Sgd = "sgd",
    }
}

choice! {
    /// How the learning rate changes over a run.
    Schedule {
        /// The same throughout.
        Constant = "constant",
        /// Linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2017).
        Cosine = "cosine",
        /// A tenth after three epochs without improvement of the monitored metric.
        Plateau = "plateau",
    }
}

choice! {
    /// Which valence and arousal are learned.
    AffectLabels {
        /// The dataset's own alone.
        Measured = "measured",
        /// Where it has none, those of the expression ([`Annotation::with_derived_affect`](crate::affect::Annotation)).
        Derived = "derived",
    }
}

choice! {
    /// The loss on valence and arousal.
    AffectLoss {
        /// Mean squared error.
        Mse = "mse",
        /// One minus the concordance correlation coefficient (Lin 1989).
        Ccc = "ccc",
        /// The mean of the two.
        Mixed = "mixed",
    }
}

choice! {
    /// What early stopping, the plateau schedule and "best" look at, on the validation split.
    Monitor {
        /// The total loss: lower is better.
        Loss = "loss",
        /// Accuracy of the expression: higher is better.
        Accuracy = "accuracy",
        /// The mean CCC of valence and arousal: higher is better.
        Ccc = "ccc",
    }
}

choice! {
    /// What the backbone's weights are at the beginning.
    InitialWeights {
        /// Drawn at random.
        Random = "none",
        /// Those of a classifier of ImageNet's thousand classes.
        Imagenet = "imagenet",
    }
}

choice! {
    /// How much of a pre-trained model is trained.
    Trainable {
        /// The head alone: every image goes through the backbone once.
        Head = "head",
        /// The head and the backbone's last stage.
        LastStage = "last-stage",
        /// Everything.
        All = "all",
    }
}

impl Trainable {
    /// How many stages of the backbone, counted from the last.
    pub fn stages(self) -> usize {
        match self {
            Trainable::Head => 0,
            Trainable::LastStage => 1,
            Trainable::All => usize::MAX,
        }
    }
}

/// The names of the catalogue's architectures. The page has the plan but not the catalogue, so they stand here again; a
/// test holds the two together.
pub const MODELS: &[&str] = &["custom-cnn", "vgg16", "resnet50", "efficientnet-b0"];

/// Those of them that there are ImageNet weights of; the same test.
const PRETRAINED: &[&str] = &["vgg16", "resnet50", "efficientnet-b0"];

/// Every setting of a training run. Fields are named as the query string names them (kebab-case).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct TrainingPlan {
    /// The architecture's name in the catalogue.
    pub model: String,
    /// What the backbone begins with.
    pub weights: InitialWeights,
    /// How much of a pre-trained model is trained; without pre-trained weights, all of it must be.
    pub trainable: Trainable,
    /// How many times the training split is gone through.
    pub epochs: u32,
    /// Images a step.
    pub batch_size: u32,
    /// The learning rate at its highest.
    pub learning_rate: f64,
    /// The pre-trained backbone's learning rate, as a share of the head's.
    pub backbone_rate: f64,
    /// Epochs after which another stage of the pre-trained backbone begins to learn, from the last one up, until all that
    /// are trainable do; 0: all do from the first epoch on.
    pub unfreeze_every: u32,
    /// Height and width of the input, pixels.
    pub input_size: u32,
    /// What happens to an image that is not square.
    pub crop: Crop,
    /// Whether the network gets colours.
    pub colour: Colour,
    /// The filter that resizes.
    pub filter: Filter,
    /// Seeds the weights, the order of samples, augmentation and dropout.
    pub seed: u64,
    /// The optimiser.
    pub optimizer: Optimizer,
    /// Decoupled weight decay (AdamW) or L2 penalty (SGD).
    pub weight_decay: f64,
    /// The learning-rate schedule.
    pub schedule: Schedule,
    /// Epochs of linear warm-up (cosine only); a shorter run warms up in all epochs but its last.
    pub warmup_epochs: u32,
    /// Stop after this many epochs without improvement; 0 never stops early.
    pub patience: u32,
    /// The least change of the monitored metric that counts as an improvement.
    pub min_delta: f64,
    /// The monitored metric.
    pub monitor: Monitor,
    /// Share of the label mass spread evenly over all classes, 0..1.
    pub label_smoothing: f64,
    /// Weigh classes by the inverse of their frequency in the training split.
    pub class_weights: bool,
    /// Which valence and arousal are learned.
    pub affect_labels: AffectLabels,
    /// The loss on valence and arousal.
    pub affect_loss: AffectLoss,
    /// Weight of the valence-arousal loss beside the expression loss (weight 1).
    pub affect_weight: f64,
    /// Largest gradient norm over all parameters; 0 does not clip.
    pub clip_norm: f64,
    /// Decay of the exponential moving average of the weights; 0 keeps none.
    pub ema_decay: f64,
    /// Dropout before the heads, 0..1.
    pub dropout: f64,
    /// Probability of a horizontal flip.
    pub flip: f64,
    /// Largest rotation, degrees either way.
    pub rotation: f64,
    /// Largest change of scale, as a share (0.1: from 0.9 to 1.1).
    pub scale: f64,
    /// Largest shift, as a share of the side (this is what a random crop does).
    pub shift: f64,
    /// Largest slant, degrees either way.
    pub shear: f64,
    /// Largest change of brightness, as a share of the range.
    pub brightness: f64,
    /// Largest change of contrast, as a share.
    pub contrast: f64,
    /// Largest change of saturation, as a share.
    pub saturation: f64,
    /// Probability that a rectangle is erased (Zhong et al. 2020).
    pub erasing: f64,
}

impl Default for TrainingPlan {
    fn default() -> Self {
        TrainingPlan {
            model: "custom-cnn".into(),
            weights: InitialWeights::Random,
            trainable: Trainable::All,
            epochs: 20,
            batch_size: 32,
            learning_rate: 3e-3,
            backbone_rate: 0.1,
            unfreeze_every: 0,
            input_size: 48,
            crop: Crop::Centre,
            colour: Colour::Rgb,
            filter: Filter::Bilinear,
            seed: 1,
            optimizer: Optimizer::Adamw,
            weight_decay: 1e-2,
            schedule: Schedule::Cosine,
            warmup_epochs: 1,
            patience: 0,
            min_delta: 1e-3,
            monitor: Monitor::Loss,
            label_smoothing: 0.05,
            class_weights: false,
            affect_labels: AffectLabels::Measured,
            affect_loss: AffectLoss::Mixed,
            affect_weight: 1.0,
            clip_norm: 5.0,
            ema_decay: 0.98,
            dropout: 0.2,
            flip: 0.5,
            rotation: 10.0,
            scale: 0.1,
            shift: 0.08,
            shear: 0.0,
            brightness: 0.15,
            contrast: 0.2,
            saturation: 0.0,
            erasing: 0.1,
        }
    }
}

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number in a range, both ends included.
    Whole {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A number in a range, both ends included, and the step a form would offer.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
        /// What an arrow key adds.
        step: f64,
    },
    /// One of these names.
    Choice(&'static [&'static str]),
    /// On or off.
    Switch,
}

/// The groups under which a form shows the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The few that matter first.
    Basics,
    /// Optimiser, schedule, early stopping.
    Optimisation,
    /// Losses and regularisation.
    Losses,
    /// What is made of an image before the network sees it.
    Preprocessing,
    /// Augmentation.
    Augmentation,
}

/// One row of [`SETTINGS`].
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the plan and in the query string.
    pub name: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// One sentence on what it does.
    pub help: &'static str,
    /// The group it stands in.
    pub group: Group,
    /// What it may be.
    pub kind: Kind,
}

const fn setting(name: &'static str, label: &'static str, help: &'static str, group: Group, kind: Kind) -> Setting {
    Setting { name, label, help, group, kind }
}

/// Every setting of a plan, in the order a form shows them.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting("model", "Model", "The network to train.", Group::Basics, Kind::Choice(MODELS)),
    setting("weights", "Weights", "What the network has learned before: nothing, or the thousand classes of ImageNet.", Group::Basics, Kind::Choice(InitialWeights::NAMES)),
    setting("trainable", "Trainable", "Of a network that has learned before: its head alone (quick, and images are not varied), its last stage too, or all.", Group::Basics, Kind::Choice(Trainable::NAMES)),
    setting("epochs", "Epochs", "How many times the training images are gone through.", Group::Basics, Kind::Whole { min: 1, max: 1000 }),
    setting("batch-size", "Batch size", "Images a step. Larger is steadier and needs more memory; on the CPU, every 16 of them can have a core.", Group::Basics, Kind::Whole { min: 2, max: 512 }),
    setting("learning-rate", "Learning rate", "How far a step goes, at its highest.", Group::Basics, Kind::Number { min: 1e-6, max: 10.0, step: 1e-4 }),
    setting("input-size", "Input size", "Height and width the network sees, in pixels.", Group::Basics, Kind::Whole { min: 16, max: 224 }),
    setting("seed", "Seed", "The same seed, data and device give the same run.", Group::Basics, Kind::Whole { min: 0, max: u32::MAX as u64 }),
    setting("optimizer", "Optimiser", "AdamW is forgiving; SGD with momentum wants a tuned rate.", Group::Optimisation, Kind::Choice(Optimizer::NAMES)),
    setting("backbone-rate", "Backbone rate", "Learning rate of a backbone that has learned before, as a share of the head's.", Group::Optimisation, Kind::Number { min: 0.0, max: 10.0, step: 0.01 }),
    setting("unfreeze-every", "Unfreeze every", "Epochs after which another stage of a backbone that has learned before begins to learn too; 0: all trainable ones at once.", Group::Optimisation, Kind::Whole { min: 0, max: 100 }),
    setting("weight-decay", "Weight decay", "Pulls weights towards zero.", Group::Optimisation, Kind::Number { min: 0.0, max: 1.0, step: 1e-3 }),
    setting("schedule", "Schedule", "How the learning rate changes over the run.", Group::Optimisation, Kind::Choice(Schedule::NAMES)),
    setting("warmup-epochs", "Warm-up epochs", "Epochs in which the cosine schedule climbs to its rate; the last epoch is never one of them.", Group::Optimisation, Kind::Whole { min: 0, max: 100 }),
    setting("patience", "Patience", "Stop after so many epochs without improvement; 0 never stops early.", Group::Optimisation, Kind::Whole { min: 0, max: 1000 }),
    setting("min-delta", "Minimum delta", "The least change that counts as an improvement.", Group::Optimisation, Kind::Number { min: 0.0, max: 1.0, step: 1e-4 }),
    setting("monitor", "Monitor", "The validation metric that says which weights are best.", Group::Optimisation, Kind::Choice(Monitor::NAMES)),
    setting("clip-norm", "Clip norm", "Largest gradient norm; 0 does not clip.", Group::Optimisation, Kind::Number { min: 0.0, max: 1000.0, step: 0.5 }),
    setting("ema-decay", "EMA decay", "Evaluate a moving average of the weights; 0 keeps none.", Group::Optimisation, Kind::Number { min: 0.0, max: 0.9999, step: 1e-3 }),
    setting("label-smoothing", "Label smoothing", "Share of a label spread over all classes.", Group::Losses, Kind::Number { min: 0.0, max: 0.9, step: 0.01 }),
    setting("class-weights", "Class weights", "Rare classes count more.", Group::Losses, Kind::Switch),
    setting("affect-labels", "Valence-arousal labels", "Those of the dataset alone, or, where it has none, derived from the expression.", Group::Losses, Kind::Choice(AffectLabels::NAMES)),
    setting("affect-loss", "Valence-arousal loss", "Squared error, 1 - CCC, or their mean.", Group::Losses, Kind::Choice(AffectLoss::NAMES)),
    setting("affect-weight", "Valence-arousal weight", "Its weight beside the expression loss.", Group::Losses, Kind::Number { min: 0.0, max: 100.0, step: 0.1 }),
    setting("dropout", "Dropout", "Share of features hidden before the heads.", Group::Losses, Kind::Number { min: 0.0, max: 0.9, step: 0.05 }),
    setting("crop", "Crop", "Of an image that is not square: none stretches it, centre cuts out the middle, pad puts black beside it.", Group::Preprocessing, Kind::Choice(Crop::NAMES)),
    setting("colour", "Colour", "Gray where colour should not matter: camera and light change it.", Group::Preprocessing, Kind::Choice(Colour::NAMES)),
    setting("filter", "Filter", "How pixels are weighed where an image is resized.", Group::Preprocessing, Kind::Choice(Filter::NAMES)),
    setting("flip", "Flip", "Probability of a mirror image.", Group::Augmentation, Kind::Number { min: 0.0, max: 1.0, step: 0.05 }),
    setting("rotation", "Rotation", "Largest turn, in degrees either way.", Group::Augmentation, Kind::Number { min: 0.0, max: 45.0, step: 1.0 }),
    setting("scale", "Scale", "Largest change of size, as a share.", Group::Augmentation, Kind::Number { min: 0.0, max: 0.5, step: 0.01 }),
    setting("shift", "Shift", "Largest shift, as a share of the side.", Group::Augmentation, Kind::Number { min: 0.0, max: 0.5, step: 0.01 }),
    setting("shear", "Shear", "Largest slant, in degrees either way.", Group::Augmentation, Kind::Number { min: 0.0, max: 30.0, step: 1.0 }),
    setting("brightness", "Brightness", "Largest change, as a share of the range.", Group::Augmentation, Kind::Number { min: 0.0, max: 0.9, step: 0.05 }),
    setting("contrast", "Contrast", "Largest change, as a share.", Group::Augmentation, Kind::Number { min: 0.0, max: 0.9, step: 0.05 }),
    setting("saturation", "Saturation", "Largest change of colourfulness, as a share; gray images have none.", Group::Augmentation, Kind::Number { min: 0.0, max: 0.9, step: 0.05 }),
    setting("erasing", "Erasing", "Probability that a rectangle is hidden.", Group::Augmentation, Kind::Number { min: 0.0, max: 1.0, step: 0.05 }),
];

/// Why a setting cannot be what it was set to.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    /// No setting has this name.
    #[error("there is no setting called \"{0}\"")]
    Unknown(String),
    /// The text is not of the setting's kind, or out of its range.
    #[error("{label} must be {expected}, not \"{found}\"")]
    Value {
        /// The setting's label.
        label: &'static str,
        /// What it may be, in words.
        expected: String,
        /// What stood there.
        found: String,
    },
    /// Nobody has published weights of the model.
    #[error("Weights must be none for {0}: there are no ImageNet weights of it")]
    NoWeights(String),
    /// Part of the network would stay as it was drawn.
    #[error("Trainable must be all where Weights is none, not \"{0}\": what was drawn at random has to be trained")]
    Untrained(&'static str),
}

impl Kind {
    /// What a value may be, in words.
    pub fn expected(&self) -> String {
        match self {
            Kind::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Number { min, max, .. } => format!("a number from {min} to {max}"),
            Kind::Choice(names) => format!("one of {}", names.join(", ")),
            Kind::Switch => "true or false".into(),
        }
    }

    fn allows(&self, text: &str) -> bool {
        match self {
            Kind::Whole { min, max } => text.parse::<u64>().is_ok_and(|value| (*min..=*max).contains(&value)),
            Kind::Number { min, max, .. } => number::parse(text).is_some_and(|value| (*min..=*max).contains(&value)),
            Kind::Choice(names) => names.contains(&text),
            Kind::Switch => text.parse::<bool>().is_ok(),
        }
    }
}

impl Setting {
    /// The setting called `name`.
    pub fn named(name: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }
}

/// Reads and writes one plan field as text. The one place that ties a setting's name to its field.
macro_rules! fields {
    ($($name:literal => $field:ident as $how:ident),* $(,)?) => {
        fn field(&self, name: &str) -> Option<String> {
            match name { $($name => Some(fields!(@get self.$field, $how)),)* _ => None }
        }
        fn set_field(&mut self, name: &str, text: &str) -> Option<()> {
            match name { $($name => self.$field = fields!(@set text, $how),)* _ => return None }
            Some(())
        }
    };
    (@get $value:expr, display) => { $value.to_string() };
    (@get $value:expr, number) => { $value.to_string() };
    (@get $value:expr, $choice:ident) => { $value.name().to_string() };
    (@set $text:expr, display) => { $text.parse().ok()? };
    (@set $text:expr, number) => { number::parse($text)? as _ };
    (@set $text:expr, $choice:ident) => { $choice::from_name($text)? };
}

impl TrainingPlan {
    fields! {
        "model" => model as display, "weights" => weights as InitialWeights,
        "trainable" => trainable as Trainable, "epochs" => epochs as display, "batch-size" => batch_size as display,
        "learning-rate" => learning_rate as number,
        "backbone-rate" => backbone_rate as number, "unfreeze-every" => unfreeze_every as display,
        "input-size" => input_size as display, "crop" => crop as Crop,
        "colour" => colour as Colour, "filter" => filter as Filter, "seed" => seed as display,
        "optimizer" => optimizer as Optimizer, "weight-decay" => weight_decay as number, "schedule" => schedule as Schedule,
        "warmup-epochs" => warmup_epochs as display, "patience" => patience as display,
        "min-delta" => min_delta as number, "monitor" => monitor as Monitor,
        "label-smoothing" => label_smoothing as number, "class-weights" => class_weights as display,
        "affect-labels" => affect_labels as AffectLabels,
        "affect-loss" => affect_loss as AffectLoss, "affect-weight" => affect_weight as number,
        "clip-norm" => clip_norm as number, "ema-decay" => ema_decay as number, "dropout" => dropout as number,
        "flip" => flip as number, "rotation" => rotation as number, "scale" => scale as number,
        "shift" => shift as number, "shear" => shear as number, "brightness" => brightness as number,
        "contrast" => contrast as number, "saturation" => saturation as number, "erasing" => erasing as number,
    }

    /// The value of the setting called `name`, as the query string writes it.
    pub fn get(&self, name: &str) -> Option<String> {
        self.field(name)
    }

    /// Sets the setting called `name` from its text.
    ///
    /// # Errors
    /// [`PlanError`] where there is no such setting, or the text is not of its kind and range; the plan is then as before.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), PlanError> {
        let setting = Setting::named(name).ok_or_else(|| PlanError::Unknown(name.into()))?;
        let text = text.trim();
        let refused =
            || PlanError::Value { label: setting.label, expected: setting.kind.expected(), found: text.into() };
        if !setting.kind.allows(text) {
            return Err(refused());
        }
        self.set_field(name, text).ok_or_else(refused)
    }

    /// Checks every setting, and what must hold between them. A plan read from a file goes through here.
    ///
    /// # Errors
    /// The first [`PlanError`] found.
    pub fn check(&self) -> Result<(), PlanError> {
        let mut copy = self.clone();
        for setting in SETTINGS {
            // `field` knows every name in the table: the test below holds the two together.
            copy.set(setting.name, &self.field(setting.name).unwrap_or_default())?;
        }
        if self.weights == InitialWeights::Random && self.trainable != Trainable::All {
            return Err(PlanError::Untrained(self.trainable.name()));
        }
        if self.is_pretrained() && !self.has_imagenet_weights() {
            return Err(PlanError::NoWeights(self.model.clone()));
        }
        Ok(())
    }

    /// How many stages of a pre-trained backbone learn in an epoch, counted from 1: gradual unfreezing (Howard & Ruder 2018,
    /// *Universal Language Model Fine-tuning for Text Classification*, section 3.3).
    pub fn stages(&self, epoch: u32) -> usize {
        let all = self.trainable.stages();
        match epoch.saturating_sub(1).checked_div(self.unfreeze_every) {
            Some(thawed) => all.min(thawed as usize),
            None => all,
        }
    }

    /// The same plan for another network, which begins with these weights where there are such: else it is trained whole.
    pub fn for_model(&self, model: &str, weights: InitialWeights, trainable: Trainable) -> TrainingPlan {
        let plan = TrainingPlan { model: model.into(), weights, trainable, ..self.clone() };
        if plan.is_pretrained() && plan.has_imagenet_weights() {
            return plan;
        }
        TrainingPlan { weights: InitialWeights::Random, trainable: Trainable::All, ..plan }
    }

    /// Whether it begins with published weights.
    pub fn is_pretrained(&self) -> bool {
        self.weights == InitialWeights::Imagenet
    }

    /// Whether there are ImageNet weights of the model.
    pub fn has_imagenet_weights(&self) -> bool {
        PRETRAINED.contains(&self.model.as_str())
    }

    /// What prepares images: an architecture's own preprocessing, but for what the plan decides.
    pub fn preprocessing(&self, own: Preprocessing) -> Preprocessing {
        Preprocessing { crop: self.crop, colour: self.colour, filter: self.filter, ..own }
    }

    /// What augmentation the plan asks for.
    pub fn augmentation(&self) -> Augmentation {
        Augmentation {
            flip: self.flip as f32,
            rotation: self.rotation as f32,
            scale: self.scale as f32,
            shift: self.shift as f32,
            shear: self.shear as f32,
            brightness: self.brightness as f32,
            contrast: self.contrast as f32,
            saturation: self.saturation as f32,
            erasing: self.erasing as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_fits_every_network() {
        let plan = TrainingPlan { epochs: 7, ..TrainingPlan::default() };
        for (weights, trainable) in
            [(InitialWeights::Imagenet, Trainable::Head), (InitialWeights::Random, Trainable::Head)]
        {
            for model in MODELS {
                let plan = plan.for_model(model, weights, trainable);
                assert_eq!(plan.check(), Ok(()));
                assert_eq!((plan.model.as_str(), plan.epochs), (*model, 7));
                let pretrained = weights == InitialWeights::Imagenet && *model != "custom-cnn";
                assert_eq!(plan.trainable == Trainable::Head, pretrained);
            }
        }
    }

    #[test]
    fn every_setting_is_a_field_and_the_default_plan_passes() {
        let plan = TrainingPlan::default();
        plan.check().unwrap();
        for setting in SETTINGS {
            let text = plan.get(setting.name).unwrap_or_else(|| panic!("{} is no field", setting.name));
            let mut copy = plan.clone();
            copy.set(setting.name, &text).unwrap();
            assert_eq!(copy, plan, "{} changes when set to what it is", setting.name);
        }
    }

    #[test]
    fn every_field_is_a_setting() {
        let serde_json::Value::Object(fields) = serde_json::to_value(TrainingPlan::default()).unwrap() else {
            panic!()
        };
        for name in fields.keys() {
            assert!(Setting::named(name).is_some(), "{name} is in no form");
        }
        assert_eq!(fields.len(), SETTINGS.len());
    }

    #[cfg(feature = "engine")]
    #[test]
    fn every_architecture_can_be_chosen() {
        let mut names: Vec<&str> = crate::models::CATALOGUE.iter().map(|architecture| architecture.name).collect();
        names.dedup();
        assert_eq!(names, MODELS);
        names.retain(|name| crate::models::published(name).is_some());
        assert_eq!(names, PRETRAINED);
    }

    #[test]
    fn what_was_drawn_at_random_is_trained() {
        let plan = TrainingPlan { trainable: Trainable::Head, ..TrainingPlan::default() };
        assert_eq!(plan.check(), Err(PlanError::Untrained("head")));
        let pretrained = TrainingPlan { weights: InitialWeights::Imagenet, ..plan };
        assert_eq!(pretrained.check(), Err(PlanError::NoWeights("custom-cnn".into())));
        TrainingPlan { model: "vgg16".into(), ..pretrained }.check().unwrap();
    }

    #[test]
    fn a_bad_value_is_refused_and_changes_nothing() {
        let mut plan = TrainingPlan::default();
        for (name, text) in
            [("epochs", "0"), ("epochs", "many"), ("dropout", "NaN"), ("optimizer", "adam"), ("flip", "2")]
        {
            assert!(plan.set(name, text).is_err(), "{name}={text}");
        }
        assert_eq!(plan.set("epoch", "3"), Err(PlanError::Unknown("epoch".into())));
        assert_eq!(
            plan.set("epochs", "0").unwrap_err().to_string(),
            "Epochs must be a whole number from 1 to 1000, not \"0\""
        );
        assert_eq!(plan, TrainingPlan::default());
    }
}
