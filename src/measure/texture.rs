//! Unrest inside a region: how uneven its signal is once its edge and its noise are left out.

use super::radial::{SampleRun, Samples};
use super::{Feature, Features};

/// Fewer pixels than this inside the eroded region tell no texture.
const LEAST_INSIDE: usize = 25;

/// Sets the coefficient of variation and the texture energy, of pixels deeper than a third of the greatest depth and
/// than 1.5 pixels.
///
/// The band is what a 3 x 3 mean keeps and a mean as wide as the greatest depth (odd, 5 to 31) takes away, both over
/// the eroded region only. The noise that would be left in either is subtracted as variance.
pub(super) fn measure(samples: &Samples, deepest: f64, contrast: f64, noise: f64, features: &mut Features) {
    let least = (deepest / 3.0).max(1.5) as f32;
    let count = samples.depth.iter().filter(|&&depth| depth >= least).count();
    if count < LEAST_INSIDE {
        return;
    }
    let n = count as f64;
    let mean = sum_inside(samples, least, |signal| signal) / n;
    let variance = sum_inside(samples, least, |signal| (signal - mean).powi(2)) / n;
    if mean > 0.0 {
        features.set(
            Feature::CoefficientOfVariation,
            (variance - noise * noise).max(0.0).sqrt() / mean,
        );
    }

    let Some(table) = Table::of(samples, least) else { return };
    let wide = ((deepest as usize) | 1).clamp(5, 31) / 2;
    let (mut energy, mut left_of_noise) = (0.0, 0.0);
    for run in &samples.runs {
        let Some((fine, coarse)) = table.band(run.row, 1).zip(table.band(run.row, wide)) else {
            continue;
        };
        for (column, &depth) in (run.column..).zip(&samples.depth[run.from..run.to]) {
            if depth >= least {
                let [fine, few] = fine.mean(column);
                let [coarse, many] = coarse.mean(column);
                energy += (fine - coarse).powi(2);
                left_of_noise += few - many;
            }
        }
    }
    (energy, left_of_noise) = (energy / n, left_of_noise / n);
    features.set(
        Feature::TextureEnergy,
        (energy - noise * noise * left_of_noise).max(0.0).sqrt() / contrast,
    );
}

/// Sum of a term over the samples at least `least` deep.
fn sum_inside(samples: &Samples, least: f32, term: impl Fn(f64) -> f64) -> f64 {
    // Four at a time, so that none waits for the one before it.
    let mut sums = [0.0; 4];
    let (signals, signals_left) = samples.signal.as_chunks::<4>();
    let (depths, depths_left) = samples.depth.as_chunks::<4>();
    for (signals, depths) in signals.iter().zip(depths) {
        for ((sum, &signal), &depth) in sums.iter_mut().zip(signals).zip(depths) {
            let term = term(f64::from(signal));
            *sum += if depth >= least { term } else { 0.0 };
        }
    }
    for ((sum, &signal), &depth) in sums.iter_mut().zip(signals_left).zip(depths_left) {
        *sum += if depth >= least { term(f64::from(signal)) } else { 0.0 };
    }
    sums.iter().sum()
}

/// Sums of signal and count over all samples above and left of each corner.
struct Table {
    sums: Vec<[f64; 2]>,
    /// The box of what is summed: first row and column, from the corner of the region's box.
    top: usize,
    left: usize,
    rows: usize,
    stride: usize,
}

/// The rows of a [`Table`] that bound windows of one size around one row of pixels.
struct Band<'a> {
    upper: &'a [[f64; 2]],
    lower: &'a [[f64; 2]],
    left: usize,
    half: usize,
}

impl Table {
    /// Of the samples at least `least` deep; `None` if there are none.
    fn of(samples: &Samples, least: f32) -> Option<Self> {
        let depths = |run: &SampleRun| &samples.depth[run.from..run.to];
        let mut inside = samples.runs.iter().filter_map(|run| {
            let first = depths(run).iter().position(|&depth| depth >= least)?;
            let last = depths(run).iter().rposition(|&depth| depth >= least)?;
            Some((run.row, run.column + first, run.column + last + 1))
        });
        let (top, left, right) = inside.next()?;
        let (bottom, left, right) = inside.fold((top + 1, left, right), |(_, left, right), (row, first, end)| {
            (row + 1, left.min(first), right.max(end))
        });
        let (rows, stride) = (bottom - top, right - left + 1);
        let mut sums = vec![[0.0; 2]; stride * (rows + 1)];
        for run in &samples.runs {
            let signals = &samples.signal[run.from..run.to];
            for ((column, &depth), &signal) in (run.column..).zip(depths(run)).zip(signals) {
                if depth >= least {
                    sums[(run.row - top + 1) * stride + column - left + 1] = [f64::from(signal), 1.0];
                }
            }
        }
        // Two rows at a time, for each waits for its own sum only.
        for r in (1..=rows).step_by(2) {
            let (above, here) = sums.split_at_mut(r * stride);
            let (first, second) = here.split_at_mut(stride);
            let above = &above[(r - 1) * stride..];
            let mut along = [[0.0; 2]; 2];
            if r < rows {
                for ((a, b), above) in first.iter_mut().zip(second).zip(above) {
                    for k in 0..2 {
                        along[0][k] += a[k];
                        along[1][k] += b[k];
                        a[k] = along[0][k] + above[k];
                        b[k] = along[1][k] + a[k];
                    }
                }
            } else {
                for (a, above) in first.iter_mut().zip(above) {
                    for k in 0..2 {
                        along[0][k] += a[k];
                        a[k] = along[0][k] + above[k];
                    }
                }
            }
        }
        Some(Self {
            sums,
            top,
            left,
            rows,
            stride,
        })
    }

