//! The coarse grid the scene is read on.

use super::SceneSettings;
use crate::radiograph::Radiograph;

/// Square blocks of native pixels; the last row and column of blocks may be partial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Native pixels along the side of a block, at least 1.
    pub factor: usize,
    /// `(rows, columns)` of blocks.
    pub shape: (usize, usize),
    /// `(rows, columns)` of native pixels.
    pub full: (usize, usize),
    /// Millimetres along the side of a native pixel, geometric mean of both spacings. Only if [`Grid::known`] is it
    /// a measurement; else an assumption that sets sizes of kernels and nothing else.
    pub native_mm: f64,
    /// Whether the radiograph states its spacing.
    pub known: bool,
}

impl Grid {
    pub(super) fn of(radiograph: &Radiograph, settings: &SceneSettings) -> Self {
        let full = radiograph.shape();
        let longest = full.0.max(full.1);
        let factor = longest.div_ceil(settings.longest_side.max(1)).max(1);
        let assumed = settings.assumed_field_mm / longest as f64;
        let stated = radiograph.spacing().map(|spacing| spacing.mean());
        Self {
            factor,
            shape: (full.0.div_ceil(factor), full.1.div_ceil(factor)),
            full,
            native_mm: stated.unwrap_or(assumed),
            known: stated.is_some(),
        }
    }

    /// The block that holds the native pixel `(row, column)`.
    pub fn coarse_of(&self, row: usize, column: usize) -> (usize, usize) {
        (row / self.factor, column / self.factor)
    }

    /// `mm` in coarse pixels.
    pub fn coarse_px(&self, mm: f64) -> f64 {
        mm / (self.native_mm * self.factor as f64)
    }

    /// `mm` in native pixels.
    pub fn native_px(&self, mm: f64) -> f64 {
        mm / self.native_mm
    }
}
