//! Exact Euclidean distance to a mask.

use super::Mask;
use ndarray::Array2;

impl Mask {
    /// Squared distance from each pixel's centre to that of the nearest pixel of the mask; `0` on the mask itself.
    ///
    /// `spacing` is the distance between rows and between columns, above zero: `[1.0, 1.0]` for pixels. Infinite
    /// everywhere if the mask is empty. Distances inside a mask are those to its complement.
    ///
    /// # Source
    ///
    /// A. Meijster, J. Roerdink, W. Hesselink, 2000, doi 10.1007/0-306-47025-X_36; lower envelope as in P. Felzenszwalb,
    /// D. Huttenlocher, Theory of Computing 8, 2012, doi 10.4086/toc.2012.v008a019.
    /// Same values as the square of `scipy.ndimage.distance_transform_edt(~mask, sampling=spacing)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use calxray::radiograph::Mask;
    ///
    /// let mut mask = Mask::empty((4, 5));
    /// mask.set(0, 0, true);
    /// assert_eq!(mask.squared_distance([1.0, 1.0])[[3, 4]], 25.0);
    /// assert_eq!(mask.squared_distance([2.0, 1.0])[[3, 4]], 52.0);
    /// ```
    pub fn squared_distance(&self, spacing: [f64; 2]) -> Array2<f32> {
        let (rows, columns) = self.shape();
        let mut distance = Array2::from_elem((rows, columns), f32::INFINITY);
        if rows == 0 || columns == 0 {
            return distance;
        }
        let Some(data) = distance.as_slice_mut() else {
            return distance;
        };
        // Down, then up: rows to the nearest mask pixel of the same column.
        for r in 0..rows {
            let (upper, here) = data.split_at_mut(r * columns);
            let here = &mut here[..columns];
            if r > 0 {
                for (a, above) in here.iter_mut().zip(&upper[(r - 1) * columns..]) {
                    *a = above + 1.0;
                }
            }
            for (start, end) in self.runs(r) {
                here[start..end].fill(0.0);
            }
        }
        for r in (0..rows - 1).rev() {
            let (here, below) = data.split_at_mut((r + 1) * columns);
            for (a, below) in here[r * columns..].iter_mut().zip(&below[..columns]) {
                *a = a.min(below + 1.0);
            }
        }
        let mut envelope = Envelope::default();
        for row in data.chunks_exact_mut(columns) {
            envelope.lower(row, spacing);
        }
        distance
    }
}

/// Scratch of the row pass.
#[derive(Default)]
struct Envelope {
    /// Parabolas of the envelope: column, height, and the position from which on it is the lowest.
    parabolas: Vec<(f64, f64, f64)>,
    /// Squared vertical distances.
    squares: Vec<f32>,
}

/// Up to this distance a row is searched step by step, many pixels at a time; beyond, the envelope is faster.
const MOST_STEPS: f32 = 24.0;

impl Envelope {
    /// Turns vertical distances in rows into squared distances.
    fn lower(&mut self, row: &mut [f32], [between_rows, between_columns]: [f64; 2]) {
        // Between two pixels on the mask nothing beyond them can be nearer, so each gap stands alone.
        let mut start = 0;
        while start < row.len() {
            if row[start] == 0.0 {
                start += 1;
                continue;
            }
            let end = row[start..]
                .iter()
                .position(|&d| d == 0.0)
                .map_or(row.len(), |n| start + n);
            let from = start.saturating_sub(1);
            let to = (end + 1).min(row.len());
            self.gap(&mut row[from..to], between_rows, between_columns);
            start = end;
        }
    }

