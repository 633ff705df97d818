//! The pre-trained weights that the site has: how large they are, whose, on what terms, and whether they are here.

use leptos::prelude::*;

use crate::engine::protocol::ServedWeights;
use crate::ui::components::DeleteButton;
use crate::ui::figures;
use crate::ui::session::{Fetching, Session};

/// The list.
#[component]
pub fn Weights() -> impl IntoView {
    let session = Session::here();
    Effect::new(move |_| {
        // Every engine is asked: the one before may have fetched some.
        if session.is_ready() {
            session.list_weights();
        }
    });
    view! {
        <section aria-labelledby="weights-title" class="weights">
            <h2 id="weights-title">"Pre-trained weights"</h2>
            <p class="reading">
                "Networks that already tell ImageNet's thousand classes apart: a training that begins with them needs fewer faces. They come from this site when a training first wants them, or now; then they stay in this browser."
            </p>
            <ul class="models-list">
                <For each=move || session.served.get() key=|served| (served.architecture.clone(), served.kept) let:served><Served served /></For>
            </ul>
        </section>
    }
}

#[component]
fn Served(served: ServedWeights) -> impl IntoView {
    let session = Session::here();
    let ServedWeights { architecture, label, bytes, origin, licence, kept } = served;
    let name = StoredValue::new(architecture.clone());
    let mine = move || session.fetching.get().filter(|fetching| name.with_value(|name| fetching.architecture == *name));
    let delete = Callback::new(move |()| session.delete_weights(name.get_value()));
    let state = move || match mine() {
        Some(Fetching { done, total, .. }) => format!("{} of {}", figures::bytes(done), figures::bytes(total)),
        None if kept => "in this browser".into(),
        None => "not fetched yet".into(),
    };
    let share = move || mine().map_or(0.0, |fetching| fetching.done as f64 / fetching.total.max(1) as f64);
    let cancel = move |_| mine().into_iter().for_each(|fetching| session.cancel(fetching.request));
    let busy = move || session.fetching.with(Option::is_some);
    let link = format!("#/train?model={architecture}&weights=imagenet&trainable=head&input-size=96");
    view! {
        <li>
            <h3>{label.clone()}</h3>
            <dl class="facts">
                <div><dt>"size"</dt><dd>{figures::bytes(bytes)}</dd></div>
                <div><dt>"origin"</dt><dd>{origin}</dd></div>
                <div><dt>"licence"</dt><dd>{licence}</dd></div>
                <div><dt>"state"</dt><dd data-testid=format!("weights-{architecture}")>{state}</dd></div>
            </dl>
            <Show when=move || mine().is_some()>
                <progress max="1" prop:value=share aria-label="fetching"></progress>
            </Show>
            <div class="actions">
                <a class="button" href=link>"Train with them"</a>
                <Show when=move || mine().is_some()><button type="button" on:click=cancel>"Cancel"</button></Show>
                <Show when=move || !kept && mine().is_none()>
                    <button type="button" data-testid=format!("fetch-{}", name.get_value()) disabled=busy
                        on:click=move |_| session.fetch_weights(name.get_value())>"Fetch"</button>
                </Show>
                {kept.then(|| view! { <DeleteButton what=label testid="delete-weights" disabled=false on_delete=delete /> })}
            </div>
        </li>
    }
}
