//! What outlives an engine, natively: the storage lies in a folder on the disk.

mod journey;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_executor::block_on;
use futures_util::future::join;
use journey::{Engine, tiny_plan};
use mien::dataset::{DatasetSummary, Division, DroppedFile, Import, MemorySource, Opening, Split, SplitPlan};
use mien::engine::protocol::*;
use mien::engine::storage::{Folder, Storage};
use mien::models::Checkpoint;
use mien::training::TrainingPlan;

/// An empty folder of this test's own.
fn empty(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

async fn engine(folder: &Path) -> Engine {
    Engine::start_with(DeviceChoice::Cpu, Storage::at(Folder::at(folder).unwrap())).await
}

/// Opens what was kept, and says which models there are.
async fn restore(engine: &Engine) -> Vec<ModelSummary> {
    let (Outcome::Restored { models, .. }, _) = engine.ask(Command::Restore).await else { panic!("not restored") };
    models
}

/// Opens what was kept, and says which dataset there is.
async fn restore_dataset(engine: &Engine) -> Option<DatasetSummary> {
    let (Outcome::Restored { dataset, .. }, _) = engine.ask(Command::Restore).await else { panic!("not restored") };
    dataset
}

async fn look(engine: &Engine) -> StorageReport {
    let (Outcome::Storage(report), _) = engine.ask(Command::LookAtStorage).await else { panic!("no report") };
    report
}

async fn news(engine: &Engine) -> Vec<String> {
    let report = look(engine).await;
    assert_eq!(report.hindrance, None);
    report.news
}

/// Every sample and its picture.
async fn gallery(engine: &Engine) -> (Vec<SampleView>, Vec<u8>) {
    let list = Command::ListSamples { filter: SampleFilter::default(), skip: 0, take: 1000 };
    let (Outcome::Samples { samples, .. }, thumbnails) = engine.ask(list).await else { panic!("no samples") };
    (samples, thumbnails.unwrap())
}

async fn train(engine: &Engine) -> ModelSummary {
    let plan = TrainingPlan { epochs: 1, ..tiny_plan() };
    let (Outcome::Trained { model, .. }, _) = engine.ask(Command::Train { plan }).await else { panic!("not trained") };
    model
}

async fn file_of(engine: &Engine, model: ModelId) -> Vec<u8> {
    engine.ask(Command::Export { what: Export::Model(model) }).await.1.expect("a file")
}

/// The weights, and what the file says of them; its header lists the latter in any order.
async fn weights_of(engine: &Engine, model: ModelId) -> Checkpoint {
    Checkpoint::read(&file_of(engine, model).await).unwrap()
}

/// The folders of a kind, the oldest first.
fn places(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    places.sort();
    places
}

#[test]
fn models_outlive_the_engine_until_they_are_deleted() {
    let folder = empty("models_outlive");
    block_on(async {
        let first = engine(&folder).await;
        assert_eq!(restore(&first).await, []);
        first.sample_faces(32).await;
        let trained = train(&first).await;
        let weights = weights_of(&first, trained.id).await;
        let import = Command::ImportModel { name: "mine.safetensors".into() };
        first.send(import, vec![file_of(&first, trained.id).await]).await;

        let second = engine(&folder).await;
        let models = restore(&second).await;
        let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, [trained.name.as_str(), "mine"]);
        assert_eq!(models[0], trained, "the same words about it");
        assert!(weights_of(&second, models[0].id).await == weights, "the same weights");
        second.sample_faces(32).await;
        second.ask(Command::Evaluate { model: models[1].id, split: Split::Test }).await;
        let next = train(&second).await;
        assert!(models.iter().all(|model| model.name != next.name && model.id != next.id));
        for model in &models {
            second.ask(Command::DeleteModel { model: model.id }).await;
        }
        assert_eq!(second.refused(Command::DeleteModel { model: 1 }).await.kind, FailureKind::Refused);

        let third = engine(&folder).await;
        let left = restore(&third).await;
        assert_eq!(left.iter().map(|model| &model.name).collect::<Vec<_>>(), [&next.name]);
        assert_eq!(news(&third).await, [""; 0]);
    });
}

