//! A radiograph with known foci to examples.

use super::{Image, TrueFocus, targets};
use crate::label::{Region, Run};
use crate::measure::{Feature, Features};
use crate::pipeline::Pipeline;
use crate::radiograph::{PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
use ndarray::Array2;

/// The candidates of `radiograph` and what each is, given its true foci; with views of those that the model of `pipeline` suspects.
pub fn examples(pipeline: &Pipeline, radiograph: &Radiograph, truth: &[TrueFocus], fold: usize) -> Image {
    let (candidates, views) = pipeline.candidates(radiograph);
    let targets = targets(candidates.iter().map(|candidate| &candidate.region), truth);
    let centroids = candidates.iter().map(|candidate| candidate.centroid.map(single));
    Image {
        centroids: centroids.collect(),
        features: candidates
            .iter()
            .map(|candidate| in_single(&candidate.features))
            .collect(),
        targets,
        views,
        place: radiograph.place().clone(),
        spacing: radiograph.spacing(),
        shape: radiograph.shape(),
        fold,
    }
}

/// As exact as trees see it, so that features may be kept in a file between fits without a change.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

fn in_single(features: &Features) -> Features {
    let mut rounded = Features::default();
    for &feature in Feature::ALL {
        rounded.set(feature, features.get(feature).map(single));
    }
    rounded
}

/// The picture with the spacing that `pipeline` assumes for it, if it states none: most real pictures at hand are exports, and forests
/// that see real tissue only where no spacing is known take it for something else.
pub fn sized(pipeline: &Pipeline, radiograph: &Radiograph) -> Option<Radiograph> {
    if radiograph.spacing().is_some() {
        return None;
    }
    let side = pipeline.settings().scene.native_mm(radiograph);
    let spacing = PixelSpacing::square(side, SpacingPlane::Detector, SpacingSource::User);
    Some(radiograph.clone().with_spacing(spacing))
}

/// Smallest side to which a picture is reduced, in pixels.
const LEAST_SIDE: usize = 200;
/// Fewest pixels of a focus that is still asked for.
const LEAST_AREA: u64 = 12;

/// The picture as exports show it: means of blocks of `factor` pixels, no spacing, and 8 bits if `eight_bit`; with the
/// true foci on its grid. `None` if it would become too small.
pub fn reduced(
    radiograph: &Radiograph,
    truth: &[TrueFocus],
    factor: usize,
    eight_bit: bool,
) -> Option<(Radiograph, Vec<TrueFocus>)> {
    let pixels = radiograph.pixels();
    let shape = (pixels.nrows() / factor, pixels.ncols() / factor);
    if shape.0.min(shape.1) < LEAST_SIDE {
        return None;
    }
    let mut small = Array2::from_shape_fn(shape, |(row, column)| {
        let block = (0..factor * factor).map(|i| pixels[(row * factor + i / factor, column * factor + i % factor)]);
        (block.map(u64::from).sum::<u64>() / (factor * factor) as u64) as u16
    });
    if eight_bit {
        let low = small.iter().copied().min().unwrap_or(0);
        let range = f64::from(small.iter().copied().max().unwrap_or(0).saturating_sub(low).max(1));
        small.mapv_inplace(|value| (f64::from(value - low) / range * 255.0).round() as u16);
    }
    let foci = truth.iter().filter_map(|focus| {
        let region = shrunk(&focus.region, factor, shape)?;
        Some(TrueFocus {
            counts: focus.counts && region.area() >= LEAST_AREA,
            label: focus.label,
            region,
        })
    });
    let foci = foci.collect();
    Some((Radiograph::new(small).with_place(radiograph.place().clone()), foci))
}

/// `region` on a grid `factor` times as coarse: the blocks of which it covers at least half.
fn shrunk(region: &Region, factor: usize, (rows, columns): (usize, usize)) -> Option<Region> {
    let bounds = region.bounds();
    let factor = factor as u32;
    let (top, left) = (bounds.top / factor, bounds.left / factor);
    let width = ((bounds.right - 1) / factor - left + 1) as usize;
    let height = ((bounds.bottom - 1) / factor - top + 1) as usize;
    let mut counts = vec![0_u32; width * height];
    for (row, column) in region.pixels() {
        let (row, column) = (row as u32 / factor - top, column as u32 / factor - left);
        counts[row as usize * width + column as usize] += 1;
    }
    let is_inside = |row: u32, column: u32| (row as usize) < rows && (column as usize) < columns;
    let runs = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count * 2 >= factor * factor);
    let runs = runs.map(|(at, _)| (top + (at / width) as u32, left + (at % width) as u32));
    let runs = runs
        .filter(|&(row, column)| is_inside(row, column))
        .map(|(row, start)| Run {
            row,
            start,
            end: start + 1,
        });
    Region::new(runs.collect())
}

#[cfg(test)]
mod tests {
    use super::{TrueFocus, reduced};
    use crate::label::{Region, Run};
    use crate::radiograph::Radiograph;
    use ndarray::Array2;

    #[test]
    fn a_reduced_picture_keeps_its_foci_in_place() {
        let pixels = Array2::from_shape_fn((800, 900), |(r, c)| {
            if (100..140).contains(&r) && (200..260).contains(&c) {
                3000
            } else {
                1000
            }
        });
        let runs = (100..140)
            .map(|row| Run {
                row,
                start: 200,
                end: 260,
            })
            .collect();
        let truth = [TrueFocus {
            region: Region::new(runs).unwrap(),
            label: None,
            counts: true,
        }];
        let (small, foci) = reduced(&Radiograph::new(pixels), &truth, 4, true).unwrap();
        assert_eq!(small.shape(), (200, 225));
        assert!(small.spacing().is_none());
        assert_eq!(foci[0].region.area(), 150);
        assert!(foci[0].region.pixels().all(|at| small.pixels()[at] == 255));
        assert_eq!(small.pixels()[(0, 0)], 0);
    }

    #[test]
    fn what_would_become_too_small_is_left_out() {
        assert!(reduced(&Radiograph::new(Array2::zeros((700, 900))), &[], 4, false).is_none());
    }
}
