//! Two models on the same samples against statsmodels and scikit-learn (`golden/make_comparison.py`), and several as one.
#![cfg(feature = "engine")]

use mien::affect::{Annotation, LabelSet};
use mien::dataset::Split;
use mien::evaluation::{
    AffectFigure, Comparing, Comparison, Difference, ExpressionFigure, Figure, Incomparable, McNemar, Mismatch,
    Prediction, Said, Verdict, after_holm, argmax, evaluate, holm, measure, soft_vote,
};
use proptest::prelude::*;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/comparison.json")).unwrap()
}

fn close(found: f64, expected: &Value, within: f64, place: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= within, "{place}: {found}, the reference says {expected}");
}

/// One made-up model.
struct Model {
    label_set: LabelSet,
    predictions: Vec<Prediction>,
}

impl Model {
    fn said(&self) -> Said<'_> {
        Said { label_set: &self.label_set, predictions: &self.predictions }
    }
}

fn strings(names: &Value) -> Vec<String> {
    names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().into()).collect()
}

fn models(pair: &Value) -> [Model; 2] {
    let number = |value: &Value| value.as_f64().unwrap() as f32;
    let names = strings(&pair["classes"]);
    [0, 1].map(|model| {
        let model = &pair["models"][model];
        let label_set = LabelSet::custom("its own", strings(&model["classes"]));
        let prediction = |(sample, truth): (usize, &Value)| {
            let class = label_set.index_of(&names[truth.as_u64().unwrap() as usize]).unwrap();
            Prediction {
                sample: 10 * sample,
                name: format!("{sample}.png"),
                split: Split::Test,
                truth: Annotation { valence: Some(number(&pair["valence"][sample])), ..Annotation::one_hot(class, 8) },
                probabilities: model["weights"][sample]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|w| number(w) / 1024.0)
                    .collect(),
                valence: number(&model["valence"][sample]),
                arousal: 0.0,
            }
        };
        let predictions = pair["truth"].as_array().unwrap().iter().enumerate().map(prediction).collect();
        Model { label_set, predictions }
    })
}

fn pairs() -> Vec<(Value, [Model; 2])> {
    golden()["pairs"].as_array().unwrap().iter().map(|pair| (pair.clone(), models(pair))).collect()
}

fn compared(first: Said, second: Said, seed: u64) -> Result<Comparison, Mismatch> {
    let mut comparing = Comparing::new(first, second, Split::Test, seed)?;
    while comparing.step() {}
    Ok(comparing.finish())
}

fn difference(comparison: &Comparison, figure: Figure) -> &Difference {
    comparison.differences.iter().find(|difference| difference.figure == figure).unwrap()
}

/// The name a figure has in a file.
fn name(figure: impl serde::Serialize) -> String {
    serde_json::to_value(figure).unwrap().as_str().unwrap().into()
}

#[test]
fn mcnemars_test_is_that_of_the_reference() {
    for case in golden()["mcnemar"].as_array().unwrap() {
        let [b, c] = ["only_first", "only_second"].map(|only| case[only].as_u64().unwrap());
        for (found, expected) in
            [(McNemar::exact(b, c), &case["exact"]), (McNemar::chi_square(b, c), &case["chi_square"])]
        {
            let expected = expected.as_f64().unwrap();
            let off = (found.p_value - expected).abs();
            assert!(
                off <= 1e-12 + 1e-9 * expected && off <= 1e-6 * expected,
                "{found:?}, the reference says {expected}"
            );
        }
        assert_eq!(McNemar::new(b, c).exact, b + c < 25);
    }
}

