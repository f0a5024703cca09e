//! What a candidate looks like: two small pictures of it, for judges that look rather than measure.

use crate::label::Region;
use crate::radiograph::Radiograph;
use ndarray::ArrayView2;

/// Cells along each side of a view.
pub const CELLS: usize = 24;

/// Side of the near view over that of the candidate's bounding box, and what it is at least beyond it, in pixels.
const NEAR: (f64, f64) = (1.8, 8.0);
/// Side of the far view over that of the bounding box, and its least side in pixels.
const FAR: (f64, f64) = (6.0, 64.0);
/// Grey values are kept from this many standard deviations below the median to as many above it.
const MOST_DEVIATIONS: f64 = 8.0;
/// Steps of kept grey values in one standard deviation.
const STEPS: f64 = 4000.0;

/// A candidate seen from near and from far: square pictures about the centre of its bounding box.
#[derive(Clone, Debug, PartialEq)]
pub struct Views {
    /// 1.8 times as wide as the longer side of the bounding box: the candidate and its margin.
    pub near: View,
    /// 6 times as wide: what it lies beside.
    pub far: View,
}

/// A square picture of [`CELLS`] by [`CELLS`] cells, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    grey: Box<[i16]>,
    cover: Box<[u8]>,
}

impl View {
    /// Mean grey value of each cell, in standard deviations of the view above its median, `-8.0..=8.0`; 0 outside the picture.
    pub fn grey(&self) -> impl Iterator<Item = f32> {
        self.grey.iter().map(|&value| f32::from(value) / STEPS as f32)
    }

    /// Share of each cell that the candidate covers, `0.0..=1.0`.
    pub fn cover(&self) -> impl Iterator<Item = f32> {
        self.cover.iter().map(|&share| f32::from(share) / 255.0)
    }

    fn turned(&self, form: usize, gain: f32) -> Self {
        let from = |at: usize| {
            let (mut row, mut column) = (at / CELLS, at % CELLS);
            if form & 1 != 0 {
                row = CELLS - 1 - row;
            }
            if form & 2 != 0 {
                column = CELLS - 1 - column;
            }
            if form & 4 != 0 {
                (row, column) = (column, row);
            }
            row * CELLS + column
        };
        let cells = || (0..CELLS * CELLS).map(from);
        Self {
            grey: cells().map(|at| (f32::from(self.grey[at]) * gain) as i16).collect(),
            cover: cells().map(|at| self.cover[at]).collect(),
        }
    }

    fn of(region: &Region, sums: &RowSums, window: &Window) -> Self {
        Self {
            grey: standardised(&window.means(sums)),
            cover: window.cover(region),
        }
    }
}

impl Views {
    /// Views of `region` in the radiograph of `sums`.
    pub fn of(region: &Region, sums: &RowSums) -> Self {
        let bounds = region.bounds();
        let side = f64::from((bounds.bottom - bounds.top).max(bounds.right - bounds.left));
        let window = |side: f64| Window {
            top: f64::midpoint(f64::from(bounds.top), f64::from(bounds.bottom)) - side / 2.0,
            left: f64::midpoint(f64::from(bounds.left), f64::from(bounds.right)) - side / 2.0,
            cell: side / CELLS as f64,
        };
        let near = window((NEAR.0 * side).max(side + NEAR.1));
        let far = window((FAR.0 * side).max(FAR.1));
        Self {
            near: View::of(region, sums, &near),
            far: View::of(region, sums, &far),
        }
    }
}

impl Views {
    /// The same views turned and mirrored, `form` of eight, with grey values `gain` times as far from the median.
    pub fn turned(&self, form: usize, gain: f32) -> Self {
        Self {
            near: self.near.turned(form, gain),
            far: self.far.turned(form, gain),
        }
    }
}

/// Sums of grey values from the left end of each row, so that the mean of a wide cell costs two look-ups a row.
#[derive(Debug)]
pub struct RowSums {
    /// Row by row, one more than there are columns; modulo 2^32, for only differences count.
    sums: Vec<u32>,
    rows: usize,
    columns: usize,
}

