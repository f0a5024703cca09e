//! Fragments of encapsulated Pixel Data and the frames they make (PS3.5 A.4).

use super::element::{Elements, Layout, Stop};
use super::error::ReadError;
use crate::radiograph::Warning;
use dicom_core::Tag;
use std::borrow::Cow;
use std::ops::Range;

const ITEM: Tag = Tag(0xfffe, 0xe000);
const SEQUENCE_DELIMITATION: Tag = Tag(0xfffe, 0xe0dd);

/// Where each frame's fragments lie.
#[derive(Clone, Debug)]
pub(super) struct Frames {
    frames: Vec<Vec<Range<usize>>>,
}

impl Frames {
    /// Finds the fragments from `start`, the first byte after Pixel Data's head, and shares them out to `frames`
    /// frames.
    ///
    /// # Errors
    ///
    /// If the items are broken, or there are fewer frames than stated.
    pub(super) fn find(
        bytes: &[u8],
        start: usize,
        frames: usize,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, ReadError> {
        let mut items = items(bytes, start, warnings)?;
        if items.is_empty() {
            return Err(ReadError::Structure("Pixel Data holds no fragments".to_owned()));
        }
        let table = items.remove(0);
        let shared = if frames == 1 {
            vec![items]
        } else if items.len() == frames {
            items.into_iter().map(|fragment| vec![fragment]).collect()
        } else {
            by_offset(bytes, &table, &items).unwrap_or_else(|| by_start(bytes, &items))
        };
        if shared.len() < frames || shared.iter().any(Vec::is_empty) {
            return Err(ReadError::Value {
                attribute: "Number of Frames",
                found: frames.to_string(),
                expected: "no more than the frames in Pixel Data",
            });
        }
        Ok(Self { frames: shared })
    }

    /// The bytes of `frame`; copied only if it is in several fragments.
    pub(super) fn bytes<'a>(&self, bytes: &'a [u8], frame: usize) -> Cow<'a, [u8]> {
        match &self.frames[frame][..] {
            [one] => Cow::Borrowed(&bytes[one.clone()]),
            several => Cow::Owned(
                several
                    .iter()
                    .flat_map(|range| &bytes[range.clone()])
                    .copied()
                    .collect(),
            ),
        }
    }
}

/// Every item up to the delimiter: the Basic Offset Table first, then the fragments.
fn items(bytes: &[u8], start: usize, warnings: &mut Vec<Warning>) -> Result<Vec<Range<usize>>, ReadError> {
    let elements = Elements::new(bytes, true);
    let mut items = Vec::new();
    let mut at = start;
    loop {
        if at + 8 > bytes.len() {
            let message = "Pixel Data has no Sequence Delimitation Item; its fragments are complete";
            warnings.push(Warning::new("pixel_data_unterminated", message));
            return Ok(items);
        }
        let head = elements.head(at, Layout::EXPLICIT_LITTLE).map_err(|stop| match stop {
            Stop::Damaged(error) => error,
            Stop::NeedsMore => ReadError::Structure("Pixel Data breaks off".to_owned()),
        })?;
        match (head.tag, head.length) {
            (SEQUENCE_DELIMITATION, _) => return Ok(items),
            (ITEM, Some(length)) if length <= bytes.len() - head.value => {
                at = head.value + length;
                items.push(head.value..at);
            }
            (ITEM, _) => {
                return Err(ReadError::PixelDataLength {
                    found: (bytes.len() - head.value) as u64,
                    expected: head.length.unwrap_or(usize::MAX) as u64,
                });
            }
            (tag, _) => {
                return Err(ReadError::Structure(format!(
                    "Pixel Data holds {tag} where a fragment belongs"
                )));
            }
        }
    }
}

/// Shares fragments out by the Basic Offset Table, whose offsets count from the first fragment's item tag.
fn by_offset(bytes: &[u8], table: &Range<usize>, items: &[Range<usize>]) -> Option<Vec<Vec<Range<usize>>>> {
    let origin = items.first()?.start.checked_sub(8)?;
    let offsets: Vec<usize> = bytes[table.clone()]
        .chunks_exact(4)
        .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)
        .collect();
    if offsets.is_empty() || !offsets.is_sorted() {
        return None;
    }
    let mut frames = vec![Vec::new(); offsets.len()];
    for item in items {
        let offset = item.start - 8 - origin;
        let frame = offsets.partition_point(|&start| start <= offset).checked_sub(1)?;
        frames[frame].push(item.clone());
    }
    Some(frames)
}

/// Shares fragments out by the markers that a codestream begins with.
fn by_start(bytes: &[u8], items: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
    let mut frames: Vec<Vec<Range<usize>>> = Vec::new();
    for item in items {
        let begins = matches!(
            &bytes[item.clone()],
            [0xff, 0xd8, 0xff, ..] | [0xff, 0x4f, 0xff, 0x51, ..] | [0xff, 0x0a, ..]
        );
        match frames.last_mut() {
            Some(frame) if !begins => frame.push(item.clone()),
            _ => frames.push(vec![item.clone()]),
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(tag: u8, value: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xfe, 0xff, tag, 0xe0];
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(value);
        bytes
    }

    fn found(parts: &[Vec<u8>], frames: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        let bytes = parts.concat();
        let all = Frames::find(&bytes, 0, frames, &mut Vec::new())?;
        Ok((0..frames).map(|frame| all.bytes(&bytes, frame).into_owned()).collect())
    }

    #[test]
    fn one_frame_takes_every_fragment() {
        let parts = [item(0, b""), item(0, b"ab"), item(0, b"cd"), item(0xdd, b"")];
        assert_eq!(found(&parts, 1).expect("sound"), [b"abcd"]);
    }

    #[test]
    fn the_offset_table_shares_fragments_out() {
        let table = [0_u32.to_le_bytes(), 20_u32.to_le_bytes()].concat();
        let parts = [
            item(0, &table),
            item(0, b"ab"),
            item(0, b"cd"),
            item(0, b"ef"),
            item(0xdd, b""),
        ];
        assert_eq!(found(&parts, 2).expect("sound"), [b"abcd".to_vec(), b"ef".to_vec()]);
    }

    #[test]
    fn without_a_table_markers_tell_the_frames() {
        let parts = [
            item(0, b""),
            item(0, b"\xff\xd8\xff1"),
            item(0, b"22"),
            item(0, b"\xff\xd8\xff3"),
            item(0xdd, b""),
        ];
        assert_eq!(found(&parts, 2).expect("sound")[0], b"\xff\xd8\xff122");
    }

    #[test]
    fn more_frames_than_fragments_are_refused() {
        let parts = [item(0, b""), item(0, b"ab"), item(0xdd, b"")];
        assert_eq!(
            found(&parts, 1_000_000).expect_err("one frame").attribute(),
            Some("Number of Frames")
        );
    }

    #[test]
    fn a_fragment_beyond_the_end_is_refused() {
        let mut bytes = [item(0, b""), item(0, b"abcdef")].concat();
        bytes.truncate(bytes.len() - 2);
        let error = Frames::find(&bytes, 0, 1, &mut Vec::new()).expect_err("too short");
        assert!(matches!(error, ReadError::PixelDataLength { found: 4, expected: 6 }));
    }

    #[test]
    fn a_missing_delimiter_is_only_warned_of() {
        let bytes = [item(0, b""), item(0, b"ab")].concat();
        let mut warnings = Vec::new();
        Frames::find(&bytes, 0, 1, &mut warnings).expect("complete");
        assert_eq!(warnings[0].code, "pixel_data_unterminated");
    }
}
