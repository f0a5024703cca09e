//! Coarser images by block means, and back by bilinear interpolation.

use crate::radiograph::Mask;
use ndarray::{Array2, ArrayView2};
use std::collections::BTreeMap;

/// Means over blocks of `factor` x `factor` pixels; shape rounded up.
///
/// Blocks cut by the lower or right edge are means over what exists of them. `factor` is at least 1.
///
/// # Panics
///
/// If `factor` is 0.
pub fn downsample<T: Copy + Into<f32>>(image: ArrayView2<'_, T>, factor: usize) -> Array2<f32> {
    assert!(factor > 0, "a block has at least one pixel");
    let (rows, columns) = image.dim();
    let image = image.as_standard_layout();
    let mut coarse = Array2::zeros((rows.div_ceil(factor), columns.div_ceil(factor)));
    let (Some(source), Some(target)) = (image.as_slice(), coarse.as_slice_mut()) else {
        return coarse;
    };
    if rows == 0 || columns == 0 {
        return coarse;
    }
    let mut sums = vec![0.0_f32; columns];
    for (out, band) in target
        .chunks_exact_mut(columns.div_ceil(factor))
        .zip(source.chunks(factor * columns))
    {
        sums.fill(0.0);
        for row in band.chunks_exact(columns) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += value.into();
            }
        }
        let height = band.len() / columns;
        match factor {
            2 => blocks::<2>(&sums, height, out),
            4 => blocks::<4>(&sums, height, out),
            8 => blocks::<8>(&sums, height, out),
            16 => blocks::<16>(&sums, height, out),
            _ => {
                for (mean, block) in out.iter_mut().zip(sums.chunks(factor)) {
                    *mean = block.iter().sum::<f32>() / (block.len() * height) as f32;
                }
            }
        }
    }
    coarse
}

/// Means of blocks of `N` column sums, each over `height` rows; the last block may be shorter.
fn blocks<const N: usize>(sums: &[f32], height: usize, out: &mut [f32]) {
    let (whole, rest) = sums.as_chunks::<N>();
    let scale = 1.0 / (N * height) as f32;
    for (mean, block) in out.iter_mut().zip(whole) {
        *mean = block.iter().sum::<f32>() * scale;
    }
    if let (Some(mean), false) = (out.last_mut(), rest.is_empty()) {
        *mean = rest.iter().sum::<f32>() / (rest.len() * height) as f32;
    }
}

/// Block means of one image at several factors, each worked out once, and from sums of smaller blocks where they are
/// known: the image itself is read as seldom as can be.
#[derive(Debug)]
pub struct BlockMeans<'a> {
    image: ArrayView2<'a, u16>,
    means: BTreeMap<usize, Array2<f32>>,
    /// Whole sums of blocks; of small images only.
    sums: BTreeMap<usize, Array2<u32>>,
}

/// Up to this factor sums of 16-bit values are whole numbers in 32-bit floats too, so that means do not depend on the
/// order of adding.
const MOST_EXACT: usize = 16;

impl<'a> BlockMeans<'a> {
    /// Of `image`.
    pub fn of(image: ArrayView2<'a, u16>) -> Self {
        Self {
            image,
            means: BTreeMap::new(),
            sums: BTreeMap::new(),
        }
    }

    /// Same values as [`downsample`] by `factor`.
    ///
    /// # Panics
    ///
    /// If `factor` is 0.
    pub fn at(&mut self, factor: usize) -> ArrayView2<'_, f32> {
        if !self.means.contains_key(&factor) {
            let means = if (3..=MOST_EXACT).contains(&factor) {
                let smaller = self
                    .sums
                    .iter()
                    .rev()
                    .find(|(smaller, _)| factor.is_multiple_of(**smaller));
                let sums = match smaller {
                    Some((smaller, sums)) => block_sums(sums.view(), factor / smaller),
                    None => block_sums(self.image, factor),
                };
                let means = means_of(&sums, factor, self.image.dim());
                self.sums.insert(factor, sums);
                means
            } else {
                downsample(self.image, factor)
            };
            self.means.insert(factor, means);
        }
        self.means[&factor].view()
    }
}

