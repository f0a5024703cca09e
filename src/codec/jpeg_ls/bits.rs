//! Entropy-coded bytes as one plain bit string: T.87 A.1 (a 0 bit is stuffed after every byte 0xFF).

use super::super::bits::{Extent, PADDING, has_ff};

/// Writes the bits of the segment that `data` starts with to `plain`. It ends before a marker, or with `data`.
pub(super) fn unstuff(data: &[u8], plain: &mut Vec<u8>) -> Extent {
    plain.clear();
    plain.reserve(data.len() + PADDING + 1);
    let mut extent = Extent { bytes: 0, bits: 0 };
    // Bits that do not fill a byte yet: the low `held` bits of `rest`, fewer than 8.
    let (mut rest, mut held) = (0u64, 0u32);
    while let Some(&byte) = data.get(extent.bytes) {
        let ahead = &data[extent.bytes..];
        if let Some(word) = ahead.first_chunk().map(|chunk| u64::from_be_bytes(*chunk))
            && !has_ff(word)
        {
            let joined = (u128::from(rest) << 64 | u128::from(word)) >> held;
            plain.extend_from_slice(&(joined as u64).to_be_bytes());
            rest = word & ((1 << held) - 1);
            extent.bytes += 8;
            extent.bits += 64;
            continue;
        }
        // A byte 0xFF goes with the 7 bits of the byte after it.
        let (value, width, taken) = match (byte, ahead.get(1)) {
            (0xFF, Some(&next)) if next >= 0x80 => break,
            (0xFF, Some(&next)) => (0xFF << 7 | u64::from(next), 15, 2),
            _ => (u64::from(byte), 8, 1),
        };
        extent.bytes += taken;
        extent.bits += width as usize;
        rest = rest << width | value;
        held += width;
        while held >= 8 {
            held -= 8;
            plain.push((rest >> held) as u8);
        }
        rest &= (1 << held) - 1;
    }
    plain.push((rest << (8 - held)) as u8);
    plain.extend_from_slice(&[0; PADDING]);
    extent
}

#[cfg(test)]
mod tests {
    use super::super::super::bits::Bits;
    use super::*;

    /// The definition, bit by bit.
    fn bits_of(data: &[u8]) -> Vec<bool> {
        let mut bits = Vec::new();
        for (index, &byte) in data.iter().enumerate() {
            let stuffed = index > 0 && data[index - 1] == 0xFF;
            bits.extend((0..if stuffed { 7 } else { 8 }).rev().map(|bit| byte >> bit & 1 == 1));
        }
        bits
    }

    #[test]
    fn stuffed_bits_are_dropped() {
        let mut data: Vec<u8> = (0..200u32).map(|i| (i * 37 % 251) as u8).collect();
        for at in [0, 9, 11, 31, 60, 62, 100, 150, 198] {
            data[at] = 0xFF;
            data[at + 1] &= 0x7F;
        }
        let mut plain = Vec::new();
        let extent = unstuff(&data, &mut plain);
        let expected = bits_of(&data);
        assert_eq!(
            extent,
            Extent {
                bytes: data.len(),
                bits: expected.len()
            }
        );
        let mut bits = Bits::new(&plain, extent.bits);
        let read: Vec<bool> = expected.iter().map(|_| bits.read(1).unwrap() == 1).collect();
        assert_eq!(read, expected);
        bits.check().unwrap();
        bits.skip(1);
        assert!(bits.check().is_err());
    }

    #[test]
    fn a_segment_ends_before_its_marker() {
        for length in 0..20 {
            let mut data = vec![0x5A; length];
            data.extend([0xFF, 0xD9, 1, 2, 3]);
            assert_eq!(
                unstuff(&data, &mut Vec::new()),
                Extent {
                    bytes: length,
                    bits: 8 * length
                }
            );
        }
    }
}
