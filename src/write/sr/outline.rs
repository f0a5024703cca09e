//! A region as one closed line, fine enough to show its form and short enough for every viewer.

use crate::label::Region;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Farthest that the line may leave the edges of pixels, in pixels: just enough to turn a slanting staircase into a line.
const TOLERANCE: f64 = 1.0;
/// Below so many pixels the line follows every edge: the tolerance would be a good part of the region.
const SMALL: u64 = 64;
/// Most points of a line; the least telling are left out. A value of 64 KiB would hold 8191.
const MOST: usize = 1024;

/// A corner of a pixel, `(row, column)`; `(0, 0)` is the top left corner of the first pixel.
pub(in crate::write) type Corner = (i64, i64);

/// The outer edge of `region` as `(column, row)` points, clockwise on the screen, the last equal to the first.
///
/// Pixels that touch at a corner belong together. Holes are not drawn. A region of several pieces gives the convex hull of
/// them all, so that no piece is left out. Regions below 64 pixels are followed exactly; else nothing is farther from
/// the edge of the pixels than 1 pixel, unless the outline is so ragged that 1024 points do not suffice. Coordinates are those of PS3.3 C.18.6.1.1: the centre of the first
/// pixel is `(0.5, 0.5)`.
pub fn closed(region: &Region) -> Vec<[f32; 2]> {
    let mut pieces: Vec<Vec<Corner>> = loops(region)
        .into_iter()
        .filter(|path| doubled_area(path) > 0)
        .collect();
    let path = match &mut pieces[..] {
        [one] => std::mem::take(one),
        _ => hull(pieces.into_iter().flatten().collect()),
    };
    let tolerance = if region.area() < SMALL { 0.0 } else { TOLERANCE };
    let mut line = simplified(&path, tolerance, MOST);
    line.push(line[0]);
    line.iter().map(|&(row, column)| [column as f32, row as f32]).collect()
}

/// Every loop of pixel edges with the region on its right hand: outer edges clockwise, holes counter-clockwise.
pub(in crate::write) fn loops(region: &Region) -> Vec<Vec<Corner>> {
    let runs = region.runs();
    let inside = |row: i64, column: i64| {
        u32::try_from(row).is_ok_and(|row| u32::try_from(column).is_ok_and(|column| region.contains(row, column)))
    };
    // Steps by where they begin; at most two begin at a corner.
    let mut steps: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    let mut step = |from: Corner, to: Corner| steps.entry(from).or_default().push(to);
    for run in runs {
        let (row, start, end) = (i64::from(run.row), i64::from(run.start), i64::from(run.end));
        step((row, end), (row + 1, end));
        step((row + 1, start), (row, start));
        for column in start..end {
            if !inside(row - 1, column) {
                step((row, column), (row, column + 1));
            }
            if !inside(row + 1, column) {
                step((row + 1, column + 1), (row + 1, column));
            }
        }
    }
    let mut loops = Vec::new();
    while let Some((&first, _)) = steps.first_key_value() {
        let mut path: Vec<Corner> = Vec::new();
        let mut at = first;
        loop {
            let heading = path.last().map_or((0, 0), |before| (at.0 - before.0, at.1 - before.1));
            let Some(next) = take_leftmost(&mut steps, at, heading) else {
                break;
            };
            path.push(at);
            at = next;
        }
        loops.push(path);
    }
    loops
}

/// Takes a step from `at`, the one most to the left of `heading`: so pixels that touch at a corner stay together.
fn take_leftmost(steps: &mut BTreeMap<Corner, Vec<Corner>>, at: Corner, heading: Corner) -> Option<Corner> {
    let open = steps.get_mut(&at)?;
    // Rows count downwards: a positive cross product is a turn to the right.
    let turn = |to: &Corner| heading.1 * (to.0 - at.0) - heading.0 * (to.1 - at.1);
    let best = (0..open.len()).min_by_key(|&index| turn(&open[index]))?;
    let next = open.swap_remove(best);
    if open.is_empty() {
        steps.remove(&at);
    }
    Some(next)
}

/// Twice the area, positive clockwise on the screen.
fn doubled_area(path: &[Corner]) -> i64 {
    let next = path.iter().cycle().skip(1);
    path.iter().zip(next).map(|(a, b)| a.1 * b.0 - b.1 * a.0).sum()
}

