//! JPEG-LS, lossless and near-lossless: ITU-T T.87 (06/98), ISO/IEC 14495-1:1999.
//!
//! Decodes 2 to 16 bits, 1 to 4 components of equal size, all three interleave modes, restart intervals (in lines) and
//! preset parameters (LSE type 1). Refused: mapping tables, images above 65535 lines or columns, subsampling, point
//! transform, the HP colour transform and lines counted only after the first scan (DNL).

mod bits;
mod context;
mod header;
mod parameters;
mod scan;

use super::marker::{APP8, DNL, DRI, EOI, Markers, SOS};
use super::{CodecError, Decoded, Limits};
use header::{Frame, ScanHeader};
use parameters::Preset;

const SOF55: u8 = 0xF7;
const LSE: u8 = 0xF8;

/// Decodes one JPEG-LS image that starts at the first byte. A missing end of image marker and bytes after it are accepted.
///
/// # Errors
///
/// [`CodecError`]: the bytes are damaged, cut short, of a kind listed above as refused, or larger than `limits`.
///
/// # Examples
///
/// ```
/// use calxray::codec::{CodecError, Limits, jpeg_ls};
///
/// let error = jpeg_ls::decode(b"not an image", &Limits { pixels: 1 << 28 }).unwrap_err();
/// assert_eq!(error, CodecError::Damaged("no start of image marker"));
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, CodecError> {
    let mut markers = Markers::new(bytes)?;
    let mut frame: Option<(Frame, Vec<u16>)> = None;
    let mut preset = Preset::default();
    let mut restart_lines = 0;
    let mut seen = [false; 4];
    loop {
        match markers.next()? {
            SOF55 => {
                if frame.is_some() {
                    return Err(CodecError::Damaged("two frame headers"));
                }
                let header = Frame::parse(markers.segment()?)?;
                let samples = limits.samples(header.rows, header.columns, header.components.len())?;
                frame = Some((header, vec![0; samples]));
            }
            LSE => preset = header::preset(markers.segment()?)?,
            DRI => restart_lines = header::restart_lines(markers.segment()?)?,
            APP8 => header::refuse_colour_transform(markers.segment()?)?,
            SOS => {
                let (frame, samples) = frame
                    .as_mut()
                    .ok_or(CodecError::Damaged("a scan before the frame header"))?;
                let scan = ScanHeader::parse(markers.segment()?, frame)?;
                for &component in &scan.components {
                    if std::mem::replace(&mut seen[component], true) {
                        return Err(CodecError::Damaged("a component is coded twice"));
                    }
                }
                let parameters = preset.resolve(frame.bits, scan.near)?;
                let used = scan::decode(markers.rest(), frame, &scan, &parameters, restart_lines, samples)?;
                markers.skip(used);
                if seen[..frame.components.len()].iter().all(|&seen| seen) {
                    break;
                }
            }
            EOI => return Err(CodecError::Truncated("the image ends before all components are coded")),
            DNL => return Err(CodecError::Unsupported("number of lines after the scan")),
            // Application data, comments.
            0xE0..=0xEF | 0xFE => {
                markers.segment()?;
            }
            0xC0..=0xCF => return Err(CodecError::Unsupported("not a JPEG-LS frame")),
            _ => return Err(CodecError::Damaged("an unexpected marker")),
        }
    }
    let (frame, samples) = frame.ok_or(CodecError::Damaged("no frame header"))?;
    Ok(Decoded {
        rows: frame.rows,
        columns: frame.columns,
        components: frame.components.len() as u8,
        bits: frame.bits,
        samples,
    })
}
