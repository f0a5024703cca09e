//! Progressive scans, by bands of coefficients and by bits of them: T.81 Annex G.

use super::super::CodecError;
use super::super::bits::Bits;
use super::super::interval;
use super::bits::unstuff;
use super::header::{Frame, Scan, Tables};
use super::huffman::{Table, extend};
use super::idct::{PLACES, factors};
use super::plane::Plane;
use super::sequential::{Shape, units};

/// Encoders write about ten. Each one walks all blocks, however few bytes it has.
const MOST_SCANS: usize = 300;

/// The coefficients of an image that comes in scans.
#[derive(Debug)]
pub(super) struct Progress {
    components: Vec<Component>,
    scans: usize,
    shape: Shape,
}

#[derive(Debug)]
struct Component {
    /// Blocks from one row of blocks to the next.
    across: usize,
    /// 64 to a block, in zig-zag order.
    coefficients: Vec<i16>,
    /// From the quantiser that was there at the component's first scan.
    factors: Option<[f32; 64]>,
    /// By coefficient: how many of its low bits have not come yet; `None` before its first scan.
    missing: [Option<u8>; 64],
}

impl Progress {
    pub(super) fn new(frame: &Frame, planes: &[Plane]) -> Self {
        let component = |plane: &Plane| Component {
            across: plane.stride / 8,
            coefficients: vec![0; plane.samples.len()],
            factors: None,
            missing: [None; 64],
        };
        Self {
            components: planes.iter().map(component).collect(),
            scans: 0,
            shape: Shape::new(frame.bits),
        }
    }

    /// Whether every bit of every coefficient has come.
    pub(super) fn is_complete(&self) -> bool {
        let mut all = self.components.iter().flat_map(|component| component.missing);
        all.all(|missing| missing == Some(0))
    }

