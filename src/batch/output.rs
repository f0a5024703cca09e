//! The output folder: claimed by one run at a time, continued by the next.

use super::formats::{Format, Formats};
use super::journal::{self, Contents, Identity, Journal};
use super::{BatchError, JOURNAL};
use crate::write::atomic;
use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Folder of overlays in an output folder.
pub const OVERLAYS: &str = "overlays";

/// Held by a run for as long as it lives. The system lets go of it however the process ends.
const LOCK: &str = ".lock";

/// An output folder that belongs to this run alone.
#[derive(Debug)]
pub struct Output {
    /// The folder.
    pub folder: PathBuf,
    /// What earlier runs left to build on.
    pub contents: Contents,
    /// Where to write down what is done.
    pub journal: Journal,
    /// Whether an earlier run of ours wrote here.
    continued: bool,
    _lock: File,
}

impl Output {
    /// Makes `folder` if need be, locks it, and opens its journal. With `fresh`, what earlier runs left is replaced.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written, belongs to another run under way, holds results of a run with another identity,
    /// or files of the same names that no run of ours made.
    pub fn claim(folder: &Path, formats: &Formats, identity: &Identity, fresh: bool) -> Result<Self, BatchError> {
        let failed = |source| BatchError::Output {
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(LOCK))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BatchError::Busy(folder.to_owned())),
            // A file system without locks: better unguarded than not at all.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let path = folder.join(JOURNAL);
        let continued = journal::is_journal(&path);
        if !continued && !fresh {
            let names = formats.tables().chain([JOURNAL, OVERLAYS]);
            if let Some(name) = names.into_iter().find(|name| folder.join(name).exists()) {
                return Err(BatchError::Foreign {
                    folder: folder.to_owned(),
                    name,
                });
            }
        }
        let contents = match fresh {
            true => Contents::default(),
            false => journal::load(&path).map_err(failed)?,
        };
        let journal = match &contents.identity {
            Some(earlier) if earlier == identity => Journal::resume(&path, &contents),
            Some(earlier) => {
                return Err(BatchError::OtherRun {
                    folder: folder.to_owned(),
                    differences: identity.differences(earlier),
                });
            }
            None if continued && !fresh => {
                return Err(BatchError::OtherRun {
                    folder: folder.to_owned(),
                    differences: "its journal cannot be read by this version".to_owned(),
                });
            }
            None => Journal::create(&path, identity),
        };
        let output = Self {
            folder: folder.to_owned(),
            contents,
            journal: journal.map_err(failed)?,
            continued,
            _lock: lock,
        };
        output.sweep()?;
        if formats.has(Format::Overlay) {
            fs::create_dir_all(output.overlays()).map_err(failed)?;
        }
        Ok(output)
    }

    /// The folder of overlays.
    pub fn overlays(&self) -> PathBuf {
        self.folder.join(OVERLAYS)
    }

    /// Removes half-written files of a killed run.
    fn sweep(&self) -> Result<(), BatchError> {
        for folder in [self.folder.clone(), self.overlays()] {
            if folder.is_dir() {
                atomic::remove_partial(&folder)?;
            }
        }
        Ok(())
    }

    /// Names of the overlays that are there.
    pub fn overlays_present(&self) -> HashSet<String> {
        let entries = fs::read_dir(self.overlays()).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    /// Removes what earlier runs left and this one does not speak of: overlays of other images, tables of other formats.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed.
    pub fn prune(&self, formats: &Formats, overlays: &HashSet<&str>) -> Result<(), BatchError> {
        let failed = |path: &Path, source| BatchError::Output {
            path: path.to_owned(),
            source,
        };
        let mut stale = Vec::new();
        for name in self.overlays_present() {
            if name.ends_with(".png") && !overlays.contains(name.as_str()) {
                stale.push(self.overlays().join(name));
            }
        }
        if self.continued {
            stale.extend(formats.other_tables().map(|name| self.folder.join(name)));
        }
        for path in stale {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path, error)),
                _ => {}
            }
        }
        if !formats.has(Format::Overlay) {
            // Only an empty folder goes.
            let _ = fs::remove_dir(self.overlays());
        }
        Ok(())
    }
}
