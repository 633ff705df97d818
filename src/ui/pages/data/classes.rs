//! Which class is which: what was found, and what a person says it is.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::ImageData;

use crate::affect::{Expression, LabelSet};
use crate::dataset::{Choices, ClassNames, DatasetSummary};
use crate::engine::protocol::{Command, FACES_OF_A_CLASS};
use crate::ui::components::{Face, thumbnails};
use crate::ui::figures;
use crate::ui::session::Session;

/// What a select says where a class is left out; no class can be called so.
const LEFT_OUT: &str = "";

/// Every class found, with faces of it and a choice of what it is.
#[component]
pub fn Classes(
    /// The dataset they were found in.
    dataset: Arc<DatasetSummary>,
) -> impl IntoView {
    let session = Session::here();
    let names = RwSignal::new(dataset.choices.names.clone());
    let faces = RwSignal::new_local(Vec::<ImageData>::new());
    let failed = RwSignal::new(None);
    spawn_local(async move {
        match session.ask(Command::ShowClasses).await {
            Ok(answer) => drop(faces.try_set(answer.attachment.as_ref().map(thumbnails).unwrap_or_default())),
            Err(failure) => drop(failed.try_set(Some(failure.message))),
        }
    });
    let changed = {
        let used = dataset.choices.names.clone();
        Signal::derive(move || names.with(|names| *names != used))
    };
    let busy = Signal::derive(move || session.hindrance().is_some());
    let chosen = StoredValue::new(dataset.choices.clone());
    let give = move |names: ClassNames| {
        let choices = Choices { names, ..chosen.get_value() };
        spawn_local(async move {
            let given = session.choose(choices).await;
            failed.try_set(given.err());
        });
    };
    let orders = (!dataset.numbers.is_empty()).then(|| view! { <Orders numbers=dataset.numbers.clone() names /> });
    let numbers = dataset.numbers.clone();
    let as_found = ClassNames(dataset.found.iter().map(|(name, _)| Some(name.clone())).collect());
    let renamed = dataset.choices.names != as_found;
    // Nobody knows what they are: somebody has to look.
    let unknown = !numbers.is_empty() && as_found == ClassNames::by_number(&numbers);
    let row = |(index, (name, count)): (usize, &(String, usize))| {
        view! { <ClassRow index name=name.clone() number=numbers.get(index).copied() count=*count names faces /> }
    };
    view! {
        <details class="naming" open=renamed || unknown>
            <summary>"Which class is which"</summary>
            <p class="quiet">"Look whether the faces are what their class says. Two classes given one name become one."</p>
            {orders}
            <table>
                <thead>
                    <tr><th scope="col">"Found"</th><th scope="col">"Faces"</th><th scope="col">"Some of them"</th><th scope="col">"It is"</th></tr>
                </thead>
                <tbody>{dataset.found.iter().enumerate().map(row).collect_view()}</tbody>
            </table>
            <p class="complaint" role="alert">{failed}</p>
            <div class="actions">
                <button type="button" data-testid="classes-apply" disabled=move || busy.get() || !changed.get()
                    on:click=move |_| give(names.get_untracked())>"Use these names"</button>
                {renamed.then(|| view! {
                    <button type="button" data-testid="classes-reset" disabled=busy on:click=move |_| give(as_found.clone())>"As they were found"</button>
                })}
            </div>
        </details>
    }
}

/// What the numbers of the classes mean: the orders in use, each of which fills the names in.
#[component]
fn Orders(numbers: Vec<u64>, names: RwSignal<ClassNames>) -> impl IntoView {
    let in_order = |(set, first): (LabelSet, u64)| (set.name().to_owned(), ClassNames::in_order(&numbers, &set, first));
    let unknown = ("an order that is not known".to_owned(), ClassNames::by_number(&numbers));
    let orders: Vec<(String, ClassNames)> = LabelSet::numbered().into_iter().map(in_order).chain([unknown]).collect();
    let orders = StoredValue::new(orders);
    // By their expressions: a set may call one "angry" that a person chose as "anger".
    let same = |one: &ClassNames, other: &ClassNames| {
        let known =
            |name: &Option<String>| name.as_deref().map(|name| Expression::from_name(name).ok_or(name.to_owned()));
        one.0.iter().map(known).eq(other.0.iter().map(known))
    };
    let chosen = Memo::new(move |_| {
        names.with(|names| orders.with_value(|orders| orders.iter().position(|(_, order)| same(order, names))))
    });
    let option = |(index, (name, _)): (usize, &(String, ClassNames))| {
        view! { <option value=index prop:selected=move || chosen.get() == Some(index)>{name.clone()}</option> }
    };
    let options = orders.with_value(|orders| orders.iter().enumerate().map(option).collect_view());
    let choose = move |event| {
        let index: Option<usize> = event_target_value(&event).parse().ok();
        if let Some((_, order)) = index.and_then(|index| orders.with_value(|orders| orders.get(index).cloned())) {
            names.set(order);
        }
    };
    view! {
        <label class="field order">
            <span>"The data numbers its classes. The numbers mean"</span>
            <select data-testid="class-order" on:change=choose>
                <option value="" prop:selected=move || chosen.get().is_none()>"what is chosen below"</option>
                {options}
            </select>
        </label>
    }
}

#[component]
fn ClassRow(
    index: usize,
    name: String,
    number: Option<u64>,
    count: usize,
    names: RwSignal<ClassNames>,
    faces: RwSignal<Vec<ImageData>, LocalStorage>,
) -> impl IntoView {
    let known = Expression::from_name(&name);
    let chosen = Memo::new(move |_| option_of(names.with(|names| names.0.get(index).cloned().flatten())));
    let choose = move |event| {
        let value = event_target_value(&event);
        names.update(|names| names.0[index] = (value != LEFT_OUT).then_some(value));
    };
    let option = move |value: String, text: String| {
        let selected = {
            let value = value.clone();
            move || chosen.with(|chosen| *chosen == value)
        };
        view! { <option value=value prop:selected=selected>{text}</option> }
    };
    let own = known.is_none().then(|| option(name.clone(), name.clone()));
    let number = number.map(|number| number.to_string()).filter(|number| *number != name);
    let by_number = number.as_ref().map(|number| option(number.clone(), number.clone()));
    let found = number.map_or_else(|| name.clone(), |number| format!("{number}, read as {name}"));
    let expressions = Expression::ALL.map(|expression| option(expression.name().into(), expression.name().into()));
    let label = format!("{name} is");
    let pictures = {
        let name = name.clone();
        let face = move |(place, image): (usize, &ImageData)| {
            let label = format!("{name}, face {}", place + 1);
            view! { <li><Face image=Some(image.clone()) label /></li> }
        };
        move || {
            faces.with(|faces| {
                faces.iter().skip(index * FACES_OF_A_CLASS).take(FACES_OF_A_CLASS).enumerate().map(&face).collect_view()
            })
        }
    };
    view! {
        <tr>
            <th scope="row">{found}</th>
            <td class="number">{figures::count(count)}</td>
            <td><ul class="few">{pictures}</ul></td>
            <td>
                <select aria-label=label data-testid=format!("class-{index}") on:change=choose>
                    {own}
                    {by_number}
                    {expressions.into_iter().collect_view()}
                    {option(LEFT_OUT.into(), "(left out)".into())}
                </select>
            </td>
        </tr>
    }
}

/// The value of the option for a name: an expression's own name, or the name as it is.
fn option_of(name: Option<String>) -> String {
    match name {
        None => LEFT_OUT.into(),
        Some(name) => Expression::from_name(&name).map_or(name, |expression| expression.name().into()),
    }
}
