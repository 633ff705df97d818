//! The confusion matrix: rows are what was so, columns what was said.

use leptos::prelude::*;

use super::path::{Path, Spot};
use super::pen::{Across, Line, Pen, Up, Words};
use super::sheet::{Picture, Sheet};
use crate::ui::figures;

/// What the cells tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// How many faces.
    #[default]
    Counts,
    /// Which share of what was so: the diagonal is recall.
    Rows,
    /// Which share of what was said: the diagonal is precision.
    Columns,
}

impl Shown {
    /// All of them, and the words for each.
    pub const ALL: [(Shown, &str); 3] =
        [(Shown::Counts, "faces"), (Shown::Rows, "shares of rows"), (Shown::Columns, "shares of columns")];
}

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
    /// What the cells tell.
    pub shown: Shown,
}

impl Matrix {
    /// A cell's share of its row, or of its column where those are shown; `None` where that is empty.
    fn share(&self, truth: usize, said: usize) -> Option<f64> {
        let all: u64 = match self.shown {
            Shown::Columns => self.counts.iter().map(|row| row[said]).sum(),
            Shown::Counts | Shown::Rows => self.counts[truth].iter().sum(),
        };
        (all > 0).then(|| self.counts[truth][said] as f64 / all as f64)
    }

    /// What stands in a cell.
    fn text(&self, truth: usize, said: usize) -> String {
        match self.shown {
            Shown::Counts => figures::count(self.counts[truth][said] as usize),
            Shown::Rows | Shown::Columns => figures::percent(self.share(truth, said)),
        }
    }
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
                    {matrix.text(truth, said)}
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
    let shade = move || {
        let of = if matrix.with(|matrix| matrix.shown == Shown::Columns) { "column" } else { "row" };
        format!("Rows: what was so. Columns: what was said. Shade: share of the {of}. Click a cell to see its faces.")
    };
    view! {
        <figure class="confusion">
            <Sheet label picture=Picture::of(matrix, draw, |_| Vec::new()) on_pick=pick title="Confusion matrix: was (rows), said (columns)" />
            <figcaption>{shade}</figcaption>
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
    let cell = ((pen.width - left) / classes as f64, (pen.height - top) / classes as f64);
    let size = (cell.0.min(cell.1) * 0.32).clamp(8.0, 13.0);
    let corner = |truth: usize, said: usize| (left + cell.0 * said as f64, top + cell.1 * truth as f64);
    for truth in 0..classes {
        for said in 0..classes {
            draw_cell(pen, corner(truth, said), cell, matrix, (truth, said), size);
        }
    }
    for (class, name) in matrix.short.iter().enumerate() {
        let middle = class as f64 + 0.5;
        let beside = (left - 6.0, top + cell.1 * middle);
        pen.write(name, beside, "--ink", Words::of(size, Across::Left, Up::Middle));
        let above = (left + cell.0 * middle, top - 6.0);
        pen.write(name, above, "--ink", Words::of(size, Across::Middle, Up::Above));
    }
    if let Some((truth, said)) = matrix.picked {
        let (x, y) = corner(truth, said);
        let frame = Path::new().rectangle((x + 1.0, y + 1.0), (cell.0 - 2.0, cell.1 - 2.0));
        pen.stroke(&frame, "--ink", Line::of(2.0));
    }
}

fn draw_cell(
    pen: &Pen,
    (x, y): Spot,
    (across, down): (f64, f64),
    matrix: &Matrix,
    (truth, said): (usize, usize),
    size: f64,
) {
    let share = matrix.share(truth, said).unwrap_or(0.0);
    let square = Path::new().rectangle((x + 0.5, y + 0.5), (across - 1.0, down - 1.0));
    pen.fill(&square, if truth == said { "--accent" } else { "--wrong" }, share);
    pen.stroke(&square, "--hairline", Line::of(1.0));
    if matrix.counts[truth][said] > 0 {
        let middle = (x + across / 2.0, y + down / 2.0);
        let role = if share > 0.55 { "--paper" } else { "--ink" };
        pen.write(&matrix.text(truth, said), middle, role, Words::of(size, Across::Middle, Up::Middle));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_row_or_of_the_column() {
        let counts = vec![vec![6, 2], vec![0, 2]];
        let matrix = |shown| Matrix { counts: counts.clone(), shown, ..Matrix::default() };
        assert_eq!(matrix(Shown::Counts).text(0, 1), "2");
        assert_eq!(matrix(Shown::Rows).text(0, 1), "25.0 %");
        assert_eq!(matrix(Shown::Columns).text(0, 1), "50.0 %");
        assert_eq!(matrix(Shown::Columns).text(0, 0), "100.0 %");
    }

    #[test]
    fn of_a_class_that_does_not_occur_there_are_no_shares() {
        let matrix = Matrix { counts: vec![vec![0, 0], vec![1, 0]], shown: Shown::Rows, ..Matrix::default() };
        assert_eq!(matrix.share(0, 0), None);
        assert_eq!(matrix.text(0, 0), "n/a");
    }
}
