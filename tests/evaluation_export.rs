//! The CSV of predictions, read back by somebody else's reader.
#![cfg(feature = "engine")]

use std::{fs, path::Path};

use mien::affect::{Annotation, LabelSet};
use mien::dataset::Split;
use mien::evaluation::{Prediction, evaluate, is_of, predictions_csv, read_predictions};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn prediction(name: &str, truth: Annotation, probabilities: Vec<f32>, valence: f32, arousal: f32) -> Prediction {
    Prediction { sample: 0, name: name.into(), split: Split::Test, truth, probabilities, valence, arousal }
}

fn read(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect()
}

#[test]
fn the_table_is_written_to_the_letter() {
    let label_set = LabelSet::custom("mine", ["calm", "glad, or so"]);
    let labelled = Annotation { valence: Some(-0.5), arousal: None, ..Annotation::one_hot(1, 2) };
    let rows = [
        prediction("a/\"b\".png", labelled, vec![0.75, 0.25], 0.1, -1.0),
        prediction("c.png", Annotation::default(), vec![], 0.0, 1e-20),
    ];
    let csv = predictions_csv(&label_set, &rows);
    assert_eq!(
        csv,
        "sample,split,expression,predicted_expression,probability_calm,\"probability_glad, or so\",\
         valence,predicted_valence,arousal,predicted_arousal\r\n\
         \"a/\"\"b\"\".png\",test,\"glad, or so\",calm,0.75,0.25,-0.5,0.1,,-1.0\r\n\
         c.png,test,,,,,,0.0,,1e-20\r\n"
    );
    let [first, second] = rows;
    let second = Prediction { sample: 1, ..second };
    assert_eq!(read_predictions(&label_set, csv.as_bytes()), Ok(vec![first, second]));
    let refused = |from: &str, to: &str| {
        let csv = csv.replacen(from, to, 1);
        read_predictions(&label_set, csv.as_bytes()).unwrap_err().to_string()
    };
    let other = "predictions.csv: its columns are not those of these classes.";
    assert_eq!(refused("sample", "face"), other);
    assert_eq!(refused(",test,", ",,"), "predictions.csv, row 2, column split: is no split.");
    let refusal = "predictions.csv, row 2, column expression: \"sad\" is none of the classes.";
    assert_eq!(refused("test,\"glad, or so\"", "test,sad"), refusal);
    let refusal = "predictions.csv, row 2, column probability_glad, or so: a number is missing.";
    assert_eq!(refused("0.75,0.25", "0.75,"), refusal);
    let refusal = "predictions.csv, row 3, column predicted_arousal: \"high\" is not a number.";
    assert_eq!(refused("1e-20", "high"), refusal);
    assert_eq!(refused(",1e-20", ""), "predictions.csv, row 3: there are 9 cells, not 10.");
}

/// A model that is right more often than not, about samples of which some lack a label.
fn made_up(label_set: &LabelSet, samples: usize) -> Vec<Prediction> {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut one = |sample: usize| {
        let class = (rng.random_range(0.0f32..1.0).powi(2) * label_set.len() as f32) as usize;
        let mut scores: Vec<f32> = (0..label_set.len()).map(|_| rng.random_range(0.0f32..1.0).powi(2)).collect();
        scores[class] += rng.random_range(0.0..0.6);
        let sum: f32 = scores.iter().sum();
        let mut truth = Annotation::one_hot(class, label_set.len());
        truth.expression = truth.expression.filter(|_| !sample.is_multiple_of(9));
        truth.valence = Some(rng.random_range(-1.0..1.0)).filter(|_| !sample.is_multiple_of(7));
        truth.arousal = Some(rng.random_range(-1.0..1.0)).filter(|_| !sample.is_multiple_of(5));
        let valence = (0.6 * truth.valence.unwrap_or(0.0) + rng.random_range(-0.4..0.4f32)).clamp(-1.0, 1.0);
        let probabilities = scores.into_iter().map(|score| score / sum).collect();
        Prediction {
            sample,
            ..prediction(&format!("{sample}.png"), truth, probabilities, valence, rng.random_range(-1.0..1.0))
        }
    };
    (0..samples).map(&mut one).collect()
}

/// Leaves a report and its predictions where `repeat_report.py` can be shown them.
#[test]
fn a_report_can_be_repeated_from_its_predictions() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&folder).unwrap();
    let label_set = LabelSet::affectnet8();
    let predictions = made_up(&label_set, 500);
    let report = evaluate(&label_set, Split::Test, &predictions, 1);
    let csv = predictions_csv(&label_set, &predictions);
    assert_eq!(read(&csv).len(), 501);
    let again = read_predictions(&label_set, csv.as_bytes()).unwrap();
    assert_eq!(again, predictions);
    assert_eq!(evaluate(&label_set, Split::Test, &again, 1), report);
    assert!(is_of(&report, &again) && !is_of(&report, &again[1..]));
    let mut other = again;
    other[1].probabilities.rotate_left(1);
    assert!(!is_of(&report, &other));
    fs::write(folder.join("predictions.csv"), csv).unwrap();
    fs::write(folder.join("report.json"), serde_json::to_vec_pretty(&report).unwrap()).unwrap();
}

proptest! {
    #[test]
    fn names_and_numbers_come_back_as_they_went(
        name in ".*",
        class in "[a-z,\"\n\r ]{1,8}",
        bits in proptest::array::uniform4(any::<u32>()),
    ) {
        let [p, q, valence, arousal] = bits.map(f32::from_bits).map(|x| if x.is_finite() { x } else { 0.5 });
        let label_set = LabelSet::custom("any", ["first", &class]);
        let truth = Annotation { valence: Some(valence), arousal: None, ..Annotation::one_hot(1, 2) };
        let whole = vec![prediction(&name, truth, vec![p, q], valence, arousal)];
        let csv = predictions_csv(&label_set, &whole);
        let again = read_predictions(&label_set, csv.as_bytes()).unwrap();
        prop_assert_eq!(&again, &whole);
        prop_assert_eq!(&predictions_csv(&label_set, &again), &csv, "to the sign of a zero");
        let table = read(&csv);
        prop_assert_eq!(table.len(), 2);
        prop_assert_eq!(&table[0][5], &format!("probability_{class}"));
        let row = &table[1];
        prop_assert_eq!((&row[0], &row[2], &row[8]), (&name, &class, &String::new()));
        for (cell, value) in [(4, p), (5, q), (6, valence), (7, valence), (9, arousal)] {
            prop_assert_eq!(row[cell].parse::<f32>().unwrap().to_bits(), value.to_bits());
        }
    }
}
