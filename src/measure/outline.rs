//! The closed line of pixel edges around a region.

use crate::label::{Bounds, Region};
use crate::radiograph::Mask;

/// A region as a mask of its own box, one off pixel wide on every side.
#[derive(Clone, Debug)]
pub(super) struct Cutout {
    /// The region's box: row 1 of the mask is its first row.
    pub bounds: Bounds,
    pub mask: Mask,
}

impl Cutout {
    pub(super) fn of(region: &Region) -> Self {
        let bounds = region.bounds();
        let mut mask = Mask::empty((bounds.height() as usize + 2, bounds.width() as usize + 2));
        for run in region.runs() {
            mask.fill_run(
                (run.row - bounds.top + 1) as usize,
                (run.start - bounds.left + 1) as usize,
                (run.end - bounds.left + 1) as usize,
            );
        }
        Self { bounds, mask }
    }

    /// The outer outline of the part that holds the first pixel, as corners of pixels `[row, column]` in the image;
    /// corner `[r, c]` is the upper left one of pixel `(r, c)`. Clockwise on the screen, closed, one pixel edge a step.
    ///
    /// Pixels that share only a corner belong together.
    pub(super) fn outline(&self) -> Vec<[i32; 2]> {
        // East, south, west, north: step, then the pixels ahead to the left and to the right of the new corner.
        const STEP: [[i32; 2]; 4] = [[0, 1], [1, 0], [0, -1], [-1, 0]];
        const LEFT: [[i32; 2]; 4] = [[-1, 0], [0, 0], [0, -1], [-1, -1]];
        const RIGHT: [[i32; 2]; 4] = [[0, 0], [0, -1], [-1, -1], [-1, 0]];
        let Some((column, _)) = self.mask.runs(1).next() else {
            return Vec::new();
        };
        let on = |corner: [i32; 2], offset: [i32; 2]| {
            self.mask
                .get((corner[0] + offset[0]) as usize, (corner[1] + offset[1]) as usize)
        };
        let start = [1, column as i32];
        let (mut corner, mut heading) = (start, 0);
        let [top, left] = [self.bounds.top as i32 - 1, self.bounds.left as i32 - 1];
        let mut outline = Vec::with_capacity(2 * (self.bounds.height() + self.bounds.width()) as usize);
        loop {
            outline.push([corner[0] + top, corner[1] + left]);
            corner = [corner[0] + STEP[heading][0], corner[1] + STEP[heading][1]];
            heading = if on(corner, LEFT[heading]) {
                (heading + 3) % 4
            } else if on(corner, RIGHT[heading]) {
                heading
            } else {
                (heading + 1) % 4
            };
            if corner == start && heading == 0 {
                return outline;
            }
        }
    }
}

/// The convex hull of `points`, counter-clockwise in (column, row), without points on its edges.
///
/// Source: A. Andrew, Inf. Process. Lett. 9(5), 1979, doi 10.1016/0020-0190(79)90072-3.
pub(super) fn convex_hull(mut points: Vec<[i64; 2]>) -> Vec<[i64; 2]> {
    points.sort_unstable();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut hull: Vec<[i64; 2]> = Vec::new();
    let mut chain = |points: &mut dyn Iterator<Item = [i64; 2]>| {
        let base = hull.len();
        for point in points {
            while hull.len() >= base + 2 && turn(hull[hull.len() - 2], hull[hull.len() - 1], point) <= 0 {
                hull.pop();
            }
            hull.push(point);
        }
        hull.pop();
    };
    chain(&mut points.iter().copied());
    chain(&mut points.iter().rev().copied());
    hull
}

/// Twice the signed area of the triangle.
fn turn(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::{Cutout, convex_hull};
    use crate::label::{Region, Run};

    fn region(runs: &[(u32, u32, u32)]) -> Region {
        Region::new(runs.iter().map(|&(row, start, end)| Run { row, start, end }).collect()).unwrap()
    }

    #[test]
    fn an_outline_turns_around_every_corner() {
        let one = Cutout::of(&region(&[(4, 7, 8)])).outline();
        assert_eq!(one, [[4, 7], [4, 8], [5, 8], [5, 7]]);
        let ell = Cutout::of(&region(&[(0, 0, 1), (1, 0, 2)])).outline();
        assert_eq!(ell, [[0, 0], [0, 1], [1, 1], [1, 2], [2, 2], [2, 1], [2, 0], [1, 0]]);
    }

    #[test]
    fn pixels_that_share_a_corner_have_one_outline() {
        let stairs = Cutout::of(&region(&[(0, 1, 2), (1, 0, 1), (1, 2, 3), (2, 1, 2)])).outline();
        assert_eq!(stairs.len(), 12, "the hole's edges are no part of it");
    }

    #[test]
    fn a_hull_has_corners_only() {
        let square = convex_hull(vec![[0, 0], [2, 0], [1, 0], [2, 2], [0, 2], [1, 1], [0, 1]]);
        assert_eq!(square, [[0, 0], [2, 0], [2, 2], [0, 2]]);
        assert_eq!(convex_hull(vec![[3, 1], [3, 1]]), [[3, 1]]);
    }
}
