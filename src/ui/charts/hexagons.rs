//! Places counted in hexagons, which are nearer to circles than squares are (Carr et al. 1987).

use std::collections::BTreeMap;

use super::path::{Path, Spot};
use super::pen::Pen;

/// A cell of the grid: column and row, odd rows being shifted by half a cell.
pub type Cell = (i32, i32);

/// Fewer places than this are shown one by one.
const FEW: usize = 150;

/// Many places as hexagons whose area is the count; few as dots. `side`: of a whole hexagon, CSS pixels.
pub fn draw_density(pen: &Pen, places: &[Spot], side: f64, role: &str) {
    if places.len() < FEW {
        let dots = places.iter().fold(Path::new(), |dots, place| dots.circle(*place, 2.5));
        return pen.fill(&dots, role, 1.0);
    }
    let mut cells: BTreeMap<Cell, u32> = BTreeMap::new();
    for place in places {
        *cells.entry(cell_of(*place, side)).or_default() += 1;
    }
    let most = f64::from(cells.values().copied().max().unwrap_or(1));
    for (cell, count) in cells {
        let share = f64::from(count) / most;
        let hexagon = Path::new().hexagon(centre_of(cell, side), side * share.sqrt().max(0.22) * 0.96);
        pen.fill(&hexagon, role, 0.35 + 0.65 * share);
    }
}

/// The hexagon with this side in which a place lies.
pub fn cell_of((x, y): Spot, side: f64) -> Cell {
    let guess = ((x / (side * 3f64.sqrt())).round() as i32, (y / (side * 1.5)).round() as i32);
    let around = (-1..=1).flat_map(|column| (-1..=1).map(move |row| (guess.0 + column, guess.1 + row)));
    let distance = |cell: &Cell| {
        let centre = centre_of(*cell, side);
        (centre.0 - x).powi(2) + (centre.1 - y).powi(2)
    };
    around.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(guess)
}

fn centre_of((column, row): Cell, side: f64) -> Spot {
    let shift = if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
    ((f64::from(column) + shift) * side * 3f64.sqrt(), f64::from(row) * side * 1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hexagons_centre_lies_in_it() {
        for row in -5..5 {
            for column in -5..5 {
                assert_eq!(cell_of(centre_of((column, row), 7.0), 7.0), (column, row));
            }
        }
    }

    #[test]
    fn a_place_belongs_to_the_nearest_hexagon() {
        assert_eq!(cell_of((0.9, -0.4), 3.0), (0, 0));
        assert_eq!(cell_of((3.0 * 3f64.sqrt() - 0.5, 0.2), 3.0), (1, 0));
        assert_eq!(cell_of((1.5 * 3f64.sqrt(), 4.4), 3.0), (0, 1));
    }
}
