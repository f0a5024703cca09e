//! Growth of a mask by an exact disc, 64 pixels at a time.

use super::Mask;

impl Mask {
    /// The mask grown by the disc of pixels whose centres lie within `radius` pixels of its own, `radius >= 0`.
    ///
    /// A radius below 1 (or NaN) leaves the mask as it is. Time grows with rows x radius, for rows of several runs with
    /// rows x words x radius.
    #[must_use]
    pub fn grown(&self, radius: f64) -> Self {
        let (rows, columns) = self.shape();
        if radius.is_nan() || radius < 1.0 || rows == 0 || columns == 0 {
            return self.clone();
        }
        let radius = radius.min((rows + columns) as f64);
        let mut grown = Self::empty(self.shape());
        let reach = radius.floor() as usize;
        // Half the disc's width so many rows off; a hair is added so that 3-4-5 triangles do not fall to rounding.
        let half_widths: Vec<usize> = (0..=reach)
            .map(|dr| ((radius * radius - (dr * dr) as f64).max(0.0) + 1e-9).sqrt() as usize)
            .collect();
        let mut wide = Vec::new();
        let mut copy = Vec::new();
        let mut stack = Stack::new(&half_widths);
        for row in 0..rows {
            let mut runs = self.runs(row);
            let Some(run) = runs.next() else { continue };
            if runs.next().is_none() {
                if !stack.push(row, run) {
                    stack.draw(&mut grown);
                    stack.push(row, run);
                }
                continue;
            }
            wide.clear();
            wide.extend_from_slice(self.row(row));
            let mut width = 0;
            for dr in (0..=reach).rev() {
                let wanted = half_widths[dr];
                if wanted > width {
                    widen(&mut wide, wanted - width, &mut copy);
                    width = wanted;
                }
                if dr <= row {
                    add(grown.row_mut(row - dr).words, &wide);
                }
                if dr > 0 && row + dr < rows {
                    add(grown.row_mut(row + dr).words, &wide);
                }
            }
        }
        stack.draw(&mut grown);
        let tail = columns % 64;
        if tail != 0 {
            for row in 0..rows {
                if let Some(last) = grown.row_mut(row).words.last_mut() {
                    *last &= (1 << tail) - 1;
                }
            }
        }
        grown
    }
}

