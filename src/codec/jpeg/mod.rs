//! JPEG: ITU-T T.81 (09/92), ISO/IEC 10918-1:1994, with Huffman codes.
//!
//! Decodes the cosine transform with 8 and 12 bits, sequential (processes 1, 2 and 4) and progressive (6, 8, 10 and 12), and
//! prediction without loss with 2 to 16 bits (process 14, all predictors), 1 to 4 components, interleaved or not, restart intervals.
//! Components come as coded: no colour transform; subsampled ones are repeated. Refused: hierarchical and arithmetic coding, lines
//! counted only after the first scan (DNL).

mod bits;
mod header;
mod huffman;
mod idct;
mod lossless;
mod plane;
mod progressive;
mod sequential;

use super::marker::{DHT, DNL, DQT, DRI, EOI, Markers, SOS, number};
use super::{CodecError, Decoded, Limits};
use header::{Frame, Process, Scan, Tables};
use plane::Plane;
use progressive::Progress;

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
/// let error = jpeg::decode(&[0xFF, 0xD8, 0xFF, 0xC9, 0, 2], &Limits { pixels: 1 << 28 }).unwrap_err();
/// assert_eq!(error, CodecError::Unsupported("a JPEG process with arithmetic or hierarchical coding"));
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, CodecError> {
    let mut markers = Markers::new(bytes)?;
    let mut image: Option<(Frame, Vec<Plane>)> = None;
    let mut progress: Option<Progress> = None;
    let mut tables = Tables::default();
    let mut interval = 0;
    let mut seen = [false; 4];
    loop {
        let code = match markers.next() {
            Err(CodecError::Truncated(_)) if progress.as_ref().is_some_and(Progress::is_complete) => break,
            code => code?,
        };
        match code {
            0xC0..=0xC3 => {
                if image.is_some() {
                    return Err(CodecError::Damaged("two frame headers"));
                }
                let process = match code {
                    0xC2 => Process::Progressive,
                    0xC3 => Process::Lossless,
                    _ => Process::Sequential,
                };
                let frame = Frame::parse(process, markers.segment()?)?;
                limits.samples(frame.rows, frame.columns, frame.components.len())?;
                let planes = Plane::of_frame(&frame);
                progress = (process == Process::Progressive).then(|| Progress::new(&frame, &planes));
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
                if let Some(progress) = &mut progress {
                    let used = progress.decode(markers.rest(), frame, &scan, &tables, interval, planes)?;
                    markers.skip(used);
                    continue;
                }
                for selected in &scan.selected {
                    if std::mem::replace(&mut seen[selected.component], true) {
                        return Err(CodecError::Damaged("a component is coded twice"));
                    }
                }
                let decode = match frame.process {
                    Process::Lossless => lossless::decode,
                    _ => sequential::decode,
                };
                let used = decode(markers.rest(), frame, &scan, &tables, interval, planes)?;
                markers.skip(used);
                if seen[..planes.len()].iter().all(|&seen| seen) {
                    break;
                }
            }
            // Bits that do not come are zero: only the means must be there.
            EOI if progress.is_some() => break,
            EOI => return Err(CodecError::Truncated("the image ends before all components are coded")),
            DNL => return Err(CodecError::Unsupported("number of lines after the scan")),
            // Application data, comments.
            0xE0..=0xEF | 0xFE => {
                markers.segment()?;
            }
            0xC0..=0xCF | 0xF7 => {
                return Err(CodecError::Unsupported(
                    "a JPEG process with arithmetic or hierarchical coding",
                ));
            }
            _ => return Err(CodecError::Damaged("an unexpected marker")),
        }
    }
    let (frame, mut planes) = image.ok_or(CodecError::Damaged("no frame header"))?;
    if let Some(progress) = progress {
        progress.finish(&mut planes)?;
    }
    Ok(Decoded {
        rows: frame.rows,
        columns: frame.columns,
        components: planes.len() as u8,
        bits: frame.bits,
        samples: plane::interleave(&frame, planes),
    })
}
