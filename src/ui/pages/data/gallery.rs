//! The faces themselves: a grid to scroll through, of which only what is in sight is drawn.

mod grid;
mod shelf;

use std::ops::Range;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::ImageData;

use crate::affect::Annotation;
use crate::dataset::{DatasetSummary, Finding, Split};
use crate::engine::protocol::{SampleFilter, SampleView};
use crate::ui::components::{Class, Face, Mark};
use crate::ui::figures;
use crate::ui::size::element_size;
use grid::{GAP, Grid};
use shelf::Shelf;

/// The faces a filter lets through, as many as there are.
#[component]
pub fn Gallery(
    /// The dataset they are from.
    dataset: Arc<DatasetSummary>,
    /// Which of them.
    filter: RwSignal<SampleFilter>,
) -> impl IntoView {
    let scroller = NodeRef::<Div>::new();
    let size = element_size(scroller);
    let scrolled = RwSignal::new(0.0);
    let shelf = Shelf::new(filter, dataset.samples);
    let total = shelf.total;
    let grid = Memo::new(move |_| Grid::within(size.get().0));
    let in_sight = Memo::new(move |_| grid.get().in_sight(scrolled.get(), size.get().1, total.get()));
    let room = Memo::new(move |_| grid.get().room(&in_sight.get(), total.get()));
    let draw = shelf.draw;
    Effect::new(move |_| {
        draw.track();
        if let Some(scroller) = scroller.get_untracked() {
            scroller.set_scroll_top(0);
        }
    });
    shelf.fill(in_sight);

    let classes = StoredValue::new(Class::all(&dataset.label_set));
    let places = move || {
        let draw = draw.get();
        let Range { start, end } = in_sight.get();
        (start..end).map(move |place| (draw, place)).collect::<Vec<_>>()
    };
    let cell = move |(_, place)| {
        let there = Memo::new(move |_| shelf.has(place));
        let shown =
            move || there.get().then(|| shelf.with(place, |sample, image| face(sample, &classes, image.cloned())));
        let size = move || total.get();
        view! { <li aria-posinset=place + 1 aria-setsize=size>{shown}</li> }
    };
    let scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            scrolled.set(f64::from(scroller.scroll_top()));
        }
    };
    view! {
        <section class="gallery" aria-labelledby="gallery-title">
            <div class="bar-line">
                <h2 id="gallery-title" tabindex="-1">"Faces"</h2>
                <Filters filter classes />
                <span class="quiet" role="status" data-testid="gallery-count">{move || counted(total.get())}</span>
            </div>
            <p class="complaint">{move || shelf.failed.get()}</p>
            <div class="shelf" node_ref=scroller tabindex="0" role="group" aria-label="Faces, to scroll through" on:scroll=scroll>
                <ul class="faces" style:gap=pixels(GAP) style:grid-template-columns=move || grid.get().columns()
                    style:grid-auto-rows=move || pixels(grid.get().row())
                    style:padding-top=move || pixels(room.get()[0]) style:padding-bottom=move || pixels(room.get()[1])>
                    <For each=places key=|place| *place children=cell />
                </ul>
            </div>
        </section>
    }
}

fn pixels(length: f64) -> String {
    format!("{length}px")
}

fn counted(faces: usize) -> String {
    if faces == 0 { "no faces".into() } else { figures::counted(faces, "face", "faces") }
}

#[component]
fn Filters(filter: RwSignal<SampleFilter>, classes: StoredValue<Vec<Class>>) -> impl IntoView {
    let pick_split = move |event| {
        let name = event_target_value(&event);
        filter.update(|filter| filter.split = Split::ALL.into_iter().find(|split| split.name() == name));
    };
    let pick_class = move |event| {
        let class = event_target_value(&event).parse().ok();
        filter.update(|filter| filter.class = class);
    };
    let pick_finding = move |event| {
        let name = event_target_value(&event);
        filter.update(|filter| filter.finding = Finding::ALL.into_iter().find(|finding| finding.name() == name));
    };
    let finding_option = |finding: Finding| {
        let chosen = move || filter.with(|filter| filter.finding) == Some(finding);
        view! { <option value=finding.name() prop:selected=chosen>{finding.name()}</option> }
    };
    let class_option = |(index, class): (usize, &Class)| view! { <option value=index>{class.name.clone()}</option> };
    view! {
        <label class="inline">
            "split "
            <select on:change=pick_split>
                <option value="">"all"</option>
                {Split::ALL.map(|split| view! { <option value=split.name()>{split.name()}</option> }).collect_view()}
            </select>
        </label>
        <label class="inline">
            "class "
            <select on:change=pick_class>
                <option value="">"all"</option>
                {classes.with_value(|classes| classes.iter().enumerate().map(class_option).collect_view())}
            </select>
        </label>
        <label class="inline">
            "in doubt "
            <select on:change=pick_finding data-testid="gallery-finding">
                <option value="">"any"</option>
                {Finding::ALL.map(finding_option).collect_view()}
            </select>
        </label>
    }
}

fn face(sample: &SampleView, classes: &StoredValue<Vec<Class>>, image: Option<ImageData>) -> impl IntoView + use<> {
    let class = sample.annotation.class().and_then(|class| classes.with_value(|all| all.get(class).cloned()));
    let name = class.as_ref().map_or("no class", |class| &class.name);
    let label = format!("{}: {name}, {}", sample.name, split_name(sample.split));
    let votes = certainty(&sample.annotation).map(|share| view! { <span class="quiet">{share}</span> });
    let affect = sample.annotation.valence.zip(sample.annotation.arousal).map(|(valence, arousal)| {
        view! { <span class="affect" title="valence, arousal">{figures::affect(valence, arousal)}</span> }
    });
    view! {
        <figure title=sample.name.clone()>
            <Face image label />
            <div class="note">{class.map(|class| view! { <Mark class /> })} {votes}</div>
            <div class="note">{affect} <span class="split">{short_split(sample.split)}</span></div>
        </figure>
    }
}

fn split_name(split: Option<Split>) -> &'static str {
    split.map_or("left out", Split::name)
}

fn short_split(split: Option<Split>) -> &'static str {
    match split {
        Some(Split::Validation) => "val",
        other => split_name(other),
    }
}

/// The share of the votes for the class, where they were not all for it.
fn certainty(annotation: &Annotation) -> Option<String> {
    let share = *annotation.expression.as_ref()?.get(annotation.class()?)?;
    (share < 0.995).then(|| format!("{:.0} %", share * 100.0))
}
