//! UIDs derived from content, so that the same input always gets the same name.

use sha2::{Digest, Sha256};

/// The UID `2.25.<decimal>` (PS3.5 B.2) of the SHA-256 over `parts`, each preceded by its length.
///
/// The first 128 bits of the digest become a version 8 UUID (RFC 9562), whose decimal form is at most 39 digits
/// long: 44 characters in all, of the 64 a UID may have. Not secret: who knows the parts knows the UID.
///
/// # Examples
///
/// ```
/// use calxray::dicom::uid;
/// assert_eq!(uid::from_content(&[b"a", b"b"]), uid::from_content(&[b"a", b"b"]));
/// assert_ne!(uid::from_content(&[b"a", b"b"]), uid::from_content(&[b"ab", b""]));
/// ```
pub fn from_content(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&digest.finalize()[..16]);
    uuid[6] = uuid[6] & 0x0f | 0x80;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    format!("2.25.{}", u128::from_be_bytes(uuid))
}

/// Implementation Class UID (PS3.7 D.3.3.2): who wrote a file or speaks in an association.
pub fn implementation_class() -> String {
    from_content(&[b"calxray implementation"])
}

/// Implementation Version Name, at most 16 characters.
pub fn implementation_version() -> String {
    let mut name = format!("CALXRAY_{}", env!("CARGO_PKG_VERSION"));
    name.truncate(16);
    name
}

/// Whether `text` is built like a UID (PS3.5 9.1): digits and dots, at most 64, no component with a leading zero.
pub fn is_valid(text: &str) -> bool {
    text.len() <= 64
        && text.split('.').all(|component| {
            !component.is_empty()
                && component.bytes().all(|digit| digit.is_ascii_digit())
                && (component.len() == 1 || !component.starts_with('0'))
        })
}

#[cfg(test)]
mod tests {
    use super::{from_content, is_valid};

    #[test]
    fn content_names_itself() {
        let uid = from_content(&[b"same", b"bytes"]);
        assert!(is_valid(&uid) && uid.starts_with("2.25."), "{uid}");
        assert_eq!(uid, from_content(&[b"same", b"bytes"]));
        assert_ne!(uid, from_content(&[b"samebytes"]));
    }

    #[test]
    fn malformed_uids_are_told() {
        assert!(is_valid("1.2.840.10008.1.2") && is_valid("0"));
        for bad in ["", "1..2", "1.02", "1.2 ", "1.a", &"1.".repeat(40)] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
