//! Frame, scan, preset and restart headers: T.87 Annex C.

use super::super::CodecError;
use super::super::marker::{byte, number};
use super::parameters::Preset;

/// How the components of one scan alternate: T.87 C.2.3, ILV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interleave {
    /// One component per scan.
    None,
    /// A line of each component in turn.
    Line,
    /// A sample of each component in turn.
    Sample,
}

/// The frame header (SOF55).
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) bits: u8,
    /// Component identifiers, in frame order.
    pub(super) components: Vec<u8>,
}

impl Frame {
    pub(super) fn parse(segment: &[u8]) -> Result<Self, CodecError> {
        let bits = byte(segment, 0)?;
        let (rows, columns) = (u32::from(number(segment, 1)?), u32::from(number(segment, 3)?));
        let count = usize::from(byte(segment, 5)?);
        if !(2..=16).contains(&bits) {
            return Err(CodecError::Damaged("sample precision outside 2 to 16"));
        }
        if rows == 0 || columns == 0 {
            return Err(CodecError::Unsupported("image size outside the frame header"));
        }
        if !(1..=4).contains(&count) {
            return Err(CodecError::Unsupported("more than 4 components"));
        }
        let mut components = Vec::with_capacity(count);
        for index in 0..count {
            let id = byte(segment, 6 + 3 * index)?;
            // One component alone is never subsampled, whatever its factors say.
            if count > 1 && byte(segment, 7 + 3 * index)? != 0x11 {
                return Err(CodecError::Unsupported("subsampled components"));
            }
            if components.contains(&id) {
                return Err(CodecError::Damaged("two components with one identifier"));
            }
            components.push(id);
        }
        Ok(Self {
            rows,
            columns,
            bits,
            components,
        })
    }
}

/// The scan header (SOS).
#[derive(Clone, Debug)]
pub(super) struct ScanHeader {
    /// Indices into [`Frame::components`], in scan order.
    pub(super) components: Vec<usize>,
    pub(super) near: u8,
    pub(super) interleave: Interleave,
}

impl ScanHeader {
    pub(super) fn parse(segment: &[u8], frame: &Frame) -> Result<Self, CodecError> {
        let count = usize::from(byte(segment, 0)?);
        if !(1..=frame.components.len()).contains(&count) {
            return Err(CodecError::Damaged("wrong number of components in a scan"));
        }
        let mut components = Vec::with_capacity(count);
        for index in 0..count {
            let id = byte(segment, 1 + 2 * index)?;
            if byte(segment, 2 + 2 * index)? != 0 {
                return Err(CodecError::Unsupported("mapping tables"));
            }
            let component = frame.components.iter().position(|&known| known == id);
            let component = component.ok_or(CodecError::Damaged("a scan names an unknown component"))?;
            components.push(component);
        }
        let near = byte(segment, 1 + 2 * count)?;
        let interleave = match byte(segment, 2 + 2 * count)? {
            // A scan of one component has nothing to alternate with.
            0..=2 if count == 1 => Interleave::None,
            1 => Interleave::Line,
            2 => Interleave::Sample,
            _ => return Err(CodecError::Damaged("wrong interleave mode")),
        };
        if byte(segment, 3 + 2 * count)? & 0x0F != 0 {
            return Err(CodecError::Unsupported("point transform"));
        }
        Ok(Self {
            components,
            near,
            interleave,
        })
    }
}

/// Preset coding parameters (LSE, type 1): T.87 C.2.4.1.1.
pub(super) fn preset(segment: &[u8]) -> Result<Preset, CodecError> {
    match byte(segment, 0)? {
        1 => Ok(Preset {
            maximum: number(segment, 1)?,
            thresholds: [number(segment, 3)?, number(segment, 5)?, number(segment, 7)?],
            reset: number(segment, 9)?,
        }),
        2 | 3 => Err(CodecError::Unsupported("mapping tables")),
        4 => Err(CodecError::Unsupported("image size outside the frame header")),
        _ => Err(CodecError::Damaged("an unknown preset segment")),
    }
}

/// Lines between restart markers, 0 for none: DRI with 2 to 4 bytes, T.87 C.2.5.
pub(super) fn restart_lines(segment: &[u8]) -> Result<u32, CodecError> {
    if !(2..=4).contains(&segment.len()) {
        return Err(CodecError::Damaged("wrong length of the restart interval"));
    }
    Ok(segment.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)))
}

/// The HP colour transform is an APP8 segment `mrfx` and its number, 0 for none. DICOM (PS3.5 8.2.3) does not use it.
pub(super) fn refuse_colour_transform(segment: &[u8]) -> Result<(), CodecError> {
    match segment {
        [b'm', b'r', b'f', b'x', transform] if *transform != 0 => Err(CodecError::Unsupported("HP colour transform")),
        _ => Ok(()),
    }
}
