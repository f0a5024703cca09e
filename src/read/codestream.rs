//! Compressed frames to samples: JPEG, JPEG-LS, JPEG 2000, JPEG XL.
//!
//! The size in the codestream is compared with Rows and Columns before any of these decoders asks for memory, and
//! every decoder runs contained: some panic on damaged bytes.

use super::contain::contain;
use crate::codec::{self, Decoded};
use crate::dicom::PixelEncoding;
use std::panic::AssertUnwindSafe;

/// Why a codestream gave no samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The bytes are at fault.
    Damaged(String),
    /// Lawful, but no decoder here does it.
    Unsupported(String),
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

impl From<&str> for Failure {
    fn from(reason: &str) -> Self {
        Self::Damaged(reason.to_owned())
    }
}

impl From<codec::CodecError> for Failure {
    fn from(error: codec::CodecError) -> Self {
        match error {
            codec::CodecError::Unsupported(what) => Self::Unsupported(what.to_owned()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// Rows, columns and components that the header promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) components: u8,
}

impl Shape {
    fn pixels(self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Fails unless the codestream has this shape.
    fn expect(self, rows: u32, columns: u32, components: u32) -> Result<(), Failure> {
        if (rows, columns, components) == (self.rows, self.columns, u32::from(self.components)) {
            return Ok(());
        }
        Err(Failure::Damaged(format!(
            "the codestream is {rows} x {columns} x {components}, the header says {} x {} x {}",
            self.rows, self.columns, self.components
        )))
    }
}

/// Decodes one frame. Samples are as coded, except that JPEG XL and JPEG 2000 undo their own colour transforms;
/// signed samples of JPEG 2000 come in two's complement of `bits` bits.
pub(super) fn decode(encoding: PixelEncoding, frame: &[u8], shape: Shape) -> Result<Decoded, Failure> {
    let limits = codec::Limits {
        pixels: shape.pixels() as u64,
    };
    let run = || match encoding {
        PixelEncoding::Jpeg => jpeg(frame, &limits),
        PixelEncoding::JpegLs => Ok(codec::jpeg_ls::decode(frame, &limits)?),
        PixelEncoding::Jpeg2000 => jpeg_2000(frame, shape),
        PixelEncoding::JpegXl => jpeg_xl(frame, shape),
        other => Err(Failure::Unsupported(format!("{other:?}"))),
    };
    let decoded = contain(AssertUnwindSafe(run))??;
    shape.expect(decoded.rows, decoded.columns, u32::from(decoded.components))?;
    if decoded.samples.len() != shape.pixels() * usize::from(shape.components) {
        return Err("the codestream ends before the image does".into());
    }
    Ok(decoded)
}

fn jpeg(frame: &[u8], limits: &codec::Limits) -> Result<Decoded, Failure> {
    // Some writers put bytes before the start of the image.
    let start = frame.windows(2).position(|pair| pair == [0xff, 0xd8]).unwrap_or(0);
    Ok(codec::jpeg::decode(&frame[start..], limits)?)
}

/// Whether a JPEG's Adobe segment says that its components are luminance and differences; `None` if it has none.
pub(super) fn adobe_is_ybr(frame: &[u8]) -> Option<bool> {
    let mut at = frame.windows(2).position(|pair| pair == [0xff, 0xd8])? + 2;
    loop {
        let &[0xff, marker, high, low] = frame.get(at..at + 4)? else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let segment = frame.get(at + 4..at + 2 + length)?;
        if marker == 0xee && segment.starts_with(b"Adobe") {
            return segment.get(11).map(|&transform| transform != 0);
        }
        // The image begins.
        if matches!(marker, 0xda | 0xd9) {
            return None;
        }
        at += 2 + length;
    }
}

/// What the image header of a JPEG 2000 codestream says (ITU-T T.800 A.5.1), if it is at all sane.
fn check_jpeg_2000(frame: &[u8], shape: Shape) -> Result<(), Failure> {
    let siz = frame
        .windows(4)
        .position(|four| four == [0xff, 0x4f, 0xff, 0x51])
        .and_then(|start| frame.get(start + 4..start + 44))
        .ok_or("no image header in the JPEG 2000 codestream")?;
    let long = |at: usize| u32::from_be_bytes([siz[at], siz[at + 1], siz[at + 2], siz[at + 3]]);
    let [width, height, x_offset, y_offset, tile_width, tile_height] = [4, 8, 12, 16, 20, 24].map(long);
    let components = u32::from(u16::from_be_bytes([siz[36], siz[37]]));
    shape.expect(height.wrapping_sub(y_offset), width.wrapping_sub(x_offset), components)?;
    let tiles = |length: u32, tile: u32| u64::from(length).div_ceil(u64::from(tile.max(1)));
    if tiles(width, tile_width) * tiles(height, tile_height) > 65_535 {
        return Err("the JPEG 2000 codestream has more tiles than may be".into());
    }
    Ok(())
}

fn jpeg_2000(frame: &[u8], shape: Shape) -> Result<Decoded, Failure> {
    check_jpeg_2000(frame, shape)?;
    let parameters = jpeg2k::DecodeParameters::new().strict(true);
    let image = jpeg2k::Image::from_bytes_with(frame, parameters).map_err(|error| error.to_string())?;
    let components = image.components();
    let first = components.first().ok_or("the JPEG 2000 codestream has no components")?;
    let bits = first.precision();
    if bits == 0 || bits > 16 {
        return Err(Failure::Unsupported(format!("JPEG 2000 with {bits} bits")));
    }
    let mask = u16::MAX >> (16 - bits);
    let count = usize::from(shape.components);
    if components.len() < count || components.iter().any(|one| one.data().len() != shape.pixels()) {
        return Err(Failure::Unsupported("JPEG 2000 with subsampled components".to_owned()));
    }
    let samples = if count == 1 {
        first.data().iter().map(|&value| value as u16 & mask).collect()
    } else {
        let mut samples = vec![0; shape.pixels() * count];
        for (offset, component) in components.iter().take(count).enumerate() {
            for (sample, &value) in samples[offset..].iter_mut().step_by(count).zip(component.data()) {
                *sample = value as u16 & mask;
            }
        }
        samples
    };
    Ok(Decoded {
        rows: shape.rows,
        columns: shape.columns,
        components: shape.components,
        bits: bits as u8,
        samples,
    })
}

fn jpeg_xl(frame: &[u8], shape: Shape) -> Result<Decoded, Failure> {
    let values = shape.pixels() * usize::from(shape.components);
    // Modular frames are decoded in 32-bit planes, with as much again for transforms.
    let tracker = jxl_oxide::AllocTracker::with_limit(64 * values + (64 << 20));
    let image = jxl_oxide::JxlImage::builder()
        .pool(jxl_oxide::JxlThreadPool::none())
        .alloc_tracker(tracker)
        .read(frame)
        .map_err(|error| error.to_string())?;
    let bits = image.image_header().metadata.bit_depth.bits_per_sample();
    if bits == 0 || bits > 16 {
        return Err(Failure::Unsupported(format!("JPEG XL with {bits} bits")));
    }
    let channels = image.pixel_format().channels() as u32;
    shape.expect(image.height(), image.width(), channels)?;
    let render = image.render_frame(0).map_err(|error| error.to_string())?;
    let mut stream = render.stream();
    shape.expect(stream.height(), stream.width(), stream.channels())?;
    // The stream gives 0.0..=1.0; an integer of 16 bits or fewer survives that exactly.
    let full = f32::from(u16::MAX >> (16 - bits));
    let mut samples = Vec::with_capacity(values);
    let mut some = [0_f32; 4096];
    loop {
        let count = stream.write_to_buffer(&mut some);
        if count == 0 {
            break;
        }
        samples.extend(some[..count].iter().map(|value| (value * full).round() as u16));
    }
    Ok(Decoded {
        rows: shape.rows,
        columns: shape.columns,
        components: shape.components,
        bits: bits as u8,
        samples,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adobe_segment_tells_the_colour() {
        let with = |transform: u8| {
            [
                b"\xff\xd8\xff\xe0\0\x04ab\xff\xee\0\x0eAdobe\0\x64\0\0\0\0",
                &[transform][..],
            ]
            .concat()
        };
        assert_eq!(adobe_is_ybr(&with(1)), Some(true));
        assert_eq!(adobe_is_ybr(&with(0)), Some(false));
        assert_eq!(adobe_is_ybr(b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x02"), None);
        // A segment too short for the word says nothing, whatever follows it.
        assert_eq!(
            adobe_is_ybr(b"\xff\xd8\xff\xee\0\x0cAdobe\0\x64\0\0\0\xff\xdb\0\x02"),
            None
        );
        let sound = with(1);
        for cut in 0..sound.len() {
            assert_eq!(adobe_is_ybr(&sound[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn a_codestream_of_another_size_is_refused_before_decoding() {
        let shape = Shape {
            rows: 4,
            columns: 4,
            components: 1,
        };
        let mut siz = b"\xff\x4f\xff\x51\x00\x29\0\0".to_vec();
        for number in [9_u32, 4, 0, 0, 9, 4, 0, 0] {
            siz.extend(number.to_be_bytes());
        }
        siz.extend(b"\0\x01\x07\x01\x01");
        siz.extend([0; 8]);
        let failure = decode(PixelEncoding::Jpeg2000, &siz, shape).expect_err("9 columns");
        assert!(matches!(failure, Failure::Damaged(reason) if reason.contains("4 x 9 x 1")));
    }

    #[test]
    fn noise_is_an_error_in_every_encoding() {
        let shape = Shape {
            rows: 4,
            columns: 4,
            components: 1,
        };
        let noise: Vec<u8> = (0..200_u8).map(|i| i.wrapping_mul(37)).collect();
        for encoding in [
            PixelEncoding::Jpeg,
            PixelEncoding::JpegLs,
            PixelEncoding::Jpeg2000,
            PixelEncoding::JpegXl,
        ] {
            assert!(
                matches!(decode(encoding, &noise, shape), Err(Failure::Damaged(_))),
                "{encoding:?}"
            );
            assert!(
                matches!(decode(encoding, &[], shape), Err(Failure::Damaged(_))),
                "{encoding:?}"
            );
        }
    }
}
