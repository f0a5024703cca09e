//! Local median and spread on blocks, and division by them.

use crate::radiograph::Mask;
use ndarray::{Array2, ArrayView2};

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
        let samples: Vec<Vec<f32>> = (0..shape.0 * shape.1)
            .map(|index| {
                let (top, left) = (index / shape.1 * block, index % shape.1 * block);
                let mut taken = Vec::new();
                for row in (top..(top + block).min(rows)).step_by(step) {
                    for column in (left..(left + block).min(columns)).step_by(step) {
                        if mask.get(row, column) {
                            taken.push(values[(row, column)]);
                        }
                    }
                }
                taken
            })
            .collect();
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
                    around.iter_mut().for_each(|value| *value = (*value - middle).abs());
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
    /// between block centres and never below `floor` times the typical one.
    pub(super) fn normalise(&self, values: &mut Array2<f32>, floor: f32) {
        let least = (floor * self.typical).max(f32::MIN_POSITIVE);
        let (block_rows, block_columns) = self.median.dim();
        let block = self.block as f32;
        let mut median = vec![0.0_f32; block_columns];
        let mut sigma = vec![0.0_f32; block_columns];
        for (row, mut line) in values.outer_iter_mut().enumerate() {
            let (above, below, part) = between(row, block, block_rows);
            for column in 0..block_columns {
                let mix = |of: &Array2<f32>| of[(above, column)] + part * (of[(below, column)] - of[(above, column)]);
                median[column] = mix(&self.median);
                sigma[column] = mix(&self.sigma).max(least);
            }
            for (column, value) in line.iter_mut().enumerate() {
                let (left, right, part) = between(column, block, block_columns);
                let middle = median[left] + part * (median[right] - median[left]);
                let spread = sigma[left] + part * (sigma[right] - sigma[left]);
                *value = (*value - middle) / spread;
            }
        }
    }
}

/// The blocks whose centres lie on either side of `index`, and how far it is from the first to the second.
fn between(index: usize, block: f32, blocks: usize) -> (usize, usize, f32) {
    let at = ((index as f32 + 0.5) / block - 0.5).clamp(0.0, (blocks - 1) as f32);
    let first = at as usize;
    (first, (first + 1).min(blocks - 1), at - first as f32)
}

/// The median of a non-empty slice, which is reordered.
fn middle(values: &mut [f32]) -> f32 {
    let half = values.len() / 2;
    *values.select_nth_unstable_by(half, f32::total_cmp).1
}

/// Puts the median of the known values where none is known, and returns it (0 if none is known at all).
fn fill(values: &mut Array2<f32>) -> f32 {
    let mut known: Vec<f32> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let typical = if known.is_empty() { 0.0 } else { middle(&mut known) };
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
        LocalSpread::of(values.view(), &mask, 25).normalise(&mut values, 0.0);
        assert!(values[(100, 20)] > 20.0, "{}", values[(100, 20)]);
        assert!(values[(100, 180)] < 5.0, "{}", values[(100, 180)]);
        let typical = values.iter().map(|value| value.abs()).sum::<f32>() / 40_000.0;
        assert!((0.4..1.2).contains(&typical), "{typical}");
    }

    #[test]
    fn a_constant_picture_is_finite() {
        let mut values = Array2::zeros((50, 50));
        LocalSpread::of(values.view(), &Mask::empty((50, 50)), 24).normalise(&mut values, 0.3);
        assert!(values.iter().all(|value| *value == 0.0));
    }
}
