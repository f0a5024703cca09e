//! Stored words to levels: `u16` values that count up from zero, larger being more radio-opaque.
//!
//! Taking the stored bits out of a word, adding the offset that makes signed values positive, and turning the scale
//! are one mask and one exclusive or, so uncompressed pixels need a single pass. (Two's complement of b bits plus
//! 2^(b-1) flips the sign bit; the largest level minus a level flips every bit.)

use super::modality_lut::{ModalityLut, Table};
use super::pixel_module::StoredBits;
use crate::radiograph::{Mask, ValueScale};

/// From a stored word of up to 16 bits to its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LevelMap {
    shift: u32,
    mask: u16,
    flip: u16,
    signed: bool,
    turned: bool,
}

impl LevelMap {
    /// The map for words of at most 16 bits.
    pub(super) fn new(bits: StoredBits, turned: bool) -> Self {
        let mask = u16::MAX >> (16 - bits.stored.min(16));
        let sign = if bits.signed { mask ^ (mask >> 1) } else { 0 };
        Self {
            shift: bits.high + 1 - bits.stored,
            mask,
            flip: sign ^ if turned { mask } else { 0 },
            signed: bits.signed,
            turned,
        }
    }

    /// The level of a stored word.
    pub(super) fn level(self, word: u16) -> u16 {
        ((word >> self.shift) & self.mask) ^ self.flip
    }

    /// [`LevelMap::level`] with the numbers at hand, so that a loop over words need not load them for each.
    fn levels(self) -> impl Fn(u16) -> u16 {
        let Self { shift, mask, flip, .. } = self;
        move |word| ((word >> shift) & mask) ^ flip
    }

    /// Appends the levels of little-endian words.
    pub(super) fn extend_little(self, bytes: &[u8], levels: &mut Vec<u16>) {
        let level = self.levels();
        let (words, _) = bytes.as_chunks::<2>();
        levels.extend(words.iter().map(|&word| level(u16::from_le_bytes(word))));
    }

    /// Appends the levels of big-endian words.
    pub(super) fn extend_big(self, bytes: &[u8], levels: &mut Vec<u16>) {
        let level = self.levels();
        let (words, _) = bytes.as_chunks::<2>();
        levels.extend(words.iter().map(|&word| level(u16::from_be_bytes(word))));
    }

    /// Appends the levels of single bytes.
    pub(super) fn extend_bytes(self, bytes: &[u8], levels: &mut Vec<u16>) {
        let level = self.levels();
        levels.extend(bytes.iter().map(|&byte| level(u16::from(byte))));
    }

    /// Words to levels in place.
    pub(super) fn apply(self, words: &mut [u16]) {
        if self.shift != 0 || self.mask != u16::MAX || self.flip != 0 {
            for word in words {
                *word = self.level(*word);
            }
        }
    }

    /// The levels of two values and of all between, as a closed range; `None` if no level stands for them.
    ///
    /// The values are as an attribute holds them: at bit 0, whatever High Bit says of pixels.
    pub(super) fn level_range(self, (a, b): (u16, u16)) -> Option<(u16, u16)> {
        let unshifted = Self { shift: 0, ..self };
        // Beyond the stored bits an unsigned value cannot occur; a signed one only repeats its sign there.
        let fits = |value: u16| {
            let beyond = value & !self.mask;
            beyond == 0 || (self.signed && beyond == !self.mask && value & (self.mask ^ (self.mask >> 1)) != 0)
        };
        if !fits(a) || !fits(b) {
            return None;
        }
        let (a, b) = (unshifted.level(a), unshifted.level(b));
        Some((a.min(b), a.max(b)))
    }

    /// Stored value of level 0, and stored values per level.
    pub(super) fn line(self) -> (f64, f64) {
        let lowest = if self.signed {
            -(f64::from(self.mask >> 1) + 1.0)
        } else {
            0.0
        };
        if self.turned {
            (lowest + f64::from(self.mask), -1.0)
        } else {
            (lowest, 1.0)
        }
    }

    /// The table from levels, not yet turned, to modality values as levels.
    pub(super) fn through(self, table: &Table, turned: bool) -> Vec<u16> {
        let (lowest, _) = self.line();
        let value = |level: u16| table.at(i32::from(level) + lowest as i32);
        let levels = 0..=self.mask;
        if turned {
            levels.map(|level| table.largest - value(level)).collect()
        } else {
            levels.map(value).collect()
        }
    }
}

/// The line from a level back to its modality value, given the line from a level to its stored value.
pub(super) fn value_scale(lut: &ModalityLut, turned: bool, (stored_of_zero, step): (f64, f64)) -> ValueScale {
    match lut {
        ModalityLut::Line { slope, intercept } => ValueScale {
            intercept: intercept + slope * stored_of_zero,
            slope: slope * step,
        },
        ModalityLut::Table(table) if turned => ValueScale {
            intercept: f64::from(table.largest),
            slope: -1.0,
        },
        ModalityLut::Table(_) => ValueScale::default(),
    }
}

/// Values wider than 16 bits as levels, if they span no more; with the line back to the stored value.
pub(super) fn narrowed(values: &[i64], turned: bool) -> Option<(Vec<u16>, (f64, f64))> {
    let lowest = values.iter().copied().min()?;
    let highest = values.iter().copied().max()?;
    if highest - lowest > i64::from(u16::MAX) {
        return None;
    }
    Some(if turned {
        let levels = values.iter().map(|value| (highest - value) as u16).collect();
        (levels, (highest as f64, -1.0))
    } else {
        let levels = values.iter().map(|value| (value - lowest) as u16).collect();
        (levels, (lowest as f64, 1.0))
    })
}

