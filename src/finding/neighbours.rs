//! Which regions lie close: union-find over a grid, gaps between outlines, extents.

use crate::label::{Bounds, Region, Run};
use crate::radiograph::PixelSpacing;
use std::collections::BTreeMap;

/// Length of a pixel down and across, in mm, or 1 and 1 where no spacing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) row: f64,
    pub(super) column: f64,
}

impl Scale {
    pub(super) fn of(spacing: Option<PixelSpacing>) -> Self {
        spacing.map_or(Self { row: 1.0, column: 1.0 }, |spacing| Self {
            row: spacing.between_rows.get(),
            column: spacing.between_columns.get(),
        })
    }

    /// `[row, column]` in pixels as `[down, across]` in length.
    pub(super) fn point(&self, centroid: [f64; 2]) -> [f64; 2] {
        [centroid[0] * self.row, centroid[1] * self.column]
    }
}

/// An upright box in length, `[top, left, bottom, right]`.
pub(super) type Frame = [f64; 4];

pub(super) fn frame(bounds: Bounds, scale: Scale) -> Frame {
    [
        f64::from(bounds.top) * scale.row,
        f64::from(bounds.left) * scale.column,
        f64::from(bounds.bottom) * scale.row,
        f64::from(bounds.right) * scale.column,
    ]
}

fn frame_distance(a: Frame, b: Frame) -> f64 {
    let down = (a[0] - b[2]).max(b[0] - a[2]).max(0.0);
    let across = (a[1] - b[3]).max(b[1] - a[3]).max(0.0);
    down.hypot(across)
}

/// Shortest distance between pixels' borders of `a` and `b` in length, 0 when they touch; `None` when above `limit`.
pub(super) fn gap(a: &Region, b: &Region, scale: Scale, limit: f64) -> Option<f64> {
    let rows = (limit / scale.row).ceil().min(f64::from(u32::MAX)) as u32;
    let other = b.runs();
    let mut shortest: Option<f64> = None;
    for run in a.runs() {
        let from = other.partition_point(|o| o.row.saturating_add(rows).saturating_add(1) < run.row);
        for o in other[from..]
            .iter()
            .take_while(|o| o.row <= run.row.saturating_add(rows).saturating_add(1))
        {
            let distance = run_gap(run, o, scale);
            if distance <= limit && shortest.is_none_or(|least| distance < least) {
                shortest = Some(distance);
                if distance == 0.0 {
                    return shortest;
                }
            }
        }
    }
    shortest
}

fn run_gap(a: &Run, b: &Run, scale: Scale) -> f64 {
    let rows = a.row.abs_diff(b.row).saturating_sub(1);
    let columns = a.start.saturating_sub(b.end).max(b.start.saturating_sub(a.end));
    (f64::from(rows) * scale.row).hypot(f64::from(columns) * scale.column)
}

/// Groups of the indices of `frames` joined, directly or through others, by `join`, which is asked only of pairs whose
/// frames are at most `reach` apart. Every index is in one group; groups and their members rise.
///
/// A grid of cells of `reach` keeps it near linear for thousands of small foci.
pub(super) fn groups(frames: &[Frame], reach: f64, mut join: impl FnMut(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..frames.len()).collect();
    for_each_near_pair(frames, reach, |a, b| {
        let (root_a, root_b) = (root(&mut parents, a), root(&mut parents, b));
        if root_a != root_b && join(a, b) {
            parents[root_a.max(root_b)] = root_a.min(root_b);
        }
    });
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..frames.len() {
        groups.entry(root(&mut parents, index)).or_default().push(index);
    }
    groups.into_values().collect()
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}

