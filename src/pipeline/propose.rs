//! Response to proposals: a ladder of hysteresis thresholds, and on each branch the lowest step that is closed.
//!
//! One level cannot fit both a faint speck and a dense mass beside bone: at a low level the mass runs into the bone.
//! So components are taken at rising levels, each twice the last. A component is accepted at the lowest level where the
//! picture falls on all sides of it; what lies above it on the same branch belongs to it. A branch that is never closed
//! is part of something larger, such as bone; its tip is proposed all the same, so that its rejection is on record.

use super::settings::ProposeSettings;
use crate::enhance::Response;
use crate::label::{Connectivity, Region, Run, Summary, components_where, fill_holes};
use crate::radiograph::Mask;
use crate::threshold;
use ndarray::Array2;

/// Where a focus may be.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    /// Rough pixels on a grid of `factor` native pixels.
    pub(super) region: Region,
    /// Native pixels along the side of a pixel of that grid.
    pub(super) factor: usize,
    /// Whether the outline is that of an object with gaps: drawn again it would fall into its parts.
    pub(super) is_whole: bool,
}

/// Angular sectors in which closure is judged.
const SECTORS: usize = 16;

/// A component that is not closed at its level.
struct Tip {
    region: Region,
    summit: Summit,
}

/// The largest value of a component, and where it lies; the first such pixel in raster order.
#[derive(Clone, Copy)]
struct Summit {
    height: f32,
    row: usize,
    column: usize,
}

impl Summit {
    fn of(region: &Region, values: &Array2<f32>) -> Self {
        let mut summit = Self {
            height: f32::NEG_INFINITY,
            row: 0,
            column: 0,
        };
        let columns = values.ncols();
        let all = values.as_slice().unwrap_or(&[]);
        for run in region.runs() {
            let (row, start) = (run.row as usize, run.start as usize);
            let line = &all[row * columns..][start..run.end as usize];
            let highest = line.iter().fold(
                f32::NEG_INFINITY,
                |highest, &value| if value > highest { value } else { highest },
            );
            if highest > summit.height {
                let offset = line.iter().position(|&value| value == highest).unwrap_or(0);
                summit = Self {
                    height: highest,
                    row,
                    column: start + offset,
                };
            }
        }
        summit
    }
}

