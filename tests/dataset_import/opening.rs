//! What a person says of files: what their columns are, what else they may be, what their numbers mean. The tables are
//! pandas', the values expected of them NumPy's (`tests/golden/make_layouts.py`).

use std::path::Path;

use mien::dataset::{Choices, ClassNames, Dataset, DroppedFile, FileSource, ImportError, Layout, Mapping, Meaning};
use mien::dataset::{MemoryPixelStore, Opening, PersonRule, PixelStore, Scale, TableView, Twins};
use serde_json::Value;

use super::support::{classes, file, import, import_as, png, sentences, split_name};

fn golden(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/layouts").join(name)
}

fn dropped(name: &str) -> Vec<DroppedFile> {
    vec![DroppedFile::new(name, FileSource::new(golden(name)).unwrap())]
}

fn expected() -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(golden("explained.json")).unwrap()).unwrap()
}

/// The tables that a person has to explain.
fn unclear(files: Vec<DroppedFile>) -> Vec<TableView> {
    let error = import(files).err().expect("nothing is understood");
    assert!(matches!(error, ImportError::NoLabels { .. } | ImportError::NothingLeft { .. }), "{error}");
    error.tables().to_vec()
}

fn explained(view: &TableView, columns: &[Meaning]) -> Opening {
    let mapping = Mapping { columns: columns.to_vec(), ..view.mapping.clone() };
    assert_eq!(mapping.trouble(), None);
    Opening { layout: None, mappings: vec![mapping] }
}

fn open(files: Vec<DroppedFile>, opening: &Opening) -> Dataset {
    import_as(files, opening).unwrap_or_else(|error| panic!("{error}")).0
}

fn near(value: Option<f32>, expected: &Value) -> bool {
    match (value, expected.as_f64()) {
        (Some(value), Some(expected)) => (f64::from(value) - expected).abs() < 1e-6,
        (value, expected) => value.is_none() && expected.is_none(),
    }
}

#[test]
fn columns_of_any_name_are_what_a_person_says() {
    use Meaning::{Arousal, Expression, Image, Nothing, Person, Split, Valence};
    let views = unclear(dropped("explained_odd.zip"));
    let [view] = &views[..] else { panic!("{views:?}") };
    assert_eq!(view.mapping.header, ["Nr", "Datei", "Stimmung", "Lust", "Erregung", "Vp", "Teil"]);
    assert_eq!(view.rows[1], ["1", "bilder/1.png", "sad", "2,5", "12,5", "anna", "train"]);
    assert!(view.rows.len() < 6 && !view.explained, "its beginning");
    let guess = [Nothing, Image, Expression, Nothing, Nothing, Nothing, Nothing];
    assert_eq!(view.mapping.columns, guess, "by what stands in the cells");

    let (sam, percent) = (Scale { low: 1, high: 9 }, Scale { low: 0, high: 100 });
    let meant = [Nothing, Image, Expression, Valence(sam), Arousal(percent), Person, Split];
    let dataset = open(dropped("explained_odd.zip"), &explained(view, &meant));
    assert_eq!(sentences(&dataset), [""; 0]);
    assert!(
        dataset.recognised.contains("the columns Datei, Stimmung, Lust, Erregung, Teil, Vp, as you explained them"),
        "{}",
        dataset.recognised
    );
    assert_eq!(dataset.samples.len(), 6);
    for ((sample, (name, class)), row) in dataset.samples.iter().zip(classes(&dataset)).zip(expected()) {
        assert!(name.ends_with(row["Datei"].as_str().unwrap()));
        assert_eq!(class, row["Stimmung"].as_str().unwrap());
        assert!(near(sample.annotation.valence, &row["valence"]), "{name}: {:?}", sample.annotation);
        assert!(near(sample.annotation.arousal, &row["arousal"]), "{name}: {:?}", sample.annotation);
        assert_eq!(sample.person.as_deref(), row["Vp"].as_str());
        assert!(split_name(sample).starts_with(row["Teil"].as_str().unwrap()));
    }
    let [known] = &dataset.opened.tables[..] else { panic!("{:?}", dataset.opened) };
    assert!(known.explained && known.mapping.columns == meant, "it can be said anew");
}

#[test]
fn a_value_outside_the_scale_is_a_problem_that_names_the_scale() {
    let [view] = &unclear(dropped("explained_odd.zip"))[..] else { panic!() };
    let (nothing, valence) = (Meaning::Nothing, Meaning::Valence(Scale { low: 1, high: 7 }));
    let meant = [nothing, Meaning::Image, nothing, valence, nothing, nothing, nothing];
    let dataset = open(dropped("explained_odd.zip"), &explained(view, &meant));
    let why = "explained_odd.zip/tabelle.csv, row 6, column Lust: expected a number from 1 to 7, found 9,0; this value is left out";
    assert_eq!(sentences(&dataset), [why]);
}

