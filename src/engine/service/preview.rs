//! Faces as they are, as the network gets them, and as training varies them.

use super::{Answer, OpenDataset, Service, catalogued, refused};
use crate::dataset::{PixelStore, Split};
use crate::engine::protocol::{Failure, InputValues, Outcome, THUMBNAIL};
use crate::imaging::{Pixels, Preprocessing, augment, rgba, whole_thumbnail};
use crate::training::{TrainingPlan, augmentation_stream, operations};

/// More faces than this are not shown side by side.
const MOST_FACES: usize = 16;

impl Service {
    pub(super) fn preview(&self, plan: &TrainingPlan, faces: usize, turn: usize, draw: u64) -> Answer {
        plan.check().map_err(refused)?;
        let open = self.open_dataset()?;
        let preprocessing = plan.preprocessing((catalogued(plan)?.preprocessing)(plan.input_size));
        let originals = training_faces(&open, faces.clamp(1, MOST_FACES), turn)?;
        let prepared: Vec<Pixels> = originals.iter().map(|image| preprocessing.apply(image)).collect();

        let mut pictures = Vec::new();
        originals.iter().for_each(|image| pictures.extend(whole_thumbnail(image, THUMBNAIL)));
        prepared.iter().for_each(|face| pictures.extend(rgba(face)));
        for operation in operations() {
            let alone = plan.with_only(operation.name).map_err(refused)?;
            varied(&prepared, &alone, draw).for_each(|face| pictures.extend(rgba(&face)));
        }
        varied(&prepared, plan, draw).for_each(|face| pictures.extend(rgba(&face)));
        let outcome = Outcome::Preview {
            faces: prepared.len(),
            side: preprocessing.size as usize,
            values: values(&prepared, &preprocessing),
        };
        Ok((outcome, Some(pictures.into())))
    }
}

/// Training faces, evenly drawn over the split; each turn begins one further on.
fn training_faces(open: &OpenDataset, faces: usize, turn: usize) -> Result<Vec<Pixels>, Failure> {
    let train = open.dataset.indices(Split::Train);
    if train.is_empty() {
        return Err(refused("The training split is empty: divide the data with a share for it."));
    }
    let faces = faces.min(train.len());
    let place = |face: usize| (face * train.len() / faces + turn % train.len()) % train.len();
    (0..faces).map(|face| Ok(open.pixels().get(train[place(face)])?)).collect()
}

/// The faces as a batch of a training by this plan has them. Every row begins with the same generator, so that what
/// is alone in one row is the same draw where all are together.
fn varied(faces: &[Pixels], plan: &TrainingPlan, draw: u64) -> impl Iterator<Item = Pixels> {
    let mut rng = augmentation_stream(plan.seed.wrapping_add(draw));
    let augmentation = plan.augmentation();
    faces.iter().map(move |face| augment(face, &augmentation, &mut rng))
}

/// What the network's input is made of.
fn values(faces: &[Pixels], preprocessing: &Preprocessing) -> InputValues {
    let mut values = vec![0.0; 3 * (preprocessing.size * preprocessing.size) as usize];
    let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for face in faces {
        preprocessing.normalise_into(face, &mut values);
        for &value in &values {
            (least, most) = (least.min(value), most.max(value));
            let value = f64::from(value);
            (sum, squares, count) = (sum + value, squares + value * value, count + 1.0);
        }
    }
    let mean = sum / count;
    let deviation = (squares / count - mean * mean).max(0.0).sqrt();
    InputValues { least, most, mean: mean as f32, deviation: deviation as f32 }
}
