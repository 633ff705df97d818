//! Evaluations that are kept, and models side by side.

mod journey;
mod scratch;

use futures_executor::block_on;
use journey::{Engine, tiny_plan};
use mien::dataset::Split;
use mien::engine::protocol::*;
use mien::evaluation::{ExpressionFigure, Figure, Report, ahead, standings};
use mien::training::TrainingPlan;
use scratch::Scratch;

async fn train(engine: &Engine, seed: u64) -> ModelSummary {
    match engine.ask(Command::Train { plan: TrainingPlan { seed, ..tiny_plan() } }).await.0 {
        Outcome::Trained { model, .. } => model,
        outcome => panic!("{outcome:?}"),
    }
}

async fn evaluate(engine: &Engine, model: ModelId) -> (EvaluationRecord, Report) {
    match engine.ask(Command::Evaluate { model, split: Split::Test }).await.0 {
        Outcome::Evaluated { record, report, .. } => (record, report),
        outcome => panic!("{outcome:?}"),
    }
}

async fn models(engine: &Engine) -> Vec<ModelSummary> {
    match engine.ask(Command::ListModels).await.0 {
        Outcome::Models(models) => models,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn trainings_and_evaluations_are_kept_with_their_model() {
    let folder = Scratch::new("kept-evaluations");
    block_on(async {
        let engine = folder.engine().await;
        engine.sample_faces(64).await;
        let model = train(&engine, 1).await;
        let training = model.training.clone().unwrap();
        assert_eq!((training.history.epochs.len(), training.ending), (tiny_plan().epochs as usize, Ending::Completed));
        assert_eq!(training.faces.dataset, "Sample faces");
        let (record, report) = evaluate(&engine, model.id).await;
        assert_eq!(record.accuracy, report.expression.as_ref().unwrap().accuracy);
        assert_eq!(evaluate(&engine, model.id).await, (record.clone(), report.clone()), "it is not made again");
        engine.ask(Command::NoteModel { model: model.id, note: " the first ".into() }).await;

        let tomorrow = folder.engine().await;
        let [kept] = &models(&tomorrow).await[..] else { panic!() };
        assert_eq!(
            (kept.note.as_str(), &kept.training, &kept.evaluations[..]),
            ("the first", &Some(training), &[record.clone()][..])
        );
        assert_eq!(evaluate(&tomorrow, kept.id).await, (record.clone(), report), "nor tomorrow");
        let list = Command::ListPredictions { filter: PredictionFilter::default(), skip: 0, take: 5 };
        let (Outcome::Predictions { total, predictions }, Some(pictures)) = tomorrow.ask(list).await else { panic!() };
        assert_eq!((total, predictions.len(), pictures.len()), (record.faces.count, 5, 5 * THUMBNAIL * THUMBNAIL * 4));
        assert!(predictions.iter().all(|of| of.split == Split::Test));

        // Other faces are another evaluation.
        tomorrow.sample_faces(80).await;
        let (other, _) = evaluate(&tomorrow, kept.id).await;
        assert_ne!(other.faces.identity, record.faces.identity);
        assert_eq!(models(&tomorrow).await[0].evaluations.len(), 2);
    });
}

#[test]
fn predictions_come_in_the_order_that_is_asked_for() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(96).await;
        let model = train(&engine, 1).await;
        evaluate(&engine, model.id).await;
        let listed = async |order| {
            let filter = PredictionFilter { order, ..PredictionFilter::default() };
            match engine.ask(Command::ListPredictions { filter, skip: 0, take: 100 }).await.0 {
                Outcome::Predictions { predictions, .. } => predictions,
                outcome => panic!("{outcome:?}"),
            }
        };
        let descends = |values: Vec<f32>| assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "{values:?}");
        let confidence = |of: &mien::evaluation::Prediction| of.probabilities.iter().copied().fold(0.0, f32::max);
        descends(listed(PredictionOrder::MostConfident).await.iter().map(confidence).collect());
        descends(listed(PredictionOrder::LeastConfident).await.iter().map(|of| -confidence(of)).collect());
        let loss = |of: &mien::evaluation::Prediction| -of.probabilities[of.truth.class().unwrap()].ln();
        descends(listed(PredictionOrder::LargestLoss).await.iter().map(loss).collect());
        let error = |of: &mien::evaluation::Prediction| {
            (of.valence - of.truth.valence.unwrap()).powi(2) + (of.arousal - of.truth.arousal.unwrap()).powi(2)
        };
        descends(listed(PredictionOrder::LargestAffectError).await.iter().map(error).collect());
    });
}

