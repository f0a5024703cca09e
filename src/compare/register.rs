//! How the body lies in the second picture: from edges alone, coarse to fine.
//!
//! 1. Every turn of up to 15 degrees and every scale of 0.85 to 1.15 is tried; for each, the best shift is where the
//!    gradient fields correlate most (C. D. Kuglin and D. C. Hines, 1975; A. J. Fitch, A. Kadyrov, W. J. Christmas and
//!    J. Kittler, "Orientation correlation", BMVC 2002).
//! 2. The most promising are refined on finer and finer grids, first as similarities, then as affine maps. The best are slid
//!    along the limb at every scale, for a descent does not find its way along a shaft. On fine grids the skin does not count:
//!    where it shows steepest hangs on the processing.
//! 3. How far parts of the picture would rather lie elsewhere tells how well it fits.

use super::Settings;
use super::affine::{Affine, Pose};
use super::edges::{Edges, Ruler};
use super::fourier::{Complex, Fourier};
use crate::radiograph::Radiograph;
use crate::scene::Scene;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one picture lies on another, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// From places of the prior picture to places of the current one, in mm (or, where no spacing is stated, three
    /// hundredths of the longest side) from the middle of the first pixel.
    pub map: Affine,
    /// Degrees by which the current picture is turned, clockwise.
    pub turn_deg: f64,
    /// Factor on lengths: how much larger the body is shown than before, by the stated spacings.
    pub scale: f64,
    /// Correlation of the gradients where both pictures show something, 1 for the same picture.
    pub correlation: f64,
    /// Share of the prior picture's edges that lie in the current field.
    pub overlap: f64,
    /// Share of parts of the picture that lie within [`Registration::NEAR_MM`] of where the map puts them.
    pub agreement: f64,
    /// Median distance at which those parts lie from there, mm.
    pub residual_mm: f64,
}

impl Registration {
    /// A part that lies farther than this from where the map puts it does not agree.
    pub const NEAR_MM: f64 = 2.0;

    /// Whether it is good enough to compare deposits by.
    pub(super) fn fits(&self, settings: &Settings) -> bool {
        self.correlation >= settings.least_correlation
            && self.agreement >= settings.least_agreement
            && self.correlation * self.agreement >= settings.least_fit
            && self.overlap >= settings.least_overlap
    }
}

/// Cells along the longest side in the first search.
const SIDE: usize = 100;
/// Turns tried, degrees, and how far apart.
const TURN: (f64, f64) = (15.0, 1.5);
/// Scales tried: least, and the factor between two.
const SCALE: (f64, f64, usize) = (0.85, 1.0307, 11);
/// How many of the first search are refined.
const PROMISING: usize = 40;
/// On finer grids than this the skin does not count, mm.
const BONES_MM: f64 = 1.5;
/// How many poses are slid along a limb, how many steps either way, of how many mm, and how many of them are refined.
const SLIDE: (usize, i32, f64, usize) = (4, 24, 1.6, 12);
/// By how many steps of scale either way, of what logarithm, and the largest.
const GROW: (i32, f64, f64) = (4, 0.016, 0.16);
/// Most points that tell how well a map fits.
const POINTS: usize = 3000;
/// What a change of scale costs, in correlation, by its logarithm.
const UNLIKELY: f64 = 0.2;
/// A gradient of this size tells nothing.
const WEAK: f32 = 0.3;
/// Directions told apart among them.
const DIRECTIONS: usize = 12;
/// Points of one direction are at most one in so many.
const MOST_SHARE: usize = 6;

