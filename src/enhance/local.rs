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
    rows: Blocks,
    columns: Blocks,
    median: Array2<f32>,
    sigma: Array2<f32>,
    typical: f32,
}

impl LocalSpread {
    /// The spread of `values` under `mask` on blocks of `block` pixels a side. Blocks without enough pixels take the
    /// median over the picture.
    pub(super) fn of(values: ArrayView2<'_, f32>, mask: &Mask, block: usize) -> Self {
        let (rows, columns) = values.dim();
        let (rows, columns) = (Blocks::along(rows, block), Blocks::along(columns, block));
        let shape = (rows.count, columns.count);
        let mut samples: Vec<Vec<i32>> = vec![Vec::new(); shape.0 * shape.1];
        let sampled: Vec<(usize, usize)> = columns.sampled().collect();
        for (row_of_blocks, row) in rows.sampled() {
            let line = values.row(row);
            let taken = &mut samples[row_of_blocks * shape.1..][..shape.1];
            for &(block, column) in &sampled {
                if mask.get(row, column) {
                    taken[block].push(to_rank(line[column]));
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
            rows,
            columns,
            median,
            sigma,
            typical,
        }
    }

    /// Replaces each value by its distance from the local median in units of the local spread, which is interpolated
    /// between block centres and never below `floor` times the typical one; off `inside`, by zero.
    pub(super) fn normalise(&self, values: &mut Array2<f32>, inside: &Mask, floor: f32) {
        let least = (floor * self.typical).max(f32::MIN_POSITIVE);
        let block_columns = self.columns.count;
        let mut median = vec![0.0_f32; block_columns];
        let mut sigma = vec![0.0_f32; block_columns];
        // Columns between the same two block centres, and how far each is on the way.
        let columns = values.ncols();
        let mut spans: Vec<(Range<usize>, usize, usize)> = Vec::with_capacity(block_columns + 1);
        let mut parts = Vec::with_capacity(columns);
        for column in 0..columns {
            let (left, right, part) = self.columns.between(column);
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
            let (above, below, part) = self.rows.between(row);
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

/// Blocks along one side of a picture, in its middle: what is over is shared by the first and the last.
#[derive(Clone, Copy)]
struct Blocks {
    /// Pixels of a block.
    side: usize,
    count: usize,
    /// Pixels that the first block lacks.
    lacking: usize,
    /// Pixels along the picture.
    pixels: usize,
}

impl Blocks {
    /// Blocks of about `side` pixels, so many that what the first and the last lack is the same.
    fn along(pixels: usize, side: usize) -> Self {
        let side = side + (pixels % 2) * (1 - side % 2);
        let count = pixels.div_ceil(side);
        let count = count + (count * side - pixels) % 2;
        Self {
            side,
            count,
            lacking: (count * side - pixels) / 2,
            pixels,
        }
    }

    /// Every block and pixel that samples are taken from, rising; the same from either end.
    fn sampled(self) -> impl Iterator<Item = (usize, usize)> {
        let step = self.side.div_ceil(SAMPLES);
        let is_sampled = move |within: usize| within.min(self.side - 1 - within).is_multiple_of(step);
        let places = (0..self.pixels).map(move |pixel| ((pixel + self.lacking) / self.side, pixel));
        places.filter(move |(_, pixel)| is_sampled((pixel + self.lacking) % self.side))
    }

    /// The blocks whose centres lie on either side of a pixel, and how far it is from the first to the second.
    fn between(self, pixel: usize) -> (usize, usize, f32) {
        let at = ((pixel + self.lacking) as f32 + 0.5) / self.side as f32 - 0.5;
        let at = at.clamp(0.0, (self.count - 1) as f32);
        let first = at as usize;
        (first, (first + 1).min(self.count - 1), at - first as f32)
    }
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
    fn a_mirrored_picture_is_measured_alike() {
        for (columns, block) in [(200, 24), (200, 25), (201, 24), (203, 25), (47, 24)] {
            let blocks = Blocks::along(columns, block);
            let sampled: Vec<usize> = blocks.sampled().map(|(_, pixel)| pixel).collect();
            let mirrored: Vec<usize> = sampled.iter().rev().map(|pixel| columns - 1 - pixel).collect();
            assert_eq!(sampled, mirrored, "{columns} {block}");
            let picture = Array2::from_shape_fn((100, columns), |(r, c)| ((r * 7919 + c * 104_729) % 1009) as f32);
            let mask = Mask::full((100, columns));
            let normal = |mut values: Array2<f32>| {
                LocalSpread::of(values.view(), &mask, block).normalise(&mut values, &mask, 0.0);
                values
            };
            let plain = normal(picture.clone());
            let mut other = picture;
            other.invert_axis(ndarray::Axis(1));
            let mut other = normal(other.as_standard_layout().into_owned());
            other.invert_axis(ndarray::Axis(1));
            let most = plain.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(most < 1e-3, "{columns} {block}: {most}");
        }
    }

    #[test]
    fn a_constant_picture_is_finite() {
        let mut values = Array2::zeros((50, 50));
        LocalSpread::of(values.view(), &Mask::empty((50, 50)), 24).normalise(&mut values, &Mask::full((50, 50)), 0.3);
        assert!(values.iter().all(|value| *value == 0.0));
    }
}
