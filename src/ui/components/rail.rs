//! The left rail: the journey, each step with its state in a line; under it the engine, the theme, the promise.

use leptos::prelude::*;

use crate::engine::client::EngineStatus;
use crate::ui::figures;
use crate::ui::route::Page;
use crate::ui::session::{Activity, Phase, Queue, Session, Turn};
use crate::ui::theme::{Choice, Theme};

/// The rail.
#[component]
pub fn Rail(
    /// The page that is open.
    page: Memo<Page>,
) -> impl IntoView {
    let session = Session::here();
    let entry = move |step: Page| {
        let current = move || (page.get() == step).then_some("page");
        view! {
            <li>
                <a href=step.href() data-testid=format!("nav-{}", step.name()) aria-current=current>
                    <span class="step">{step.title()}</span>
                    <span class="state">{move || state(&session, step)}</span>
                </a>
            </li>
        }
    };
    view! {
        <header class="rail">
            <a class="brand" href="#/data">
                <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
                    <circle cx="16" cy="16" r="13" /><path d="M3 16h26M16 3v26" /><circle class="dot" cx="21.5" cy="9.5" r="3" />
                </svg>
                <span>"Mien"</span>
            </a>
            <nav aria-label="Pages"><ol>{Page::ALL.map(entry).collect_view()}</ol></nav>
            <div class="foot">
                <EngineLine />
                <ThemeToggle />
                <p class="promise">"Nothing leaves this machine: no face, no label, no model."</p>
            </div>
        </header>
    }
}

fn state(session: &Session, step: Page) -> String {
    let opening = session.keeping.restoring.get() && matches!(session.engine_status.get(), EngineStatus::Ready(_));
    match step {
        Page::Data | Page::Models if opening => "opening what was kept".into(),
        Page::Data => data_state(session),
        Page::Train => training_state(session),
        Page::Evaluate => evaluation_state(session),
        Page::Compare => comparison_state(session),
        Page::Live => session.live.looked.with(|looked| match looked {
            Some((looked, _)) => figures::counted(looked.readings.len(), "face", "faces"),
            None => "nothing is read".into(),
        }),
        // A visitor's own.
        Page::Models => match session.models.with(|models| models.iter().filter(|model| !model.is_shipped()).count()) {
            0 => "none yet".into(),
            models => figures::counted(models, "model", "models"),
        },
    }
}

fn data_state(session: &Session) -> String {
    if let Activity::Running(counting) = session.importing.get() {
        return format!("importing {} of {}", figures::count(counting.done), figures::count(counting.total));
    }
    session.dataset.with(|dataset| match dataset {
        Some(dataset) => {
            let classes = figures::counted(dataset.label_set.len(), "class", "classes");
            format!("{}, {classes}", figures::counted(dataset.samples, "face", "faces"))
        }
        None => "no faces yet".into(),
    })
}

fn training_state(session: &Session) -> String {
    let training = &session.training;
    let epoch = || format!("epoch {} of {}", training.epoch(), training.planned.get());
    match training.phase.get() {
        Phase::Idle => "not trained yet".into(),
        Phase::Preparing => "preparing".into(),
        Phase::Running => epoch(),
        Phase::Paused => format!("{}, paused", epoch()),
        Phase::Finished => figures::counted(training.epoch() as usize, "epoch", "epochs"),
        Phase::Failed(_) => "failed".into(),
    }
}

fn comparison_state(session: &Session) -> String {
    let comparing = &session.comparing;
    if let Some(queue) = comparing.queue.get().filter(Queue::is_on) {
        let begun = queue.entries.iter().filter(|(_, turn)| *turn != Turn::Waits).count();
        return format!("training {begun} of {}", queue.entries.len());
    }
    if let Activity::Running(counting) = comparing.activity.get() {
        return format!("comparing, {} of {}", figures::count(counting.done), figures::count(counting.total));
    }
    comparing.compared.with(|compared| match compared.as_deref() {
        Some(compared) if compared.contestants.len() > 1 => {
            format!("{} is ahead", compared.contestants[compared.leader].name)
        }
        Some(compared) => compared.contestants[compared.leader].name.clone(),
        None => "not compared yet".into(),
    })
}

fn evaluation_state(session: &Session) -> String {
    if let Activity::Running(counting) = session.evaluating.get() {
        return format!("evaluating {} of {}", figures::count(counting.done), figures::count(counting.total));
    }
    session.evaluation.with(|evaluation| {
        let Some(evaluation) = evaluation else { return "not evaluated yet".into() };
        let report = &evaluation.report;
        match (&report.expression, &report.valence) {
            (Some(expression), _) => figures::percent(expression.accuracy),
            (None, Some(valence)) => format!("valence CCC {}", figures::decimal(valence.ccc)),
            (None, None) => "nothing labelled".into(),
        }
    })
}

/// The engine's status; opened, what the device is, why, and how to have another.
#[component]
fn EngineLine() -> impl IntoView {
    let status = Session::here().engine_status;
    let detail = move || match status.get() {
        EngineStatus::Starting { .. } => {
            "The engine's code is loading. Everything but training can be looked at meanwhile.".into()
        }
        EngineStatus::Ready(device) => match device.note {
            Some(note) => format!("{}. {note}.", device.description),
            None => format!("{}.", device.description),
        },
        EngineStatus::Failed(_) => "Reload the page, or choose another device.".into(),
    };
    let choice = |(name, label): (&'static str, &'static str)| view! { <a href=format!("?device={name}")>{label}</a> };
    view! {
        <details class="engine">
            <summary>
                "Engine "
                <span role="status" data-testid="engine-status" class:bad=move || matches!(status.get(), EngineStatus::Failed(_))>
                    {move || status.get().to_string()}
                </span>
            </summary>
            <p>{detail}</p>
            <p>
                "Reload with: "
                {[("auto", "best"), ("webgpu", "WebGPU"), ("cpu", "CPU")].map(choice).into_iter().collect_view()}
            </p>
        </details>
    }
}

/// Auto, light or dark.
#[component]
fn ThemeToggle() -> impl IntoView {
    let Theme { choice, .. } = expect_context();
    let option = move |name: Choice| {
        view! {
            <label>
                <input type="radio" name="theme" class="unseen" prop:checked=move || choice.get() == name on:change=move |_| choice.set(name) />
                <span>{name.name()}</span>
            </label>
        }
    };
    view! {
        <fieldset class="theme">
            <legend class="unseen">"Theme"</legend>
            {Choice::ALL.map(option).collect_view()}
        </fieldset>
    }
}