#[test]
fn a_table_without_a_header() {
    use Meaning::{Expression, Image};
    let [view] = &unclear(dropped("explained_headless.zip"))[..] else { panic!() };
    assert!(view.mapping.headless && view.mapping.trouble().is_none(), "{view:?}");
    let dataset = open(dropped("explained_headless.zip"), &explained(view, &[Image, Expression]));
    let expected = expected();
    let found: Vec<_> = classes(&dataset).into_iter().map(|(_, class)| class).collect();
    assert_eq!(found, expected.iter().map(|row| row["Stimmung"].as_str().unwrap()).collect::<Vec<_>>());
    assert!(dataset.recognised.contains("the columns 1, 2, as you explained"), "{}", dataset.recognised);
}

#[test]
fn a_column_for_each_class_holds_votes() {
    use Meaning::{Class, Image, Nothing};
    let [view] = &unclear(dropped("explained_votes.zip"))[..] else { panic!() };
    assert_eq!(view.mapping.columns, [Image, Class, Class, Nothing], "two are called after expressions");
    let dataset = open(dropped("explained_votes.zip"), &explained(view, &[Image, Class, Class, Class]));
    assert_eq!(dataset.label_set.classes(), ["happy", "sad", "votes_Bored"]);
    assert_eq!(dataset.excluded, [("no usable label in the row".to_owned(), 1)], "nobody voted");
    for sample in &dataset.samples {
        let rows = expected();
        let row = rows.iter().find(|row| sample.name.ends_with(row["Datei"].as_str().unwrap())).unwrap();
        let found = sample.annotation.expression.as_ref().unwrap();
        for (class, share) in [1, 0, 2].into_iter().zip(row["shares"].as_array().unwrap()) {
            assert!((f64::from(found[class]) - share.as_f64().unwrap()).abs() < 1e-6, "{}: {found:?}", sample.name);
        }
    }
    let files =
        |votes: &str| vec![file("d/1.png", png(1)), file("d/l.csv", format!("i,p_happy,p_sad,z\n1.png,{votes},9\n"))];
    let [view] = &unclear(files("1,2"))[..] else { panic!() };
    let opening = explained(view, &[Image, Class, Class, Nothing]);
    let error = import_as(files("1,-2"), &opening).err().unwrap().to_string();
    assert!(error.contains("column p_sad: expected votes or a probability, found -2"), "{error}");
}

#[test]
fn what_was_said_holds_for_tables_with_the_same_first_row_only() {
    let [view] = &unclear(dropped("explained_odd.zip"))[..] else { panic!() };
    let mut opening = explained(view, &view.mapping.columns);
    assert_eq!(open(dropped("explained_odd.zip"), &opening).samples.len(), 6);
    opening.mappings[0].header[0] = "Nummer".into();
    assert!(import_as(dropped("explained_odd.zip"), &opening).is_err());
    // What is no mapping at all is as if nothing was said.
    opening.mappings[0] = Mapping { columns: Vec::new(), ..view.mapping.clone() };
    assert!(import_as(dropped("explained_odd.zip"), &opening).is_err());
}

#[test]
fn a_recognised_table_can_be_explained_anew() {
    let files = || {
        let csv = "name,image,label,mood\nAda,1.png,x,happy\nBo,2.png,y,sad\n";
        vec![file("d/1.png", png(1)), file("d/2.png", png(2)), file("d/labels.csv", csv)]
    };
    let dataset = open(files(), &Opening::default());
    assert_eq!(dataset.label_set.classes(), ["x", "y"]);
    let [view] = &dataset.opened.tables[..] else { panic!() };
    assert_eq!(view.mapping.columns, [Meaning::Nothing, Meaning::Image, Meaning::Expression, Meaning::Nothing]);
    let meant = [Meaning::Person, Meaning::Image, Meaning::Nothing, Meaning::Expression];
    let dataset = open(files(), &explained(view, &meant));
    assert_eq!(classes(&dataset), [("d/1.png", "happy"), ("d/2.png", "sad")]);
    assert_eq!(dataset.samples[1].person.as_deref(), Some("Bo"));
}

#[test]
fn the_same_files_as_something_else() {
    let files = || {
        let csv = "image,expression\na/happy/1.png,fear\na/sad/2.png,anger\nb/sad/3.png,fear\n";
        let images = ["a/happy/1.png", "a/sad/2.png", "b/sad/3.png"];
        let images = images.iter().map(|path| file(&format!("d/{path}"), png(1)));
        images.chain([file("d/labels.csv", csv)]).collect::<Vec<_>>()
    };
    let opened = |layout: Option<Layout>| {
        let dataset = open(files(), &Opening { layout, mappings: Vec::new() });
        let found = classes(&dataset).into_iter().map(|(_, class)| class.to_owned()).collect::<Vec<_>>();
        (dataset.opened.layout.unwrap(), dataset.opened.others.clone(), found, sentences(&dataset))
    };
    let (layout, others, found, problems) = opened(None);
    assert_eq!((layout, &found[..]), (Layout::Table, &["fear", "anger", "fear"].map(String::from)[..]));
    assert_eq!(others, [Layout::ExpressionFolders, Layout::Folders]);
    assert_eq!(problems, [""; 0]);
    let (layout, others, found, problems) = opened(Some(Layout::ExpressionFolders));
    assert_eq!((layout, &found[..]), (Layout::ExpressionFolders, &["happy", "sad", "sad"].map(String::from)[..]));
    assert_eq!(others, [Layout::Table, Layout::Folders]);
    let why = "d/labels.csv: is not read: the files were to be opened as folders called after expressions";
    assert_eq!(problems, [why]);
    let (_, _, found, _) = opened(Some(Layout::Folders));
    assert_eq!(found, ["a", "a", "b"]);
    // Every alternative that is offered can be had.
    let error = import_as(files(), &Opening { layout: Some(Layout::RafDb), mappings: Vec::new() }).err().unwrap();
    assert!(error.to_string().starts_with("d holds 3 images but no labels"), "{error}");
}

