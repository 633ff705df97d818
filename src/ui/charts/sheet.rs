//! A canvas that redraws itself when its data, its size or the theme changes, and not too often.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::html::Canvas;
use leptos::prelude::*;

use super::pen::Pen;
use super::saving::{Figure, Format, Key};
use super::turns::in_turn;
use crate::ui::size::element_size;
use crate::ui::theme::Theme;

/// Least time between two drawings, milliseconds.
const REST: f64 = 250.0;

/// A place on a sheet, in shares of its width and height.
pub type Share = (f64, f64);

/// What is drawn, and drawn anew when what it is of changes.
pub struct Picture {
    track: Box<dyn Fn()>,
    draw: Box<dyn Fn(&Pen)>,
    keys: Box<dyn Fn() -> Vec<Key>>,
}

impl Picture {
    /// A picture of `data`; `keys` is its legend, where it is saved.
    pub fn of<T: Send + Sync + 'static>(
        data: Signal<T>,
        draw: fn(&Pen, &T),
        keys: impl Fn(&T) -> Vec<Key> + 'static,
    ) -> Picture {
        Picture {
            track: Box::new(move || data.track()),
            draw: Box::new(move |pen| {
                // The view may be gone.
                let _ = data.try_with_untracked(|data| draw(pen, data));
            }),
            keys: Box::new(move || data.with_untracked(&keys)),
        }
    }
}

/// A picture on a canvas, which can be saved where it has a title. `label` says to those who cannot see it what it shows.
#[component]
pub fn Sheet(
    /// What the picture shows, in words.
    #[prop(into)]
    label: Signal<String>,
    /// The picture.
    picture: Picture,
    /// Its title, where it can be saved.
    #[prop(optional)]
    title: &'static str,
    /// Hears of a click.
    #[prop(optional)]
    on_pick: Option<Callback<Share>>,
    /// Hears where the pointer is; `None` when it leaves.
    #[prop(optional)]
    on_point: Option<Callback<Option<Share>>>,
    /// Is told how large it is, CSS pixels.
    #[prop(optional)]
    on_size: Option<RwSignal<(f64, f64)>>,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    let size = element_size(canvas);
    let theme = use_context::<Theme>();
    let picture = StoredValue::new_local(picture);
    let redraw = move || {
        if let Some(pen) = canvas.try_get_untracked().flatten().as_ref().and_then(Pen::on) {
            picture.try_with_value(|picture| (picture.draw)(&pen));
        }
    };
    let schedule = at_rest(redraw);
    Effect::new(move |_| {
        picture.with_value(|picture| (picture.track)());
        let size = size.get();
        on_size.inspect(|on_size| on_size.set(size));
        theme.inspect(|theme| theme.dark.track());
        schedule();
    });
    let share = move |event: &leptos::ev::MouseEvent| {
        let (across, down) = size.get_untracked();
        (f64::from(event.offset_x()) / across.max(1.0), f64::from(event.offset_y()) / down.max(1.0))
    };
    let pick = move |event| {
        if let Some(on_pick) = on_pick {
            on_pick.run(share(&event));
        }
    };
    let point = move |share| {
        if let Some(on_point) = on_point {
            on_point.run(share);
        }
    };
    let save = move |format: Format| {
        picture.with_value(|picture| {
            Figure { title, keys: (picture.keys)(), size: size.get_untracked(), draw: &picture.draw }.save(format);
        });
    };
    let button = move |format: Format, name: &'static str| {
        view! { <button type="button" aria-label=format!("Save as {name}: {title}") on:click=move |_| save(format)>{name}</button> }
    };
    view! {
        <canvas node_ref=canvas role="img" aria-label=label class:pickable=on_pick.is_some() on:click=pick
            on:mousemove=move |event| point(Some(share(&event))) on:mouseleave=move |_| point(None)></canvas>
        {(!title.is_empty()).then(|| view! {
            <p class="save">{button(Format::Png, "PNG")} {button(Format::Svg, "SVG")}</p>
        })}
    }
}

/// Runs `work` in one of the next animation frames, but never sooner than [`REST`] after the last time; calls meanwhile are one.
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
                in_turn(move || {
                    waiting.set(false);
                    last.set(js_sys::Date::now());
                    work();
                });
            },
            Duration::from_millis(left as u64),
        );
    }
}
