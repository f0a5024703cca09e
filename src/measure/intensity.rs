//! Values inside a region, and how far they stand out from the ring around it.

use super::background::{Plane, Window};
use super::scale::Scale;
use super::{Feature, Features, Surroundings};
use crate::label::Region;
use crate::radiograph::{Mask, Radiograph};
use ndarray::ArrayView2;

/// The ring that tells the background lies from here to there off the region.
const RING_MM: [f64; 2] = [1.0, 6.0];
/// The same where no spacing is known.
const RING_PX: [f64; 2] = [3.0, 20.0];

/// Pixels of the ring that stray more standard deviations than this from its plane are no background.
const STRAYING: f32 = 1.5;

/// What the features of signal (margin, rim, texture) start from.
#[derive(Clone, Debug)]
pub(super) struct Background {
    pub window: Window,
    pub plane: Plane,
    /// Mean of the region above the plane, in pixel values.
    pub contrast: f64,
}

/// Sets every feature of intensity; gives the background if a ring was left to measure it on.
pub(super) fn measure(
    region: &Region,
    radiograph: &Radiograph,
    surroundings: &Surroundings<'_>,
    scale: Scale,
    features: &mut Features,
) -> Option<Background> {
    let pixels = radiograph.pixels();
    let all = pixels.as_slice().unwrap_or(&[]);
    let (mut sum, mut squares, mut saturated) = (0_u64, 0_u64, 0_u64);
    let (mut min, mut max) = (u16::MAX, 0);
    for run in region.runs() {
        let start = run.row as usize * pixels.ncols();
        for &value in &all[start + run.start as usize..start + run.end as usize] {
            sum += u64::from(value);
            squares += u64::from(value) * u64::from(value);
            min = min.min(value);
            max = max.max(value);
            saturated += u64::from(surroundings.plateau.is_some_and(|plateau| value >= plateau));
        }
    }
    let n = region.area() as f64;
    let mean = sum as f64 / n;
    let variance = (squares as f64 / n - mean * mean).max(0.0);
    // Modality values, turned where a larger one is more lucent, so that larger is more radio-opaque here too.
    let line = radiograph.value_scale();
    let step = line.slope.abs();
    let opacity = |pixel: f64| line.slope.signum() * line.intercept + step * pixel;
    features.set(Feature::Mean, opacity(mean));
    features.set(Feature::Max, opacity(f64::from(max)));
    features.set(Feature::Min, opacity(f64::from(min)));
    features.set(Feature::StandardDeviation, step * variance.sqrt());
    features.set(Feature::SaturatedFraction, saturated as f64 / n);

    let [inner, outer] = if scale.is_mm {
        RING_MM.map(|mm| mm / scale.mean())
    } else {
        RING_PX
    };
    // Beyond some hundred pixels a ring tells nothing new and costs much.
    let (inner, outer) = (inner.clamp(2.0, 100.0), outer.clamp(6.0, 200.0));
    let window = Window::around(region, outer.ceil() as usize + 1, radiograph.shape());
    let mut unusable = surroundings
        .excluded
        .map_or_else(|| Mask::empty(window.shape()), |mask| window.cut(mask));
    if let Some(valid) = radiograph.valid() {
        let mut invalid = Mask::full(window.shape());
        invalid.subtract(&window.cut(valid));
        unusable.unite(&invalid);
    }
    let ring = window.ring(inner, outer, |ring| ring.subtract(&unusable));
    let all = Plane::fit(&window, pixels, &ring)?;
    // What else lies in the ring, other foci and edges of bone, is left out of the background by its height.
    let plane = Plane::fit_near(&window, pixels, &ring, [(all, STRAYING * all.residual as f32)]).unwrap_or(all);
    let [row, column] = super::centroid(region);
    let (top, left) = window.origin();
    let contrast = mean - plane.at(row - top as f64, column - left as f64);
    features.set(Feature::Contrast, step * contrast);
    features.set(
        Feature::ContrastToNoise,
        surroundings
            .noise
            .filter(|&noise| noise > 0.0)
            .map(|noise| contrast / noise),
    );
    features.set(
        Feature::ContrastToRing,
        (plane.residual > 0.0).then(|| contrast / plane.residual),
    );
    if contrast > 0.0 {
        let across = (4.0 * n / std::f64::consts::PI).sqrt();
        features.set(
            Feature::RingSlope,
            plane.slope[0].hypot(plane.slope[1]) * across / contrast,
        );
        if let Some([dip, peak]) = extremes(&window, pixels, &ring, &plane) {
            features.set(Feature::RingPeak, f64::from(peak) / contrast);
            features.set(Feature::RingDip, f64::from(-dip) / contrast);
        }
    }
    Some(Background {
        window,
        plane,
        contrast,
    })
}