/// Rows of one run each that touch one another: grown by a disc, every row is one run again, from the least left end
/// to the largest right end of what its neighbours reach.
struct Stack {
    /// First row.
    top: usize,
    runs: Vec<(usize, usize)>,
    /// How far the disc reaches aside in each of its rows.
    widths: Vec<f32>,
    // Whole numbers: the smaller of two floats is one instruction for four of them everywhere.
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Stack {
    /// For a disc that reaches so far aside, by rows off its middle.
    fn new(half_widths: &[usize]) -> Self {
        let below = half_widths.iter().map(|&width| width as f32);
        Self {
            top: 0,
            runs: Vec::new(),
            widths: below.clone().skip(1).rev().chain(below).collect(),
            left: Vec::new(),
            right: Vec::new(),
        }
    }

    /// Adds the only run of `row`; `false` if it does not touch the last.
    fn push(&mut self, row: usize, run: (usize, usize)) -> bool {
        match self.runs.last() {
            None => self.top = row,
            Some(last) if self.top + self.runs.len() == row && last.0 <= run.1 && run.0 <= last.1 => {}
            Some(_) => return false,
        }
        self.runs.push(run);
        true
    }

    /// Adds what the rows grow to, and starts anew.
    fn draw(&mut self, grown: &mut Mask) {
        let (rows, columns) = grown.shape();
        let reach = self.widths.len() / 2;
        let height = if self.runs.is_empty() {
            0
        } else {
            self.runs.len() + 2 * reach
        };
        self.left.clear();
        self.left.resize(height, f32::INFINITY);
        self.right.clear();
        self.right.resize(height, 0.0);
        for (k, &(start, end)) in self.runs.iter().enumerate() {
            let (start, end) = (start as f32, end as f32);
            let ends = self.left[k..].iter_mut().zip(&mut self.right[k..]);
            for ((left, right), &width) in ends.zip(&self.widths) {
                let (from, to) = (start - width, end + width);
                *left = if from < *left { from } else { *left };
                *right = if to > *right { to } else { *right };
            }
        }
        for (i, (&left, &right)) in self.left.iter().zip(&self.right).enumerate() {
            if let Some(row) = (self.top + i).checked_sub(reach).filter(|&row| row < rows) {
                // A negative left end becomes 0.
                grown.fill_run(row, left as usize, (right as usize).min(columns));
            }
        }
        self.runs.clear();
    }
}

impl Mask {
    /// The mask grown by the square of pixels within `reach` rows and columns: a king's moves on the chessboard.
    #[must_use]
    pub fn grown_square(&self, reach: usize) -> Self {
        let (rows, columns) = self.shape();
        let mut across = self.clone();
        let mut copy = Vec::new();
        let tail = columns % 64;
        for row in 0..rows {
            let words = across.row_mut(row).words;
            if words.iter().all(|&word| word == 0) {
                continue;
            }
            widen(words, reach.min(columns), &mut copy);
            if let (Some(last), true) = (words.last_mut(), tail != 0) {
                *last &= (1 << tail) - 1;
            }
        }
        let mut grown = across.clone();
        for row in 0..rows {
            let words = across.row(row);
            if words.iter().all(|&word| word == 0) {
                continue;
            }
            for other in row.saturating_sub(reach)..row.saturating_add(reach + 1).min(rows) {
                if other != row {
                    add(grown.row_mut(other).words, words);
                }
            }
        }
        grown
    }
}

fn add(into: &mut [u64], words: &[u64]) {
    for (a, b) in into.iter_mut().zip(words) {
        *a |= b;
    }
}

/// Grows every run of `words` by `by` columns both ways, in steps of doubling length.
fn widen(words: &mut [u64], by: usize, copy: &mut Vec<u64>) {
    copy.clear();
    copy.extend_from_slice(words);
    let mut done = 0;
    while done < by {
        let step = (done + 1).min(by - done);
        shift_up(words, step);
        shift_down(copy, step);
        done += step;
    }
    add(words, copy);
}

/// Adds to `words` itself moved `by` columns to the right.
fn shift_up(words: &mut [u64], by: usize) {
    let (whole, bits) = (by / 64, by % 64);
    for i in (whole..words.len()).rev() {
        let mut moved = words[i - whole] << bits;
        if bits != 0 && i > whole {
            moved |= words[i - whole - 1] >> (64 - bits);
        }
        words[i] |= moved;
    }
}

/// Adds to `words` itself moved `by` columns to the left.
fn shift_down(words: &mut [u64], by: usize) {
    let (whole, bits) = (by / 64, by % 64);
    for i in 0..words.len().saturating_sub(whole) {
        let mut moved = words[i + whole] >> bits;
        if bits != 0
            && let Some(next) = words.get(i + whole + 1)
        {
            moved |= next << (64 - bits);
        }
        words[i] |= moved;
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn a_square_grows_by_king_moves() {
        let mut mask = Mask::empty((9, 70));
        mask.set(2, 63, true);
        mask.set(8, 0, true);
        let grown = mask.grown_square(3);
        for row in 0..9_usize {
            for column in 0..70_usize {
                let near = |r: usize, c: usize| row.abs_diff(r).max(column.abs_diff(c)) <= 3;
                assert_eq!(grown.get(row, column), near(2, 63) || near(8, 0), "{row} {column}");
            }
        }
        assert_eq!(mask.grown_square(0), mask);
        assert_eq!(mask.grown_square(100), Mask::full((9, 70)));
    }
}