/// Sums over blocks of `factor` x `factor`; shape rounded up.
fn block_sums<T: Copy + Into<u32>>(image: ArrayView2<'_, T>, factor: usize) -> Array2<u32> {
    let (rows, columns) = image.dim();
    let image = image.as_standard_layout();
    let mut coarse = Array2::zeros((rows.div_ceil(factor), columns.div_ceil(factor)));
    let (Some(source), Some(target)) = (image.as_slice(), coarse.as_slice_mut()) else {
        return coarse;
    };
    if rows == 0 || columns == 0 {
        return coarse;
    }
    let mut sums = vec![0_u32; columns];
    let bands = source.chunks(factor * columns);
    for (out, band) in target.chunks_exact_mut(columns.div_ceil(factor)).zip(bands) {
        sums.fill(0);
        for row in band.chunks_exact(columns) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += value.into();
            }
        }
        for (total, block) in out.iter_mut().zip(sums.chunks(factor)) {
            *total = block.iter().sum();
        }
    }
    coarse
}

/// Means of blocks of `factor` native pixels of an image of `shape`, in the arithmetic of [`downsample`].
fn means_of(sums: &Array2<u32>, factor: usize, (rows, columns): (usize, usize)) -> Array2<f32> {
    let mut means = Array2::zeros(sums.dim());
    for (r, (mut means, sums)) in means.outer_iter_mut().zip(sums.outer_iter()).enumerate() {
        let height = factor.min(rows - r * factor);
        let scale = 1.0 / (factor * height) as f32;
        for (c, (mean, &sum)) in means.iter_mut().zip(sums).enumerate() {
            let width = factor.min(columns - c * factor);
            *mean = if factor.is_power_of_two() && width == factor {
                sum as f32 * scale
            } else {
                sum as f32 / (width * height) as f32
            };
        }
    }
    means
}

/// The image of `shape` whose blocks of `factor` x `factor` pixels have the centres given by `coarse`, bilinear
/// between them and constant beyond the outermost.
///
/// The way back from [`downsample`]: `coarse` has at least `shape / factor`, rounded up, rows and columns.
///
/// # Panics
///
/// If `factor` is 0, or `coarse` has too few rows or columns.
pub fn upsample(coarse: ArrayView2<'_, f32>, factor: usize, shape: (usize, usize)) -> Array2<f32> {
    let (rows, columns) = shape;
    assert!(factor > 0, "a block has at least one pixel");
    let (coarse_rows, coarse_columns) = coarse.dim();
    assert!(
        coarse_rows >= rows.div_ceil(factor) && coarse_columns >= columns.div_ceil(factor),
        "a coarse image of {coarse_rows} x {coarse_columns} is too small for {rows} x {columns} at 1/{factor}"
    );
    let mut fine = Array2::zeros(shape);
    if rows == 0 || columns == 0 {
        return fine;
    }
    let coarse = coarse.as_standard_layout();
    let (Some(source), Some(target)) = (coarse.as_slice(), fine.as_slice_mut()) else {
        return fine;
    };
    // Between the centres of two neighbouring blocks the first pixel lies `first` block widths behind the centre.
    let first = if factor.is_multiple_of(2) {
        0.5 / factor as f32
    } else {
        0.0
    };
    let ramp: Vec<f32> = (0..factor).map(|i| first + i as f32 / factor as f32).collect();
    let mut row = vec![0.0_f32; coarse_columns];
    for (r, out) in target.chunks_exact_mut(columns).enumerate() {
        let (upper, share) = between(r, factor, &ramp, coarse_rows);
        let lower = (upper + 1).min(coarse_rows - 1);
        let (a, b) = (&source[upper * coarse_columns..], &source[lower * coarse_columns..]);
        for ((value, &a), &b) in row.iter_mut().zip(a).zip(b) {
            *value = a + (b - a) * share;
        }
        let (head, rest) = out.split_at_mut((factor / 2).min(columns));
        head.fill(row[0]);
        for (i, cells) in rest.chunks_mut(factor).enumerate() {
            let (a, b) = (row[i], row[(i + 1).min(coarse_columns - 1)]);
            for (cell, &share) in cells.iter_mut().zip(&ramp) {
                *cell = a + (b - a) * share;
            }
        }
    }
    fine
}

/// The block whose centre lies at or before pixel `at`, and how far `at` is on the way to the next centre.
fn between(at: usize, factor: usize, ramp: &[f32], blocks: usize) -> (usize, f32) {
    match at.checked_sub(factor / 2) {
        None => (0, 0.0),
        Some(past) => ((past / factor).min(blocks - 1), ramp[past % factor]),
    }
}

