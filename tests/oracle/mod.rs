//! Our operators against imageproc's, where both exist: 8-bit pictures.

use calxray::label::{Connectivity, components};
use calxray::radiograph::Mask;
use calxray::threshold::{Histogram, otsu};
use image::{GrayImage, Luma};
use imageproc::contrast::{ThresholdType, otsu_level, threshold};
use imageproc::region_labelling::{Connectivity as TheirConnectivity, connected_components};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;

/// Two kinds of grey in clumps, with noise; synthetic.
fn picture(seed: u64) -> GrayImage {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let discs: Vec<(f64, f64, f64)> = (0..40)
        .map(|_| {
            (
                rng.random_range(0.0..180.0),
                rng.random_range(0.0..240.0),
                rng.random_range(1.0..14.0),
            )
        })
        .collect();
    GrayImage::from_fn(240, 180, |x, y| {
        let bright = discs
            .iter()
            .any(|(row, column, radius)| (f64::from(y) - row).hypot(f64::from(x) - column) <= *radius);
        let level: i32 = if bright { 170 } else { 80 };
        Luma([(level + rng.random_range(-45..=45)) as u8])
    })
}

fn array(image: &GrayImage) -> Array2<u8> {
    Array2::from_shape_fn((image.height() as usize, image.width() as usize), |(row, column)| {
        image.get_pixel(column as u32, row as u32).0[0]
    })
}

#[test]
fn components_are_those_of_imageproc() {
    for seed in 0..5 {
        let binary = threshold(&picture(seed), 125, ThresholdType::Binary);
        let mask = Mask::from_fn(array(&binary).view(), |&value| value > 0);
        for (ours, theirs) in [
            (Connectivity::Four, TheirConnectivity::Four),
            (Connectivity::Eight, TheirConnectivity::Eight),
        ] {
            let labels = connected_components(&binary, theirs, Luma([0]));
            let mut areas: BTreeMap<u32, u64> = BTreeMap::new();
            for label in labels.pixels().filter(|label| label.0[0] > 0) {
                *areas.entry(label.0[0]).or_default() += 1;
            }
            let mut expected: Vec<u64> = areas.into_values().collect();
            let found = components(&mask, None, ours);
            let mut sizes: Vec<u64> = found.iter().map(|component| component.region.area()).collect();
            expected.sort_unstable();
            sizes.sort_unstable();
            assert_eq!(sizes, expected, "seed {seed} {ours:?}");
            for component in found {
                let mut own = component.region.pixels();
                let label = |(row, column): (usize, usize)| labels.get_pixel(column as u32, row as u32).0[0];
                let first = label(own.next().unwrap());
                assert!(own.all(|at| label(at) == first));
            }
        }
    }
}

#[test]
fn the_level_of_otsu_parts_the_same_pixels() {
    for seed in 0..5 {
        let image = picture(seed);
        let values = array(&image);
        let histogram = Histogram::of_values(values.iter().map(|&value| f32::from(value)), 256).unwrap();
        let (ours, theirs) = (otsu(&histogram).unwrap(), otsu_level(&image));
        let above = |level: f64| values.iter().filter(|&&value| f64::from(value) > level).count() as f64;
        let (ours, theirs) = (above(ours), above(f64::from(theirs)));
        // Bins of ours need not begin at whole numbers.
        assert!(
            (ours - theirs).abs() <= 0.02 * values.len() as f64,
            "seed {seed}: {ours} {theirs}"
        );
    }
}
