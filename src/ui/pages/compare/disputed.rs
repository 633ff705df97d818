//! The faces on which the models disagree.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::ImageData;

use crate::engine::protocol::{Command, Compared, DisagreementFilter, Disputed, Opinion, Outcome};
use crate::ui::components::{Class, Face, Listing, Mark, PAGE, Pager, Question};
use crate::ui::figures;

/// The faces, filtered by who is right and who is wrong, and paged.
#[component]
pub fn Faces(
    /// Whose answers.
    compared: Arc<Compared>,
) -> impl IntoView {
    let ask = |filter, skip, take| Command::ListDisputed { filter, skip, take };
    let take = |outcome| match outcome {
        Outcome::Disputed { total, faces } => Some((total, faces)),
        _ => None,
    };
    let listing = Listing::<DisagreementFilter, Disputed>::new(compared.disagreements, Question { ask, take });
    let names: Vec<String> = compared.contestants.iter().map(|of| of.name.clone()).collect();
    let classes = StoredValue::new(Class::all(&compared.label_set));
    let card_names = names.clone();
    let cards = move || {
        let card = |(face, image): &(Disputed, Option<ImageData>)| {
            classes.with_value(|classes| card(face, &card_names, classes, image.clone()))
        };
        listing.shown.with(|shown| shown.iter().map(card).collect_view())
    };
    view! {
        <section class="predictions" aria-labelledby="disputed-title">
            <div class="bar-line">
                <h2 id="disputed-title">"Where they disagree"</h2>
                <Who label="right" names=names.clone() pick=move |place| listing.choose(|filter| filter.right = place) />
                <Who label="wrong" names=names pick=move |place| listing.choose(|filter| filter.wrong = place) />
                <Pager page=listing.page size=PAGE total=listing.total what="faces" />
            </div>
            <p class="complaint">{listing.failed}</p>
            <ul class="cards disputed">{cards}</ul>
        </section>
    }
}

/// Which model must be right, or wrong.
#[component]
fn Who(label: &'static str, names: Vec<String>, pick: impl Fn(Option<usize>) + 'static) -> impl IntoView {
    let option = |(place, name): (usize, String)| view! { <option value=place>{name}</option> };
    view! {
        <label class="inline">
            <span class="quiet">{label}</span> " "
            <select data-testid=format!("disputed-{label}") on:change=move |event| pick(event_target_value(&event).parse().ok())>
                <option value="">"any"</option>
                {names.into_iter().enumerate().map(option).collect_view()}
            </select>
        </label>
    }
}

fn card(face: &Disputed, names: &[String], classes: &[Class], image: Option<ImageData>) -> impl IntoView + use<> {
    let truth = face.truth.class();
    let mark = |class: Option<usize>| match class.and_then(|class| classes.get(class).cloned()) {
        Some(class) => view! { <Mark class /> }.into_any(),
        None => figures::UNDEFINED.into_any(),
    };
    let row = |(name, of): (&String, &Opinion)| {
        let verdict = match truth {
            Some(_) if truth == of.class => "\u{2713}",
            Some(_) => "\u{2717}",
            None => "",
        };
        view! {
            <tr>
                <th scope="row">{name.clone()}</th>
                <td>{mark(of.class)} " " {format!("{:.0} %", of.probability * 100.0)} " " <span class="verdict">{verdict}</span></td>
            </tr>
        }
    };
    let rows = names.iter().zip(&face.answers).map(row).collect_view();
    view! {
        <li title=face.name.clone()>
            <Face image label=face.name.clone() />
            <table>
                <tbody>
                    <tr><th scope="row">"was"</th><td>{mark(truth)}</td></tr>
                    {rows}
                </tbody>
            </table>
        </li>
    }
}
