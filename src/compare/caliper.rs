//! Distances within and between regions.

use super::edges::Ruler;
use crate::label::Region;

/// The nearest pixels of two regions, by the ends of their runs.
pub(super) fn nearest(one: &Region, other: &Region) -> ((f64, f64), (f64, f64)) {
    let ends = |region: &Region| -> Vec<(f64, f64)> {
        region
            .runs()
            .iter()
            .flat_map(|run| {
                [
                    (f64::from(run.row), f64::from(run.start)),
                    (f64::from(run.row), f64::from(run.end - 1)),
                ]
            })
            .collect()
    };
    let (a, b) = (ends(one), ends(other));
    let stride = |points: &[(f64, f64)]| points.len().div_ceil(600).max(1);
    let mut best = (f64::INFINITY, a[0], b[0]);
    for from in a.iter().step_by(stride(&a)) {
        for to in b.iter().step_by(stride(&b)) {
            let distance = (from.0 - to.0).hypot(from.1 - to.1);
            if distance < best.0 {
                best = (distance, *from, *to);
            }
        }
    }
    (best.1, best.2)
}

/// The longest distance between two pixels of a region, by its caliper, in units of `ruler`.
pub(super) fn long_axis(region: &Region, ruler: Ruler) -> f64 {
    let ends: Vec<(f64, f64)> = region
        .runs()
        .iter()
        .flat_map(|run| {
            let row = f64::from(run.row);
            [
                ruler.place(row, f64::from(run.start)),
                ruler.place(row, f64::from(run.end)),
                ruler.place(row + 1.0, f64::from(run.start)),
                ruler.place(row + 1.0, f64::from(run.end)),
            ]
        })
        .collect();
    // The longest extent of the projections on 90 directions: within 0.02 % of the caliper.
    (0..90)
        .map(|nth| {
            let (sine, cosine) = (f64::from(nth) * std::f64::consts::PI / 90.0).sin_cos();
            let along = ends.iter().map(|(x, y)| x * cosine + y * sine);
            let (low, high) = along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| {
                (low.min(at), high.max(at))
            });
            high - low
        })
        .fold(0.0, f64::max)
}