impl RowSums {
    /// Of the grey values of `radiograph`, in one pass.
    pub fn of(radiograph: &Radiograph) -> Self {
        let pixels: ArrayView2<'_, u16> = radiograph.pixels();
        let (rows, columns) = pixels.dim();
        let mut sums = Vec::with_capacity(rows * (columns + 1));
        for row in pixels.rows() {
            let mut sum = 0_u32;
            sums.push(sum);
            sums.extend(row.iter().map(|&value| {
                sum = sum.wrapping_add(u32::from(value));
                sum
            }));
        }
        Self { sums, rows, columns }
    }

    /// Sum from column `left` to `right`, parts of pixels included, both within the row.
    fn sum(&self, row: usize, left: f64, right: f64) -> f64 {
        let own = &self.sums[row * (self.columns + 1)..][..=self.columns];
        let from = |at: f64| {
            let whole = (at as usize).min(self.columns - 1);
            let part = f64::from(own[whole + 1].wrapping_sub(own[whole])) * (at - whole as f64);
            (whole, part)
        };
        let ((first, cut), (last, added)) = (from(left), from(right));
        f64::from(own[last].wrapping_sub(own[first])) - cut + added
    }
}

/// Where a view lies, in pixels, and how large its cells are.
struct Window {
    top: f64,
    left: f64,
    cell: f64,
}

impl Window {
    /// Mean of what each cell shows of the picture; none where it shows nothing of it.
    fn means(&self, sums: &RowSums) -> Vec<Option<f64>> {
        let mut means = Vec::with_capacity(CELLS * CELLS);
        for down in 0..CELLS {
            let (top, bottom) = self.span(self.top, down, sums.rows);
            for across in 0..CELLS {
                let (left, right) = self.span(self.left, across, sums.columns);
                let area = (bottom - top) * (right - left);
                means.push((bottom > top && right > left && area > 1e-9).then(|| {
                    let rows = top as usize..(bottom.ceil() as usize).min(sums.rows);
                    let each = rows.map(|row| {
                        let height = bottom.min((row + 1) as f64) - top.max(row as f64);
                        height * sums.sum(row, left, right)
                    });
                    each.sum::<f64>() / area
                }));
            }
        }
        means
    }

    /// From where to where a row or column of cells lies within `0..size`.
    fn span(&self, start: f64, nth: usize, size: usize) -> (f64, f64) {
        let start = start + nth as f64 * self.cell;
        (start.max(0.0), (start + self.cell).min(size as f64))
    }

    /// Share of each cell that `region` covers, 255 for all of it.
    fn cover(&self, region: &Region) -> Box<[u8]> {
        let mut covered = vec![0.0_f64; CELLS * CELLS];
        // Cells that meet `from..to`, each with how much of it they share.
        let met = |start: f64, from: f64, to: f64| {
            let first = ((from - start) / self.cell).floor().max(0.0) as usize;
            let last = (((to - start) / self.cell).ceil().max(0.0) as usize).min(CELLS);
            (first..last).map(move |nth| {
                let cell = start + nth as f64 * self.cell;
                (nth, (to.min(cell + self.cell) - from.max(cell)).max(0.0))
            })
        };
        for run in region.runs() {
            let (row, start, end) = (f64::from(run.row), f64::from(run.start), f64::from(run.end));
            for (down, height) in met(self.top, row, row + 1.0) {
                for (across, width) in met(self.left, start, end) {
                    covered[down * CELLS + across] += height * width;
                }
            }
        }
        let share = |area: f64| (area / (self.cell * self.cell) * 255.0).round().clamp(0.0, 255.0) as u8;
        covered.into_iter().map(share).collect()
    }
}

