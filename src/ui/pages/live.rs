//! Live: a camera, a screen, a film, photographs, and what the faces in them show.

mod arrivals;
mod caveat;
mod frame;
mod panel;
mod photographs;
mod readings;
mod record;
mod showing;
mod stage;
mod timeline;
mod whole;

use leptos::prelude::*;

use crate::ui::session::Session;
use caveat::Caveat;
use panel::Panel;
use photographs::{Album, Photographs};
use readings::Readings;
use record::Record;
use showing::Showing;
use stage::Stage;

/// The page: the pictures, and what is read; how it is read on the right.
#[component]
pub fn Live() -> impl IntoView {
    let session = Session::here();
    let showing = Showing::new(session);
    let album = Album::new(session);
    view! {
        <div class="page live">
            <header>
                <h1>"Live"</h1>
                <Caveat />
            </header>
            <Panel showing album />
            <p class="complaint" role="alert">{session.live.trouble}</p>
            <Stage showing />
            <Readings showing />
            <Record showing />
            <Photographs album />
        </div>
    }
}
