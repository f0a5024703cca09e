//! When is a file the one already seen? Decided without reading it.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::Metadata;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Fingerprint of a file's place, size and times as 32 hex digits; not of its content.
///
/// The place is part of it: two archives may hold files of equal name, size and time. The change time (where the system
/// has one) is too: unpacking and copying tools set the modification time back, nothing sets that.
pub type Stamp = String;

/// The stamp of the file at `canonical` with `metadata`.
pub fn of_file(canonical: &Path, metadata: &Metadata) -> Stamp {
    let mut hash = Sha256::new();
    hash.update(canonical.as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(metadata.len().to_le_bytes());
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    hash.update(modified.map_or(0, |time| time.as_nanos()).to_le_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        hash.update(metadata.ctime().to_le_bytes());
        hash.update(metadata.ctime_nsec().to_le_bytes());
        hash.update(metadata.ino().to_le_bytes());
    }
    hex(&hash.finalize()[..16])
}

/// The stamp of the member shown as `member` of the archive with stamp `archive`.
pub fn of_member(archive: &Stamp, member: &str) -> Stamp {
    hex(&Sha256::new().chain_update(archive).chain_update(member).finalize()[..16])
}

/// Lower-case hex of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
