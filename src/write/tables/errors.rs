//! `errors.csv`: inputs that should have been analysed and could not be.

use super::cell::{path, text};
use crate::write::{Outcome, Record};
use std::io::{self, Write};

/// One row per failed record.
#[derive(Debug)]
pub struct Errors<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> Errors<W> {
    /// Begins the table.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["path", "stage", "attribute", "kind", "message"])?;
        Ok(Self { writer })
    }

    /// Adds the row of `record`, if it failed.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let Outcome::Failed(failure) = &record.outcome else {
            return Ok(());
        };
        Ok(self.writer.write_record([
            &*path(&record.path),
            &*text(&failure.stage),
            &*text(failure.attribute.as_deref().unwrap_or_default()),
            &*text(&failure.kind),
            &*text(&failure.message),
        ])?)
    }

    /// Ends the table and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}
