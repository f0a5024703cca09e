//! Entropy-coded bytes as one plain bit string: T.81 B.1.1.5 (a byte 0 is stuffed after every byte 0xFF).

use super::super::bits::{Extent, PADDING, has_ff};

/// Writes the bits of the segment that `data` starts with to `plain`. It ends before a marker, or with `data`.
pub(super) fn unstuff(data: &[u8], plain: &mut Vec<u8>) -> Extent {
    plain.clear();
    plain.reserve(data.len() + PADDING);
    let mut bytes = 0;
    while let Some(&byte) = data.get(bytes) {
        let ahead = &data[bytes..];
        if let Some(chunk) = ahead.first_chunk::<8>()
            && !has_ff(u64::from_be_bytes(*chunk))
        {
            plain.extend_from_slice(chunk);
            bytes += 8;
            continue;
        }
        match (byte, ahead.get(1)) {
            (0xFF, Some(0)) => bytes += 2,
            (0xFF, _) => break,
            _ => bytes += 1,
        }
        plain.push(byte);
    }
    let bits = 8 * plain.len();
    plain.extend_from_slice(&[0; PADDING]);
    Extent { bytes, bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_bytes_are_dropped_and_markers_end_a_segment() {
        let data = [
            1, 2, 0xFF, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xFF, 0, 0xFF, 0, 13, 0xFF, 0xD9, 1,
        ];
        let mut plain = Vec::new();
        assert_eq!(
            unstuff(&data, &mut plain),
            Extent {
                bytes: 19,
                bits: 8 * 16
            }
        );
        assert_eq!(
            plain[..16],
            [1, 2, 0xFF, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xFF, 0xFF, 13]
        );
        assert_eq!(plain[16..], [0; PADDING]);
        assert_eq!(unstuff(&[7, 0xFF], &mut plain), Extent { bytes: 1, bits: 8 });
    }
}