/// The pixels outside `padding`, a closed range of levels; `None` if there are no others.
pub(super) fn off_padding(levels: &[u16], shape: (usize, usize), (low, high): (u16, u16)) -> Option<Mask> {
    let width = high - low;
    let is_padding = |level: u16| level.wrapping_sub(low) <= width;
    // A pass without branches first: most images have none.
    if !levels
        .chunks(4096)
        .any(|some| some.iter().fold(false, |any, &level| any | is_padding(level)))
    {
        return None;
    }
    let mut mask = Mask::empty(shape);
    for (r, row) in levels.chunks_exact(shape.1).enumerate() {
        for (word, some) in mask.row_mut(r).words.iter_mut().zip(row.chunks(64)) {
            for (bit, &level) in some.iter().enumerate() {
                *word |= u64::from(!is_padding(level)) << bit;
            }
        }
    }
    Some(mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(stored: u32, high: u32, signed: bool, turned: bool) -> LevelMap {
        let bits = StoredBits {
            allocated: 16,
            stored,
            high,
            signed,
        };
        LevelMap::new(bits, turned)
    }

    /// The stored value that a level stands for.
    fn stored(map: LevelMap, word: u16) -> f64 {
        let (zero, step) = map.line();
        zero + step * f64::from(map.level(word))
    }

    #[test]
    fn unsigned_words_are_their_own_levels() {
        let map = map(16, 15, false, false);
        assert_eq!([0, 1, 4095, 65535].map(|word| map.level(word)), [0, 1, 4095, 65535]);
    }

    #[test]
    fn bits_above_bits_stored_are_not_pixels() {
        // Old files keep overlays there.
        assert_eq!(map(12, 11, false, false).level(0xf123), 0x123);
        assert_eq!(map(12, 15, false, false).level(0x123f), 0x123);
    }

    #[test]
    fn signed_words_are_extended_from_bits_stored() {
        let map = map(12, 11, true, false);
        assert_eq!(
            [0x800, 0xfff, 0, 0x7ff].map(|word| map.level(word)),
            [0, 2047, 2048, 4095]
        );
        assert_eq!(
            [0x800, 0xffff, 0, 0x7ff].map(|word| stored(map, word)),
            [-2048.0, -1.0, 0.0, 2047.0]
        );
    }

    #[test]
    fn turning_keeps_the_way_back() {
        for (bits, signed) in [(8, false), (12, true), (16, false), (16, true)] {
            let (straight, turned) = (map(bits, bits - 1, signed, false), map(bits, bits - 1, signed, true));
            for word in [0, 1, 77, 127] {
                assert_eq!(stored(straight, word), stored(turned, word));
                assert_eq!(
                    u32::from(straight.level(word)) + u32::from(turned.level(word)),
                    (1 << bits) - 1
                );
            }
        }
    }

    #[test]
    fn every_byte_order_gives_the_same_levels() {
        let map = map(12, 11, false, true);
        let (mut little, mut big) = (Vec::new(), Vec::new());
        map.extend_little(&[0x34, 0x02, 0xff, 0x0f], &mut little);
        map.extend_big(&[0x02, 0x34, 0x0f, 0xff], &mut big);
        assert_eq!(little, [0xdcb, 0]);
        assert_eq!(little, big);
    }

    #[test]
    fn the_value_scale_leads_back_to_modality_values() {
        let lut = ModalityLut::Line {
            slope: -10.0,
            intercept: 40_950.0,
        };
        let map = map(12, 11, false, true);
        let scale = value_scale(&lut, true, map.line());
        let level = f64::from(map.level(100));
        assert_eq!(scale.intercept + scale.slope * level, 40_950.0 - 1000.0);
        assert!(
            scale.slope > 0.0,
            "turned by a negative slope: levels and modality values rise together"
        );
    }

    #[test]
    fn padding_follows_the_levels() {
        let straight = map(12, 11, false, false);
        assert_eq!(straight.level_range((0, 0)), Some((0, 0)));
        assert_eq!(straight.level_range((10, 3)), Some((3, 10)));
        assert_eq!(map(12, 11, false, true).level_range((0, 3)), Some((4092, 4095)));
        assert_eq!(
            straight.level_range((65_535, 65_535)),
            None,
            "4096 and more cannot be stored in 12 bits"
        );
        let signed = map(12, 11, true, false);
        assert_eq!(signed.level_range((0x8000, 0x8000)), None);
        assert_eq!(signed.level_range((0xf800, 0xf800)), Some((0, 0)), "-2048");
    }

    #[test]
    fn padding_is_not_valid() {
        let levels = [0, 5, 0, 9, 1, 0];
        let mask = off_padding(&levels, (2, 3), (0, 1)).expect("some padding");
        assert_eq!(mask.count(), 2);
        assert!(mask.get(0, 1) && mask.get(1, 0));
        assert_eq!(off_padding(&levels, (2, 3), (2, 4)), None);
    }

    #[test]
    fn wide_values_need_a_narrow_span() {
        let values = [100_000, 100_007, 99_999];
        assert_eq!(narrowed(&values, false), Some((vec![1, 8, 0], (99_999.0, 1.0))));
        assert_eq!(narrowed(&values, true), Some((vec![7, 0, 8], (100_007.0, -1.0))));
        assert_eq!(narrowed(&[0, 70_000], false), None);
    }
}
