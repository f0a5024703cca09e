//! Order inside a region: how much of its signal follows from the depth below its outline, and how the rest is spread.
//!
//! A shell around marrow, or layers, follow their outline; flocks, streaks and lumps do not.

use super::radial::Samples;
use super::{Feature, Features};

/// Classes of depth, from the outline to the middle.
const CLASSES: usize = 10;
/// Fewest cells that tell coarse unrest from fine.
const LEAST_CELLS: usize = 4;

/// Sets the share of the signal's variance that its depth explains, the depth of the highest class, and the unrest that is left:
/// among cells of `cell` pixels a side, and within them. What noise adds is subtracted as variance.
pub(super) fn measure(
    samples: &Samples,
    deepest: f32,
    contrast: f64,
    noise: f64,
    cell: usize,
    features: &mut Features,
) {
    let class = |depth: f32| ((depth / deepest * CLASSES as f32) as usize).min(CLASSES - 1);
    let mut sums = [[0.0_f64; 2]; CLASSES];
    let mut squares = 0.0;
    for (&signal, &depth) in samples.signal.iter().zip(&samples.depth) {
        let sum = &mut sums[class(depth)];
        *sum = [sum[0] + f64::from(signal), sum[1] + 1.0];
        squares += f64::from(signal) * f64::from(signal);
    }
    let count = samples.signal.len() as f64;
    let mean = sums.iter().map(|sum| sum[0]).sum::<f64>() / count;
    let means = sums.map(|[sum, n]| if n > 0.0 { sum / n } else { mean });
    let variance = squares / count - mean * mean - noise * noise;
    let explained: f64 = means
        .iter()
        .zip(&sums)
        .map(|(own, sum)| sum[1] * (own - mean).powi(2))
        .sum();
    if variance > 0.0 {
        features.set(Feature::DepthOrder, (explained / count / variance).clamp(0.0, 1.0));
    }
    let mut peak = 0;
    for (nth, sum) in sums.iter().enumerate() {
        if sum[1] > 0.0 && means[nth] > means[peak] {
            peak = nth;
        }
    }
    features.set(Feature::PeakDepth, (peak as f64 + 0.5) / CLASSES as f64);

    let cells = Cells::of(samples, cell, |signal, depth| f64::from(signal) - means[class(depth)]);
    if let Some([among, within]) = cells.variances(noise) {
        features.set(Feature::Patchiness, among.max(0.0).sqrt() / contrast);
        features.set(Feature::Graininess, within.max(0.0).sqrt() / contrast);
    }
}

/// Sum, sum of squares and count of a value in square cells.
struct Cells {
    cells: Vec<[f64; 3]>,
    /// Pixels of a whole cell.
    whole: f64,
}

impl Cells {
    fn of(samples: &Samples, side: usize, value: impl Fn(f32, f32) -> f64) -> Self {
        let across = samples
            .runs
            .iter()
            .map(|run| run.column + run.to - run.from)
            .max()
            .unwrap_or(0);
        let down = samples.runs.iter().map(|run| run.row + 1).max().unwrap_or(0);
        let stride = across.div_ceil(side);
        let mut cells = vec![[0.0; 3]; stride * down.div_ceil(side)];
        for run in &samples.runs {
            let row = &mut cells[run.row / side * stride..][..stride];
            let pixels = samples.signal[run.from..run.to]
                .iter()
                .zip(&samples.depth[run.from..run.to]);
            for (column, (&signal, &depth)) in (run.column..).zip(pixels) {
                let value = value(signal, depth);
                let cell = &mut row[column / side];
                *cell = [cell[0] + value, cell[1] + value * value, cell[2] + 1.0];
            }
        }
        Self {
            cells,
            whole: (side * side) as f64,
        }
    }

    /// Variances of the means of cells that are at least half full, and within them, without the noise; `None` if too few are.
    fn variances(&self, noise: f64) -> Option<[f64; 2]> {
        let full = self.cells.iter().filter(|cell| 2.0 * cell[2] >= self.whole);
        let (mut cells, mut count, mut of_means, mut squares) = (0_usize, 0.0, 0.0, 0.0);
        for &[sum, square, n] in full {
            cells += 1;
            count += n;
            of_means += sum * sum / n;
            squares += square;
        }
        (cells >= LEAST_CELLS).then(|| {
            let of_noise = noise * noise * cells as f64 / count;
            [
                of_means / count - of_noise,
                (squares - of_means) / count - (noise * noise - of_noise),
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feature, Features, Surroundings, measure};
    use crate::label::Region;
    use crate::radiograph::{Mask, PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
    use ndarray::Array2;

    /// A disc of 40 pixels radius, 0.2 mm a pixel, with `signal` of distance from the middle and place above 1000.
    fn features(signal: impl Fn(f64, usize, usize) -> f64) -> Features {
        let away = |r: usize, c: usize| (r as f64 - 100.0).hypot(c as f64 - 100.0);
        let pixels = Array2::from_shape_fn((201, 201), |(r, c)| {
            let above = if away(r, c) < 40.0 {
                signal(away(r, c), r, c)
            } else {
                0.0
            };
            (1000.0 + above).round() as u16
        });
        let mut mask = Mask::empty((201, 201));
        for r in 0..201 {
            for c in 0..201 {
                mask.set(r, c, away(r, c) < 40.0);
            }
        }
        let spacing = PixelSpacing::square(0.2, SpacingPlane::Detector, SpacingSource::Phantom);
        let radiograph = Radiograph::new(pixels).with_spacing(spacing);
        measure(
            &Region::from_mask(&mask).unwrap(),
            &radiograph,
            &Surroundings::default(),
        )
    }

    #[test]
    fn a_shell_follows_its_outline_and_patches_do_not() {
        let shell = features(|away, _, _| if away > 32.0 { 900.0 } else { 300.0 });
        let get = |features: &Features, feature| features.get(feature).unwrap();
        assert!(get(&shell, Feature::DepthOrder) > 0.9);
        assert!((0.05..0.15).contains(&get(&shell, Feature::PeakDepth)));
        assert!(get(&shell, Feature::Patchiness) < 0.2);
        // A chequerboard of 4 mm.
        let patches = features(|_, r, c| if (r / 20 + c / 20) % 2 == 0 { 900.0 } else { 300.0 });
        assert!(get(&patches, Feature::DepthOrder) < 0.3);
        assert!(get(&patches, Feature::Patchiness) > 0.2);
        // A chequerboard of two pixels.
        let grains = features(|_, r, c| if (r / 2 + c / 2) % 2 == 0 { 900.0 } else { 300.0 });
        assert!(get(&grains, Feature::Patchiness) < 0.1);
        assert!((get(&grains, Feature::Graininess) - 0.5).abs() < 0.1);
    }
}
