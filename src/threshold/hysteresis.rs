//! Weak pixels count where a strong one vouches for them.

use super::above;
use crate::radiograph::Mask;
use ndarray::ArrayView2;

/// The components above `low` that hold a pixel above `high`; neighbours share an edge or a corner.
///
/// A `high` below `low` is raised to it. Same mask as scikit-image `apply_hysteresis_threshold` but for its
/// connectivity, which is by edges only.
///
/// # Source
///
/// J. Canny, IEEE PAMI 8(6), 1986, doi 10.1109/TPAMI.1986.4767851.
///
/// # Examples
///
/// ```
/// use calxray::threshold::hysteresis;
/// use ndarray::array;
///
/// let mask = hysteresis(array![[3.0, 9.0, 4.0, 0.0, 4.0]].view(), 2.0, 8.0);
/// assert_eq!(mask.to_array(), array![[true, true, true, false, false]]);
/// ```
pub fn hysteresis(values: ArrayView2<'_, f32>, low: f32, high: f32) -> Mask {
    let ceiling = above(values, low);
    reconstruct(above(values, high.max(low)), &ceiling)
}

/// The components of `ceiling` that hold a pixel of `seeds`, by edges and corners.
///
/// # Panics
///
/// If the shapes differ.
pub fn reconstruct(mut seeds: Mask, ceiling: &Mask) -> Mask {
    seeds.intersect(ceiling);
    let (rows, _) = ceiling.shape();
    let mut row = Vec::new();
    // A row is looked at again only if a neighbour has grown since.
    let mut stale = vec![true; rows];
    let mut downward = true;
    while stale.contains(&true) {
        for i in 0..rows {
            let r = if downward { i } else { rows - 1 - i };
            if !std::mem::replace(&mut stale[r], false) || ceiling.row(r).iter().all(|&word| word == 0) {
                continue;
            }
            row.clear();
            row.extend_from_slice(seeds.row(r));
            if r > 0 {
                add_spread(&mut row, seeds.row(r - 1));
            }
            if r + 1 < rows {
                add_spread(&mut row, seeds.row(r + 1));
            }
            for (word, &limit) in row.iter_mut().zip(ceiling.row(r)) {
                *word &= limit;
            }
            flood(&mut row, ceiling.row(r));
            if row != seeds.row(r) {
                seeds.row_mut(r).words.copy_from_slice(&row);
                if r > 0 {
                    stale[r - 1] = true;
                }
                if r + 1 < rows {
                    stale[r + 1] = true;
                }
            }
        }
        downward = !downward;
    }
    seeds
}

/// Adds to `row` each pixel of `other` and its neighbours left and right.
fn add_spread(row: &mut [u64], other: &[u64]) {
    let mut carry = 0;
    for (i, &word) in other.iter().enumerate() {
        let after = other.get(i + 1).map_or(0, |next| next << 63);
        row[i] |= word | word << 1 | carry | word >> 1 | after;
        carry = word >> 63;
    }
}

/// Grows `row` to every run of `limit` it has a pixel in.
fn flood(row: &mut [u64], limit: &[u64]) {
    // Adding a seed to its run carries through to the run's end and so turns every bit behind the seed.
    let mut carry = false;
    for (word, &limit) in row.iter_mut().zip(limit) {
        let (sum, first) = limit.overflowing_add(*word);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        carry = first || second;
        *word |= (sum ^ limit) & limit;
    }
    carry = false;
    for (word, &limit) in row.iter_mut().zip(limit).rev() {
        let (seeds, limit) = (word.reverse_bits(), limit.reverse_bits());
        let (sum, first) = limit.overflowing_add(seeds);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        carry = first || second;
        *word = (seeds | (sum ^ limit) & limit).reverse_bits();
    }
}

#[cfg(test)]
mod tests {
    use super::{hysteresis, reconstruct};
    use crate::radiograph::Mask;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    #[test]
    fn a_corner_vouches_too() {
        let values = array![[9.0, 0.0, 3.0, 3.0], [0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]];
        let mask = hysteresis(values.view(), 2.0, 8.0);
        let expected = array![[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]].mapv(|bit| bit == 1);
        assert_eq!(mask.to_array(), expected);
        assert_eq!(hysteresis(values.view(), 8.0, 2.0).count(), 1);
    }

    #[test]
    fn a_spiral_is_followed_to_its_end() {
        let n = 131;
        let mut spiral = Array2::from_elem((n, n), false);
        let (mut r, mut c, mut dr, mut dc) = (0_isize, 0_isize, 0_isize, 1_isize);
        let free = |spiral: &Array2<bool>, r: isize, c: isize| {
            (0..n as isize).contains(&r) && (0..n as isize).contains(&c) && !spiral[[r as usize, c as usize]]
        };
        loop {
            spiral[[r as usize, c as usize]] = true;
            let ahead = free(&spiral, r + dr, c + dc)
                && (free(&spiral, r + 2 * dr, c + 2 * dc) || {
                    let (y, x) = (r + 2 * dr, c + 2 * dc);
                    !(0..n as isize).contains(&y) || !(0..n as isize).contains(&x)
                });
            if !ahead {
                (dr, dc) = (dc, -dr);
                if !free(&spiral, r + dr, c + dc) || !free(&spiral, r + 2 * dr, c + 2 * dc) {
                    break;
                }
            }
            r += dr;
            c += dc;
        }
        let ceiling = Mask::from_fn(spiral.view(), |&on| on);
        let mut seed = Mask::empty((n, n));
        seed.set(0, 0, true);
        assert!(ceiling.count() > 8000);
        assert_eq!(reconstruct(seed, &ceiling), ceiling);
    }

    proptest! {
        #[test]
        fn equals_repeated_growth(
            (rows, columns, values) in (1_usize..10, 1_usize..140).prop_flat_map(|(r, c)| {
                (Just(r), Just(c), proptest::collection::vec(0_u8..10, r * c))
            })
        ) {
            let values = Array2::from_shape_fn((rows, columns), |(r, c)| f32::from(values[r * columns + c]));
            let mut grown = values.mapv(|value| value > 8.0);
            loop {
                let next = Array2::from_shape_fn((rows, columns), |(r, c)| values[[r, c]] > 4.0
                    && (r.saturating_sub(1)..(r + 2).min(rows)).any(|y| {
                        (c.saturating_sub(1)..(c + 2).min(columns)).any(|x| grown[[y, x]])
                    }));
                if next == grown {
                    break;
                }
                grown = next;
            }
            prop_assert_eq!(hysteresis(values.view(), 4.0, 8.0).to_array(), grown);
        }
    }
}
