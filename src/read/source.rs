//! Where the bytes come from.

use std::path::PathBuf;
use std::sync::Arc;

/// A file on disk, or bytes already in memory (a member of an archive, a received object).
#[derive(Clone, Debug)]
pub enum Source {
    /// Read as far as needed: the header first, pixels only for files that qualify.
    Path(PathBuf),
    /// Shared, never copied as a whole.
    Bytes(Arc<[u8]>),
}
