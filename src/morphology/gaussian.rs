//! Smoothing by a Gaussian.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// `image` smoothed by a Gaussian of standard deviation `sigma` pixels, cut at four of them; edges are mirrored.
///
/// `sigma <= 0` or NaN gives the image unchanged. Time grows with `sigma`: smooth a coarser image for a wide one.
/// Same values as `scipy.ndimage.gaussian_filter(mode="reflect", truncate=4)` up to rounding.
pub fn gaussian<T: Copy + Into<f32>>(image: ArrayView2<'_, T>, sigma: f64) -> Array2<f32> {
    let (rows, columns) = image.dim();
    if sigma.is_nan() || sigma <= 0.0 || rows == 0 || columns == 0 {
        return image.as_standard_layout().mapv(Into::into);
    }
    let weights = half_kernel(sigma, 4 * (rows + columns));
    let radius = weights.len() - 1;
    let mut smooth = Array2::zeros((rows, columns));
    let Some(target) = smooth.as_slice_mut() else {
        return smooth;
    };
    let mut padded = vec![0.0_f32; columns + 2 * radius];
    let capacity = (2 * radius + 1).min(rows);
    let mut sides = Sides {
        latest: vec![0.0; capacity * columns],
        capacity,
        rows,
        columns,
    };
    for r in 0..radius.min(rows) {
        sides.load(r, image.row(r));
    }
    for (r, out) in target.chunks_exact_mut(columns).enumerate() {
        if r + radius < rows {
            sides.load(r + radius, image.row(r + radius));
        }
        let middle = &mut padded[radius..radius + columns];
        // The usual radii are unrolled; all add up in the same order.
        match *weights.as_slice() {
            [first, a, b, c] => sides.down(r, first, [a, b, c], middle),
            [first, a, b, c, d] => sides.down(r, first, [a, b, c, d], middle),
            _ => {
                for (sum, &value) in middle.iter_mut().zip(sides.row(r as isize)) {
                    *sum = weights[0] * value;
                }
                for (i, &weight) in weights.iter().enumerate().skip(1) {
                    let (above, below) = (sides.row(r as isize - i as isize), sides.row((r + i) as isize));
                    for ((sum, &a), &b) in middle.iter_mut().zip(above).zip(below) {
                        *sum += weight * (a + b);
                    }
                }
            }
        }
        for i in 0..radius {
            padded[i] = padded[radius + mirrored(i as isize - radius as isize, columns)];
            padded[radius + columns + i] = padded[radius + mirrored((columns + i) as isize, columns)];
        }
        match *weights.as_slice() {
            [first, a, b, c] => along(&padded, first, [a, b, c], out),
            [first, a, b, c, d] => along(&padded, first, [a, b, c, d], out),
            _ => {
                for (sum, &value) in out.iter_mut().zip(&padded[radius..]) {
                    *sum = weights[0] * value;
                }
                for (i, &weight) in weights.iter().enumerate().skip(1) {
                    for ((sum, &a), &b) in out.iter_mut().zip(&padded[radius - i..]).zip(&padded[radius + i..]) {
                        *sum += weight * (a + b);
                    }
                }
            }
        }
    }
    smooth
}

/// Those rows of an image, mirrored at its edges, that the kernel covers.
struct Sides {
    /// Row `r` of the image stands at `r % capacity`.
    latest: Vec<f32>,
    capacity: usize,
    rows: usize,
    columns: usize,
}

impl Sides {
    fn load<T: Copy + Into<f32>>(&mut self, r: usize, row: ArrayView1<'_, T>) {
        let into = &mut self.latest[r % self.capacity * self.columns..][..self.columns];
        for (value, &given) in into.iter_mut().zip(row) {
            *value = given.into();
        }
    }

    fn row(&self, r: isize) -> &[f32] {
        &self.latest[mirrored(r, self.rows) % self.capacity * self.columns..][..self.columns]
    }

