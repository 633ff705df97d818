//! The page: what a person sees and touches. It speaks to the engine through [`crate::engine::client`] alone.
//!
//! | module | what is in it |
//! |---|---|
//! | [`route`] | addresses: pages, and configurations written as links |
//! | [`session`] | what the page knows at this moment, as signals, and what it can ask the engine to do |
//! | [`pages`] | one module a page |
//! | [`components`] | what several pages show: the rail, faces, progress, marks of classes |
//! | [`charts`] | pictures of numbers; they know nothing of the app |
//! | `film` | cameras, screens and films, picture by picture |
//! | `chunks` | pages that are fetched when they are opened |
//! | [`files`] | dropped folders in, saved files out |
//! | [`trace`] | the losses of a run, in bounded memory |

pub mod charts;
mod chunks;
pub mod components;
mod fault;
pub mod files;
mod film;
pub mod pages;
pub mod route;
pub mod session;
mod size;
pub mod theme;
pub mod trace;

use leptos::prelude::*;

pub(crate) use crate::figures;
use chunks::OpenPage;
use components::{News, Rail};
use route::Route;
use session::Session;
use theme::Theme;

/// Puts the page into the document, in the place of the loading line.
pub fn mount() {
    fault::report_panics();
    if let Some(line) = document().get_element_by_id("loading") {
        line.remove();
    }
    mount_to_body(App);
}

/// The whole page: the rail, and the page the address names.
#[component]
fn App() -> impl IntoView {
    Theme::provide();
    let route = Route::follow();
    let session = Session::start(&route.get_untracked());
    Effect::new(move |_| session.apply(&route.get()));
    keep_dropped_files_from_opening();
    let page = Memo::new(move |_| route.get().page);
    Effect::new(move |_| document().set_title(&format!("{} - Mien", page.get().title())));

    view! {
        <a class="skip" href="#main" on:click=skip_to_main>"Skip to the page"</a>
        <Rail page />
        <main id="main" tabindex="-1">
            <News />
            <OpenPage page />
        </main>
    }
}

/// Without this, a file dropped anywhere would replace the page, and the run with it.
fn keep_dropped_files_from_opening() {
    // The listeners live as long as the page does.
    let _ = window_event_listener(leptos::ev::dragover, |event| event.prevent_default());
    let _ = window_event_listener(leptos::ev::drop, |event| event.prevent_default());
}

/// The address's hash names the page, so the skip link moves the focus itself.
fn skip_to_main(event: leptos::ev::MouseEvent) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let main = document().get_element_by_id("main");
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A failure to focus leaves the focus where it was.
        let _ = main.focus();
    }
}
