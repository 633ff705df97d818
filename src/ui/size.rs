//! How large an element is on the screen.

use leptos::html::ElementType;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};

/// What watches an element; both end together.
type Watch = (ResizeObserver, Closure<dyn FnMut()>);

/// An element's width and height, CSS pixels; 0 before it is there. Not leptos-use's, which reads numbers out of styles: what
/// reads them would be 15 kilobytes more to fetch.
pub fn element_size<E>(element: NodeRef<E>) -> Signal<(f64, f64)>
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    let size = RwSignal::new((0.0, 0.0));
    let watch = StoredValue::<Option<Watch>, LocalStorage>::new_local(None);
    let end = move || {
        if let Some((observer, _)) = watch.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    };
    Effect::new(move |_| {
        end();
        let Some(element) = element.get() else { return };
        let element: Element = AsRef::<Element>::as_ref(&element).clone();
        let watched = element.clone();
        let measure = Closure::<dyn FnMut()>::new(move || {
            // The view may be gone.
            size.try_set((f64::from(watched.client_width()), f64::from(watched.client_height())));
        });
        // Without an observer a picture is drawn once, and not again when its place changes.
        if let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watch.set_value(Some((observer, measure)));
        }
    });
    on_cleanup(end);
    size.into()
}
