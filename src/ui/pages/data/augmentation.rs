//! What training would see: faces as they are, and as augmentation varies them.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::ImageData;

use crate::dataset::DatasetSummary;
use crate::engine::protocol::Command;
use crate::ui::components::{Face, thumbnails};
use crate::ui::session::Session;

const ROWS: usize = 4;
/// The face as it is, and seven draws.
const DRAWS: usize = 8;

/// Rows of a face as it is and as it may be drawn.
#[component]
pub fn AugmentationPreview(
    /// The dataset the faces are from.
    dataset: Arc<DatasetSummary>,
) -> impl IntoView {
    let session = Session::here();
    let draw = RwSignal::new(0u64);
    let images = RwSignal::new_local(Vec::<ImageData>::new());
    let failed = RwSignal::new(None);
    Effect::new(move |_| {
        let mut plan = session.settings.plan.get();
        plan.seed = plan.seed.wrapping_add(draw.get());
        spawn_local(async move {
            match session.ask(Command::PreviewAugmentation { plan, rows: ROWS, draws: DRAWS }).await {
                Ok(answer) => drop(images.try_set(answer.attachment.as_ref().map(thumbnails).unwrap_or_default())),
                Err(failure) => drop(failed.try_set(Some(failure.message))),
            }
        });
    });
    let row = |(row, faces): (usize, &[ImageData])| {
        let label = |draw| {
            if draw == 0 { format!("Face {}, as it is", row + 1) } else { format!("Face {}, draw {draw}", row + 1) }
        };
        let face = |(draw, image): (usize, &ImageData)| view! { <li><Face image=Some(image.clone()) label=label(draw) /></li> };
        view! { <ul class="draws">{faces.iter().enumerate().map(face).collect_view()}</ul> }
    };
    view! {
        <section class="augmentation" aria-labelledby="augmentation-title">
            <div class="bar-line">
                <h2 id="augmentation-title">"Augmentation"</h2>
                <p class="quiet">
                    "Left, faces of " {dataset.name.clone()} " as they are, at the input size; right, as training may see them. "
                    <a href="#/train">"Change it under Train"</a> "."
                </p>
                <button type="button" on:click=move |_| draw.update(|draw| *draw += 1)>"Another draw"</button>
            </div>
            <p class="complaint">{failed}</p>
            {move || images.with(|images| images.chunks(DRAWS).enumerate().map(row).collect_view())}
        </section>
    }
}
