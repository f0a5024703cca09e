//! PNG, TIFF and JPEG: no body part, no polarity and no trustworthy spacing, so white is taken as opaque and the
//! spacing is the user's or none (a resolution in dots per inch describes the print, not the patient).

use super::error::ReadError;
use super::header::{Header, ImageKind};
use super::options::{Limits, ReadOptions};
use crate::radiograph::{PixelSpacing, Radiograph, SpacingPlane, SpacingSource, Warning};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use ndarray::Array2;
use std::io::Cursor;

/// Reads size and depth without decoding pixels.
pub(super) fn header(kind: ImageKind, bytes: &[u8], options: &ReadOptions) -> Result<Header, ReadError> {
    let decoder = reader(kind, bytes, &options.limits)
        .into_decoder()
        .map_err(|e| failure(kind, &e))?;
    let (columns, rows) = decoder.dimensions();
    let colour = decoder.color_type();
    let pixels = u64::from(rows) * u64::from(columns);
    if pixels > options.limits.pixels {
        return Err(ReadError::Limit {
            attribute: "rows x columns",
            found: pixels,
            limit: options.limits.pixels,
        });
    }
    if pixels == 0 {
        return Err(ReadError::Structure("the image has no pixels".to_owned()));
    }
    let mut header = Header::new(kind);
    (header.rows, header.columns) = (rows, columns);
    header.samples_per_pixel = u16::from(colour.channel_count());
    header.bits_allocated = u16::from(colour.bytes_per_pixel() / colour.channel_count()) * 8;
    header.bits_stored = header.bits_allocated;
    header.spacing = options
        .spacing
        .and_then(|mm| PixelSpacing::square(mm.get(), SpacingPlane::Unknown, SpacingSource::User));
    if colour.has_color() {
        header.warnings.push(Warning::new(
            "colour_reduced",
            "colour pixels were reduced to luminance",
        ));
    }
    if header.spacing.is_none() {
        header.warnings.push(Warning::new(
            "no_spacing",
            "the file states no pixel spacing: sizes are in pixels only",
        ));
    }
    Ok(header)
}

/// Decodes the pixels.
pub(super) fn radiograph(header: &Header, bytes: &[u8], limits: &Limits) -> Result<Radiograph, ReadError> {
    let image = reader(header.kind, bytes, limits)
        .decode()
        .map_err(|e| failure(header.kind, &e))?;
    let (columns, rows) = (image.width() as usize, image.height() as usize);
    if (rows, columns) != (header.rows as usize, header.columns as usize) {
        return Err(ReadError::Structure("header and pixels differ in size".to_owned()));
    }
    let pixels =
        Array2::from_shape_vec((rows, columns), grey(image)?).expect("a decoded image holds rows x columns pixels");
    Ok(Radiograph::new(pixels)
        .with_spacing(header.spacing)
        .with_warnings(header.warnings.clone()))
}

fn reader<'a>(kind: ImageKind, bytes: &'a [u8], limits: &Limits) -> ImageReader<Cursor<&'a [u8]>> {
    let format = match kind {
        ImageKind::Tiff => ImageFormat::Tiff,
        ImageKind::Jpeg => ImageFormat::Jpeg,
        ImageKind::Png | ImageKind::Dicom => ImageFormat::Png,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut ceiling = image::Limits::default();
    // Four samples of two bytes, and as much again for the decoder's own buffers.
    ceiling.max_alloc = Some(limits.pixels.saturating_mul(16));
    reader.limits(ceiling);
    reader
}

/// Grey levels as stored; luminance (ITU-R BT.601) of colour; transparency is ignored.
fn grey(image: DynamicImage) -> Result<Vec<u16>, ReadError> {
    Ok(match image {
        DynamicImage::ImageLuma8(image) => image.into_raw().into_iter().map(u16::from).collect(),
        DynamicImage::ImageLuma16(image) => image.into_raw(),
        DynamicImage::ImageLumaA8(image) => image.pixels().map(|p| u16::from(p.0[0])).collect(),
        DynamicImage::ImageLumaA16(image) => image.pixels().map(|p| p.0[0]).collect(),
        DynamicImage::ImageRgb8(image) => image.pixels().map(|p| luminance(p.0.map(u16::from))).collect(),
        DynamicImage::ImageRgba8(image) => image
            .pixels()
            .map(|p| luminance([p.0[0], p.0[1], p.0[2]].map(u16::from)))
            .collect(),
        DynamicImage::ImageRgb16(image) => image.pixels().map(|p| luminance(p.0)).collect(),
        DynamicImage::ImageRgba16(image) => image.pixels().map(|p| luminance([p.0[0], p.0[1], p.0[2]])).collect(),
        other => {
            return Err(ReadError::Unsupported {
                attribute: "pixel type",
                what: format!("{:?}", other.color()),
            });
        }
    })
}

/// ITU-R BT.601 luminance; equal parts give their value back unchanged.
pub(super) fn luminance([red, green, blue]: [u16; 3]) -> u16 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    ((sum + 500) / 1000) as u16
}

fn failure(kind: ImageKind, error: &ImageError) -> ReadError {
    match error {
        ImageError::Unsupported(what) => ReadError::Unsupported {
            attribute: "encoding",
            what: what.to_string(),
        },
        ImageError::Limits(_) => ReadError::Unsupported {
            attribute: "size",
            what: "above the limit".to_owned(),
        },
        other => ReadError::Codec {
            frame: 0,
            syntax: match kind {
                ImageKind::Png => "PNG",
                ImageKind::Tiff => "TIFF",
                ImageKind::Jpeg => "JPEG",
                ImageKind::Dicom => "DICOM",
            },
            message: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::luminance;

    #[test]
    fn grey_in_colour_stays_itself() {
        for value in [0, 1, 127, 255, 40_000, u16::MAX] {
            assert_eq!(luminance([value; 3]), value);
        }
        assert_eq!(luminance([255, 0, 0]), 76);
    }
}
