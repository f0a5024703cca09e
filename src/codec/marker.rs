//! Marker segments, shared by both standards (ITU-T T.81 B.1.1).

use super::CodecError;

pub(super) const SOI: u8 = 0xD8;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const DNL: u8 = 0xDC;
pub(super) const DRI: u8 = 0xDD;
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
