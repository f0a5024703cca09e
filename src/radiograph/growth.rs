//! Growth of a mask by an exact disc, 64 pixels at a time.

use super::Mask;

impl Mask {
    /// The mask grown by the disc of pixels whose centres lie within `radius` pixels of its own, `radius >= 0`.
    ///
    /// A radius below 1 (or NaN) leaves the mask as it is. Time grows with rows x words x radius.
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
        for row in 0..rows {
            if self.row(row).iter().all(|&word| word == 0) {
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
