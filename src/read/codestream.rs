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

/// Decodes one frame. Samples are as coded, except that colour comes as RGB from JPEG, JPEG 2000 with a component
/// transform, and JPEG XL; signed samples of JPEG 2000 come in two's complement of `bits` bits.
pub(super) fn decode(encoding: PixelEncoding, frame: &[u8], shape: Shape) -> Result<Decoded, Failure> {
    let limits = codec::Limits {
        pixels: shape.pixels() as u64,
    };
    let run = || match encoding {
        PixelEncoding::Jpeg => jpeg(frame, shape),
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

/// What the frame header of a JPEG says (ITU-T T.81 B.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StartOfFrame {
    marker: u8,
    precision: u8,
    rows: u16,
    columns: u16,
    components: u8,
}

fn start_of_frame(bytes: &[u8]) -> Option<StartOfFrame> {
    let mut at = bytes.windows(2).position(|pair| pair == [0xff, 0xd8])? + 2;
    loop {
        let &[0xff, marker] = bytes.get(at..at + 2)? else {
            return None;
        };
        if marker == 0xff {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let &[precision, r1, r0, c1, c0, components] = bytes.get(at + 4..at + 10)?.first_chunk()?;
            return Some(StartOfFrame {
                marker,
                precision,
                rows: u16::from_be_bytes([r1, r0]),
                columns: u16::from_be_bytes([c1, c0]),
                components,
            });
        }
        at += 2 + length.max(2);
    }
}

fn jpeg(frame: &[u8], shape: Shape) -> Result<Decoded, Failure> {
    let head = start_of_frame(frame).ok_or("no frame header in the JPEG codestream")?;
    shape.expect(
        u32::from(head.rows),
        u32::from(head.columns),
        u32::from(head.components),
    )?;
    // Ours is faster and knows 12 bits; the other turns colour into red, green and blue, and knows progressive scans.
    if shape.components == 1 || head.precision > 8 {
        let limits = codec::Limits {
            pixels: shape.pixels() as u64,
        };
        match codec::jpeg::decode(frame, &limits) {
            Err(codec::CodecError::Unsupported(_)) if head.precision <= 8 => {}
            outcome => return Ok(outcome?),
        }
    }
    let mut decoder = jpeg_decoder::Decoder::new(frame);
    let bytes = decoder.decode().map_err(|error| match error {
        jpeg_decoder::Error::Unsupported(feature) => Failure::Unsupported(format!("JPEG {feature:?}")),
        other => Failure::Damaged(other.to_string()),
    })?;
    let values = shape.pixels() * usize::from(shape.components);
    let samples = if bytes.len() == 2 * values {
        bytes
            .chunks_exact(2)
            .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
            .collect()
    } else {
        bytes.iter().map(|&byte| u16::from(byte)).collect()
    };
    Ok(Decoded {
        rows: shape.rows,
        columns: shape.columns,
        components: shape.components,
        bits: head.precision,
        samples,
    })
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
    fn the_frame_header_is_found_behind_other_segments() {
        let bytes = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc3\x00\x0b\x0c\x01\x02\x03\x04\x01\x01\x11\x00";
        let head = start_of_frame(bytes).expect("a frame header");
        assert_eq!(
            (head.marker, head.precision, head.rows, head.columns, head.components),
            (0xc3, 12, 258, 772, 1)
        );
        for cut in 0..18 {
            assert_eq!(start_of_frame(&bytes[..cut]), None, "{cut}");
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
