//! What else is in the picture: exposed field, body outline, skeleton, metal, side markers and text, limb axis.
//!
//! Takes a [`Radiograph`], gives a [`Scene`] on a coarse grid: what surrounds a focus is larger than the focus.
//! Knows no foci and no labels. "Unknown" is a value: without direct exposure in the picture the whole field is body.

mod body;
mod field;
mod grid;
mod limb;
mod opaque;
mod settings;
mod skeleton;

pub use grid::Grid;
pub use settings::SceneSettings;

use crate::label::Region;
use crate::morphology::{self, BlockMeans};
use crate::radiograph::{Mask, Radiograph};
use ndarray::Array2;

/// Masks and landmarks of one radiograph; every mask has the shape of [`Scene::grid`].
#[derive(Clone, Debug)]
pub struct Scene {
    /// How coarse pixels relate to those of the radiograph.
    pub grid: Grid,
    /// Mean pixel value of each coarse pixel.
    pub coarse: Array2<f32>,
    /// Exposed field: inside the collimator, off padding.
    pub field: Mask,
    /// Pixels of the field that show the body.
    pub body: Mask,
    /// Pixels of the body over bone. What is not recognised as bone is missing here.
    pub skeleton: Mask,
    /// Pixels at the opaque end of the scale with steep edges, inside the body.
    pub metal: Mask,
    /// Side markers, text and other opaque objects outside the body.
    pub markers: Mask,
    /// Number of connected marker objects.
    pub marker_count: u32,
    /// Typical height of bone above the soft tissue beside it, in pixel values; `None` where no bone was recognised.
    pub bone_contrast: Option<f32>,
    /// Range of pixel values in the body from radiolucent to opaque (1st to 99th percentile).
    pub body_range: (f32, f32),
    /// Direction of the limb: degrees from the downward row direction, counter-clockwise, `-90.0..=90.0`.
    pub limb_axis_deg: Option<f64>,
    distances: Distances,
}

/// Distances on the coarse grid in coarse pixels, outside the mask that each is named for.
#[derive(Clone, Debug)]
struct Distances {
    to_bone: Array2<f32>,
    to_field_edge: Array2<f32>,
    to_skin: Array2<f32>,
}

impl Scene {
    /// Reads the scene of `radiograph`, of whose pixels `means` are, on a grid that tiles squares of `block` native pixels a side.
    pub fn read(radiograph: &Radiograph, means: &mut BlockMeans<'_>, block: usize, settings: &SceneSettings) -> Self {
        let grid = Grid::of(radiograph, block, settings);
        let coarse = means.at(grid.factor).to_owned();
        let field = field::exposed(&coarse, radiograph.valid(), &grid, settings);
        let body::Outline { body, islands } = body::outline(&coarse, &field, settings);
        let body_range = percentiles(&coarse, &body, 0.01, 0.99);
        let (metal, markers, marker_count) = opaque::objects(&coarse, &field, &body, &islands, &grid, settings);
        let to_skin = distance_to(&complement(&body));
        let body_radius = to_skin.iter().copied().fold(0.0_f32, f32::max);
        let skeleton::Skeleton {
            mask: skeleton,
            contrast,
        } = skeleton::bones(&coarse, &body, body_radius.into(), &metal, &grid, settings);
        let limb_axis_deg = limb::axis(&skeleton, &body, settings);
        let distances = Distances {
            to_bone: distance_to(&skeleton),
            to_field_edge: distance_to(&complement(&field)),
            to_skin,
        };
        Self {
            grid,
            coarse,
            field,
            body,
            skeleton,
            metal,
            markers,
            marker_count,
            bone_contrast: contrast,
            body_range,
            limb_axis_deg,
            distances,
        }
    }

    /// From the native pixel `(row, column)` to the nearest bone, in native pixels; 0 on bone, `None` where no bone was recognised.
    pub fn distance_to_bone(&self, row: usize, column: usize) -> Option<f64> {
        self.distance(&self.distances.to_bone, row, column)
    }

