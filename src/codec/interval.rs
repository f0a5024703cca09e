//! Restart intervals, shared by both standards: T.81 B.2.1, F.2.2.5; T.87 C.2.5.

use std::ops::Range;

use super::CodecError;
use super::bits::{Bits, Extent};
use super::marker::restart_marker;

/// Gives `decode` the units of the scan that `data` starts with, interval by interval, each with the bits that `unstuff` makes
/// of it; `interval` 0 is one interval of all `units`. Returns the bytes of the scan. An error when an interval is read beyond its end, or
/// does not end with the marker that is due.
pub(super) fn for_each(
    data: &[u8],
    units: usize,
    interval: usize,
    unstuff: impl Fn(&[u8], &mut Vec<u8>) -> Extent,
    mut decode: impl FnMut(Range<usize>, &mut Bits) -> Result<(), CodecError>,
) -> Result<usize, CodecError> {
    let interval = if interval == 0 { units.max(1) } else { interval };
    let mut plain = Vec::new();
    let mut used = 0;
    for (index, first) in (0..units).step_by(interval).enumerate() {
        if index > 0 {
            used += restart_marker(&data[used..], index)?;
        }
        let extent = unstuff(&data[used..], &mut plain);
        used += extent.bytes;
        let mut bits = Bits::new(&plain, extent.bits);
        decode(first..units.min(first.saturating_add(interval)), &mut bits)?;
        bits.check()?;
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::super::bits::PADDING;
    use super::*;

    /// Bytes up to a marker, none of them stuffed.
    fn unstuff(data: &[u8], plain: &mut Vec<u8>) -> Extent {
        let bytes = data.iter().take_while(|&&byte| byte != 0xFF).count();
        plain.clear();
        plain.extend_from_slice(&data[..bytes]);
        plain.extend([0; PADDING]);
        Extent { bytes, bits: 8 * bytes }
    }

    type Intervals = Vec<(Range<usize>, Vec<u32>)>;

    /// The bytes of the scan; the units and the bytes of each interval, a byte to a unit.
    fn intervals(data: &[u8], units: usize, interval: usize) -> Result<(usize, Intervals), CodecError> {
        let mut found = Vec::new();
        let used = for_each(data, units, interval, unstuff, |range, bits| {
            let bytes = range.clone().map(|_| bits.read(8)).collect::<Result<_, _>>()?;
            found.push((range, bytes));
            Ok(())
        })?;
        Ok((used, found))
    }

    #[test]
    fn intervals_are_walked_to_the_last_that_may_be_shorter() {
        let data = [1, 2, 0xFF, 0xD0, 3, 4, 0xFF, 0xFF, 0xD1, 5, 0xFF, 0xD9];
        let all = vec![(0..2, vec![1, 2]), (2..4, vec![3, 4]), (4..5, vec![5])];
        assert_eq!(intervals(&data, 5, 2), Ok((10, all)));
        assert_eq!(intervals(&data, 2, 0), Ok((2, vec![(0..2, vec![1, 2])])));
        assert_eq!(intervals(&data, 2, usize::MAX), Ok((2, vec![(0..2, vec![1, 2])])));
        assert_eq!(intervals(&data, 0, 0), Ok((0, vec![])));
    }

    #[test]
    fn an_interval_too_short_or_without_its_marker_is_an_error() {
        assert!(matches!(
            intervals(&[1, 0xFF, 0xD0, 3, 4], 4, 2),
            Err(CodecError::Truncated(_))
        ));
        assert!(matches!(
            intervals(&[1, 2, 0xFF, 0xD1, 3, 4], 4, 2),
            Err(CodecError::Damaged(_))
        ));
        assert!(matches!(intervals(&[1, 2], 4, 2), Err(CodecError::Truncated(_))));
    }
}
