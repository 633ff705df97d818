//! The picture, a frame around every face in it, and how fast it is read.

use leptos::prelude::*;

use super::frame::frame;
use super::showing::{Showing, Source};
use super::whole::Progress;
use crate::live::Reading;
use crate::ui::components::Class;
use crate::ui::figures;
use crate::ui::film::Origin;
use crate::ui::session::Session;

/// The picture that is read.
#[component]
pub fn Stage(
    /// What it shows.
    showing: Showing,
) -> impl IntoView {
    let session = Session::here();
    let live = session.live;
    let source = showing.source;
    let is_film = move || source.with(|source| matches!(source, Source::Film(_)));
    let is_mirror = Memo::new(move |_| source.with(|source| matches!(source, Source::Stream(Origin::Camera(_)))));
    let shows = move || source.with(|source| *source != Source::Nothing);
    let frames = move || {
        live.looked.with(|looked| {
            let (looked, size) = looked.as_ref()?;
            let frame = |reading: &Reading| {
                let is_chosen = live.chosen.get_untracked() == Some(reading.track);
                let said = session.class_of(reading).map_or("not sure".into(), |class| class.name);
                frame(session, reading, *size, is_mirror.get(), is_chosen, format!("{} {said}", reading.track))
            };
            Some(looked.readings.iter().map(frame).collect_view())
        })
    };
    let faces = move || live.looked.with(|looked| looked.as_ref().map_or(0, |(looked, _)| looked.readings.len()));
    let rate = move || live.rate.get().map_or("-".into(), |(rate, _)| format!("{rate:.1}"));
    let milliseconds = |time: Option<f64>| time.map_or("-".into(), |time| format!("{time:.0} ms"));
    let reading = move || {
        milliseconds(live.looked.with(|looked| looked.as_ref().map(|(of, _)| of.milliseconds.0 + of.milliseconds.1)))
    };
    let delay = move || milliseconds(live.delay.get());
    let parts = move || {
        live.looked.with(|looked| {
            let (find, read) = looked.as_ref()?.0.milliseconds;
            Some(format!("{find:.0} ms to find the faces, {read:.0} ms to read them"))
        })
    };
    view! {
        <section class="stage" aria-label="The picture" hidden=move || !shows()>
            <div class="screen" class:mirror=is_mirror>
                <video node_ref=showing.video prop:muted=true playsinline on:ended=move |_| showing.hear_end()
                    controls=move || is_film() && !showing.course.runs()></video>
                <div aria-hidden="true">{frames}</div>
            </div>
            <dl class="counts small">
                <div><dt>"faces"</dt><dd data-testid="live-faces">{faces}</dd></div>
                <div><dt>"readings a second"</dt><dd data-testid="live-fps">{rate}</dd></div>
                <div><dt>"a reading takes"</dt><dd data-testid="live-reading" title=parts>{reading}</dd></div>
                <div><dt>"from picture to reading"</dt><dd data-testid="live-delay">{delay}</dd></div>
            </dl>
            <Whole showing />
        </section>
    }
    .into_any()
}

/// Has a film read whole.
#[component]
fn Whole(showing: Showing) -> impl IntoView {
    let progress = showing.course.progress;
    let is_film = move || showing.source.with(|source| matches!(source, Source::Film(_)));
    let runs = move || showing.course.runs();
    let done = move || progress.get().map_or(0.0, |of| of.length.map_or(0.0, |length| of.at / length));
    view! {
        <div class="activity" hidden=move || !is_film()>
            <progress max="1" value=done hidden=move || !runs() aria-label="Reading the film"></progress>
            <div class="actions">
                <button type="button" data-testid="read-whole" hidden=runs on:click=move |_| showing.read_whole()>"Read the whole film"</button>
                <button type="button" data-testid="end-whole" hidden=move || !runs() on:click=move |_| showing.end_whole()>"Stop here"</button>
            </div>
            <p class="quiet" data-testid="live-whole">{move || progress.get().map_or(HINT.into(), |progress| told(&progress))}</p>
        </div>
    }
    .into_any()
}

/// What reading a film whole is.
const HINT: &str =
    "As it plays, the latest picture is read. Whole, every picture is, as fast as that goes, and a record begins anew.";

fn told(progress: &Progress) -> String {
    let Progress { at, length, pictures, gaps, began, is_over } = *progress;
    let pictures = figures::counted(pictures, "picture", "pictures");
    let gaps = match gaps {
        0 => String::new(),
        gaps => format!(
            " Between {} there may be others, which the browser did not show.",
            figures::counted(gaps, "pair of them", "pairs of them")
        ),
    };
    if is_over {
        return format!("Read {pictures}.{gaps}");
    }
    let of = length.map_or(String::new(), |length| format!(" of {}", figures::clock(length)));
    let left = length.filter(|_| at > 0.0).map_or(String::new(), |length| {
        let left = (js_sys::Date::now() - began) / 1000.0 * (length - at).max(0.0) / at;
        format!(", {} left", figures::duration(left))
    });
    format!("{}{of}, {pictures}{left}.{gaps}", figures::clock(at))
}

impl Session {
    /// The class that a reading says; `None` where the model is not sure.
    pub(super) fn class_of(&self, reading: &Reading) -> Option<Class> {
        let least = self.live.settings.with_untracked(|settings| settings.least);
        let class = reading.smooth.class(least)?;
        self.live.reader.with_untracked(|reader| reader.as_ref().map(|(_, label_set)| Class::of(label_set, class)))
    }
}
