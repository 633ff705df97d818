//! Pages that are fetched when they are first opened, in chunks of the page's wasm (tools/split.sh). Data, where the journey
//! begins, is there from the start.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::pages;
use super::route::Page;

/// A page, once its chunk is there.
type Made = Result<AnyView, SplitLoaderError>;

#[wasm_split(training, preload(fetch_train), fallible)]
fn train() -> Made {
    Ok(view! { <pages::Train /> }.into_any())
}

#[wasm_split(training, preload(fetch_models), fallible)]
fn models() -> Made {
    Ok(view! { <pages::Models /> }.into_any())
}

#[wasm_split(evaluate, preload(fetch_evaluate), fallible)]
fn evaluate() -> Made {
    Ok(view! { <pages::Evaluate /> }.into_any())
}

#[wasm_split(compare, preload(fetch_compare), fallible)]
fn compare() -> Made {
    Ok(view! { <pages::Compare /> }.into_any())
}

#[wasm_split(live, preload(fetch_live), fallible)]
fn live() -> Made {
    Ok(view! { <pages::Live /> }.into_any())
}

/// Fetches a page's chunk, where it is not there yet.
async fn fetch(page: Page) -> Result<(), SplitLoaderError> {
    match page {
        Page::Data => Ok(()),
        Page::Train => fetch_train().await,
        Page::Evaluate => fetch_evaluate().await,
        Page::Compare => fetch_compare().await,
        Page::Live => fetch_live().await,
        Page::Models => fetch_models().await,
    }
}

/// The page; `None` where its chunk is not there yet.
fn made(page: Page) -> Option<AnyView> {
    match page {
        Page::Data => Some(view! { <pages::Data /> }.into_any()),
        Page::Train => at_once(train()),
        Page::Evaluate => at_once(evaluate()),
        Page::Compare => at_once(compare()),
        Page::Live => at_once(live()),
        Page::Models => at_once(models()),
    }
}

/// What a future has at its first look: a page's view must be made by whoever shows it, which then owns its signals.
fn at_once(future: impl Future<Output = Made>) -> Option<AnyView> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(view)) => Some(view),
        Poll::Ready(Err(_)) | Poll::Pending => None,
    }
}

/// Shows the open page. What is fetched is told; the others are fetched once the first is there.
#[component]
pub fn OpenPage(
    /// Which.
    page: Memo<Page>,
) -> impl IntoView {
    let there = RwSignal::new(vec![Page::Data]);
    let failed = RwSignal::new(false);
    let get = move |page: Page| async move {
        let came = fetch(page).await.is_ok();
        if came && there.with_untracked(|there| !there.contains(&page)) {
            there.update(|there| there.push(page));
        }
        came
    };
    Effect::new(move |_| {
        let page = page.get();
        failed.set(false);
        spawn_local(async move {
            if !get(page).await {
                failed.set(true);
                return;
            }
            for other in Page::ALL {
                if there.with_untracked(|there| !there.contains(&other)) {
                    get(other).await;
                }
            }
        });
    });
    let is_there = Memo::new(move |_| there.with(|there| there.contains(&page.get())));
    move || {
        let page = page.get();
        let view = is_there.get().then(|| made(page)).flatten();
        view.unwrap_or_else(move || {
            let words = move || match failed.get() {
                true => format!("{} could not be fetched: check the connection, then open it again.", page.title()),
                false => format!("{} is loading.", page.title()),
            };
            view! { <p class="page plain" role="status">{words}</p> }.into_any()
        })
    }
}
