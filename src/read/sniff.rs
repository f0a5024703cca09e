//! Which format, by content; the extension says nothing.

use super::header::ImageKind;

/// The format that `head`, the first bytes of an input, belongs to; `None` if it is none of ours.
///
/// DICOM is recognised by `DICM` after the preamble or at the start, or by a first element that only a DICOM data
/// set begins with (PS3.10 files of old systems lack preamble and meta information).
pub(super) fn sniff(head: &[u8]) -> Option<ImageKind> {
    if head.get(128..132) == Some(b"DICM") || head.starts_with(b"DICM") {
        return Some(ImageKind::Dicom);
    }
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(ImageKind::Png);
    }
    if head.starts_with(b"II\x2a\0") || head.starts_with(b"MM\0\x2a") {
        return Some(ImageKind::Tiff);
    }
    if head.starts_with(b"\xff\xd8\xff") {
        return Some(ImageKind::Jpeg);
    }
    (starts_with_element(head) || head.get(132..).is_some_and(starts_with_meta_element)).then_some(ImageKind::Dicom)
}

/// Whether `bytes` begin with an element of group 0002 or 0008, as explicit or implicit VR.
pub(super) fn starts_with_element(bytes: &[u8]) -> bool {
    let Some(head) = bytes.get(..8) else { return false };
    let little = head[1] == 0 && head[3] == 0;
    let big = head[0] == 0 && head[2] == 0;
    let (group, element) = if little {
        (head[0], head[2])
    } else if big {
        (head[1], head[3])
    } else {
        return false;
    };
    if group != 0x02 && group != 0x08 {
        return false;
    }
    let explicit = head[4..6].iter().all(u8::is_ascii_uppercase);
    // Implicit VR is little endian only; a first element longer than this is not one.
    let implicit = little && u32::from_le_bytes([head[4], head[5], head[6], head[7]]) < 1 << 16;
    element <= 0x80 && (explicit || implicit)
}

/// Whether `bytes` begin with an element of the file meta information.
fn starts_with_meta_element(bytes: &[u8]) -> bool {
    bytes.starts_with(&[2, 0]) && starts_with_element(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        let mut part10 = vec![0; 128];
        part10.extend(b"DICM\x02\0\0\0UL\x04\0");
        assert_eq!(sniff(&part10), Some(ImageKind::Dicom));
        assert_eq!(sniff(b"DICM\x02\0\0\0UL\x04\0"), Some(ImageKind::Dicom));
        assert_eq!(sniff(b"\x08\0\x05\0CS\x0a\0ISO_IR 100"), Some(ImageKind::Dicom));
        assert_eq!(sniff(b"\0\x08\0\x05CS\0\x0aISO_IR 100"), Some(ImageKind::Dicom));
        assert_eq!(sniff(b"\x08\0\0\0\x04\0\0\0\x8a\x01\0\0"), Some(ImageKind::Dicom));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n...."), Some(ImageKind::Png));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(ImageKind::Jpeg));
        assert_eq!(sniff(b"II\x2a\0\x08\0\0\0"), Some(ImageKind::Tiff));
        for other in [&b""[..], b"hello, world, this is text", b"PK\x03\x04", &[0; 400]] {
            assert_eq!(sniff(other), None);
        }
    }
}
