//! Predictions as a table that a spreadsheet, pandas or R opens.

use super::classification::argmax;
use super::report::Prediction;
use crate::affect::LabelSet;

/// The predictions as CSV (RFC 4180: fields quoted where they need it, lines ended by CR LF), with a header.
///
/// Columns: `sample` (its name), `split`, `expression` and `predicted_expression` (class names; of a soft label the
/// most likely class), `probability_<class>` for every class of `label_set`, then `valence`, `predicted_valence`,
/// `arousal`, `predicted_arousal`. An empty cell is a missing value. Numbers are written so that reading them as f32
/// gives back the very same value.
pub fn predictions_csv(label_set: &LabelSet, predictions: &[Prediction]) -> String {
    let mut csv = String::new();
    push_record(&mut csv, columns(label_set));
    for prediction in predictions {
        push_record(&mut csv, cells(label_set, prediction));
    }
    csv
}

/// The header.
pub(super) fn columns(label_set: &LabelSet) -> impl Iterator<Item = String> {
    let columns = ["sample", "split", "expression", "predicted_expression"].map(String::from).into_iter();
    let columns = columns.chain(label_set.classes().iter().map(|class| format!("probability_{class}")));
    columns.chain(["valence", "predicted_valence", "arousal", "predicted_arousal"].map(String::from))
}

fn cells(label_set: &LabelSet, prediction: &Prediction) -> impl Iterator<Item = String> {
    let class_name = |class: Option<usize>| class.and_then(|c| label_set.classes().get(c)).cloned().unwrap_or_default();
    let Prediction { name, split, truth, probabilities, .. } = prediction;
    let labels = [name.clone(), split.name().into(), class_name(truth.class()), class_name(argmax(probabilities))];
    let probabilities = (0..label_set.len()).map(|class| number(probabilities.get(class).copied()));
    let affect = [truth.valence, Some(prediction.valence), truth.arousal, Some(prediction.arousal)].map(number);
    labels.into_iter().chain(probabilities).chain(affect)
}

/// The fewest digits that tell the value from its neighbours.
fn number(value: Option<f32>) -> String {
    value.map(|value| format!("{value:?}")).unwrap_or_default()
}

fn push_record(csv: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            csv.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            csv.push('"');
            csv.push_str(&cell.replace('"', "\"\""));
            csv.push('"');
        } else {
            csv.push_str(&cell);
        }
    }
    csv.push_str("\r\n");
}
