//! A run as one zip: out, and in again somewhere else as the same run.
#![cfg(feature = "engine")]

mod journey;
mod scratch;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use futures_executor::block_on;
use journey::{Engine, tiny_plan};
use mien::dataset::{ArchiveWriter, Opening, Split, SplitPlan};
use mien::engine::protocol::*;
use mien::evaluation::{Prediction, Report};
use scratch::Scratch;

/// The parts of a zip, by their names.
type Parts = BTreeMap<String, Vec<u8>>;

async fn train(engine: &Engine) -> ModelSummary {
    match engine.ask(Command::Train { plan: tiny_plan() }).await.0 {
        Outcome::Trained { model, .. } => model,
        outcome => panic!("{outcome:?}"),
    }
}

async fn evaluate(engine: &Engine, model: ModelId, split: Split) -> (EvaluationRecord, Report) {
    match engine.ask(Command::Evaluate { model, split }).await.0 {
        Outcome::Evaluated { record, report, .. } => (record, report),
        outcome => panic!("{outcome:?}"),
    }
}

async fn predictions(engine: &Engine) -> Vec<Prediction> {
    let list = Command::ListPredictions { filter: PredictionFilter::default(), skip: 0, take: 100 };
    match engine.ask(list).await.0 {
        Outcome::Predictions { predictions, .. } => predictions,
        outcome => panic!("{outcome:?}"),
    }
}

async fn models(engine: &Engine) -> Vec<ModelSummary> {
    match engine.ask(Command::ListModels).await.0 {
        Outcome::Models(models) => models,
        outcome => panic!("{outcome:?}"),
    }
}

async fn file(engine: &Engine, what: Export) -> (String, Vec<u8>) {
    match engine.ask(Command::Export { what }).await {
        (Outcome::File { name, .. }, Some(bytes)) => (name, bytes),
        (outcome, _) => panic!("{outcome:?}"),
    }
}

async fn import(engine: &Engine, zip: Vec<u8>) -> Result<ModelSummary, String> {
    match engine.send(Command::ImportModel { name: "Home.ZIP".into() }, vec![zip]).await.1 {
        Body::Finished(Outcome::Model(model)) => Ok(model),
        Body::Failed(failure) => Err(failure.message),
        other => panic!("{other:?}"),
    }
}

/// As somebody else's program unpacks it.
fn unpacked(zip: &[u8]) -> Parts {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut parts = Parts::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        parts.insert(entry.name().into(), bytes);
    }
    parts
}

fn packed(parts: &Parts) -> Vec<u8> {
    let mut zip = ArchiveWriter::new(Vec::new());
    parts.iter().for_each(|(name, bytes)| zip.add(name, bytes).unwrap());
    zip.finish().unwrap()
}

/// What is known of a model, but for the id that each engine gives anew.
fn known(model: &ModelSummary) -> ModelSummary {
    ModelSummary { id: 0, ..model.clone() }
}

/// A run with a note and two evaluations, and its zip.
async fn a_run(engine: &Engine) -> (ModelSummary, Vec<u8>) {
    engine.sample_faces(64).await;
    let ModelSummary { id: model, .. } = train(engine).await;
    engine.ask(Command::RenameModel { model, name: "Tuesday, \"late\"".into() }).await;
    engine.ask(Command::NoteModel { model, note: "the first\u{00fc}".into() }).await;
    evaluate(engine, model, Split::Test).await;
    evaluate(engine, model, Split::Validation).await;
    let (name, zip) = file(engine, Export::Run(model)).await;
    assert_eq!(name, "tuesday---late.zip");
    (models(engine).await[0].clone(), zip)
}

