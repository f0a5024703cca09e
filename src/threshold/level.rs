//! One level for the whole image.

use crate::radiograph::Mask;
use ndarray::ArrayView2;

/// The pixels above `level`, strictly; NaN is above nothing.
///
/// # Examples
///
/// ```
/// use calxray::threshold::above;
/// use ndarray::array;
///
/// let mask = above(array![[1_u16, 5, 6]].view(), 5);
/// assert!(!mask.get(0, 1) && mask.get(0, 2));
/// ```
pub fn above<T: Copy + PartialOrd>(values: ArrayView2<'_, T>, level: T) -> Mask {
    let mut mask = Mask::empty(values.dim());
    for (r, row) in values.outer_iter().enumerate() {
        let words = mask.row_mut(r).words;
        match row.as_slice() {
            Some(row) => above_in_row(row, level, words),
            None => {
                for (c, &value) in row.iter().enumerate() {
                    words[c / 64] |= u64::from(value > level) << (c % 64);
                }
            }
        }
    }
    mask
}

/// The pixels of `within` above `level`, strictly: costs little where the mask is sparse.
///
/// # Panics
///
/// If the shapes of `values` and `within` differ.
pub fn above_within(values: ArrayView2<'_, f32>, level: f32, within: &Mask) -> Mask {
    assert_eq!(values.dim(), within.shape(), "mask and values differ in shape");
    let mut mask = Mask::empty(values.dim());
    for (r, row) in values.outer_iter().enumerate() {
        for (i, (word, &allowed)) in mask.row_mut(r).words.iter_mut().zip(within.row(r)).enumerate() {
            let mut bits = allowed;
            while bits != 0 {
                let bit = bits.trailing_zeros();
                *word |= u64::from(row[i * 64 + bit as usize] > level) << bit;
                bits &= bits - 1;
            }
        }
    }
    mask
}

/// One row of [`above`]; `words` are overwritten.
fn above_in_row<T: Copy + PartialOrd>(row: &[T], level: T, words: &mut [u64]) {
    let (chunks, rest) = row.as_chunks::<64>();
    for (word, chunk) in words.iter_mut().zip(chunks) {
        let bytes = chunk.map(|value| u8::from(value > level));
        *word = packed(&bytes);
    }
    if let (Some(word), false) = (words.last_mut(), rest.is_empty()) {
        let mut bytes = [0; 64];
        for (byte, &value) in bytes.iter_mut().zip(rest) {
            *byte = u8::from(value > level);
        }
        *word = packed(&bytes);
    }
}

/// 64 bytes, each 0 or 1, as the bits of a word, lowest first.
#[inline(always)]
fn packed(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    let mut word = 0;
    for (i, &eight) in eights.iter().enumerate() {
        // Each byte's bit is carried to its place in the topmost byte; no two meet on the way.
        let top = u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= top << (8 * i);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{above, above_within};
    use crate::radiograph::Mask;
    use ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_plain_comparison(
            (rows, columns, values) in (0_usize..4, 0_usize..200).prop_flat_map(|(r, c)| {
                (Just(r), Just(c), proptest::collection::vec(0_u16..9, r * c))
            }),
            level in 0_u16..9,
        ) {
            let values = Array2::from_shape_vec((rows, columns), values).unwrap();
            let expected = Mask::from_fn(values.view(), |&value| value > level);
            prop_assert_eq!(above(values.view(), level), expected.clone());
            let mut real = values.mapv(f32::from);
            prop_assert_eq!(&above(real.view(), f32::from(level)), &expected);
            let mut within = Mask::from_fn(values.view(), |&value| value % 3 > 0);
            let found = above_within(real.view(), f32::from(level), &within);
            within.intersect(&expected);
            prop_assert_eq!(found, within);
            prop_assert_eq!(above(real.t(), 3.0).to_array(), real.t().mapv(|value| value > 3.0));
            real.fill(f32::NAN);
            prop_assert_eq!(above(real.view(), 0.0).count(), 0);
        }
    }
}