#[test]
fn a_torn_model_is_told_and_is_no_reason_to_stop() {
    let folder = empty("torn_models");
    block_on(async {
        let first = engine(&folder).await;
        first.sample_faces(32).await;
        for _ in 0..5 {
            train(&first).await;
        }
        let places = places(&folder, "models");
        let weights = |place: &Path| place.join("model.safetensors");
        // Cut short; a bit turned over; a manifest cut short; a manifest of another version. The fifth is whole.
        let bytes = fs::read(weights(&places[0])).unwrap();
        fs::write(weights(&places[0]), &bytes[..bytes.len() / 2]).unwrap();
        let mut bytes = fs::read(weights(&places[1])).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(weights(&places[1]), bytes).unwrap();
        let manifest = fs::read_to_string(places[2].join("manifest.json")).unwrap();
        fs::write(places[2].join("manifest.json"), &manifest[..manifest.len() / 2]).unwrap();
        fs::write(places[3].join("manifest.json"), manifest.replace("mien-kept-model/1", "mien-kept-model/2")).unwrap();
        // Begun in 2001 and never finished; begun a moment ago, perhaps by another tab.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let (begun, beginning) = (folder.join("models/1000000000000"), folder.join(format!("models/{now:013}")));
        fs::create_dir_all(&begun).unwrap();
        fs::create_dir_all(&beginning).unwrap();

        let second = engine(&folder).await;
        let models = restore(&second).await;
        assert_eq!(models.len(), 2, "the whole one, and the one whose flaw only a full reading shows");
        let told = news(&second).await;
        assert_eq!(told.len(), 4, "{told:?}");
        for words in ["model.safetensors has", "manifest cannot be read", "another version", "manifest.json is missing"]
        {
            assert!(told.iter().any(|told| told.contains(words)), "{words}: {told:?}");
        }
        assert!(beginning.exists(), "what may still be written was left alone");
        assert!(!begun.exists() && !places[0].exists() && !places[2].exists(), "what is not whole was removed");
        assert!(places[3].exists(), "what another version wrote is left to it");
        let failure = second.refused(Command::Export { what: Export::Model(models[0].id) }).await;
        assert!(failure.message.contains("is not what was written"), "{}", failure.message);
        file_of(&second, models[1].id).await;
        assert_eq!(news(&second).await, [""; 0], "told once");
    });
}

#[test]
fn without_storage_everything_works_and_the_reason_is_told() {
    block_on(async {
        let engine = Engine::start(DeviceChoice::Cpu).await;
        assert_eq!(restore(&engine).await, []);
        engine.sample_faces(32).await;
        let model = train(&engine).await;
        file_of(&engine, model.id).await;
        let report = look(&engine).await;
        assert_eq!(report.hindrance.as_deref(), Some("This test keeps nothing."));
        assert_eq!(report.news, [""; 0]);
        engine.ask(Command::DeleteModel { model: model.id }).await;
    });
}

#[test]
fn the_dataset_outlives_the_engine_until_another_takes_its_place_or_it_is_deleted() {
    let folder = empty("dataset_outlives");
    block_on(async {
        let first = engine(&folder).await;
        assert_eq!(restore_dataset(&first).await, None);
        first.sample_faces(40).await;
        first.sample_faces(32).await;
        assert_eq!(places(&folder, "datasets").len(), 1, "the second took the place of the first");
        assert!(look(&first).await.dataset.unwrap() >= 32 * 32 * 32);
        let seen = gallery(&first).await;

        let second = engine(&folder).await;
        let summary = restore_dataset(&second).await.unwrap();
        assert_eq!((summary.name.as_str(), summary.samples), ("Sample faces", 32));
        assert!(gallery(&second).await == seen, "the same samples, labels, splits and pixels");
        train(&second).await;
        second.ask(Command::DeleteDataset).await;
        assert_eq!(second.refused(Command::DeleteDataset).await.kind, FailureKind::Refused);
        assert!(places(&folder, "datasets").is_empty());
        assert_eq!(restore_dataset(&engine(&folder).await).await, None);
    });
}

#[test]
fn an_import_that_fails_leaves_the_last_dataset_and_nothing_of_its_own() {
    let folder = empty("failed_import");
    block_on(async {
        let first = engine(&folder).await;
        first.sample_faces(32).await;
        let before = places(&folder, "datasets");
        let import = Command::Import {
            paths: vec!["happy/a.png".into()],
            splits: SplitPlan::default(),
            opening: Opening::default(),
        };
        let (_, body, _) = first.send(import, vec![b"no picture".to_vec()]).await;
        assert!(matches!(body, Body::Failed(_)));
        assert_eq!(places(&folder, "datasets"), before);
        assert_eq!(restore_dataset(&engine(&folder).await).await.unwrap().samples, 32);
    });
}