#[test]
fn a_run_comes_back_as_the_same_run() {
    let (here, there) = (Scratch::new("run-out"), Scratch::new("run-in"));
    block_on(async {
        let engine = here.engine().await;
        let (run, zip) = a_run(&engine).await;
        let (record, report) = evaluate(&engine, run.id, Split::Test).await;
        let said = predictions(&engine).await;

        // Somebody else's scikit-learn can be shown it.
        std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("run.zip"), &zip).unwrap();

        // Each part is the file that can be had by itself.
        let parts = unpacked(&zip);
        let validation = &run.evaluations.iter().find(|of| of.split == Split::Validation).unwrap().faces.identity;
        let folder = format!("evaluations/validation-sample-faces-{validation}");
        let of_validation = [format!("{folder}/predictions.csv"), format!("{folder}/report.json")];
        let names: Vec<&str> = parts.keys().map(String::as_str).collect();
        let own = ["history.csv", "model.safetensors", "predictions.csv", "report.json"];
        assert_eq!(names, [&["config.json", &of_validation[0], &of_validation[1]], &own[..]].concat());
        for (part, export) in own[1..].iter().zip([Export::Model(run.id), Export::Predictions, Export::Report]) {
            assert!(parts[*part] == file(&engine, export).await.1, "{part}");
        }
        evaluate(&engine, run.id, Split::Validation).await;
        assert!(parts[&of_validation[1]] == file(&engine, Export::Report).await.1);
        let config: serde_json::Value = serde_json::from_slice(&parts["config.json"]).unwrap();
        assert_eq!((&config["format"], &config["plan"]["epochs"]), (&"mien-run/1".into(), &2.into()));

        // Elsewhere, where the same faces are.
        let elsewhere = there.engine().await;
        let again = import(&elsewhere, zip.clone()).await.unwrap();
        assert_eq!(known(&again), known(&run));
        assert!(again.training.is_some() && again.plan.is_some() && again.evaluations.len() == 2);
        assert!(file(&elsewhere, Export::Run(again.id)).await.1 == zip, "to the byte");
        elsewhere.sample_faces(64).await;
        assert_eq!(evaluate(&elsewhere, again.id, Split::Test).await, (record.clone(), report), "it is not made again");
        assert_eq!(predictions(&elsewhere).await, said);

        // And tomorrow. A run of a name that is taken gets a number, as nothing else of it does.
        let tomorrow = there.engine().await;
        assert_eq!(known(&models(&tomorrow).await[0]), known(&run));
        let second = import(&tomorrow, zip.clone()).await.unwrap();
        assert_eq!(known(&second), ModelSummary { name: "Tuesday, \"late\" 2".into(), ..known(&run) });
        let renamed = unpacked(&file(&tomorrow, Export::Run(second.id)).await.1);
        let differ = parts.iter().filter(|(name, bytes)| renamed[*name] != **bytes).map(|(name, _)| name.as_str());
        assert_eq!(differ.collect::<Vec<_>>(), ["config.json", &of_validation[1], "report.json"]);
    });
}

#[test]
fn a_window_that_keeps_nothing_takes_and_gives_runs_too() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        let (run, zip) = a_run(&engine).await;
        assert_eq!(unpacked(&zip).len(), 7);
        let elsewhere = Engine::start(DeviceChoice::Cpu).await;
        let again = import(&elsewhere, zip.clone()).await.unwrap();
        assert_eq!(known(&again), known(&run));
        assert!(file(&elsewhere, Export::Run(again.id)).await.1 == zip);
        elsewhere.sample_faces(64).await;
        let (record, _) = evaluate(&elsewhere, again.id, Split::Test).await;
        assert!(run.evaluations.contains(&record));
    });
}

#[test]
fn a_run_without_evaluations_or_training_is_a_run() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        engine.sample_faces(16).await;
        let run = train(&engine).await;
        let (_, zip) = file(&engine, Export::Run(run.id)).await;
        let parts = unpacked(&zip);
        let names: Vec<&str> = parts.keys().map(String::as_str).collect();
        assert_eq!(names, ["config.json", "history.csv", "model.safetensors"]);
        let body = Command::ImportModel { name: "plain.safetensors".into() };
        let (_, body, _) = engine.send(body, vec![parts["model.safetensors"].clone()]).await;
        let Body::Finished(Outcome::Model(plain)) = body else { panic!("{body:?}") };
        assert_eq!((plain.name.as_str(), &plain.training), ("plain", &None));
        let (_, zip) = file(&engine, Export::Run(plain.id)).await;
        assert_eq!(unpacked(&zip).len(), 2);
        let again = import(&engine, zip).await.unwrap();
        assert_eq!(known(&again), ModelSummary { name: "plain 2".into(), ..known(&plain) });
    });
}

