//! The confusion matrix: rows are what was so, columns what was said.

use leptos::prelude::*;

use super::pen::Pen;
use super::sheet::Sheet;

/// A matrix, and the cell that is picked out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Short names of the classes.
    pub short: Vec<String>,
    /// Whole names.
    pub names: Vec<String>,
    /// `counts[truth][prediction]`.
    pub counts: Vec<Vec<u64>>,
    /// The cell (truth, prediction) that is picked out.
    pub picked: Option<(usize, usize)>,
}

/// The space for the names, as shares of the side.
const NAMES: f64 = 0.1;

/// A picture to click on, and the same as a table of buttons.
#[component]
pub fn ConfusionChart(
    /// The matrix.
    matrix: Signal<Matrix>,
    /// Hears which cell was picked: (truth, prediction).
    on_cell: Callback<(usize, usize)>,
) -> impl IntoView {
    let label = Signal::derive(move || {
        matrix.with(|matrix| {
            let right: u64 = (0..matrix.counts.len()).map(|class| matrix.counts[class][class]).sum();
            let all: u64 = matrix.counts.iter().flatten().sum();
            format!("Confusion matrix: {right} of {all} on the diagonal. The table below has every cell.")
        })
    });
    let pick = Callback::new(move |(across, down): (f64, f64)| {
        let classes = matrix.with_untracked(|matrix| matrix.counts.len());
        let cell = |share: f64| ((share - NAMES) / (1.0 - NAMES) * classes as f64).floor();
        let (column, row) = (cell(across), cell(down));
        if row >= 0.0 && column >= 0.0 && row < classes as f64 && column < classes as f64 {
            on_cell.run((row as usize, column as usize));
        }
    });
    let button = move |matrix: &Matrix, truth: usize, said: usize| {
        let count = matrix.counts[truth][said];
        let words = format!("{count} were {} and said to be {}", matrix.names[truth], matrix.names[said]);
        let picked = matrix.picked == Some((truth, said));
        view! {
            <td>
                <button type="button" class="cell" aria-label=words aria-pressed=picked.to_string() on:click=move |_| on_cell.run((truth, said))>
                    {count}
                </button>
            </td>
        }
    };
    let rows = move || {
        matrix.with(|matrix| {
            let row = |truth: usize| {
                let cells = (0..matrix.counts.len()).map(|said| button(matrix, truth, said)).collect_view();
                view! { <tr><th scope="row">{matrix.names[truth].clone()}</th>{cells}</tr> }
            };
            (0..matrix.counts.len()).map(row).collect_view()
        })
    };
    let heads = move || {
        matrix
            .with(|matrix| matrix.short.iter().map(|name| view! { <th scope="col">{name.clone()}</th> }).collect_view())
    };
    view! {
        <figure class="confusion">
            <Sheet label data=matrix draw on_pick=pick />
            <figcaption>"Rows: what was so. Columns: what was said. Shade: share of the row. Click a cell to see its faces."</figcaption>
            <details>
                <summary>"Confusion matrix as a table"</summary>
                <div class="scroll">
                    <table>
                        <thead><tr><th scope="col">"was \\ said"</th>{heads}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}

fn draw(pen: &Pen, matrix: &Matrix) {
    let classes = matrix.counts.len();
    if classes == 0 {
        return;
    }
    let (left, top) = (pen.width * NAMES, pen.height * NAMES);
    let (across, down) = ((pen.width - left) / classes as f64, (pen.height - top) / classes as f64);
    let size = (across.min(down) * 0.32).clamp(8.0, 13.0);
    for (truth, row) in matrix.counts.iter().enumerate() {
        let total = row.iter().sum::<u64>().max(1) as f64;
        for (said, &count) in row.iter().enumerate() {
            let corner = (left + across * said as f64, top + down * truth as f64);
            draw_cell(pen, corner, (across, down), count as f64 / total, count, size, truth == said);
        }
    }
    pen.context.set_fill_style_str(&pen.role("--ink"));
    for (class, name) in matrix.short.iter().enumerate() {
        let middle = class as f64 + 0.5;
        pen.write(name, (left - 6.0, top + down * middle), size, "right", "middle");
        pen.write(name, (left + across * middle, top - 6.0), size, "center", "bottom");
    }
    if let Some((truth, said)) = matrix.picked {
        pen.context.set_stroke_style_str(&pen.role("--ink"));
        pen.context.set_line_width(2.0);
        pen.context.stroke_rect(
            left + across * said as f64 + 1.0,
            top + down * truth as f64 + 1.0,
            across - 2.0,
            down - 2.0,
        );
    }
}

fn draw_cell(
    pen: &Pen,
    (x, y): (f64, f64),
    (across, down): (f64, f64),
    share: f64,
    count: u64,
    size: f64,
    right: bool,
) {
    let context = &pen.context;
    context.set_global_alpha(share);
    context.set_fill_style_str(&pen.role(if right { "--accent" } else { "--wrong" }));
    context.fill_rect(x + 0.5, y + 0.5, across - 1.0, down - 1.0);
    context.set_global_alpha(1.0);
    context.set_line_width(1.0);
    context.set_stroke_style_str(&pen.role("--hairline"));
    context.stroke_rect(x + 0.5, y + 0.5, across - 1.0, down - 1.0);
    if count > 0 {
        context.set_fill_style_str(&pen.role(if share > 0.55 { "--paper" } else { "--ink" }));
        pen.write(&count.to_string(), (x + across / 2.0, y + down / 2.0), size, "center", "middle");
    }
}
