//! A yes or no for each pixel, 64 to a word.

use ndarray::{Array2, ArrayView2};

/// One bit a pixel, shape `(rows, columns)`; each row starts on a word of its own.
///
/// Bit `c % 64` of word `c / 64` is column `c`. Bits beyond the last column are always zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    rows: usize,
    columns: usize,
    words_per_row: usize,
    words: Vec<u64>,
}

/// One row of a [`Mask`], ready to be filled.
#[derive(Debug)]
pub struct MaskRow<'a> {
    /// The row's words, lowest column first.
    pub words: &'a mut [u64],
}

impl Mask {
    /// A mask with every pixel off.
    pub fn empty((rows, columns): (usize, usize)) -> Self {
        let words_per_row = columns.div_ceil(64);
        Self {
            rows,
            columns,
            words_per_row,
            words: vec![0; rows * words_per_row],
        }
    }

    /// A mask with every pixel on.
    pub fn full(shape: (usize, usize)) -> Self {
        let mut mask = Self::empty(shape);
        let tail = shape.1 % 64;
        for row in mask.words.chunks_exact_mut(mask.words_per_row.max(1)) {
            row.fill(u64::MAX);
            if tail != 0
                && let Some(last) = row.last_mut()
            {
                *last = (1 << tail) - 1;
            }
        }
        mask
    }

    /// The mask of pixels for which `keep` holds.
    pub fn from_fn<T>(pixels: ArrayView2<'_, T>, keep: impl Fn(&T) -> bool) -> Self {
        let mut mask = Self::empty(pixels.dim());
        for (r, row) in pixels.outer_iter().enumerate() {
            let words = mask.row_mut(r).words;
            for (c, value) in row.iter().enumerate() {
                words[c / 64] |= u64::from(keep(value)) << (c % 64);
            }
        }
        mask
    }

    /// `(rows, columns)`.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// The words of row `r`, lowest column first.
    pub fn row(&self, r: usize) -> &[u64] {
        &self.words[r * self.words_per_row..][..self.words_per_row]
    }