    /// The weighed sum of row `r` and of `R` rows on both sides.
    fn down<const R: usize>(&self, r: usize, first: f32, rest: [f32; R], out: &mut [f32]) {
        let n = out.len();
        let here = &self.row(r as isize)[..n];
        let above: [&[f32]; R] = std::array::from_fn(|i| &self.row(r as isize - i as isize - 1)[..n]);
        let below: [&[f32]; R] = std::array::from_fn(|i| &self.row((r + i + 1) as isize)[..n]);
        for c in 0..n {
            let mut sum = first * here[c];
            for i in 0..R {
                sum += rest[i] * (above[i][c] + below[i][c]);
            }
            out[c] = sum;
        }
    }
}

/// The weighed sum of each place and of `R` on both sides; `padded` has `R` more at both ends.
fn along<const R: usize>(padded: &[f32], first: f32, rest: [f32; R], out: &mut [f32]) {
    let n = out.len();
    let here = &padded[R..][..n];
    let before: [&[f32]; R] = std::array::from_fn(|i| &padded[R - i - 1..][..n]);
    let after: [&[f32]; R] = std::array::from_fn(|i| &padded[R + i + 1..][..n]);
    for c in 0..n {
        let mut sum = first * here[c];
        for i in 0..R {
            sum += rest[i] * (before[i][c] + after[i][c]);
        }
        out[c] = sum;
    }
}

/// Weights at distances 0, 1, ... so that the two-sided kernel sums to 1.
fn half_kernel(sigma: f64, longest: usize) -> Vec<f32> {
    let radius = ((4.0 * sigma + 0.5) as usize).min(longest);
    let bell = |i: usize| (-0.5 * (i as f64 / sigma).powi(2)).exp();
    let total = bell(0) + 2.0 * (1..=radius).map(bell).sum::<f64>();
    (0..=radius).map(|i| (bell(i) / total) as f32).collect()
}

/// The pixel that stands at `index` when the line of `n` is mirrored at its ends, end pixels repeated.
fn mirrored(index: isize, n: usize) -> usize {
    let n = n as isize;
    if (0..n).contains(&index) {
        return index as usize;
    }
    let place = index.rem_euclid(2 * n);
    (if place < n { place } else { 2 * n - 1 - place }) as usize
}

#[cfg(test)]
mod tests {
    use super::{gaussian, mirrored};
    use ndarray::{Array2, array};

    #[test]
    fn mirrors_repeat_the_end() {
        let places: Vec<_> = (-4..7).map(|i| mirrored(i, 3)).collect();
        assert_eq!(places, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
    }

    #[test]
    fn equals_scipy() {
        // scipy 1.17.1: gaussian_filter(image, 0.8, mode="reflect", truncate=4).
        let image = array![[0_u16, 0, 0, 0], [0, 100, 0, 0], [0, 0, 0, 40]];
        let expected = array![
            [6.26146, 12.50934, 5.94093, 1.22204],
            [12.5044, 25.1575, 13.90987, 8.39286],
            [6.27387, 13.13892, 12.98911, 21.69968],
        ];
        let found = gaussian(image.view(), 0.8);
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-4, "{found}");
        }
    }

    #[test]
    fn the_mean_is_kept_and_a_dot_widens_by_sigma() {
        let mut dot = Array2::<f32>::zeros((81, 81));
        dot[[40, 40]] = 1.0;
        let smooth = gaussian(dot.view(), 5.0);
        let total: f64 = smooth.iter().map(|&v| f64::from(v)).sum();
        assert!((total - 1.0).abs() < 1e-5);
        let spread: f64 = smooth
            .indexed_iter()
            .map(|((r, _), &v)| f64::from(v) * (r as f64 - 40.0).powi(2))
            .sum();
        assert!((spread.sqrt() - 5.0).abs() < 0.02, "{}", spread.sqrt());
        let flat = Array2::from_elem((3, 200), 7.0_f32);
        assert!(gaussian(flat.view(), 60.0).iter().all(|v| (v - 7.0).abs() < 1e-4));
    }
}
