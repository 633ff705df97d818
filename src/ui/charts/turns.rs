//! Drawings take turns: a frame has time for a few, and a page has many.

use std::cell::RefCell;
use std::collections::VecDeque;

use leptos::prelude::request_animation_frame;

/// No further drawing begins in a frame after so many milliseconds.
const SHARE: f64 = 8.0;

type Drawing = Box<dyn FnOnce()>;

thread_local! {
    static WAITING: RefCell<VecDeque<Drawing>> = RefCell::default();
}

/// Draws in an animation frame, after what waits already.
pub fn in_turn(drawing: impl FnOnce() + 'static) {
    let waiting = WAITING.with_borrow_mut(|waiting| {
        waiting.push_back(Box::new(drawing));
        waiting.len()
    });
    if waiting == 1 {
        request_animation_frame(draw_some);
    }
}

fn draw_some() {
    let began = js_sys::Date::now();
    while let Some(drawing) = WAITING.with_borrow_mut(VecDeque::pop_front) {
        drawing();
        if js_sys::Date::now() - began >= SHARE {
            break;
        }
    }
    if WAITING.with_borrow(|waiting| !waiting.is_empty()) {
        request_animation_frame(draw_some);
    }
}
