//! Where faces stand in a grid that may have a hundred thousand rows.

use std::ops::Range;

/// The least width of a face, pixels.
const FACE: f64 = 100.0;
/// Between two faces, pixels.
pub(super) const GAP: f64 = 12.0;
/// What stands below a face: two lines.
const NOTES: f64 = 44.0;
/// Rows drawn above and below what is in sight, so that scrolling finds them there.
const SPARE: usize = 2;

/// A grid as wide as its place allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    columns: usize,
    /// From the top of one row to that of the next, pixels.
    row: f64,
}

impl Grid {
    /// The grid in a place of this width.
    pub(super) fn within(width: f64) -> Grid {
        let columns = ((width + GAP) / (FACE + GAP)).floor().max(1.0);
        let face = ((width + GAP) / columns - GAP).max(1.0);
        Grid { columns: columns as usize, row: (face + NOTES).round() + GAP }
    }

    /// The faces to draw: those in sight, and some rows around them.
    pub(super) fn in_sight(&self, scrolled: f64, height: f64, total: usize) -> Range<usize> {
        let first = (scrolled.max(0.0) / self.row) as usize;
        let last = ((scrolled.max(0.0) + height) / self.row).ceil() as usize;
        let end = (last + SPARE).saturating_mul(self.columns).min(total);
        (first.saturating_sub(SPARE) * self.columns).min(end)..end
    }

    /// Columns of one width, as a style sheet writes them.
    pub(super) fn columns(&self) -> String {
        format!("repeat({}, minmax(0, 1fr))", self.columns)
    }

    /// The height of a row, pixels.
    pub(super) fn row(&self) -> f64 {
        self.row - GAP
    }

    /// The room, in pixels, that the rows above and below what is drawn would take.
    pub(super) fn room(&self, drawn: &Range<usize>, total: usize) -> [f64; 2] {
        let rows = total.div_ceil(self.columns);
        let below = rows.saturating_sub(drawn.end.div_ceil(self.columns));
        [drawn.start / self.columns, below].map(|rows| rows as f64 * self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_sight_is_drawn_and_little_more() {
        let grid = Grid::within(996.0);
        assert_eq!(grid, Grid { columns: 9, row: 156.0 });
        assert_eq!(grid.in_sight(0.0, 600.0, 300_000), 0..6 * 9);
        assert_eq!(grid.in_sight(15_600.0, 600.0, 300_000), 98 * 9..106 * 9);
        assert_eq!(grid.in_sight(0.0, 600.0, 4), 0..4);
        assert_eq!(grid.in_sight(9e9, 600.0, 300_000), 300_000..300_000, "scrolled beyond the end");
        assert_eq!(grid.in_sight(0.0, 600.0, 0), 0..0);
    }

    #[test]
    fn the_list_is_as_high_whatever_is_drawn() {
        let grid = Grid::within(390.0);
        let height = |drawn: Range<usize>| {
            let [above, below] = grid.room(&drawn, 1000);
            above + below + (drawn.end.div_ceil(3) - drawn.start / 3) as f64 * grid.row
        };
        for drawn in [0..9, 300..333, 990..1000] {
            assert_eq!(height(drawn), 334.0 * grid.row);
        }
    }

    #[test]
    fn a_place_of_no_width_has_one_column() {
        assert_eq!(Grid::within(0.0).columns, 1);
    }
}
