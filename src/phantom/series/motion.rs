//! How a body lies in a second picture, and the body drawn there.

use super::super::layers::Layers;
use super::super::material::Material;
use crate::label::{Region, Run};
use crate::radiograph::Mask;
use ndarray::Array2;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// A similarity from places of the first picture to places of the second, both in mm from the middle of the picture,
/// x to the right, y down: turned, enlarged, then shifted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Motion {
    /// Degrees, clockwise as seen.
    pub turn_deg: f32,
    /// Factor on lengths.
    pub scale: f32,
    /// Shift in mm.
    pub shift_mm: (f32, f32),
}

/// A grid of pixels: rows, columns, mm along the side of a pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raster {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) spacing: f32,
}

impl Raster {
    pub(super) fn of(layers: &Layers) -> Self {
        Self {
            rows: layers.rows,
            columns: layers.columns,
            spacing: layers.spacing,
        }
    }

    /// mm from the middle of the grid, of the middle of a pixel.
    fn place(&self, row: f32, column: f32) -> (f32, f32) {
        (
            (column + 0.5 - 0.5 * self.columns as f32) * self.spacing,
            (row + 0.5 - 0.5 * self.rows as f32) * self.spacing,
        )
    }

    /// Row and column, in parts of pixels, of a place; 0 is the middle of the first pixel.
    fn pixel(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (
            y / self.spacing + 0.5 * self.rows as f32 - 0.5,
            x / self.spacing + 0.5 * self.columns as f32 - 0.5,
        )
    }
}

impl Motion {
    /// No motion.
    pub const STILL: Self = Self {
        turn_deg: 0.0,
        scale: 1.0,
        shift_mm: (0.0, 0.0),
    };

    /// Up to `turn` degrees, a scale of up to `scale` more or less, and up to `shift` mm each way.
    pub(super) fn by_chance(turn: f32, scale: f32, shift: f32, rng: &mut ChaCha8Rng) -> Self {
        let mut within = |limit: f32| limit * rng.random_range(-1.0_f32..=1.0);
        Self {
            turn_deg: within(turn),
            scale: (within((1.0 + scale).ln())).exp(),
            shift_mm: (within(shift), within(shift)),
        }
    }

    fn forward(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (sine, cosine) = self.turn_deg.to_radians().sin_cos();
        (
            self.scale * (x * cosine - y * sine) + self.shift_mm.0,
            self.scale * (x * sine + y * cosine) + self.shift_mm.1,
        )
    }

    fn back(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (sine, cosine) = self.turn_deg.to_radians().sin_cos();
        let (x, y) = ((x - self.shift_mm.0) / self.scale, (y - self.shift_mm.1) / self.scale);
        (x * cosine + y * sine, y * cosine - x * sine)
    }

    /// `layers` as they lie on `onto`, and the pixels of it that they reach. Thickness does not change.
    pub(super) fn moved(&self, layers: &Layers, onto: Raster) -> (Layers, Mask) {
        let from = Raster::of(layers);
        let mut moved = Layers::new(onto.rows, onto.columns, onto.spacing);
        let places = Array2::from_shape_fn((onto.rows, onto.columns), |(row, column)| {
            from.pixel(self.back(onto.place(row as f32, column as f32)))
        });
        for material in Material::ALL {
            let source = layers.map(material);
            if source.iter().any(|&thickness| thickness > 0.0) {
                *moved.map_mut(material) = places.mapv(|place| between(source, place));
            }
        }
        let reached = Mask::from_fn(places.view(), |&(row, column)| {
            row >= 0.0 && column >= 0.0 && row <= from.rows as f32 - 1.0 && column <= from.columns as f32 - 1.0
        });
        (moved, reached)
    }

    /// The pixels of `onto` whose middles lie in `region` of `from`; `None` if it leaves the picture.
    pub(super) fn region(&self, region: &Region, from: Raster, onto: Raster) -> Option<Region> {
        let bounds = region.bounds();
        let (top, left) = (bounds.top as f32 - 1.0, bounds.left as f32 - 1.0);
        let (bottom, right) = (bounds.bottom as f32 + 1.0, bounds.right as f32 + 1.0);
        let corners = [(top, left), (top, right), (bottom, left), (bottom, right)]
            .map(|(row, column)| onto.pixel(self.forward(from.place(row, column))));
        let low = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min).floor();
        let high = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max).ceil();
        let (first, last) = ((low(|c| c.0), low(|c| c.1)), (high(|c| c.0), high(|c| c.1)));
        if first.0 < 0.0 || first.1 < 0.0 || last.0 >= onto.rows as f32 || last.1 >= onto.columns as f32 {
            return None;
        }
        let mut runs = Vec::new();
        for row in first.0 as u32..=last.0 as u32 {
            for column in first.1 as u32..=last.1 as u32 {
                let place = from.pixel(self.back(onto.place(row as f32, column as f32)));
                let (r, c) = (place.0.round(), place.1.round());
                if r >= 0.0 && c >= 0.0 && region.contains(r as u32, c as u32) {
                    runs.push(Run {
                        row,
                        start: column,
                        end: column + 1,
                    });
                }
            }
        }
        Region::new(runs)
    }
}

/// Bilinear between pixels, constant beyond the outermost: a limb goes on.
fn between(values: &Array2<f32>, (row, column): (f32, f32)) -> f32 {
    let (rows, columns) = values.dim();
    let (row, column) = (
        row.clamp(0.0, rows as f32 - 1.0),
        column.clamp(0.0, columns as f32 - 1.0),
    );
    let (r, c) = (row as usize, column as usize);
    let (down, across) = (row - r as f32, column - c as f32);
    let (below, beside) = ((r + 1).min(rows - 1), (c + 1).min(columns - 1));
    let upper = values[(r, c)] * (1.0 - across) + values[(r, beside)] * across;
    let lower = values[(below, c)] * (1.0 - across) + values[(below, beside)] * across;
    upper * (1.0 - down) + lower * down
}
