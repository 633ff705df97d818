//! Where faces stand in a grid that may have a hundred thousand rows.

use std::ops::Range;

/// The least width of a face, and between two, pixels.
const FACE: f64 = 100.0;
const GAP: f64 = 12.0;
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

    /// How the list is laid out, with room for the rows that are not drawn.
    pub(super) fn style(&self, drawn: &Range<usize>, total: usize) -> String {
        let Grid { columns, row } = self;
        let above = (drawn.start / columns) as f64 * row;
        let rows_below = total.div_ceil(*columns) - drawn.end.div_ceil(*columns).min(total.div_ceil(*columns));
        let below = rows_below as f64 * row;
        format!(
            "grid-template-columns: repeat({columns}, minmax(0, 1fr)); grid-auto-rows: {}px; gap: {GAP}px; \
             padding: {above}px 0 {below}px",
            row - GAP
        )
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
        let padding = |drawn: Range<usize>| {
            let style = grid.style(&drawn, 1000);
            let numbers = style.rsplit_once("padding: ").unwrap().1.replace("px", "");
            let numbers: Vec<f64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
            let rows = (drawn.end.div_ceil(3) - drawn.start / 3) as f64;
            numbers[0] + numbers[2] + rows * grid.row
        };
        for drawn in [0..9, 300..333, 990..1000] {
            assert_eq!(padding(drawn), 334.0 * grid.row);
        }
    }

    #[test]
    fn a_place_of_no_width_has_one_column() {
        assert_eq!(Grid::within(0.0).columns, 1);
    }
}
