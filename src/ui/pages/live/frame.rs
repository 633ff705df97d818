//! A frame around a face, where a picture lies under it.

use leptos::prelude::*;

use crate::live::Reading;
use crate::ui::session::Session;

/// A frame in shares of a picture of this width and height, in the colour of what the face shows, with words at its top.
pub fn frame(
    session: Session,
    reading: &Reading,
    (width, height): (usize, usize),
    is_mirror: bool,
    is_chosen: bool,
    words: String,
) -> impl IntoView + use<> {
    let bounds = reading.face.bounds;
    let share = |length: f32, of: usize| 100.0 * length / of as f32;
    let percent = |share: f32| format!("{share:.2}%");
    let (left, across) = (share(bounds.left, width), share(bounds.width, width));
    let left = if is_mirror { 100.0 - left - across } else { left };
    let role = session.class_of(reading).map_or("unsure", |class| class.role.trim_start_matches('-'));
    view! {
        <div class=format!("face-frame {role}") class:chosen=is_chosen
            style:left=percent(left) style:top=percent(share(bounds.top, height))
            style:width=percent(across) style:height=percent(share(bounds.height, height))>
            <span>{words}</span>
        </div>
    }
}
