//! A JPEG writer for tests, from ITU-T T.81: Huffman tables in which every symbol has a code of 8 bits, so no table is ever to blame.

/// Bytes of one stream.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    bits: Vec<bool>,
}

/// One component of a frame: sampling factors across and down.
pub type Factors = (u8, u8);

/// Zig-zag order as rows and columns (figure A.6).
pub fn zig_zag() -> Vec<(usize, usize)> {
    let mut cells: Vec<(usize, usize)> = (0..64).map(|index| (index / 8, index % 8)).collect();
    cells.sort_by_key(|&(row, column)| {
        let diagonal = row + column;
        (diagonal, if diagonal % 2 == 0 { column } else { row })
    });
    cells
}

impl Writer {
    /// Starts a stream: frame `marker` (0xC0, 0xC1 or 0xC3), quantisers of table 0 in zig-zag order, restart interval in units.
    pub fn new(
        marker: u8,
        bits: u8,
        (rows, columns): (u16, u16),
        factors: &[Factors],
        quantisers: Option<&[u16; 64]>,
        restart: u16,
    ) -> Self {
        let mut bytes = vec![0xFF, 0xD8];
        if let Some(quantisers) = quantisers {
            bytes.extend([0xFF, 0xDB, 0, 131, 0x10]);
            quantisers.iter().for_each(|value| bytes.extend(value.to_be_bytes()));
        }
        bytes.extend([0xFF, marker, 0, 8 + 3 * factors.len() as u8, bits]);
        bytes.extend(rows.to_be_bytes());
        bytes.extend(columns.to_be_bytes());
        bytes.push(factors.len() as u8);
        for (index, (across, down)) in factors.iter().enumerate() {
            bytes.extend([index as u8 + 1, across << 4 | down, 0]);
        }
        // Symbols 0 to 254 with codes of 8 bits, the code being the symbol; all ones may not be a code.
        for class in [0x00, 0x10] {
            let mut counts = [0; 16];
            counts[7] = 255;
            bytes.extend([0xFF, 0xC4, 1, 18, class]);
            bytes.extend(counts);
            bytes.extend(0..255);
        }
        if restart > 0 {
            bytes.extend([0xFF, 0xDD, 0, 4]);
            bytes.extend(restart.to_be_bytes());
        }
        Self {
            bytes,
            bits: Vec::new(),
        }
    }

    /// Starts a scan of `components` (from 0) with the parameters Ss, Se, Al.
    pub fn scan(&mut self, components: &[u8], [first, last, low]: [u8; 3]) {
        self.bytes
            .extend([0xFF, 0xDA, 0, 6 + 2 * components.len() as u8, components.len() as u8]);
        components
            .iter()
            .for_each(|component| self.bytes.extend([component + 1, 0]));
        self.bytes.extend([first, last, low]);
    }

    /// One block of quantised coefficients in zig-zag order, the first as difference.
    pub fn block(&mut self, coefficients: &[i32; 64]) {
        self.difference(0, coefficients[0]);
        let mut zeros = 0;
        for &value in &coefficients[1..] {
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                self.put(0xF0, 8);
                zeros -= 16;
            }
            self.difference(zeros, value);
            zeros = 0;
        }
        if zeros > 0 {
            self.put(0, 8);
        }
    }

    /// A number of at most 16 bits behind `zeros` zeros.
    pub fn difference(&mut self, zeros: u32, value: i32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        self.put(zeros << 4 | size, 8);
        let extra = if value < 0 { value - 1 } else { value };
        // 16 bits stand for 32768 alone: H.1.2.2.
        if size < 16 {
            self.put(extra as u32 & ((1 << size) - 1), size);
        }
    }

    /// Ends an entropy-coded segment, with 1 bits as the standard has it.
    pub fn flush(&mut self) {
        while !self.bits.len().is_multiple_of(8) {
            self.bits.push(true);
        }
        for chunk in std::mem::take(&mut self.bits).chunks(8) {
            let byte = chunk.iter().fold(0u8, |byte, &bit| byte << 1 | u8::from(bit));
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    /// Ends a segment with restart marker `number`, counted from 0.
    pub fn restart(&mut self, number: usize) {
        self.flush();
        self.bytes.extend([0xFF, 0xD0 + (number % 8) as u8]);
    }

    /// The stream, ended.
    pub fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.bytes.extend([0xFF, 0xD9]);
        self.bytes
    }

    fn put(&mut self, value: u32, count: u32) {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }
}
