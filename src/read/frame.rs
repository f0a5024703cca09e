//! One frame's stored words, whatever holds them: native bytes, run lengths or a codestream.

use super::codestream::{self, Failure, Shape};
use super::error::ReadError;
use super::pixel_module::{Colour, PixelModule, StoredBits};
use super::raster::luminance;
use super::run_length;
use crate::codec::Decoded;
use crate::dicom::{PixelEncoding, TransferSyntax};
use crate::radiograph::Warning;

/// One grey value a pixel, as stored.
#[derive(Debug)]
pub(super) enum Words {
    /// At most 16 bits; the bits that make the value may differ from the header's where the codestream knows better.
    Narrow(Vec<u16>, StoredBits),
    /// Sign-extended values of 32-bit words.
    Wide(Vec<i64>),
}

/// Bytes of native Pixel Data that belong to one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeFrame<'a> {
    pub(super) bytes: &'a [u8],
    /// Bits of `bytes` before the first of the frame: frames of single bits follow each other without padding.
    pub(super) first_bit: usize,
    pub(super) big_endian: bool,
}

/// Native words in any layout but plain grey of 8 or 16 bits, which needs no copy and is read elsewhere.
///
/// # Errors
///
/// If the layout is one we do not read.
pub(super) fn native(module: &PixelModule, frame: NativeFrame<'_>) -> Result<Words, ReadError> {
    let bits = module.bits;
    let two = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if frame.big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    };
    let samples: Vec<u16> = match bits.allocated {
        1 => (frame.first_bit..frame.first_bit + module.pixels())
            .map(|bit| u16::from(frame.bytes[bit / 8] >> (bit % 8) & 1))
            .collect(),
        8 => frame.bytes.iter().map(|&byte| u16::from(byte)).collect(),
        16 => frame.bytes.chunks_exact(2).map(two).collect(),
        _ if module.colour == Colour::Grey => return Ok(Words::Wide(wide(bits, frame))),
        _ => return Err(unsupported_depth(bits.allocated)),
    };
    Ok(grey(module, samples, bits))
}

/// Words of an encapsulated frame.
///
/// # Errors
///
/// If the frame does not decode, or in a way we do not support.
pub(super) fn encapsulated(
    module: &PixelModule,
    syntax: &TransferSyntax,
    number: usize,
    bytes: &[u8],
    warnings: &mut Vec<Warning>,
) -> Result<Words, ReadError> {
    let damaged = |message: String| ReadError::Codec {
        frame: number,
        syntax: syntax.name,
        message,
    };
    let bits = module.bits;
    match syntax.encoding {
        PixelEncoding::RunLength => {
            if !matches!(bits.allocated, 8 | 16) {
                return Err(unsupported_depth(bits.allocated));
            }
            let bytes_per_sample = (bits.allocated / 8) as usize;
            let samples = run_length::decode(bytes, module.pixels(), usize::from(module.samples), bytes_per_sample)
                .map_err(damaged)?;
            // Segments are planes, and come out interleaved.
            Ok(grey(
                &PixelModule {
                    planar: false,
                    ..module.clone()
                },
                samples,
                bits,
            ))
        }
        PixelEncoding::EncapsulatedNative => plain(module, bytes),
        PixelEncoding::DeflatedFrame => {
            let inflated = super::inflate::inflate(bytes, module.frame_bits().div_ceil(8))?;
            plain(module, &inflated)
        }
        encoding => {
            let shape = Shape {
                rows: module.rows,
                columns: module.columns,
                components: module.samples,
            };
            let decoded = codestream::decode(encoding, bytes, shape).map_err(|failure| match failure {
                Failure::Damaged(message) => damaged(message),
                Failure::Unsupported(what) => ReadError::Unsupported {
                    attribute: "Pixel Data",
                    what,
                },
            })?;
            let adobe_is_ybr = codestream::adobe_is_ybr(bytes).filter(|_| encoding == PixelEncoding::Jpeg);
            Ok(coded(module, encoding, adobe_is_ybr, decoded, warnings))
        }
    }
}

fn unsupported_depth(allocated: u32) -> ReadError {
    ReadError::Unsupported {
        attribute: "Bits Allocated",
        what: format!("{allocated} in this transfer syntax"),
    }
}

/// Native bytes inside a fragment.
fn plain(module: &PixelModule, bytes: &[u8]) -> Result<Words, ReadError> {
    let expected = module.frame_bits().div_ceil(8);
    let Some(bytes) = bytes.get(..expected as usize) else {
        return Err(ReadError::PixelDataLength {
            found: bytes.len() as u64,
            expected,
        });
    };
    native(
        module,
        NativeFrame {
            bytes,
            first_bit: 0,
            big_endian: false,
        },
    )
}