/// Visits the pairs `(a, b)`, `a < b`, whose frames are at most `reach` apart, each once, in an order fixed by the frames.
pub(super) fn for_each_near_pair(frames: &[Frame], reach: f64, mut visit: impl FnMut(usize, usize)) {
    // Cells no smaller than a 64th of the largest frame, so that one mass does not fill millions of them.
    let largest = frames
        .iter()
        .map(|f| (f[2] - f[0]).max(f[3] - f[1]))
        .fold(0.0, f64::max);
    let cell = reach.max(largest / 64.0).max(f64::MIN_POSITIVE);
    let index = |length: f64| (length / cell).floor() as i64;
    let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for (item, f) in frames.iter().enumerate() {
        for down in index(f[0] - reach / 2.0)..=index(f[2] + reach / 2.0) {
            for across in index(f[1] - reach / 2.0)..=index(f[3] + reach / 2.0) {
                cells.entry((down, across)).or_default().push(item);
            }
        }
    }
    for (&(down, across), members) in &cells {
        for (nth, &a) in members.iter().enumerate() {
            for &b in &members[nth + 1..] {
                // Both reach into several common cells: count the pair in the first of them only.
                let first =
                    |side: usize| index(frames[a][side] - reach / 2.0).max(index(frames[b][side] - reach / 2.0));
                if (first(0), first(1)) == (down, across) && frame_distance(frames[a], frames[b]) <= reach {
                    visit(a, b);
                }
            }
        }
    }
}

/// Longest distance between any two pixel corners of `regions`, in length.
pub(super) fn extent<'a>(regions: impl Iterator<Item = &'a Region>, scale: Scale) -> f64 {
    let mut corners = Vec::new();
    for region in regions {
        for run in region.runs() {
            for row in [run.row, run.row + 1] {
                for column in [run.start, run.end] {
                    corners.push((i64::from(row), i64::from(column)));
                }
            }
        }
    }
    let hull = convex_hull(corners);
    let mut longest: f64 = 0.0;
    for (nth, a) in hull.iter().enumerate() {
        for b in &hull[nth + 1..] {
            longest = longest.max(((a.0 - b.0) as f64 * scale.row).hypot((a.1 - b.1) as f64 * scale.column));
        }
    }
    longest
}

