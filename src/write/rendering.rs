//! A radiograph as a PNG of 16 bits that loses no grey level: for tools that read no DICOM.

use crate::radiograph::Radiograph;
use flate2::Crc;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use std::io;

/// Bytes of the signature and the header of a PNG file; what follows may be text.
const HEAD: usize = 8 + 25;

/// The picture of `radiograph` at its own size, white radio-opaque, without a window.
///
/// A pixel becomes `(pixel - low) * step`, `low` the smallest of the image and `step` the largest whole number for which
/// all fit: nothing is clipped or rounded, and programs that keep the upper eight bits still show the image. The text
/// chunks `calxray:low`, `calxray:step`, `calxray:slope` and `calxray:intercept` lead back:
/// modality value = (grey / step + low) * slope + intercept. Same input, same bytes.
///
/// # Errors
///
/// If the picture cannot be encoded.
pub fn png(radiograph: &Radiograph) -> io::Result<Vec<u8>> {
    let pixels = radiograph.pixels();
    let low = pixels.iter().copied().min().unwrap_or(0);
    let range = pixels.iter().copied().max().unwrap_or(0) - low;
    let step = u16::MAX / range.max(1);
    let grey: Vec<u8> = pixels
        .iter()
        .flat_map(|pixel| ((pixel - low) * step).to_ne_bytes())
        .collect();
    let mut bytes = grey16(&grey, radiograph.shape())?;
    let scale = radiograph.value_scale();
    let texts = [
        ("low", low.to_string()),
        ("step", step.to_string()),
        ("slope", scale.slope.to_string()),
        ("intercept", scale.intercept.to_string()),
    ];
    let chunks = texts.map(|(name, value)| text_chunk(&format!("calxray:{name}"), &value));
    bytes.splice(HEAD..HEAD, chunks.concat());
    Ok(bytes)
}

/// A PNG of one channel of 16 bits; `grey` in the byte order of the machine.
pub(super) fn grey16(grey: &[u8], (rows, columns): (usize, usize)) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Paeth)
        .write_image(grey, columns as u32, rows as u32, ExtendedColorType::L16)
        .map_err(io::Error::other)?;
    Ok(bytes)
}

/// A `tEXt` chunk (ISO/IEC 15948, 11.3.3.2).
fn text_chunk(keyword: &str, text: &str) -> Vec<u8> {
    let mut named = b"tEXt".to_vec();
    named.extend(keyword.bytes());
    named.push(0);
    named.extend(text.bytes());
    let mut crc = Crc::new();
    crc.update(&named);
    let mut chunk = (named.len() as u32 - 4).to_be_bytes().to_vec();
    chunk.extend(named);
    chunk.extend(crc.sum().to_be_bytes());
    chunk
}

#[cfg(test)]
mod tests {
    use super::png;
    use crate::radiograph::{Radiograph, ValueScale};
    use ndarray::Array2;

    /// What the text chunk `name` holds.
    fn text(bytes: &[u8], name: &str) -> f64 {
        let key = format!("tEXtcalxray:{name}\0");
        let at = bytes
            .windows(key.len())
            .position(|part| part == key.as_bytes())
            .unwrap();
        let length = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
        std::str::from_utf8(&bytes[at + key.len()..at + 4 + length])
            .unwrap()
            .parse()
            .unwrap()
    }

    #[test]
    fn every_value_comes_back() {
        for (low, step) in [(100_u16, 3_u16), (0, 1300), (7, 0)] {
            let pixels = Array2::from_shape_fn((5, 9), |(r, c)| low + step * (9 * r + c) as u16);
            let scale = ValueScale {
                slope: -0.5,
                intercept: 12.0,
            };
            let bytes = png(&Radiograph::new(pixels.clone()).with_value_scale(scale)).unwrap();
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!(picture.color(), image::ColorType::L16);
            let [low, step, slope, intercept] = ["low", "step", "slope", "intercept"].map(|name| text(&bytes, name));
            assert!(
                pixels.iter().min() == pixels.iter().max()
                    || f64::from(*picture.to_luma16().iter().max().unwrap()) > 32_767.0
            );
            for (grey, pixel) in picture.to_luma16().iter().zip(&pixels) {
                let value = (f64::from(*grey) / step + low) * slope + intercept;
                assert_eq!(value, f64::from(*pixel) * -0.5 + 12.0);
            }
        }
    }
}