#[test]
fn a_torn_dataset_is_told_and_is_no_reason_to_stop() {
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil, &str); 5] = [
        ("pixels", |path| fs::write(path, [0; 100]).unwrap(), "its pixels have 100 bytes"),
        ("index", |path| fs::write(path, [0; 9]).unwrap(), "index has 9 bytes"),
        ("samples.json", |path| turn_a_bit(path), "samples.json is not what was written"),
        ("manifest.json", |path| fs::write(path, "{\"format\":").unwrap(), "manifest cannot be read"),
        ("samples.json", |path| fs::remove_file(path).unwrap(), "samples.json is missing"),
    ];
    for (number, (file, spoil, words)) in spoil.into_iter().enumerate() {
        let folder = empty(&format!("torn_dataset_{number}"));
        block_on(async {
            engine(&folder).await.sample_faces(32).await;
            let place = places(&folder, "datasets").pop().unwrap();
            spoil(&place.join(file));
            let second = engine(&folder).await;
            assert_eq!(restore_dataset(&second).await, None);
            let told = news(&second).await;
            assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
            second.sample_faces(32).await;
            assert_eq!(places(&folder, "datasets").len(), 1, "what is not whole was removed");
        });
    }
}

#[test]
fn a_pixel_that_was_turned_over_is_found_when_it_is_read() {
    let folder = empty("turned_pixel");
    block_on(async {
        engine(&folder).await.sample_faces(32).await;
        turn_a_bit(&places(&folder, "datasets")[0].join("pixels"));
        let second = engine(&folder).await;
        assert_eq!(restore_dataset(&second).await.unwrap().samples, 32);
        let list = |skip| Command::ListSamples { filter: SampleFilter::default(), skip, take: 1 };
        second.ask(list(0)).await;
        let failure = second.refused(list(31)).await;
        assert!(failure.message.contains("image 31 is not what was written"), "{}", failure.message);
    });
}

#[test]
fn a_large_split_waits_in_the_storage_while_it_is_trained_on() {
    let folder = empty("scratch");
    block_on(async {
        let engine = engine(&folder).await;
        engine.sample_faces(10_000).await;
        // 5,000 training faces of 96 x 96 x 3 bytes.
        let plan = TrainingPlan { epochs: 1, input_size: 96, batch_size: 2, ..tiny_plan() };
        let stop = async {
            while engine.steps().is_empty() {
                pause().await;
            }
            let files = places(&folder, "scratch");
            assert_eq!(files.len(), 1, "the validation split is small enough for memory");
            assert_eq!(fs::metadata(files[0].join("pixels")).unwrap().len() % (96 * 96), 0);
            engine.ask(Command::Stop).await;
        };
        let (trained, ()) = join(engine.ask(Command::Train { plan }), stop).await;
        assert!(matches!(trained.0, Outcome::Trained { .. }));
        assert!(places(&folder, "scratch").is_empty());
    });
}

