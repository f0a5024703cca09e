//! A connected set of pixels that owns its runs.

use crate::radiograph::Mask;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Half-open box of pixels: rows `top..bottom`, columns `left..right`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Bounds {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Row after the last.
    pub bottom: u32,
    /// Column after the last.
    pub right: u32,
}

impl Bounds {
    /// Rows in the box.
    pub fn height(&self) -> u32 {
        self.bottom - self.top
    }

    /// Columns in the box.
    pub fn width(&self) -> u32 {
        self.right - self.left
    }
}

/// Neighbouring pixels of one row: columns `start..end` of `row`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Run {
    /// Row.
    pub row: u32,
    /// First column.
    pub start: u32,
    /// Column after the last.
    pub end: u32,
}

/// A non-empty set of pixels as runs in raster order.
///
/// Owns its pixels, so that SEG, COCO and overlays need no label map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    runs: Vec<Run>,
    bounds: Bounds,
    area: u64,
}

impl Region {
    /// The region of `runs`, sorted into raster order; touching and overlapping runs of one row are joined.
    ///
    /// `None` if no run holds a pixel.
    pub fn new(mut runs: Vec<Run>) -> Option<Self> {
        runs.retain(|run| run.start < run.end);
        runs.sort_unstable();
        let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
        for run in runs {
            match joined.last_mut() {
                Some(last) if last.row == run.row && run.start <= last.end => last.end = last.end.max(run.end),
                _ => joined.push(run),
            }
        }
        let (first, last) = (joined.first()?, joined.last()?);
        let bounds = Bounds {
            top: first.row,
            bottom: last.row + 1,
            left: joined.iter().map(|run| run.start).min()?,
            right: joined.iter().map(|run| run.end).max()?,
        };
        let area = joined.iter().map(|run| u64::from(run.end - run.start)).sum();
        Some(Self {
            runs: joined,
            bounds,
            area,
        })
    }

    /// The region of non-empty `runs` that are in raster order and apart, with `bounds` and `area` known.
    pub(super) fn from_raster_order(runs: Vec<Run>, bounds: Bounds, area: u64) -> Self {
        debug_assert!(runs.is_sorted() && runs.iter().map(|run| u64::from(run.end - run.start)).sum::<u64>() == area);
        Self { runs, bounds, area }
    }

    /// The pixels of `mask`, whether connected or not; `None` if it is empty.
    pub fn from_mask(mask: &Mask) -> Option<Self> {
        let mut runs = Vec::new();
        for row in 0..mask.shape().0 {
            runs.extend(mask.runs(row).map(|(start, end)| Run {
                row: row as u32,
                start: start as u32,
                end: end as u32,
            }));
        }
        Self::new(runs)
    }

    /// Runs in raster order; those of one row neither touch nor overlap.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The smallest box that holds every pixel.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Number of pixels, at least 1.
    pub fn area(&self) -> u64 {
        self.area
    }

    /// Every pixel as `(row, column)`, in raster order.
    pub fn pixels(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.runs
            .iter()
            .flat_map(|run| (run.start..run.end).map(move |column| (run.row as usize, column as usize)))
    }

    /// Whether `(row, column)` belongs to the region.
    pub fn contains(&self, row: u32, column: u32) -> bool {
        let after = self.runs.partition_point(|run| (run.row, run.start) <= (row, column));
        after > 0 && {
            let run = self.runs[after - 1];
            run.row == row && column < run.end
        }
    }

    /// How many pixels both regions share.
    pub fn overlap(&self, other: &Region) -> u64 {
        let (mut a, mut b, mut shared) = (0, 0, 0);
        while let (Some(x), Some(y)) = (self.runs.get(a), other.runs.get(b)) {
            if x.row == y.row {
                shared += u64::from(x.end.min(y.end).saturating_sub(x.start.max(y.start)));
            }
            if (x.row, x.end) <= (y.row, y.end) {
                a += 1
            } else {
                b += 1
            }
        }
        shared
    }

    /// The region on a grid `factor` times as fine, cut to `shape`; `None` if nothing of it lies inside.
    pub fn enlarged(&self, factor: usize, (rows, columns): (usize, usize)) -> Option<Region> {
        let mut runs = Vec::with_capacity(self.runs.len() * factor);
        for run in &self.runs {
            for row in run.row as usize * factor..((run.row as usize + 1) * factor).min(rows) {
                runs.push(Run {
                    row: row as u32,
                    start: (run.start as usize * factor).min(columns) as u32,
                    end: (run.end as usize * factor).min(columns) as u32,
                });
            }
        }
        Region::new(runs)
    }

    /// The region as a mask of `shape`; pixels outside are left out.
    pub fn to_mask(&self, shape: (usize, usize)) -> Mask {
        let mut mask = Mask::empty(shape);
        self.draw_on(&mut mask);
        mask
    }

    /// Turns the region's pixels on in `mask`; pixels outside are left out.
    pub fn draw_on(&self, mask: &mut Mask) {
        let (rows, columns) = mask.shape();
        for run in self.runs.iter().filter(|run| (run.row as usize) < rows) {
            let end = (run.end as usize).min(columns);
            mask.fill_run(run.row as usize, (run.start as usize).min(end), end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Region, Run};

    fn run(row: u32, start: u32, end: u32) -> Run {
        Run { row, start, end }
    }

    #[test]
    fn runs_are_sorted_and_joined() {
        let region = Region::new(vec![run(1, 0, 2), run(0, 4, 6), run(0, 1, 4)]).unwrap();
        assert_eq!(region.runs(), [run(0, 1, 6), run(1, 0, 2)]);
        assert_eq!(region.area(), 7);
        assert_eq!(region.bounds().right, 6);
        assert!(region.contains(0, 5) && !region.contains(0, 6) && !region.contains(0, 0));
        assert!(Region::new(vec![run(3, 2, 2)]).is_none());
    }

    #[test]
    fn an_enlarged_region_keeps_its_form() {
        let region = Region::new(vec![run(0, 1, 3), run(1, 0, 1)]).unwrap();
        let larger = region.enlarged(3, (5, 8)).unwrap();
        assert_eq!(larger.area(), 3 * 5 + 2 * 3);
        assert!(larger.contains(2, 7) && larger.contains(4, 0) && !larger.contains(3, 3));
        assert!(region.enlarged(3, (0, 0)).is_none());
    }

    #[test]
    fn overlap_counts_shared_pixels() {
        let left = Region::new(vec![run(0, 0, 10), run(1, 0, 3)]).unwrap();
        let right = Region::new(vec![run(0, 2, 4), run(0, 8, 12), run(1, 2, 9)]).unwrap();
        assert_eq!(left.overlap(&right), 5);
        assert_eq!(right.overlap(&left), 5);
        assert_eq!(Region::from_mask(&right.to_mask((2, 70))), Some(right));
    }
}
