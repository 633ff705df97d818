//! Photographs, each with the faces that were found in it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, ImageData, Url};

use super::frame::frame;
use crate::engine::protocol::Photograph;
use crate::live::Reading;
use crate::ui::components::{Face, Mark, thumbnails};
use crate::ui::figures;
use crate::ui::session::Session;

/// More photographs are not kept on the page: the oldest goes.
const MOST: usize = 24;

/// A photograph that was read.
#[derive(Clone)]
struct Read {
    name: String,
    /// Where the browser has it.
    address: String,
    photograph: Photograph,
    faces: Vec<ImageData>,
}

/// The photographs on the page. A cheap handle.
#[derive(Clone, Copy)]
pub struct Album {
    session: Session,
    read: RwSignal<Vec<Read>, LocalStorage>,
    /// How many are still to be read.
    waiting: RwSignal<usize>,
}

impl Album {
    /// An empty one.
    pub fn new(session: Session) -> Album {
        Album { session, read: RwSignal::new_local(Vec::new()), waiting: RwSignal::new(0) }
    }

    /// Has a photograph read.
    pub fn take(self, file: File) {
        self.waiting.update(|waiting| *waiting += 1);
        self.session.live.trouble.set(None);
        spawn_local(async move {
            let name = file.name();
            let read = match self.session.open_live().await {
                true => Some(self.session.look_at_photograph(file.clone()).await),
                // Why not, it has said.
                false => None,
            };
            self.waiting.try_update(|waiting| *waiting -= 1);
            match read {
                None => {}
                Some(Ok((photograph, answer))) => {
                    let Ok(address) = Url::create_object_url_with_blob(&file) else { return };
                    let faces = answer.attachment.map(|bytes| thumbnails(&bytes)).unwrap_or_default();
                    self.read.try_update(|read| {
                        read.insert(0, Read { name, address, photograph, faces });
                        for old in read.drain(MOST.min(read.len())..) {
                            // A name that is given back twice harms nobody.
                            let _ = Url::revoke_object_url(&old.address);
                        }
                    });
                }
                Some(Err(why)) => self.session.live.trouble.set(Some(why)),
            }
        });
    }
}

/// The photographs, the latest first.
#[component]
pub fn Photographs(
    /// Which.
    album: Album,
) -> impl IntoView {
    let waiting = move || match album.waiting.get() {
        0 => String::new(),
        waiting => format!("Looking at {}.", figures::counted(waiting, "photograph", "photographs")),
    };
    let shown = move || album.read.get().into_iter().map(|read| view! { <Picture read /> }).collect_view();
    view! {
        <p class="quiet" role="status" data-testid="live-photographs">{waiting}</p>
        {shown}
    }
}

/// One photograph.
#[component]
fn Picture(read: Read) -> impl IntoView {
    let session = Session::here();
    let Read { name, address, photograph: Photograph { width, height, readings }, faces } = read;
    let found = match readings.len() {
        0 => "no face was found. Faces must be larger than about a fiftieth of the picture, upright or tilted a little, and not much hidden.".into(),
        faces => figures::counted(faces, "face", "faces"),
    };
    let caveat = session.reading_caveat().filter(|_| !readings.is_empty());
    let frame = |reading: &Reading| frame(session, reading, (width, height), false, false, reading.track.to_string());
    let frames = readings.iter().map(frame).collect_view();
    let card = |(reading, image): (&Reading, ImageData)| {
        let class = session.class_of(reading);
        let words = class.as_ref().map_or("not sure".to_string(), |class| class.name.clone());
        let share = reading.raw.probabilities.iter().copied().reduce(f32::max);
        view! {
            <li>
                <Face image=Some(image) label=format!("Face {}: {words}", reading.track) />
                <table><tbody>
                    <tr><th scope="row">{reading.track}</th><td>{class.map(|class| view! { <Mark class /> })} " " {words}</td></tr>
                    <tr><th scope="row">"sure"</th><td>{figures::percent(share.map(f64::from))}</td></tr>
                    <tr class="affect"><th scope="row">"v, a"</th><td>{figures::affect(reading.raw.valence, reading.raw.arousal)}</td></tr>
                </tbody></table>
            </li>
        }
    };
    let cards = readings.iter().zip(faces).map(card).collect_view();
    view! {
        <section class="photograph" aria-label=name.clone() data-testid="live-photograph">
            <h2>{name.clone()}</h2>
            <p class="quiet">{format!("{width} x {height} pixels: {found}")} {caveat.map(|caveat| format!(". {caveat}"))}</p>
            <div class="screen"><img src=address alt=name.clone() decoding="async" /><div aria-hidden="true">{frames}</div></div>
            <ul class="cards">{cards}</ul>
        </section>
    }
    .into_any()
}
