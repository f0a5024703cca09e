//! Response to proposals: a ladder of hysteresis thresholds, and on each branch the lowest step that is closed.
//!
//! One level cannot fit both a faint speck and a dense mass beside bone: at a low level the mass runs into the bone.
//! So components are taken at rising levels, each twice the last. A component is accepted at the lowest level where the
//! picture falls on all sides of it; what lies above it on the same branch belongs to it. A branch that is never closed
//! is part of something larger, such as bone; its tip is proposed all the same, so that its rejection is on record.

use super::settings::ProposeSettings;
use crate::enhance::Response;
use crate::label::{Component, Connectivity, Region, Run, components, fill_holes};
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
            let region = filled(component.clone());
            if is_closed(response, &region, least_height, settings) {
                taken.unite(&region.to_mask(response.values.dim()));
                found.push(Proposal {
                    region,
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

/// Whether a region is small enough for its scale and the picture falls on all sides of it, once the slope of the
/// background, a plane through the ring around it, is taken out.
fn is_closed(response: &Response, region: &Region, least_height: f32, settings: &ProposeSettings) -> bool {
    let (rows, columns) = response.image.dim();
    let bounds = region.bounds();
    if bounds.top == 0 || bounds.left == 0 || bounds.bottom as usize == rows || bounds.right as usize == columns {
        return false;
    }
    let area = region.area() as f64;
    let (centre, [major, minor]) = axes(region);
    let most = response.diameter_px;
    if major > settings.longest_diameters * most
        || minor > settings.widest_diameters * most
        || area < settings.least_ellipse_fill * std::f64::consts::FRAC_PI_4 * major * minor
    {
        return false;
    }
    // The ring: from just outside to about a third of the diameter away.
    let equivalent = (4.0 * area / std::f64::consts::PI).sqrt();
    let reach = (0.35 * equivalent).max(3.0).ceil() as u16;
    let pad = u32::from(reach) + 1;
    let (top, left) = (
        bounds.top.saturating_sub(pad) as usize,
        bounds.left.saturating_sub(pad) as usize,
    );
    let (height, width) = (
        ((bounds.bottom + pad) as usize).min(rows) - top,
        ((bounds.right + pad) as usize).min(columns) - left,
    );
    let mut own = vec![false; height * width];
    for (row, column) in region.pixels() {
        own[(row - top) * width + column - left] = true;
    }
    let away = distances(&own, width, reach);
    let mut ring = Vec::new();
    for (index, &distance) in away.iter().enumerate() {
        if distance > 0 && distance <= reach {
            ring.push((distance, index / width + top, index % width + left));
        }
    }
    let outer: Vec<(usize, usize)> = ring
        .iter()
        .filter(|&&(distance, ..)| distance > 1)
        .map(|&(_, row, column)| (row, column))
        .collect();
    if outer.len() < SECTORS / 2 {
        return false;
    }
    let background = Plane::through(&outer, response, centre);
    let above = |row: usize, column: usize| response.image[(row, column)] - background.at(row, column);
    let mut inside: Vec<f32> = region.pixels().map(|(row, column)| above(row, column)).collect();
    let mut around: Vec<f32> = outer.iter().map(|&(row, column)| above(row, column)).collect();
    let rank = (inside.len() - 1) * 3 / 4;
    let level = *inside.select_nth_unstable_by(rank, f32::total_cmp).1;
    let half = around.len() / 2;
    let height = level - *around.select_nth_unstable_by(half, f32::total_cmp).1;
    if height < least_height.max(f32::MIN_POSITIVE) {
        return false;
    }
    let mut lowest = [f32::INFINITY; SECTORS];
    for &(_, row, column) in &ring {
        let turn = (row as f64 - centre[0]).atan2(column as f64 - centre[1]) / std::f64::consts::TAU + 0.5;
        let sector = ((turn * SECTORS as f64) as usize).min(SECTORS - 1);
        lowest[sector] = lowest[sector].min(above(row, column));
    }
    let (mut seen, mut fallen) = (0, 0);
    for value in lowest.into_iter().filter(|value| value.is_finite()) {
        seen += 1;
        fallen += usize::from(value < level - settings.closure_fall * height);
    }
    fallen as f64 >= settings.closure * seen as f64
}

/// A component without its holes: the medulla belongs to its shell.
fn filled(component: Component) -> Region {
    if component.summary.euler >= 1 {
        return component.region;
    }
    let bounds = component.region.bounds();
    let mut window = Mask::empty((bounds.height() as usize, bounds.width() as usize));
    for run in component.region.runs() {
        window.fill_run(
            (run.row - bounds.top) as usize,
            (run.start - bounds.left) as usize,
            (run.end - bounds.left) as usize,
        );
    }
    let whole = Region::from_mask(&fill_holes(&window)).map(|region| {
        let moved = region.runs().iter().map(|run| Run {
            row: run.row + bounds.top,
            start: run.start + bounds.left,
            end: run.end + bounds.left,
        });
        Region::new(moved.collect())
    });
    whole.flatten().unwrap_or(component.region)
}

/// Centre of area `[row, column]` and the axes of the moment ellipse, major first, in pixels.
fn axes(region: &Region) -> ([f64; 2], [f64; 2]) {
    let area = region.area() as f64;
    let (mut row, mut column) = (0.0, 0.0);
    for (r, c) in region.pixels() {
        row += r as f64 / area;
        column += c as f64 / area;
    }
    let (mut rr, mut rc, mut cc) = (0.0, 0.0, 0.0);
    for (r, c) in region.pixels() {
        let (r, c) = (r as f64 - row, c as f64 - column);
        rr += r * r / area;
        rc += r * c / area;
        cc += c * c / area;
    }
    let (middle, gap) = ((rr + cc) / 2.0, ((rr - cc) / 2.0).hypot(rc));
    let axis = |moment: f64| 4.0 * (moment.max(0.0) + 1.0 / 12.0).sqrt();
    ([row, column], [axis(middle + gap), axis(middle - gap)])
}

/// A plane of grey values.
struct Plane {
    centre: [f64; 2],
    value: f64,
    by_row: f64,
    by_column: f64,
}

impl Plane {
    /// The least-squares plane through the picture at `places`.
    fn through(places: &[(usize, usize)], response: &Response, centre: [f64; 2]) -> Self {
        let count = places.len() as f64;
        let (mut row, mut column, mut value) = (0.0, 0.0, 0.0);
        for &(r, c) in places {
            row += (r as f64 - centre[0]) / count;
            column += (c as f64 - centre[1]) / count;
            value += f64::from(response.image[(r, c)]) / count;
        }
        let (mut rr, mut rc, mut cc, mut rv, mut cv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for &(r, c) in places {
            let v = f64::from(response.image[(r, c)]) - value;
            let (r, c) = (r as f64 - centre[0] - row, c as f64 - centre[1] - column);
            rr += r * r;
            rc += r * c;
            cc += c * c;
            rv += r * v;
            cv += c * v;
        }
        let determinant = rr * cc - rc * rc;
        let (by_row, by_column) = if determinant > 1e-6 * rr * cc {
            ((rv * cc - cv * rc) / determinant, (cv * rr - rv * rc) / determinant)
        } else {
            (0.0, 0.0)
        };
        Self {
            centre: [centre[0] + row, centre[1] + column],
            value,
            by_row,
            by_column,
        }
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        let rise = self.by_row * (row as f64 - self.centre[0]) + self.by_column * (column as f64 - self.centre[1]);
        (self.value + rise) as f32
    }
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
