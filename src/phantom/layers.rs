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
    /// Angle in radians by which the scene is turned in the picture, clockwise.
    pub(super) turn: f32,
}

/// How scene coordinates lie in the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    middle: (f32, f32),
    spacing: f32,
    origin: (f32, f32),
    turn: (f32, f32),
}

impl Frame {
    /// Row and column, in parts of pixels, of the scene's `(x, y)`.
    pub(super) fn pixel(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (x + self.origin.0, y + self.origin.1);
        let (sine, cosine) = self.turn;
        let (x, y) = (x * cosine - y * sine, x * sine + y * cosine);
        (y / self.spacing + self.middle.0, x / self.spacing + self.middle.1)
    }

    /// Scene coordinates of row and column.
    pub(super) fn scene(&self, row: f32, column: f32) -> (f32, f32) {
        let (x, y) = (
            (column - self.middle.1) * self.spacing,
            (row - self.middle.0) * self.spacing,
        );
        let (sine, cosine) = self.turn;
        (
            x * cosine + y * sine - self.origin.0,
            y * cosine - x * sine - self.origin.1,
        )
    }
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
            turn: 0.0,
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

    /// How scene coordinates lie in the picture.
    pub(super) fn frame(&self) -> Frame {
        Frame {
            middle: (0.5 * self.rows as f32, 0.5 * self.columns as f32),
            spacing: self.spacing,
            origin: self.origin,
            turn: self.turn.sin_cos(),
        }
    }

    /// Width and height of the grid in mm.
    pub(super) fn extent(&self) -> (f32, f32) {
        (self.columns as f32 * self.spacing, self.rows as f32 * self.spacing)
    }

    /// The box around the grid in scene coordinates.
    pub(super) fn bounds(&self) -> ((f32, f32), (f32, f32)) {
        let frame = self.frame();
        let (rows, columns) = (self.rows as f32, self.columns as f32);
        around([(0.0, 0.0), (0.0, columns), (rows, 0.0), (rows, columns)].map(|(row, column)| frame.scene(row, column)))
    }

    /// Pixels within `reach` mm of the box from `low` to `high` (x, y in mm).
    pub(super) fn window(&self, low: (f32, f32), high: (f32, f32), reach: f32) -> Window {
        let frame = self.frame();
        let (left, right) = (low.0 - reach, high.0 + reach);
        let (top, bottom) = (low.1 - reach, high.1 + reach);
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| frame.pixel(x, y));
        let (low, high) = around(corners);
        let row = |value: f32| value.clamp(0.0, self.rows as f32);
        let column = |value: f32| value.clamp(0.0, self.columns as f32);
        Window {
            rows: (row(low.0).floor() as usize, row(high.0).ceil() as usize),
            columns: (column(low.1).floor() as usize, column(high.1).ceil() as usize),
        }
    }
}

/// The box around four points.
fn around(points: [(f32, f32); 4]) -> ((f32, f32), (f32, f32)) {
    let mut low = (f32::INFINITY, f32::INFINITY);
    let mut high = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for (x, y) in points {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    (low, high)
}