/// Lets the other futures go on.
async fn pause() {
    let mut polled = false;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut polled, true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// Turns the last bit of a file over.
fn turn_a_bit(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_a_person_decided_outlives_the_engine() {
    let folder = empty("choices");
    block_on(async {
        let choices = {
            let engine = engine(&folder).await;
            restore(&engine).await;
            let sample = Command::ImportSample { count: 64, seed: 1, splits: SplitPlan::default() };
            let (Outcome::Dataset(summary), _) = engine.ask(sample).await else { panic!("not imported") };
            assert_eq!(summary.found.len(), 8);
            let mut choices = summary.choices;
            choices.names.0[2] = Some("happy".into());
            choices.names.0[5] = None;
            let plan = SplitPlan { validation: 0.0, test: 0.5, seed: 9 };
            choices.division = Some(Division { plan, persons: None });
            let choose = Command::Choose { choices: choices.clone() };
            let (Outcome::Dataset(chosen), _) = engine.ask(choose).await else { panic!("not chosen") };
            assert_eq!(chosen.label_set.len(), 6);
            assert_eq!(
                chosen.counts.iter().map(|counts| counts[1]).sum::<usize>(),
                summary.found[1].1 + summary.found[2].1
            );
            assert!(chosen.split_sizes[1] == 0 && chosen.split_sizes[2].abs_diff(32) <= 1, "{:?}", chosen.split_sizes);
            let (Outcome::Faces, Some(faces)) = engine.ask(Command::ShowClasses).await else { panic!("no faces") };
            assert_eq!(faces.len(), 8 * FACES_OF_A_CLASS * THUMBNAIL * THUMBNAIL * 4);
            (choices, chosen.split_sizes)
        };
        let engine = engine(&folder).await;
        let summary = restore_dataset(&engine).await.unwrap();
        assert_eq!((summary.label_set.len(), summary.found.len()), (6, 8));
        assert_eq!((summary.choices, summary.split_sizes), choices);
    });
}

#[test]
fn the_newest_dataset_is_kept_though_the_clock_was_set_back() {
    let folder = empty("clock_set_back");
    // Made by an engine in the far future.
    fs::create_dir_all(folder.join("datasets/9000000000000")).unwrap();
    block_on(async {
        let import = |count| Command::ImportSample { count, seed: 1, splits: SplitPlan::default() };
        {
            let engine = engine(&folder).await;
            restore(&engine).await;
            engine.ask(import(20)).await;
        }
        let first = engine(&folder).await;
        assert_eq!(restore_dataset(&first).await.unwrap().samples, 20);
        assert_eq!(places(&folder, "datasets").len(), 1);
    });
}

/// Gray PNGs of 8 x 8 pixels, every tenth of which is none; `mended` of those are.
fn pictures(count: usize, mended: usize) -> Vec<(String, Vec<u8>)> {
    let picture = |i: usize| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let shade = |x: u32, y: u32| image::Luma([(i as u32 * 7 + x * 13 + y * 29) as u8]);
        image::GrayImage::from_fn(8, 8, shade).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let mut bytes = bytes.into_inner();
        if i % 10 == 3 && i / 10 >= mended {
            bytes[..8].fill(0);
        }
        (format!("{}/{i:04}.png", ["happy", "sad"][i % 2]), bytes)
    };
    (0..count).map(picture).collect()
}

/// An import of these pictures that the storage saw up to the `images`th, and no further.
async fn cut_short(folder: &Path, pictures: &[(String, Vec<u8>)], images: usize) {
    let files = pictures.iter().map(|(path, bytes)| DroppedFile::new(path, MemorySource::new(bytes.clone()))).collect();
    let storage = Storage::at(Folder::at(folder).unwrap());
    let mut import = Import::open(files, SplitPlan::default()).unwrap();
    let mut pixels = storage.new_pixels(import.total()).await;
    while import.done() < images && import.step(&mut pixels) {}
    storage.note_import(&import, &mut pixels).await;
    // What comes after the note is lost.
    import.step(&mut pixels);
}

async fn import(engine: &Engine, pictures: &[(String, Vec<u8>)]) -> Body {
    let (paths, files) = pictures.iter().cloned().unzip();
    let import = Command::Import { paths, splits: SplitPlan::default(), opening: Opening::default() };
    engine.send(import, files).await.1
}

#[test]
fn an_import_that_was_cut_short_goes_on_from_there() {
    let pictures = pictures(200, 0);
    block_on(async {
        let whole = engine(&empty("not_cut_short")).await;
        let Body::Finished(Outcome::Dataset(expected)) = import(&whole, &pictures).await else {
            panic!("not imported")
        };
        assert_eq!((expected.samples, expected.problem_count), (180, 20));

        let folder = empty("cut_short");
        cut_short(&folder, &pictures, 150).await;
        let place = places(&folder, "datasets");
        let resumed = engine(&folder).await;
        assert_eq!(restore_dataset(&resumed).await, None);
        let told = news(&resumed).await;
        assert!(told.len() == 1 && told[0].contains("was cut short after 75 % of its 200 images"), "{told:?}");
        let Body::Finished(Outcome::Dataset(summary)) = import(&resumed, &pictures).await else {
            panic!("not resumed")
        };
        assert_eq!(summary, expected);
        assert!(gallery(&resumed).await == gallery(&whole).await, "the same samples, splits and pixels");
        assert_eq!(places(&folder, "datasets"), place, "it went on where it was");
        assert_eq!(fs::read_dir(&place[0]).unwrap().count(), 4, "and nothing of it is left over");
        assert_eq!(restore_dataset(&engine(&folder).await).await, Some(expected));
    });
}

#[test]
fn an_import_whose_files_have_changed_does_not_go_on() {
    let folder = empty("cut_short_and_changed");
    block_on(async {
        cut_short(&folder, &pictures(200, 0), 150).await;
        let resumed = engine(&folder).await;
        let changed = pictures(200, 5);
        let Body::Failed(failure) = import(&resumed, &changed).await else { panic!("not refused") };
        assert!(failure.message.contains("the files have changed since"), "{}", failure.message);
        let Body::Finished(Outcome::Dataset(summary)) = import(&resumed, &changed).await else {
            panic!("not imported")
        };
        assert_eq!((summary.samples, summary.problem_count), (185, 15));
        cut_short(&folder, &changed, 100).await;
        let Body::Finished(Outcome::Dataset(other)) = import(&resumed, &pictures(50, 0)).await else { panic!("no") };
        assert_eq!(other.samples, 45, "other files are another import");
    });
}

/// What a gallery says of its samples beside their names and places: annotation and split.
fn said(samples: &[SampleView]) -> Vec<(Option<Split>, mien::affect::Annotation)> {
    samples.iter().map(|sample| (sample.split, sample.annotation.clone())).collect()
}

#[test]
fn the_dataset_can_be_taken_home_as_it_was_chosen_and_brought_back() {
    let folder = empty("taken_home");
    block_on(async {
        for storage in [Storage::at(Folder::at(&folder).unwrap()), Storage::none("Nothing is kept.")] {
            let engine = Engine::start_with(DeviceChoice::Cpu, storage).await;
            engine.sample_faces(64).await;
            let (outcome, file) = engine.ask(Command::Export { what: Export::Dataset }).await;
            let Outcome::File { name, media_type } = outcome else { panic!("{outcome:?}") };
            assert_eq!((name.as_str(), media_type.as_str()), ("sample-faces.zip", "application/zip"));
            let (samples, pictures) = gallery(&engine).await;
            let import =
                Command::Import { paths: vec![name], splits: SplitPlan::default(), opening: Opening::default() };
            let (_, body, _) = engine.send(import, vec![file.unwrap()]).await;
            let Body::Finished(Outcome::Dataset(summary)) = body else { panic!("{body:?}") };
            assert_eq!((summary.samples, summary.problem_count, summary.own_splits), (64, 0, true));
            let (again, pictures_again) = gallery(&engine).await;
            assert_eq!(said(&again), said(&samples));
            assert!(pictures_again == pictures, "the same pixels");
        }
        assert_eq!(places(&folder, "outgoing").len(), 1, "the browser may still be saving it");
        let long_ago = folder.join("outgoing/1000000000000");
        fs::create_dir_all(&long_ago).unwrap();
        restore(&engine(&folder).await).await;
        assert!(!long_ago.exists());
    });
}

#[test]
fn a_download_is_what_was_written_however_large_its_parts() {
    let folder = empty("taken_home_in_parts");
    block_on(async {
        for storage in [Storage::at(Folder::at(&folder).unwrap()), Storage::none("This test keeps nothing.")] {
            let mut out = storage.outgoing(0).await;
            let mut expected = Vec::new();
            for (part, size) in [3, 9 << 20, 0, 5, 4 << 20, 1].into_iter().enumerate() {
                let bytes: Vec<u8> = (0..size).map(|place| (place * 7 + part) as u8).collect();
                out.write_all(&bytes).unwrap();
                expected.extend(bytes);
            }
            assert!(out.finish().await.unwrap() == expected);
        }
    });
}

#[test]
fn a_download_that_is_cancelled_leaves_nothing() {
    let folder = empty("not_taken_home");
    block_on(async {
        let engine = engine(&folder).await;
        engine.sample_faces(32).await;
        // Said before the first face is written.
        engine.ask(Command::Cancel { request: 1000 }).await;
        let request = Request { id: 1000, command: Command::Export { what: Export::Dataset } };
        Rc::clone(&engine.service).handle(request, Vec::new()).await;
        let replies = engine.replies.0.borrow();
        let failed = |(reply, _): &(Reply, Option<Vec<u8>>)| {
            reply.id == 1000 && matches!(&reply.body, Body::Failed(failure) if failure.kind == FailureKind::Cancelled)
        };
        assert!(replies.iter().any(failed));
        assert!(places(&folder, "outgoing").is_empty());
    });
}
