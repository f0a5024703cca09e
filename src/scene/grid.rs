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

/// The longest side may have so many times the coarse pixels of the settings, if that makes the grid fit.
const FITTING: f64 = 1.25;

impl Grid {
    /// Blocks that tile squares of `block` native pixels a side.
    pub(super) fn of(radiograph: &Radiograph, block: usize, settings: &SceneSettings) -> Self {
        let full = radiograph.shape();
        let longest = full.0.max(full.1);
        let least = longest as f64 / (FITTING * settings.longest_side.max(1) as f64);
        let fitting = (1..=block).find(|factor| *factor as f64 >= least && block.is_multiple_of(*factor));
        let factor = fitting.unwrap_or(least.ceil() as usize).max(1);
        Self {
            factor,
            shape: (full.0.div_ceil(factor), full.1.div_ceil(factor)),
            full,
            native_mm: settings.native_mm(radiograph),
            known: radiograph.spacing().is_some(),
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
