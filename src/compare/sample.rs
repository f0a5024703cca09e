//! Made-up places for tests.

use super::patch::Patch;
use crate::label::Region;
use crate::radiograph::Mask;
use ndarray::Array2;

pub(super) const SHAPE: (usize, usize) = (120, 130);

/// An ellipse with soft edges, of `area` times 200 pixels, at a place.
pub(super) fn deposit(area: f64, (row, column): (f64, f64)) -> Array2<f32> {
    let by = area.sqrt();
    Array2::from_shape_fn(SHAPE, |(r, c)| {
        let away = ((r as f64 - row) / 11.0).hypot((c as f64 - column) / 5.8) / by;
        (1.0 / (1.0 + ((away - 1.0) * 6.0 * by).exp())) as f32
    })
}

/// Without a pattern; deterministic.
pub(super) fn noise(nth: usize) -> Array2<f32> {
    Array2::from_shape_fn(SHAPE, |(r, c)| {
        (((r * 7919 + c * 104_729 + nth * 31_337) * 2_654_435_761) >> 9) as f32 % 1000.0 / 1000.0 - 0.5
    })
}

pub(super) fn patch(prior: Array2<f32>, current: Array2<f32>) -> Patch {
    Patch {
        top: 40,
        left: 30,
        plain: [prior.clone(), current.clone()],
        smooth: [prior, current],
        seen: Mask::full(SHAPE),
        others: Mask::empty(SHAPE),
        pixel_mm: 0.2,
        sigma: 1.0,
    }
}

/// The pixels of a deposit on the grid that the patch is cut from.
pub(super) fn region(of: &Array2<f32>) -> Region {
    let mask = Array2::from_shape_fn((SHAPE.0 + 40, SHAPE.1 + 30), |(r, c)| {
        r >= 40 && c >= 30 && of[(r - 40, c - 30)] > 0.3
    });
    Region::from_mask(&Mask::from_fn(mask.view(), |on| *on)).unwrap()
}

/// Ground that falls to the skin, as a look that compresses bends it.
pub(super) fn ground(steep: f32) -> Array2<f32> {
    Array2::from_shape_fn(SHAPE, |(r, c)| {
        let x = (c as f32 - 20.0) / 100.0;
        2000.0 + 900.0 * steep * (1.0 - x * x) + 40.0 * (r as f32 / 20.0).sin()
    })
}