#[test]
fn models_stand_side_by_side_on_the_same_faces() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(160).await;
        let (one, other) = (train(&engine, 1).await.id, train(&engine, 2).await.id);
        let (_, alone) = evaluate(&engine, other).await;
        let compare = Command::Compare { models: vec![one, other], split: Split::Test };
        let Outcome::Compared(compared) = engine.ask(compare).await.0 else { panic!() };
        let Compared { contestants, leader, disagreements, label_set, .. } = *compared;
        assert_eq!(contestants.len(), 3, "two models, and both together");
        assert_eq!(contestants[1].report, alone);
        assert_eq!(contestants[2].model, None);

        let accuracy = Figure::Expression(ExpressionFigure::Accuracy);
        let accuracies: Vec<f64> = contestants.iter().map(|of| accuracy.of(&of.report).unwrap()).collect();
        assert_eq!(accuracies[leader], accuracies.iter().copied().fold(0.0, f64::max));
        for (place, of) in contestants.iter().enumerate() {
            let Some(comparison) = &of.against_leader else {
                assert_eq!(place, leader);
                continue;
            };
            let difference = comparison.differences.iter().find(|difference| difference.figure == accuracy).unwrap();
            let expected = accuracies[place] - accuracies[leader];
            assert!((difference.difference.unwrap() - expected).abs() < 1e-12);
            let test = comparison.mcnemar.unwrap();
            let samples = of.report.expression.as_ref().unwrap().samples as f64;
            assert!(((test.only_first as f64 - test.only_second as f64) / samples - expected).abs() < 1e-12);
        }

        let disputed = async |filter| match engine.ask(Command::ListDisputed { filter, skip: 0, take: 60 }).await {
            (Outcome::Disputed { total, faces }, Some(pictures)) => {
                assert_eq!(pictures.len(), faces.len() * THUMBNAIL * THUMBNAIL * 4);
                (total, faces)
            }
            (outcome, _) => panic!("{outcome:?}"),
        };
        let (total, faces) = disputed(DisagreementFilter::default()).await;
        assert_eq!((total, faces.len()), (disagreements, disagreements));
        assert!(disagreements > 0 && faces.iter().all(|face| face.answers.len() == 3));
        assert!(faces.iter().all(|face| face.answers.iter().any(|of| of.class != face.answers[0].class)));
        let (total, faces) = disputed(DisagreementFilter { right: Some(0), wrong: Some(1) }).await;
        let only_first = faces
            .iter()
            .all(|face| face.answers[0].class == face.truth.class() && face.answers[1].class != face.truth.class());
        assert!(total < disagreements && only_first);

        let (outcome, file) = engine.ask(Command::Export { what: Export::Comparison }).await;
        assert!(matches!(outcome, Outcome::File { name, .. } if name == "comparison-sample-faces-test.json"));
        let file: serde_json::Value = serde_json::from_slice(&file.unwrap()).unwrap();
        assert_eq!(file["contestants"].as_array().unwrap().len(), 3);
        assert_eq!(file["label_set"]["classes"].as_array().unwrap().len(), label_set.len());

        let nothing = Command::Compare { models: Vec::new(), split: Split::Test };
        assert_eq!(engine.refused(nothing).await.message, "Choose at least one model to compare.");
    });
}

/// A whole page, which needs no other file.
fn stands_alone(html: &str) {
    assert!(!html.contains("<script") && !html.contains("http"), "it stands alone");
    for tag in ["table", "svg", "figure", "tr", "td", "th", "text", "section", "g", "div", "span", "ul", "p", "strong"]
    {
        let count = |mark: &str| html.matches(mark).count();
        let opened = count(&format!("<{tag} ")) + count(&format!("<{tag}>"));
        assert_eq!(opened, count(&format!("</{tag}>")), "every {tag} is closed");
    }
}

