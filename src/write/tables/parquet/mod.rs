//! `images.parquet` and `foci.parquet`: the rows of the CSV tables, typed, with units.
//!
//! Source: Apache Parquet, parquet.thrift and Encodings.md (plain values, levels as runs, ZSTD).

mod arrow_schema;
mod column;
mod thrift;

use super::row::{Cell, Column, Kind};
use super::{foci, images};
use crate::write::Record;
use crate::write::base64::base64;
use column::Values;
use std::io::{self, Write};
use thrift::Struct;

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// One row per record.
    Images,
    /// One row per focus.
    Foci,
}

/// A Parquet file with an Arrow schema, compressed with ZSTD.
///
/// Texts (UTF-8), whole numbers (signed 64 bit) and numbers (double); what is empty in the text table is null. The metadata of a
/// field hold its `unit` (UCUM) and `description` where there is one. Texts and paths are as they are, without the guard of
/// text tables against formulas.
#[derive(Debug)]
pub struct Parquet<W: Write> {
    out: W,
    written: u64,
    content: Content,
    columns: Vec<Column>,
    values: Vec<Values>,
    rows: usize,
    groups: Vec<Struct>,
    all_rows: i64,
}

/// Most rows of a row group.
const GROUP: usize = 1 << 15;

const MAGIC: &[u8] = b"PAR1";

// Numbers of parquet.thrift.
const BYTE_ARRAY: i32 = 6;
const INT64: i32 = 2;
const DOUBLE: i32 = 5;
const OPTIONAL: i32 = 1;
const UTF8: i32 = 0;
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const ZSTD: i32 = 6;
const DATA_PAGE: i32 = 0;

const fn physical(kind: Kind) -> i32 {
    match kind {
        Kind::Text => BYTE_ARRAY,
        Kind::Whole => INT64,
        Kind::Number => DOUBLE,
    }
}

impl<W: Write> Parquet<W> {
    /// Begins the file.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(mut out: W, content: Content) -> io::Result<Self> {
        let columns = match content {
            Content::Images => images::columns(),
            Content::Foci => foci::columns(),
        };
        out.write_all(MAGIC)?;
        Ok(Self {
            out,
            written: MAGIC.len() as u64,
            content,
            values: columns.iter().map(|_| Values::default()).collect(),
            columns,
            rows: 0,
            groups: Vec::new(),
            all_rows: 0,
        })
    }

    /// Adds the row of `record`, or those of its foci.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        match self.content {
            Content::Images => self.row(&images::row(record)),
            Content::Foci => record
                .foci
                .iter()
                .try_for_each(|focus| self.row(&foci::row(record, focus))),
        }
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for (values, cell) in self.values.iter_mut().zip(cells) {
            values.push(cell);
        }
        self.rows += 1;
        if self.rows < GROUP { Ok(()) } else { self.flush() }
    }

    /// Writes the rows that wait as a row group: a page a column.
    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut chunks = Vec::with_capacity(self.columns.len());
        let mut total = 0;
        for (column, values) in self.columns.iter().zip(&mut self.values) {
            let (page, plain) = values.take();
            let head = Struct::new()
                .i32(1, DATA_PAGE)
                .i32(2, plain as i32)
                .i32(3, page.len() as i32)
                .inner(
                    5,
                    Struct::new()
                        .i32(1, self.rows as i32)
                        .i32(2, PLAIN)
                        .i32(3, RLE)
                        .i32(4, RLE),
                )
                .end();
            let at = self.written as i64;
            let (whole, packed) = ((head.len() + plain) as i64, (head.len() + page.len()) as i64);
            self.out.write_all(&head)?;
            self.out.write_all(&page)?;
            self.written += packed as u64;
            total += whole;
            let about = Struct::new()
                .i32(1, physical(column.kind))
                .numbers(2, &[PLAIN, RLE])
                .texts(3, &[&column.name])
                .i32(4, ZSTD)
                .i64(5, self.rows as i64)
                .i64(6, whole)
                .i64(7, packed)
                .i64(9, at);
            chunks.push(Struct::new().i64(2, at).inner(3, about));
        }
        let rows = self.rows as i64;
        self.groups
            .push(Struct::new().structs(1, chunks).i64(2, total).i64(3, rows));
        self.all_rows += rows;
        self.rows = 0;
        Ok(())
    }

    /// Ends the file and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        let root = Struct::new().text(4, "schema").i32(5, self.columns.len() as i32);
        let elements = self.columns.iter().map(|column| {
            let element = Struct::new()
                .i32(1, physical(column.kind))
                .i32(3, OPTIONAL)
                .text(4, &column.name);
            match column.kind {
                // Both ways of saying that it is text: the older, and the union with its member 1.
                Kind::Text => element.i32(6, UTF8).inner(10, Struct::new().inner(1, Struct::new())),
                Kind::Whole | Kind::Number => element,
            }
        });
        let pair = |key: &str, value: &str| Struct::new().text(1, key).text(2, value);
        let about = "Radio-opaque foci found by calxray: research software, not for diagnosis; a label means pattern consistent with";
        let footer = Struct::new()
            .i32(1, 1)
            .structs(2, std::iter::once(root).chain(elements).collect())
            .i64(3, self.all_rows)
            .structs(4, self.groups)
            .structs(
                5,
                vec![
                    pair("about", about),
                    pair("ARROW:schema", &base64(&arrow_schema::message(&self.columns))),
                ],
            )
            .text(6, concat!("calxray version ", env!("CARGO_PKG_VERSION")))
            .end();
        self.out.write_all(&footer)?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests;
