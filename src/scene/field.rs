//! The exposed field: what lies inside the collimator.
//!
//! A collimator edge is a long straight step up to the opaque side, with nothing darker beyond it. Scatter reaches
//! behind the leaf, so a global threshold fails; the step along a whole line does not. Tilted edges are found by
//! trying each tilt.

use super::{Grid, SceneSettings, complement, percentiles};
use crate::radiograph::Mask;
use ndarray::{Array2, ArrayView2, Axis};

/// Half the width of the step filter, in coarse pixels.
const REACH: usize = 3;

/// Most spread of what lies behind a leaf, 5th to 95th percentile, as a share of the picture's: two exposures side by side
/// on one picture meet at a straight step too, but the second shows a body.
const LEAF_SPREAD: f32 = 0.5;

/// Least share of a picture that is taken for an exposure of its own. A narrow leaf may be full of letters.
const LEAST_EXPOSURE: f64 = 0.2;

/// Pixels inside the collimator and off padding.
pub(super) fn exposed(coarse: &Array2<f32>, valid: Option<&Mask>, grid: &Grid, settings: &SceneSettings) -> Mask {
    let mut field = Mask::full(grid.shape);
    if let Some(valid) = valid {
        field.subtract(&blocks_touching(&complement(valid), grid));
    }
    let (low, high) = percentiles(coarse, &field, 0.01, 0.995);
    let step = (high - low) * settings.collimator_step as f32;
    if step <= 0.0 {
        return field;
    }
    for side in Side::ALL {
        // Rows in one piece, whichever side is looked at.
        let turned = side.turn(coarse.view());
        let turned = turned.as_standard_layout();
        let turned = turned.view();
        // Where both sides are at the opaque end, another leaf lies there: such rows say nothing about this edge.
        let shut = high - 0.08 * (high - low);
        if let Some(edge) = strongest_edge(turned, step, shut, settings)
            && nothing_darker_beyond(turned, &edge, step, shut)
            && is_even_beyond(turned, &edge, LEAF_SPREAD * (high - low))
        {
            let (rows, columns) = turned.dim();
            for row in 0..rows {
                let cut = (edge.at(row) + 2.0).clamp(0.0, columns as f64) as usize;
                for column in 0..cut {
                    let (r, c) = side.back(row, column, grid.shape);
                    field.set(r, c, false);
                }
            }
        }
    }
    field
}

/// Blocks that hold a native pixel of `mask`.
fn blocks_touching(mask: &Mask, grid: &Grid) -> Mask {
    let mut blocks = Mask::empty(grid.shape);
    for row in 0..grid.full.0 {
        for (index, &word) in mask.row(row).iter().enumerate() {
            let mut bits = word;
            while bits != 0 {
                let column = index * 64 + bits.trailing_zeros() as usize;
                let (r, c) = grid.coarse_of(row, column);
                blocks.set(r, c, true);
                let next = ((c + 1) * grid.factor).saturating_sub(index * 64);
                bits = if next >= 64 { 0 } else { bits & (u64::MAX << next) };
            }
        }
    }
    blocks
}

/// The side of the picture an edge is looked for on; each is turned so that it comes to lie left.
#[derive(Clone, Copy, Debug)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

impl Side {
    const ALL: [Side; 4] = [Side::Left, Side::Right, Side::Top, Side::Bottom];

