//! A canvas that redraws itself when its data, its size or the theme changes, and not too often.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::html::Canvas;
use leptos::prelude::*;

use super::pen::Pen;
use crate::ui::size::element_size;
use crate::ui::theme::Theme;

/// Least time between two drawings, milliseconds.
const REST: f64 = 250.0;

/// A picture of `data`. `label` says to those who cannot see it what it shows.
#[component]
pub fn Sheet<T: Send + Sync + 'static>(
    /// What the picture shows, in words.
    #[prop(into)]
    label: Signal<String>,
    /// What is drawn.
    data: Signal<T>,
    /// Draws it.
    draw: fn(&Pen, &T),
    /// Hears of a click: its place in shares of the width and height.
    #[prop(optional)]
    on_pick: Option<Callback<(f64, f64)>>,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    let size = element_size(canvas);
    let theme = use_context::<Theme>();
    let redraw = move || {
        if let Some(pen) = canvas.try_get_untracked().flatten().and_then(Pen::take) {
            data.try_with_untracked(|data| draw(&pen, data));
        }
    };
    let schedule = at_rest(redraw);
    Effect::new(move |_| {
        data.track();
        size.track();
        theme.inspect(|theme| theme.dark.track());
        schedule();
    });
    let pick = move |event: leptos::ev::MouseEvent| {
        let Some((canvas, on_pick)) = canvas.get_untracked().zip(on_pick) else { return };
        let (across, down) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        on_pick.run((f64::from(event.offset_x()) / across.max(1.0), f64::from(event.offset_y()) / down.max(1.0)));
    };
    view! { <canvas node_ref=canvas role="img" aria-label=label class:pickable=on_pick.is_some() on:click=pick></canvas> }
}

/// Runs `work` in the next animation frame, but never sooner than [`REST`] after the last time; calls meanwhile are one.
fn at_rest(work: impl Fn() + Clone + 'static) -> impl Fn() {
    let waiting = Rc::new(Cell::new(false));
    let last = Rc::new(Cell::new(f64::NEG_INFINITY));
    move || {
        if waiting.replace(true) {
            return;
        }
        let left = (last.get() + REST - js_sys::Date::now()).clamp(0.0, REST);
        let (waiting, last, work) = (waiting.clone(), last.clone(), work.clone());
        set_timeout(
            move || {
                request_animation_frame(move || {
                    waiting.set(false);
                    last.set(js_sys::Date::now());
                    work();
                });
            },
            Duration::from_millis(left as u64),
        );
    }
}
