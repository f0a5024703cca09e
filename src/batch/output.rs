//! The output folder: claimed by one run at a time, continued by the next.

use super::formats::{Format, Formats};
use super::journal::{self, Contents, Identity, Journal};
use super::{BatchError, JOURNAL};
use crate::write::atomic;
use std::collections::{BTreeMap, HashSet};
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
            let folders = formats.folders().into_iter().map(|folder| folder.name);
            let names = formats.tables().chain([JOURNAL, OVERLAYS]).chain(folders);
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
            fs::create_dir_all(output.path(OVERLAYS)).map_err(failed)?;
        }
        for folder in formats.folders() {
            fs::create_dir_all(output.path(folder.name)).map_err(failed)?;
        }
        Ok(output)
    }

    /// The folder `name` in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes half-written files of a killed run.
    fn sweep(&self) -> Result<(), BatchError> {
        let tables = ["", "yolo", "yolo-segment"];
        for folder in tables.into_iter().chain(folders().map(|(folder, _)| folder)) {
            let folder = self.path(folder);
            if folder.is_dir() {
                atomic::remove_partial(&folder)?;
            }
        }
        Ok(())
    }

    /// Names of what is there in the folder `name`.
    pub fn present(&self, name: &str) -> HashSet<String> {
        let entries = fs::read_dir(self.path(name)).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    /// Whether folders that `formats` do not ask for hold files of an earlier run.
    pub fn holds_unwanted(&self, formats: &Formats) -> bool {
        let wanted = |folder: &str| match folder {
            OVERLAYS => formats.has(Format::Overlay),
            folder => formats.folders().iter().any(|own| own.name == folder),
        };
        folders()
            .filter(|(folder, _)| !wanted(folder))
            .any(|(folder, ending)| self.present(folder).iter().any(|name| is_ours(name, ending)))
    }

    /// Removes what earlier runs left and this one does not speak of: files of other images, tables of other
    /// formats. `kept` holds, by folder, what is to stay.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed.
    pub fn prune(&self, formats: &Formats, kept: &BTreeMap<&str, HashSet<&str>>) -> Result<(), BatchError> {
        let failed = |path: &Path, source| BatchError::Output {
            path: path.to_owned(),
            source,
        };
        let mut stale = Vec::new();
        for (folder, ending) in folders() {
            let is_kept = |name: &str| kept.get(folder).is_some_and(|names| names.contains(name));
            let present = self.present(folder).into_iter();
            let others = present.filter(|name| is_ours(name, ending) && !is_kept(name));
            stale.extend(others.map(|name| self.path(folder).join(name)));
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
        for (folder, _) in folders().filter(|(folder, _)| !kept.contains_key(folder)) {
            // Only an empty folder goes, and then the one it was in.
            let _ = fs::remove_dir(self.path(folder));
            if let Some((outer, _)) = folder.split_once('/') {
                let _ = fs::remove_dir(self.path(outer));
            }
        }
        Ok(())
    }
}

/// Every folder a run may fill, and how the names of its files end.
fn folders() -> impl Iterator<Item = (&'static str, &'static str)> {
    let others = Formats::all_folders().into_iter();
    [(OVERLAYS, ".png")]
        .into_iter()
        .chain(others.map(|folder| (folder.name, folder.ending)))
}

/// Whether a file may have been written by a run of ours: called by 16 hexadecimal digits, and a frame if there are several.
/// What a person has put beside our files is not ours to remove.
fn is_ours(name: &str, ending: &str) -> bool {
    let Some(image) = name.strip_suffix(ending) else {
        return false;
    };
    let (digits, frame) = image.split_once('-').unwrap_or((image, "1"));
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits.len() == 16 && digits.bytes().all(is_digit) && frame.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_files_named_by_us_are_removed() {
        assert!(is_ours("0123456789abcdef.png", ".png") && is_ours("0123456789abcdef-12.dcm", ".dcm"));
        for name in [
            "holiday.png",
            "0123456789abcdef.dcm",
            "0123456789ABCDEF.png",
            "0123456789abcdef-x.png",
            ".png",
        ] {
            assert!(!is_ours(name, ".png"), "{name}");
        }
    }
}