/// Convex hull, clockwise on the screen (Andrew's monotone chain).
fn hull(mut points: Vec<Corner>) -> Vec<Corner> {
    points.sort_unstable();
    points.dedup();
    let mut chain: Vec<Corner> = Vec::new();
    let mut add = |points: &mut dyn Iterator<Item = Corner>| {
        let begin = chain.len();
        for point in points {
            while chain.len() >= begin + 2 {
                let (a, b) = (chain[chain.len() - 2], chain[chain.len() - 1]);
                if (b.1 - a.1) * (point.0 - a.0) - (b.0 - a.0) * (point.1 - a.1) > 0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
    };
    add(&mut points.iter().copied());
    add(&mut points.iter().rev().copied());
    chain
}

/// The corners that a line through them needs to stay within `tolerance` of all (Douglas and Peucker, 1973), the farthest
/// first, at most `most`.
fn simplified(path: &[Corner], tolerance: f64, most: usize) -> Vec<Corner> {
    // A closed path is cut at its first corner and the one farthest from it.
    let apart = |a: Corner, b: Corner| (a.0 - b.0).pow(2) + (a.1 - b.1).pow(2);
    let far = (0..path.len()).max_by_key(|&at| apart(path[0], path[at])).unwrap_or(0);
    let corner = |at: usize| path[at % path.len()];
    let stretch = |from: usize, to: usize| {
        let (a, b) = (corner(from), corner(to));
        let distances = (from + 1..to).map(|at| Stretch {
            distance: distance(corner(at), a, b),
            from,
            at,
            to,
        });
        distances
            .max_by(|x, y| x.distance.total_cmp(&y.distance))
            .filter(|farthest| farthest.distance > tolerance)
    };
    let mut kept = BTreeSet::from([0, far]);
    let mut open: BinaryHeap<Stretch> = [stretch(0, far), stretch(far, path.len())]
        .into_iter()
        .flatten()
        .collect();
    while let Some(farthest) = open.pop().filter(|_| kept.len() < most) {
        kept.insert(farthest.at);
        open.extend(stretch(farthest.from, farthest.at));
        open.extend(stretch(farthest.at, farthest.to));
    }
    kept.into_iter().map(corner).collect()
}

/// Part of a path between two kept corners, and the corner in it that is farthest off.
#[derive(Debug)]
struct Stretch {
    distance: f64,
    from: usize,
    at: usize,
    to: usize,
}

impl Ord for Stretch {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Stretch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Stretch {}

/// Distance of `point` from the stretch between `a` and `b`.
fn distance(point: Corner, a: Corner, b: Corner) -> f64 {
    let along = ((b.0 - a.0) as f64, (b.1 - a.1) as f64);
    let away = ((point.0 - a.0) as f64, (point.1 - a.1) as f64);
    let length = along.0 * along.0 + along.1 * along.1;
    let share = if length > 0.0 {
        ((along.0 * away.0 + along.1 * away.1) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let off = (away.0 - share * along.0, away.1 - share * along.1);
    // Not `hypot`, whose last digit differs between C libraries and would choose another of two corners as far off.
    (off.0 * off.0 + off.1 * off.1).sqrt()
}

#[cfg(test)]
mod tests {
    use super::{MOST, closed, doubled_area, loops};
    use crate::label::{Region, Run};
    use crate::write::example::disc;

    fn region(lines: &[&str]) -> Region {
        let mut runs = Vec::new();
        for (row, line) in lines.iter().enumerate() {
            for (column, pixel) in line.bytes().enumerate() {
                if pixel == b'#' {
                    runs.push(Run {
                        row: row as u32,
                        start: column as u32,
                        end: column as u32 + 1,
                    });
                }
            }
        }
        Region::new(runs).unwrap()
    }

    /// Area inside a closed line of points.
    fn area(line: &[[f32; 2]]) -> f64 {
        let doubled: f64 = line
            .windows(2)
            .map(|pair| f64::from(pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]))
            .sum();
        doubled / 2.0
    }

    #[test]
    fn one_pixel_is_a_closed_square() {
        let line = closed(&region(&["...", "..#"]));
        assert_eq!(line, [[2.0, 1.0], [3.0, 1.0], [3.0, 2.0], [2.0, 2.0], [2.0, 1.0]]);
    }

    #[test]
    fn corners_join_and_holes_run_the_other_way() {
        let areas =
            |lines: &[&str]| -> Vec<i64> { loops(&region(lines)).iter().map(|path| doubled_area(path)).collect() };
        assert_eq!(areas(&["#..", ".#.", "..#"]), [6]);
        assert_eq!(areas(&["###", "#.#", "###"]), [18, -2]);
        assert_eq!(areas(&[".#.", "#.#", ".#."]), [10, -2]);
        let line = closed(&region(&["#.", ".#"]));
        assert_eq!(area(&line), 2.0);
    }

    #[test]
    fn pieces_apart_are_held_together_by_their_hull() {
        let line = closed(&region(&["#...", "....", "...#"]));
        assert_eq!(line.first(), line.last());
        assert_eq!(area(&line), 6.0);
    }

    #[test]
    fn a_disc_keeps_its_area_with_few_points() {
        for radius in [1.0, 3.0, 10.0, 40.0, 300.0] {
            let disc = disc(320.0, 330.0, radius, 1.0);
            let line = closed(&disc);
            let off = (area(&line) - disc.area() as f64).abs();
            // An edge that is off by two fifths of a pixel all along would be off by that.
            assert!(
                off <= 0.4 * std::f64::consts::TAU * (radius + 0.5),
                "radius {radius}: off by {off}"
            );
            assert!(
                line.len() < 200 && line.first() == line.last(),
                "radius {radius}: {}",
                line.len()
            );
        }
    }

    #[test]
    fn a_ragged_edge_does_not_make_an_endless_line() {
        let teeth: Vec<String> = (0..2000).map(|row| "#".repeat(1 + (row % 2) * 36)).collect();
        let lines: Vec<&str> = teeth.iter().map(String::as_str).collect();
        let line = closed(&region(&lines));
        assert_eq!(line.len(), MOST + 1);
        assert!(area(&line) > 0.5 * 2000.0 * 19.0, "{}", area(&line));
    }
}
