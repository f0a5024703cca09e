//! Distances and overlaps of regions, from their runs.

use crate::label::{Bounds, Region, Run};
use crate::units::Millimetres;

/// Centre of area `[row, column]`.
pub(super) fn centroid(region: &Region) -> [f64; 2] {
    let (mut rows, mut columns) = (0.0, 0.0);
    for run in region.runs() {
        let length = f64::from(run.end - run.start);
        rows += length * f64::from(run.row);
        columns += length * (f64::from(run.start) + f64::from(run.end) - 1.0) / 2.0;
    }
    let area = region.area() as f64;
    [rows / area, columns / area]
}

/// Distance in mm from the centre of the pixel that holds `point` to the centre of the nearest pixel of `region`;
/// `None` if it is more than `reach`.
pub(super) fn distance_within(
    region: &Region,
    point: [f64; 2],
    [down, across]: [Millimetres; 2],
    reach: f64,
) -> Option<f64> {
    let (row, column) = (pixel(point[0]), pixel(point[1]));
    let (down, across) = (down.get(), across.get());
    let rows = (reach / down).floor();
    let first = region.runs().partition_point(|run| f64::from(run.row) < row - rows);
    let near = region.runs()[first..]
        .iter()
        .take_while(|run| f64::from(run.row) <= row + rows);
    near.map(|run| ((f64::from(run.row) - row) * down).hypot(beside(run, column) * across))
        .filter(|distance| *distance <= reach)
        .min_by(f64::total_cmp)
}

/// Whether the pixel that holds `point` belongs to `region`.
pub(super) fn holds(region: &Region, point: [f64; 2]) -> bool {
    let (row, column) = (pixel(point[0]), pixel(point[1]));
    // Neither is negative where it matters, and a cast of what is not a number or too large ends outside.
    row >= 0.0 && column >= 0.0 && region.contains(row as u32, column as u32)
}

/// Pixels of [`beside`] zero belong to the run.
fn beside(run: &Run, column: f64) -> f64 {
    (f64::from(run.start) - column)
        .max(column - (f64::from(run.end) - 1.0))
        .max(0.0)
}

/// Number of the pixel that holds the coordinate; on the border between two, the one after.
fn pixel(coordinate: f64) -> f64 {
    (coordinate + 0.5).floor()
}

/// Intersection over union of two boxes.
pub(super) fn box_overlap(a: Bounds, b: Bounds) -> f64 {
    let side = |low: u32, high: u32| u64::from(high.saturating_sub(low));
    let shared = side(a.top.max(b.top), a.bottom.min(b.bottom)) * side(a.left.max(b.left), a.right.min(b.right));
    let area = |bounds: Bounds| u64::from(bounds.height()) * u64::from(bounds.width());
    shared as f64 / (area(a) + area(b) - shared) as f64
}

/// Dice coefficient of two regions.
pub(super) fn dice(a: &Region, b: &Region) -> f64 {
    2.0 * a.overlap(b) as f64 / (a.area() + b.area()) as f64
}

/// Largest extent in mm: the maximum caliper over the corners of the pixels.
pub(super) fn largest_extent(region: &Region, [down, across]: [Millimetres; 2]) -> f64 {
    let mut corners: Vec<[i64; 2]> = region
        .runs()
        .iter()
        .flat_map(|run| {
            let (row, start, end) = (i64::from(run.row), i64::from(run.start), i64::from(run.end));
            [[row, start], [row, end], [row + 1, start], [row + 1, end]]
        })
        .collect();
    corners.sort_unstable();
    corners.dedup();
    let hull = hull(&corners);
    let mut largest = 0.0_f64;
    for (index, a) in hull.iter().enumerate() {
        for b in &hull[index + 1..] {
            let (rows, columns) = ((a[0] - b[0]) as f64, (a[1] - b[1]) as f64);
            largest = largest.max((rows * down.get()).hypot(columns * across.get()));
        }
    }
    largest
}