    /// Decodes the scan that `data` starts with. Returns its bytes.
    pub(super) fn decode(
        &mut self,
        data: &[u8],
        frame: &Frame,
        scan: &Scan,
        tables: &Tables,
        restart: usize,
        planes: &[Plane],
    ) -> Result<usize, CodecError> {
        self.scans += 1;
        if self.scans > MOST_SCANS {
            return Err(CodecError::Unsupported("more than 300 scans"));
        }
        self.advance(frame, scan, tables)?;
        let mut coders = Vec::new();
        for selected in &scan.selected {
            coders.push(Coder::new(&self.shape, scan, selected, tables)?);
        }
        let alone = scan.selected.len() == 1;
        let (units_across, units_down) = units(frame, scan, planes);
        interval::for_each(data, units_across * units_down, restart, unstuff, |units, bits| {
            coders.iter_mut().for_each(Coder::restart);
            for unit in units {
                let (unit_row, unit_column) = (unit / units_across, unit % units_across);
                for (coder, selected) in coders.iter_mut().zip(&scan.selected) {
                    let factors = &frame.components[selected.component];
                    let (across, down) = if alone { (1, 1) } else { (factors.across, factors.down) };
                    let component = &mut self.components[selected.component];
                    for block in 0..down * across {
                        let row = unit_row * down + block / across;
                        let column = unit_column * across + block % across;
                        let at = (row * component.across + column) * 64;
                        coder.block(bits, &mut component.coefficients[at..at + 64])?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Notes what `scan` brings, if it comes in order: G.1.1.1. That also bounds how often blocks are walked.
    fn advance(&mut self, frame: &Frame, scan: &Scan, tables: &Tables) -> Result<(), CodecError> {
        for selected in &scan.selected {
            let component = &mut self.components[selected.component];
            if scan.first > 0 && component.missing[0].is_none() {
                return Err(CodecError::Damaged("a scan of details before that of means"));
            }
            for missing in &mut component.missing[usize::from(scan.first)..=usize::from(scan.last)] {
                if *missing != (scan.high > 0).then_some(scan.high) {
                    return Err(CodecError::Damaged("scans out of order"));
                }
                *missing = Some(scan.low);
            }
            if component.factors.is_none() {
                let quantiser = tables.quantisers[frame.components[selected.component].quantiser].as_ref();
                let quantiser = quantiser.ok_or(CodecError::Damaged("a scan names a table that is not there"))?;
                component.factors = Some(factors(quantiser));
            }
        }
        Ok(())
    }

    /// Turns what has come into samples.
    ///
    /// # Errors
    ///
    /// If of some component nothing has.
    pub(super) fn finish(self, planes: &mut [Plane]) -> Result<(), CodecError> {
        for (component, plane) in self.components.into_iter().zip(planes) {
            let factors = component
                .factors
                .ok_or(CodecError::Truncated("the image ends before all components are coded"))?;
            for (index, coefficients) in component.coefficients.chunks_exact(64).enumerate() {
                let (row, column) = (index / component.across, index % component.across);
                let samples = &mut plane.samples[(row * plane.stride + column) * 8..];
                if coefficients[1..].iter().all(|&one| one == 0) {
                    let mean = f32::from(coefficients[0]) * factors[0];
                    self.shape.fill(mean, samples, plane.stride);
                    continue;
                }
                let mut block = [0f32; 64];
                for ((place, value), factor) in PLACES.iter().zip(coefficients).zip(factors) {
                    block[usize::from(*place)] = f32::from(*value) * factor;
                }
                self.shape.draw(&block, samples, plane.stride);
            }
        }
        Ok(())
    }
}

/// What one component of a scan is decoded with.
struct Coder<'a> {
    pass: Pass<'a>,
    first: usize,
    last: usize,
    /// Place of the lowest bit that this scan brings.
    low: u8,
    most_bits: u8,
    /// The DC coefficient of the block before, without its low bits.
    before: i32,
    /// Blocks to come in which the band holds nothing new.
    ended: u32,
}

#[derive(Clone, Copy)]
enum Pass<'a> {
    Mean(&'a Table),
    MeanBit,
    Band(&'a Table),
    BandBit(&'a Table),
}

impl<'a> Coder<'a> {
    fn new(
        shape: &Shape,
        scan: &Scan,
        selected: &super::header::Selected,
        tables: &'a Tables,
    ) -> Result<Self, CodecError> {
        let there = |table: &'a Option<Table>| {
            let missing = CodecError::Damaged("a scan names a table that is not there");
            table.as_ref().ok_or(missing)
        };
        let pass = match (scan.first, scan.high) {
            (0, 0) => Pass::Mean(there(&tables.dc[selected.dc])?),
            (0, _) => Pass::MeanBit,
            (_, 0) => Pass::Band(there(&tables.ac[selected.ac])?),
            _ => Pass::BandBit(there(&tables.ac[selected.ac])?),
        };
        Ok(Self {
            pass,
            first: usize::from(scan.first),
            last: usize::from(scan.last),
            low: scan.low,
            most_bits: match pass {
                Pass::Mean(_) => shape.dc_bits,
                _ => shape.ac_bits as u8,
            },
            before: 0,
            ended: 0,
        })
    }

    fn restart(&mut self) {
        (self.before, self.ended) = (0, 0);
    }

    fn block(&mut self, bits: &mut Bits, block: &mut [i16]) -> Result<(), CodecError> {
        match self.pass {
            Pass::Mean(table) => {
                self.before = self.before.wrapping_add(table.difference(bits, self.most_bits)?);
                block[0] = self.before.wrapping_shl(self.low.into()) as i16;
            }
            Pass::MeanBit => block[0] |= (bits.read(1)? as i16) << self.low,
            Pass::Band(table) => self.band(table, bits, block)?,
            Pass::BandBit(table) => self.band_bit(table, bits, block)?,
        }
        Ok(())
    }

    /// The upper bits of a band: G.1.2.2.
    fn band(&mut self, table: &Table, bits: &mut Bits, block: &mut [i16]) -> Result<(), CodecError> {
        if self.ended > 0 {
            self.ended -= 1;
            return Ok(());
        }
        let mut index = self.first;
        while index <= self.last {
            let word = bits.peek()?;
            let code = table.code(word)?;
            let (zeros, size) = (code.symbol >> 4, code.symbol & 15);
            bits.skip(code.total);
            match (zeros, size) {
                (15, 0) => index += 16,
                (_, 0) => {
                    self.ended = run(zeros, bits)? - 1;
                    break;
                }
                _ => {
                    index += usize::from(zeros);
                    if index > self.last || size > self.most_bits {
                        return Err(CodecError::Damaged("an impossible coefficient"));
                    }
                    let value = extend(word << code.length, size.into());
                    block[index] = value.wrapping_shl(self.low.into()) as i16;
                    index += 1;
                }
            }
        }
        Ok(())
    }

    /// One more bit of a band, and coefficients that it makes other than zero: G.1.2.3.
    fn band_bit(&mut self, table: &Table, bits: &mut Bits, block: &mut [i16]) -> Result<(), CodecError> {
        let bit = 1i16 << self.low;
        let mut index = self.first;
        while self.ended == 0 && index <= self.last {
            let word = bits.peek()?;
            let code = table.code(word)?;
            let (mut zeros, size) = (code.symbol >> 4, code.symbol & 15);
            bits.skip(code.total);
            let new = match (zeros, size) {
                (15, 0) => 0,
                (_, 0) => {
                    self.ended = run(zeros, bits)?;
                    break;
                }
                (_, 1) if word << code.length >> 63 == 1 => bit,
                (_, 1) => -bit,
                _ => return Err(CodecError::Damaged("an impossible coefficient")),
            };
            // Known coefficients on the way take a bit each; the place of the new one is behind so many unknown ones.
            while index <= self.last {
                if block[index] != 0 {
                    refine(&mut block[index], bit, bits)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                index += 1;
            }
            if index <= self.last {
                block[index] = new;
            } else if new != 0 {
                return Err(CodecError::Damaged("coefficients beyond the end of a block"));
            }
            index += 1;
        }
        if self.ended > 0 {
            self.ended -= 1;
            for known in block[..=self.last].iter_mut().skip(index).filter(|known| **known != 0) {
                refine(known, bit, bits)?;
            }
        }
        Ok(())
    }
}

/// Blocks, this one included, that end here: table G.1.
fn run(size: u8, bits: &mut Bits) -> Result<u32, CodecError> {
    let more = if size == 0 { 0 } else { bits.read(size.into())? };
    Ok((1 << size) + more)
}

/// The next bit of the size of a coefficient.
fn refine(known: &mut i16, bit: i16, bits: &mut Bits) -> Result<(), CodecError> {
    if bits.read(1)? == 1 && *known & bit == 0 {
        *known = known.wrapping_add(if *known > 0 { bit } else { -bit });
    }
    Ok(())
}