/// How `prior` lies in `current`; `None` if either shows nothing.
pub(super) fn register(prior: (&Radiograph, &Scene), current: (&Radiograph, &Scene)) -> Option<Registration> {
    let rulers = (Ruler::of(prior.0), Ruler::of(current.0));
    let longest = |radiograph: &Radiograph, ruler: Ruler| {
        let (rows, columns) = radiograph.shape();
        (rows as f64 * ruler.down).max(columns as f64 * ruler.across)
    };
    let longest = longest(prior.0, rulers.0).max(longest(current.0, rulers.1));
    let step = longest / SIDE as f64;
    let edges = |step: f64| {
        (
            Edges::of(prior.0, prior.1, rulers.0, step),
            Edges::of(current.0, current.1, rulers.1, step),
        )
    };
    let coarse = edges(step);
    let points = Points::of(&coarse.0, false)?;
    // The coarse grid tells where to begin; what fits best on it need not be near.
    let mut poses: Vec<(f64, Pose)> = promising(&coarse.0, &coarse.1, &points)
        .into_iter()
        .map(|pose| (0.0, pose))
        .collect();
    let middle = points.middle;
    let mut finest = None;
    let mut reach = step;
    for (step, kept, affine, slides) in [
        (0.5 * step, PROMISING, false, false),
        (1.0, 12, false, true),
        (0.6, 6, true, false),
    ] {
        let (fine, onto) = edges(step.max(rulers.0.mean()).max(rulers.1.mean()));
        let mut points = Points::of(&fine, step < BONES_MM)?;
        points.middle = middle;
        poses.truncate(kept);
        for pose in &mut poses {
            *pose = points.refined(pose.1, &onto, reach, affine);
        }
        poses = apart(poses);
        if slides {
            let slid = points.slid(&poses, fine.along, &onto);
            poses.extend(slid.into_iter().map(|pose| points.refined(pose, &onto, 2.0, affine)));
            poses = apart(poses);
        }
        reach = 2.0 * points.step;
        finest = Some((points, onto));
    }
    let (points, onto) = finest?;
    let (_, pose) = poses.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let map = pose.about(middle);
    let (correlation, overlap) = correlation(points.all.iter(), &map, &onto, (0.0, 0.0));
    let (agreement, residual_mm) = points.parts(&map, &onto);
    Some(Registration {
        map,
        turn_deg: map.turn_deg(),
        scale: map.scale(),
        correlation,
        overlap,
        agreement,
        residual_mm,
    })
}

/// Best first; those that have come together are one.
fn apart(mut poses: Vec<(f64, Pose)>) -> Vec<(f64, Pose)> {
    poses.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut apart: Vec<(f64, Pose)> = Vec::new();
    for pose in poses {
        let near = |other: &(f64, Pose)| {
            (other.1.turn - pose.1.turn).abs() < 0.01
                && (other.1.growth - pose.1.growth).abs() < 0.01
                && (other.1.to.0 - pose.1.to.0).hypot(other.1.to.1 - pose.1.to.1) < 1.0
        };
        if !apart.iter().any(near) {
            apart.push(pose);
        }
    }
    apart
}

/// Places of strong edges in the prior picture, with their gradients.
struct Points {
    all: Vec<((f64, f64), (f32, f32))>,
    /// What the map turns about.
    middle: (f64, f64),
    step: f64,
}

impl Points {
    /// The strong edges, if `bones` without those of the skin unless hardly any others are left.
    fn of(edges: &Edges, bones: bool) -> Option<Self> {
        let all = Self::within(edges, false)?;
        let inner = if bones { Self::within(edges, true) } else { None };
        Some(
            inner
                .filter(|inner| 5 * inner.all.len() >= all.all.len())
                .unwrap_or(all),
        )
    }

