//! `findings.jsonl`: the records themselves, one a line.

use crate::write::Record;
use std::io::{self, Write};

/// One JSON object per record and line, see [`schema`](crate::write::schema).
#[derive(Debug)]
pub struct JsonLines<W: Write> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    /// Begins the file.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Adds the line of `record`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, record)?;
        self.out.write_all(b"\n")
    }

    /// Ends the file and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