    fn gap(&mut self, cells: &mut [f32], between_rows: f64, between_columns: f64) {
        if [between_rows, between_columns] == [1.0, 1.0] {
            // No distance exceeds the largest vertical one, nor the way to the nearer end that is on the mask.
            let tallest = cells.iter().fold(0.0_f32, |most, &d| if d > most { d } else { most });
            if let (Some(&0.0), Some(&0.0)) = (cells.first(), cells.last()) {
                let most = tallest.min((cells.len() / 2) as f32);
                if most <= MOST_STEPS {
                    return self.gap_by_steps(cells, most as usize);
                }
            }
        }
        self.parabolas.clear();
        for (q, &vertical) in cells.iter().enumerate() {
            if vertical == f32::INFINITY {
                continue;
            }
            let height = f64::from(vertical) * between_rows;
            let (q, height) = (q as f64 * between_columns, height * height);
            let key = height + q * q;
            let mut from = f64::NEG_INFINITY;
            while let Some(&(p, p_height, p_from)) = self.parabolas.last() {
                from = (key - (p_height + p * p)) / (2.0 * (q - p));
                if from > p_from {
                    break;
                }
                self.parabolas.pop();
                from = f64::NEG_INFINITY;
            }
            self.parabolas.push((q, height, from));
        }
        if self.parabolas.is_empty() {
            return;
        }
        let mut k = 0;
        for (x, cell) in cells.iter_mut().enumerate() {
            let x = x as f64 * between_columns;
            while self.parabolas.get(k + 1).is_some_and(|next| next.2 < x) {
                k += 1;
            }
            let (q, height, _) = self.parabolas[k];
            *cell = ((x - q) * (x - q) + height) as f32;
        }
    }
}

impl Envelope {
    /// As `gap` for square pixels between two ends on the mask, where no distance exceeds `most`: whole numbers, so exact.
    fn gap_by_steps(&mut self, cells: &mut [f32], most: usize) {
        self.squares.clear();
        self.squares.extend(cells.iter().map(|&d| d * d));
        cells.copy_from_slice(&self.squares);
        let n = cells.len();
        for step in 1..=most.min((n - 1) / 2) {
            // What lies closer to an end than this step is nearer to that end.
            let further = (step * step) as f32;
            let sides = self.squares.iter().zip(&self.squares[2 * step..]);
            for (cell, (&left, &right)) in cells[step..n - step].iter_mut().zip(sides) {
                let distance = further + if left < right { left } else { right };
                *cell = if distance < *cell { distance } else { *cell };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::radiograph::Mask;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    #[test]
    fn distance_drawn() {
        let bits = array![[0, 0, 0, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]];
        let mask = Mask::from_fn(bits.view(), |&bit| bit == 1);
        let expected = array![[4., 5., 4., 1., 0.], [1., 2., 5., 2., 1.], [0., 1., 4., 5., 4.]];
        assert_eq!(mask.squared_distance([1.0, 1.0]), expected);
    }

    #[test]
    fn an_empty_mask_is_infinitely_far() {
        assert!(
            Mask::empty((3, 4))
                .squared_distance([1.0, 1.0])
                .iter()
                .all(|&d| d == f32::INFINITY)
        );
        assert_eq!(Mask::empty((0, 4)).squared_distance([1.0, 1.0]).dim(), (0, 4));
    }

    proptest! {
        #[test]
        fn equals_the_definition(
            (rows, columns, bits) in (1_usize..20, 1_usize..90).prop_flat_map(|(r, c)| {
                (Just(r), Just(c), proptest::collection::vec(proptest::bool::weighted(0.04), r * c))
            }),
            unequal: bool,
        ) {
            let spacing = if unequal { [0.25, 0.125] } else { [1.0, 1.0] };
            let bits = Array2::from_shape_vec((rows, columns), bits).unwrap();
            let mask = Mask::from_fn(bits.view(), |&bit| bit);
            let on: Vec<_> = bits.indexed_iter().filter(|(_, on)| **on).map(|(place, _)| place).collect();
            let expected = Array2::from_shape_fn((rows, columns), |(r, c)| {
                on.iter().fold(f32::INFINITY, |nearest, &(y, x)| {
                    let dr = r.abs_diff(y) as f64 * spacing[0];
                    let dc = c.abs_diff(x) as f64 * spacing[1];
                    nearest.min((dr * dr + dc * dc) as f32)
                })
            });
            prop_assert_eq!(mask.squared_distance(spacing), expected);
        }
    }
}
