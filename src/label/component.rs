//! What one pass over the runs of a connected component tells about it.

use super::{Bounds, Region};

/// Which pixels count as neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Connectivity {
    /// Pixels that share an edge.
    Four,
    /// Pixels that share an edge or a corner.
    #[default]
    Eight,
}

/// Which edges of the image a component reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Borders {
    /// The first row.
    pub top: bool,
    /// The first column.
    pub left: bool,
    /// The last row.
    pub bottom: bool,
    /// The last column.
    pub right: bool,
}

impl Borders {
    /// Whether any edge is reached.
    pub fn any(self) -> bool {
        self.top || self.left || self.bottom || self.right
    }
}

/// Sums of a value over a component.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intensity {
    /// Sum of values.
    pub sum: f64,
    /// Sum of squared values.
    pub sum_of_squares: f64,
    /// Largest value.
    pub max: f32,
    /// Where the largest value lies, `(row, column)`; the first such pixel in raster order.
    pub argmax: (u32, u32),
}

impl Intensity {
    pub(super) fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.sum_of_squares += other.sum_of_squares;
        if other.max > self.max || (other.max == self.max && other.argmax < self.argmax) {
            self.max = other.max;
            self.argmax = other.argmax;
        }
    }
}

/// Geometry and intensity of a component, all of it additive over its runs.
///
/// Rows count down from the top of the mask, columns from its left; pixel `(0, 0)` has its centre at `(0.0, 0.0)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// First pixel in raster order, `(row, column)`; components are sorted by it.
    pub first: (u32, u32),
    /// Number of pixels, at least 1.
    pub area: u64,
    /// The smallest box that holds every pixel.
    pub bounds: Bounds,
    /// Sum of rows.
    pub sum_row: u64,
    /// Sum of columns.
    pub sum_column: u64,
    /// Sums of row², row x column and column².
    pub sum_second: [u128; 3],
    /// Pixel edges between the component and a pixel outside it above or below; each is one column spacing long.
    pub cracks_along_rows: u64,
    /// Pixel edges between the component and a pixel outside it left or right; each is one row spacing long.
    pub cracks_along_columns: u64,
    /// The component (1) minus its holes, in the connectivity asked for.
    pub euler: i64,
    /// Which edges of the mask it reaches.
    pub borders: Borders,
    /// Sums of the values, if values were given.
    pub intensity: Option<Intensity>,
}

impl Summary {
    /// Centre of area, `[row, column]`, in pixels.
    pub fn centroid(&self) -> [f64; 2] {
        let area = self.area as f64;
        [self.sum_row as f64 / area, self.sum_column as f64 / area]
    }

    /// Second central moments over the area, `[row row, row column, column column]`, in square pixels.
    ///
    /// Of pixel centres: a one-pixel component has zeros.
    pub fn central_moments(&self) -> [f64; 3] {
        // Shifted to the box first, in whole numbers, so that nothing cancels far from the origin.
        let (area, top, left) = (
            self.area as i128,
            i128::from(self.bounds.top),
            i128::from(self.bounds.left),
        );
        let (sum_row, sum_column) = (self.sum_row as i128, self.sum_column as i128);
        let [rr, rc, cc] = self.sum_second.map(|sum| sum as i128);
        let rr = rr - 2 * top * sum_row + top * top * area;
        let cc = cc - 2 * left * sum_column + left * left * area;
        let rc = rc - top * sum_column - left * sum_row + top * left * area;
        let mean_row = (sum_row - top * area) as f64 / area as f64;
        let mean_column = (sum_column - left * area) as f64 / area as f64;
        let area = area as f64;
        [
            (rr as f64 / area - mean_row * mean_row).max(0.0),
            rc as f64 / area - mean_row * mean_column,
            (cc as f64 / area - mean_column * mean_column).max(0.0),
        ]
    }

    /// Pixel edges between the component and the rest, outer and inner outlines together.
    pub fn cracks(&self) -> u64 {
        self.cracks_along_rows + self.cracks_along_columns
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.area += other.area;
        self.bounds.top = self.bounds.top.min(other.bounds.top);
        self.bounds.left = self.bounds.left.min(other.bounds.left);
        self.bounds.bottom = self.bounds.bottom.max(other.bounds.bottom);
        self.bounds.right = self.bounds.right.max(other.bounds.right);
        self.sum_row += other.sum_row;
        self.sum_column += other.sum_column;
        for (sum, more) in self.sum_second.iter_mut().zip(other.sum_second) {
            *sum += more;
        }
        self.cracks_along_rows += other.cracks_along_rows;
        self.cracks_along_columns += other.cracks_along_columns;
        self.euler += other.euler;
        if let (Some(mine), Some(theirs)) = (&mut self.intensity, &other.intensity) {
            mine.merge(theirs);
        }
    }
}

/// A connected component: its pixels and their [`Summary`].
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its pixels.
    pub region: Region,
    /// Geometry and intensity.
    pub summary: Summary,
}
