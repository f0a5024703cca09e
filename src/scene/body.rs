//! The body outline: the exposed field without direct exposure.
//!
//! Direct exposure is the most radiolucent mode of the histogram, narrow because nothing but noise is in it, and it
//! reaches the edge of the field. Without such a mode the body fills the field.

use super::{SceneSettings, complement, percentiles};
use crate::label::{Connectivity, components, fill_holes};
use crate::radiograph::Mask;
use ndarray::Array2;

const BINS: usize = 200;

/// Body and what lies beside it.
#[derive(Debug, PartialEq)]
pub(super) struct Outline {
    /// Pixels of the field that show the body, holes filled.
    pub(super) body: Mask,
    /// Small objects in direct exposure: markers, text, cables.
    pub(super) islands: Mask,
}

/// The outline of the body within `field`.
pub(super) fn outline(coarse: &Array2<f32>, field: &Mask, settings: &SceneSettings) -> Outline {
    let Some(level) = air_level(coarse, field, settings) else {
        return Outline {
            body: field.clone(),
            islands: Mask::empty(field.shape()),
        };
    };
    let mut air = Mask::from_fn(coarse.view(), |&value| value < level);
    air.intersect(field);
    let off_field = complement(field);
    let mut body = field.clone();
    for component in components(&air, None, Connectivity::Four) {
        // Air inside the chest or bowel is body; only air that reaches the field's edge is outside.
        let outside = component.summary.borders.any()
            || component
                .region
                .pixels()
                .any(|(row, column)| touches(&off_field, row, column));
        if outside {
            for run in component.region.runs() {
                for column in run.start..run.end {
                    body.set(run.row as usize, column as usize, false);
                }
            }
        }
    }
    let mut filled = fill_holes(&body);
    filled.intersect(field);
    let parts = components(&filled, None, Connectivity::Eight);
    let largest = parts.iter().map(|part| part.region.area()).max().unwrap_or(0);
    let mut islands = Mask::empty(field.shape());
    for part in &parts {
        if (part.region.area() as f64) < settings.island_share * largest as f64 {
            part.region.draw_on(&mut islands);
        }
    }
    filled.subtract(&islands);
    Outline { body: filled, islands }
}

/// Whether a pixel within 3 rows or columns of `(row, column)` is on in `mask`: collimator edges are blurred.
fn touches(mask: &Mask, row: usize, column: usize) -> bool {
    let (rows, columns) = mask.shape();
    [(0, 3), (3, 0)].into_iter().any(|(down, right)| {
        (row >= down && column >= right && mask.get(row - down, column - right))
            || (row + down < rows && column + right < columns && mask.get(row + down, column + right))
    })
}

/// The value that parts direct exposure from the body, or `None` where no direct exposure is seen.
fn air_level(coarse: &Array2<f32>, field: &Mask, settings: &SceneSettings) -> Option<f32> {
    let (low, high) = percentiles(coarse, field, 0.001, 0.999);
    let width = (high - low) / BINS as f32;
    if width <= 0.0 {
        return None;
    }
    let mut counts = [0_u32; BINS];
    let mut total = 0_u32;
    for ((row, column), &value) in coarse.indexed_iter() {
        if field.get(row, column) {
            counts[(((value - low) / width) as usize).min(BINS - 1)] += 1;
            total += 1;
        }
    }
    // Light smoothing, so that empty bins of 8-bit pictures do not part one mode in two.
    let share: Vec<f64> = (0..BINS)
        .map(|bin| {
            let at = |offset: isize| {
                let bin = (bin as isize + offset).clamp(0, BINS as isize - 1) as usize;
                f64::from(counts[bin])
            };
            (at(-2) + 4.0 * at(-1) + 6.0 * at(0) + 4.0 * at(1) + at(2)) / 16.0 / f64::from(total)
        })
        .collect();
    let mode = (0..BINS * 2 / 5).max_by(|&a, &b| share[a].total_cmp(&share[b]).then(b.cmp(&a)))?;
    if share[mode] < settings.air_mode_share {
        return None;
    }
    let end = (mode + 1..BINS).find(|&bin| share[bin] < 0.12 * share[mode])?;
    let breadth = end - mode;
    (breadth * 20 <= BINS * 3).then(|| low + width * (end + breadth.max(2)).min(BINS) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limb_in_air_is_the_body_and_gas_inside_it_too() {
        let picture = Array2::from_shape_fn((120, 120), |(r, c)| {
            let noise = ((r * 31 + c * 17) % 7) as f32;
            let across = (c as f32 - 60.0) / 30.0;
            let gas = (r as f32 - 60.0).hypot(c as f32 - 60.0) < 8.0;
            if across.abs() >= 1.0 || gas {
                40.0 + noise
            } else {
                300.0 + 600.0 * (1.0 - across * across).sqrt() + noise
            }
        });
        let field = Mask::full((120, 120));
        let Outline { body, islands } = outline(&picture, &field, &SceneSettings::default());
        assert_eq!(islands.count(), 0);
        assert!(body.get(60, 60) && body.get(60, 35) && body.get(5, 80));
        assert!(!body.get(60, 10) && !body.get(60, 110));
    }

    #[test]
    fn without_direct_exposure_the_body_fills_the_field() {
        let picture = Array2::from_shape_fn((100, 100), |(r, c)| 500.0 + 3.0 * r as f32 + 2.0 * c as f32);
        let field = Mask::full((100, 100));
        assert_eq!(outline(&picture, &field, &SceneSettings::default()).body, field);
    }
}
