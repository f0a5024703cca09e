//! Whether every length in a piece of a data set, down to the innermost item, stays within it.
//!
//! The parser of `dicom-object` asks for the memory of a value before it looks whether the bytes are there, so that a few
//! damaged bytes cost 4 GiB. This looks first, by the same reading of the bytes.

use super::element::{Elements, Layout, is_vr};
use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::{StandardDataDictionary, tags::PIXEL_DATA};

/// Group of items and delimiters.
const ITEMS: u16 = 0xfffe;

/// Looks at all elements of `bytes` in the order in which they lie there, those within items too.
pub(super) fn stay_within(bytes: &[u8], layout: Layout) -> bool {
    let elements = Elements::new(bytes, true);
    let mut at = 0;
    // What is cut off within a head ends the parser as well.
    while let Ok(head) = elements.head(at, layout) {
        if head.tag.0 == ITEMS {
            at = head.value;
            continue;
        }
        let vr = [bytes[at + 4], bytes[at + 5]];
        if layout.explicit_vr && !is_vr(vr) {
            // The parser would look for a length elsewhere.
            return false;
        }
        let is_sequence = match layout.explicit_vr {
            true => vr == *b"SQ",
            false => StandardDataDictionary
                .by_tag(head.tag)
                .is_some_and(|entry| entry.vr().relaxed() == VR::SQ),
        };
        at = match head.length {
            // Fragments are no elements, and nothing we read has any.
            None if head.tag == PIXEL_DATA => return false,
            None => head.value,
            Some(_) if is_sequence => head.value,
            Some(length) => match head.value.checked_add(length) {
                Some(end) if end <= bytes.len() => end,
                _ => return false,
            },
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPLICIT: Layout = Layout {
        explicit_vr: false,
        big_endian: false,
    };

    /// A View Code Sequence of one item that holds a Code Value of `length` bytes, of which two are there.
    fn nested(length: u8, undefined: bool) -> Vec<u8> {
        let whole = if undefined { [255; 4] } else { [18, 0, 0, 0] };
        let item = if undefined { [255; 4] } else { [10, 0, 0, 0] };
        let mut bytes = b"\x54\0\x20\x02SQ\0\0".to_vec();
        bytes.extend(whole);
        bytes.extend(b"\xfe\xff\0\xe0");
        bytes.extend(item);
        bytes.extend(b"\x08\0\0\x01SH");
        bytes.extend([length, 0, b'A', b'P']);
        if undefined {
            bytes.extend(b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
        }
        bytes
    }

    #[test]
    fn a_length_within_an_item_is_found() {
        for undefined in [false, true] {
            assert!(stay_within(&nested(2, undefined), Layout::EXPLICIT_LITTLE));
            assert!(!stay_within(&nested(200, undefined), Layout::EXPLICIT_LITTLE));
        }
    }

    #[test]
    fn implicit_sequences_are_known_by_their_tag() {
        let code = |length: u8| {
            let mut bytes = b"\x54\0\x20\x02\x12\0\0\0\xfe\xff\0\xe0\x0a\0\0\0\x08\0\0\x01".to_vec();
            bytes.extend([length, 0, 0, 0, b'A', b'P']);
            bytes
        };
        assert!(stay_within(&code(2), IMPLICIT));
        assert!(!stay_within(&code(3), IMPLICIT));
    }

    #[test]
    fn a_head_that_two_readers_take_differently_is_refused() {
        // Four bytes of length behind two that are no letters; the parser takes the next four instead.
        assert!(!stay_within(
            b"\x28\0\x10\0\x02\0\0\0\x34\x12\xff\xff\xff\x7f",
            Layout::EXPLICIT_LITTLE
        ));
    }
}
