//! The faces themselves.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::ImageData;

use crate::affect::Annotation;
use crate::dataset::{DatasetSummary, Split};
use crate::engine::protocol::{Command, Outcome, SampleFilter, SampleView};
use crate::ui::components::{Class, Face, Mark, Pager, thumbnails};
use crate::ui::session::Session;

/// Faces a page.
const PAGE: usize = 48;

/// A page of the gallery, as the engine sent it.
#[derive(Default)]
struct Shown {
    faces: Vec<(SampleView, Option<ImageData>)>,
    failed: Option<String>,
}

/// The faces, filtered and paged.
#[component]
pub fn Gallery(
    /// The dataset they are from.
    dataset: Arc<DatasetSummary>,
) -> impl IntoView {
    let filter = RwSignal::new(SampleFilter::default());
    let page = RwSignal::new(0usize);
    let total = RwSignal::new(dataset.samples);
    let shown = RwSignal::new_local(Shown::default());
    fetch(filter, page, total, shown);
    let classes = StoredValue::new(Class::all(&dataset.label_set));
    let faces = move || {
        shown.with(|shown| {
            let figure = |(sample, image): &(SampleView, Option<ImageData>)| {
                let class =
                    sample.annotation.class().and_then(|class| classes.with_value(|all| all.get(class).cloned()));
                face(sample, class, image.clone())
            };
            shown.faces.iter().map(figure).collect_view()
        })
    };
    view! {
        <section class="gallery" aria-labelledby="gallery-title">
            <div class="bar-line">
                <h2 id="gallery-title">"Faces"</h2>
                <Filters filter page classes />
                <Pager page size=PAGE total what="faces" />
            </div>
            <p class="complaint">{move || shown.with(|shown| shown.failed.clone())}</p>
            <ul class="faces">{faces}</ul>
        </section>
    }
}

#[component]
fn Filters(filter: RwSignal<SampleFilter>, page: RwSignal<usize>, classes: StoredValue<Vec<Class>>) -> impl IntoView {
    let choose = move |change: &dyn Fn(&mut SampleFilter)| {
        page.set(0);
        filter.update(change);
    };
    let pick_split = move |event| {
        let name = event_target_value(&event);
        choose(&|filter| filter.split = Split::ALL.into_iter().find(|split| split.name() == name));
    };
    let pick_class = move |event| {
        let class = event_target_value(&event).parse().ok();
        choose(&|filter| filter.class = class);
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
    }
}

fn face(sample: &SampleView, class: Option<Class>, image: Option<ImageData>) -> impl IntoView + use<> {
    let name = class.as_ref().map_or("no class", |class| &class.name);
    let label = format!("{}: {name}, {}", sample.name, sample.split.name());
    let votes = certainty(&sample.annotation).map(|share| view! { <span class="quiet">{share}</span> });
    let affect = sample.annotation.valence.zip(sample.annotation.arousal).map(|(valence, arousal)| {
        view! { <span class="affect" title="valence, arousal">{format!("{valence:+.2} {arousal:+.2}")}</span> }
    });
    view! {
        <li title=sample.name.clone()>
            <Face image label />
            <div class="note">{class.map(|class| view! { <Mark class /> })} {votes}</div>
            <div class="note">{affect} <span class="split">{short_split(sample.split)}</span></div>
        </li>
    }
}

fn short_split(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Validation => "val",
        Split::Test => "test",
    }
}

/// The share of the votes for the class, where they were not all for it.
fn certainty(annotation: &Annotation) -> Option<String> {
    let share = *annotation.expression.as_ref()?.get(annotation.class()?)?;
    (share < 0.995).then(|| format!("{:.0} %", share * 100.0))
}

/// Asks for a page whenever the filter or the page changes; an answer that was overtaken is dropped.
fn fetch(
    filter: RwSignal<SampleFilter>,
    page: RwSignal<usize>,
    total: RwSignal<usize>,
    shown: RwSignal<Shown, LocalStorage>,
) {
    let session = Session::here();
    Effect::new(move |_| {
        let wanted = (filter.get(), page.get());
        let command = Command::ListSamples { filter: wanted.0, skip: wanted.1 * PAGE, take: PAGE };
        spawn_local(async move {
            let answer = session.ask(command).await;
            if filter.try_get_untracked().zip(page.try_get_untracked()) != Some(wanted) {
                return;
            }
            match answer {
                Ok(answer) => {
                    let images = answer.attachment.as_ref().map(thumbnails).unwrap_or_default();
                    let Outcome::Samples { total: found, samples } = answer.outcome else { return };
                    let mut images = images.into_iter();
                    let faces = samples.into_iter().map(|sample| (sample, images.next())).collect();
                    total.set(found);
                    shown.set(Shown { faces, failed: None });
                }
                Err(failure) => shown.set(Shown { faces: Vec::new(), failed: Some(failure.message) }),
            }
        });
    });
}
