//! Local median and spread on blocks, and division by them.

use crate::radiograph::Mask;
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

/// Samples taken from a block, along its side.
const SAMPLES: usize = 7;
/// Fewer samples than this say nothing about a neighbourhood.
const LEAST: usize = 24;
/// From the median absolute deviation to the standard deviation of a normal distribution.
const MAD_TO_SIGMA: f32 = 1.4826;

/// Median and robust standard deviation over each block and its eight neighbours.
pub(super) struct LocalSpread {
    block: usize,
    median: Array2<f32>,
    sigma: Array2<f32>,
    typical: f32,
}

impl LocalSpread {
    /// The spread of `values` under `mask` on blocks of `block` pixels a side. Blocks without enough pixels take the
    /// median over the picture.
    pub(super) fn of(values: ArrayView2<'_, f32>, mask: &Mask, block: usize) -> Self {
        let (rows, columns) = values.dim();
        let shape = (rows.div_ceil(block), columns.div_ceil(block));
        let step = block.div_ceil(SAMPLES);
        let mut samples: Vec<Vec<i32>> = vec![Vec::new(); shape.0 * shape.1];
        for (row, line) in values.outer_iter().enumerate() {
            if !(row % block).is_multiple_of(step) {
                continue;
            }
            let taken = &mut samples[row / block * shape.1..][..shape.1];
            for (taken, left) in taken.iter_mut().zip((0..columns).step_by(block)) {
                for column in (left..(left + block).min(columns)).step_by(step) {
                    if mask.get(row, column) {
                        taken.push(to_rank(line[column]));
                    }
                }
            }
        }
        let mut median = Array2::from_elem(shape, f32::NAN);
        let mut sigma = Array2::from_elem(shape, f32::NAN);
        let mut around = Vec::new();
        for row in 0..shape.0 {
            for column in 0..shape.1 {
                around.clear();
                for r in row.saturating_sub(1)..(row + 2).min(shape.0) {
                    for c in column.saturating_sub(1)..(column + 2).min(shape.1) {
                        around.extend_from_slice(&samples[r * shape.1 + c]);
                    }
                }
                if around.len() >= LEAST {
                    let middle = middle(&mut around);
                    around
                        .iter_mut()
                        .for_each(|rank| *rank = to_rank((of_rank(*rank) - middle).abs()));
                    median[(row, column)] = middle;
                    sigma[(row, column)] = MAD_TO_SIGMA * self::middle(&mut around);
                }
            }
        }
        let typical = fill(&mut sigma);
        fill(&mut median);
        Self {
            block,
            median,
            sigma,
            typical,
        }
    }

    /// Replaces each value by its distance from the local median in units of the local spread, which is interpolated
    /// between block centres and never below `floor` times the typical one; off `inside`, by zero.
    pub(super) fn normalise(&self, values: &mut Array2<f32>, inside: &Mask, floor: f32) {
        let least = (floor * self.typical).max(f32::MIN_POSITIVE);
        let (block_rows, block_columns) = self.median.dim();
        let block = self.block as f32;
        let mut median = vec![0.0_f32; block_columns];
        let mut sigma = vec![0.0_f32; block_columns];
        // Columns between the same two block centres, and how far each is on the way.
        let columns = values.ncols();
        let mut spans: Vec<(Range<usize>, usize, usize)> = Vec::with_capacity(block_columns + 1);
        let mut parts = Vec::with_capacity(columns);
        for column in 0..columns {
            let (left, right, part) = between(column, block, block_columns);
            parts.push(part);
            match spans.last_mut() {
                Some((span, last, _)) if *last == left => span.end = column + 1,
                _ => spans.push((column..column + 1, left, right)),
            }
        }
        let mut runs = Vec::new();
        for (row, mut line) in values.outer_iter_mut().enumerate() {
            let Some(line) = line.as_slice_mut() else { continue };
            runs.clear();
            runs.extend(inside.runs(row));
            let (first, end) = match (runs.first(), runs.last()) {
                (Some(first), Some(last)) => (first.0, last.1),
                _ => (0, 0),
            };
            let (above, below, part) = between(row, block, block_rows);
            for column in 0..block_columns {
                let mix = |of: &Array2<f32>| of[(above, column)] + part * (of[(below, column)] - of[(above, column)]);
                median[column] = mix(&self.median);
                sigma[column] = mix(&self.sigma).max(least);
            }
            for (columns, left, right) in &spans {
                let (from, to) = (columns.start.max(first), columns.end.min(end));
                if from >= to {
                    continue;
                }
                let (middle, rise) = (median[*left], median[*right] - median[*left]);
                let (spread, growth) = (sigma[*left], sigma[*right] - sigma[*left]);
                for (value, part) in line[from..to].iter_mut().zip(&parts[from..to]) {
                    *value = (*value - (middle + part * rise)) / (spread + part * growth);
                }
            }
            let mut done = 0;
            for &(start, end) in &runs {
                line[done..start].fill(0.0);
                done = end;
            }
            line[done..].fill(0.0);
        }
    }
}

