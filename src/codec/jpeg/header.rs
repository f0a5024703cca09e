//! Frame and scan headers, quantisation and Huffman tables: T.81 Annex B.

use super::super::CodecError;
use super::super::marker::{byte, number};
use super::huffman::Table;

/// The coding processes that are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// Sequential cosine transform, baseline and extended: SOF0, SOF1.
    Sequential,
    /// Progressive cosine transform: SOF2.
    Progressive,
    /// Prediction without loss: SOF3.
    Lossless,
}

/// One component of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Horizontal and vertical sampling factors, 1 to 4.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Its quantisation table.
    pub(super) quantiser: usize,
}

/// The frame header.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) process: Process,
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) bits: u8,
    pub(super) components: Vec<Component>,
}

impl Frame {
    pub(super) fn parse(process: Process, segment: &[u8]) -> Result<Self, CodecError> {
        let bits = byte(segment, 0)?;
        let (rows, columns) = (u32::from(number(segment, 1)?), u32::from(number(segment, 3)?));
        let count = usize::from(byte(segment, 5)?);
        let lawful = match process {
            Process::Sequential | Process::Progressive => matches!(bits, 8 | 12),
            Process::Lossless => (2..=16).contains(&bits),
        };
        if !lawful {
            return Err(CodecError::Damaged("a sample precision that the process does not have"));
        }
        if columns == 0 {
            return Err(CodecError::Damaged("no columns"));
        }
        if rows == 0 {
            return Err(CodecError::Unsupported("number of lines after the scan"));
        }
        if !(1..=4).contains(&count) {
            return Err(CodecError::Unsupported("more than 4 components"));
        }
        let mut components: Vec<Component> = Vec::with_capacity(count);
        for index in 0..count {
            let (id, factors) = (byte(segment, 6 + 3 * index)?, byte(segment, 7 + 3 * index)?);
            let quantiser = usize::from(byte(segment, 8 + 3 * index)?);
            // One component alone is never subsampled, whatever its factors say: A.2.2.
            let factors = if count == 1 { 0x11 } else { factors };
            let (across, down) = (usize::from(factors >> 4), usize::from(factors & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) || quantiser > 3 {
                return Err(CodecError::Damaged("wrong component parameters"));
            }
            if components.iter().any(|known| known.id == id) {
                return Err(CodecError::Damaged("two components with one identifier"));
            }
            components.push(Component {
                id,
                across,
                down,
                quantiser,
            });
        }
        Ok(Self {
            process,
            rows,
            columns,
            bits,
            components,
        })
    }

    /// The largest sampling factors.
    pub(super) fn factors(&self) -> (usize, usize) {
        let most = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        (most(|component| component.across), most(|component| component.down))
    }
}

/// One component of a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected {
    /// Index into [`Frame::components`].
    pub(super) component: usize,
    /// Huffman tables of the difference of DC coefficients or samples, and of AC coefficients.
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// The scan header.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) selected: Vec<Selected>,
    /// Ss: the first coefficient of a progressive scan, the predictor of a lossless one.
    pub(super) first: u8,
    /// Se: the last coefficient.
    pub(super) last: u8,
    /// Ah: the low bits that scans before left out; 0 if there were none.
    pub(super) high: u8,
    /// Al: the low bits that this scan leaves out.
    pub(super) low: u8,
}

impl Scan {
    pub(super) fn parse(segment: &[u8], frame: &Frame) -> Result<Self, CodecError> {
        let count = usize::from(byte(segment, 0)?);
        if !(1..=frame.components.len()).contains(&count) {
            return Err(CodecError::Damaged("wrong number of components in a scan"));
        }
        let mut selected: Vec<Selected> = Vec::with_capacity(count);
        for index in 0..count {
            let (id, tables) = (byte(segment, 1 + 2 * index)?, byte(segment, 2 + 2 * index)?);
            let component = frame.components.iter().position(|component| component.id == id);
            let component = component.ok_or(CodecError::Damaged("a scan names an unknown component"))?;
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            if dc > 3 || ac > 3 {
                return Err(CodecError::Damaged("a scan names an unknown Huffman table"));
            }
            selected.push(Selected { component, dc, ac });
        }
        let [first, last, bits] = [1, 2, 3].map(|at| byte(segment, 2 * count + at));
        let (first, last, bits) = (first?, last?, bits?);
        let (high, low) = (bits >> 4, bits & 15);
        let lawful = match frame.process {
            // Some encoders write 0 for the last coefficient of a sequential scan; there is only one lawful value.
            Process::Sequential => first == 0 && matches!(last, 63 | 0) && bits == 0,
            Process::Progressive => {
                let band = if first == 0 {
                    last == 0
                } else {
                    first <= last && count == 1
                };
                band && last <= 63 && low <= 13 && (high == 0 || high == low + 1)
            }
            Process::Lossless => (1..=7).contains(&first) && bits < frame.bits,
        };
        if !lawful {
            return Err(CodecError::Damaged("wrong scan parameters"));
        }
        Ok(Self {
            selected,
            first,
            last,
            high,
            low,
        })
    }
}

/// Tables that later scans use, by destination.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    /// In zig-zag order.
    pub(super) quantisers: [Option<[u16; 64]>; 4],
    pub(super) dc: [Option<Table>; 4],
    pub(super) ac: [Option<Table>; 4],
}

impl Tables {
    /// DQT: B.2.4.1.
    pub(super) fn quantisers(&mut self, mut segment: &[u8]) -> Result<(), CodecError> {
        while let [head, rest @ ..] = segment {
            let (wide, destination) = (usize::from(head >> 4), usize::from(head & 15));
            let size = 64 * (wide + 1);
            if wide > 1 || destination > 3 || rest.len() < size {
                return Err(CodecError::Damaged("wrong quantisation table"));
            }
            let (values, after) = rest.split_at(size);
            let value = |index: usize| match wide {
                0 => u16::from(values[index]),
                _ => u16::from_be_bytes([values[2 * index], values[2 * index + 1]]),
            };
            self.quantisers[destination] = Some(std::array::from_fn(value));
            segment = after;
        }
        Ok(())
    }

    /// DHT: B.2.4.2.
    pub(super) fn huffman(&mut self, mut segment: &[u8]) -> Result<(), CodecError> {
        const WRONG: CodecError = CodecError::Damaged("wrong Huffman table");
        while let [head, rest @ ..] = segment {
            let (class, destination) = (head >> 4, usize::from(head & 15));
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(WRONG)?;
            let size = counts.iter().map(|&count| usize::from(count)).sum();
            let symbols = rest.get(..size).ok_or(WRONG)?;
            let tables = match class {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(WRONG),
            };
            *tables.get_mut(destination).ok_or(WRONG)? = Some(Table::new(counts, symbols)?);
            segment = &rest[size..];
        }
        Ok(())
    }
}