    fn within(edges: &Edges, bones: bool) -> Option<Self> {
        let mut strong: Vec<(f32, usize, usize)> = edges
            .across
            .indexed_iter()
            .zip(&edges.down)
            .map(|((place, x), y)| (x.hypot(*y), place.0, place.1))
            .filter(|&(size, row, column)| size > WEAK && (!bones || edges.deep[(row, column)]))
            .collect();
        if strong.len() < 50 {
            return None;
        }
        strong.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        // The strongest third of the field, of no direction more than a share: along a straight shaft all edges are alike, and
        // only the few across it tell how far along it lies.
        let seen = edges.seen.iter().filter(|seen| **seen).count();
        strong.truncate((seen / 3).max(50));
        strong.sort_by_key(|point| (point.1, point.2));
        let direction = |&(_, row, column): &(f32, usize, usize)| {
            let angle = edges.down[(row, column)].atan2(edges.across[(row, column)]);
            let turn = (angle / std::f32::consts::PI).rem_euclid(1.0);
            ((turn * DIRECTIONS as f32) as usize).min(DIRECTIONS - 1)
        };
        let mut directions = vec![Vec::new(); DIRECTIONS];
        for point in strong {
            directions[direction(&point)].push(point);
        }
        let thinned = directions.into_iter().flat_map(|points| {
            let stride = points.len().div_ceil(POINTS / MOST_SHARE).max(1);
            points.into_iter().step_by(stride)
        });
        let all: Vec<_> = thinned
            .map(|(_, row, column)| {
                let gradient = (edges.across[(row, column)], edges.down[(row, column)]);
                (edges.place(row, column), gradient)
            })
            .collect();
        let count = all.len() as f64;
        let sum = all
            .iter()
            .fold((0.0, 0.0), |sum, (place, _)| (sum.0 + place.0, sum.1 + place.1));
        Some(Self {
            middle: (sum.0 / count, sum.1 / count),
            step: edges.step(),
            all,
        })
    }

    /// Correlation of the gradients of the points under `map`, lessened where few of them lie in the other picture.
    fn fit(&self, map: &Affine, onto: &Edges) -> f64 {
        let (correlation, overlap) = correlation(self.all.iter(), map, onto, (0.0, 0.0));
        // Otherwise what does not fit would be pushed out of the picture.
        correlation * overlap.sqrt()
    }

    /// `pose` with every number of it moved as long as that fits better, by steps that are halved, `first` of so many units.
    fn refined(&self, start: Pose, onto: &Edges, first: f64, affine: bool) -> (f64, Pose) {
        let reach = self
            .all
            .iter()
            .map(|(place, _)| (place.0 - self.middle.0).hypot(place.1 - self.middle.1))
            .fold(1.0, f64::max);
        // Spacings are stated: of scales that fit alike the nearest to none is taken.
        let fit = |pose: &Pose| {
            self.fit(&pose.about(self.middle), onto)
                - UNLIKELY * (pose.growth.abs() + pose.shear[0].abs() + pose.shear[1].abs())
        };
        let (mut pose, mut best) = (start, fit(&start));
        let mut size = first;
        while size > 0.05 * self.step {
            let mut better = false;
            for number in 0..if affine { 6 } else { 4 } {
                for side in [-1.0, 1.0] {
                    let by = side * size;
                    loop {
                        let mut tried = pose;
                        match number {
                            0 => tried.to.0 += by,
                            1 => tried.to.1 += by,
                            2 => tried.turn += by / reach,
                            3 => tried.growth += by / reach,
                            nth => tried.shear[nth - 4] = (tried.shear[nth - 4] + by / reach).clamp(-0.06, 0.06),
                        }
                        let now = fit(&tried);
                        if now <= best + 1e-7 {
                            break;
                        }
                        (pose, best, better) = (tried, now, true);
                    }
                }
            }
            if !better {
                size *= 0.5;
            }
        }
        (best, pose)
    }

    /// The best of the first few of `poses` slid along a limb, at every scale: what a shaft shows across it is told by little, and
    /// a descent does not come to it from afar.
    fn slid(&self, poses: &[(f64, Pose)], (x, y): (f64, f64), onto: &Edges) -> Vec<Pose> {
        let mut tried: Vec<(f64, Pose)> = Vec::new();
        for (_, pose) in poses.iter().take(SLIDE.0) {
            let (sine, cosine) = pose.turn.sin_cos();
            let along = (x * cosine - y * sine, x * sine + y * cosine);
            for by in -SLIDE.1..=SLIDE.1 {
                for size in -GROW.0..=GROW.0 {
                    let far = f64::from(by) * SLIDE.2;
                    let mut slid = *pose;
                    slid.to = (pose.to.0 + far * along.0, pose.to.1 + far * along.1);
                    slid.growth += f64::from(size) * GROW.1;
                    if slid.growth.abs() <= GROW.2 {
                        tried.push((self.fit(&slid.about(self.middle), onto), slid));
                    }
                }
            }
        }
        let mut best = apart(tried);
        best.truncate(SLIDE.3);
        best.into_iter().map(|(_, pose)| pose).collect()
    }

