//! Response to proposals: a ladder of hysteresis thresholds, and on each branch the lowest step that is closed.
//!
//! One level cannot fit both a faint speck and a dense mass beside bone: at a low level the mass runs into the bone.
//! So components are taken at rising levels, each twice the last. A component is accepted at the lowest level where the
//! picture falls on all sides of it; what lies above it on the same branch belongs to it. A branch that is never closed
//! is part of something larger, such as bone; its tip is proposed all the same, so that its rejection is on record.

use super::settings::ProposeSettings;
use crate::enhance::Response;
use crate::label::{Component, Connectivity, Region, components};
use crate::radiograph::Mask;
use crate::threshold;

/// Where a focus may be.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    /// Rough pixels on a grid of `factor` native pixels.
    pub(super) region: Region,
    /// Native pixels along the side of a pixel of that grid.
    pub(super) factor: usize,
}

/// Angular sectors in which closure is judged.
const SECTORS: usize = 16;

/// Proposals of one response, in raster order of their first pixel.
///
/// `least_height` is the smallest height over the surroundings worth a look, in pixel values.
pub(super) fn proposals(response: &Response, least_height: f32, settings: &ProposeSettings) -> Vec<Proposal> {
    let mut found = Vec::new();
    let mut taken = Mask::empty(response.values.dim());
    let mut tips: Vec<Component> = Vec::new();
    let mut level = settings.lowest_level;
    for _ in 0..settings.levels {
        let mask = threshold::above(response.values.view(), level);
        let mut climbing = Vec::new();
        for component in components(&mask, Some(response.values.view()), Connectivity::Eight) {
            let Some(intensity) = component.summary.intensity else {
                continue;
            };
            let (row, column) = (intensity.argmax.0 as usize, intensity.argmax.1 as usize);
            if taken.get(row, column) || component.summary.area < settings.least_area_px {
                continue;
            }
            if intensity.max < settings.hysteresis * level {
                continue;
            }
            if is_closed(response, &component, least_height, settings) {
                taken.unite(&component.region.to_mask(response.values.dim()));
                found.push(Proposal {
                    region: component.region,
                    factor: response.factor,
                });
            } else {
                climbing.push(component);
            }
        }
        // A tip is what had no continuation at this level.
        for tip in tips.drain(..) {
            let reached = climbing.iter().any(|above| above.region.overlap(&tip.region) > 0);
            let Some(intensity) = tip.summary.intensity else {
                continue;
            };
            let top = (intensity.argmax.0 as usize, intensity.argmax.1 as usize);
            let long = 2.0 * response.diameter_px;
            let fits = f64::from(tip.region.bounds().height().max(tip.region.bounds().width())) <= long;
            if !reached && !taken.get(top.0, top.1) && intensity.max >= settings.report_level && fits {
                found.push(Proposal {
                    region: tip.region,
                    factor: response.factor,
                });
            }
        }
        tips = climbing;
        level *= 2.0;
    }
    found.sort_by_key(|proposal| {
        let first = proposal.region.runs()[0];
        (first.row, first.start, proposal.region.area())
    });
    found
}

