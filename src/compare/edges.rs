//! What two pictures of one body have in common whatever their exposure and processing: where edges run.

use crate::morphology;
use crate::radiograph::Radiograph;
use crate::scene::Scene;
use ndarray::Array2;

/// How lengths are told on an image: mm, or parts of the longest side where it states no spacing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ruler {
    /// Between rows.
    pub(super) down: f64,
    /// Between columns.
    pub(super) across: f64,
}

/// Longest side, in units, of an image without a spacing.
const ASSUMED_SIDE: f64 = 300.0;

impl Ruler {
    pub(super) fn of(radiograph: &Radiograph) -> Self {
        match radiograph.spacing() {
            Some(spacing) => Self {
                down: spacing.between_rows.get(),
                across: spacing.between_columns.get(),
            },
            None => {
                let (rows, columns) = radiograph.shape();
                let unit = ASSUMED_SIDE / rows.max(columns) as f64;
                Self {
                    down: unit,
                    across: unit,
                }
            }
        }
    }

    pub(super) fn mean(&self) -> f64 {
        (self.down * self.across).sqrt()
    }

    /// The place `(x, y)` of `(row, column)`; the middle of the first pixel is the origin.
    pub(super) fn place(&self, row: f64, column: f64) -> (f64, f64) {
        (column * self.across, row * self.down)
    }

    /// `(row, column)` of a place.
    pub(super) fn pixel(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (y / self.down, x / self.across)
    }
}

/// Gradients on a coarse grid, weighed so that strong edges of any place count about 1 and noise counts little.
pub(super) struct Edges {
    /// Gradient to the right and down; zero outside the field and at markers.
    pub(super) across: Array2<f32>,
    pub(super) down: Array2<f32>,
    /// Whether the cell shows the body, away from what is laid on the picture.
    pub(super) seen: Array2<bool>,
    /// From a place to parts of cells.
    cell: Ruler,
    /// Place of the middle of the first cell.
    origin: (f64, f64),
}

impl Edges {
    /// The edges of `radiograph` on cells of about `step` units.
    pub(super) fn of(radiograph: &Radiograph, scene: &Scene, ruler: Ruler, step: f64) -> Self {
        let factor = ((step / ruler.mean()).round() as usize).max(1);
        let coarse = morphology::downsample(radiograph.pixels(), factor);
        let coarse = morphology::gaussian(coarse.view(), 1.0);
        let (rows, columns) = coarse.dim();
        let cell = Ruler {
            down: ruler.down * factor as f64,
            across: ruler.across * factor as f64,
        };
        let shown = shown(scene, (rows, columns), factor, (4.0 / cell.mean()).max(2.0));
        let mut across = Array2::<f32>::zeros((rows, columns));
        let mut down = Array2::<f32>::zeros((rows, columns));
        let mut square = Array2::<f32>::zeros((rows, columns));
        let mut weight = Array2::<f32>::zeros((rows, columns));
        for row in 1..rows.saturating_sub(1) {
            for column in 1..columns.saturating_sub(1) {
                if !shown[(row, column)] {
                    continue;
                }
                let x = coarse[(row, column + 1)] - coarse[(row, column - 1)];
                let y = coarse[(row + 1, column)] - coarse[(row - 1, column)];
                across[(row, column)] = x;
                down[(row, column)] = y;
                square[(row, column)] = x * x + y * y;
                weight[(row, column)] = 1.0;
            }
        }
        // Strength against what is usual around: processing raises the faint and compresses the strong.
        let wide = 20.0 / cell.mean();
        let usual = morphology::gaussian(square.view(), wide);
        let share = morphology::gaussian(weight.view(), wide);
        let count = weight.sum().max(1.0);
        // Strong edges are few: the mean size tells what is usual better than the mean square.
        let overall = 2.0 * (square.mapv(f32::sqrt).sum() / count).powi(2);
        for ((place, x), y) in across.indexed_iter_mut().zip(down.iter_mut()) {
            if square[place] > 0.0 {
                let around = 0.3 * usual[place] / share[place].max(1e-3) + overall;
                let by = (square[place] + around).sqrt().max(f32::MIN_POSITIVE);
                *x /= by;
                *y /= by;
            }
        }
        Self {
            across,
            down,
            seen: shown,
            cell,
            origin: (
                0.5 * (factor as f64 - 1.0) * ruler.across,
                0.5 * (factor as f64 - 1.0) * ruler.down,
            ),
        }
    }

    /// The place of the middle of a cell.
    pub(super) fn place(&self, row: usize, column: usize) -> (f64, f64) {
        let (x, y) = self.cell.place(row as f64, column as f64);
        (x + self.origin.0, y + self.origin.1)
    }

    /// Units along the side of a cell.
    pub(super) fn step(&self) -> f64 {
        self.cell.mean()
    }

    /// Gradient at a place, bilinear; `None` where nothing is seen.
    pub(super) fn at(&self, (x, y): (f64, f64)) -> Option<(f32, f32)> {
        let (row, column) = self.cell.pixel((x - self.origin.0, y - self.origin.1));
        let (rows, columns) = self.seen.dim();
        if !(row >= 0.0 && column >= 0.0 && row < rows as f64 - 1.0 && column < columns as f64 - 1.0) {
            return None;
        }
        let (r, c) = (row as usize, column as usize);
        if !self.seen[(r, c)] {
            return None;
        }
        let (v, u) = ((row - r as f64) as f32, (column - c as f64) as f32);
        let blend = |map: &Array2<f32>| {
            let upper = map[(r, c)] * (1.0 - u) + map[(r, c + 1)] * u;
            let lower = map[(r + 1, c)] * (1.0 - u) + map[(r + 1, c + 1)] * u;
            upper * (1.0 - v) + lower * v
        };
        Some((blend(&self.across), blend(&self.down)))
    }
}

/// Cells inside the exposed field, `margin` cells off its edge and off markers.
fn shown(scene: &Scene, (rows, columns): (usize, usize), factor: usize, margin: f64) -> Array2<bool> {
    let margin = margin * factor as f64;
    let near_marker = morphology::squared_distance_to(&scene.markers, [1.0, 1.0]);
    let reach = (margin / scene.grid.factor as f64).powi(2) as f32;
    let (full_rows, full_columns) = scene.grid.full;
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let at = (
            (row * factor + factor / 2).min(full_rows - 1),
            (column * factor + factor / 2).min(full_columns - 1),
        );
        let coarse = scene.grid.coarse_of(at.0, at.1);
        scene.field.get(coarse.0, coarse.1)
            && scene.distance_to_field_edge(at.0, at.1) >= margin
            && near_marker[coarse] > reach
    })
}
