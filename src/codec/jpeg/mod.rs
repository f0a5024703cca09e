//! JPEG: ITU-T T.81 (09/92), ISO/IEC 10918-1:1994, with Huffman codes.
//!
//! Decodes the sequential cosine transform with 8 and 12 bits (processes 1, 2 and 4) and prediction without loss with 2 to
//! 16 bits (process 14, all predictors), 1 to 4 components, interleaved or not, restart intervals. Components come as coded:
//! no colour transform; subsampled ones are repeated. Refused: progressive, hierarchical and arithmetic coding, lines counted only
//! after the first scan (DNL).

mod bits;
mod header;
mod huffman;
mod idct;
mod lossless;
mod plane;
mod sequential;

use super::marker::{DHT, DNL, DQT, DRI, EOI, Markers, SOS, number};
use super::{CodecError, Decoded, Limits};
use header::{Frame, Process, Scan, Tables};
use plane::Plane;

/// Decodes one JPEG image that starts at the first byte. A missing end of image marker and bytes after it are accepted.
///
/// # Errors
///
/// [`CodecError`]: the bytes are damaged, cut short, of a kind listed above as refused, or larger than `limits`.
///
/// # Examples
///
/// ```
/// use calxray::codec::{CodecError, Limits, jpeg};
///
/// let error = jpeg::decode(&[0xFF, 0xD8, 0xFF, 0xC2, 0, 2], &Limits { pixels: 1 << 28 }).unwrap_err();
/// assert_eq!(error, CodecError::Unsupported("a JPEG process other than sequential or lossless Huffman"));
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, CodecError> {
    let mut markers = Markers::new(bytes)?;
    let mut image: Option<(Frame, Vec<Plane>)> = None;
    let mut tables = Tables::default();
    let mut interval = 0;
    let mut seen = [false; 4];
    loop {
        match markers.next()? {
            code @ (0xC0 | 0xC1 | 0xC3) => {
                if image.is_some() {
                    return Err(CodecError::Damaged("two frame headers"));
                }
                let process = if code == 0xC3 {
                    Process::Lossless
                } else {
                    Process::Sequential
                };
                let frame = Frame::parse(process, markers.segment()?)?;
                limits.samples(frame.rows, frame.columns, frame.components.len())?;
                let planes = Plane::of_frame(&frame);
                image = Some((frame, planes));
            }
            DHT => tables.huffman(markers.segment()?)?,
            DQT => tables.quantisers(markers.segment()?)?,
            DRI => interval = usize::from(number(markers.segment()?, 0)?),
            SOS => {
                let (frame, planes) = image
                    .as_mut()
                    .ok_or(CodecError::Damaged("a scan before the frame header"))?;
                let scan = Scan::parse(markers.segment()?, frame)?;
                for selected in &scan.selected {
                    if std::mem::replace(&mut seen[selected.component], true) {
                        return Err(CodecError::Damaged("a component is coded twice"));
                    }
                }
                let used = match frame.process {
                    Process::Sequential => sequential::decode(markers.rest(), frame, &scan, &tables, interval, planes)?,
                    Process::Lossless => lossless::decode(markers.rest(), frame, &scan, &tables, interval, planes)?,
                };
                markers.skip(used);
                if seen[..planes.len()].iter().all(|&seen| seen) {
                    break;
                }
            }
            EOI => return Err(CodecError::Truncated("the image ends before all components are coded")),
            DNL => return Err(CodecError::Unsupported("number of lines after the scan")),
            // Application data, comments.
            0xE0..=0xEF | 0xFE => {
                markers.segment()?;
            }
            0xC0..=0xCF | 0xF7 => {
                return Err(CodecError::Unsupported(
                    "a JPEG process other than sequential or lossless Huffman",
                ));
            }
            _ => return Err(CodecError::Damaged("an unexpected marker")),
        }
    }
    let (frame, planes) = image.ok_or(CodecError::Damaged("no frame header"))?;
    Ok(Decoded {
        rows: frame.rows,
        columns: frame.columns,
        components: planes.len() as u8,
        bits: frame.bits,
        samples: plane::interleave(&frame, planes),
    })
}
