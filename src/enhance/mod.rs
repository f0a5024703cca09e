//! Radiograph to response: background flattening and multi-scale top-hat in units of local noise.
//!
//! Takes a [`Radiograph`] and the pixels to look at, gives one [`Response`] per scale. Knows no scene, no threshold.

mod local;
mod noise;
mod settings;

pub use noise::Noise;
pub use settings::EnhanceSettings;

use crate::morphology::{self, BlockMeans, StructuringElement};
use crate::radiograph::{Mask, Radiograph};
use local::LocalSpread;
use ndarray::{Array2, ArrayView2, CowArray};

/// What stands above its surroundings and is narrower than a given diameter.
#[derive(Clone, Debug)]
pub struct Response {
    /// White top-hat minus its local median, over its local spread (1.4826 MAD, anatomy included): a pure number,
    /// large where something bright and narrow is. Zero outside the mask that was looked at.
    pub values: Array2<f32>,
    /// The lightly smoothed picture the response was made from, in pixel values; same shape.
    pub image: Array2<f32>,
    /// Native pixels along the side of one pixel of `values`.
    pub factor: usize,
    /// Diameter of the structuring element, in pixels of `values`: what is wider does not respond.
    pub diameter_px: f64,
}

/// Pixels to look at, on a grid of blocks of `factor` native pixels.
#[derive(Clone, Copy, Debug)]
pub struct Inside<'a> {
    /// One bit a block.
    pub mask: &'a Mask,
    /// Native pixels along the side of a block.
    pub factor: usize,
}

impl Inside<'_> {
    /// The mask on a grid of `factor` native pixels and `shape`, sampled in the middle of each pixel; where the middle lies
    /// between two blocks, either counts.
    pub fn on_grid(&self, shape: (usize, usize), factor: usize) -> Mask {
        let (rows, columns) = self.mask.shape();
        let mut mask = Mask::empty(shape);
        // The native pixels on both sides of the middle.
        let both = [(factor - 1) / 2, factor / 2];
        let is_within_a_block = self.factor.is_multiple_of(factor) || factor % 2 == 1;
        let middles = if is_within_a_block { &both[1..] } else { &both[..] };
        for middle in middles {
            let at = |index: usize, limit: usize| ((index * factor + middle) / self.factor).min(limit - 1);
            // The first column of the grid that lies in each block or beyond it.
            let mut starts = Vec::with_capacity(columns + 1);
            for column in 0..shape.1 {
                let block = at(column, columns);
                starts.extend(std::iter::repeat_n(column, (block + 1).saturating_sub(starts.len())));
            }
            starts.resize(columns + 1, shape.1);
            for row in 0..shape.0 {
                for down in middles {
                    let row_of_blocks = ((row * factor + down) / self.factor).min(rows - 1);
                    for (start, end) in self.mask.runs(row_of_blocks) {
                        mask.fill_run(row, starts[start], starts[end]);
                    }
                }
            }
        }
        mask
    }
}

/// Responses of `radiograph` at each diameter of `settings`, finest first; `means` are those of its pixels.
///
/// `native_mm` is the side of a native pixel in mm; it sets sizes of kernels. Each scale is computed on a grid on which
/// its structuring element spans about `settings.element_px` pixels, so that coarse scales cost little.
pub fn responses(
    radiograph: &Radiograph,
    means: &mut BlockMeans<'_>,
    native_mm: f64,
    inside: Inside<'_>,
    settings: &EnhanceSettings,
) -> Vec<Response> {
    let grids = settings.grids(radiograph.shape(), native_mm);
    let Some(&(mut known, _)) = grids.first() else {
        return Vec::new();
    };
    let mut picture = CowArray::from(means.at(known));
    let mut found = Vec::with_capacity(grids.len());
    for (factor, diameter_px) in grids {
        if factor > known {
            picture = CowArray::from(morphology::downsample(picture.view(), factor / known));
            known = factor;
        }
        found.push(response(picture.view(), factor, diameter_px, inside, settings));
    }
    found
}

fn response(
    base: ArrayView2<'_, f32>,
    factor: usize,
    diameter_px: f64,
    inside: Inside<'_>,
    settings: &EnhanceSettings,
) -> Response {
    let image = morphology::gaussian(base, settings.smoothing_px);
    let (rows, columns) = image.dim();
    let radius = (diameter_px / 2.0).min(rows.min(columns) as f64 / 3.0);
    let mut values = morphology::white_top_hat(
        image.view(),
        StructuringElement::Octagon {
            radius: radius.round().max(1.0) as usize,
        },
    );
    let mask = inside.on_grid(values.dim(), factor);
    let block = (settings.block_diameters * diameter_px)
        .round()
        .max(settings.least_block_px) as usize;
    let spread = LocalSpread::of(values.view(), &mask, block);
    spread.normalise(&mut values, &mask, settings.spread_floor);
    Response {
        values,
        image,
        factor,
        diameter_px,
    }
}
