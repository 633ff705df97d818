//! What the columns of tables are: their first rows, and a choice for each.

use std::rc::Rc;

use leptos::prelude::*;

use crate::dataset::{Mapping, Meaning, Scale, TableView, number};
use crate::ui::figures;
use crate::ui::session::{Session, Unopened};

/// Cells that are shown of a column.
const CELLS: usize = 3;

/// The tables of an import that cannot go on without a person.
#[component]
pub fn Unexplained(
    /// The import.
    unopened: Rc<Unopened>,
) -> impl IntoView {
    let session = Session::here();
    view! {
        <section class="unexplained" aria-labelledby="columns-title" data-testid="unexplained">
            <h2 id="columns-title">"What are the columns?"</h2>
            <p class="reading">
                "The files could not be opened by what their tables say of themselves. Say which column is what; it is remembered for tables with the same first row."
            </p>
            <Columns tables=unopened.tables.clone()>
                <button type="button" data-testid="columns-leave" on:click=move |_| session.unopened.set(None)>"Leave it"</button>
            </Columns>
        </section>
    }
}

/// Tables, column by column, and the button that opens them so.
#[component]
pub fn Columns(
    /// Their beginnings.
    tables: Vec<TableView>,
    /// What else can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let session = Session::here();
    let busy = Signal::derive(move || session.hindrance().is_some());
    let said: Vec<RwSignal<Mapping>> = tables.iter().map(|table| RwSignal::new(table.mapping.clone())).collect();
    let forms = tables.into_iter().zip(&said).map(|(table, said)| view! { <Table table said=*said /> }).collect_view();
    let said = StoredValue::new(said);
    let usable = move || {
        let all = said.with_value(|said| said.iter().map(|said| said.get()).collect::<Vec<_>>());
        all.into_iter().filter(|mapping| mapping.trouble().is_none()).collect::<Vec<_>>()
    };
    view! {
        {forms}
        <div class="actions">
            <button type="button" data-testid="columns-apply" disabled=move || busy.get() || usable().is_empty()
                on:click=move |_| session.open_by_columns(untrack(usable))>"Open with these columns"</button>
            {children.map(|children| children())}
        </div>
    }
}

#[component]
fn Table(table: TableView, said: RwSignal<Mapping>) -> impl IntoView {
    let session = Session::here();
    let busy = Signal::derive(move || session.hindrance().is_some());
    let TableView { path, more, rows, mapping, explained } = table;
    let name = match more {
        0 => path,
        more => format!("{path} and {}", figures::counted(more, "more like it", "more like it")),
    };
    let header = StoredValue::new(mapping.header);
    let rows = StoredValue::new(rows);
    let columns =
        (0..header.with_value(Vec::len)).map(|index| view! { <Column index said header rows /> }).collect_view();
    let forget = explained.then(|| {
        let forget = move |_| session.forget_columns(&header.get_value());
        view! {
            <button type="button" data-testid="columns-forget" disabled=busy on:click=forget>"Forget what was said of this table"</button>
        }
    });
    view! {
        <div class="scroll">
            <table class="columns">
                <caption><code>{name}</code></caption>
                <thead><tr><th scope="col">"Column"</th><th scope="col">"First rows"</th><th scope="col">"It is"</th></tr></thead>
                <tbody>{columns}</tbody>
            </table>
        </div>
        <label class="check">
            <input type="checkbox" data-testid="columns-headless" prop:checked=move || said.with(|said| said.headless)
                on:change=move |event| said.update(|said| said.headless = event_target_checked(&event)) />
            <span>"There are no names: the first row is a face already"</span>
        </label>
        <p class="complaint" role="status">{move || said.with(Mapping::trouble)}</p>
        <div class="actions">{forget}</div>
    }
}