#[test]
fn a_run_may_be_unpacked_and_packed_again() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        let (run, zip) = a_run(&engine).await;
        let mut again = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        again.add_directory("tuesday/", options).unwrap();
        for (name, bytes) in unpacked(&zip) {
            again.start_file(format!("tuesday/{name}"), options).unwrap();
            again.write_all(&bytes).unwrap();
        }
        let elsewhere = Engine::start(DeviceChoice::Cpu).await;
        let imported = import(&elsewhere, again.finish().unwrap().into_inner()).await.unwrap();
        assert_eq!(known(&imported), known(&run));
    });
}

/// Twenty-four faces of which the label is a distribution, as a zip.
fn doubtful_faces() -> Vec<u8> {
    let mut table = String::from("image,split,valence,probability_happy,probability_sad\n");
    let mut zip = ArchiveWriter::new(Vec::new());
    for face in 0..24_u8 {
        let split = ["train", "train", "test"][usize::from(face) % 3];
        let happy = [0.75, 0.25, 0.625][usize::from(face) % 3];
        table += &format!("{face}.pgm,{split},0.1,{happy},{}\n", 1.0 - happy);
        let pixels = (0..32 * 32_u32).map(|place| (place.wrapping_mul(u32::from(face) + 3) >> 2) as u8);
        let picture = [b"P5\n32 32\n255\n".to_vec(), pixels.collect()].concat();
        zip.add(&format!("{face}.pgm"), &picture).unwrap();
    }
    zip.add("labels.csv", table.as_bytes()).unwrap();
    zip.finish().unwrap()
}

async fn open_doubtful_faces(engine: &Engine) {
    let (splits, opening) = (SplitPlan::default(), Opening::default());
    let import = Command::Import { paths: vec!["doubtful.zip".into()], splits, opening };
    let (_, body, _) = engine.send(import, vec![doubtful_faces()]).await;
    assert!(matches!(&body, Body::Finished(Outcome::Dataset(dataset)) if dataset.samples == 24), "{body:?}");
}

#[test]
fn soft_labels_are_taken_from_the_faces_again() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        open_doubtful_faces(&engine).await;
        let run = train(&engine).await;
        let (record, _) = evaluate(&engine, run.id, Split::Test).await;
        let said = predictions(&engine).await;
        assert_eq!(said[0].truth.expression, Some(vec![0.625, 0.375]));
        let (_, zip) = file(&engine, Export::Run(run.id)).await;
        let elsewhere = Engine::start(DeviceChoice::Cpu).await;
        open_doubtful_faces(&elsewhere).await;
        let again = import(&elsewhere, zip).await.unwrap();
        assert_eq!(evaluate(&elsewhere, again.id, Split::Test).await.0, record, "it is not made again");
        assert_eq!(predictions(&elsewhere).await, said);
    });
}

#[test]
fn an_evaluation_under_the_name_of_other_faces_is_made_anew() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        let (run, zip) = a_run(&engine).await;
        let (training, _) = evaluate(&engine, run.id, Split::Train).await;
        let (of_test, of_training) = (&run.evaluations[0].faces, &training.faces);
        assert!(of_test.count < of_training.count);
        let lying = with(&unpacked(&zip), "report.json", |text| text.replace(&of_test.identity, &of_training.identity));
        let again = import(&engine, lying).await.unwrap();
        assert_eq!(evaluate(&engine, again.id, Split::Train).await.0.faces, training.faces);
        assert_eq!(predictions(&engine).await.len(), training.faces.count);
    });
}

/// The text of a part, changed.
fn with(parts: &Parts, part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut changed = parts.clone();
    let text = String::from_utf8(parts[part].clone()).unwrap();
    let after = change(text.clone());
    assert_ne!(after, text, "{part} is changed");
    changed.insert(part.into(), after.into_bytes());
    packed(&changed)
}

fn without(parts: &Parts, part: &str) -> Vec<u8> {
    packed(&parts.iter().filter(|(name, _)| *name != part).map(|(name, bytes)| (name.clone(), bytes.clone())).collect())
}

