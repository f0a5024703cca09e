//! Quantum noise by place.

use ndarray::{Array2, ArrayView2};

/// Side of a block, in native pixels.
const BLOCK: usize = 64;
/// Standard deviation of rounding to whole pixel values.
const ROUNDING: f32 = 0.288_675_14;

/// Standard deviation of the noise in pixel values on a coarse grid of blocks.
#[derive(Clone, Debug)]
pub struct Noise {
    sigma: Array2<f32>,
    /// Pixels that the first row and column of blocks lack: blocks lie in the middle of the picture.
    lacking: [usize; 2],
}

impl Noise {
    /// Estimates noise from the residue `p(0) - (p(-2) + p(2)) / 2` along rows and columns, whose median absolute value is
    /// little moved by anatomy; the step of two keeps clear of the detector's blur. Each block gives its median, and takes the
    /// median of its 3 x 3 surroundings. Never below the standard deviation of rounding.
    pub fn of(pixels: ArrayView2<'_, u16>) -> Self {
        let (rows, columns) = pixels.dim();
        let shape = (rows.div_ceil(BLOCK), columns.div_ceil(BLOCK));
        let lacking = [(shape.0 * BLOCK - rows) / 2, (shape.1 * BLOCK - columns) / 2];
        let mut raw = Array2::from_elem(shape, ROUNDING);
        let mut residues = Residues::default();
        for ((block_row, block_column), sigma) in raw.indexed_iter_mut() {
            residues.clear();
            let down = sampled(block_row, lacking[0], rows);
            let across = sampled(block_column, lacking[1], columns);
            // Twice the residue, a whole number.
            let mut push = |before: u16, here: u16, after: u16| {
                residues.push((2 * i32::from(here) - i32::from(before) - i32::from(after)).unsigned_abs());
            };
            for row in down {
                let line = pixels.row(row);
                let (above, below) = (pixels.row(row - 2), pixels.row(row + 2));
                for column in across.clone() {
                    push(line[column - 2], line[column], line[column + 2]);
                    push(above[column], line[column], below[column]);
                }
            }
            if let Some(median) = residues.median() {
                // The residue of unit white noise has a standard deviation of sqrt(1.5).
                *sigma = (1.4826 * (median as f32 / 2.0) / 1.5_f32.sqrt()).max(ROUNDING);
            }
        }
        let sigma = Array2::from_shape_fn(shape, |(row, column)| {
            let mut around = [0.0_f32; 9];
            let mut seen = 0;
            for r in row.saturating_sub(1)..(row + 2).min(shape.0) {
                for c in column.saturating_sub(1)..(column + 2).min(shape.1) {
                    around[seen] = raw[(r, c)];
                    seen += 1;
                }
            }
            around[..seen].sort_by(f32::total_cmp);
            around[seen / 2]
        });
        Self { sigma, lacking }
    }

    /// Standard deviation of the noise at the place `(row, column)`, in pixel values, above zero: between the middles of blocks
    /// on a straight line, so that it does not hang on where blocks begin. Places are in native pixels from the outer corner of the
    /// first pixel, whose middle is at 0.5.
    pub fn at(&self, row: f64, column: f64) -> f64 {
        let place = |at: f64, lacking: usize, count: usize| {
            let place = ((at + lacking as f64) / BLOCK as f64 - 0.5).clamp(0.0, count.saturating_sub(1) as f64);
            let first = place.floor();
            (
                first as usize,
                (first as usize + 1).min(count.saturating_sub(1)),
                place - first,
            )
        };
        let (rows, columns) = self.sigma.dim();
        let (top, bottom, down) = place(row, self.lacking[0], rows);
        let (left, right, across) = place(column, self.lacking[1], columns);
        let along = |row: usize| {
            f64::from(self.sigma[(row, left)]) * (1.0 - across) + f64::from(self.sigma[(row, right)]) * across
        };
        along(top) * (1.0 - down) + along(bottom) * down
    }
}

/// Pixels of a block that samples are taken from, along one side: a quarter of them, the same from either end. `lacking` of
/// the first block lie outside the picture.
fn sampled(block: usize, lacking: usize, pixels: usize) -> impl Iterator<Item = usize> + Clone {
    let start = (block * BLOCK).max(lacking + 2) - lacking;
    let end = ((block + 1) * BLOCK - lacking).min(pixels.saturating_sub(2));
    (start..end).filter(move |pixel| {
        let within = (pixel + lacking) % BLOCK;
        within.min(BLOCK - 1 - within).is_multiple_of(4)
    })
}

/// Twice the residues up to which they are counted one by one, in a table that stays in the first-level cache.
const COUNTED: usize = 4096;

/// Whole numbers of which the median is wanted: most are small, and counting them is enough.
struct Residues {
    counts: [u16; COUNTED],
    all: Vec<u32>,
}

impl Default for Residues {
    fn default() -> Self {
        Self {
            counts: [0; COUNTED],
            all: Vec::with_capacity(BLOCK * BLOCK / 8),
        }
    }
}

impl Residues {
    fn clear(&mut self) {
        self.counts.fill(0);
        self.all.clear();
    }

    fn push(&mut self, value: u32) {
        self.all.push(value);
        if let Some(count) = self.counts.get_mut(value as usize) {
            *count += 1;
        }
    }

    /// The upper median; `None` of nothing.
    fn median(&mut self) -> Option<u32> {
        let half = self.all.len() / 2;
        let mut seen = 0;
        let counted = self.counts.iter().position(|&count| {
            seen += usize::from(count);
            seen > half
        });
        match counted {
            Some(value) => Some(value as u32),
            None if self.all.is_empty() => None,
            None => Some(*self.all.select_nth_unstable(half).1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_noise_on_a_slope_is_measured() {
        // Sum of four uniform deviates of a small generator: nearly normal, sigma = width / sqrt(3).
        let mut state = 1_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
        };
        let width = 34.64;
        let picture = Array2::from_shape_fn((256, 256), |(r, c)| {
            let noise = (uniform() + uniform() + uniform() + uniform()) * width;
            (2000.0 + 3.0 * r as f64 + 2.0 * c as f64 + noise) as u16
        });
        let noise = Noise::of(picture.view());
        let sigma = noise.at(128.0, 128.0);
        assert!((sigma - 20.0).abs() < 2.0, "{sigma}");
        assert!(Noise::of(Array2::from_elem((10, 10), 7).view()).at(9.0, 9.0) > 0.0);
    }

    #[test]
    fn the_median_is_that_of_the_sorted_residues() {
        let mut residues = Residues::default();
        assert_eq!(residues.median(), None);
        for spread in [3, 200, 700, 5000, 131_070] {
            for count in [1, 2, 7, 400, 512] {
                residues.clear();
                let mut sorted: Vec<u32> = (0..count).map(|i| i * 7919 % spread).collect();
                sorted.iter().for_each(|&value| residues.push(value));
                sorted.sort_unstable();
                assert_eq!(residues.median(), Some(sorted[sorted.len() / 2]), "{spread} {count}");
            }
        }
    }
}
