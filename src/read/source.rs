//! Where the bytes come from, and how many of them have been read.

use super::error::ReadError;
use super::instance::Store;
use super::options::Limits;
use super::pixel_module::check_limit;
use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// A file on disk, or bytes already in memory (a member of an archive, a received object).
#[derive(Clone, Debug)]
pub enum Source {
    /// Read as far as needed: the header first, pixels only for files that qualify.
    Path(PathBuf),
    /// Shared, never copied as a whole.
    Bytes(Arc<[u8]>),
}

/// Bytes in memory, owned or shared.
#[derive(Debug)]
pub(super) enum Bytes {
    Owned(Vec<u8>),
    Shared(Arc<[u8]>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }
}

/// A source of which the beginning is in memory.
#[derive(Debug)]
pub(super) struct Input {
    bytes: Bytes,
    /// The file, until all of it is in `bytes`.
    rest: Option<File>,
    length: u64,
}

/// Headers of radiographs nearly always fit.
const FIRST: u64 = 16 << 10;

impl Input {
    /// Opens the source and reads its beginning.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is longer than allowed.
    pub(super) fn new(source: &Source, limits: &Limits) -> Result<Self, ReadError> {
        let (bytes, rest, length) = match source {
            Source::Path(path) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                (Bytes::Owned(Vec::new()), Some(file), length)
            }
            Source::Bytes(bytes) => (Bytes::Shared(Arc::clone(bytes)), None, bytes.len() as u64),
        };
        check_limit("file size", length, limits.bytes)?;
        let mut input = Self { bytes, rest, length };
        input.read_to(FIRST)?;
        Ok(input)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Length of the whole source.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether all bytes are in memory.
    pub(super) fn is_complete(&self) -> bool {
        self.rest.is_none()
    }

    /// Reads on: eight times as much as before.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(super) fn read_more(&mut self) -> Result<(), ReadError> {
        self.read_to((self.bytes.len() as u64).saturating_mul(8).max(FIRST))
    }

    /// Reads all that is left.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(super) fn read_all(&mut self) -> Result<(), ReadError> {
        self.read_to(u64::MAX)
    }

    fn read_to(&mut self, end: u64) -> Result<(), ReadError> {
        let (Bytes::Owned(bytes), Some(file)) = (&mut self.bytes, &mut self.rest) else {
            return Ok(());
        };
        let end = end.min(self.length);
        let missing = end.saturating_sub(bytes.len() as u64);
        bytes.reserve_exact(missing as usize);
        file.take(missing).read_to_end(bytes)?;
        // A file that shrinks while it is read ends where its bytes end.
        if bytes.len() as u64 >= self.length || (bytes.len() as u64) < end {
            self.length = bytes.len() as u64;
            self.rest = None;
        }
        Ok(())
    }

    /// The bytes in memory.
    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Native pixels that begin at `pixels`: in memory, or on disk to be read straight into an image.
    pub(super) fn into_store(self, pixels: usize) -> Store {
        match self.rest {
            Some(file) => Store::File {
                file: Mutex::new(file),
                pixels: pixels as u64,
            },
            None => Store::Memory {
                bytes: self.bytes,
                pixels,
            },
        }
    }
}