/// The 5th and the 95th percentile of the ring above the plane, from some thousand of its pixels.
fn extremes(window: &Window, pixels: ArrayView2<'_, u16>, ring: &Mask, plane: &Plane) -> Option<[f32; 2]> {
    let rows = window.shape().0;
    let step = (ring.count() / 2000).max(1);
    let mut above: Vec<f32> = Vec::with_capacity(2048);
    for r in 0..rows {
        let row = window.row(&pixels, r);
        for (start, end) in ring.runs(r) {
            // Shifted from row to row, so that the sample is no grid of columns.
            let first = start + (step - (start + r) % step) % step;
            above.extend(
                (first..end)
                    .step_by(step)
                    .map(|c| f32::from(row[c]) - plane.at(r as f64, c as f64) as f32),
            );
        }
    }
    if above.len() < 20 {
        return None;
    }
    let (low, high) = (above.len() / 20, above.len() * 19 / 20);
    let dip = *above.select_nth_unstable_by(low, f32::total_cmp).1;
    let peak = *above.select_nth_unstable_by(high, f32::total_cmp).1;
    Some([dip, peak])
}

/// The lowest pixel value of the image's top plateau, if it is saturated: the largest value, shared by at least one
/// valid pixel in a thousand.
pub fn plateau(radiograph: &Radiograph) -> Option<u16> {
    let pixels = radiograph.pixels();
    let columns = pixels.ncols();
    let all = pixels.as_slice().unwrap_or(&[]);
    if all.is_empty() {
        return None;
    }
    let (mut top, mut shared, mut counted) = (0_u16, 0_u64, 0_u64);
    for (r, row) in all.chunks_exact(columns).enumerate() {
        // In one pass: a row that tops all before it starts the count anew.
        let highest = row.iter().fold(0, |highest, &value| value.max(highest));
        if highest > top {
            (top, shared) = (highest, 0);
        }
        let count = |cells: &[u16]| cells.iter().filter(|&&value| value == top).count() as u64;
        let holds_top = highest == top;
        match radiograph.valid() {
            None => {
                counted += columns as u64;
                shared += if holds_top { count(row) } else { 0 };
            }
            Some(valid) => {
                for (start, end) in valid.runs(r) {
                    counted += (end - start) as u64;
                    shared += if holds_top { count(&row[start..end]) } else { 0 };
                }
            }
        }
    }
    (shared > 0 && shared * 1000 >= counted).then_some(top)
}

#[cfg(test)]
mod tests {
    use super::super::baseline::{self, close};
    use super::super::{Feature, Surroundings, measure};
    use super::plateau;
    use crate::label::{Region, Run};
    use crate::radiograph::{Mask, Radiograph, ValueScale};
    use ndarray::Array2;