    /// Row `r`, to be written. The caller keeps bits beyond the last column zero.
    pub fn row_mut(&mut self, r: usize) -> MaskRow<'_> {
        MaskRow {
            words: &mut self.words[r * self.words_per_row..][..self.words_per_row],
        }
    }

    /// Whether the pixel at `(row, column)` is on.
    pub fn get(&self, row: usize, column: usize) -> bool {
        debug_assert!(column < self.columns);
        self.words[row * self.words_per_row + column / 64] >> (column % 64) & 1 == 1
    }

    /// Turns the pixel at `(row, column)` on or off.
    pub fn set(&mut self, row: usize, column: usize, on: bool) {
        debug_assert!(column < self.columns);
        let word = &mut self.words[row * self.words_per_row + column / 64];
        let bit = 1 << (column % 64);
        *word = if on { *word | bit } else { *word & !bit };
    }

    /// The runs of `row`: each `(start, end)` stands for columns `start..end` that are on, the ends being off.
    pub fn runs(&self, row: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let words = self.row(row);
        let columns = self.columns;
        // First column at or after `from` whose bit differs from `off`, or the number of columns.
        let next = move |from: usize, off: u64| {
            let mut i = from / 64;
            let mut word = words.get(i).map_or(0, |word| (word ^ off) & u64::MAX << (from % 64));
            while word == 0 {
                i += 1;
                match words.get(i) {
                    Some(next) => word = next ^ off,
                    None => return columns,
                }
            }
            (i * 64 + word.trailing_zeros() as usize).min(columns)
        };
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = if at < columns { next(at, 0) } else { columns };
            if start == columns {
                return None;
            }
            at = next(start, u64::MAX);
            Some((start, at))
        })
    }

    /// Rows `top..top + rows` and columns `left..left + columns` as a mask of their own.
    ///
    /// # Panics
    ///
    /// If the box reaches beyond the mask.
    pub fn window(&self, (top, left): (usize, usize), (rows, columns): (usize, usize)) -> Self {
        assert!(
            top + rows <= self.rows && left + columns <= self.columns,
            "the window reaches beyond the mask"
        );
        let mut window = Self::empty((rows, columns));
        let (skip, shift) = (left / 64, left % 64);
        let tail = columns % 64;
        for r in 0..rows {
            let source = self.row(top + r);
            let words = window.row_mut(r).words;
            for (i, word) in words.iter_mut().enumerate() {
                *word = source[skip + i] >> shift;
                if shift != 0 {
                    *word |= source.get(skip + i + 1).map_or(0, |next| next << (64 - shift));
                }
            }
            if let (Some(last), true) = (words.last_mut(), tail != 0) {
                *last &= (1 << tail) - 1;
            }
        }
        window
    }

    /// Turns on columns `start..end` of `row`.
    pub fn fill_run(&mut self, row: usize, start: usize, end: usize) {
        debug_assert!(start <= end && end <= self.columns);
        if start == end {
            return;
        }
        let words = &mut self.words[row * self.words_per_row..][..self.words_per_row];
        let (first, last) = (start / 64, (end - 1) / 64);
        let head = u64::MAX << (start % 64);
        let tail = u64::MAX >> (63 - (end - 1) % 64);
        if first == last {
            words[first] |= head & tail;
        } else {
            words[first] |= head;
            words[first + 1..last].fill(u64::MAX);
            words[last] |= tail;
        }
    }

    /// How many pixels are on.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps only pixels that are on in `other` too.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn intersect(&mut self, other: &Mask) {
        assert_eq!(self.shape(), other.shape());
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
    }

    /// Adds the pixels that are on in `other`.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn unite(&mut self, other: &Mask) {
        assert_eq!(self.shape(), other.shape());
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    /// Removes the pixels that are on in `other`.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn subtract(&mut self, other: &Mask) {
        assert_eq!(self.shape(), other.shape());
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= !b;
        }
    }

    /// The mask as an array of `true` and `false`, for tests and drawing.
    pub fn to_array(&self) -> Array2<bool> {
        Array2::from_shape_fn(self.shape(), |(r, c)| self.get(r, c))
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn runs_cross_words_and_stop_at_the_edge() {
        let mut mask = Mask::empty((2, 130));
        mask.fill_run(0, 60, 130);
        mask.fill_run(1, 3, 3);
        assert_eq!(mask.count(), 70);
        assert!(!mask.get(0, 59) && mask.get(0, 60) && mask.get(0, 129));
        assert_eq!(Mask::full((2, 130)).count(), 260);
    }

    #[test]
    fn runs_lead_back_to_the_mask() {
        for columns in [1, 63, 64, 65, 130, 192] {
            for seed in 1..40_usize {
                let mut mask = Mask::empty((1, columns));
                for c in 0..columns {
                    mask.set(0, c, c * c * seed % 7 < 3 || c / 70 == seed % 3);
                }
                let mut again = Mask::empty((1, columns));
                let mut last = None;
                for (start, end) in mask.runs(0) {
                    assert!(start < end && last < Some(start));
                    again.fill_run(0, start, end);
                    last = Some(end);
                }
                assert_eq!(again, mask);
            }
        }
        assert_eq!(Mask::full((1, 130)).runs(0).collect::<Vec<_>>(), [(0, 130)]);
    }

    #[test]
    fn a_window_is_cut_at_any_bit() {
        let mut mask = Mask::empty((3, 200));
        for (row, start, end) in [(0, 5, 70), (1, 127, 130), (2, 60, 200)] {
            mask.fill_run(row, start, end);
        }
        for (left, columns) in [(0, 200), (1, 64), (64, 64), (63, 130), (130, 70), (199, 1)] {
            let window = mask.window((1, left), (2, columns));
            let expected = ndarray::Array2::from_shape_fn((2, columns), |(r, c)| mask.get(r + 1, c + left));
            assert_eq!(window, Mask::from_fn(expected.view(), |&on| on));
        }
    }

    #[test]
    fn set_algebra() {
        let mut left = Mask::empty((1, 70));
        left.fill_run(0, 0, 66);
        let mut right = Mask::empty((1, 70));
        right.fill_run(0, 64, 70);
        let mut both = left.clone();
        both.intersect(&right);
        assert_eq!(both.count(), 2);
        left.subtract(&right);
        assert_eq!(left.count(), 64);
        left.unite(&right);
        assert_eq!(left.count(), 70);
    }
}