/// The mask of `shape` in which each pixel of `coarse` stands for a block of `factor` x `factor`.
///
/// # Panics
///
/// If `factor` is 0, or `coarse` has too few rows or columns.
pub fn upsample_mask(coarse: &Mask, factor: usize, shape: (usize, usize)) -> Mask {
    assert!(factor > 0, "a block has at least one pixel");
    let (rows, columns) = shape;
    let (coarse_rows, coarse_columns) = coarse.shape();
    assert!(
        coarse_rows >= rows.div_ceil(factor) && coarse_columns >= columns.div_ceil(factor),
        "a coarse mask of {coarse_rows} x {coarse_columns} is too small for {rows} x {columns} at 1/{factor}"
    );
    let mut fine = Mask::empty(shape);
    for block in 0..rows.div_ceil(factor) {
        let top = block * factor;
        for column in 0..columns.div_ceil(factor) {
            if coarse.get(block, column) {
                fine.fill_run(top, column * factor, ((column + 1) * factor).min(columns));
            }
        }
        let filled = fine.row(top).to_vec();
        for row in top + 1..(top + factor).min(rows) {
            fine.row_mut(row).words.copy_from_slice(&filled);
        }
    }
    fine
}

#[cfg(test)]
mod tests {
    use super::{BlockMeans, downsample, upsample, upsample_mask};
    use crate::radiograph::Mask;
    use ndarray::{Array2, array};

    #[test]
    fn block_means_drawn() {
        let image = array![[1_u16, 3, 5, 7, 9], [1, 3, 5, 7, 11], [10, 20, 30, 40, 50]];
        assert_eq!(downsample(image.view(), 2), array![[2., 6., 10.], [15., 35., 50.]]);
        assert_eq!(downsample(image.view(), 3), array![[78. / 9., 124. / 6.]]);
        assert_eq!(downsample(image.view(), 1), image.mapv(f32::from));
        assert_eq!(downsample(image.view(), 100), array![[202. / 15.]]);
    }

    #[test]
    fn every_factor_means_the_same_as_the_plain_sum() {
        let image = Array2::from_shape_fn((37, 83), |(r, c)| ((r * 131 + c * 71) % 65_536) as u16);
        for factor in 1..20 {
            let coarse = downsample(image.view(), factor);
            for ((r, c), &mean) in coarse.indexed_iter() {
                let (mut sum, mut n) = (0.0_f64, 0.0);
                for y in r * factor..((r + 1) * factor).min(37) {
                    for x in c * factor..((c + 1) * factor).min(83) {
                        sum += f64::from(image[[y, x]]);
                        n += 1.0;
                    }
                }
                assert!((f64::from(mean) - sum / n).abs() < 1e-2, "factor {factor}");
            }
        }
    }

    #[test]
    fn block_means_are_those_of_downsampling() {
        let image = Array2::from_shape_fn((61, 83), |(r, c)| ((r * 7919 + c * 104_729) % 65_536) as u16);
        let mut means = BlockMeans::of(image.view());
        for factor in [6, 2, 12, 1, 3, 4, 8, 16, 5, 20, 9, 6] {
            assert_eq!(means.at(factor), downsample(image.view(), factor), "factor {factor}");
        }
    }

    #[test]
    fn a_plane_comes_back_between_the_outermost_centres() {
        for factor in [1, 2, 3, 4, 5, 8] {
            let shape = (6 * factor, 9 * factor);
            let plane = Array2::from_shape_fn(shape, |(r, c)| 3.0 * r as f32 - 2.0 * c as f32);
            let fine = upsample(downsample(plane.view(), factor).view(), factor, shape);
            for r in factor / 2..shape.0 - factor / 2 - 1 {
                for c in factor / 2..shape.1 - factor / 2 - 1 {
                    assert!(
                        (fine[[r, c]] - plane[[r, c]]).abs() < 1e-3,
                        "factor {factor} at {r}, {c}"
                    );
                }
            }
        }
        let two = upsample(array![[0.0, 4.0]].view(), 4, (1, 7));
        assert_eq!(two, array![[0.0, 0.0, 0.5, 1.5, 2.5, 3.5, 4.0]]);
    }

    #[test]
    fn a_mask_grows_in_blocks() {
        let coarse = Mask::from_fn(array![[0, 1], [1, 0]].view(), |&bit| bit == 1);
        let fine = upsample_mask(&coarse, 3, (5, 4));
        let expected = array![[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 1, 0]];
        assert_eq!(fine, Mask::from_fn(expected.view(), |&bit| bit == 1));
    }
}