fn wide(bits: StoredBits, frame: NativeFrame<'_>) -> Vec<i64> {
    let above = 31 - bits.high;
    let below = 32 - bits.stored;
    let value = |four: &[u8]| {
        let four = [four[0], four[1], four[2], four[3]];
        let word = if frame.big_endian {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        } << above;
        if bits.signed {
            i64::from(word as i32 >> below)
        } else {
            i64::from(word >> below)
        }
    };
    frame.bytes.chunks_exact(4).map(value).collect()
}

/// Samples of a codestream, whose own precision may differ from Bits Stored.
///
/// `adobe_is_ybr` is what a JPEG itself says of its colour, which is surer than Photometric Interpretation.
fn coded(
    module: &PixelModule,
    encoding: PixelEncoding,
    adobe_is_ybr: Option<bool>,
    decoded: Decoded,
    warnings: &mut Vec<Warning>,
) -> Words {
    let header = StoredBits {
        high: module.bits.stored - 1,
        ..module.bits
    };
    let precision = u32::from(decoded.bits);
    let mut samples = decoded.samples;
    if module.colour != Colour::Grey {
        let bits = StoredBits {
            stored: precision,
            high: precision - 1,
            signed: false,
            ..header
        };
        let colour = match (encoding, adobe_is_ybr) {
            // The decoder turns luminance and differences into red, green and blue.
            (PixelEncoding::JpegXl, _) | (PixelEncoding::Jpeg, Some(false)) => Colour::Rgb,
            (PixelEncoding::Jpeg, Some(true)) => Colour::Ybr,
            _ => module.colour,
        };
        return grey(
            &PixelModule {
                planar: false,
                colour,
                ..module.clone()
            },
            samples,
            bits,
        );
    }
    if precision == header.stored {
        return Words::Narrow(samples, header);
    }
    // JPEG knows no sign: its words are sign-extended as far as the device cared to.
    let sign_at = if encoding == PixelEncoding::Jpeg {
        header.stored
    } else {
        precision
    };
    let fits = if header.signed {
        let shift = 16 - sign_at.min(16);
        let half = 1_i32 << (header.stored - 1);
        let mut fits = true;
        for sample in &mut samples {
            let value = i32::from((*sample << shift) as i16 >> shift);
            fits &= (-half..half).contains(&value);
            *sample = value as u16;
        }
        fits
    } else {
        let mask = u16::MAX >> (16 - header.stored.min(16));
        samples.iter().fold(0, |any, &sample| any | sample) & !mask == 0
    };
    if fits {
        return Words::Narrow(samples, header);
    }
    let message = format!("the pixels have {precision} bits, Bits Stored says {}", header.stored);
    warnings.push(Warning::new("bits_stored_conflict", message));
    Words::Narrow(
        samples,
        StoredBits {
            stored: precision,
            high: precision - 1,
            ..header
        },
    )
}

/// One grey value a pixel, of one sample or more.
fn grey(module: &PixelModule, samples: Vec<u16>, bits: StoredBits) -> Words {
    let pixels = module.pixels();
    let shifted = |sample: u16| sample >> (bits.high + 1 - bits.stored) & (u16::MAX >> (16 - bits.stored.min(16)));
    let plane = |index: usize| &samples[index * pixels..(index + 1) * pixels];
    let values: Vec<u16> = match (module.colour, module.planar) {
        (Colour::Grey, _) => return Words::Narrow(samples, bits),
        (Colour::Ybr422, false) if samples.len() < 3 * pixels => samples
            .chunks_exact(4)
            .flat_map(|four| [four[0], four[1]])
            .map(shifted)
            .collect(),
        (Colour::Ybr | Colour::Ybr422, true) => plane(0).iter().copied().map(shifted).collect(),
        (Colour::Ybr | Colour::Ybr422, false) => samples.iter().step_by(3).copied().map(shifted).collect(),
        (Colour::Rgb, true) => {
            let parts = plane(0).iter().zip(plane(1)).zip(plane(2));
            parts
                .map(|((&red, &green), &blue)| luminance([red, green, blue].map(shifted)))
                .collect()
        }
        (Colour::Rgb, false) => samples
            .chunks_exact(3)
            .map(|rgb| luminance([rgb[0], rgb[1], rgb[2]].map(shifted)))
            .collect(),
    };
    let bits = StoredBits {
        high: bits.stored - 1,
        signed: false,
        ..bits
    };
    Words::Narrow(values, bits)
}
