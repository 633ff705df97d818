//! Addresses: `#/train?model=custom-cnn&epochs=50`. A link is a configuration.

use leptos::prelude::*;
use web_sys::UrlSearchParams;

use crate::training::{SETTINGS, TrainingPlan};

/// The pages, in the order of the journey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Faces in.
    #[default]
    Data,
    /// Weights fitted.
    Train,
    /// Figures made.
    Evaluate,
    /// Models side by side.
    Compare,
    /// A camera or a video.
    Live,
    /// The models at hand.
    Models,
}

impl Page {
    /// All six.
    pub const ALL: [Page; 6] = [Page::Data, Page::Train, Page::Evaluate, Page::Compare, Page::Live, Page::Models];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Page::Data => "data",
            Page::Train => "train",
            Page::Evaluate => "evaluate",
            Page::Compare => "compare",
            Page::Live => "live",
            Page::Models => "models",
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Page::Data => "Data",
            Page::Train => "Train",
            Page::Evaluate => "Evaluate",
            Page::Compare => "Compare",
            Page::Live => "Live",
            Page::Models => "Models",
        }
    }

    /// Its address, without a configuration.
    pub fn href(self) -> String {
        format!("#/{}", self.name())
    }
}

/// What an address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The page; the first one where the address names none.
    pub page: Page,
    /// The pairs of the query string and of what follows `?` in the hash, in that order: the later one holds.
    pub query: Vec<(String, String)>,
}

impl Route {
    /// Reads a hash (`#/train?epochs=3`) and a query string (`?device=cpu`).
    pub fn parse(search: &str, hash: &str) -> Route {
        let hash = hash.trim_start_matches('#');
        let (path, hash_query) = hash.split_once('?').unwrap_or((hash, ""));
        let name = path.trim_matches('/');
        let page = Page::ALL.into_iter().find(|page| page.name() == name).unwrap_or_default();
        let query = pairs(search.trim_start_matches('?')).into_iter().chain(pairs(hash_query)).collect();
        Route { page, query }
    }

    /// The address bar, as a signal. The query string counts once, when the page is opened: afterwards it must not
    /// undo what a person has changed since.
    pub fn follow() -> Signal<Route> {
        let search = window().location().search().unwrap_or_default();
        let route = RwSignal::new(Route::parse(&search, &hash()));
        // The listener lives as long as the page does.
        let _ = window_event_listener(leptos::ev::hashchange, move |_| route.set(Route::parse("", &hash())));
        route.into()
    }

    /// What the query says about `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// The whole address of a configuration: every setting, so that it stays what it is when a default changes.
pub fn configuration_link(plan: &TrainingPlan) -> String {
    let location = window().location();
    let pairs: Vec<String> = SETTINGS
        .iter()
        .filter_map(|setting| plan.get(setting.name).map(|value| format!("{}={value}", setting.name)))
        .collect();
    let part = |text: Result<String, _>| text.unwrap_or_default();
    format!(
        "{}{}{}#/train?{}",
        part(location.origin()),
        part(location.pathname()),
        part(location.search()),
        pairs.join("&")
    )
}

/// Decodes `a=1&b=2`.
fn pairs(query: &str) -> Vec<(String, String)> {
    let Ok(params) = UrlSearchParams::new_with_str(query) else { return Vec::new() };
    let text = |value: wasm_bindgen::JsValue| value.as_string().unwrap_or_default();
    let entries = js_sys::Array::from(&params);
    entries.iter().map(|entry| js_sys::Array::from(&entry)).map(|pair| (text(pair.get(0)), text(pair.get(1)))).collect()
}
