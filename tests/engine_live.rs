//! Reading faces live, through the service: photographs, a camera's pictures, the record.

mod journey;
mod made;

use futures_executor::block_on;
use journey::{Engine, tiny_plan};
use made::{made, place};
use mien::affect::LabelSet;
use mien::engine::protocol::*;
use mien::engine::site::Site;
use mien::engine::storage::Storage;
use mien::imaging::{Pixels, decode, rgba};
use mien::training::TrainingPlan;

/// An engine with a model that has seen the sample faces for an epoch, and is to read faces now.
async fn reading() -> Option<(Engine, ModelId)> {
    made("site/blazeface.safetensors")?;
    // What `make weights` makes lies under site/, and is served under weights/.
    let site = std::env::temp_dir().join(format!("mien-live-{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::create_dir_all(site.join("weights")).unwrap();
    std::fs::copy(place("site/blazeface.safetensors")?, site.join("weights/blazeface.safetensors")).unwrap();
    let nothing = Storage::none("This test keeps nothing.");
    let engine = Engine::start_on(Site::at(&site), DeviceChoice::Cpu, nothing).await;
    let model = model(&engine).await;
    let (outcome, _) = engine.ask(Command::OpenLive { model }).await;
    std::fs::remove_dir_all(site).unwrap();
    assert_eq!(outcome, Outcome::Live { label_set: LabelSet::affectnet8() });
    Some((engine, model))
}

async fn model(engine: &Engine) -> ModelId {
    engine.sample_faces(32).await;
    let plan = TrainingPlan { epochs: 1, ..tiny_plan() };
    match engine.ask(Command::Train { plan }).await.0 {
        Outcome::Trained { model, .. } => model.id,
        other => panic!("{other:?}"),
    }
}

async fn look(engine: &Engine, time: f64, picture: &Pixels) -> Looked {
    let size = (picture.width, picture.height);
    match engine.send(Command::Look { time, size }, vec![rgba(picture)]).await {
        (_, Body::Finished(Outcome::Looked(looked)), None) => looked,
        other => panic!("{other:?}"),
    }
}

async fn photograph(engine: &Engine, name: &str, bytes: &[u8]) -> Result<(Photograph, Vec<u8>), String> {
    match engine.send(Command::LookAtPhotograph { name: name.into() }, vec![bytes.into()]).await {
        (_, Body::Finished(Outcome::Photograph(photograph)), Some(faces)) => Ok((photograph, faces)),
        (_, Body::Failed(failure), None) => Err(failure.message),
        other => panic!("{other:?}"),
    }
}

async fn file(engine: &Engine, what: Export) -> String {
    String::from_utf8(engine.ask(Command::Export { what }).await.1.unwrap()).unwrap()
}

fn exactly() -> Command {
    Command::SetLive { settings: LiveSettings { smoothing: None, least: 0.0 } }
}

fn portrait() -> Option<Pixels> {
    Some(decode(&made("check/astronaut.png")?).unwrap())
}

/// The picture, moved across: black comes in.
fn moved(picture: &Pixels, across: usize) -> Pixels {
    let mut moved = Pixels::filled(picture.width, picture.height, 3, 0);
    let rows = moved.data.chunks_exact_mut(picture.width * 3).zip(picture.data.chunks_exact(picture.width * 3));
    rows.for_each(|(to, from)| to[across * 3..].copy_from_slice(&from[..from.len() - across * 3]));
    moved
}

#[test]
fn a_face_is_followed_read_and_recorded() {
    block_on(async {
        let (Some(portrait), Some((engine, _))) = (portrait(), reading().await) else { return };
        engine.ask(exactly()).await;
        assert!(engine.refused(Command::Export { what: Export::Record }).await.message.contains("begin a record"));
        engine.ask(Command::BeginRecord { zero: 0.0 }).await;
        let mut last = 0.0;
        for step in 0..6 {
            let looked = look(&engine, f64::from(step) / 10.0, &moved(&portrait, 12 * step as usize)).await;
            assert!(looked.searched, "it moves");
            let [reading] = &looked.readings[..] else { panic!("{} faces", looked.readings.len()) };
            assert_eq!(reading.track, 1);
            assert!(reading.face.bounds.left > last, "it moves to the right");
            last = reading.face.bounds.left;
            assert!((reading.smooth.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert_eq!(reading.raw, reading.smooth, "nothing is smoothed");
        }
        assert!(!look(&engine, 0.6, &moved(&portrait, 60)).await.searched, "nothing has moved");
        assert!(look(&engine, 0.7, &Pixels::filled(512, 512, 3, 90)).await.readings.is_empty());
        let again = look(&engine, 1.0, &moved(&portrait, 60)).await;
        assert_eq!(again.readings[0].track, 1, "it was hidden for a moment");

        engine.ask(Command::MarkRecord { time: 0.35, text: "a smile".into() }).await;
        let table = file(&engine, Export::Record).await;
        let times: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
        assert_eq!(times, ["0.000", "0.100", "0.200", "0.300", "0.350", "0.400", "0.500", "0.600", "1.000"]);
        assert!(file(&engine, Export::Subtitles).await.starts_with("WEBVTT\n"));
        let (shown, _) = engine.ask(Command::ShowRecord { span: Some((0.0, 2.0)), columns: 4 }).await;
        let Outcome::Recorded(recorded) = shown else { panic!("{shown:?}") };
        assert_eq!((recorded.readings, recorded.tracks.len()), (8, 1));
        let seen: Vec<bool> = recorded.bands[0].iter().map(Option::is_some).collect();
        assert_eq!(seen, [true, true, true, false]);

        engine.ask(Command::ForgetRecord).await;
        engine.refused(Command::Export { what: Export::Record }).await;
    });
}

#[test]
fn a_record_has_a_beginning_and_an_end() {
    block_on(async {
        let (Some(portrait), Some((engine, model))) = (portrait(), reading().await) else { return };
        engine.refused(Command::MarkRecord { time: 0.0, text: "too early".into() }).await;
        look(&engine, 10.0, &portrait).await;
        engine.ask(Command::BeginRecord { zero: 10.0 }).await;
        for step in 0..3 {
            look(&engine, 10.1 + f64::from(step) / 10.0, &moved(&portrait, 12 * step as usize)).await;
        }
        // The film is wound back: what is read again takes the place of what was.
        look(&engine, 10.2, &portrait).await;
        engine.ask(Command::EndRecord).await;
        look(&engine, 10.5, &portrait).await;
        // Another model, and another scene: what was recorded stays.
        engine.ask(Command::OpenLive { model }).await;
        engine.ask(Command::LeaveScene).await;
        assert_eq!(look(&engine, 10.6, &portrait).await.readings[0].track, 1, "faces are counted anew");
        engine.ask(Command::CloseLive).await;

        let (shown, _) = engine.ask(Command::ShowRecord { span: None, columns: 3 }).await;
        let Outcome::Recorded(recorded) = shown else { panic!("{shown:?}") };
        assert_eq!((recorded.readings, recorded.has_ended, recorded.bands[0].len()), (3, true, 3));
        assert!(recorded.span.0 == 0.0 && (recorded.span.1 - 0.3).abs() < 1e-9, "{:?}", recorded.span);
        let times: Vec<String> =
            file(&engine, Export::Record).await.lines().skip(1).map(|row| row.split(',').take(1).collect()).collect();
        assert_eq!(times, ["0.100", "0.200", "0.300"]);
        let summary = file(&engine, Export::Summary).await;
        assert!(summary.starts_with("face,from,to,seconds,readings,share_neutral,"), "{summary}");
        assert!(summary.lines().nth(1).is_some_and(|row| row.starts_with("1,0.100,0.300,0.700,3,")), "{summary}");
        engine.refused(Command::BeginRecord { zero: 0.0 }).await;
    });
}

#[test]
fn a_neutral_look_changes_what_is_said() {
    block_on(async {
        let (Some(portrait), Some((engine, _))) = (portrait(), reading().await) else { return };
        engine.ask(exactly()).await;
        look(&engine, 0.0, &portrait).await;
        engine.ask(Command::NeutralLook { track: 1, end: Some(0.2) }).await;
        look(&engine, 0.1, &portrait).await;
        look(&engine, 0.2, &portrait).await;
        let held = look(&engine, 0.3, &portrait).await.readings[0].smooth.clone();
        assert!(held.probabilities[0] > 0.7, "{held:?}");
        assert!(held.valence.abs() < 1e-3 && held.arousal.abs() < 1e-3, "{held:?}");
        engine.ask(Command::NeutralLook { track: 1, end: None }).await;
        let reading = look(&engine, 0.4, &portrait).await.readings[0].clone();
        assert_eq!(reading.raw, reading.smooth);
    });
}

#[test]
fn a_photograph_is_read_and_what_is_none_is_refused() {
    block_on(async {
        let (Some(portrait), Some((engine, model))) = (made("check/astronaut.png"), reading().await) else { return };
        let (read, faces) = photograph(&engine, "a.png", &portrait).await.unwrap();
        assert_eq!((read.width, read.height, read.readings.len()), (512, 512, 1));
        assert_eq!(faces.len(), THUMBNAIL * THUMBNAIL * 4);
        let middle = read.readings[0].face.bounds.middle();
        assert!((middle.0 - 225.0).abs() < 15.0 && (middle.1 - 130.0).abs() < 15.0, "{middle:?}");

        let refusal = photograph(&engine, "b.txt", b"no picture").await.unwrap_err();
        assert!(refusal.starts_with("b.txt is not an image"), "{refusal}");
        let (_, short, _) = engine.send(Command::Look { time: 0.0, size: (2, 2) }, vec![vec![0; 15]]).await;
        assert!(matches!(short, Body::Failed(why) if why.message.contains("another size")));
        assert!(look(&engine, 0.0, &Pixels::filled(1, 1, 3, 0)).await.readings.is_empty());

        engine.ask(Command::CloseLive).await;
        assert!(photograph(&engine, "a.png", &portrait).await.unwrap_err().contains("choose a model"));
        engine.refused(Command::OpenLive { model }).await;
        engine.refused(Command::OpenLive { model: 99 }).await;
    });
}

#[test]
fn without_the_detector_a_person_is_told() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        let model = model(&engine).await;
        let refusal = engine.refused(Command::OpenLive { model }).await.message;
        assert_eq!(refusal, "The detector of faces cannot be used: this site does not have it.");
    });
}