/// Monotone chain, Andrew 1979; exact in integers.
fn convex_hull(mut points: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    points.sort_unstable();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let turn = |o: (i64, i64), a: (i64, i64), b: (i64, i64)| (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0);
    let half = |points: &mut dyn Iterator<Item = (i64, i64)>| {
        let mut chain: Vec<(i64, i64)> = Vec::new();
        for point in points {
            while chain.len() >= 2 && turn(chain[chain.len() - 2], chain[chain.len() - 1], point) <= 0 {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

/// How far points stray from one curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Straying {
    /// Rms distance from the best parabola along the principal axis, in length.
    pub(super) rms: f64,
    /// The same over the rms spread along that axis: near 0 for points strung on a curve, about 1 for points spread evenly.
    pub(super) share: f64,
}

/// How far `points` stray from the best parabola along their principal axis. `None` for fewer than four points.
pub(super) fn straying(points: &[[f64; 2]]) -> Option<Straying> {
    if points.len() < 4 {
        return None;
    }
    let n = points.len() as f64;
    let mean = |axis: usize| points.iter().map(|p| p[axis]).sum::<f64>() / n;
    let (down, across) = (mean(0), mean(1));
    let moment = |f: &dyn Fn(f64, f64) -> f64| points.iter().map(|p| f(p[0] - down, p[1] - across)).sum::<f64>() / n;
    let (dd, aa, da) = (moment(&|d, _| d * d), moment(&|_, a| a * a), moment(&|d, a| d * a));
    let angle = 0.5 * (2.0 * da).atan2(dd - aa);
    let (sine, cosine) = angle.sin_cos();
    let spread = (dd * cosine * cosine + 2.0 * da * sine * cosine + aa * sine * sine)
        .max(0.0)
        .sqrt();
    if spread == 0.0 {
        return None;
    }
    let along = |p: &[f64; 2]| ((p[0] - down) * cosine + (p[1] - across) * sine) / spread;
    let aside = |p: &[f64; 2]| (-(p[0] - down) * sine + (p[1] - across) * cosine) / spread;
    // Gram-Schmidt of u^2 against 1 and u; both means are zero and u has unit variance.
    let u3 = points.iter().map(|p| along(p).powi(3)).sum::<f64>() / n;
    let bend = |p: &[f64; 2]| along(p).powi(2) - 1.0 - u3 * along(p);
    let bend2 = points.iter().map(|p| bend(p).powi(2)).sum::<f64>() / n;
    let slope = points.iter().map(|p| aside(p) * along(p)).sum::<f64>() / n;
    let curve = if bend2 > 1e-12 {
        points.iter().map(|p| aside(p) * bend(p)).sum::<f64>() / n / bend2
    } else {
        0.0
    };
    let square = |p: &[f64; 2]| (aside(p) - slope * along(p) - curve * bend(p)).powi(2);
    let share = (points.iter().map(square).sum::<f64>() / n).sqrt();
    Some(Straying {
        rms: share * spread,
        share,
    })
}

#[cfg(test)]
mod tests {
    use super::{Scale, extent, for_each_near_pair, gap, groups, straying};
    use crate::label::{Region, Run};

    const MM: Scale = Scale { row: 0.5, column: 0.2 };

    fn block(row: u32, column: u32, height: u32, width: u32) -> Region {
        let runs = (row..row + height).map(|row| Run {
            row,
            start: column,
            end: column + width,
        });
        Region::new(runs.collect()).unwrap()
    }

    #[test]
    fn gaps_are_between_borders_and_respect_both_spacings() {
        let a = block(0, 0, 4, 5);
        assert_eq!(gap(&a, &block(10, 0, 2, 5), MM, 5.0), Some(3.0));
        assert_eq!(gap(&a, &block(0, 15, 2, 5), MM, 5.0), Some(2.0));
        assert_eq!(gap(&a, &block(4, 5, 2, 5), MM, 5.0), Some(0.0));
        assert_eq!(gap(&a, &block(10, 0, 2, 5), MM, 2.9), None);
        let diagonal = gap(&a, &block(10, 25, 2, 5), MM, 9.0).unwrap();
        assert!((diagonal - 5.0).abs() < 1e-12);
    }

    #[test]
    fn extent_is_the_longest_caliper() {
        let apart = [block(0, 0, 4, 5), block(4, 10, 2, 5)];
        assert!((extent(apart.iter(), MM) - 3.0f64.hypot(3.0)).abs() < 1e-12);
    }

    #[test]
    fn near_pairs_agree_with_all_pairs() {
        // A fixed scatter (multiples of a golden-ratio step) with one large frame among small ones.
        let mut frames: Vec<[f64; 4]> = (0..300u32)
            .map(|i| {
                let (y, x) = ((f64::from(i) * 61.8034) % 200.0, (f64::from(i) * 38.1966 * 1.7) % 200.0);
                [y, x, y + 1.0 + f64::from(i % 7), x + 2.0]
            })
            .collect();
        frames.push([20.0, 30.0, 150.0, 90.0]);
        for reach in [0.5, 4.0, 33.0] {
            let mut brute = Vec::new();
            for a in 0..frames.len() {
                for b in a + 1..frames.len() {
                    if super::frame_distance(frames[a], frames[b]) <= reach {
                        brute.push((a, b));
                    }
                }
            }
            let mut pairs = Vec::new();
            for_each_near_pair(&frames, reach, |a, b| pairs.push((a, b)));
            pairs.sort_unstable();
            assert_eq!(pairs, brute);
        }
    }

    #[test]
    fn groups_join_through_others() {
        let frames: Vec<[f64; 4]> = [0.0, 3.0, 6.0, 20.0].map(|x| [0.0, x, 1.0, x + 1.0]).to_vec();
        assert_eq!(groups(&frames, 2.5, |_, _| true), [vec![0, 1, 2], vec![3]]);
        assert_eq!(groups(&frames, 2.5, |a, _| a != 0), [vec![0], vec![1, 2], vec![3]]);
    }

    #[test]
    fn a_bent_row_has_a_small_residual_and_a_field_a_large_one() {
        let row: Vec<[f64; 2]> = (0..9).map(|i| f64::from(i) * 5.0).map(|x| [0.01 * x * x, x]).collect();
        assert!(straying(&row).unwrap().share < 0.02);
        let field: Vec<[f64; 2]> = (0..16)
            .map(|i| [f64::from(i / 4) * 5.0, f64::from(i % 4) * 5.0])
            .collect();
        assert!(straying(&field).unwrap().share > 0.8);
        assert_eq!(straying(&row[..3]), None);
    }
}
