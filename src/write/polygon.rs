//! A region as one closed polygon along the edges of its pixels: exact, holes and pieces included.

use super::sr::outline::{Corner, loops};
use crate::label::Region;

/// The edge of `region` as `[x, y]` corners of pixels, `[0, 0]` the top left corner of the image; not closed by repetition.
///
/// Where the region has holes or several pieces, the line goes to each by a bridge of no width and comes back the same
/// way, so that even-odd and non-zero filling both give the region, the area by the shoelace formula is its number of
/// pixels, and least and largest coordinates are its box.
pub fn ring(region: &Region) -> Vec<[i64; 2]> {
    let mut ring: Vec<Corner> = Vec::new();
    for path in loops(region) {
        let corners = turns(&path);
        let Some(&first) = corners.first() else { continue };
        let start = *ring.first().unwrap_or(&first);
        let bridged = !ring.is_empty();
        if bridged {
            // Close the loop before; after it the line stands at the start.
            ring.push(start);
        }
        ring.extend(&corners);
        if bridged {
            ring.push(first);
        }
    }
    ring.into_iter().map(|(row, column)| [column, row]).collect()
}

/// The corners of `path` where it turns.
fn turns(path: &[Corner]) -> Vec<Corner> {
    let count = path.len();
    let step = |from: Corner, to: Corner| (to.0 - from.0, to.1 - from.1);
    (0..count)
        .filter(|&at| {
            let (before, here, after) = (path[(at + count - 1) % count], path[at], path[(at + 1) % count]);
            step(before, here) != step(here, after)
        })
        .map(|at| path[at])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ring;
    use crate::label::{Region, Run};
    use crate::write::example::disc;

    fn drawn(lines: &[&str]) -> Region {
        let mut runs = Vec::new();
        for (row, line) in (0..).zip(lines) {
            for (column, _) in line.match_indices('#') {
                let start = column as u32;
                runs.push(Run {
                    row,
                    start,
                    end: start + 1,
                });
            }
        }
        Region::new(runs).unwrap()
    }

    /// Pixels whose centre an odd number of edges lies to the right of.
    fn filled(ring: &[[i64; 2]], rows: u32, columns: u32) -> Region {
        let inside = |row: u32, column: u32| {
            let (x, y) = (f64::from(column) + 0.5, f64::from(row) + 0.5);
            let edges = ring.iter().zip(ring.iter().cycle().skip(1));
            let crossed = edges.filter(|([x0, y0], [x1, y1])| {
                let [x0, y0, x1, y1] = [*x0, *y0, *x1, *y1].map(|number| number as f64);
                (y0 > y) != (y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)
            });
            crossed.count() % 2 == 1
        };
        let mut runs = Vec::new();
        for row in 0..rows {
            for start in (0..columns).filter(|&column| inside(row, column)) {
                let end = start + 1;
                runs.push(Run { row, start, end });
            }
        }
        Region::new(runs).unwrap()
    }

    fn area(ring: &[[i64; 2]]) -> i64 {
        let edges = ring.iter().zip(ring.iter().cycle().skip(1));
        edges.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<i64>() / 2
    }

    #[test]
    fn the_polygon_is_the_region() {
        let regions = [
            drawn(&["#"]),
            drawn(&["#####", "#...#", "#.#.#", "#...#", "#####"]),
            drawn(&["#..#", ".#..", "..##", "....", "#.#."]),
            drawn(&["########", "#.##...#", "##.#.#.#", "########", "...#....", "##.##..#"]),
            disc(40.0, 50.0, 17.3, 1.0),
        ];
        for region in regions {
            let ring = ring(&region);
            assert_eq!(filled(&ring, 80, 80), region);
            assert_eq!(area(&ring), region.area() as i64);
            let bounds = region.bounds();
            let [xs, ys] = [0, 1].map(|axis| ring.iter().map(move |corner| corner[axis]));
            let edges = [xs.clone().min(), ys.clone().min(), xs.max(), ys.max()].map(Option::unwrap);
            let own = [bounds.left, bounds.top, bounds.right, bounds.bottom].map(i64::from);
            assert_eq!(edges, own);
        }
        assert_eq!(ring(&drawn(&["##", "##"])), [[0, 0], [2, 0], [2, 2], [0, 2]]);
    }
}