#[test]
fn a_comparison_is_a_page_to_read() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(160).await;
        let one = train(&engine, 1).await.id;
        let plan = TrainingPlan { seed: 2, epochs: 3, batch_size: 8, ..tiny_plan() };
        let Outcome::Trained { model, .. } = engine.ask(Command::Train { plan }).await.0 else { panic!() };
        engine.ask(Command::RenameModel { model: model.id, name: "<i>Wednesday</i>".into() }).await;
        let compare = Command::Compare { models: vec![one, model.id], split: Split::Test };
        let Outcome::Compared(compared) = engine.ask(compare).await.0 else { panic!() };
        let (outcome, file) = engine.ask(Command::Export { what: Export::ComparisonDocument }).await;
        assert!(matches!(outcome, Outcome::File { name, .. } if name == "comparison-sample-faces-test.html"));
        let html = String::from_utf8(file.unwrap()).unwrap();
        std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("comparison.html"), &html).unwrap();
        stands_alone(&html);
        assert!(html.contains("<h1>CustomCNN 1 and &lt;i&gt;Wednesday&lt;/i&gt; on Sample faces</h1>"));
        assert!(html.contains("<p>Sample faces, test split: 40 faces</p>") && html.contains("do not use them"));

        // The very words of the page.
        let sides = compared.sides();
        let escaped = |text: String| text.replace('<', "&lt;").replace('>', "&gt;");
        assert!(html.contains(&format!("<strong>{}</strong>", escaped(ahead(&sides, compared.leader)))));
        let others = standings(&sides, compared.leader);
        assert_eq!(others.len(), 2);
        for sentence in others {
            assert!(html.contains(&format!("<li>{}</li>", escaped(sentence.clone()))), "{sentence}");
        }

        // Every figure of everyone, the best of each marked; a tie has several.
        for figure in Figure::of_expression().into_iter().chain(Figure::of_affect()) {
            let row = html.split(&format!("<th scope=\"row\">{}</th>", figure.label())).nth(1).unwrap();
            let row = row.split("</tr>").next().unwrap();
            let values: Vec<f64> = compared.contestants.iter().map(|of| figure.of(&of.report).unwrap()).collect();
            let best = figure.best(values.iter().copied().map(Some)).unwrap();
            let cells: Vec<&str> = row.split("</td>").take(3).collect();
            for (cell, value) in cells.iter().zip(values) {
                assert!(cell.contains(&format!(">{value:.4}")), "{cell} {value}");
                assert_eq!(cell.contains("n best"), value == best, "{cell}");
            }
        }
        // Accuracy, loss and both CCC, a line for each training.
        assert_eq!(html.matches("<polyline").count(), 4 * 2);
        assert!(html.contains("In what their plans differ") && html.contains("They were trained on the same faces."));
        assert!(html.contains("<th scope=\"row\">Epochs</th><td>2</td><td>3</td>"));
        assert!(!html.contains("<th scope=\"row\">Input size</th>"), "it is the same in both");
        assert!(html.matches(&compared.faces.identity).count() == 2, "both models looked at these faces");
    });
}

#[test]
fn an_evaluation_is_a_page_to_read() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(96).await;
        let model = train(&engine, 1).await.id;
        engine.ask(Command::RenameModel { model, name: "<b>\"Tuesday\" & more</b>".into() }).await;
        let (record, report) = evaluate(&engine, model).await;
        let (outcome, file) = engine.ask(Command::Export { what: Export::Document }).await;
        assert!(matches!(outcome, Outcome::File { media_type, .. } if media_type == "text/html"));
        let html = String::from_utf8(file.unwrap()).unwrap();
        assert!(html.contains("&lt;b&gt;&quot;Tuesday&quot; &amp; more&lt;/b&gt; on Sample faces, test split"));
        stands_alone(&html);
        let expression = report.expression.unwrap();
        let figures = [expression.accuracy, expression.kappa, expression.roc_auc_macro, report.valence.unwrap().ccc];
        for figure in figures.into_iter().flatten() {
            assert!(html.contains(&format!(">{figure:.4}</td>")), "{figure}");
        }
        assert!(html.contains(&record.faces.identity) && html.contains("epochs") && html.contains("do not use them"));
        assert_eq!(
            html.matches("<polyline").count(),
            2 * 8 + 1 + 2,
            "two curves a class, the reliability, two diagonals"
        );
    });
}

