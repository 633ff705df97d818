//! A long list that the engine holds: which of it is wanted, and the page of it that came.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::ImageData;

use super::thumbnails;
use crate::engine::client::Answer;
use crate::engine::protocol::{Command, Failure, Outcome};
use crate::ui::session::Session;

/// Items a page.
pub const PAGE: usize = 24;

/// What asks the engine for a page (of a filter, items to skip, items to take), and what takes it out of the answer: how
/// many items there are in all, and those of the page.
pub struct Question<F, T> {
    /// Asks.
    pub ask: fn(F, usize, usize) -> Command,
    /// Takes the answer; `None` where it is another's.
    pub take: fn(Outcome) -> Option<(usize, Vec<T>)>,
}

/// The list as it is on the screen, each item with its picture.
pub struct Listing<F: 'static, T: 'static> {
    /// Which items are wanted.
    pub filter: RwSignal<F>,
    /// The page, from 0.
    pub page: RwSignal<usize>,
    /// Items that the filter lets through.
    pub total: RwSignal<usize>,
    /// The items of the page.
    pub shown: RwSignal<Vec<(T, Option<ImageData>)>, LocalStorage>,
    /// Why there are none, in words.
    pub failed: RwSignal<Option<String>>,
}

impl<F: 'static, T: 'static> Clone for Listing<F, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: 'static, T: 'static> Copy for Listing<F, T> {}

impl<F: Copy + Default + PartialEq + Send + Sync, T> Listing<F, T> {
    /// Of `total` items, the first page being fetched.
    pub fn new(total: usize, question: Question<F, T>) -> Self {
        let listing = Listing {
            filter: RwSignal::default(),
            page: RwSignal::new(0),
            total: RwSignal::new(total),
            shown: RwSignal::new_local(Vec::new()),
            failed: RwSignal::new(None),
        };
        listing.fetch(question);
        listing
    }

    /// Chooses other items, from the first page on.
    pub fn choose(&self, change: impl FnOnce(&mut F)) {
        self.page.set(0);
        self.filter.update(change);
    }

    /// Asks for a page whenever the filter or the page changes; an answer that was overtaken is dropped.
    fn fetch(self, Question { ask, take }: Question<F, T>) {
        let session = Session::here();
        Effect::new(move |_| {
            let wanted = (self.filter.get(), self.page.get());
            let command = ask(wanted.0, wanted.1 * PAGE, PAGE);
            spawn_local(async move {
                let answer = session.ask(command).await;
                if self.filter.try_get_untracked().zip(self.page.try_get_untracked()) == Some(wanted) {
                    self.take_in(answer, take);
                }
            });
        });
    }

    fn take_in(&self, answer: Result<Answer, Failure>, take: fn(Outcome) -> Option<(usize, Vec<T>)>) {
        match answer {
            Ok(Answer { outcome, attachment, .. }) => {
                let Some((total, items)) = take(outcome) else { return };
                let mut images = attachment.as_ref().map(thumbnails).unwrap_or_default().into_iter();
                self.total.set(total);
                self.failed.set(None);
                self.shown.set(items.into_iter().map(|item| (item, images.next())).collect());
            }
            Err(failure) => self.failed.set(Some(failure.message)),
        }
    }
}