#[test]
fn what_is_no_whole_run_is_refused_in_a_sentence_and_changes_nothing() {
    let folder = Scratch::new("run-refused");
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        let (run, zip) = a_run(&engine).await;
        let parts = unpacked(&zip);
        let identity = run.evaluations[0].faces.identity.clone();
        let replaced = |part: &str, from: &str, to: &str| with(&parts, part, |text| text.replacen(from, to, 1));

        let mut cases = vec![
            (b"GIF89a".to_vec(), "this is not a zip."),
            (zip[..zip.len() / 2].to_vec(), "this zip is cut short, its end is missing: download or copy it again."),
            (
                without(&parts, "config.json"),
                "config.json is missing: this zip is not a run of Mien's, or not all of it.",
            ),
            (without(&parts, "model.safetensors"), "model.safetensors is missing: "),
            (without(&parts, "history.csv"), "history.csv is missing: "),
            (without(&parts, "predictions.csv"), "predictions.csv is missing: "),
            (with(&parts, "config.json", |_| "{".into()), "config.json cannot be read: EOF while parsing"),
            (with(&parts, "config.json", |_| "[".repeat(9000)), "config.json cannot be read: "),
            (
                replaced("config.json", "mien-run/1", "mien-run/2"),
                "config.json is of format \"mien-run/2\", not \"mien-run/1\": another version of Mien wrote this run.",
            ),
            (replaced("config.json", "Tuesday, \\\"late\\\"", " "), "config.json has no name for the model."),
            (replaced("config.json", "\"ended\"", "\"began\""), "config.json cannot be read: missing field `ended`."),
            (
                replaced("config.json", "\"architecture\": \"custom-cnn\"", "\"architecture\": \"vgg16\""),
                "model.safetensors is of another",
            ),
            (replaced("history.csv", ",true\r\n", ",perhaps\r\n"), "history.csv, row 2, column best: "),
            (with(&parts, "history.csv", |_| String::new()), "history.csv, row 1: there is no column epoch."),
            (replaced("report.json", "mien-report/1", "mien-report/9"), "report.json is of format \"mien-report/9\""),
            (
                replaced("report.json", &identity, "../../../../tmp/x"),
                "report.json does not say of which faces it is: ",
            ),
            (
                replaced("report.json", "\"split\": \"test\"", "\"split\": \"train\""),
                "report.json does not say of which faces it is: ",
            ),
            (
                replaced("report.json", "\"neutral\"", "\"bored\""),
                "report.json is over other classes than the model's: ",
            ),
            (
                replaced("report.json", "\"samples\": 16", "\"samples\": 17"),
                "predictions.csv does not give the figures of report.json: ",
            ),
            (
                replaced("predictions.csv", ",predicted_valence", ",valence"),
                "predictions.csv: its columns are not those of these classes.",
            ),
            (
                with(&parts, "predictions.csv", |text| {
                    text.lines().take(9).map(|line| format!("{line}\r\n")).collect()
                }),
                "predictions.csv does not give the figures of report.json: these files are not of one run.",
            ),
            (
                replaced("predictions.csv", ",test,", ",exam,"),
                "predictions.csv, row 2, column split: \"exam\" is no split.",
            ),
            (
                with(&parts, "predictions.csv", |text| text.replacen("\r\n", ",more\r\n", 2).replacen(",more", "", 1)),
                "predictions.csv, row 2: there are 17 cells, not 16.",
            ),
        ];
        let mut model = parts.clone();
        model.get_mut("model.safetensors").unwrap().truncate(1000);
        cases.push((packed(&model), "model.safetensors: this is not a whole safetensors file: "));
        let mut damaged = zip.clone();
        // The last byte of the model, which comes last.
        let at = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap() - 1;
        damaged[at] ^= 1;
        cases.push((damaged, "model.safetensors is damaged (its checksum does not match): "));
        cases.push((bomb(&parts, "history.csv"), "history.csv unpacks to more than 100 times its size in the zip"));
        cases.push((bomb(&parts, "model.safetensors"), "model.safetensors unpacks to more than 100 times its size"));

        let elsewhere = folder.engine().await;
        for (zip, why) in cases {
            let said = import(&elsewhere, zip).await.unwrap_err();
            assert!(said.starts_with(&format!("Home.ZIP: {why}")) && said.ends_with('.'), "{said}\n{why}");
            assert!(!said.contains(".."), "{said}");
            assert_eq!(models(&elsewhere).await, [], "{why}");
        }
        assert_eq!(models(&folder.engine().await).await, []);
    });
}

/// A part of a hundred million zeros, which pack to a hundred thousand bytes.
fn bomb(parts: &Parts, bombed: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), options).unwrap();
        match name == bombed {
            true => zip.write_all(&vec![0; 100_000_000]).unwrap(),
            false => zip.write_all(bytes).unwrap(),
        }
    }
    zip.finish().unwrap().into_inner()
}
