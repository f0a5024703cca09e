//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct WriteError {
    /// The file as it was to be called.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl WriteError {
    /// The error `source` met while writing `path`.
    pub fn new(path: &Path, source: impl Into<io::Error>) -> Self {
        Self {
            path: path.to_owned(),
            source: source.into(),
        }
    }
}

/// A file under way: written beside its place under another name, and renamed by [`AtomicFile::commit`].
///
/// Dropped without a commit it leaves nothing; killed it leaves a partial file, see [`remove_partial`].
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    partial: PathBuf,
    // `None` only after the commit.
    writer: Option<BufWriter<File>>,
}

const SUFFIX: &str = ".partial";

/// Tells apart files of one process that are under way to the same place.
static SERIAL: AtomicU64 = AtomicU64::new(0);

impl AtomicFile {
    /// Begins the file `target`. Its folder must exist.
    ///
    /// # Errors
    ///
    /// If no file can be made in the folder.
    pub fn create(target: &Path) -> Result<Self, WriteError> {
        let failed = |source: io::Error| WriteError::new(target, source);
        let name = target
            .file_name()
            .ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        loop {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let partial = target.with_file_name(format!(
                ".{}.{}-{serial}{SUFFIX}",
                name.to_string_lossy(),
                std::process::id()
            ));
            // Never follows a link and never opens what another process is writing.
            match OpenOptions::new().write(true).create_new(true).open(&partial) {
                Ok(file) => {
                    return Ok(Self {
                        target: target.to_owned(),
                        partial,
                        writer: Some(BufWriter::with_capacity(1 << 16, file)),
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Where the file will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Brings everything to the disk and puts the file in its place, over any older one.
    ///
    /// # Errors
    ///
    /// If the disk is full or the file cannot be renamed. Then the older file, if any, is untouched.
    pub fn commit(mut self) -> Result<(), WriteError> {
        let target = self.target.clone();
        self.finish().map_err(|source| WriteError::new(&target, source))
    }

    fn finish(&mut self) -> io::Result<()> {
        let writer = self.writer.take().ok_or(io::ErrorKind::Other)?;
        let renamed = writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.partial, &self.target));
        if renamed.is_err() {
            let _ = fs::remove_file(&self.partial);
        }
        renamed?;
        sync_folder(&self.target)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.as_mut().ok_or(io::ErrorKind::Other)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().ok_or(io::ErrorKind::Other)?.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            // Closed before it is removed, and without writing what is still in the buffer.
            drop(writer.into_parts());
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Makes the rename itself last through a power cut. Only Unix lets a folder be synced.
fn sync_folder(target: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Writes `bytes` as the whole of the file `target`.
///
/// # Errors
///
/// If the file cannot be written; then an older one is untouched.
pub fn write(target: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_with(target, |file| file.write_all(bytes))
}

/// Writes what `fill` writes as the whole of the file `target`.
///
/// # Errors
///
/// If `fill` fails or the file cannot be written; then an older one is untouched.
pub fn write_with(target: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    let mut file = AtomicFile::create(target)?;
    fill(&mut file).map_err(|source| WriteError::new(target, source))?;
    file.commit()
}

/// Removes the partial files that a killed process left in `folder`; returns how many.
///
/// Call it only while no other process writes there.
///
/// # Errors
///
/// If the folder cannot be read or a partial file cannot be removed.
pub fn remove_partial(folder: &Path) -> Result<usize, WriteError> {
    let failed = |source| WriteError::new(folder, source);
    let mut removed = 0;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(SUFFIX) && entry.file_type().map_err(failed)?.is_file() {
            fs::remove_file(entry.path()).map_err(|source| WriteError::new(&entry.path(), source))?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::{AtomicFile, remove_partial, write, write_with};
    use std::fs;
    use std::io::{self, Write};

    fn names(folder: &std::path::Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("foci.csv");
        write(&target, b"old").unwrap();
        let mut file = AtomicFile::create(&target).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        file.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["foci.csv"]);
    }

    #[test]
    fn what_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("foci.csv");
        let error = write_with(&target, |file| {
            file.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(error.unwrap_err().to_string().ends_with("foci.csv"));
        assert!(names(folder.path()).is_empty());
        assert!(write(&folder.path().join("absent/foci.csv"), b"").is_err());
    }

    #[test]
    fn leftovers_of_a_killed_process_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(&folder.path().join("coco.json")).unwrap();
        file.flush().unwrap();
        std::mem::forget(file);
        write(&folder.path().join("images.csv"), b"").unwrap();
        assert_eq!(remove_partial(folder.path()).unwrap(), 1);
        assert_eq!(names(folder.path()), ["images.csv"]);
    }
}