#[test]
fn holms_correction_is_that_of_the_reference() {
    let numbers = |list: &Value| -> Vec<f64> { list.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect() };
    for case in golden()["holm"].as_array().unwrap() {
        let corrected = holm(&numbers(&case["p_values"]));
        let expected = numbers(&case["corrected"]);
        assert!(corrected.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{corrected:?}, {expected:?}");
    }
    assert!(holm(&[]).is_empty());
}

#[test]
fn two_models_differ_as_the_reference_says() {
    for (golden, [first, second]) in pairs() {
        let comparison = compared(first.said(), second.said(), 4).unwrap();
        let mcnemar = serde_json::to_value(comparison.mcnemar.unwrap()).unwrap();
        close(mcnemar["p_value"].as_f64().unwrap(), &golden["mcnemar"]["p_value"], 1e-9, "McNemar");
        assert_eq!(mcnemar["only_first"], golden["mcnemar"]["only_first"]);
        assert_eq!(mcnemar["exact"], golden["mcnemar"]["exact"]);
        let expression = ExpressionFigure::ALL.map(|figure| ("expression", name(figure), Figure::Expression(figure)));
        let affect = AffectFigure::ALL.map(|figure| ("affect", name(figure), Figure::Valence(figure)));
        for (part, name, figure) in expression.into_iter().chain(affect) {
            let place = format!("{}, {name}", golden["name"]);
            let of = difference(&comparison, figure);
            close(of.first.unwrap(), &golden[part][&name][0], 1e-9, &place);
            close(of.second.unwrap(), &golden[part][&name][1], 1e-9, &place);
            assert_eq!(of.difference, Some(of.first.unwrap() - of.second.unwrap()));
            let (interval, expected) = (of.interval.unwrap(), &golden["intervals"][part][&name]);
            for (end, value) in [("low", interval.low), ("high", interval.high)] {
                let [least, most] = [0, 1].map(|i| expected[end][i].as_f64().unwrap());
                assert!(least - 1e-6 <= value && value <= most + 1e-6, "{place}: {value} is not in {least} to {most}");
            }
        }
        let arousal = difference(&comparison, Figure::Arousal(AffectFigure::Ccc));
        assert_eq!(arousal.verdict, Verdict::NotComparable(Incomparable::TooFew));
    }
}

#[test]
fn mcnemars_test_decides_on_accuracy() {
    // Right on four faces more, and never on fewer: an exact p of 1/8, though hardly a resample is without one of the four.
    let [better, _] = &pairs()[0].1;
    let mut worse = Model { label_set: better.label_set.clone(), predictions: better.predictions.clone() };
    let right =
        |of: &&mut Prediction| of.truth.class().is_some_and(|class| class == argmax(&of.probabilities).unwrap());
    for prediction in worse.predictions.iter_mut().filter(right).take(4) {
        prediction.probabilities.rotate_left(1);
    }
    let comparison = compared(better.said(), worse.said(), 1).unwrap();
    assert_eq!(comparison.mcnemar.unwrap().p_value, 0.125);
    for figure in [ExpressionFigure::Accuracy, ExpressionFigure::RecallWeighted] {
        let accuracy = difference(&comparison, Figure::Expression(figure));
        assert!(accuracy.interval.unwrap().low > 0.0);
        assert_eq!((accuracy.p_value, accuracy.verdict), (Some(0.125), Verdict::NoDifferenceShown));
    }
}

#[test]
fn the_better_model_is_called_better_and_the_other_worse() {
    let pairs = pairs();
    let [better, worse] = &pairs[0].1;
    let figures = [
        Figure::Expression(ExpressionFigure::Accuracy),
        Figure::Expression(ExpressionFigure::Kappa),
        Figure::Expression(ExpressionFigure::RocAucMacro),
        Figure::Expression(ExpressionFigure::Brier),
        Figure::Valence(AffectFigure::Ccc),
        Figure::Valence(AffectFigure::Rmse),
    ];
    let [there, back] = [(better, worse), (worse, better)].map(|(a, b)| compared(a.said(), b.said(), 1).unwrap());
    for figure in figures {
        assert_eq!(difference(&there, figure).verdict, Verdict::Better, "{figure:?}");
        assert_eq!(difference(&back, figure).verdict, Verdict::Worse, "{figure:?}");
        assert!(difference(&there, figure).p_value.unwrap() < 0.01);
    }
    assert_eq!(difference(&there, figures[0]).p_value, Some(there.mcnemar.unwrap().p_value));
    let same = compared(better.said(), better.said(), 1).unwrap();
    let comparable = |of: &&Difference| !matches!(of.verdict, Verdict::NotComparable(_));
    assert!(same.differences.iter().filter(comparable).all(|of| of.verdict == Verdict::NoDifferenceShown));
    assert_eq!(same.differences.iter().filter(comparable).count(), 19);
    assert_eq!(same.mcnemar.unwrap().p_value, 1.0);
}

#[test]
fn figures_are_those_of_the_reports_and_the_seed_decides_the_rest() {
    let pairs = pairs();
    let [first, second] = &pairs[1].1;
    let comparison = compared(first.said(), second.said(), 1).unwrap();
    let [one, other] = [first, second].map(|model| measure(&model.label_set, Split::Test, &model.predictions));
    for of in &comparison.differences {
        for (found, report) in [(of.first, &one), (of.second, &other)] {
            let expected = of.figure.of(report);
            let near = found.zip(expected).is_none_or(|(found, expected)| (found - expected).abs() < 1e-12);
            assert!(found.is_some() == expected.is_some() && near, "{of:?}, the report says {expected:?}");
        }
    }
    assert_eq!(comparison, compared(first.said(), second.said(), 1).unwrap());
    assert_ne!(comparison, compared(first.said(), second.said(), 2).unwrap());
}

#[test]
fn figures_have_the_names_that_they_have_in_a_report() {
    let pairs = pairs();
    let model = &pairs[0].1[0];
    let report = evaluate(&model.label_set, Split::Test, &model.predictions, 1);
    let json = serde_json::to_value(&report).unwrap();
    for figure in ExpressionFigure::ALL {
        assert_eq!(figure.of(report.expression.as_ref().unwrap()), json["expression"][name(figure)].as_f64());
        assert!(json["expression"]["intervals"][name(figure)].is_object(), "{figure:?}");
    }
    for figure in AffectFigure::ALL {
        assert_eq!(figure.of(&report.valence.unwrap()), json["valence"][name(figure)].as_f64());
        assert!(json["valence"]["intervals"][name(figure)].is_object(), "{figure:?}");
    }
}

#[test]
fn what_does_not_match_is_not_compared() {
    let [(_, [first, second])] = <[_; 1]>::try_from(pairs().drain(..1).collect::<Vec<_>>()).ok().unwrap();
    let refusal = |changed: &dyn Fn(&mut Vec<Prediction>)| {
        let mut predictions = second.predictions.clone();
        changed(&mut predictions);
        let said = Said { label_set: &second.label_set, predictions: &predictions };
        (compared(first.said(), said, 1).err(), soft_vote(&[first.said(), said], Split::Test).err())
    };
    let both = |mismatch: Mismatch| (Some(mismatch.clone()), Some(mismatch));
    assert_eq!(refusal(&|_| {}), (None, None));
    assert_eq!(refusal(&|said| said.reverse()), (None, None));
    assert_eq!(refusal(&|said| drop(said.pop())), both(Mismatch::Samples));
    assert_eq!(refusal(&|said| said[3].name = "other.png".into()), both(Mismatch::Samples));
    assert_eq!(refusal(&|said| said[3].split = Split::Train), both(Mismatch::Samples));
    assert_eq!(refusal(&|said| said.push(said[0].clone())), both(Mismatch::Samples));
    assert_eq!(refusal(&|said| said[3].truth.valence = None), both(Mismatch::Truth("3.png".into())));
    assert_eq!(refusal(&|said| said[3].truth.expression = None), both(Mismatch::Truth("3.png".into())));
    assert_eq!(compared(first.said(), first.said(), 1).map(|_| ()), Ok(()));
    let nothing = Said { label_set: &first.label_set, predictions: &[] };
    assert_eq!(compared(nothing, nothing, 1), Err(Mismatch::Nothing));
    assert_eq!(soft_vote(&[], Split::Test), Err(Mismatch::Nothing));
}

#[test]
fn of_models_of_other_classes_valence_is_compared_and_expression_is_not() {
    let pairs = pairs();
    let [first, second] = &pairs[0].1;
    let strange = LabelSet::custom("seven", &second.label_set.classes()[..7]);
    let said = Said { label_set: &strange, predictions: &second.predictions };
    let comparison = compared(first.said(), said, 1).unwrap();
    let accuracy = difference(&comparison, Figure::Expression(ExpressionFigure::Accuracy));
    assert_eq!((accuracy.first, accuracy.verdict), (None, Verdict::NotComparable(Incomparable::Classes)));
    assert_eq!(comparison.mcnemar, None);
    assert_eq!(difference(&comparison, Figure::Valence(AffectFigure::Ccc)).verdict, Verdict::Better);
    assert_eq!(soft_vote(&[first.said(), said], Split::Test), Err(Mismatch::Classes));
}

#[test]
fn one_sample_and_numbers_that_are_none_show_nothing() {
    let pairs = pairs();
    let [first, second] = &pairs[0].1;
    let one = |model: &Model| model.predictions[..1].to_vec();
    let [a, b] = [one(first), one(second)];
    let said = |set, predictions| Said { label_set: set, predictions };
    let comparison = compared(said(&first.label_set, &a[..]), said(&second.label_set, &b[..]), 1).unwrap();
    assert!(comparison.differences.iter().all(|of| matches!(of.verdict, Verdict::NotComparable(_))));
    assert_eq!(comparison.mcnemar.unwrap().p_value, 1.0);

    let mut poisoned = second.predictions.clone();
    poisoned[5].probabilities[2] = f32::NAN;
    poisoned[5].valence = f32::NAN;
    let comparison = compared(first.said(), said(&second.label_set, &poisoned[..]), 1).unwrap();
    let undefined = Verdict::NotComparable(Incomparable::Undefined);
    for figure in [Figure::Expression(ExpressionFigure::F1Macro), Figure::Valence(AffectFigure::Rmse)] {
        assert_eq!(difference(&comparison, figure).verdict, undefined);
    }
}

#[test]
fn many_comparisons_ask_for_more() {
    let pairs = pairs();
    let [first, second] = &pairs[0].1;
    let accuracy = Figure::Expression(ExpressionFigure::Accuracy);
    let clear = *difference(&compared(first.said(), second.said(), 1).unwrap(), accuracy);
    let narrow = Difference { p_value: Some(0.03), ..clear };
    let none =
        Difference { p_value: None, difference: None, verdict: Verdict::NotComparable(Incomparable::Classes), ..clear };
    assert_eq!(after_holm(&[narrow]), [Verdict::Better]);
    let verdicts = after_holm(&[narrow, none, clear, narrow]);
    assert_eq!(verdicts, [Verdict::NoDifferenceShown, none.verdict, Verdict::Better, Verdict::NoDifferenceShown]);
}

#[test]
fn the_vote_is_the_mean_by_name() {
    for (golden, [first, second]) in pairs() {
        let votes = soft_vote(&[first.said(), second.said()], Split::Test).unwrap();
        let report = serde_json::to_value(measure(&first.label_set, Split::Test, &votes)).unwrap();
        for figure in ExpressionFigure::ALL.map(name) {
            close(report["expression"][&figure].as_f64().unwrap(), &golden["ensemble"][&figure], 1e-6, &figure);
        }
        for figure in AffectFigure::ALL.map(name) {
            close(report["valence"][&figure].as_f64().unwrap(), &golden["ensemble_valence"][&figure], 1e-6, &figure);
        }
        assert_eq!(soft_vote(&[first.said(); 3], Split::Test).unwrap(), first.predictions);
    }
}

proptest! {
    #[test]
    fn a_mcnemar_probability_is_one_and_symmetric(b in 0u64..400, c in 0u64..400) {
        let test = McNemar::new(b, c);
        prop_assert!((0.0..=1.0).contains(&test.p_value));
        prop_assert_eq!(test.p_value, McNemar::new(c, b).p_value);
        prop_assert!(McNemar::exact(b + 20, c.min(b)).p_value <= McNemar::exact(b, c.min(b)).p_value + 1e-12);
    }
}
