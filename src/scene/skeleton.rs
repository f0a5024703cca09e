//! The skeleton: what is brighter than its surroundings at the scale of bones and too long, or cut by the field edge,
//! to be a focus.
//!
//! An opening wider than any shaft removes bones from the picture; what it removes, thresholded by Otsu's method within
//! the body, is bone or a large focus. Bones are long or run out of the field; a compact island is left to the search
//! for foci, which judges it closer up.

use super::{Grid, SceneSettings, percentiles, under};
use crate::label::{Component, Connectivity, components};
use crate::morphology::{self, StructuringElement};
use crate::radiograph::Mask;
use crate::threshold::{self, Histogram};
use ndarray::Array2;

/// Bones and how far they stand out.
pub(super) struct Skeleton {
    pub(super) mask: Mask,
    /// Median height over the opening, in pixel values.
    pub(super) contrast: Option<f32>,
}

/// `body_radius` is the largest distance from the skin inside the body, in coarse pixels; infinite without skin.
pub(super) fn bones(
    coarse: &Array2<f32>,
    body: &Mask,
    body_radius: f64,
    metal: &Mask,
    grid: &Grid,
    settings: &SceneSettings,
) -> Skeleton {
    let none = Skeleton {
        mask: Mask::empty(grid.shape),
        contrast: None,
    };
    // Metal would set the scale of everything else.
    let (low, high) = percentiles(coarse, body, 0.01, 0.99);
    let clipped = coarse.mapv(|value| value.clamp(low, high));
    let smooth = morphology::gaussian(clipped.view(), 1.0);
    let least = (high - low) * settings.bone_min_contrast as f32;
    let long = grid.coarse_px(settings.bone_length_mm);

    // Shafts and the pelvis: the opening is wider than any shaft, yet well below the width of the limb, whose own
    // roundness would be taken for bone.
    let widest = (grid.coarse_px(settings.bone_opening_mm)).min(settings.bone_opening_of_body * 2.0 * body_radius);
    let height = above_opening(&smooth, widest.max(grid.coarse_px(settings.bone_narrow_mm)));
    let mut mask = Mask::empty(grid.shape);
    let Some((level, second)) = levels(&height, body, least) else {
        return none;
    };
    let shaft = |shape: &Shape| {
        shape.major > long
            || (shape.cut && shape.major > 0.3 * long)
            || (shape.major > 0.5 * long && shape.is_narrow(settings))
    };
    unite_bones(&mut mask, &height, level, body, shaft);
    unite_bones(&mut mask, &height, second, body, |shape| {
        shape.major > long && shape.is_narrow(settings)
    });

    // Ribs, collar bone, fibula, phalanges: narrow and long, whatever lies behind them.
    let fine = above_opening(&smooth, grid.coarse_px(settings.bone_narrow_mm));
    if let Some((level, _)) = levels(&fine, body, 0.5 * least) {
        unite_bones(&mut mask, &fine, level, body, |shape| {
            shape.is_narrow(settings) && (shape.major > 0.6 * long || (shape.cut && shape.major > 0.3 * long))
        });
    }

    let mut weak = Mask::from_fn(height.view(), |&value| value > 0.6 * level.min(second));
    weak.intersect(body);
    // Bone fades out: take in the weaker surroundings of what is certain, one step only, so that foci beside it stay free.
    let reach = grid.coarse_px(3.0).round().max(1.0);
    let mut near = morphology::dilate_mask(&mask, reach);
    near.intersect(&weak);
    mask.unite(&near);
    mask.subtract(metal);
    let mut heights = under(&height, &mask);
    if heights.is_empty() {
        return none;
    }
    let half = heights.len() / 2;
    let contrast = *heights.select_nth_unstable_by(half, f32::total_cmp).1;
    Skeleton {
        mask,
        contrast: Some(contrast),
    }
}

/// What an opening of `diameter` coarse pixels removes.
fn above_opening(smooth: &Array2<f32>, diameter: f64) -> Array2<f32> {
    let most = (smooth.nrows().min(smooth.ncols()) / 3).max(2);
    let element = StructuringElement::Octagon {
        radius: ((diameter / 2.0).round().max(2.0) as usize).min(most),
    };
    morphology::white_top_hat(smooth.view(), element)
}

/// The level between bone and the rest by Otsu's method, and the same among the rest: where something outshines the
/// bones (a thick foot, a prosthesis), they are the upper class of what is left. Neither is below `least`.
fn levels(height: &Array2<f32>, body: &Mask, least: f32) -> Option<(f32, f32)> {
    let inside = under(height, body);
    if inside.len() < 64 {
        return None;
    }
    let level = otsu(&inside)?.max(least);
    let rest: Vec<f32> = inside.into_iter().filter(|&value| value <= level).collect();
    Some((level, otsu(&rest).unwrap_or(level).max(least)))
}

/// Size of a bright component in coarse pixels.
struct Shape {
    major: f64,
    minor: f64,
    /// Whether the edge of the picture cuts it.
    cut: bool,
}

impl Shape {
    fn of(component: &Component, shape: (usize, usize)) -> Self {
        let [rr, rc, cc] = component.summary.central_moments();
        let (middle, gap) = ((rr + cc) / 2.0, ((rr - cc) / 2.0).hypot(rc));
        Self {
            major: 4.0 * (middle + gap).sqrt(),
            minor: 4.0 * (middle - gap).max(0.0).sqrt(),
            cut: component.region.pixels().any(|(r, c)| leaves_picture(shape, r, c)),
        }
    }

    fn is_narrow(&self, settings: &SceneSettings) -> bool {
        self.major > settings.bone_aspect * self.minor
    }
}

/// Adds to `mask` the components of `height` above `level` that `is_bone` accepts.
fn unite_bones(mask: &mut Mask, height: &Array2<f32>, level: f32, body: &Mask, is_bone: impl Fn(&Shape) -> bool) {
    let mut bright = Mask::from_fn(height.view(), |&value| value > level);
    bright.intersect(body);
    for component in components(&bright, None, Connectivity::Eight) {
        if is_bone(&Shape::of(&component, mask.shape())) {
            component.region.draw_on(mask);
        }
    }
}

/// The level between the two classes of `values`, by Otsu's method on 256 bins.
fn otsu(values: &[f32]) -> Option<f32> {
    let histogram = Histogram::of_values(values.iter().copied(), 256)?;
    threshold::otsu(&histogram).map(|level| level as f32)
}

/// Whether `(row, column)` lies at the edge of the picture.
fn leaves_picture((rows, columns): (usize, usize), row: usize, column: usize) -> bool {
    row < 2 || column < 2 || row + 2 >= rows || column + 2 >= columns
}