/// Proposals of one response, in raster order of their first pixel.
///
/// `least_height` is the smallest height over the surroundings worth a look, in pixel values.
pub(super) fn proposals(response: &Response, least_height: f32, settings: &ProposeSettings) -> Vec<Proposal> {
    let values = response.values.view();
    let mut found = Vec::new();
    let mut taken = Mask::empty(values.dim());
    let mut tips: Vec<Tip> = Vec::new();
    let mut level = settings.lowest_level;
    for step in 0..settings.levels {
        // A component lies in one of the level below. What was settled there, or was too small, has nothing to add.
        let mask = if step == 0 {
            threshold::above(values, level)
        } else {
            let mut unsettled = Mask::empty(values.dim());
            tips.iter().for_each(|tip| tip.region.draw_on(&mut unsettled));
            threshold::above_within(values, level, &unsettled)
        };
        let mut climbing = Vec::new();
        let is_large = |summary: &Summary| summary.area >= settings.least_area_px;
        for component in components_where(&mask, None, Connectivity::Eight, is_large) {
            let summit = Summit::of(&component.region, &response.values);
            if taken.get(summit.row, summit.column) || summit.height < settings.hysteresis * level {
                continue;
            }
            let whole = (component.summary.euler < 1 && !is_too_large(&component.summary, response, settings))
                .then(|| filled(&component.region));
            let region = whole.as_ref().unwrap_or(&component.region);
            if is_closed(response, region, least_height, settings) {
                region.draw_on(&mut taken);
                found.push(Proposal {
                    region: whole.unwrap_or(component.region),
                    factor: response.factor,
                    is_whole: false,
                });
            } else {
                climbing.push(Tip {
                    region: component.region,
                    summit,
                });
            }
        }
        // A tip is what had no continuation at this level.
        for tip in tips.drain(..) {
            let long = 2.0 * response.diameter_px;
            let bounds = tip.region.bounds();
            if !taken.get(tip.summit.row, tip.summit.column)
                && tip.summit.height >= settings.report_level
                && f64::from(bounds.height().max(bounds.width())) <= long
                && !climbing.iter().any(|above| meet(&above.region, &tip.region))
            {
                found.push(Proposal {
                    region: tip.region,
                    factor: response.factor,
                    is_whole: false,
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

/// Whether two regions share a pixel.
fn meet(a: &Region, b: &Region) -> bool {
    let (p, q) = (a.bounds(), b.bounds());
    p.top < q.bottom && q.top < p.bottom && p.left < q.right && q.left < p.right && a.overlap(b) > 0
}

/// Whether a component is certainly too large for its scale, whatever holes are filled: spares filling those of bones.
///
/// Filling adds pixels: it never takes away from the sum of squared distances to the middle in any direction, and the
/// box bounds the area that sum is divided by. So the axes are at least these.
fn is_too_large(summary: &Summary, response: &Response, settings: &ProposeSettings) -> bool {
    let [rr, rc, cc] = summary.central_moments();
    let box_area = f64::from(summary.bounds.height()) * f64::from(summary.bounds.width());
    let share = summary.area as f64 / box_area;
    let (middle, gap) = ((rr + cc) / 2.0, ((rr - cc) / 2.0).hypot(rc));
    // A hair is left for rounding.
    let axis = |moment: f64| 3.999 * (moment.max(0.0) * share + 1.0 / 12.0).sqrt();
    axis(middle + gap) > settings.longest_diameters * response.diameter_px
        || axis(middle - gap) > settings.widest_diameters * response.diameter_px
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
    let (_, [major, minor]) = axes(region);
    let most = response.diameter_px;
    if major > settings.longest_diameters * most
        || minor > settings.widest_diameters * most
        || area < settings.least_ellipse_fill * std::f64::consts::FRAC_PI_4 * major * minor
    {
        return false;
    }
    is_above_its_ring(response, region, None, least_height, settings.closure, settings)
}

/// Whether a region stands at least `least_height` above a plane through the ring around it, and the picture falls
/// across a share `closure` of its sectors. Places in `beside` (a bone next to it) do not count as its surroundings.
pub(super) fn is_above_its_ring(
    response: &Response,
    region: &Region,
    beside: Option<&Mask>,
    least_height: f32,
    closure: f64,
    settings: &ProposeSettings,
) -> bool {
    let (centre, _) = axes(region);
    let mut ring = Place::around(region, response);
    if let Some(beside) = beside {
        ring.retain(|place| !beside.get(place.row, place.column));
    }
    let outer: Vec<&Place> = ring.iter().filter(|place| place.is_apart).collect();
    if outer.len() < SECTORS / 2 {
        return false;
    }
    let background = Plane::through(&outer, centre);
    let mut inside = Vec::with_capacity(region.area() as usize);
    for run in region.runs() {
        let row = run.row as usize;
        for column in run.start as usize..run.end as usize {
            inside.push(response.image[(row, column)] - background.at(row, column));
        }
    }
    let mut around: Vec<f32> = outer
        .iter()
        .map(|place| place.value - background.at(place.row, place.column))
        .collect();
    let rank = (inside.len() - 1) * 3 / 4;
    let level = *inside.select_nth_unstable_by(rank, f32::total_cmp).1;
    let half = around.len() / 2;
    let height = level - *around.select_nth_unstable_by(half, f32::total_cmp).1;
    if height < least_height.max(f32::MIN_POSITIVE) {
        return false;
    }
    let mut lowest = [f32::INFINITY; SECTORS];
    for place in &ring {
        let sector = sector(place.row as f64 - centre[0], place.column as f64 - centre[1]);
        let above = place.value - background.at(place.row, place.column);
        lowest[sector] = lowest[sector].min(above);
    }
    let (mut seen, mut fallen) = (0, 0);
    for value in lowest.into_iter().filter(|value| value.is_finite()) {
        seen += 1;
        fallen += usize::from(value < level - settings.closure_fall * height);
    }
    fallen as f64 >= closure * seen as f64
}

/// Which of the sixteenth parts of the turn a direction lies in, counted from straight left, first upwards.
fn sector(down: f64, across: f64) -> usize {
    // Turned by quarters until it points right and down.
    let is_left = across < 0.0 || (across == 0.0 && down > 0.0);
    let (quarter, along, aside) = match (down < 0.0, is_left) {
        (true, true) => (0, -across, -down),
        (true, false) => (1, -down, across),
        (false, false) => (2, across, down),
        (false, true) => (3, down, -across),
    };
    // A quarter holds four sectors; its diagonal parts them into two and two.
    const TAN_OF_SECTOR: f64 = std::f64::consts::SQRT_2 - 1.0;
    let within = if aside == 0.0 {
        0
    } else if aside < along {
        usize::from(aside >= TAN_OF_SECTOR * along)
    } else {
        3 - usize::from(along > TAN_OF_SECTOR * aside)
    };
    4 * quarter + within
}

/// A pixel of the ring around a region.
struct Place {
    row: usize,
    column: usize,
    value: f32,
    /// Whether a pixel lies between it and the region.
    is_apart: bool,
}

impl Place {
    /// The ring: from just outside the region to about a third of its diameter away by king's moves, in raster order.
    fn around(region: &Region, response: &Response) -> Vec<Self> {
        let (rows, columns) = response.image.dim();
        let bounds = region.bounds();
        let equivalent = (4.0 * region.area() as f64 / std::f64::consts::PI).sqrt();
        let reach = (0.35 * equivalent).max(3.0).ceil() as usize;
        let (top, left) = (
            (bounds.top as usize).saturating_sub(reach),
            (bounds.left as usize).saturating_sub(reach),
        );
        let (height, width) = (
            (bounds.bottom as usize + reach).min(rows) - top,
            (bounds.right as usize + reach).min(columns) - left,
        );
        let mut own = Mask::empty((height, width));
        for run in region.runs() {
            own.fill_run(
                run.row as usize - top,
                run.start as usize - left,
                run.end as usize - left,
            );
        }
        let next = own.grown_square(1);
        let mut around = next.grown_square(reach - 1);
        around.subtract(&own);
        let mut ring = Vec::with_capacity(around.count());
        for r in 0..height {
            for (start, end) in around.runs(r) {
                ring.extend((start..end).map(|c| Self {
                    row: top + r,
                    column: left + c,
                    value: response.image[(top + r, left + c)],
                    is_apart: !next.get(r, c),
                }));
            }
        }
        ring
    }
}

/// A region without its holes: the medulla belongs to its shell.
fn filled(region: &Region) -> Region {
    let bounds = region.bounds();
    let mut window = Mask::empty((bounds.height() as usize, bounds.width() as usize));
    for run in region.runs() {
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
    whole.flatten().unwrap_or_else(|| region.clone())
}

/// Centre of area `[row, column]` and the axes of the moment ellipse, major first, in pixels.
pub(super) fn axes(region: &Region) -> ([f64; 2], [f64; 2]) {
    let bounds = region.bounds();
    // Whole numbers from the corner of the box: exact.
    let (mut r, mut c, mut rr, mut rc, mut cc) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    for run in region.runs() {
        let row = u64::from(run.row - bounds.top);
        let (a, b) = (u64::from(run.start - bounds.left), u64::from(run.end - bounds.left));
        let below = |x: u64| x.saturating_sub(1) * x * (2 * x).saturating_sub(1) / 6;
        let (length, columns) = (b - a, (a + b - 1) * (b - a) / 2);
        r += row * length;
        c += columns;
        rr += row * row * length;
        rc += row * columns;
        cc += below(b) - below(a);
    }
    let area = region.area() as f64;
    let (row, column) = (r as f64 / area, c as f64 / area);
    let (rr, rc, cc) = (
        rr as f64 / area - row * row,
        rc as f64 / area - row * column,
        cc as f64 / area - column * column,
    );
    let (middle, gap) = ((rr + cc) / 2.0, ((rr - cc) / 2.0).hypot(rc));
    let axis = |moment: f64| 4.0 * (moment.max(0.0) + 1.0 / 12.0).sqrt();
    (
        [f64::from(bounds.top) + row, f64::from(bounds.left) + column],
        [axis(middle + gap), axis(middle - gap)],
    )
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
    fn through(places: &[&Place], centre: [f64; 2]) -> Self {
        let count = places.len() as f64;
        let (mut row, mut column, mut value) = (0.0, 0.0, 0.0);
        for place in places {
            row += (place.row as f64 - centre[0]) / count;
            column += (place.column as f64 - centre[1]) / count;
            value += f64::from(place.value) / count;
        }
        let (mut rr, mut rc, mut cc, mut rv, mut cv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for place in places {
            let v = f64::from(place.value) - value;
            let (r, c) = (
                place.row as f64 - centre[0] - row,
                place.column as f64 - centre[1] - column,
            );
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn sectors_are_those_of_the_arc_tangent() {
        for down in -40..=40_i32 {
            for across in -40..=40_i32 {
                let (down, across) = (f64::from(down), f64::from(across));
                let turn = down.atan2(across) / std::f64::consts::TAU + 0.5;
                // Straight left is the end of the turn, not its beginning.
                let expected = ((turn * SECTORS as f64) as usize).min(SECTORS - 1);
                assert_eq!(sector(down, across), expected, "{down} {across}");
            }
        }
    }
}