    fn turn(self, mut values: ArrayView2<'_, f32>) -> ArrayView2<'_, f32> {
        match self {
            Side::Left => values,
            Side::Right => {
                values.invert_axis(Axis(1));
                values
            }
            Side::Top => values.reversed_axes(),
            Side::Bottom => {
                values.invert_axis(Axis(0));
                values.reversed_axes()
            }
        }
    }

    fn back(self, row: usize, column: usize, (rows, columns): (usize, usize)) -> (usize, usize) {
        match self {
            Side::Left => (row, column),
            Side::Right => (row, columns - 1 - column),
            Side::Top => (column, row),
            Side::Bottom => (rows - 1 - column, row),
        }
    }
}

/// A nearly upright line: column `start + slope * (row - middle)`.
#[derive(Clone, Copy, Debug)]
struct Edge {
    start: f64,
    slope: f64,
    middle: f64,
}

impl Edge {
    fn at(&self, row: usize) -> f64 {
        self.start + self.slope * (row as f64 - self.middle)
    }
}

/// The line in the left half with the highest mean step, if the step is there along enough of it.
fn strongest_edge(values: ArrayView2<'_, f32>, step: f32, shut: f32, settings: &SceneSettings) -> Option<Edge> {
    let (rows, columns) = values.dim();
    if rows < 16 || columns < 4 * REACH {
        return None;
    }
    // Two of three rows say as much about a straight line as all of them.
    let sampled: Vec<usize> = (0..rows).step_by(2).collect();
    let mut rises: Array2<f32> = Array2::zeros((sampled.len(), columns));
    for (mut rises, &row) in rises.outer_iter_mut().zip(&sampled) {
        let row = values.row(row);
        let (Some(rises), Some(row)) = (rises.as_slice_mut(), row.as_slice()) else {
            continue;
        };
        for (rise, around) in rises[REACH..].iter_mut().zip(row.windows(2 * REACH + 1)) {
            let outside: f32 = (1..=REACH).map(|reach| around[REACH - reach]).sum();
            let inside: f32 = (1..=REACH).map(|reach| around[REACH + reach]).sum();
            *rise = if inside > shut * REACH as f32 {
                f32::NAN
            } else {
                (outside - inside) / REACH as f32
            };
        }
    }
    let middle = rows as f64 / 2.0;
    let tilts = 17;
    let mut best: Option<(f64, Edge)> = None;
    for tilt in 0..tilts {
        let degrees = settings.collimator_tilt_deg * (2.0 * tilt as f64 / (tilts - 1) as f64 - 1.0);
        let slope = degrees.to_radians().tan();
        for start in REACH..columns / 2 {
            let edge = Edge {
                start: start as f64,
                slope,
                middle,
            };
            let (mut sum, mut stepped, mut seen) = (0.0_f64, 0_usize, 0_usize);
            for (index, &row) in sampled.iter().enumerate() {
                let column = edge.at(row).round();
                if column < REACH as f64 || column >= (columns - REACH) as f64 {
                    continue;
                }
                let rise = rises[(index, column as usize)];
                if rise.is_nan() {
                    continue;
                }
                seen += 1;
                stepped += usize::from(rise > step);
                sum += f64::from(rise);
                // Hopeless lines are most of them: stop early.
                if seen == 24 && stepped < 12 {
                    break;
                }
            }
            if seen * 2 < sampled.len() || (stepped as f64) < settings.collimator_support * seen as f64 {
                continue;
            }
            let strength = sum / seen as f64 * stepped as f64 / seen as f64;
            if best.is_none_or(|(other, _)| strength > other) {
                best = Some((strength, edge));
            }
        }
    }
    best.map(|(_, edge)| edge)
}

/// Whether what lies beyond the edge is, row by row, brighter than what lies just inside it.
fn nothing_darker_beyond(values: ArrayView2<'_, f32>, edge: &Edge, step: f32, shut: f32) -> bool {
    let (rows, columns) = values.dim();
    let (mut beyond, mut brighter) = (0_usize, 0_usize);
    for row in 0..rows {
        let at = edge.at(row).round();
        if at < 0.0 || at as usize + 8 >= columns {
            continue;
        }
        let at = at as usize;
        let line = values.row(row);
        let inside = (3..8).map(|reach| line[at + reach]).sum::<f32>() / 5.0;
        if inside > shut {
            continue;
        }
        for column in 0..at.saturating_sub(1) {
            beyond += 1;
            brighter += usize::from(line[column] > inside + 0.8 * step);
        }
    }
    beyond > 0 && brighter as f64 >= 0.93 * beyond as f64
}

/// Whether the values beyond the edge spread by no more than `most`.
fn is_even_beyond(values: ArrayView2<'_, f32>, edge: &Edge, most: f32) -> bool {
    let (rows, columns) = values.dim();
    let mut beyond: Vec<f32> = (0..rows)
        .flat_map(|row| {
            let end = (edge.at(row).round() - 1.0).clamp(0.0, columns as f64) as usize;
            (0..end).map(move |column| values[(row, column)])
        })
        .collect();
    if beyond.len() as f64 <= LEAST_EXPOSURE * (rows * columns) as f64 {
        return true;
    }
    let last = beyond.len() - 1;
    let mut rank = |share: f64| {
        *beyond
            .select_nth_unstable_by((share * last as f64) as usize, f32::total_cmp)
            .1
    };
    rank(0.95) - rank(0.05) <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(shape: (usize, usize)) -> Grid {
        Grid {
            factor: 1,
            shape,
            full: shape,
            native_mm: 1.0,
            known: false,
        }
    }

    #[test]
    fn a_tilted_leaf_is_cut_off_and_a_bright_body_is_not() {
        let shape = (200, 160);
        let leaf = |row: usize| 30.0 + 0.1 * (row as f64 - 100.0);
        let picture = Array2::from_shape_fn(shape, |(r, c)| {
            if (c as f64) < leaf(r) {
                1000.0
            } else {
                // A limb: bright, but round, and its left side has air beyond it.
                let across = (c as f64 - 100.0) / 35.0;
                if across.abs() < 1.0 {
                    200.0 + 500.0 * (1.0 - across * across).sqrt() as f32
                } else {
                    20.0
                }
            }
        });
        let field = exposed(&picture, None, &grid(shape), &SceneSettings::default());
        for row in [5, 100, 195] {
            let edge = leaf(row) as usize;
            assert!(!field.get(row, edge - 3), "row {row}");
            assert!(field.get(row, edge + 5), "row {row}");
        }
        assert!(field.get(100, 100) && field.get(100, 159));
    }

    #[test]
    fn a_second_exposure_beside_the_first_is_no_leaf() {
        let limb = |across: f64, air: f32| air + (700.0 - air) * (1.0 - across * across).max(0.0).sqrt() as f32;
        // Air on the right of the first meets the brighter air of the second.
        let shape = (200, 240);
        let picture = Array2::from_shape_fn(shape, |(_, c)| match c {
            0..130 => limb((c as f64 - 60.0) / 35.0, 20.0),
            _ => limb((c as f64 - 190.0) / 35.0, 320.0),
        });
        let field = exposed(&picture, None, &grid(shape), &SceneSettings::default());
        assert_eq!(field.count(), 200 * 240);
    }

    #[test]
    fn padding_is_off_field() {
        let shape = (40, 40);
        let mut valid = Mask::full(shape);
        valid.set(7, 9, false);
        let field = exposed(
            &Array2::zeros(shape),
            Some(&valid),
            &grid(shape),
            &SceneSettings::default(),
        );
        assert_eq!(field.count(), 40 * 40 - 1);
    }
}