    /// The share of parts of the picture that lie where `map` puts them, and the median distance from there.
    fn parts(&self, map: &Affine, onto: &Edges) -> (f64, f64) {
        const PARTS: usize = 6;
        const REACH: f64 = 8.0;
        let low = |of: fn(&(f64, f64)) -> f64| self.all.iter().map(|point| of(&point.0)).fold(f64::INFINITY, f64::min);
        let high = |of: fn(&(f64, f64)) -> f64| {
            self.all
                .iter()
                .map(|point| of(&point.0))
                .fold(f64::NEG_INFINITY, f64::max)
        };
        let (left, top) = (low(|place| place.0), low(|place| place.1));
        let (wide, tall) = (high(|place| place.0) - left + 1e-6, high(|place| place.1) - top + 1e-6);
        let mut parts = vec![Vec::new(); PARTS * PARTS];
        for point in &self.all {
            let part = |at: f64, start: f64, length: f64| ((at - start) / length * PARTS as f64) as usize;
            let (row, column) = (part(point.0.1, top, tall), part(point.0.0, left, wide));
            parts[row.min(PARTS - 1) * PARTS + column.min(PARTS - 1)].push(*point);
        }
        let least = (self.all.len() / (4 * PARTS * PARTS)).max(12);
        let mut away: Vec<f64> = Vec::new();
        for part in parts.iter().filter(|part| part.len() >= least) {
            if correlation(part.iter(), map, onto, (0.0, 0.0)).1 < 0.6 {
                continue;
            }
            let steps = (REACH / self.step.max(0.5)).round() as i32;
            let mut best = (f64::NEG_INFINITY, 0.0);
            for down in -steps..=steps {
                for across in -steps..=steps {
                    let by = (
                        f64::from(across) * REACH / f64::from(steps),
                        f64::from(down) * REACH / f64::from(steps),
                    );
                    let distance = by.0.hypot(by.1);
                    // Of shifts alike along a straight bone, the nearest.
                    let fit = correlation(part.iter(), map, onto, by).0 - 0.01 * distance;
                    if fit > best.0 {
                        best = (fit, distance);
                    }
                }
            }
            away.push(best.1);
        }
        if away.is_empty() {
            return (0.0, REACH);
        }
        away.sort_by(f64::total_cmp);
        let near = away.iter().filter(|away| **away <= Registration::NEAR_MM).count();
        (near as f64 / away.len() as f64, away[away.len() / 2])
    }
}

/// Correlation of the gradients of `points` with those of `onto` where `map` puts them, moved `by`; and the share of points
/// that lie in the other picture.
fn correlation<'a>(
    points: impl ExactSizeIterator<Item = &'a ((f64, f64), (f32, f32))>,
    map: &Affine,
    onto: &Edges,
    by: (f64, f64),
) -> (f64, f64) {
    let count = points.len();
    let turn = (map.yx - map.xy).atan2(map.xx + map.yy);
    let (sine, cosine) = (turn.sin() as f32, turn.cos() as f32);
    let (mut product, mut own, mut other, mut inside) = (0.0_f64, 0.0_f64, 0.0_f64, 0_usize);
    for (place, (x, y)) in points {
        let (u, v) = map.at(*place);
        let Some((gx, gy)) = onto.at((u + by.0, v + by.1)) else {
            continue;
        };
        let turned = (x * cosine - y * sine, x * sine + y * cosine);
        inside += 1;
        product += f64::from(turned.0 * gx + turned.1 * gy);
        own += f64::from(x * x + y * y);
        other += f64::from(gx * gx + gy * gy);
    }
    let size = (own * other).sqrt();
    (
        if size > 0.0 { product / size } else { 0.0 },
        inside as f64 / count.max(1) as f64,
    )
}

