//! The stored measurements of a second implementation, `fixtures/baselines/measure`.

use super::scale::Scale;
use crate::label::Region;
use crate::radiograph::Mask;
use ndarray::Array2;
use std::collections::BTreeMap;

/// One drawn region at one spacing, with what scikit-image measures.
pub(super) struct Row {
    pub name: String,
    pub region: Region,
    values: BTreeMap<String, f64>,
}

impl Row {
    /// The stored value in column `name`.
    pub(super) fn value(&self, name: &str) -> f64 {
        self.values[name]
    }

    pub(super) fn scale(&self) -> Scale {
        let (row, column) = (self.value("between_rows"), self.value("between_columns"));
        Scale {
            row,
            column,
            is_mm: row != 1.0,
        }
    }
}

/// Whether two numbers agree to `tolerance`, relative above 1 and absolute below.
pub(super) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1.0)
}

/// Shape of the drawings.
pub(super) const SHAPE: (usize, usize) = (48, 64);

/// Pixel values below the drawings, as in `shape.py`.
pub(super) fn pixels() -> Array2<u16> {
    Array2::from_shape_fn(SHAPE, |(r, c)| ((r * 37 + c * 101 + r * c) % 251 + 100) as u16)
}

fn regions() -> BTreeMap<String, Region> {
    let mut lines = include_str!("../../fixtures/baselines/measure/regions.txt").lines();
    let mut regions = BTreeMap::new();
    while let Some(name) = lines.next() {
        let drawn: Vec<&[u8]> = lines.by_ref().take(SHAPE.0).map(str::as_bytes).collect();
        let bits = Array2::from_shape_fn(SHAPE, |(r, c)| drawn[r][c] == b'#');
        let region = Region::from_mask(&Mask::from_fn(bits.view(), |&on| on)).unwrap();
        regions.insert(name.to_owned(), region);
    }
    regions
}

/// Every stored row.
pub(super) fn rows() -> Vec<Row> {
    let regions = regions();
    let mut table = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(include_bytes!("../../fixtures/baselines/measure/shape.csv").as_slice());
    let header = table.headers().unwrap().clone();
    table
        .records()
        .map(|record| {
            let record = record.unwrap();
            Row {
                name: record[0].to_owned(),
                region: regions[&record[0]].clone(),
                values: header
                    .iter()
                    .zip(&record)
                    .filter_map(|(name, text)| Some((name.to_owned(), text.parse().ok()?)))
                    .collect(),
            }
        })
        .collect()
}