    /// From the native pixel `(row, column)` to the edge of the exposed field or of the image, in native pixels.
    pub fn distance_to_field_edge(&self, row: usize, column: usize) -> f64 {
        let (rows, columns) = self.grid.full;
        let border = row.min(column).min(rows - 1 - row).min(columns - 1 - column) as f64;
        self.distance(&self.distances.to_field_edge, row, column)
            .map_or(border, |inside| inside.min(border))
    }

    /// From the native pixel `(row, column)` to the nearest place outside the body, in native pixels;
    /// `None` when the body fills the picture.
    pub fn distance_to_skin(&self, row: usize, column: usize) -> Option<f64> {
        self.distance(&self.distances.to_skin, row, column)
    }

    fn distance(&self, map: &Array2<f32>, row: usize, column: usize) -> Option<f64> {
        let distance = map[self.grid.coarse_of(row, column)];
        distance
            .is_finite()
            .then(|| f64::from(distance) * self.grid.factor as f64)
    }

    /// Box around the exposed field in native pixels, `[top, left, bottom, right]`, half-open; the whole picture if the field is empty.
    pub fn field_bounds(&self) -> [f64; 4] {
        let factor = self.grid.factor as u32;
        match Region::from_mask(&self.field) {
            Some(field) => {
                let bounds = field.bounds();
                [bounds.top, bounds.left, bounds.bottom, bounds.right].map(|edge| f64::from(edge * factor))
            }
            None => [0.0, 0.0, self.grid.full.0 as f64, self.grid.full.1 as f64],
        }
    }

    /// Share of the exposed field in the image, of the body in the field, of bone in the body, of metal in the field.
    pub fn shares(&self) -> [f64; 4] {
        let (rows, columns) = self.field.shape();
        let [field, body, bone, metal] =
            [&self.field, &self.body, &self.skeleton, &self.metal].map(|mask| mask.count() as f64);
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        [
            share(field, (rows * columns) as f64),
            share(body, field),
            share(bone, body),
            share(metal, field),
        ]
    }
}

/// Distance of each coarse pixel to the nearest pixel of `mask`, in coarse pixels; infinite if there is none.
fn distance_to(mask: &Mask) -> Array2<f32> {
    let mut distance = morphology::squared_distance_to(mask, [1.0, 1.0]);
    distance.mapv_inplace(f32::sqrt);
    distance
}

/// The pixels that are off in `mask`.
fn complement(mask: &Mask) -> Mask {
    let mut rest = Mask::full(mask.shape());
    rest.subtract(mask);
    rest
}

/// The values at shares `low` and `high` of the sorted pixels under `mask`; of all pixels if it is empty.
fn percentiles(values: &Array2<f32>, mask: &Mask, low: f64, high: f64) -> (f32, f32) {
    let mut inside = under(values, mask);
    if inside.is_empty() {
        inside.extend(values.iter());
    }
    let rank = |share: f64| ((inside.len() - 1) as f64 * share).round() as usize;
    let (low, high) = (rank(low), rank(high));
    let (_, &mut lower, above) = inside.select_nth_unstable_by(low, f32::total_cmp);
    // What is higher lies above already.
    let higher = match high.checked_sub(low + 1) {
        Some(rest) => *above.select_nth_unstable_by(rest, f32::total_cmp).1,
        None => lower,
    };
    (lower, higher)
}

/// The values under `mask`, in raster order.
fn under(values: &Array2<f32>, mask: &Mask) -> Vec<f32> {
    let mut inside = Vec::with_capacity(mask.count());
    let columns = values.ncols();
    let all = values.as_slice().unwrap_or(&[]);
    for row in 0..values.nrows() {
        for (start, end) in mask.runs(row) {
            inside.extend_from_slice(&all[row * columns + start..row * columns + end]);
        }
    }
    inside
}
