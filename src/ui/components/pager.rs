//! Pages of a long list.

use leptos::prelude::*;

use crate::ui::figures;

/// "1 to 60 of 800", and the way to its neighbours.
#[component]
pub fn Pager(
    /// The page, from 0.
    page: RwSignal<usize>,
    /// Items a page.
    size: usize,
    /// Items in all.
    #[prop(into)]
    total: Signal<usize>,
    /// What is paged through, for the buttons' names: "faces".
    what: &'static str,
) -> impl IntoView {
    let at_start = move || page.get() == 0;
    let at_end = move || page.get() >= total.get().saturating_sub(1) / size;
    let range = move || {
        let first = page.get() * size;
        let end = (first + size).min(total.get());
        if end <= first {
            return format!("no {what}");
        }
        format!("{} to {} of {}", figures::count(first + 1), figures::count(end), figures::count(total.get()))
    };
    view! {
        <div class="pager" role="group" aria-label=format!("Pages of {what}")>
            <button type="button" aria-label=format!("Earlier {what}") disabled=at_start
                on:click=move |_| page.update(|page| *page = page.saturating_sub(1))>"\u{2190}"</button>
            <span>{range}</span>
            <button type="button" aria-label=format!("Later {what}") disabled=at_end
                on:click=move |_| page.update(|page| *page += 1)>"\u{2192}"</button>
        </div>
    }
}
