//! Limits on what a file may ask for.

use super::InputError;
use crate::label::Region;

/// Most pixels of an image.
const PIXELS: u64 = 1 << 27;

/// Longest side of an image; that of DICOM.
const SIDE: u64 = 65_535;

/// Most runs of all masks of a file together.
const RUNS: u64 = 50_000_000;

/// Counts runs over one file.
#[derive(Debug, Default)]
pub(super) struct Budget {
    runs: u64,
}

impl Budget {
    /// Counts `region` in.
    pub(super) fn take(&mut self, place: &str, region: Region) -> Result<Region, InputError> {
        self.runs += region.runs().len() as u64;
        if self.runs > RUNS {
            return Err(damaged(place, "the masks of the file are too large together"));
        }
        Ok(region)
    }
}

/// `(rows, columns)` if an image may be that large.
pub(super) fn shape(place: &str, rows: u64, columns: u64) -> Result<(u32, u32), InputError> {
    match (u32::try_from(rows), u32::try_from(columns)) {
        (Ok(rows), Ok(columns)) if fits(u64::from(rows), u64::from(columns)) => Ok((rows, columns)),
        _ => Err(damaged(place, format!("{rows} x {columns} pixels are no image"))),
    }
}

fn fits(rows: u64, columns: u64) -> bool {
    (1..=SIDE).contains(&rows) && (1..=SIDE).contains(&columns) && rows * columns <= PIXELS
}

pub(super) fn damaged(place: &str, what: impl Into<String>) -> InputError {
    InputError::Damaged {
        place: place.to_owned(),
        what: what.into(),
    }
}
