//! How well a deposit can be seen, and the truth that follows.

use super::place::Placed;
use super::{TruthFocus, Visibility};
use crate::label::Region;
use crate::morphology::{self, Plane};
use crate::radiograph::Mask;
use ndarray::Array2;

/// Deposits as truth, in raster order. `reference` is `shown` without noise; `bone` says whether bone lies there.
pub(super) fn settle(
    placed: Vec<Placed>,
    shown: &Array2<f32>,
    reference: &Array2<f32>,
    bone: impl Fn((usize, usize)) -> bool,
    open: &Mask,
    spacing: f32,
) -> Vec<TruthFocus> {
    let shape = shown.dim();
    let mut all = Mask::empty(shape);
    for placed in &placed {
        for run in placed.region.runs() {
            all.fill_run(run.row as usize, run.start as usize, run.end as usize);
        }
    }
    let mut foci: Vec<TruthFocus> = placed
        .into_iter()
        .map(|Placed { deposit, region, .. }| {
            let (cnr, cnr_noise) = contrast(&region, &all, shown, reference, spacing);
            let area = region.area() as f32;
            let over_bone = region.pixels().filter(|&place| bone(place)).count() as f32 / area;
            let cut = region.pixels().any(|(row, column)| !open.get(row, column));
            let visibility = if cut || cnr < 0.4 || cnr_noise < 1.0 {
                Visibility::Ignore
            } else if cnr >= 1.0 && cnr_noise >= 3.0 {
                Visibility::Clear
            } else {
                Visibility::Visible
            };
            TruthFocus {
                kind: deposit.kind,
                form: deposit.form,
                region,
                cnr,
                cnr_noise,
                over_bone,
                visibility,
            }
        })
        .collect();
    foci.sort_by(|a, b| a.region.runs().cmp(b.region.runs()));
    foci
}

/// Contrast over the ring's structure, and over noise.
fn contrast(region: &Region, all: &Mask, shown: &Array2<f32>, reference: &Array2<f32>, spacing: f32) -> (f32, f32) {
    let reach = (6.0 / spacing).ceil() as usize;
    let near = (1.0 / spacing).max(1.0) as usize;
    let bounds = region.bounds();
    let (rows, columns) = shown.dim();
    let top = (bounds.top as usize).saturating_sub(reach);
    let left = (bounds.left as usize).saturating_sub(reach);
    let (bottom, right) = (
        (bounds.bottom as usize + reach).min(rows),
        (bounds.right as usize + reach).min(columns),
    );
    let mut own = Mask::empty((bottom - top, right - left));
    for run in region.runs() {
        own.fill_run(
            run.row as usize - top,
            run.start as usize - left,
            run.end as usize - left,
        );
    }
    let away = morphology::squared_distance_to(&own, [1.0, 1.0]);
    let mut ring = Vec::new();
    for ((row, column), &squared) in away.indexed_iter() {
        let place = (row + top, column + left);
        if squared > (near * near) as f32 && squared <= (reach * reach) as f32 && !all.get(place.0, place.1) {
            ring.push(place);
        }
    }
    if ring.len() < 12 {
        return (0.0, 0.0);
    }
    let plane = Plane::through(&ring, shown);
    let residue = |place: (usize, usize)| f64::from(shown[place]) - plane.at(place);
    let spread = (ring.iter().map(|&place| residue(place).powi(2)).sum::<f64>() / ring.len() as f64).sqrt();
    let noise = ring
        .iter()
        .map(|&place| f64::from(shown[place] - reference[place]).powi(2))
        .sum::<f64>()
        / ring.len() as f64;
    let height = region.pixels().map(residue).sum::<f64>() / region.area() as f64;
    (
        (height / spread.max(1e-9)) as f32,
        (height / noise.sqrt().max(1e-9)) as f32,
    )
}
