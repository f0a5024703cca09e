//! Pixel decoders that no pure Rust crate has, or none as fast: JPEG-LS; JPEG with 12 bits or without loss. Bytes in,
//! samples out; knows no DICOM.
//!
//! Written from the standards: ITU-T T.87 (ISO/IEC 14495-1) and ITU-T T.81 (ISO/IEC 10918-1). Every decoder has the same
//! shape: `decode(bytes, &limits) -> Result<Decoded, CodecError>`, one complete image or an error, never a panic.

pub mod jpeg;
pub mod jpeg_ls;

mod bits;
mod interval;
mod marker;

/// What a decoder may spend before it refuses an image. Checked before any memory is taken for samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels (rows x columns) of one image.
    pub pixels: u64,
}

/// One decoded image, as coded: no colour transform, no rescale, no sign extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Lines.
    pub rows: u32,
    /// Samples of one component per line.
    pub columns: u32,
    /// Components per pixel, 1 to 4.
    pub components: u8,
    /// Sample precision from the frame header, 2 to 16.
    pub bits: u8,
    /// `rows * columns * components` unsigned samples, line by line, interleaved by pixel when there is more than one component.
    pub samples: Vec<u16>,
}

/// Why an image could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes break a rule of the standard.
    #[error("damaged image data: {0}")]
    Damaged(&'static str),
    /// The bytes end before the image does.
    #[error("truncated image data: {0}")]
    Truncated(&'static str),
    /// Lawful, but outside what this decoder does.
    #[error("unsupported image data: {0}")]
    Unsupported(&'static str),
    /// Larger than [`Limits`] allow.
    #[error("image of {pixels} pixels is over the limit of {limit}")]
    TooLarge {
        /// Rows times columns in the frame header.
        pixels: u64,
        /// The limit that was given.
        limit: u64,
    },
}

impl Limits {
    /// The number of samples of a `rows` x `columns` image, when it is within the limits.
    fn samples(self, rows: u32, columns: u32, components: usize) -> Result<usize, CodecError> {
        let pixels = u64::from(rows) * u64::from(columns);
        if pixels > self.pixels {
            return Err(CodecError::TooLarge {
                pixels,
                limit: self.pixels,
            });
        }
        usize::try_from(pixels)
            .ok()
            .and_then(|pixels| pixels.checked_mul(components))
            .ok_or(CodecError::TooLarge {
                pixels,
                limit: self.pixels,
            })
    }
}
