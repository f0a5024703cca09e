//! Reading a plain bit string: entropy-coded bytes without the stuffing, which differs between the two standards.

use super::CodecError;

/// Zero bytes behind the last bit, so that eight bytes can always be read at the position of a lawful code.
pub(super) const PADDING: usize = 16;

/// Where one entropy-coded segment ends, in bytes as coded and in bits without the stuffed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) bytes: usize,
    pub(super) bits: usize,
}

/// Whether one of the eight bytes is 0xFF.
pub(super) fn has_ff(word: u64) -> bool {
    (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 != 0
}

/// Reads a plain bit string, most significant bit first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Bits<'a> {
    /// The first `end` bits of `bytes`, which end with [`PADDING`].
    pub(super) fn new(bytes: &'a [u8], end: usize) -> Self {
        Self { bytes, at: 0, end }
    }

    /// The next bits from the top of the word down: at least 57, zeros where there are no more.
    #[inline(always)]
    pub(super) fn peek(&self) -> Result<u64, CodecError> {
        match self.bytes.get(self.at >> 3..).and_then(|ahead| ahead.first_chunk()) {
            Some(chunk) => Ok(u64::from_be_bytes(*chunk) << (self.at & 7)),
            None => Err(ENDED),
        }
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) {
        self.at += count as usize;
    }

    /// The next `count` bits, at most 32.
    #[inline]
    pub(super) fn read(&mut self, count: u32) -> Result<u32, CodecError> {
        let word = self.peek()?;
        self.skip(count);
        Ok((word >> 32 >> (32 - count)) as u32)
    }

    /// An error once more bits were read than there are.
    pub(super) fn check(&self) -> Result<(), CodecError> {
        if self.at > self.end { Err(ENDED) } else { Ok(()) }
    }
}

const ENDED: CodecError = CodecError::Truncated("the bytes end inside a scan");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_most_significant_first() {
        let mut bytes = vec![0b1010_0110, 0xF0, 0x0F];
        bytes.extend([0; PADDING]);
        let mut bits = Bits::new(&bytes, 24);
        assert_eq!(
            [1, 2, 0, 5, 8].map(|count| bits.read(count).unwrap()),
            [1, 0b01, 0, 0b00110, 0xF0]
        );
        assert_eq!(bits.read(8), Ok(0x0F));
        assert_eq!(bits.check(), Ok(()));
        assert_eq!(bits.read(32), Ok(0));
        assert_eq!(bits.check(), Err(ENDED));
    }

    #[test]
    fn reading_far_beyond_the_end_is_an_error() {
        let bytes = [0; PADDING + 3];
        let mut bits = Bits::new(&bytes, 24);
        bits.skip(1000);
        assert_eq!(bits.peek(), Err(ENDED));
    }
}
