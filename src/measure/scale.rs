//! Pixels to lengths, for features that exist in both.

use crate::radiograph::PixelSpacing;

/// Distances between rows and between columns: in millimetres, or 1 and 1 where the radiograph states none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// From one row to the next.
    pub row: f64,
    /// From one column to the next.
    pub column: f64,
    /// Whether these are millimetres.
    pub is_mm: bool,
}

impl Scale {
    pub(super) const PIXELS: Self = Self {
        row: 1.0,
        column: 1.0,
        is_mm: false,
    };

    pub(super) fn of(spacing: Option<PixelSpacing>) -> Self {
        spacing.map_or(Self::PIXELS, |spacing| Self {
            row: spacing.between_rows.get(),
            column: spacing.between_columns.get(),
            is_mm: true,
        })
    }

    /// Side of the square as large as a pixel.
    pub(super) fn mean(self) -> f64 {
        (self.row * self.column).sqrt()
    }

    /// `mm` if spacing is known, else `pixels`: the length in this scale's unit.
    pub(super) fn length(self, mm: f64, pixels: f64) -> f64 {
        if self.is_mm { mm } else { pixels }
    }
}
