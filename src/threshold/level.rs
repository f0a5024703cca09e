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
    use super::above;
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
            prop_assert_eq!(above(real.view(), f32::from(level)), expected);
            prop_assert_eq!(above(real.t(), 3.0).to_array(), real.t().mapv(|value| value > 3.0));
            real.fill(f32::NAN);
            prop_assert_eq!(above(real.view(), 0.0).count(), 0);
        }
    }
}
