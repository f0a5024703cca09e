//! The values of one column that wait to be written as a page.

use super::thrift::varint;
use crate::write::tables::row::Cell;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Values that are there, plain, and which are.
#[derive(Debug, Default)]
pub struct Values {
    plain: Vec<u8>,
    /// Runs of rows that hold a value or none.
    runs: Vec<(bool, u64)>,
}

impl Values {
    /// Adds a cell.
    pub fn push(&mut self, cell: &Cell<'_>) {
        let there = match cell {
            Cell::Text(text) => !text.is_empty() && self.text(text),
            Cell::Path(path) => self.text(path),
            Cell::Whole(number) => self.fixed(
                number
                    .and_then(|number| i64::try_from(number).ok())
                    .map(i64::to_le_bytes),
            ),
            Cell::Number(number) => self.fixed(number.map(f64::to_le_bytes)),
        };
        match self.runs.last_mut() {
            Some((last, count)) if *last == there => *count += 1,
            _ => self.runs.push((there, 1)),
        }
    }

    fn text(&mut self, text: &str) -> bool {
        self.plain.extend((text.len() as u32).to_le_bytes());
        self.plain.extend(text.bytes());
        true
    }

    fn fixed(&mut self, value: Option<[u8; 8]>) -> bool {
        self.plain.extend(value.into_iter().flatten());
        value.is_some()
    }

    /// The page of what waits, compressed, and its length before; nothing waits afterwards.
    pub fn take(&mut self) -> (Vec<u8>, usize) {
        // Levels of one bit as runs: twice the length, then the value.
        let mut levels = Vec::new();
        for (there, count) in self.runs.drain(..) {
            varint(&mut levels, count << 1);
            levels.push(u8::from(there));
        }
        let length = (levels.len() as u32).to_le_bytes();
        let plain = [&length[..], &levels, &self.plain].concat();
        self.plain.clear();
        (
            compress_to_vec(plain.as_slice(), CompressionLevel::Fastest),
            plain.len(),
        )
    }
}
