//! The faces as the model sees them: what it finds alike lies together.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::ImageData;

use super::closer::Closer;
use super::predictions::{answers, card};
use crate::engine::protocol::{EmbeddedFace, Embedding};
use crate::evaluation::Prediction;
use crate::ui::charts::{Group, Point, Scatter, ScatterChart};
use crate::ui::components::{ActivityLine, Class, Mark};
use crate::ui::figures;
use crate::ui::session::{Embedded, Evaluation, Session};

/// The ways to place faces, and the words for each.
const WAYS: [(Embedding, &str); 2] = [(Embedding::Principal, "Principal components"), (Embedding::Neighbours, "t-SNE")];

/// The picture of an evaluation's faces, once it is asked for.
#[component]
pub fn SeenAlike(
    /// Whose faces.
    evaluation: Arc<Evaluation>,
) -> impl IntoView {
    let session = Session::here();
    let placing = session.placing;
    let hindrance = Memo::new(move |_| session.evaluation_hindrance());
    let way = move |(way, words): (Embedding, &'static str)| {
        let pressed = move || {
            placing.embedded.with(|shown| shown.as_ref().is_some_and(|shown| shown.embedding == way)).to_string()
        };
        let testid = format!("embed-{}", if way == Embedding::Principal { "pca" } else { "tsne" });
        view! {
            <button type="button" data-testid=testid aria-pressed=pressed disabled=move || hindrance.with(Option::is_some)
                on:click=move |_| session.place_faces(way)>{words}</button>
        }
    };
    let shown = move || {
        let evaluation = evaluation.clone();
        placing.embedded.get().map(|embedded| view! { <Picture evaluation embedded /> })
    };
    view! {
        <section aria-labelledby="alike-title">
            <div class="bar-line">
                <h2 id="alike-title">"What it sees as alike"</h2>
                <div class="choices" role="group" aria-label="How the faces are placed">{WAYS.map(way).into_iter().collect_view()}</div>
            </div>
            <p class="quiet reading">"The features that the network's last stage finds in each face, as a point: along the two directions in which they vary most, or so that neighbours stay neighbours."</p>
            <ActivityLine activity=placing.activity testid="embed-status" name="Placing" doing="looking at faces" />
            {shown}
        </section>
    }
    .into_any()
}

/// The points, the face at the pointer, and the table.
#[component]
fn Picture(evaluation: Arc<Evaluation>, embedded: Arc<Embedded>) -> impl IntoView {
    let classes = StoredValue::new(Class::all(&evaluation.report.label_set));
    let picked = RwSignal::new(None::<usize>);
    let chosen = RwSignal::new(None::<Prediction>);
    let face = answers(&evaluation);
    let faces = StoredValue::new(embedded.faces.clone());
    let pick = move |point: usize| {
        let sample = faces.with_value(|faces| faces.get(point).map(|face| face.sample));
        if sample.is_some() {
            picked.set(Some(point));
            face.choose(|filter| filter.sample = sample);
        }
    };
    pick(0);
    let points: Vec<Point> = embedded.faces.iter().map(point).collect();
    let scatter = Signal::derive(move || Scatter {
        groups: classes.with_value(|classes| classes.iter().map(group).collect()),
        points: points.clone(),
        picked: picked.get(),
    });
    // From left to right, for those who have no pointer.
    let order = StoredValue::new(from_left_to_right(&embedded.faces));
    let step = move |by: isize| {
        let next = order.with_value(|order| {
            let now = order.iter().position(|point| Some(*point) == picked.get_untracked())?;
            order.get(now.checked_add_signed(by)?).copied()
        });
        next.into_iter().for_each(pick);
    };
    let shown = move || {
        let card = |(prediction, image): &(Prediction, Option<ImageData>)| {
            classes.with_value(|classes| card(prediction, classes, image.clone(), chosen))
        };
        // The first answer may still be of many.
        face.shown.with(|shown| shown.first().map(card))
    };
    let caption = in_words(&embedded, evaluation.report.samples as usize);
    view! {
        <div class="alike">
            <figure class="scatter">
                <ScatterChart title="Faces as the network sees them" scatter label=caption.clone() on_pick=Callback::new(pick) />
                <figcaption>{caption}</figcaption>
            </figure>
            <div>
                <ul class="cards one" aria-live="polite">{shown}</ul>
                <div class="pager" role="group" aria-label="Faces from left to right">
                    <button type="button" aria-label="The face to the left" on:click=move |_| step(-1)>"\u{2190}"</button>
                    <button type="button" aria-label="The face to the right" on:click=move |_| step(1)>"\u{2192}"</button>
                </div>
                <Kinship embedded=embedded.clone() classes />
            </div>
        </div>
        {move || chosen.get().map(|prediction| {
            view! { <Closer prediction classes on_close=Callback::new(move |()| chosen.set(None)) /> }
        })}
    }
    .into_any()
}

/// How much each class is among its own.
#[component]
fn Kinship(embedded: Arc<Embedded>, classes: StoredValue<Vec<Class>>) -> impl IntoView {
    let row = |(number, class): (usize, &Class)| {
        let placed = embedded.faces.iter().filter(|face| face.truth == Some(number)).count();
        let share = embedded.kinship.get(number).copied().flatten();
        view! {
            <tr>
                <th scope="row"><Mark class=class.clone() /></th>
                <td>{figures::count(placed)}</td>
                <td>{figures::percent(share)}</td>
            </tr>
        }
    };
    view! {
        <table class="figures" data-testid="kinship">
            <caption>"Of the ten nearest to a face, those of its class"</caption>
            <thead><tr><th scope="col">"class"</th><th scope="col">"faces"</th><th scope="col">"own class"</th></tr></thead>
            <tbody>{classes.with_value(|classes| classes.iter().enumerate().map(row).collect_view())}</tbody>
        </table>
    }
}

fn point(face: &EmbeddedFace) -> Point {
    Point { place: face.place, group: face.truth, hollow: face.truth.is_some() && face.said != face.truth }
}

fn group(class: &Class) -> Group {
    Group { name: class.name.clone(), role: class.role }
}

fn from_left_to_right(faces: &[EmbeddedFace]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..faces.len()).collect();
    order.sort_by(|a, b| faces[*a].place.0.total_cmp(&faces[*b].place.0));
    order
}

fn in_words(embedded: &Embedded, all: usize) -> String {
    let placed = match embedded.faces.len() {
        some if some < all => format!("{} of {} faces, evenly chosen", figures::count(some), figures::count(all)),
        _ => figures::counted(all, "face", "faces"),
    };
    let axes = match (embedded.embedding, embedded.shares) {
        (Embedding::Principal, Some([across, up])) => {
            format!("Across is {} of all variance, up {}.", figures::percent(Some(across)), figures::percent(Some(up)))
        }
        (Embedding::Principal, None) => "Nothing varies.".into(),
        (Embedding::Neighbours, _) => {
            "Only what lies near to what says something: distances between groups, and their sizes, do not.".into()
        }
    };
    format!("{placed}. Hollow: taken for another class. {axes}")
}
