//! What a training would cost, before it is begun.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use crate::engine::protocol;
use crate::ui::figures;
use crate::ui::session::Session;

/// A plan that stays as it is for so long is estimated.
const REST: Duration = Duration::from_millis(600);

/// A line: parameters, memory, time.
#[component]
pub fn Costs() -> impl IntoView {
    let session = Session::here();
    let plan = Memo::new(move |_| session.plan_to_estimate());
    let waiting: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let wait_no_longer = move || waiting.update_value(|waiting| waiting.take().into_iter().for_each(|it| it.clear()));
    Effect::new(move |_| {
        wait_no_longer();
        let Some(plan) = plan.get() else { return };
        session.costs.set(None);
        waiting.set_value(set_timeout_with_handle(move || session.estimate(plan), REST).ok());
    });
    on_cleanup(wait_no_longer);
    let refused = move || session.costs.with(|costs| costs.as_ref().is_some_and(|costs| costs.refusal.is_some()));
    view! {
        <p class="costs" class:complaint=refused role="status" data-testid="train-costs">
            {move || session.costs.get().map(words)}
        </p>
    }
}

fn words(costs: protocol::Costs) -> String {
    let protocol::Costs { parameters, moved, multiplications, memory, seconds, refusal } = costs;
    if let Some(refusal) = refusal {
        return refusal;
    }
    let of = if moved < parameters { format!(" of {}", figures::count(parameters)) } else { String::new() };
    let millions = figures::count(multiplications.div_ceil(1_000_000) as usize);
    let time = seconds.map_or(String::new(), |seconds| {
        format!(
            " Every planned epoch together: about {}, as measured here on a few images.",
            figures::duration(seconds)
        )
    });
    format!(
        "Trains {}{of} parameters; {millions} million multiplications an image; about {} of memory.{time}",
        figures::count(moved),
        figures::bytes(memory),
    )
}