#[test]
fn a_face_is_explained_as_often_as_one_likes() {
    let folder = Scratch::new("explained");
    block_on(async {
        let engine = folder.engine().await;
        engine.sample_faces(64).await;
        let model = train(&engine, 1).await.id;
        evaluate(&engine, model).await;
        let list = Command::ListPredictions { filter: PredictionFilter::default(), skip: 0, take: 1 };
        let Outcome::Predictions { predictions, .. } = engine.ask(list).await.0 else { panic!() };
        let sample = predictions[0].sample;
        let explained = async |what| match engine.ask(Command::Explain { sample, what }).await {
            (Outcome::Explanation { side, attention }, Some(pictures)) => {
                assert_eq!(pictures.len(), (2 + attention) * side * side * 4, "the face, the heat, the attention");
                (attention, pictures)
            }
            (outcome, _) => panic!("{outcome:?}"),
        };
        let (attention, first) = explained(Explained::Class(0)).await;
        assert_eq!(attention, 3, "one for each block");
        assert_ne!(explained(Explained::Valence).await.1, first);
        assert_eq!(explained(Explained::Class(0)).await.1, first);
        let stranger = Command::Explain { sample: 1000, what: Explained::Valence };
        let why = engine.refused(stranger).await.message;
        assert_eq!(why, "This face is not among those that were evaluated.");
    });
}

#[test]
fn the_faces_lie_in_a_plane_as_the_model_sees_them() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(200).await;
        let early = engine.refused(Command::Embed { embedding: Embedding::Principal }).await.message;
        assert_eq!(early, "There is no evaluation yet: evaluate a model first.");
        let model = train(&engine, 1).await.id;
        let (_, report) = evaluate(&engine, model).await;
        let embedded = async |embedding| match engine.ask(Command::Embed { embedding }).await.0 {
            Outcome::Embedded { faces, shares, kinship } => (faces, shares.unwrap(), kinship),
            outcome => panic!("{outcome:?}"),
        };
        let (faces, [across, up], kinship) = embedded(Embedding::Principal).await;
        assert_eq!((faces.len() as u64, kinship.len()), (report.samples, report.label_set.len()));
        assert!(across >= up && up > 0.0 && across + up <= 1.0 + 1e-9, "{across} {up}");
        let mean = faces.iter().map(|face| face.place.0).sum::<f32>() / faces.len() as f32;
        let spread = faces.iter().map(|face| face.place.0.abs()).fold(0.0, f32::max);
        assert!(mean.abs() < 1e-3 * spread, "components are about the mean");

        // What is said of a face is what the list says of it.
        for face in &faces {
            let filter = PredictionFilter { sample: Some(face.sample), ..PredictionFilter::default() };
            let list = Command::ListPredictions { filter, skip: 0, take: 5 };
            let (Outcome::Predictions { total, predictions }, Some(picture)) = engine.ask(list).await else { panic!() };
            assert_eq!((total, picture.len()), (1, THUMBNAIL * THUMBNAIL * 4));
            assert_eq!((predictions[0].sample, predictions[0].truth.class()), (face.sample, face.truth));
            assert_eq!(mien::evaluation::argmax(&predictions[0].probabilities), face.said);
        }

        let (others, shares, _) = embedded(Embedding::Neighbours).await;
        assert_eq!(shares, [across, up], "the features are those of before");
        assert!(others.iter().zip(&faces).all(|(one, other)| one.sample == other.sample && one.place != other.place));
        assert_eq!(embedded(Embedding::Neighbours).await.0, others, "the same faces are placed the same way");
    });
}
