//! Unrest inside a region: how uneven its signal is once its edge and its noise are left out.

use super::radial::Samples;
use super::{Feature, Features};
use crate::label::Bounds;

/// Fewer pixels than this inside the eroded region tell no texture.
const LEAST_INSIDE: usize = 25;

/// Sets the coefficient of variation and the texture energy, of pixels deeper than a third of the greatest depth and
/// than 1.5 pixels.
///
/// The band is what a 3 x 3 mean keeps and a mean as wide as the greatest depth (odd, 5 to 31) takes away, both over
/// the eroded region only. The noise that would be left in either is subtracted as variance.
pub(super) fn measure(
    samples: &Samples,
    bounds: Bounds,
    deepest: f64,
    contrast: f64,
    noise: f64,
    features: &mut Features,
) {
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

    let table = Table::of(samples, least, bounds);
    let wide = ((deepest as usize) | 1).clamp(5, 31) / 2;
    let mut energy = 0.0;
    let mut left_of_noise = 0.0;
    for run in &samples.runs {
        let (fine, coarse) = (table.band(run.row, 1), table.band(run.row, wide));
        for (column, &depth) in (run.column..).zip(&samples.depth[run.from..run.to]) {
            if depth >= least {
                let (fine, few) = fine.mean(column);
                let (coarse, many) = coarse.mean(column);
                energy += (fine - coarse).powi(2) / n;
                left_of_noise += (1.0 / few - 1.0 / many) / n;
            }
        }
    }
    features.set(
        Feature::TextureEnergy,
        (energy - noise * noise * left_of_noise).max(0.0).sqrt() / contrast,
    );
}

/// Sum of a term over the samples at least `least` deep.
fn sum_inside(samples: &Samples, least: f32, term: impl Fn(f64) -> f64) -> f64 {
    let mut sum = 0.0;
    for (&signal, &depth) in samples.signal.iter().zip(&samples.depth) {
        sum += if depth >= least { term(f64::from(signal)) } else { 0.0 };
    }
    sum
}

/// Sums of count and signal over all pixels above and left of each corner.
struct Table {
    sums: Vec<[f64; 2]>,
    rows: usize,
    stride: usize,
}

/// The rows of a [`Table`] that bound windows of one size around one row of pixels.
struct Band<'a> {
    upper: &'a [[f64; 2]],
    lower: &'a [[f64; 2]],
    half: usize,
}

impl Table {
    /// Of the samples at least `least` deep; `bounds` is the region's box.
    fn of(samples: &Samples, least: f32, bounds: Bounds) -> Self {
        let (rows, stride) = (bounds.height() as usize, bounds.width() as usize + 1);
        let mut sums = vec![[0.0; 2]; stride * (rows + 1)];
        for run in &samples.runs {
            let cells = &mut sums[(run.row + 1) * stride + run.column + 1..];
            let inside = samples.signal[run.from..run.to]
                .iter()
                .zip(&samples.depth[run.from..run.to]);
            for (cell, (&signal, &depth)) in cells.iter_mut().zip(inside) {
                if depth >= least {
                    *cell = [1.0, f64::from(signal)];
                }
            }
        }
        for r in 1..=rows {
            let (above, here) = sums.split_at_mut(r * stride);
            let above = &above[(r - 1) * stride..];
            let mut along = [0.0; 2];
            for (cell, above) in here[..stride].iter_mut().zip(above) {
                for k in 0..2 {
                    along[k] += cell[k];
                    cell[k] = along[k] + above[k];
                }
            }
        }
        Self { sums, rows, stride }
    }

    /// For windows that reach `half` rows and columns from pixels of `row`.
    fn band(&self, row: usize, half: usize) -> Band<'_> {
        let line = |r: usize| &self.sums[r * self.stride..][..self.stride];
        Band {
            upper: line(row.saturating_sub(half)),
            lower: line((row + half + 1).min(self.rows)),
            half,
        }
    }
}

impl Band<'_> {
    /// Mean over the eroded region's pixels in the window around `column`, and their number.
    #[inline(always)]
    fn mean(&self, column: usize) -> (f64, f64) {
        let left = column.saturating_sub(self.half);
        let right = (column + self.half + 1).min(self.lower.len() - 1);
        let (a, b, c, d) = (self.lower[right], self.upper[right], self.lower[left], self.upper[left]);
        let [n, sum] = [0, 1].map(|k| a[k] - b[k] - c[k] + d[k]);
        (sum / n, n)
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