    const ALONE: Surroundings<'static> = Surroundings {
        noise: Some(10.0),
        excluded: None,
        plateau: None,
    };

    #[test]
    fn equals_scikit_image_and_turns_with_the_polarity() {
        let upright = Radiograph::new(baseline::pixels());
        let turned = Radiograph::new(baseline::pixels()).with_value_scale(ValueScale {
            intercept: 1000.0,
            slope: -2.0,
        });
        for row in baseline::rows().iter().filter(|row| !row.scale().is_mm) {
            let features = measure(&row.region, &upright, &ALONE);
            for (feature, name) in [
                (Feature::Mean, "mean"),
                (Feature::Max, "max"),
                (Feature::Min, "min"),
                (Feature::StandardDeviation, "standard_deviation"),
            ] {
                assert!(
                    close(features.get(feature).unwrap(), row.value(name), 1e-9),
                    "{} {name}",
                    row.name
                );
            }
            // Modality value 1000 - 2 p; larger is more radio-opaque when its sign is turned.
            let negative = measure(&row.region, &turned, &ALONE);
            assert!(close(
                negative.get(Feature::Mean).unwrap(),
                2.0 * row.value("mean") - 1000.0,
                1e-9
            ));
            assert!(close(
                negative.get(Feature::StandardDeviation).unwrap(),
                2.0 * row.value("standard_deviation"),
                1e-9
            ));
        }
    }

    #[test]
    fn contrast_is_height_above_the_slope() {
        let region = Region::new(
            (40..50)
                .map(|row| Run {
                    row,
                    start: 40,
                    end: 52,
                })
                .collect(),
        )
        .unwrap();
        let pixels = Array2::from_shape_fn((100, 110), |(r, c)| {
            let noise = [0, 8, -8, 0][(r + 2 * c) % 4];
            (1000 + 3 * r as i32 + 5 * c as i32 + noise + 300 * i32::from(region.contains(r as u32, c as u32))) as u16
        });
        let mut other = Mask::empty((100, 110));
        for row in 30..60 {
            other.fill_run(row, 60, 110);
        }
        let mut disturbed = pixels.clone();
        disturbed
            .indexed_iter_mut()
            .filter(|((r, c), _)| other.get(*r, *c))
            .for_each(|(_, value)| *value = 60_000);
        let radiograph = Radiograph::new(disturbed);
        let surroundings = Surroundings {
            excluded: Some(&other),
            ..ALONE
        };
        let features = measure(&region, &radiograph, &surroundings);
        assert!((features.get(Feature::Contrast).unwrap() - 300.0).abs() < 1.0);
        assert!((features.get(Feature::ContrastToNoise).unwrap() - 30.0).abs() < 0.1);
        let ring = features.get(Feature::ContrastToRing).unwrap();
        assert!((ring - 300.0 / 32.0_f64.sqrt()).abs() < 1.0, "{ring}");
        // The same pixels, not excluded but not valid.
        let mut valid = Mask::full((100, 110));
        valid.subtract(&other);
        let shuttered = Radiograph::new(radiograph.pixels().to_owned()).with_valid(Some(valid));
        assert_eq!(measure(&region, &shuttered, &ALONE), features);
    }

    #[test]
    fn a_region_without_surroundings_has_no_contrast() {
        let radiograph = Radiograph::new(Array2::from_elem((6, 6), 5));
        let all = Region::new((0..6).map(|row| Run { row, start: 0, end: 6 }).collect()).unwrap();
        let features = measure(&all, &radiograph, &ALONE);
        assert_eq!(features.get(Feature::Mean), Some(5.0));
        for absent in [Feature::Contrast, Feature::ContrastToNoise, Feature::ContrastToRing] {
            assert_eq!(features.get(absent), None);
        }
    }

    #[test]
    fn saturation_is_a_plateau_not_a_peak() {
        let mut pixels = Array2::from_shape_fn((100, 100), |(r, c)| (r + c) as u16);
        assert_eq!(plateau(&Radiograph::new(pixels.clone())), None);
        pixels.iter_mut().take(200).for_each(|value| *value = 4095);
        let radiograph = Radiograph::new(pixels);
        assert_eq!(plateau(&radiograph), Some(4095));
        let region = Region::new(vec![
            Run {
                row: 1,
                start: 98,
                end: 100,
            },
            Run {
                row: 2,
                start: 98,
                end: 100,
            },
        ])
        .unwrap();
        let surroundings = Surroundings {
            plateau: plateau(&radiograph),
            ..ALONE
        };
        assert_eq!(
            measure(&region, &radiograph, &surroundings).get(Feature::SaturatedFraction),
            Some(0.5)
        );
    }
}
