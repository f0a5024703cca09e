//! Marker segments, shared by both standards (ITU-T T.81 B.1.1).

use super::CodecError;

pub(super) const SOI: u8 = 0xD8;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const DNL: u8 = 0xDC;
pub(super) const DRI: u8 = 0xDD;
pub(super) const DHT: u8 = 0xC4;
pub(super) const DQT: u8 = 0xDB;
pub(super) const APP8: u8 = 0xE8;

/// Walks the markers of one image.
#[derive(Clone, Debug)]
pub(super) struct Markers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Markers<'a> {
    /// Starts after the SOI marker, which must come first.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, CodecError> {
        match bytes {
            [0xFF, SOI, ..] => Ok(Self { bytes, at: 2 }),
            _ => Err(CodecError::Damaged("no start of image marker")),
        }
    }

    /// The code of the next marker; fill bytes before it are skipped, anything else is an error.
    pub(super) fn next(&mut self) -> Result<u8, CodecError> {
        if self.byte()? != 0xFF {
            return Err(CodecError::Damaged("a marker was expected"));
        }
        loop {
            match self.byte()? {
                0xFF => {}
                0 => return Err(CodecError::Damaged("a marker was expected")),
                code => return Ok(code),
            }
        }
    }

    /// The payload of the segment whose marker was just read, without its length.
    pub(super) fn segment(&mut self) -> Result<&'a [u8], CodecError> {
        let length = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
        let payload = length
            .checked_sub(2)
            .ok_or(CodecError::Damaged("a segment is shorter than its length field"))?;
        let rest = &self.bytes[self.at..];
        let segment = rest
            .get(..payload)
            .ok_or(CodecError::Truncated("the bytes end inside a marker segment"))?;
        self.at += payload;
        Ok(segment)
    }

    /// Everything after the last marker or segment.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Steps over `count` bytes of entropy-coded data, at most to the end.
    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.len());
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        let byte = *self
            .bytes
            .get(self.at)
            .ok_or(CodecError::Truncated("the bytes end where a marker was expected"))?;
        self.at += 1;
        Ok(byte)
    }
}

/// The big-endian 16-bit number at `at`.
pub(super) fn number(segment: &[u8], at: usize) -> Result<u16, CodecError> {
    match segment.get(at..) {
        Some([high, low, ..]) => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(CodecError::Damaged("a marker segment is too short")),
    }
}

/// The byte at `at`.
pub(super) fn byte(segment: &[u8], at: usize) -> Result<u8, CodecError> {
    segment
        .get(at)
        .copied()
        .ok_or(CodecError::Damaged("a marker segment is too short"))
}

/// Bytes of restart marker number `index`, which must come first in `data`.
pub(super) fn restart_marker(data: &[u8], index: usize) -> Result<usize, CodecError> {
    let fill = data.iter().take_while(|&&byte| byte == 0xFF).count();
    let expected = 0xD0 + ((index - 1) & 7) as u8;
    match data.get(fill) {
        Some(&code) if fill > 0 && code == expected => Ok(fill + 1),
        Some(_) => Err(CodecError::Damaged("a restart marker was expected")),
        None => Err(CodecError::Truncated(
            "the bytes end where a restart marker was expected",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_fill_bytes() {
        let mut markers = Markers::new(&[0xFF, SOI, 0xFF, 0xFF, 0xFF, APP8, 0, 4, 7, 8, 0xFF, EOI, 9]).unwrap();
        assert_eq!(markers.next(), Ok(APP8));
        assert_eq!(markers.segment(), Ok(&[7, 8][..]));
        assert_eq!(markers.next(), Ok(EOI));
        assert_eq!(markers.rest(), [9]);
        assert!(matches!(markers.next(), Err(CodecError::Damaged(_))));
        assert!(matches!(markers.next(), Err(CodecError::Truncated(_))));
    }

    #[test]
    fn segment_lengths_are_checked() {
        let of = |bytes: &[u8]| Markers::new(bytes).and_then(|mut markers| markers.segment().map(<[u8]>::len));
        assert_eq!(of(&[0xFF, SOI, 0, 2]), Ok(0));
        assert!(matches!(of(&[0xFF, SOI, 0, 1]), Err(CodecError::Damaged(_))));
        assert!(matches!(of(&[0xFF, SOI, 0, 4, 1]), Err(CodecError::Truncated(_))));
    }

    #[test]
    fn restart_markers_count_modulo_eight() {
        assert_eq!(restart_marker(&[0xFF, 0xD0, 1], 1), Ok(2));
        assert_eq!(restart_marker(&[0xFF, 0xFF, 0xD0], 9), Ok(3));
        assert!(restart_marker(&[0xFF, 0xD0], 2).is_err());
        assert!(restart_marker(&[0xD0], 1).is_err());
        assert!(restart_marker(&[0xFF], 1).is_err());
    }
}
