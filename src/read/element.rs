//! Where the elements of a data set lie, without reading their values (PS3.5 section 7).
//!
//! A full parser stops at the first oddity of a private element; this walk only needs lengths, so it reaches Pixel
//! Data in files that a full parser refuses, and it stops there: pixels are not touched.

use super::error::ReadError;
use dicom_core::Tag;
use std::ops::Range;

const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);
const ITEM: Tag = Tag(0xfffe, 0xe000);
const ITEM_DELIMITATION: Tag = Tag(0xfffe, 0xe00d);
const SEQUENCE_DELIMITATION: Tag = Tag(0xfffe, 0xe0dd);
const UNDEFINED: u32 = u32::MAX;
/// Deeper nesting than any information object has.
const MAX_DEPTH: usize = 64;

/// How elements are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) explicit_vr: bool,
    pub(super) big_endian: bool,
}

impl Layout {
    pub(super) const EXPLICIT_LITTLE: Self = Self {
        explicit_vr: true,
        big_endian: false,
    };
    const IMPLICIT_LITTLE: Self = Self {
        explicit_vr: false,
        big_endian: false,
    };

    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }
}

/// One element's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) tag: Tag,
    /// Two letters, if the element states them.
    pub(super) vr: Option<[u8; 2]>,
    /// Offset of the value.
    pub(super) value: usize,
    /// Length of the value; `None` if undefined: then delimiters end it.
    pub(super) length: Option<usize>,
}

/// Why a walk could not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// The bytes at hand end too early; the file goes on.
    NeedsMore,
    /// The data set is damaged.
    Damaged(ReadError),
}

/// What the walk found before it met Pixel Data or the end.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Elements that `keep` asked for, heads included.
    pub(super) kept: Vec<Range<usize>>,
    /// Pixel Data's head.
    pub(super) pixel_data: Option<Head>,
}

/// A data set in memory, or the first part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    /// Whether `bytes` reach to the end of the file.
    complete: bool,
}

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8], complete: bool) -> Self {
        Self { bytes, complete }
    }

    /// Walks top-level elements from `start`, up to Pixel Data, the end, or the first that `until` names.
    pub(super) fn walk(
        self,
        start: usize,
        layout: Layout,
        keep: impl Fn(Tag) -> bool,
        until: impl Fn(Tag) -> bool,
    ) -> Result<(Walk, usize), Stop> {
        let mut walk = Walk::default();
        let mut at = start;
        while at < self.bytes.len() || !self.complete {
            // Old writers pad the end of the file with zeros.
            if self.complete && self.bytes[at..].iter().take(16).all(|&byte| byte == 0) {
                break;
            }
            let head = self.head(at, layout)?;
            if until(head.tag) {
                break;
            }
            if head.tag == PIXEL_DATA {
                walk.pixel_data = Some(head);
                break;
            }
            let end = match head.length {
                Some(length) => self.within(head.value, length, head.tag)?,
                None => self.skip_undefined(head, layout)?,
            };
            if keep(head.tag) {
                walk.kept.push(at..end);
            }
            at = end;
        }
        Ok((walk, at))
    }

    /// Reads the element head at `at`.
    pub(super) fn head(self, at: usize, layout: Layout) -> Result<Head, Stop> {
        let bytes = self.take::<8>(at)?;
        let tag = Tag(layout.u16([bytes[0], bytes[1]]), layout.u16([bytes[2], bytes[3]]));
        let long = || layout.u32([bytes[4], bytes[5], bytes[6], bytes[7]]);
        let vr = [bytes[4], bytes[5]];
        // Items have no value representation in any layout. An element without letters in an explicit data set
        // was written as implicit by mistake.
        let (vr, value, length) = if tag.0 == ITEM.0 || !layout.explicit_vr || !is_vr(vr) {
            (None, at + 8, long())
        } else if has_long_length(vr) {
            let length = self.take::<4>(at + 8)?;
            (Some(vr), at + 12, layout.u32(length))
        } else {
            (Some(vr), at + 8, u32::from(layout.u16([bytes[6], bytes[7]])))
        };
        Ok(Head {
            tag,
            vr,
            value,
            length: (length != UNDEFINED).then_some(length as usize),
        })
    }

    fn take<const N: usize>(self, at: usize) -> Result<[u8; N], Stop> {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(bytes) => Ok(*bytes),
            None if self.complete => Err(damaged("the data set breaks off within an element".to_owned())),
            None => Err(Stop::NeedsMore),
        }
    }

    /// The end of a value, if it lies within the bytes.
    fn within(self, value: usize, length: usize, tag: Tag) -> Result<usize, Stop> {
        match value.checked_add(length) {
            Some(end) if end <= self.bytes.len() => Ok(end),
            Some(_) if !self.complete => Err(Stop::NeedsMore),
            _ => Err(damaged(format!("the data set breaks off within element {tag}"))),
        }
    }

    /// The end of an element of undefined length: where its delimiters balance.
    fn skip_undefined(self, element: Head, layout: Layout) -> Result<usize, Stop> {
        let mut layouts = vec![inner(element, layout)];
        let mut at = element.value;
        while let Some(&layout) = layouts.last() {
            let head = self.head(at, layout)?;
            at = head.value;
            match (head.tag, head.length) {
                (ITEM_DELIMITATION | SEQUENCE_DELIMITATION, _) => {
                    layouts.pop();
                }
                (_, Some(length)) => at = self.within(at, length, head.tag)?,
                (_, None) => layouts.push(inner(head, layout)),
            }
            if layouts.len() > MAX_DEPTH {
                return Err(damaged(format!("element {} is nested too deeply", element.tag)));
            }
        }
        Ok(at)
    }
}

