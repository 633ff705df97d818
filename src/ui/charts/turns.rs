//! What takes long on the page takes turns: a frame has time for a few drawings, or for one part of a page.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use leptos::prelude::{RwSignal, Update, request_animation_frame};

/// No further drawing begins in a frame after so many milliseconds.
const SHARE: f64 = 8.0;

enum Turn {
    /// Done when it returns.
    Drawing(Box<dyn FnOnce()>),
    /// What it changes is mounted and laid out after it returns, in the same frame: it has that to itself.
    Part(Box<dyn FnOnce()>),
}

thread_local! {
    static WAITING: RefCell<VecDeque<Turn>> = RefCell::default();
    /// Whether a frame is asked for.
    static CALLED: Cell<bool> = const { Cell::new(false) };
}

/// Draws in an animation frame, after what waits already.
pub fn in_turn(drawing: impl FnOnce() + 'static) {
    wait(Turn::Drawing(Box::new(drawing)));
}

/// Counts to `parts`, each in an animation frame of its own, after what waits already: what is shown by it comes part by part.
pub fn part_by_part(there: RwSignal<usize>, parts: usize) {
    let next = move || {
        // The view may be gone.
        there.try_update(|there| *there += 1);
    };
    (0..parts).for_each(|_| wait(Turn::Part(Box::new(next))));
}

fn wait(turn: Turn) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(turn));
    call();
}

fn call() {
    if !CALLED.replace(true) {
        request_animation_frame(take_some);
    }
}

fn take_some() {
    CALLED.set(false);
    let began = js_sys::Date::now();
    let mut next = WAITING.with_borrow_mut(VecDeque::pop_front);
    while let Some(Turn::Drawing(drawing)) = next {
        drawing();
        let has_time = js_sys::Date::now() - began < SHARE;
        next = WAITING
            .with_borrow_mut(|waiting| waiting.pop_front_if(|turn| has_time && matches!(turn, Turn::Drawing(_))));
    }
    if let Some(Turn::Part(part)) = next {
        part();
    }
    if WAITING.with_borrow(|waiting| !waiting.is_empty()) {
        call();
    }
}