/// Values as steps of their standard deviation above their median.
fn standardised(values: &[Option<f64>]) -> Box<[i16]> {
    let mut known: Vec<f64> = values.iter().flatten().copied().collect();
    known.sort_unstable_by(f64::total_cmp);
    let median = known.get(known.len() / 2).copied().unwrap_or(0.0);
    let count = known.len().max(1) as f64;
    let mean = known.iter().sum::<f64>() / count;
    let variance = known.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    let deviation = variance.sqrt().max(1e-6);
    let kept = |value: f64| ((value - median) / deviation).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS) * STEPS;
    values
        .iter()
        .map(|value| value.map_or(0, |value| kept(value) as i16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{CELLS, RowSums, Views};
    use crate::label::{Region, Run};
    use crate::radiograph::Radiograph;
    use ndarray::Array2;

    fn rectangle(rows: std::ops::Range<u32>, start: u32, end: u32) -> Region {
        Region::new(rows.map(|row| Run { row, start, end }).collect()).unwrap()
    }

    #[test]
    fn the_candidate_is_in_the_middle_and_stands_out() {
        let region = rectangle(100..120, 200, 220);
        let pixels = Array2::from_shape_fn((300, 400), |(r, c)| {
            if (100..120).contains(&r) && (200..220).contains(&c) {
                900
            } else {
                500 + (r % 2) as u16
            }
        });
        let views = Views::of(&region, &RowSums::of(&Radiograph::new(pixels)));
        for (view, factor) in [(&views.near, 1.8), (&views.far, 6.0)] {
            let covered: f32 = view.cover().sum();
            let cell = 20.0 * factor / CELLS as f32;
            assert!((covered * cell * cell / 400.0 - 1.0).abs() < 0.02, "{covered}");
            let grey: Vec<f32> = view.grey().collect();
            let cover: Vec<f32> = view.cover().collect();
            let middle = CELLS / 2 * CELLS + CELLS / 2;
            assert!((cover[middle] - 1.0).abs() < 1e-6 && cover[0] == 0.0);
            assert!(grey[middle] > grey[0] + 1.5, "{} {}", grey[middle], grey[0]);
        }
    }

    #[test]
    fn cells_are_means_of_their_pixels() {
        // A ramp: the mean of a cell is the ramp at its middle.
        let pixels = Array2::from_shape_fn((200, 200), |(r, c)| (3 * r + 7 * c) as u16);
        let views = Views::of(&rectangle(80..120, 85, 115), &RowSums::of(&Radiograph::new(pixels)));
        let grey: Vec<f32> = views.near.grey().collect();
        let (across, down) = (grey[1] - grey[0], grey[CELLS] - grey[0]);
        assert!((across / down - 7.0 / 3.0).abs() < 0.05);
        for cell in 0..CELLS * CELLS - CELLS {
            assert!((grey[cell + CELLS] - grey[cell] - down).abs() < 2e-3);
        }
    }

    #[test]
    fn a_cell_that_cuts_pixels_takes_their_parts() {
        let pixels = Array2::from_shape_fn((1, 6), |(_, c)| [10, 20, 40, 80, 160, 320][c]);
        let sums = RowSums::of(&Radiograph::new(pixels));
        assert_eq!(sums.sum(0, 0.0, 6.0), 630.0);
        assert_eq!(sums.sum(0, 1.5, 3.25), 10.0 + 40.0 + 20.0);
        assert_eq!(sums.sum(0, 4.25, 4.75), 80.0);
    }

    #[test]
    fn what_lies_outside_the_picture_is_nought() {
        let pixels = Array2::from_shape_fn((40, 40), |(r, c)| (1000 + r * 20 + c) as u16);
        let views = Views::of(&rectangle(0..4, 0, 4), &RowSums::of(&Radiograph::new(pixels)));
        let grey: Vec<f32> = views.far.grey().collect();
        assert_eq!(grey[0], 0.0);
        assert!(grey[CELLS * CELLS - CELLS + 13] != 0.0);
    }

    #[test]
    fn a_mirrored_picture_gives_mirrored_views() {
        let value = |r: usize, c: usize| ((r * 37 + c * c * 11) % 997) as u16;
        let pixels = Array2::from_shape_fn((80, 90), |(r, c)| value(r, c));
        let mirrored = Array2::from_shape_fn((80, 90), |(r, c)| value(r, 89 - c));
        let views = Views::of(&rectangle(20..31, 40, 50), &RowSums::of(&Radiograph::new(pixels)));
        let other = Views::of(&rectangle(20..31, 40, 50), &RowSums::of(&Radiograph::new(mirrored)));
        let grey: Vec<f32> = views.far.grey().collect();
        let back: Vec<f32> = other.far.grey().collect();
        for row in 0..CELLS {
            for column in 0..CELLS {
                let there = back[row * CELLS + CELLS - 1 - column];
                assert!((grey[row * CELLS + column] - there).abs() < 1e-3);
            }
        }
    }
}
