//! What such a reading is not.

use leptos::prelude::*;

/// One paragraph, beside the picture and not behind a link.
#[component]
pub fn Caveat() -> impl IntoView {
    view! {
        <p class="reading" data-testid="live-caveat">
            "A model says how a face looks to people who labelled other faces; it does not know what somebody feels. It errs more on "
            "faces unlike those it learned from: other ages, skins, lights, angles, glasses, veils. Read only people who agreed to it, "
            "and decide nothing about anybody by it. In the European Union, inferring emotions at work and in schools is forbidden, "
            "but for medical or safety reasons (Regulation (EU) 2024/1689, article 5); elsewhere it must be told to those it is used on (article 50). The pictures are read "
            "on this machine, and kept nowhere."
        </p>
    }
}
