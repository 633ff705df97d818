//! What training gets: faces as they are, as the network sees them, and as augmentation varies them.

mod strip;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::dataset::DatasetSummary;
use crate::engine::client::Answer;
use crate::engine::protocol::{Command, InputValues, Outcome};
use crate::training::{Group, SETTINGS, Setting, operations};
use crate::ui::components::{Slider, Strengths};
use crate::ui::figures;
use crate::ui::pages::train::Field;
use crate::ui::session::Session;
use strip::{FACES, Rows, Strip};

/// Faces before and in a training, and the settings that decide it. They are the training plan's own.
#[component]
pub fn Preview(
    /// The dataset the faces are from.
    dataset: Arc<DatasetSummary>,
) -> impl IntoView {
    let session = Session::here();
    let (turn, draw) = (RwSignal::new(0usize), RwSignal::new(0u64));
    let wanted = Memo::new(move |_| Command::Preview {
        plan: session.settings.plan.get(),
        faces: FACES,
        turn: turn.get(),
        draw: draw.get(),
    });
    let shown =
        Shown { rows: RwSignal::new_local(Rows::default()), values: RwSignal::new(None), failed: RwSignal::new(None) };
    shown.follow(wanted);
    let rows = shown.rows;
    let operation = move |(place, setting): (usize, &'static Setting)| {
        let (row, label) = (place + 2, format!("{} alone", setting.label));
        view! { <Slider setting /> <Strip rows row label /> }
    };
    let last = operations().count() + 2;
    let input = move || shown.values.get().map(|(side, values)| in_words(side, &values));
    view! {
        <section class="preview" aria-labelledby="preview-title">
            <div class="bar-line">
                <h2 id="preview-title">"What training gets"</h2>
                <p class="quiet">
                    "Faces of " {dataset.name.clone()} ", pixel by pixel as a training has them. The settings are the plan's: "
                    <a href="#/train">"Train"</a> " shows the same ones."
                </p>
                <button type="button" data-testid="preview-faces" on:click=move |_| turn.update(|turn| *turn += 1)>"Other faces"</button>
            </div>
            <p class="complaint" role="alert">{shown.failed}</p>
            <fieldset disabled=move || session.training.is_on()>
                <legend class="unseen">"Preprocessing"</legend>
                <PreprocessingFields />
                <div class="strips">
                    <h3>"As they are"</h3>
                    <Strip rows row=0 label="As they are".into() />
                    <div>
                        <h3>"As the network sees them"</h3>
                        <p class="quiet" data-testid="preview-values">{input}</p>
                    </div>
                    <Strip rows row=1 label="As the network sees them".into() />
                </div>
            </fieldset>
            <div class="bar-line">
                <h3>"Augmentation"</h3>
                <p class="quiet">
                    "In training every face is varied anew each time, so that a model does not learn pictures by heart. Each row \
                     is one operation alone."
                </p>
                <button type="button" data-testid="preview-draw" on:click=move |_| draw.update(|draw| *draw += 1)>"Another draw"</button>
            </div>
            <fieldset disabled=move || session.training.is_on()>
                <legend class="unseen">"Augmentation"</legend>
                <Strengths />
                <div class="strips">
                    {operations().enumerate().map(operation).collect_view()}
                    <h3>"All together"</h3>
                    <Strip rows row=last label="All operations together".into() />
                </div>
            </fieldset>
        </section>
    }
}

#[component]
fn PreprocessingFields() -> impl IntoView {
    let fields =
        SETTINGS.iter().filter(|setting| setting.group == Group::Preprocessing || setting.name == "input-size");
    let field = |setting: &'static Setting| view! { <Field setting /> };
    view! {
        <div class="settings-line">{fields.map(field).collect_view()}</div>
        <p class="quiet">"Where the data says where the face is, as AffectNet's tables do, it was cut out at the import."</p>
    }
}

/// The numbers of the network's input, in a sentence.
fn in_words(side: usize, values: &InputValues) -> String {
    let figure = |value: f32| figures::hundredths(value.into());
    format!(
        "{side} x {side} pixels each, as numbers from {} to {}: mean {}, standard deviation {}.",
        figure(values.least),
        figure(values.most),
        figure(values.mean),
        figure(values.deviation)
    )
}

/// The last answer.
#[derive(Clone, Copy)]
struct Shown {
    rows: RwSignal<Rows, LocalStorage>,
    /// Pixels on a side of the network's input, and what it is made of.
    values: RwSignal<Option<(usize, InputValues)>>,
    failed: RwSignal<Option<String>>,
}

impl Shown {
    /// Asks again whenever something else is wanted: one question at a time, and of what was wanted meanwhile the last.
    fn follow(self, wanted: Memo<Command>) {
        let session = Session::here();
        let asking = StoredValue::new(false);
        Effect::new(move |_| {
            wanted.track();
            if asking.get_value() {
                return;
            }
            asking.set_value(true);
            spawn_local(async move {
                // There is nothing wanted any more where the section has left the screen.
                while let Some(command) = wanted.try_get_untracked() {
                    let answer = session.ask(command.clone()).await;
                    let Some(latest) = wanted.try_get_untracked() else { return };
                    match answer {
                        Ok(answer) => self.take_in(answer),
                        Err(failure) => self.failed.set(Some(failure.message)),
                    }
                    if latest == command {
                        break;
                    }
                }
                asking.try_set_value(false);
            });
        });
    }

    fn take_in(self, Answer { outcome, attachment, .. }: Answer) {
        let (Outcome::Preview { faces, side, values }, Some(pictures)) = (outcome, attachment) else { return };
        self.rows.set(Rows::cut(&pictures, faces, side));
        self.values.set(Some((side, values)));
        self.failed.set(None);
    }
}
