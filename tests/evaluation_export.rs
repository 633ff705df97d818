//! The CSV of predictions, read back by somebody else's reader.
#![cfg(feature = "engine")]

use mien::affect::{Annotation, LabelSet};
use mien::dataset::Split;
use mien::evaluation::{Prediction, predictions_csv};
use proptest::prelude::*;

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
    assert_eq!(
        predictions_csv(&label_set, &rows),
        "sample,split,expression,predicted_expression,probability_calm,\"probability_glad, or so\",\
         valence,predicted_valence,arousal,predicted_arousal\r\n\
         \"a/\"\"b\"\".png\",test,\"glad, or so\",calm,0.75,0.25,-0.5,0.1,,-1.0\r\n\
         c.png,test,,,,,,0.0,,1e-20\r\n"
    );
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
        let table = read(&predictions_csv(&label_set, &[prediction(&name, truth, vec![p, q], valence, arousal)]));
        prop_assert_eq!(table.len(), 2);
        prop_assert_eq!(&table[0][5], &format!("probability_{class}"));
        let row = &table[1];
        prop_assert_eq!((&row[0], &row[2], &row[8]), (&name, &class, &String::new()));
        for (cell, value) in [(4, p), (5, q), (6, valence), (7, valence), (9, arousal)] {
            prop_assert_eq!(row[cell].parse::<f32>().unwrap().to_bits(), value.to_bits());
        }
    }
}
