//! Scans of the sequential cosine transform: T.81 A.2, F.2.

use super::super::CodecError;
use super::super::bits::Bits;
use super::super::interval;
use super::bits::unstuff;
use super::header::{Frame, Scan, Tables};
use super::huffman::{Table, extend};
use super::idct::{PLACES, factors, inverse};
use super::plane::Plane;

/// What one component of the scan is decoded with.
struct Component<'a> {
    plane: usize,
    /// Blocks per unit (A.2.3): 1 x 1 when the scan has one component.
    across: usize,
    down: usize,
    dc: &'a Table,
    ac: &'a Table,
    factors: [f32; 64],
    /// The DC coefficient of the block before.
    before: i32,
}

/// Decodes the scan that `data` starts with into `planes`. Returns its bytes.
pub(super) fn decode(
    data: &[u8],
    frame: &Frame,
    scan: &Scan,
    tables: &Tables,
    restart: usize,
    planes: &mut [Plane],
) -> Result<usize, CodecError> {
    let mut components = components(frame, scan, tables)?;
    let (units_across, units_down) = units(frame, scan, planes);
    let shape = Shape::new(frame.bits);
    interval::for_each(data, units_across * units_down, restart, unstuff, |units, bits| {
        components.iter_mut().for_each(|component| component.before = 0);
        for unit in units {
            let (unit_row, unit_column) = (unit / units_across, unit % units_across);
            for component in &mut components {
                let plane = &mut planes[component.plane];
                for block in 0..component.down * component.across {
                    let row = unit_row * component.down + block / component.across;
                    let column = unit_column * component.across + block % component.across;
                    let at = (row * plane.stride + column) * 8;
                    component.block(bits, &shape, &mut plane.samples[at..], plane.stride)?;
                }
            }
        }
        Ok(())
    })
}

/// Units across and down (A.2): blocks of the component if the scan has one, else of as many as the sampling factors say.
pub(super) fn units(frame: &Frame, scan: &Scan, planes: &[Plane]) -> (usize, usize) {
    match &scan.selected[..] {
        [alone] => {
            let plane = &planes[alone.component];
            (plane.width.div_ceil(8), plane.height.div_ceil(8))
        }
        _ => {
            let (across, down) = frame.factors();
            (
                (frame.columns as usize).div_ceil(8 * across),
                (frame.rows as usize).div_ceil(8 * down),
            )
        }
    }
}

fn components<'a>(frame: &Frame, scan: &Scan, tables: &'a Tables) -> Result<Vec<Component<'a>>, CodecError> {
    const MISSING: CodecError = CodecError::Damaged("a scan names a table that is not there");
    let alone = scan.selected.len() == 1;
    let component = |selected: &super::header::Selected| {
        let component = &frame.components[selected.component];
        Ok(Component {
            plane: selected.component,
            across: if alone { 1 } else { component.across },
            down: if alone { 1 } else { component.down },
            dc: tables.dc[selected.dc].as_ref().ok_or(MISSING)?,
            ac: tables.ac[selected.ac].as_ref().ok_or(MISSING)?,
            factors: factors(tables.quantisers[component.quantiser].as_ref().ok_or(MISSING)?),
            before: 0,
        })
    };
    scan.selected.iter().map(component).collect()
}

/// The numbers that follow from the sample precision.
#[derive(Debug)]
pub(super) struct Shape {
    /// Level shift: A.3.1.
    middle: f32,
    maximum: f32,
    /// Most extra bits of a DC difference and an AC coefficient: F.1.2.1, F.1.2.2, tables F.1, F.2 and for 12 bits F.6, F.7.
    pub(super) dc_bits: u8,
    pub(super) ac_bits: u32,
}

impl Shape {
    pub(super) fn new(bits: u8) -> Self {
        let values = f32::from(1u16 << bits);
        Self {
            middle: values / 2.0,
            maximum: values - 1.0,
            dc_bits: bits + 3,
            ac_bits: u32::from(bits) + 2,
        }
    }

    /// The nearest sample. The addend leaves the integer in the low bits of the number's pattern.
    #[inline(always)]
    fn sample(&self, value: f32) -> u16 {
        const ADDEND: f32 = (3u32 << 22) as f32;
        ((value + self.middle).max(0.0).min(self.maximum) + ADDEND).to_bits() as u16
    }

    /// A block of one value, into the eight lines at the start of `samples`.
    #[inline(always)]
    pub(super) fn fill(&self, value: f32, samples: &mut [u16], stride: usize) {
        let flat = self.sample(value);
        let lines = samples.chunks_mut(stride).take(8);
        lines.for_each(|line| line[..8].fill(flat));
    }

    /// The block of these scaled coefficients, transposed, likewise.
    #[inline(always)]
    pub(super) fn draw(&self, block: &[f32; 64], samples: &mut [u16], stride: usize) {
        let mut block: [[f32; 8]; 8] = std::array::from_fn(|row| std::array::from_fn(|column| block[8 * row + column]));
        inverse(&mut block);
        for (line, values) in samples.chunks_mut(stride).take(8).zip(&block) {
            let values: [u16; 8] = std::array::from_fn(|column| self.sample(values[column]));
            line[..8].copy_from_slice(&values);
        }
    }
}

impl Component<'_> {
    /// Decodes one block to the eight lines at the start of `samples`.
    fn block(&mut self, bits: &mut Bits, shape: &Shape, samples: &mut [u16], stride: usize) -> Result<(), CodecError> {
        self.before = self.before.wrapping_add(self.dc.difference(bits, shape.dc_bits)?);
        let dc = self.before as f32 * self.factors[0];
        let mut block = [0f32; 64];
        let mut index = 1;
        while index < 64 {
            let word = bits.peek()?;
            let code = self.ac.code(word)?;
            let (zeros, size) = (usize::from(code.symbol >> 4), u32::from(code.symbol & 15));
            bits.skip(code.total);
            match (zeros, size) {
                (15, 0) => index += 16,
                (_, 0) => break,
                _ => {
                    index += zeros;
                    if index > 63 || size > shape.ac_bits {
                        return Err(CodecError::Damaged("an impossible coefficient"));
                    }
                    block[usize::from(PLACES[index])] = extend(word << code.length, size) as f32 * self.factors[index];
                    index += 1;
                }
            }
        }
        if index > 64 {
            return Err(CodecError::Damaged("coefficients beyond the end of a block"));
        }
        if index == 1 {
            shape.fill(dc, samples, stride);
            return Ok(());
        }
        block[0] = dc;
        shape.draw(&block, samples, stride);
        Ok(())
    }
}
