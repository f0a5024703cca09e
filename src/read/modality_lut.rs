//! From stored values to modality values: a line or a table (PS3.3 C.11.1).

use super::attributes::Attributes;
use super::error::ReadError;
use crate::dicom::attribute::{LUT_DATA, LUT_DESCRIPTOR, MODALITY_LUT_SEQUENCE, RESCALE_INTERCEPT, RESCALE_SLOPE};
use crate::radiograph::Warning;

/// How a stored value becomes a modality value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ModalityLut {
    /// Rescale Slope, never zero, and Rescale Intercept.
    Line { slope: f64, intercept: f64 },
    /// Modality LUT Sequence.
    Table(Table),
}

/// A table over consecutive stored values; values before the first and after the last take the nearest entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    first: i32,
    entries: Vec<u16>,
    /// Largest value the table can hold.
    pub(super) largest: u16,
}

impl ModalityLut {
    /// The identity.
    const IDENTITY: Self = Self::Line {
        slope: 1.0,
        intercept: 0.0,
    };

    /// Reads the table if there is one, else the line. Unusable numbers are warned of and taken as the identity.
    ///
    /// # Errors
    ///
    /// If a table is there but its descriptor and data contradict each other.
    pub(super) fn read(attributes: &Attributes, signed: bool, warnings: &mut Vec<Warning>) -> Result<Self, ReadError> {
        if let Some(item) = attributes.items(MODALITY_LUT_SEQUENCE).first() {
            return Ok(Self::Table(Table::read(item, signed)?));
        }
        let slope = attributes.numbers(RESCALE_SLOPE).first().copied();
        let intercept = attributes.numbers(RESCALE_INTERCEPT).first().copied();
        if slope.is_none() && intercept.is_none() {
            return Ok(Self::IDENTITY);
        }
        let (slope, intercept) = (slope.unwrap_or(1.0), intercept.unwrap_or(0.0));
        if slope == 0.0 || !slope.is_finite() || !intercept.is_finite() {
            let message =
                format!("Rescale Slope {slope} with Rescale Intercept {intercept} is no line and was ignored");
            warnings.push(Warning::new("rescale_invalid", message));
            return Ok(Self::IDENTITY);
        }
        Ok(Self::Line { slope, intercept })
    }

    /// Whether the modality value falls where the stored value rises.
    pub(super) fn is_falling(&self) -> bool {
        match self {
            Self::Line { slope, .. } => *slope < 0.0,
            Self::Table(table) => table.is_falling(),
        }
    }
}

impl Table {
    pub(super) fn read(item: &Attributes, signed: bool) -> Result<Self, ReadError> {
        let descriptor = item.words(LUT_DESCRIPTOR);
        let &[count, first, bits] = &descriptor[..] else {
            return Err(ReadError::Missing(LUT_DESCRIPTOR.name));
        };
        let wrong = |attribute, found: String, expected| ReadError::Value {
            attribute,
            found,
            expected,
        };
        // 0 stands for 65536, which does not fit (PS3.3 C.11.1.1.1).
        let count = if count == 0 { 1 << 16 } else { usize::from(count) };
        if !(1..=16).contains(&bits) {
            return Err(wrong(LUT_DESCRIPTOR.name, format!("{bits} bits"), "1 to 16 bits"));
        }
        let mut entries = item.words(LUT_DATA);
        if entries.len() < count && entries.len() * 2 >= count && bits <= 8 {
            // Entries of 8 bits may come two to a word.
            entries = entries
                .iter()
                .flat_map(|word| word.to_le_bytes())
                .map(u16::from)
                .collect();
        }
        if entries.len() < count {
            return Err(wrong(
                LUT_DATA.name,
                format!("{} entries", entries.len()),
                "as many as LUT Descriptor says",
            ));
        }
        entries.truncate(count);
        // Some devices write more bits than they declare.
        let seen = entries.iter().copied().max().unwrap_or(0);
        let declared = u16::MAX >> (16 - bits);
        let largest = if seen > declared {
            u16::MAX >> seen.leading_zeros()
        } else {
            declared
        };
        Ok(Self {
            first: if signed {
                i32::from(first as i16)
            } else {
                i32::from(first)
            },
            entries,
            largest,
        })
    }

    /// The entry for a stored value.
    pub(super) fn at(&self, stored: i32) -> u16 {
        let index = (stored - self.first).clamp(0, self.entries.len() as i32 - 1);
        self.entries[index as usize]
    }

    /// Whether the table ends lower than it begins.
    pub(super) fn is_falling(&self) -> bool {
        self.entries.last() < self.entries.first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slope: &str, intercept: &str) -> (ModalityLut, usize) {
        let attributes = Attributes::of_texts(&[(RESCALE_SLOPE, slope), (RESCALE_INTERCEPT, intercept)]);
        let mut warnings = Vec::new();
        let lut = ModalityLut::read(&attributes, false, &mut warnings).expect("no table");
        (lut, warnings.len())
    }

    #[test]
    fn a_line_is_taken_as_written() {
        assert_eq!(
            line("-10", "32"),
            (
                ModalityLut::Line {
                    slope: -10.0,
                    intercept: 32.0
                },
                0
            )
        );
        assert!(line("-10", "0").0.is_falling());
    }

    #[test]
    fn a_slope_that_is_none_is_warned_of() {
        for (slope, intercept) in [("0", "5"), ("NaN", "5"), ("1", "inf"), ("x", "5")] {
            assert_eq!(
                line(slope, intercept),
                (ModalityLut::IDENTITY, 1),
                "{slope} {intercept}"
            );
        }
    }

    #[test]
    fn a_table_holds_its_ends() {
        let table = Table {
            first: -2,
            entries: vec![9, 7, 4, 0],
            largest: 15,
        };
        assert_eq!(
            [-40, -2, -1, 0, 1, 2, 99].map(|stored| table.at(stored)),
            [9, 9, 7, 4, 0, 0, 0]
        );
        assert!(table.is_falling());
    }
}
