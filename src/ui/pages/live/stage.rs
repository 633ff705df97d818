//! The picture, a frame around every face in it, and how fast it is read.

use leptos::prelude::*;

use super::frame::frame;
use super::showing::{Showing, Source};
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
    let shows = move || source.with(|source| !matches!(source, Source::Nothing));
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
    let delay = move || {
        live.looked
            .with(|looked| looked.as_ref().map(|(of, _)| format!("{:.0} ms", of.milliseconds.0 + of.milliseconds.1)))
    };
    view! {
        <section class="stage" aria-label="The picture" hidden=move || !shows()>
            <div class="screen" class:mirror=is_mirror>
                <video node_ref=showing.video prop:muted=true playsinline controls=is_film></video>
                <div aria-hidden="true">{frames}</div>
            </div>
            <dl class="counts small">
                <div><dt>"faces"</dt><dd data-testid="live-faces">{faces}</dd></div>
                <div><dt>"readings a second"</dt><dd data-testid="live-fps">{rate}</dd></div>
                <div><dt>"a reading takes"</dt><dd>{move || delay().unwrap_or("-".into())}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

impl Session {
    /// The class that a reading says; `None` where the model is not sure.
    pub(super) fn class_of(&self, reading: &Reading) -> Option<Class> {
        let least = self.live.settings.with_untracked(|settings| settings.least);
        let class = reading.smooth.class(least)?;
        self.live.reader.with_untracked(|reader| reader.as_ref().map(|(_, label_set)| Class::of(label_set, class)))
    }
}

/// Valence and arousal in words: `+0.31`.
pub(super) fn signed(value: f32) -> String {
    let text = figures::hundredths(f64::from(value));
    if text.starts_with('-') { text } else { format!("+{text}") }
}
