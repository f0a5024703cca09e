//! Metal, side markers, text: at the opaque end of the scale with edges steeper than any tissue has.

use super::{Grid, SceneSettings, percentiles};
use crate::label::{Component, Connectivity, components};
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// Metal inside the body, markers, and the number of marker objects.
pub(super) fn objects(
    coarse: &Array2<f32>,
    field: &Mask,
    body: &Mask,
    islands: &Mask,
    grid: &Grid,
    settings: &SceneSettings,
) -> (Mask, Mask, u32) {
    let mut metal = Mask::empty(grid.shape);
    let mut markers = Mask::empty(grid.shape);
    let mut count = 0;
    let least = grid.coarse_px(settings.island_least_mm2.sqrt()).powi(2);
    for island in components(islands, None, Connectivity::Eight) {
        if island.region.area() as f64 >= least {
            island.region.draw_on(&mut markers);
            count += 1;
        }
    }
    let (low, high) = percentiles(coarse, field, 0.01, 1.0);
    let level = low + (high - low) * settings.metal_level as f32;
    let mut opaque = Mask::from_fn(coarse.view(), |&value| value >= level);
    opaque.intersect(field);
    for component in components(&opaque, None, Connectivity::Eight) {
        if steepness(coarse, &component) < settings.metal_edge as f32 * (high - low) {
            continue;
        }
        let object = component.region.to_mask(grid.shape);
        if letter_like(&component, grid) {
            markers.unite(&object);
            count += 1;
        } else {
            metal.unite(&object);
        }
    }
    // Edges of opaque objects are blurred over a pixel or two.
    let mut metal = morphology::dilate_mask(&metal, 1.5);
    metal.intersect(body);
    let mut markers = morphology::dilate_mask(&markers, 1.5);
    markers.intersect(field);
    (metal, markers, count)
}

/// Median over the outline of the largest fall within two pixels of it, in pixel values.
fn steepness(coarse: &Array2<f32>, component: &Component) -> f32 {
    let (rows, columns) = coarse.dim();
    let mut falls = Vec::new();
    for run in component.region.runs() {
        for column in [run.start, run.end - 1] {
            let (row, column) = (run.row as usize, column as usize);
            let mut lowest = f32::INFINITY;
            for r in row.saturating_sub(2)..(row + 3).min(rows) {
                for c in column.saturating_sub(2)..(column + 3).min(columns) {
                    lowest = lowest.min(coarse[(r, c)]);
                }
            }
            falls.push(coarse[(row, column)] - lowest);
        }
    }
    let half = falls.len() / 2;
    *falls.select_nth_unstable_by(half, f32::total_cmp).1
}

/// Whether an object is of the size of a lead letter and lies near the edge of the picture.
fn letter_like(component: &Component, grid: &Grid) -> bool {
    let bounds = component.region.bounds();
    let longest = f64::from(bounds.height().max(bounds.width()));
    let (rows, columns) = grid.shape;
    let margin = grid.coarse_px(40.0);
    let near_edge = f64::from(bounds.top) < margin
        || f64::from(bounds.left) < margin
        || f64::from(bounds.bottom) > rows as f64 - margin
        || f64::from(bounds.right) > columns as f64 - margin;
    let filling = component.region.area() as f64 / (f64::from(bounds.height()) * f64::from(bounds.width()));
    near_edge && longest <= grid.coarse_px(30.0) && filling < 0.75
}