/// The blocks whose centres lie on either side of `index`, and how far it is from the first to the second.
fn between(index: usize, block: f32, blocks: usize) -> (usize, usize, f32) {
    let at = ((index as f32 + 0.5) / block - 0.5).clamp(0.0, (blocks - 1) as f32);
    let first = at as usize;
    (first, (first + 1).min(blocks - 1), at - first as f32)
}

/// A whole number that is ordered as [`f32::total_cmp`] orders its value: sorting it takes no more than comparing.
fn to_rank(value: f32) -> i32 {
    let bits = value.to_bits() as i32;
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

/// The value of a rank.
fn of_rank(rank: i32) -> f32 {
    f32::from_bits((rank ^ (((rank >> 31) as u32) >> 1) as i32) as u32)
}

/// The value of the median of ranks, at least one, which are reordered.
fn middle(ranks: &mut [i32]) -> f32 {
    let half = ranks.len() / 2;
    of_rank(*ranks.select_nth_unstable(half).1)
}

/// Puts the median of the known values where none is known, and returns it (0 if none is known at all).
fn fill(values: &mut Array2<f32>) -> f32 {
    let mut known: Vec<f32> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let half = known.len() / 2;
    let typical = if known.is_empty() {
        0.0
    } else {
        *known.select_nth_unstable_by(half, f32::total_cmp).1
    };
    values.mapv_inplace(|value| if value.is_nan() { typical } else { value });
    typical
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_of_any_strength_comes_out_alike_and_a_speck_stands_out() {
        // Two halves with a tenfold difference in spread.
        let noise = |r: usize, c: usize| {
            (((r * 7919 + c * 104_729) % 1009) as f32 / 1009.0 - 0.5) * if c < 100 { 2.0 } else { 20.0 }
        };
        let mut values = Array2::from_shape_fn((200, 200), |(r, c)| noise(r, c));
        values[(100, 20)] += 20.0;
        values[(100, 180)] += 20.0;
        let mask = Mask::full((200, 200));
        LocalSpread::of(values.view(), &mask, 25).normalise(&mut values, &mask, 0.0);
        assert!(values[(100, 20)] > 20.0, "{}", values[(100, 20)]);
        assert!(values[(100, 180)] < 5.0, "{}", values[(100, 180)]);
        let typical = values.iter().map(|value| value.abs()).sum::<f32>() / 40_000.0;
        assert!((0.4..1.2).contains(&typical), "{typical}");
    }

    #[test]
    fn a_constant_picture_is_finite() {
        let mut values = Array2::zeros((50, 50));
        LocalSpread::of(values.view(), &Mask::empty((50, 50)), 24).normalise(&mut values, &Mask::full((50, 50)), 0.3);
        assert!(values.iter().all(|value| *value == 0.0));
    }
}
