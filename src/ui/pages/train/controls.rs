//! Start, pause, stop; and how the run is getting on.

use leptos::prelude::*;

use super::costs::Costs;
use crate::engine::protocol::Ending;
use crate::ui::figures;
use crate::ui::session::{Phase, Session, Trained};

/// The run's buttons and figures.
#[component]
pub fn Controls() -> impl IntoView {
    let session = Session::here();
    let training = session.training;
    let hindrance = Memo::new(move |_| session.training_hindrance());
    let can_pause =
        move || matches!(training.phase.get(), Phase::Running | Phase::Paused) && training.asked.get().is_none();
    let can_stop = move || training.is_on() && training.asked.get() != Some("Stopping");
    let pause_label = move || if training.phase.get() == Phase::Paused { "Resume" } else { "Pause" };
    let why = move || {
        if training.is_on() {
            let looked = |(done, total)| {
                let (done, total) = (figures::count(done), figures::count(total));
                format!("The backbone looks at every image once: {done} of {total}.")
            };
            let asked = training.asked.get().map(|asked| format!("{asked}: after this step."));
            let fetched = |(done, total)| {
                format!("Fetching the ImageNet weights: {} of {}.", figures::bytes(done), figures::bytes(total))
            };
            asked.or_else(|| training.fetched.get().map(fetched)).or_else(|| training.looked.get().map(looked))
        } else {
            hindrance.get()
        }
    };
    let warning = |warning: String| view! { <li>{warning}</li> };
    view! {
        <section class="controls" aria-label="Run">
            <div class="bar-line">
                <div class="actions">
                    <button type="button" class:strong=move || training.trained.with(Option::is_none)
                        data-testid="train-start" aria-describedby="start-why"
                        disabled=move || hindrance.with(Option::is_some) on:click=move |_| session.train()>"Start"</button>
                    <button type="button" data-testid="train-pause" disabled=move || !can_pause()
                        on:click=move |_| session.pause_or_resume()>{pause_label}</button>
                    <button type="button" data-testid="train-stop" disabled=move || !can_stop()
                        on:click=move |_| session.stop_training()>"Stop"</button>
                </div>
                <p class="state" class:failed=move || matches!(training.phase.get(), Phase::Failed(_))>
                    <span class="quiet">"Run"</span> " "
                    <span role="status" data-testid="train-status">{move || training.phase.get().to_string()}</span>
                </p>
                <p id="start-why" class="quiet">{why}</p>
            </div>
            <Costs />
            <Progress />
            <ul class="warnings">{move || training.warnings.get().into_iter().map(warning).collect_view()}</ul>
            {move || training.trained.get().map(|trained| view! { <Result trained /> })}
        </section>
    }
}

/// How far, how well, how fast.
#[component]
fn Progress() -> impl IntoView {
    let training = Session::here().training;
    let planned = Session::here().settings.plan;
    let epochs = move || {
        if training.phase.get() == Phase::Idle { planned.with(|plan| plan.epochs) } else { training.planned.get() }
    };
    let loss = move || training.step.get().map(|step| f64::from(step.loss));
    let accuracy = move || training.history.with(|history| history.epochs.last()?.validation_accuracy.map(f64::from));
    let pace = move |figure: fn(crate::ui::session::Pace) -> String| {
        let on = matches!(training.phase.get(), Phase::Running | Phase::Paused);
        training.pace.get().filter(|_| on).map_or("-".into(), figure)
    };
    let share = move || {
        let steps = training.step.get().map_or(0, |step| step.step);
        let all = training.size.get().map_or(0, |(steps, _)| steps) * training.planned.get();
        f64::from(steps) / f64::from(all.max(1))
    };
    view! {
        <progress max="1" prop:value=share aria-label="training"></progress>
        <dl class="counts">
            <div><dt>"epoch"</dt><dd data-testid="train-epoch">{move || format!("{}/{}", training.epoch(), epochs())}</dd></div>
            <div><dt>"training loss"</dt><dd data-testid="train-loss" data-value=move || loss().map(|loss| loss.to_string())>
                {move || loss().map_or("-".into(), |loss| format!("{loss:.4}"))}
            </dd></div>
            <div><dt>"validation accuracy"</dt><dd data-testid="val-accuracy" data-value=move || accuracy().map(|share| share.to_string())>
                {move || accuracy().map_or("-".into(), |share| figures::percent(Some(share)))}
            </dd></div>
            <div><dt>"images a second"</dt><dd>{move || pace(|pace| figures::count(pace.images_per_second.max(0.0) as usize))}</dd></div>
            <div><dt>"time left"</dt><dd>{move || pace(|pace| figures::duration(pace.seconds_left))}</dd></div>
            <div><dt>"parameters"</dt><dd>{move || training.size.get().map_or("-".into(), |(_, parameters)| figures::count(parameters))}</dd></div>
        </dl>
    }
}

/// How it ended, and what to do next.
#[component]
fn Result(trained: Trained) -> impl IntoView {
    let how = match trained.ending {
        Ending::Completed => "Every planned epoch was run.",
        Ending::EarlyStopping => "The monitored metric no longer improved, so the run was ended early.",
        Ending::Stopped => "The run was stopped.",
        Ending::BrokenOff => "The run broke off.",
    };
    let best = match trained.best_epoch {
        0 => "No epoch was finished: these are the last weights.".to_string(),
        epoch => {
            format!("The best epoch was {epoch}; its weights were kept as \u{201c}{}\u{201d}.", trained.model.name)
        }
    };
    view! {
        <div class="result">
            <p class="reading">{how} " " {best}</p>
            <p class="next"><a class="button strong" href="#/evaluate">"Next: evaluate it on faces it has not seen"</a></p>
        </div>
    }
}
