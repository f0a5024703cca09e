//! Pixels of one bit, eight to a byte, the first in the lowest bit, frames without a gap (PS3.5 8.1.1, annex D).

/// A row of bits, all off at first.
#[derive(Debug)]
pub struct Bits(Vec<u8>);

impl Bits {
    /// `count` bits, padded to whole words of 16.
    pub fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(16) * 2])
    }

    /// Turns on bits `start..end`.
    pub fn set(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let (byte, bit) = (at / 8, at % 8);
            let count = (8 - bit).min(end - at);
            let ones = (0xff_u8 >> (8 - count)) << bit;
            self.0[byte] |= ones;
            at += count;
        }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn stretches_of_every_place_and_length_are_set() {
        for start in 0..20 {
            for end in start..40 {
                let mut bits = Bits::new(40);
                bits.set(start, end);
                let bytes = bits.into_bytes();
                assert_eq!(bytes.len(), 6);
                let on = |at: usize| bytes[at / 8] >> (at % 8) & 1 == 1;
                assert!((0..48).all(|at| on(at) == (start..end).contains(&at)), "{start}..{end}");
            }
        }
    }
}
