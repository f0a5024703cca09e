//! Huffman tables and codes: T.81 Annex C and F.2.2.

use super::super::CodecError;
use super::super::bits::Bits;

/// Codes up to this length are found in one step.
const DIRECT: u32 = 10;

/// One code, found in a bit string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) symbol: u8,
    /// Bits of the code itself.
    pub(super) length: u32,
    /// Bits of the code and of the number behind it, whose size is in the low four bits of every symbol. At most 31.
    pub(super) total: u32,
}

/// One Huffman table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// By the next [`DIRECT`] bits: total, length and symbol of their code, a byte each, or 0 when it is longer.
    direct: Box<[u32; 1 << DIRECT]>,
    /// By length: one more than the last code of it, as the top of 16 bits.
    ends: [u32; 17],
    /// By length: place of a code's symbol minus the code.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl Table {
    /// The table of `counts[i]` codes of `i + 1` bits, and their symbols in order.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, CodecError> {
        let mut table = Self {
            direct: Box::new([0; 1 << DIRECT]),
            ends: [0; 17],
            offsets: [0; 17],
            symbols: [0; 256],
        };
        let (mut code, mut place) = (0u32, 0usize);
        for length in 1..=16 {
            let count = usize::from(counts[length - 1]);
            let end = code + count as u32;
            if end > 1 << length || place + count > symbols.len().min(256) {
                return Err(CodecError::Damaged("an impossible Huffman table"));
            }
            table.offsets[length] = place as i32 - code as i32;
            table.ends[length] = end << (16 - length);
            for &symbol in &symbols[place..place + count] {
                table.symbols[place] = symbol;
                if length as u32 <= DIRECT {
                    let free = DIRECT - length as u32;
                    let total = length as u32 + u32::from(symbol & 15);
                    let entry = total << 16 | (length as u32) << 8 | u32::from(symbol);
                    table.direct[(code << free) as usize..((code + 1) << free) as usize].fill(entry);
                }
                code += 1;
                place += 1;
            }
            code = end << 1;
        }
        Ok(table)
    }

    /// The code that `word` starts with.
    #[inline(always)]
    pub(super) fn code(&self, word: u64) -> Result<Code, CodecError> {
        match self.direct[(word >> (64 - DIRECT)) as usize] {
            0 => self.long(word),
            entry => Ok(Code {
                symbol: entry as u8,
                length: entry >> 8 & 0xFF,
                total: entry >> 16,
            }),
        }
    }

    #[cold]
    fn long(&self, word: u64) -> Result<Code, CodecError> {
        let top = (word >> 48) as u32;
        for length in DIRECT + 1..=16 {
            if top < self.ends[length as usize] {
                let place = (top >> (16 - length)) as i32 + self.offsets[length as usize];
                let symbol = self.symbols[place as usize & 0xFF];
                return Ok(Code {
                    symbol,
                    length,
                    total: length + u32::from(symbol & 15),
                });
            }
        }
        Err(CodecError::Damaged("an unknown Huffman code"))
    }

    /// The difference that a code and its extra bits stand for, of at most `most` (below 16) bits: F.2.2.1.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits, most: u8) -> Result<i32, CodecError> {
        let word = bits.peek()?;
        let code = self.code(word)?;
        if code.symbol > most {
            return Err(CodecError::Damaged("an impossible difference"));
        }
        bits.skip(code.total);
        Ok(extend(word << code.length, u32::from(code.symbol)))
    }
}

/// The signed number in the first `size` bits of `word`, 0 to 15: F.2.2.1, EXTEND.
#[inline(always)]
pub(super) fn extend(word: u64, size: u32) -> i32 {
    let value = (word >> 1 >> (63 - size)) as i32;
    // The top bit is 0 for negative numbers.
    let negative = !((word as i64) >> 63) as i32;
    value + (negative & (1 - (1 << size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_numbers() {
        let of = |bits: u64, size: u32| extend(bits << (63 - size) << 1, size);
        assert_eq!(of(0, 0), 0);
        assert_eq!([of(0, 1), of(1, 1)], [-1, 1]);
        assert_eq!([of(0, 3), of(3, 3), of(4, 3), of(7, 3)], [-7, -4, 4, 7]);
        assert_eq!([of(0, 15), of(0x7FFF, 15)], [-32767, 32767]);
    }

    /// Short and long codes of one table, each against its place in the canonical order of Annex C.
    #[test]
    fn canonical_codes() {
        let mut counts = [0u8; 16];
        (counts[1], counts[2], counts[9], counts[11], counts[15]) = (2, 3, 4, 5, 6);
        let symbols: Vec<u8> = (100..120).collect();
        let table = Table::new(&counts, &symbols).unwrap();
        let (mut code, mut place) = (0u64, 0);
        for length in 1..=16u32 {
            for _ in 0..counts[length as usize - 1] {
                let symbol = symbols[place];
                let total = length + u32::from(symbol & 15);
                assert_eq!(table.code(code << (64 - length)), Ok(Code { symbol, length, total }));
                code += 1;
                place += 1;
            }
            code <<= 1;
        }
        assert!(table.code(u64::MAX).is_err());
    }

    #[test]
    fn impossible_tables() {
        let mut counts = [0u8; 16];
        counts[0] = 3;
        assert!(Table::new(&counts, &[1, 2, 3]).is_err());
        counts[0] = 2;
        assert!(Table::new(&counts, &[1]).is_err());
        assert!(Table::new(&[255; 16], &[0; 4080]).is_err());
    }
}