/// Corners of the convex hull of sorted `points`, by Andrew's monotone chain (1979, doi 10.1016/0020-0190(79)90072-3).
fn hull(points: &[[i64; 2]]) -> Vec<[i64; 2]> {
    let half = |points: &mut dyn Iterator<Item = &[i64; 2]>| {
        let mut chain: Vec<[i64; 2]> = Vec::new();
        for &point in points {
            while let [.., a, b] = chain[..] {
                if (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) > 0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter());
    hull.extend(half(&mut points.iter().rev()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(runs: &[(u32, u32, u32)]) -> Region {
        let run = |&(row, start, end): &(u32, u32, u32)| Run { row, start, end };
        Region::new(runs.iter().map(run).collect()).unwrap()
    }

    fn spacing(down: f64, across: f64) -> [Millimetres; 2] {
        [Millimetres::new(down).unwrap(), Millimetres::new(across).unwrap()]
    }

    #[test]
    fn the_centre_of_area_is_that_of_the_pixels() {
        assert_eq!(centroid(&region(&[(4, 2, 3)])), [4.0, 2.0]);
        assert_eq!(centroid(&region(&[(0, 0, 2), (1, 0, 2)])), [0.5, 0.5]);
        assert_eq!(centroid(&region(&[(0, 0, 3), (2, 9, 10)])), [0.5, 3.0]);
    }

    #[test]
    fn distance_follows_the_spacing_not_the_grid() {
        let mask = region(&[(10, 10, 12), (11, 10, 12)]);
        let unequal = spacing(0.5, 0.25);
        assert_eq!(distance_within(&mask, [10.0, 11.0], unequal, 1.0), Some(0.0));
        // Two rows above at 0.5 mm, four columns beside at 0.25 mm; one more of either is too far.
        assert_eq!(distance_within(&mask, [8.0, 10.0], unequal, 1.0), Some(1.0));
        assert_eq!(distance_within(&mask, [7.0, 10.0], unequal, 1.0), None);
        assert_eq!(distance_within(&mask, [11.4, 15.4], unequal, 1.0), Some(1.0));
        assert_eq!(distance_within(&mask, [11.0, 15.6], unequal, 1.0), None);
        // Aslant: 1 row and 3 columns are hypot(0.5, 0.75) mm.
        let aslant = distance_within(&mask, [12.0, 14.0], unequal, 1.0).unwrap();
        assert!((aslant - 0.5_f64.hypot(0.75)).abs() < 1e-12);
        for nowhere in [[f64::NAN, 0.0], [f64::INFINITY, 0.0], [-5.0, -5.0]] {
            assert_eq!(distance_within(&mask, nowhere, unequal, 1.0), None);
            assert!(!holds(&mask, nowhere));
        }
        assert!(holds(&mask, [10.5, 9.5]) && !holds(&mask, [11.5, 9.5]));
    }

    #[test]
    fn boxes_and_masks_overlap_by_their_shares() {
        let bounds = |top, left, bottom, right| Bounds {
            top,
            left,
            bottom,
            right,
        };
        assert_eq!(box_overlap(bounds(0, 0, 4, 4), bounds(0, 2, 4, 6)), 8.0 / 24.0);
        assert_eq!(box_overlap(bounds(0, 0, 4, 4), bounds(4, 0, 8, 4)), 0.0);
        let (left, right) = (region(&[(0, 0, 4)]), region(&[(0, 3, 7)]));
        assert_eq!(dice(&left, &right), 2.0 / 8.0);
    }

    #[test]
    fn the_largest_extent_is_the_caliper_of_pixel_corners() {
        let square = region(&[(0, 0, 3), (1, 0, 3), (2, 0, 3)]);
        assert!((largest_extent(&square, spacing(1.0, 1.0)) - 18.0_f64.sqrt()).abs() < 1e-12);
        assert!((largest_extent(&square, spacing(2.0, 0.5)) - 6.0_f64.hypot(1.5)).abs() < 1e-12);
        let bent = region(&[(0, 0, 10), (1, 0, 1), (2, 0, 1)]);
        assert!((largest_extent(&bent, spacing(1.0, 1.0)) - 10.0_f64.hypot(3.0)).abs() < 1e-12);
    }
}
