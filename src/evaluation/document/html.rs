//! The document's frame, its tables and their cells.

use super::Interval;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1b1b; --quiet: #555; --line: #ddd; --paper: #fff; --warning: #c04a00;
  --c0: #4d4d4d; --c1: #b87800; --c2: #0072b2; --c3: #8a7a00; --c4: #a8527f; --c5: #00785a; --c6: #c04a00; --c7: #2b7fb3; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --quiet: #aaa; --line: #444; --paper: #1a1b1e; --warning: #f08a4b;
  --c0: #b5b5b5; --c1: #e6a532; --c2: #56b4e9; --c3: #d6c84a; --c4: #d98bb5; --c5: #2fbf97; --c6: #f08a4b; --c7: #8cc4ea; } }
body { font: 15px/1.5 Georgia, serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; break-after: avoid; }
.scroll { overflow-x: auto; margin: 1rem 0; break-inside: avoid; }
table { border-collapse: collapse; font: 13px/1.4 system-ui, sans-serif; break-inside: avoid; }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } td small { color: var(--quiet); display: block; white-space: nowrap; } td.best { font-weight: bold; } td.best small { font-weight: normal; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } figure { margin: 1rem 0; break-inside: avoid; }
figcaption, .key { font: 13px/1.4 system-ui, sans-serif; color: var(--quiet); max-width: 20rem; } svg { max-width: 100%; height: auto; }
.warning { border-left: 3px solid var(--warning); padding-left: .8rem; }
@media print { body { margin: 0; max-width: none; } .scroll { overflow: visible; } }
";

/// A whole page.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escaped(title)
    )
}

/// Text in which nothing is markup.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// One cell, with its tag.
pub struct Cell(String);

impl Cell {
    /// The name of a row.
    pub fn head(name: &str) -> Cell {
        Cell(format!("<th scope=\"row\">{}</th>", escaped(name)))
    }

    /// Words.
    pub fn text(words: &str) -> Cell {
        Cell(format!("<td>{}</td>", escaped(words)))
    }

    /// A number, as it is written.
    pub fn number(digits: &str) -> Cell {
        Cell(format!("<td class=\"n\">{}</td>", escaped(digits)))
    }

    /// A figure with four decimals.
    pub fn figure(value: Option<f64>) -> Cell {
        Cell::number(&decimals(value))
    }

    /// A figure, its interval under it.
    pub fn figure_within(value: Option<f64>, interval: Option<Interval>) -> Cell {
        Cell(format!("<td class=\"n\">{}<small>{}</small></td>", decimals(value), in_words(interval)))
    }

    /// One model's figure among others: the best of them marked, and which way it stands to the leader.
    pub fn contested(value: Option<f64>, interval: Option<Interval>, best: bool, sign: &str) -> Cell {
        let class = if best { "n best" } else { "n" };
        Cell(format!("<td class=\"{class}\">{}{sign}<small>{}</small></td>", decimals(value), in_words(interval)))
    }

    /// An interval.
    pub fn interval(interval: Option<Interval>) -> Cell {
        Cell::number(&in_words(interval))
    }

    /// A count, the darker the larger its share of the row.
    pub fn shaded(count: u64, of: u64, right: bool) -> Cell {
        let share = count as f64 / of.max(1) as f64;
        let colour = if right { "31, 92, 153" } else { "192, 74, 0" };
        let ink = if share > 0.55 { "; color: #fff" } else { "" };
        Cell(format!("<td class=\"n\" style=\"background: rgba({colour}, {share:.2}){ink}\">{count}</td>"))
    }
}

/// A table; without heads there is no first row.
pub fn table(caption: &str, heads: &[&str], rows: Vec<Vec<Cell>>) -> String {
    // What is wider than the window scrolls by itself, by the keyboard too.
    let mut table = String::from("<div class=\"scroll\" tabindex=\"0\">\n<table>\n");
    if !caption.is_empty() {
        table += &format!("<caption>{}</caption>\n", escaped(caption));
    }
    if !heads.is_empty() {
        let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
        table += &format!("<thead><tr>{heads}</tr></thead>\n");
    }
    table += "<tbody>\n";
    for row in rows {
        let cells: String = row.into_iter().map(|Cell(cell)| cell).collect();
        table += &format!("<tr>{cells}</tr>\n");
    }
    table + "</tbody>\n</table>\n</div>\n"
}

fn decimals(value: Option<f64>) -> String {
    value.map_or("n/a".into(), |value| format!("{value:.4}"))
}

fn in_words(interval: Option<Interval>) -> String {
    interval.map(|interval| interval.to_string()).unwrap_or_default()
}