    /// For windows that reach `half` rows and columns from samples of `row`; `None` where nothing is summed.
    fn band(&self, row: usize, half: usize) -> Option<Band<'_>> {
        let row = row.checked_sub(self.top).filter(|&row| row < self.rows)?;
        let line = |r: usize| &self.sums[r * self.stride..][..self.stride];
        Some(Band {
            upper: line(row.saturating_sub(half)),
            lower: line((row + half + 1).min(self.rows)),
            left: self.left,
            half,
        })
    }
}

impl Band<'_> {
    /// Mean over the samples in the window around `column`, and one over their number.
    #[inline(always)]
    fn mean(&self, column: usize) -> [f64; 2] {
        let column = column - self.left;
        let left = column.saturating_sub(self.half);
        let right = (column + self.half + 1).min(self.lower.len() - 1);
        let (a, b, c, d) = (self.lower[right], self.upper[right], self.lower[left], self.upper[left]);
        let [sum, n] = [0, 1].map(|k| a[k] - b[k] - c[k] + d[k]);
        [sum / n, 1.0 / n]
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feature, Features, Surroundings, measure};
    use crate::label::Region;
    use crate::radiograph::{Mask, Radiograph};
    use ndarray::Array2;

    fn disc(noise: Option<f64>, signal: impl Fn(usize, usize) -> f64) -> Features {
        let within = |r: usize, c: usize| (r as f64 - 80.0).hypot(c as f64 - 90.0) <= 20.0;
        let pixels = Array2::from_shape_fn((160, 180), |(r, c)| {
            (1000.0 + if within(r, c) { signal(r, c) } else { 0.0 }) as u16
        });
        let inside = Array2::from_shape_fn((160, 180), |(r, c)| within(r, c));
        let region = Region::from_mask(&Mask::from_fn(inside.view(), |&on| on)).unwrap();
        let surroundings = Surroundings {
            noise,
            ..Surroundings::default()
        };
        measure(&region, &Radiograph::new(pixels), &surroundings)
    }

    /// Standard deviation 100, white enough.
    fn grain(r: usize, c: usize) -> f64 {
        let mixed = ((r * 73_856_093) ^ (c * 19_349_663)).wrapping_mul(2_654_435_761) >> 9;
        ((mixed % 1000) as f64 / 999.0 - 0.5) * 12_f64.sqrt() * 100.0
    }

    #[test]
    fn an_even_disc_is_calm() {
        let features = disc(None, |_, _| 500.0);
        assert_eq!(features.get(Feature::CoefficientOfVariation), Some(0.0));
        assert_eq!(features.get(Feature::TextureEnergy), Some(0.0));
    }

    #[test]
    fn known_noise_is_no_texture() {
        let noisy = |r: usize, c: usize| 500.0 + grain(r, c);
        let unknown = disc(None, noisy);
        assert!((unknown.get(Feature::CoefficientOfVariation).unwrap() - 0.2).abs() < 0.03);
        let known = disc(Some(100.0), noisy);
        assert!(known.get(Feature::CoefficientOfVariation).unwrap() < 0.07);
        assert!(known.get(Feature::TextureEnergy).unwrap() < 0.03);
        assert!(unknown.get(Feature::TextureEnergy).unwrap() > known.get(Feature::TextureEnergy).unwrap());
    }

    #[test]
    fn clumps_are_texture_even_in_noise() {
        let clumps = |r: usize, c: usize| {
            500.0
                + grain(r, c) / 2.0
                + if (r / 5 + c / 5).is_multiple_of(2) {
                    200.0
                } else {
                    -200.0
                }
        };
        let features = disc(Some(50.0), clumps);
        assert!(
            features.get(Feature::TextureEnergy).unwrap() > 0.2,
            "{:?}",
            features.get(Feature::TextureEnergy)
        );
        assert!((features.get(Feature::CoefficientOfVariation).unwrap() - 0.4).abs() < 0.05);
    }
}