/// In every layout that the usual tools wrote, what is offered beside it makes something of the files.
#[test]
fn what_is_offered_can_be_had() {
    let mut offered = 0;
    for entry in std::fs::read_dir(golden("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let files = || dropped(&name);
        let Some((dataset, _)) = name.ends_with(".zip").then(|| import(files()).ok()).flatten() else { continue };
        for layout in dataset.opened.others {
            let again = open(files(), &Opening { layout: Some(layout), mappings: Vec::new() });
            assert_eq!(again.opened.layout, Some(layout), "{name}");
            assert!(again.opened.others.contains(&dataset.opened.layout.unwrap()), "{name}: and the way back");
            offered += 1;
        }
    }
    assert!(offered > 5, "{offered}");
}

#[test]
fn numbers_of_no_known_order_are_classes_called_by_their_numbers() {
    let (dataset, _) = import(dropped("numbers_unknown.zip")).unwrap();
    assert_eq!(
        (dataset.label_set.classes(), &dataset.numbers[..]),
        (&["1", "3", "8"].map(String::from)[..], &[1, 3, 8][..])
    );
    assert!(dataset.recognised.contains("read in no order that is known: say which class is which"));
    assert_eq!(sentences(&dataset), [""; 0]);
    let persons = &dataset.findings(&Twins::default()).persons;
    assert_eq!((persons[0].rule, persons[0].count), (PersonRule::Column, 3), "subject_id");

    // A known order that was not meant can be taken back.
    let (dataset, _) = import(dropped("seed.zip")).unwrap();
    assert_eq!(dataset.label_set.classes().len(), dataset.numbers.len());
    let names = ClassNames::by_number(&dataset.numbers);
    let unknown = dataset.with(&Choices { names, ..Choices::as_found(&dataset.label_set) }, &Twins::default());
    let numbers: Vec<String> = dataset.numbers.iter().map(u64::to_string).collect();
    assert_eq!(unknown.label_set.classes(), numbers);
    let class = |dataset: &Dataset| dataset.samples.iter().map(|sample| sample.annotation.class()).collect::<Vec<_>>();
    assert_eq!(class(&unknown), class(&dataset));
}

/// A table of pixels: a class, a name, 16 equal pixels, a person.
fn pixel_table(header: &str, delimiter: char) -> Vec<DroppedFile> {
    let pixels = |value: u8| vec![value.to_string(); 16].join(" ");
    let rows = [("happy", 10, "ada"), ("sad", 20, "bo"), ("happy", 30, "bo")];
    let row = |(class, value, person): (&str, u8, &str)| {
        ["x.png", class, &pixels(value), person].join(&delimiter.to_string())
    };
    vec![file("faces/table.csv", format!("{header}\n{}\n", rows.map(row).join("\n")))]
}

#[test]
fn pixels_may_stand_in_any_column() {
    use Meaning::{Expression, Nothing, Person, Pixels};
    let seen = |(dataset, store): (Dataset, MemoryPixelStore)| {
        let faces: Vec<_> = (0..3).map(|index| store.get(index).unwrap()).collect();
        let seen: Vec<_> = faces.iter().map(|face| (face.width, face.channels, face.data[5])).collect();
        assert_eq!(seen, [(4, 1, 10), (4, 1, 20), (4, 1, 30)]);
        let persons: Vec<_> = dataset.samples.iter().map(|sample| sample.person.as_deref().unwrap()).collect();
        assert_eq!(persons, ["ada", "bo", "bo"]);
        assert_eq!(dataset.samples[1].name, "faces/table.csv, row 3");
        assert!(sentences(&dataset).is_empty(), "{:?}", sentences(&dataset));
        dataset
    };
    let dataset = seen(import(pixel_table("name;label;Pixels;subject", ';')).unwrap());
    assert_eq!(dataset.opened.layout, Some(Layout::Table));
    assert!(
        dataset.recognised.contains("because faces/table.csv has the columns Pixels, label, subject"),
        "{}",
        dataset.recognised
    );

    let Err(ImportError::UnknownColumns { tables, .. }) = import(pixel_table("w,x,y,z", ',')) else { panic!() };
    assert_eq!(tables[0].mapping.columns, [Nothing, Expression, Pixels, Nothing]);
    let opening = explained(&tables[0], &[Nothing, Expression, Pixels, Person]);
    seen(import_as(pixel_table("w,x,y,z", ','), &opening).unwrap());
}
