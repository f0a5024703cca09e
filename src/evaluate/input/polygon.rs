//! Polygons to pixels, as pycocotools does it.

use crate::label::{Region, Run};

/// The outline is followed on a grid this many times as fine.
const SCALE: f64 = 5.0;

/// Most crossings of an outline with columns of pixels.
const CROSSINGS: usize = 1 << 24;

/// Pixels inside the closed polygons `[x0, y0, x1, y1, ...]` together, in an image of `shape` `(rows, columns)`.
///
/// Every outline is drawn as a dense chain of points on a grid five times as fine. Where it steps over the middle of a
/// column of pixels, the column changes between inside and outside at the next pixel centre below. That is the rule of
/// `pycocotools.mask.frPyObjects`, so the masks are the same.
///
/// `Err` says what is wrong with the polygons; `Ok(None)`: they hold no pixel.
pub(super) fn fill(polygons: &[Vec<f64>], shape: (u32, u32)) -> Result<Option<Region>, String> {
    let mut pixels = Vec::new();
    for polygon in polygons {
        if polygon.len() < 6 || polygon.len() % 2 == 1 {
            return Err(format!("a polygon of {} numbers", polygon.len()));
        }
        if polygon.iter().any(|number| number.is_nan() || number.abs() >= 1e7) {
            return Err("a polygon that reaches beyond any image".to_owned());
        }
        fill_one(polygon, shape, &mut pixels)?;
        if pixels.len() > CROSSINGS {
            return Err("polygons too large".to_owned());
        }
    }
    Ok(Region::new(pixels))
}

fn fill_one(polygon: &[f64], (rows, columns): (u32, u32), runs: &mut Vec<Run>) -> Result<(), String> {
    let fine = |number: f64| (SCALE * number + 0.5) as i64;
    let points: Vec<[i64; 2]> = polygon.chunks_exact(2).map(|xy| [fine(xy[0]), fine(xy[1])]).collect();
    let mut crossings: Vec<u64> = Vec::new();
    for (index, &from) in points.iter().enumerate() {
        let to = points[(index + 1) % points.len()];
        cross(from, to, (rows, columns), &mut crossings);
        if crossings.len() > CROSSINGS {
            return Err("a polygon too complicated".to_owned());
        }
    }
    // Down one column after the other; an outline that leaves the image below goes on at the head of the next.
    crossings.sort_unstable();
    let rows = u64::from(rows);
    let end = rows * u64::from(columns);
    crossings.push(end);
    for pair in crossings.chunks_exact(2) {
        for at in pair[0]..pair[1].min(end) {
            let (column, row) = ((at / rows) as u32, (at % rows) as u32);
            runs.push(Run {
                row,
                start: column,
                end: column + 1,
            });
            if runs.len() > CROSSINGS {
                return Err("a polygon too large".to_owned());
            }
        }
    }
    Ok(())
}

/// Adds the places, counted down the columns, where the edge steps over the middle of a column.
fn cross(from: [i64; 2], to: [i64; 2], (rows, columns): (u32, u32), crossings: &mut Vec<u64>) {
    let (dx, dy) = ((to[0] - from[0]).abs(), (to[1] - from[1]).abs());
    if dx == 0 {
        return;
    }
    let flat = dx >= dy;
    let flipped = if flat { from[0] > to[0] } else { from[1] > to[1] };
    let ([xs, ys], [xe, ye]) = if flipped { (to, from) } else { (from, to) };
    // Between the fine columns 5n + 2 and 5n + 3 lies the middle of the pixel column n.
    let mut add = |column: i64, fine_row: i64| {
        let row = ((fine_row as f64 + 0.5) / SCALE - 0.5)
            .clamp(0.0, f64::from(rows))
            .ceil();
        crossings.push(column as u64 * u64::from(rows) + row as u64);
    };
    let first = (xs.min(xe) - 3).div_euclid(5).max(0);
    let last = xs.max(xe).div_euclid(5).min(i64::from(columns) - 1);
    if flat {
        let slope = (ye - ys) as f64 / dx as f64;
        let row_at = |x: i64| (ys as f64 + slope * (x - xs) as f64 + 0.5) as i64;
        for column in first..=last {
            let (left, right) = (5 * column + 2, 5 * column + 3);
            if xs <= left && right <= xe {
                add(column, row_at(left).min(row_at(right)));
            }
        }
    } else {
        let slope = (xe - xs) as f64 / dy as f64;
        let column_at = |step: i64| (xs as f64 + slope * step as f64 + 0.5) as i64;
        for column in first..=last {
            let right = |step: i64| column_at(step) > 5 * column + 2;
            if right(0) != right(dy) {
                // The step before the side changes.
                let (mut before, mut after) = (0, dy);
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if right(middle) == right(0) {
                        before = middle;
                    } else {
                        after = middle;
                    }
                }
                add(column, ys + before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fill;
    use crate::write::Rle;
    use serde::Deserialize;

    /// Masks of `pycocotools` 2.0.11, made by `tests/baselines` beside this file.
    #[derive(Deserialize)]
    struct Baseline {
        polygons: Vec<Vec<f64>>,
        size: [u32; 2],
        counts: String,
        area: u64,
    }

    #[test]
    fn masks_equal_those_of_pycocotools() {
        let text = include_str!("polygon/pycocotools.json");
        let baselines: Vec<Baseline> = serde_json::from_str(text).unwrap();
        assert!(baselines.len() >= 40);
        for (index, baseline) in baselines.iter().enumerate() {
            let shape = (baseline.size[0], baseline.size[1]);
            let drawn = fill(&baseline.polygons, shape).unwrap();
            assert_eq!(
                drawn.as_ref().map_or(0, |region| region.area()),
                baseline.area,
                "{index}"
            );
            if let Some(region) = drawn {
                assert_eq!(Rle::encode(&region, shape).counts, baseline.counts, "{index}");
            }
        }
    }

    #[test]
    fn a_square_between_pixel_borders_is_its_pixels() {
        let region = fill(&[vec![2.0, 1.0, 5.0, 1.0, 5.0, 3.0, 2.0, 3.0]], (10, 10))
            .unwrap()
            .unwrap();
        let pixels: Vec<_> = region.pixels().collect();
        assert_eq!(pixels, [(1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (2, 4)]);
    }

    #[test]
    fn what_is_no_polygon_is_refused() {
        for wrong in [
            vec![],
            vec![1.0; 4],
            vec![1.0; 7],
            vec![f64::NAN; 6],
            vec![1e30, 0.0, 0.0, 1e30, 1.0, 1.0],
        ] {
            assert!(fill(std::slice::from_ref(&wrong), (10, 10)).is_err(), "{wrong:?}");
        }
        assert_eq!(fill(&[vec![-5.0, -5.0, -1.0, -5.0, -1.0, -1.0]], (10, 10)), Ok(None));
        assert_eq!(fill(&[], (10, 10)), Ok(None));
    }
}
