//! Settings of the responses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How foci are made to stand out. Lengths in mm in the plane of the spacing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EnhanceSettings {
    /// Largest side of a pixel of the finest grid, in mm; finer pictures are averaged in whole blocks.
    pub working_mm: f64,
    /// Diameters of the structuring elements, rising: a focus responds where its width is below the diameter.
    pub diameters_mm: Vec<f64>,
    /// Pixels a structuring element should span at least after shrinking.
    pub element_px: f64,
    /// Standard deviation of the Gaussian before the top-hat, in pixels of the grid.
    pub smoothing_px: f64,
    /// Side of the blocks of the local spread, in diameters.
    pub block_diameters: f64,
    /// Smallest side of those blocks, in pixels of the grid.
    pub least_block_px: f64,
    /// The local spread is never taken below this share of its median over the picture.
    pub spread_floor: f32,
}

impl Default for EnhanceSettings {
    fn default() -> Self {
        Self {
            working_mm: 0.35,
            diameters_mm: vec![6.0, 16.0, 40.0, 90.0],
            element_px: 16.0,
            smoothing_px: 1.0,
            block_diameters: 1.2,
            least_block_px: 24.0,
            spread_floor: 0.3,
        }
    }
}

impl EnhanceSettings {
    /// The grid of each diameter that can be looked for in a picture of `shape` with pixels of `native_mm` a side, finest first:
    /// native pixels along the side of a pixel of the grid, and the diameter in pixels of the grid. Each side is a multiple of the
    /// one before.
    pub(super) fn grids(&self, (rows, columns): (usize, usize), native_mm: f64) -> Vec<(usize, f64)> {
        let side = rows.min(columns);
        let mut factor = ((self.working_mm / native_mm).floor() as usize).clamp(1, (side / 64).max(1));
        let mut grids = Vec::with_capacity(self.diameters_mm.len());
        for &diameter_mm in &self.diameters_mm {
            let across = diameter_mm / (native_mm * factor as f64);
            let shrink = ((across / self.element_px).floor() as usize).max(1);
            if side / (factor * shrink) >= 16 {
                factor *= shrink;
            }
            let diameter_px = diameter_mm / (native_mm * factor as f64);
            if diameter_px >= 2.0 {
                grids.push((factor, diameter_px));
            }
        }
        grids
    }

    /// Native pixels along the side of a pixel of the coarsest grid, at least 1: every grid tiles a picture whose sides are
    /// multiples of it.
    pub fn coarsest(&self, shape: (usize, usize), native_mm: f64) -> usize {
        self.grids(shape, native_mm).last().map_or(1, |(factor, _)| *factor)
    }
}