/// Whether a component is small enough for its scale and the picture falls on all sides of it.
fn is_closed(response: &Response, component: &Component, least_height: f32, settings: &ProposeSettings) -> bool {
    let summary = &component.summary;
    let (rows, columns) = response.image.dim();
    if summary.borders.any() {
        return false;
    }
    let [rr, rc, cc] = summary.central_moments();
    let (middle, gap) = ((rr + cc) / 2.0, ((rr - cc) / 2.0).hypot(rc));
    let (major, minor) = (
        4.0 * (middle + gap + 1.0 / 12.0).sqrt(),
        4.0 * ((middle - gap).max(0.0) + 1.0 / 12.0).sqrt(),
    );
    if major > settings.longest_diameters * response.diameter_px
        || minor > settings.widest_diameters * response.diameter_px
    {
        return false;
    }
    let area = summary.area as f64;
    if area < settings.least_ellipse_fill * std::f64::consts::FRAC_PI_4 * major * minor {
        return false;
    }
    // The ring: from just outside to about a third of the diameter away, within the box widened by as much.
    let equivalent = (4.0 * area / std::f64::consts::PI).sqrt();
    let reach = (0.35 * equivalent).max(3.0).ceil();
    let bounds = component.region.bounds();
    let pad = reach as u32 + 1;
    let (top, left) = (
        bounds.top.saturating_sub(pad) as usize,
        bounds.left.saturating_sub(pad) as usize,
    );
    let (bottom, right) = (
        ((bounds.bottom + pad) as usize).min(rows),
        ((bounds.right + pad) as usize).min(columns),
    );
    let (height, width) = (bottom - top, right - left);
    let mut own = vec![false; height * width];
    let mut inside = Vec::with_capacity(area as usize);
    for (row, column) in component.region.pixels() {
        own[(row - top) * width + column - left] = true;
        inside.push(response.image[(row, column)]);
    }
    let rank = (inside.len() - 1) * 3 / 4;
    let level = *inside.select_nth_unstable_by(rank, f32::total_cmp).1;
    let away = distances(&own, width, reach as u16);
    let [centre_row, centre_column] = summary.centroid();
    let mut lowest = [f32::INFINITY; SECTORS];
    let mut ring = Vec::new();
    for row in 0..height {
        for column in 0..width {
            let distance = away[row * width + column];
            if distance == 0 || distance > reach as u16 {
                continue;
            }
            let value = response.image[(row + top, column + left)];
            let (down, right) = ((row + top) as f64 - centre_row, (column + left) as f64 - centre_column);
            let turn = (down.atan2(right) / std::f64::consts::TAU + 0.5) * SECTORS as f64;
            let sector = (turn as usize).min(SECTORS - 1);
            lowest[sector] = lowest[sector].min(value);
            if distance > 1 {
                ring.push(value);
            }
        }
    }
    if ring.len() < SECTORS / 2 {
        return false;
    }
    let half = ring.len() / 2;
    let around = *ring.select_nth_unstable_by(half, f32::total_cmp).1;
    let height = level - around;
    if height < least_height.max(f32::MIN_POSITIVE) {
        return false;
    }
    let (mut seen, mut fallen) = (0, 0);
    for value in lowest.into_iter().filter(|value| value.is_finite()) {
        seen += 1;
        fallen += usize::from(value < level - settings.closure_fall * height);
    }
    fallen as f64 >= settings.closure * seen as f64
}

/// Chessboard distance of each pixel from the nearest of `own`, up to `reach` (beyond: `reach + 1`).
fn distances(own: &[bool], width: usize, reach: u16) -> Vec<u16> {
    let far = reach + 1;
    let height = own.len() / width;
    let mut away: Vec<u16> = own.iter().map(|&is_own| if is_own { 0 } else { far }).collect();
    for row in 0..height {
        for column in 0..width {
            let mut least = away[row * width + column];
            if row > 0 {
                for c in column.saturating_sub(1)..(column + 2).min(width) {
                    least = least.min(away[(row - 1) * width + c] + 1);
                }
            }
            if column > 0 {
                least = least.min(away[row * width + column - 1] + 1);
            }
            away[row * width + column] = least;
        }
    }
    for row in (0..height).rev() {
        for column in (0..width).rev() {
            let mut least = away[row * width + column];
            if row + 1 < height {
                for c in column.saturating_sub(1)..(column + 2).min(width) {
                    least = least.min(away[(row + 1) * width + c] + 1);
                }
            }
            if column + 1 < width {
                least = least.min(away[row * width + column + 1] + 1);
            }
            away[row * width + column] = least.min(far);
        }
    }
    away
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn response(image: Array2<f32>) -> Response {
        Response {
            values: image.clone(),
            image,
            factor: 2,
            diameter_px: 20.0,
        }
    }

    #[test]
    fn a_disc_is_proposed_whole() {
        let image = Array2::from_shape_fn((60, 60), |(r, c)| {
            if (r as f64 - 30.0).hypot(c as f64 - 20.0) < 5.0 {
                40.0
            } else {
                0.0
            }
        });
        let found = proposals(&response(image), 1.0, &ProposeSettings::default());
        assert_eq!(found.len(), 1);
        let bounds = found[0].region.bounds();
        assert_eq!((bounds.top, bounds.bottom, bounds.left), (26, 35, 16));
    }

    #[test]
    fn a_disc_on_a_plateau_is_told_from_the_plateau() {
        // A bar across the whole picture at 20, a disc upon it at 200: only the disc is closed.
        let image = Array2::from_shape_fn((60, 60), |(r, c)| {
            if (r as f64 - 30.0).hypot(c as f64 - 30.0) < 4.0 {
                200.0
            } else if (20..40).contains(&r) {
                20.0
            } else {
                0.0
            }
        });
        let found = proposals(&response(image), 1.0, &ProposeSettings::default());
        assert_eq!(found.len(), 1);
        assert!(found[0].region.area() < 60);
        assert!(found[0].region.contains(30, 30));
    }

    #[test]
    fn distances_count_king_moves() {
        let mut own = vec![false; 35];
        own[2 * 7 + 3] = true;
        let away = distances(&own, 7, 2);
        assert_eq!(away[0], 3);
        assert_eq!(away[2 * 7 + 5], 2);
        assert_eq!(away[3 * 7 + 4], 1);
    }
}
