//! Tables: records in their final order go in one by one, files come out together.

mod cell;
mod coco;
mod cvat;
mod errors;
mod foci;
mod images;
mod jsonl;
mod label_studio;
mod parquet;
mod row;
mod summary;

pub use coco::Coco;
pub use cvat::Cvat;
pub use errors::Errors;
pub use foci::Foci;
pub use images::Images;
pub use jsonl::JsonLines;
pub use label_studio::LabelStudio;
pub use parquet::{Content, Parquet};
pub use summary::Summary;

pub(super) use cell::name;
#[cfg(test)]
pub(super) use tests::assert_golden;

use super::Record;
use super::atomic::{AtomicFile, WriteError};
use super::page::Page;
use super::yolo;
use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Which tables to write. `errors.csv` is always written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// `images.csv` and `foci.csv`.
    pub csv: bool,
    /// `findings.jsonl`.
    pub jsonl: bool,
    /// `coco.json`.
    pub coco: bool,
    /// `images.parquet` and `foci.parquet`.
    pub parquet: bool,
    /// `report.html`.
    pub page: bool,
    /// `label_studio.json` and `label_studio.xml`.
    pub label_studio: bool,
    /// `cvat.xml`.
    pub cvat: bool,
    /// `data.yaml`, `train.txt` and `val.txt` in the folder `yolo`.
    pub yolo: bool,
    /// The same in the folder `yolo-segment`.
    pub yolo_segment: bool,
}

impl Default for Selection {
    /// The first three.
    fn default() -> Self {
        Self {
            csv: true,
            jsonl: true,
            coco: true,
            parquet: false,
            page: false,
            label_studio: false,
            cvat: false,
            yolo: false,
            yolo_segment: false,
        }
    }
}

/// A table that takes every record.
trait Table: Debug {
    fn push(&mut self, record: &Record) -> io::Result<()>;

    fn finish(self: Box<Self>) -> io::Result<AtomicFile>;
}

macro_rules! tables {
    ($($table:ty),*) => {$(
        impl Table for $table {
            fn push(&mut self, record: &Record) -> io::Result<()> {
                <$table>::push(self, record)
            }

            fn finish(self: Box<Self>) -> io::Result<AtomicFile> {
                <$table>::finish(*self)
            }
        }
    )*};
}

tables!(
    Images<AtomicFile>,
    Foci<AtomicFile>,
    JsonLines<AtomicFile>,
    Coco<AtomicFile, File>,
    Parquet<AtomicFile>,
    LabelStudio<AtomicFile>,
    Cvat<AtomicFile>,
    Page<AtomicFile>,
    Errors<AtomicFile>
);

/// The tables of one run under way. Nothing is in its place before [`Tables::finish`].
#[derive(Debug)]
pub struct Tables {
    tables: Vec<(&'static str, Box<dyn Table>)>,
    /// Lists of images by the folder they go to.
    lists: Vec<(&'static str, yolo::Lists)>,
    label_studio: bool,
    summary: Summary,
    folder: PathBuf,
}

impl Tables {
    /// Begins the selected tables in `folder`, which must exist, as must the folders `yolo` and `yolo-segment` in it where
    /// they are asked for. The page needs the folder `crops` as `batch` fills it.
    ///
    /// # Errors
    ///
    /// If a file cannot be made there.
    pub fn create(folder: &Path, selection: Selection) -> Result<Self, WriteError> {
        let begin = |name: &str| AtomicFile::create(&folder.join(name));
        let failed = |source: io::Error| WriteError::new(folder, source);
        let mut tables: Vec<(&'static str, Box<dyn Table>)> = Vec::new();
        let mut add = |name: &'static str, table: Box<dyn Table>| tables.push((name, table));
        if selection.csv {
            let name = "images.csv";
            add(name, Box::new(Images::new(begin(name)?).map_err(failed)?));
            let name = "foci.csv";
            add(name, Box::new(Foci::new(begin(name)?).map_err(failed)?));
        }
        if selection.jsonl {
            let name = "findings.jsonl";
            add(name, Box::new(JsonLines::new(begin(name)?)));
        }
        if selection.coco {
            let name = "coco.json";
            let spool = tempfile::tempfile_in(folder).map_err(failed)?;
            add(name, Box::new(Coco::new(begin(name)?, spool).map_err(failed)?));
        }
        if selection.parquet {
            for (name, content) in [("images.parquet", Content::Images), ("foci.parquet", Content::Foci)] {
                add(name, Box::new(Parquet::new(begin(name)?, content).map_err(failed)?));
            }
        }
        if selection.page {
            let name = "report.html";
            let page = Page::new(begin(name)?, folder.join("crops"));
            add(name, Box::new(page.map_err(failed)?));
        }
        if selection.label_studio {
            let name = "label_studio.json";
            add(name, Box::new(LabelStudio::new(begin(name)?).map_err(failed)?));
        }
        if selection.cvat {
            let name = "cvat.xml";
            add(name, Box::new(Cvat::new(begin(name)?).map_err(failed)?));
        }
        let name = "errors.csv";
        add(name, Box::new(Errors::new(begin(name)?).map_err(failed)?));
        let lists = [("yolo", selection.yolo), ("yolo-segment", selection.yolo_segment)];
        Ok(Self {
            tables,
            lists: lists
                .into_iter()
                .filter(|(_, wanted)| *wanted)
                .map(|(name, _)| (name, yolo::Lists::default()))
                .collect(),
            label_studio: selection.label_studio,
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
        for (name, table) in &mut self.tables {
            table
                .push(record)
                .map_err(|source| WriteError::new(&self.folder.join(*name), source))?;
        }
        for (_, lists) in &mut self.lists {
            lists.push(record);
        }
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
        let mut files = Vec::new();
        for (_, table) in self.tables {
            files.push(table.finish().map_err(failed)?);
        }
        let mut text = |name: PathBuf, text: &str| {
            let mut file = AtomicFile::create(&name)?;
            io::Write::write_all(&mut file, text.as_bytes()).map_err(|source| WriteError::new(&name, source))?;
            files.push(file);
            Ok(())
        };
        for (name, lists) in self.lists {
            let place = folder.join(name);
            let [train, val] = lists.finish();
            text(place.join("train.txt"), &train)?;
            text(place.join("val.txt"), &val)?;
            text(place.join("data.yaml"), &yolo::data_yaml())?;
        }
        if self.label_studio {
            text(folder.join("label_studio.xml"), &label_studio::interface())?;
        }
        for file in files {
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