#[component]
fn Column(
    index: usize,
    said: RwSignal<Mapping>,
    header: StoredValue<Vec<String>>,
    rows: StoredValue<Vec<Vec<String>>>,
) -> impl IntoView {
    let headless = Memo::new(move |_| said.with(|said| said.headless));
    let first = header.with_value(|header| header[index].clone());
    let name = {
        let first = first.clone();
        Memo::new(
            move |_| if headless.get() || first.is_empty() { format!("Column {}", index + 1) } else { first.clone() },
        )
    };
    let cells = Memo::new(move |_| {
        let own = headless.get().then(|| first.clone());
        let below = rows.with_value(|rows| rows.iter().filter_map(|row| row.get(index).cloned()).collect::<Vec<_>>());
        own.into_iter().chain(below).take(CELLS).collect::<Vec<_>>()
    });
    let meaning = Memo::new(move |_| said.with(|said| said.columns.get(index).copied().unwrap_or_default()));
    let say = move |meaning| said.update(|said| said.columns[index] = meaning);
    let option = move |(kind, words): (Meaning, &'static str)| {
        let selected = move || kind_of(meaning.get()) == kind;
        view! { <option value=words prop:selected=selected>{words}</option> }
    };
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some((kind, _)) = KINDS.iter().find(|(_, words)| *words == value) {
            let scale = cells.with_untracked(|cells| Scale::of(cells.iter().map(String::as_str)));
            say(match kind {
                Meaning::Valence(_) => Meaning::Valence(scale),
                Meaning::Arousal(_) => Meaning::Arousal(scale),
                other => *other,
            });
        }
    };
    let preview = move || read_as(meaning.get(), &cells.get());
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="cells">{move || cells.get().into_iter().map(|cell| view! { <span>{cell}</span> }).collect_view()}</td>
            <td>
                <select aria-label=move || format!("{} is", name.get()) data-testid=format!("column-{index}") on:change=choose>
                    {KINDS.map(option).into_iter().collect_view()}
                </select>
                {move || scale_of(meaning.get()).is_some().then(|| view! { <ScaleChoice index meaning name say=Callback::new(say) /> })}
                <span class="quiet">{preview}</span>
            </td>
        </tr>
    }
}

#[component]
fn ScaleChoice(index: usize, meaning: Memo<Meaning>, name: Memo<String>, say: Callback<Meaning>) -> impl IntoView {
    let option = move |scale: Scale| {
        let selected = move || scale_of(meaning.get()) == Some(scale);
        view! { <option value=scale.to_string() prop:selected=selected>{scale.to_string()}</option> }
    };
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some(scale) = Scale::ALL.into_iter().find(|scale| scale.to_string() == value) {
            say.run(match meaning.get_untracked() {
                Meaning::Arousal(_) => Meaning::Arousal(scale),
                _ => Meaning::Valence(scale),
            });
        }
    };
    view! {
        <select aria-label=move || format!("The scale of {}", name.get()) data-testid=format!("scale-{index}") on:change=choose>
            {Scale::ALL.map(option).into_iter().collect_view()}
        </select>
    }
}

/// What a column can be, and the words for it.
const KINDS: [(Meaning, &str); 9] = [
    (Meaning::Nothing, "(not used)"),
    (Meaning::Image, "the image's file"),
    (Meaning::Pixels, "the image's pixels"),
    (Meaning::Expression, "the expression"),
    (Meaning::Valence(Scale { low: -1, high: 1 }), "valence"),
    (Meaning::Arousal(Scale { low: -1, high: 1 }), "arousal"),
    (Meaning::Class, "votes or probability of one class"),
    (Meaning::Split, "train, validation or test"),
    (Meaning::Person, "who is shown"),
];

/// A meaning whatever its scale, as it stands in [`KINDS`].
fn kind_of(meaning: Meaning) -> Meaning {
    match meaning {
        Meaning::Valence(_) => Meaning::Valence(Scale::default()),
        Meaning::Arousal(_) => Meaning::Arousal(Scale::default()),
        other => other,
    }
}

fn scale_of(meaning: Meaning) -> Option<Scale> {
    match meaning {
        Meaning::Valence(scale) | Meaning::Arousal(scale) => Some(scale),
        _ => None,
    }
}

/// What becomes of a cell that is a number: the first that is outside the scale, else the first of all, where it is not
/// taken as it stands.
fn read_as(meaning: Meaning, cells: &[String]) -> Option<String> {
    let scale = scale_of(meaning)?;
    let mut values = cells.iter().filter_map(|cell| Some((cell, scale.read(number(cell)?))));
    if let Some((outside, _)) = values.clone().find(|(_, read)| read.is_none()) {
        return Some(format!("{outside} lies outside this scale"));
    }
    let (cell, read) = values.next().filter(|_| scale != Scale::default())?;
    Some(format!("{cell} is read as {}", figures::decimal(read.map(f64::from))))
}
