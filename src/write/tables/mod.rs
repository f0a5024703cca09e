//! Tables: records in their final order go in one by one, files come out together.

mod cell;
mod coco;
mod errors;
mod foci;
mod images;
mod jsonl;
mod summary;

pub use coco::Coco;
pub use errors::Errors;
pub use foci::Foci;
pub use images::Images;
pub use jsonl::JsonLines;
pub use summary::Summary;

pub(super) use cell::name;
#[cfg(test)]
pub(super) use tests::assert_golden;

use super::Record;
use super::atomic::{AtomicFile, WriteError};
use std::fs::File;
use std::io;
use std::path::Path;

/// Which tables to write. `errors.csv` is always written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// `images.csv` and `foci.csv`.
    pub csv: bool,
    /// `findings.jsonl`.
    pub jsonl: bool,
    /// `coco.json`.
    pub coco: bool,
}

impl Default for Selection {
    /// All of them.
    fn default() -> Self {
        Self {
            csv: true,
            jsonl: true,
            coco: true,
        }
    }
}

/// The tables of one run under way. Nothing is in its place before [`Tables::finish`].
#[derive(Debug)]
pub struct Tables {
    images: Option<Images<AtomicFile>>,
    foci: Option<Foci<AtomicFile>>,
    jsonl: Option<JsonLines<AtomicFile>>,
    coco: Option<Coco<AtomicFile, File>>,
    errors: Errors<AtomicFile>,
    summary: Summary,
    folder: std::path::PathBuf,
}

impl Tables {
    /// Begins the selected tables in `folder`, which must exist.
    ///
    /// # Errors
    ///
    /// If a file cannot be made there.
    pub fn create(folder: &Path, selection: Selection) -> Result<Self, WriteError> {
        let begin = |name: &str| AtomicFile::create(&folder.join(name));
        let failed = |source: io::Error| WriteError::new(folder, source);
        Ok(Self {
            images: selection
                .csv
                .then(|| Images::new(begin("images.csv")?).map_err(failed))
                .transpose()?,
            foci: selection
                .csv
                .then(|| Foci::new(begin("foci.csv")?).map_err(failed))
                .transpose()?,
            jsonl: selection
                .jsonl
                .then(|| begin("findings.jsonl").map(JsonLines::new))
                .transpose()?,
            coco: selection
                .coco
                .then(|| {
                    let spool = tempfile::tempfile_in(folder).map_err(failed)?;
                    Coco::new(begin("coco.json")?, spool).map_err(failed)
                })
                .transpose()?,
            errors: Errors::new(begin("errors.csv")?).map_err(failed)?,
            summary: Summary::default(),
            folder: folder.to_owned(),
        })
    }

    /// Adds the next record to every table.
    ///
    /// # Errors
    ///
    /// If a table cannot be written.
    pub fn push(&mut self, record: &Record) -> Result<(), WriteError> {
        let failed = |name: &str, source: io::Error| WriteError::new(&self.folder.join(name), source);
        if let Some(table) = &mut self.images {
            table.push(record).map_err(|source| failed("images.csv", source))?;
        }
        if let Some(table) = &mut self.foci {
            table.push(record).map_err(|source| failed("foci.csv", source))?;
        }
        if let Some(table) = &mut self.jsonl {
            table.push(record).map_err(|source| failed("findings.jsonl", source))?;
        }
        if let Some(table) = &mut self.coco {
            table.push(record).map_err(|source| failed("coco.json", source))?;
        }
        self.errors
            .push(record)
            .map_err(|source| failed("errors.csv", source))?;
        self.summary.push(record);
        Ok(())
    }

    /// Puts every table in its place and gives the counts.
    ///
    /// # Errors
    ///
    /// If a table cannot be written; those not yet in place then keep their older version.
    pub fn finish(self) -> Result<Summary, WriteError> {
        let folder = self.folder;
        let failed = |source: io::Error| WriteError::new(&folder, source);
        // All bytes first, so that a full disk leaves the older tables as a set.
        let files = [
            self.images.map(Images::finish).transpose().map_err(failed)?,
            self.foci.map(Foci::finish).transpose().map_err(failed)?,
            self.jsonl.map(JsonLines::finish).transpose().map_err(failed)?,
            self.coco.map(Coco::finish).transpose().map_err(failed)?,
            Some(self.errors.finish().map_err(failed)?),
        ];
        for file in files.into_iter().flatten() {
            file.commit()?;
        }
        Ok(self.summary)
    }
}

/// Writes the selected tables of `records`, in their order, into `folder`.
///
/// # Errors
///
/// If a record cannot be had or a table cannot be written.
pub fn write_all<E: From<WriteError>>(
    folder: &Path,
    selection: Selection,
    records: impl IntoIterator<Item = Result<Record, E>>,
) -> Result<Summary, E> {
    let mut tables = Tables::create(folder, selection)?;
    for record in records {
        tables.push(&record?)?;
    }
    Ok(tables.finish()?)
}

#[cfg(test)]
mod tests;
