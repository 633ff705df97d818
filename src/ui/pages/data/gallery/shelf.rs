//! The faces that were fetched: those in sight, and what is near them.

use std::collections::HashMap;
use std::ops::Range;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::ImageData;

use crate::engine::protocol::{Command, Failure, Outcome, SampleFilter, SampleView};
use crate::ui::components::thumbnails;
use crate::ui::session::Session;

/// Faces fetched at a time.
const CHUNK: usize = 48;
/// Chunks that are held: five screens' worth and more.
const HELD: usize = 24;

type Chunk = Vec<(SampleView, Option<ImageData>)>;

/// What was fetched of the faces that a filter lets through.
#[derive(Clone, Copy)]
pub(super) struct Shelf {
    filter: RwSignal<SampleFilter>,
    /// How often the filter has changed: what was fetched before is of another one.
    pub(super) draw: RwSignal<u32>,
    /// How many faces there are.
    pub(super) total: RwSignal<usize>,
    /// Why the last ones could not be fetched.
    pub(super) failed: RwSignal<Option<String>>,
    chunks: RwSignal<HashMap<usize, Chunk>, LocalStorage>,
    fetching: StoredValue<bool>,
}

impl Shelf {
    /// An empty one, for so many faces.
    pub(super) fn new(filter: RwSignal<SampleFilter>, total: usize) -> Shelf {
        Shelf {
            filter,
            draw: RwSignal::new(0),
            total: RwSignal::new(total),
            failed: RwSignal::default(),
            chunks: RwSignal::new_local(HashMap::new()),
            fetching: StoredValue::new(false),
        }
    }

    /// Whether a face is here.
    pub(super) fn has(&self, place: usize) -> bool {
        self.chunks.with(|chunks| chunks.get(&(place / CHUNK)).is_some_and(|chunk| place % CHUNK < chunk.len()))
    }

    /// Shows a face, where it is here.
    pub(super) fn with<T>(&self, place: usize, show: impl FnOnce(&SampleView, Option<&ImageData>) -> T) -> Option<T> {
        self.chunks.with_untracked(|chunks| {
            let (sample, image) = chunks.get(&(place / CHUNK))?.get(place % CHUNK)?;
            Some(show(sample, image.as_ref()))
        })
    }

    /// From now on fetches what is in sight, and begins anew when the filter changes.
    pub(super) fn fill(self, in_sight: Memo<Range<usize>>) {
        let session = Session::here();
        Effect::new(move |before: Option<SampleFilter>| {
            let filter = self.filter.get();
            if before.is_some_and(|before| before != filter) {
                self.chunks.update(HashMap::clear);
                self.draw.update(|draw| *draw += 1);
            }
            in_sight.track();
            self.draw.track();
            if !self.fetching.get_value() {
                self.fetching.set_value(true);
                spawn_local(self.fetch(session, in_sight));
            }
            filter
        });
    }

    /// Fetches what is missing, one chunk after the other: what was scrolled past meanwhile is not asked for.
    async fn fetch(self, session: Session, in_sight: Memo<Range<usize>>) {
        while let Some((filter, chunk)) = self.missing(in_sight) {
            let answer = session.ask(Command::ListSamples { filter, skip: chunk * CHUNK, take: CHUNK }).await;
            if self.filter.try_get_untracked() != Some(filter) {
                continue;
            }
            let (total, faces, failed) = match answer.map(|answer| (answer.outcome, answer.attachment)) {
                Ok((Outcome::Samples { total, samples }, attachment)) => {
                    let mut images = attachment.as_ref().map(thumbnails).unwrap_or_default().into_iter();
                    (total, samples.into_iter().map(|sample| (sample, images.next())).collect(), None)
                }
                Ok(_) => break,
                Err(Failure { message, .. }) => (0, Vec::new(), Some(message)),
            };
            self.failed.set(failed);
            self.chunks.update(|chunks| {
                chunks.insert(chunk, faces);
                while chunks.len() > HELD {
                    let farthest = chunks.keys().copied().max_by_key(|held| held.abs_diff(chunk));
                    farthest.map(|farthest| chunks.remove(&farthest));
                }
            });
            self.total.set(total);
        }
        self.fetching.try_set_value(false);
    }

    /// The first chunk in sight that is not here; `None` where all are, or nobody looks any more.
    fn missing(&self, in_sight: Memo<Range<usize>>) -> Option<(SampleFilter, usize)> {
        let Range { start, end } = in_sight.try_get_untracked()?;
        let filter = self.filter.try_get_untracked()?;
        let needed = start / CHUNK..end.div_ceil(CHUNK).max(1);
        let missing =
            self.chunks.try_with_untracked(|chunks| needed.into_iter().find(|chunk| !chunks.contains_key(chunk)));
        Some((filter, missing??))
    }
}
