//! Thickness of each material along the beam, pixel by pixel.

use super::material::Material;
use ndarray::Array2;

/// Thickness maps in millimetres on a grid of `spacing` mm; the origin of scene coordinates is the middle of the grid,
/// x to the right, y down, both in mm.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    maps: Vec<Array2<f32>>,
    pub(super) spacing: f32,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Where the origin of scene coordinates lies from the middle of the grid, in mm; the middle unless set.
    pub(super) origin: (f32, f32),
}

/// Half-open range of rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) rows: (usize, usize),
    pub(super) columns: (usize, usize),
}

impl Layers {
    pub(super) fn new(rows: usize, columns: usize, spacing: f32) -> Self {
        Self {
            maps: Material::ALL.iter().map(|_| Array2::zeros((rows, columns))).collect(),
            spacing,
            rows,
            columns,
            origin: (0.0, 0.0),
        }
    }

    pub(super) fn map(&self, material: Material) -> &Array2<f32> {
        &self.maps[material as usize]
    }

    pub(super) fn map_mut(&mut self, material: Material) -> &mut Array2<f32> {
        &mut self.maps[material as usize]
    }

    /// Thickness of `material` at one pixel.
    pub(super) fn cell(&mut self, material: Material, row: usize, column: usize) -> &mut f32 {
        &mut self.maps[material as usize][(row, column)]
    }

    /// Scene coordinates of the centre of pixel `(row, column)`.
    pub(super) fn place(&self, row: usize, column: usize) -> (f32, f32) {
        (
            (column as f32 + 0.5 - self.columns as f32 / 2.0) * self.spacing - self.origin.0,
            (row as f32 + 0.5 - self.rows as f32 / 2.0) * self.spacing - self.origin.1,
        )
    }

    /// Width and height of the grid in mm.
    pub(super) fn extent(&self) -> (f32, f32) {
        (self.columns as f32 * self.spacing, self.rows as f32 * self.spacing)
    }

    /// The box of the grid in scene coordinates.
    pub(super) fn bounds(&self) -> ((f32, f32), (f32, f32)) {
        let (width, height) = self.extent();
        let (x, y) = self.origin;
        (
            (-0.5 * width - x, -0.5 * height - y),
            (0.5 * width - x, 0.5 * height - y),
        )
    }

    /// Pixels within `reach` mm of the box from `low` to `high` (x, y in mm).
    pub(super) fn window(&self, low: (f32, f32), high: (f32, f32), reach: f32) -> Window {
        let column =
            |x: f32| ((x + self.origin.0) / self.spacing + self.columns as f32 / 2.0).clamp(0.0, self.columns as f32);
        let row = |y: f32| ((y + self.origin.1) / self.spacing + self.rows as f32 / 2.0).clamp(0.0, self.rows as f32);
        Window {
            rows: (row(low.1 - reach).floor() as usize, row(high.1 + reach).ceil() as usize),
            columns: (
                column(low.0 - reach).floor() as usize,
                column(high.0 + reach).ceil() as usize,
            ),
        }
    }
}