/// The best shift of every turn and scale, the most promising of them.
fn promising(from: &Edges, onto: &Edges, points: &Points) -> Vec<Pose> {
    let step = onto.step();
    let (rows, columns) = onto.seen.dim();
    let (from_rows, from_columns) = from.seen.dim();
    let longest = [rows, columns, from_rows, from_columns].into_iter().max().unwrap_or(2);
    let side = (longest * 5 / 4).next_power_of_two().max(16);
    let fourier = Fourier::new(side);
    let mut target = vec![(0.0, 0.0); side * side];
    for ((row, column), x) in onto.across.indexed_iter() {
        target[row * side + column] = strong((*x, onto.down[(row, column)]));
    }
    fourier.forward(&mut target);
    // The middle of the prior picture is laid on the middle of the current one, then shifted.
    let centre = onto.place(rows / 2, columns / 2);
    let mut found: Vec<(f64, Pose)> = Vec::new();
    let turns = (TURN.0 / TURN.1) as i32;
    for turn in -turns..=turns {
        for nth in 0..SCALE.2 {
            let pose = Pose {
                turn: (f64::from(turn) * TURN.1).to_radians(),
                growth: (SCALE.0 * SCALE.1.powi(nth as i32)).ln(),
                to: centre,
                shear: [0.0; 2],
            };
            let Some(drawn) = drawn(from, onto, &pose.about(points.middle), fourier.side()) else {
                continue;
            };
            let mut drawn = drawn;
            let energy: f32 = drawn.iter().map(|(x, y)| x * x + y * y).sum();
            fourier.forward(&mut drawn);
            let correlation = fourier.correlation(&target, &drawn);
            let Some(at) = (0..correlation.len()).max_by(|a, b| correlation[*a].total_cmp(&correlation[*b])) else {
                continue;
            };
            let signed = |shift: usize| {
                if shift > side / 2 {
                    shift as f64 - side as f64
                } else {
                    shift as f64
                }
            };
            let to = (centre.0 + signed(at % side) * step, centre.1 + signed(at / side) * step);
            let fit = f64::from(correlation[at]) / f64::from(energy).sqrt().max(1e-9);
            found.push((fit, Pose { to, ..pose }));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Neighbours of one that is taken lead to the same place.
    let mut taken: Vec<Pose> = Vec::new();
    for (_, pose) in found {
        let near = |other: &Pose| {
            (other.turn - pose.turn).abs() < 1.5 * TURN.1.to_radians()
                && (other.growth - pose.growth).abs() < 1.5 * SCALE.1.ln()
                && (other.to.0 - pose.to.0).hypot(other.to.1 - pose.to.1) < 4.0 * step
        };
        if taken.len() < PROMISING && !taken.iter().any(near) {
            taken.push(pose);
        }
    }
    taken
}

/// Nothing where it is weak: most of a picture is, and all of it together would outweigh the edges.
fn strong((x, y): (f32, f32)) -> (f32, f32) {
    let size = x.hypot(y);
    let left = ((size - WEAK) / (1.0 - WEAK)).max(0.0) / size.max(f32::MIN_POSITIVE);
    (left * x, left * y)
}

/// The gradients of `from` under `map` on the cells of `onto`, in a square of `side`; `None` if `map` has no way back.
fn drawn(from: &Edges, onto: &Edges, map: &Affine, side: usize) -> Option<Vec<Complex>> {
    let back = map.inverse()?;
    let turn = map.turn_deg().to_radians();
    let (sine, cosine) = (turn.sin() as f32, turn.cos() as f32);
    let mut drawn = vec![(0.0, 0.0); side * side];
    for (row, line) in drawn.chunks_exact_mut(side).enumerate() {
        for (column, cell) in line.iter_mut().enumerate() {
            if let Some(gradient) = from.at(back.at(onto.place(row, column))) {
                let (x, y) = strong(gradient);
                *cell = (x * cosine - y * sine, x * sine + y * cosine);
            }
        }
    }
    Some(drawn)
}
