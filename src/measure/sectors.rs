//! Directions from a middle, in equal sectors.

use std::ops::Range;

/// Equal sectors of the full turn, found without a trigonometric function for each pixel.
pub(super) struct Sectors {
    /// Where each sector begins, as a [`diamond`] angle.
    starts: Vec<f64>,
    /// Across over down where each sector begins.
    cotangents: Vec<f64>,
}

/// A row of pixels as the middle sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// How far below the middle it lies.
    pub down: f64,
    /// The middle's place along the row, in columns.
    pub middle: f64,
    /// From one column to the next, in the unit of `down`.
    pub step: f64,
}

impl Row {
    fn across(self, column: usize) -> f64 {
        (column as f64 - self.middle) * self.step
    }
}

/// A stand-in for the angle that grows with it: 0 to 4 over the full turn from straight across, downwards first.
fn diamond(down: f64, across: f64) -> f64 {
    let length = down.abs() + across.abs();
    if length == 0.0 {
        0.0
    } else if down >= 0.0 {
        1.0 - across / length
    } else {
        3.0 + across / length
    }
}

impl Sectors {
    /// An even number of sectors.
    pub(super) fn new(count: usize) -> Self {
        let start = |i: usize| {
            let angle = std::f64::consts::TAU * i as f64 / count as f64;
            diamond(angle.sin(), angle.cos())
        };
        Self {
            // The first begins at exactly 0, whatever the rounding of the sine.
            starts: std::iter::once(0.0).chain((1..count).map(start)).collect(),
            cotangents: (0..count)
                .map(|i| 1.0 / (std::f64::consts::TAU * i as f64 / count as f64).tan())
                .collect(),
        }
    }

    /// The sectors that `columns` of a row cross, each with its columns, from the left to the right.
    pub(super) fn for_each_in_row(&self, row: Row, columns: Range<usize>, mut visit: impl FnMut(usize, Range<usize>)) {
        if row.down == 0.0 {
            columns.for_each(|column| visit(self.of(0.0, row.across(column)), column..column + 1));
            return;
        }
        // Going right the angle falls below the middle and rises above it.
        let is_below = row.down > 0.0;
        let half = self.count() / 2;
        let mut from = columns.start;
        for k in 1..half {
            let border = if is_below { half - k } else { half + k };
            let place = row.middle + row.down * self.cotangents[border] / row.step;
            // The first column beyond the border. A column on the border goes where its own angle says.
            let nearest = (place.max(from as f64).min(columns.end as f64) + 0.5) as usize;
            let gap = nearest as f64 - place;
            let to = if gap.abs() < 1e-6 {
                let reaches = self.of(row.down, row.across(nearest)) >= border;
                nearest + usize::from(reaches == is_below)
            } else {
                nearest + usize::from(gap < 0.0)
            };
            let to = to.clamp(from, columns.end);
            if from < to {
                visit(if is_below { border } else { border - 1 }, from..to);
                from = to;
            }
        }
        if from < columns.end {
            visit(if is_below { 0 } else { self.count() - 1 }, from..columns.end);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The sector of a direction.
    fn of(&self, down: f64, across: f64) -> usize {
        let place = diamond(down, across);
        // A diamond angle is nearly a quarter of the turn per unit: the guess is off by one sector or so.
        let mut sector = ((place * self.count() as f64 / 4.0) as usize).min(self.count() - 1);
        while sector > 0 && self.starts[sector] > place {
            sector -= 1;
        }
        while sector + 1 < self.count() && self.starts[sector + 1] <= place {
            sector += 1;
        }
        sector
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Sectors};

    #[test]
    fn sectors_are_equal_shares_of_the_turn() {
        let sectors = Sectors::new(24);
        for i in 0..2400_u32 {
            let angle = (f64::from(i) + 0.5) / 2400.0 * std::f64::consts::TAU;
            assert_eq!(sectors.of(3.0 * angle.sin(), 3.0 * angle.cos()), i as usize / 100);
        }
        assert_eq!(sectors.of(0.0, 0.0), 0);
    }

    #[test]
    fn a_row_is_parted_as_its_pixels_are() {
        for (count, down, middle, step) in [
            (24, 3.0, 20.5, 1.0),
            (24, -7.0, 20.0, 1.0),
            (12, 7.0, 20.0, 1.0),
            (24, -0.3, 11.3, 0.7),
            (12, 0.0, 20.0, 2.0),
            (24, 5.5, -3.0, 0.5),
            (24, 1e-9, 20.0, 1.0),
            (24, -400.0, 60.0, 1.0),
        ] {
            let sectors = Sectors::new(count);
            let row = Row { down, middle, step };
            let mut parted = Vec::new();
            sectors.for_each_in_row(row, 2..45, |sector, columns| {
                parted.extend(columns.map(|c| (c, sector)))
            });
            let single: Vec<_> = (2..45)
                .map(|column| (column, sectors.of(down, (column as f64 - middle) * step)))
                .collect();
            assert_eq!(parted, single, "{count} {down} {middle} {step}");
        }
    }
}