/// The layout inside an element of undefined length: VR UN hides implicit little endian (PS3.5 6.2.2).
fn inner(head: Head, layout: Layout) -> Layout {
    if head.vr == Some(*b"UN") {
        Layout::IMPLICIT_LITTLE
    } else {
        layout
    }
}

fn damaged(reason: String) -> Stop {
    Stop::Damaged(ReadError::Structure(reason))
}

pub(super) fn is_vr(vr: [u8; 2]) -> bool {
    vr.iter().all(u8::is_ascii_uppercase)
}

/// Value representations with a length of 32 bits (PS3.5 7.1.2); so has any that is not yet invented.
fn has_long_length(vr: [u8; 2]) -> bool {
    const SHORT: [&[u8; 2]; 21] = [
        b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
        b"ST", b"TM", b"UI", b"UL", b"US",
    ];
    !SHORT.contains(&&vr)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &[u8] = b"\x28\0\x10\0US\x02\0\x05\0";

    fn walk(bytes: &[u8], complete: bool) -> Result<(Walk, usize), Stop> {
        Elements::new(bytes, complete).walk(0, Layout::EXPLICIT_LITTLE, |_| true, |_| false)
    }

    #[test]
    fn a_sequence_of_undefined_length_is_one_element() {
        let mut bytes = b"\x40\0\x75\x02SQ\0\0\xff\xff\xff\xff".to_vec();
        bytes.extend(b"\xfe\xff\0\xe0\xff\xff\xff\xff");
        bytes.extend(ROWS);
        bytes.extend(b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
        let length = bytes.len();
        bytes.extend(ROWS);
        let (walk, end) = walk(&bytes, true).expect("a sound data set");
        assert_eq!(walk.kept, [0..length, length..length + ROWS.len()]);
        assert_eq!(end, bytes.len());
    }

    #[test]
    fn the_walk_stops_at_pixel_data() {
        let mut bytes = ROWS.to_vec();
        bytes.extend(b"\xe0\x7f\x10\0OW\0\0\x40\0\0\0");
        let (walk, _) = walk(&bytes, false).expect("pixels need not be there yet");
        assert_eq!(walk.kept.len(), 1);
        assert_eq!(walk.pixel_data.and_then(|head| head.length), Some(64));
    }

    #[test]
    fn a_short_prefix_asks_for_more_and_a_short_file_is_damaged() {
        for cut in 1..ROWS.len() {
            assert!(matches!(walk(&ROWS[..cut], false), Err(Stop::NeedsMore)));
            assert!(matches!(walk(&ROWS[..cut], true), Err(Stop::Damaged(_))), "{cut}");
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        let mut bytes = b"\x40\0\x75\x02SQ\0\0\xff\xff\xff\xff".to_vec();
        for _ in 0..1000 {
            bytes.extend(b"\xfe\xff\0\xe0\xff\xff\xff\xff");
        }
        assert!(matches!(walk(&bytes, true), Err(Stop::Damaged(_))));
    }
}
