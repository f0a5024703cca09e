//! By what factor a deposit has changed, told by laying one picture of it, enlarged, on the other.
//!
//! An outline hangs on what the ground under the deposit is believed to be, and ground that bends under a compressing look makes
//! one of two outlines too large. Laid on each other the pictures need no ground known beforehand: the one is the other's deposit,
//! enlarged and with a contrast of its own, on what else the other shows, on a smooth surface.

use super::least_squares::{Solution, Sums};
use super::patch::{Patch, Side};
use crate::label::Region;
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// Cells across a deposit, about.
const FINE: f64 = 32.0;
/// How far around a deposit the pictures are laid on each other: mm, and a share of its diameter.
const AROUND: (f64, f64) = (1.5, 0.25);
/// How far beyond its region a deposit may reach: mm, and a share of its diameter; and over how much more it fades, mm.
const BEYOND: (f64, f64) = (0.5, 0.1);
const FADE_MM: f64 = 0.4;
/// This close to a deposit there is no ground, and this close to another one neither, mm.
const BLUR_MM: f64 = 0.6;
const OFF_OTHERS_MM: f64 = 0.4;
/// This far around a deposit the ground is its own, from and to, mm. What is darker than all but this share of it by more than the
/// deposit's height lies beyond the skin.
const CLOSE_MM: (f64, f64) = (0.2, 0.8);
const DARKEST: f64 = 0.05;
/// Fewest cells of ground.
const LEAST: usize = 60;
/// Steps of the logarithm of the factor on the area, and how many to either side of 1.
const STEP: f64 = 0.15;
const STEPS: i32 = 12;
/// How often the grounds are drawn again after the pictures were laid on each other.
const ROUNDS: usize = 2;
/// Noise that is not seen in what is left: grains of texture, and errors that both pictures share (settled on synthetic pairs).
const CAUTION: f64 = 2.0;

/// Terms of a surface of the third degree: towards the skin the ground falls ever more steeply.
const SURFACE: usize = 10;
/// The deposit, its slopes down and across, and what else the other picture shows.
const OWN: usize = 4;
const ALL: usize = OWN + SURFACE;

/// How a deposit of one picture lies on that of the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    /// Natural logarithm of the current area over the prior one.
    pub(super) log: f64,
    /// One standard deviation of it.
    pub(super) deviation: f64,
    /// Share of either picture's deposit that the other one explains, the lesser of both.
    pub(super) explained: f64,
    /// The middle of the deposit in the prior and in the current picture, row and column on the prior grid.
    pub(super) middles: [(f64, f64); 2],
}

/// Both pictures around a deposit on a coarser grid.
struct Laid {
    pictures: [Array2<f64>; 2],
    /// What is compared.
    window: Vec<(usize, usize)>,
    /// Around the deposit.
    ring: Vec<(usize, usize)>,
    /// 1 on the deposit, 0 away from it.
    support: Array2<f64>,
    /// Pixels along the side of a cell, and the pixel of the first one's corner on the prior grid.
    factor: usize,
    corner: (f64, f64),
    /// Independent cells of the window.
    independent: f64,
}

/// A picture taken apart.
struct Parts {
    deposit: Array2<f64>,
    /// What else it shows.
    rest: Array2<f64>,
    middle: (f64, f64),
}

impl Laid {
    fn around(patch: &Patch, seed: &Region) -> Option<Self> {
        let seed = patch.cut(seed)?;
        let diameter = (4.0 * seed.area() as f64 / std::f64::consts::PI).sqrt();
        let factor = ((diameter / FINE) as usize).max(1);
        let diameter_mm = diameter * patch.pixel_mm;
        let cell_mm = patch.pixel_mm * factor as f64;
        let coarser = |mask: &Mask, least: f32| {
            let on = mask.to_array().mapv(|on| f32::from(u8::from(on)));
            Mask::from_fn(morphology::downsample(on.view(), factor).view(), |share| *share > least)
        };
        let deposit = coarser(&seed.to_mask(patch.seen.shape()), 0.49);
        if deposit.count() == 0 {
            return None;
        }
        let mut hidden = Mask::from_fn(patch.seen.to_array().view(), |seen| !seen);
        hidden.unite(&patch.others);
        let mut hidden = morphology::dilate_mask(&coarser(&hidden, 0.1), (OFF_OTHERS_MM / cell_mm).round().max(1.0));
        hidden.subtract(&deposit);
        let away =
            morphology::squared_distance_to(&deposit, [cell_mm, cell_mm]).mapv(|squared| f64::from(squared).sqrt());
        let around = AROUND.0 + AROUND.1 * diameter_mm;
        // Room to shift and enlarge.
        let room = |(_, away): &((usize, usize), &f64)| **away <= around + 2.0;
        let (mut top, mut left, mut bottom, mut right) = (usize::MAX, usize::MAX, 0, 0);
        for ((row, column), _) in away.indexed_iter().filter(room) {
            (top, left) = (top.min(row), left.min(column));
            (bottom, right) = (bottom.max(row + 1), right.max(column + 1));
        }
        let shape = (bottom - top, right - left);
        let cut = |map: &Array2<f64>| Array2::from_shape_fn(shape, |(row, column)| map[(row + top, column + left)]);
        let away = cut(&away);
        let places = |keep: &dyn Fn(f64) -> bool| -> Vec<(usize, usize)> {
            away.indexed_iter()
                .filter(|&((row, column), &away)| keep(away) && !hidden.get(row + top, column + left))
                .map(|(place, _)| place)
                .collect()
        };
        let window = places(&|away| away <= around);
        let ring = places(&|away| away > BLUR_MM && away <= around);
        let reach = BEYOND.0 + BEYOND.1 * diameter_mm;
        // Smoothing makes neighbours alike.
        let alike = 4.0 * std::f64::consts::PI * (patch.sigma / factor as f64).powi(2);
        let mut laid = Self {
            pictures: patch
                .smooth
                .each_ref()
                .map(|smooth| cut(&morphology::downsample(smooth.view(), factor).mapv(f64::from))),
            independent: 0.0,
            window,
            ring,
            support: away.mapv(|away| (1.0 - (away - reach) / FADE_MM).clamp(0.0, 1.0)),
            factor,
            corner: (
                (top * factor) as f64 + f64::from(patch.top),
                (left * factor) as f64 + f64::from(patch.left),
            ),
        };
        let close = places(&|away| away > CLOSE_MM.0 && away <= CLOSE_MM.1);
        let inside = places(&|away| away <= 0.0);
        laid.keep_off_the_skin(&close, &inside);
        laid.independent = laid.window.len() as f64 / alike.max(1.0);
        (laid.ring.len() >= LEAST).then_some(laid)
    }

    /// Leaves out what is far darker than the ground `close` to the deposit: no surface follows it beyond the skin.
    fn keep_off_the_skin(&mut self, close: &[(usize, usize)], inside: &[(usize, usize)]) {
        if close.is_empty() || inside.is_empty() {
            return;
        }
        let mut beyond = Mask::empty(self.support.dim());
        for picture in &self.pictures {
            let sorted = |places: &[(usize, usize)]| {
                let mut values: Vec<f64> = places.iter().map(|place| picture[*place]).collect();
                values.sort_by(f64::total_cmp);
                values
            };
            let (close, inside) = (sorted(close), sorted(inside));
            let height = inside[inside.len() * 85 / 100] - close[close.len() / 2];
            let least = close[(DARKEST * close.len() as f64) as usize] - height.max(0.0);
            for ((place, value), support) in picture.indexed_iter().zip(&self.support) {
                if *value < least && *support <= 0.0 {
                    beyond.set(place.0, place.1, true);
                }
            }
        }
        // Its edge is blurred.
        let beyond = morphology::dilate_mask(&beyond, 1.0);
        let keep = |places: &[(usize, usize)]| -> Vec<(usize, usize)> {
            places
                .iter()
                .copied()
                .filter(|place| !beyond.get(place.0, place.1))
                .collect()
        };
        let ring = keep(&self.ring);
        if ring.len() >= LEAST {
            self.ring = ring;
            self.window = keep(&self.window);
        }
    }

    fn basis(&self, (row, column): (usize, usize)) -> [f64; SURFACE] {
        let (rows, columns) = self.support.dim();
        let reach = 0.5 * rows.max(columns) as f64;
        let (y, x) = (
            (row as f64 - 0.5 * rows as f64) / reach,
            (column as f64 - 0.5 * columns as f64) / reach,
        );
        [
            1.0,
            y,
            x,
            y * y,
            y * x,
            x * x,
            y * y * y,
            y * y * x,
            y * x * x,
            x * x * x,
        ]
    }

    fn surface(&self, terms: &[f64]) -> Array2<f64> {
        Array2::from_shape_fn(self.support.dim(), |place| {
            self.basis(place).iter().zip(terms).map(|(own, term)| own * term).sum()
        })
    }

    /// The surface through `values` at `places`.
    fn through(&self, places: &[(usize, usize)], values: &Array2<f64>) -> Array2<f64> {
        let rows = places.iter().map(|&place| (self.basis(place), values[place]));
        self.surface(&Sums::of(rows).solved().factors)
    }

    /// The ground of a picture by what lies around the deposit, without what strays.
    fn ground(&self, picture: &Array2<f64>) -> Array2<f64> {
        let mut ground = self.through(&self.ring, picture);
        let mut kept: Vec<(usize, usize)> = self.ring.clone();
        for _ in 0..2 {
            let residue = |place: &(usize, usize)| (picture[*place] - ground[*place]).abs();
            let spread = (kept.iter().map(|place| residue(place).powi(2)).sum::<f64>() / kept.len() as f64).sqrt();
            let near: Vec<_> = self
                .ring
                .iter()
                .copied()
                .filter(|place| residue(place) <= 2.0 * spread)
                .collect();
            if near.len() < LEAST / 2 {
                break;
            }
            kept = near;
            ground = self.through(&kept, picture);
        }
        ground
    }

    /// A picture as its deposit above `ground` and the rest; `None` if nothing stands out.
    fn parts(&self, picture: &Array2<f64>, ground: &Array2<f64>) -> Option<Parts> {
        let deposit = (picture - ground) * &self.support;
        let rest = picture - &deposit;
        let rest = &rest - &self.through(&self.window, &rest);
        let highest = deposit.iter().copied().fold(0.0, f64::max);
        let (mut weight, mut row, mut column) = (0.0, 0.0, 0.0);
        for ((r, c), &height) in deposit.indexed_iter() {
            let height = height * self.support[(r, c)];
            if height > 0.2 * highest {
                weight += height;
                row += height * r as f64;
                column += height * c as f64;
            }
        }
        (weight > 0.0).then(|| Parts {
            deposit,
            rest,
            middle: (row / weight, column / weight),
        })
    }

    /// The deposit with the factor `exp(log)` on its area, its middle at `to`.
    fn enlarged(&self, parts: &Parts, to: (f64, f64), log: f64) -> Array2<f64> {
        let by = (-0.5 * log).exp();
        let from = parts.middle;
        Array2::from_shape_fn(self.support.dim(), |(row, column)| {
            between(
                &parts.deposit,
                (from.0 + (row as f64 - to.0) * by, from.1 + (column as f64 - to.1) * by),
            )
        })
    }

    /// One picture's deposit laid on the other picture.
    fn laid(&self, parts: &Parts, onto: &Array2<f64>, to: (f64, f64), log: f64) -> Solution<ALL> {
        let deposit = self.enlarged(parts, to, log);
        let (rows, columns) = deposit.dim();
        let slope = |before: (usize, usize), after: (usize, usize), cells: usize| {
            (deposit[after] - deposit[before]) / cells.max(1) as f64
        };
        let level = self.level(onto);
        let each = self.window.iter().map(|&(row, column)| {
            let (above, below) = (row.saturating_sub(1), (row + 1).min(rows - 1));
            let (left, right) = (column.saturating_sub(1), (column + 1).min(columns - 1));
            let own = [
                deposit[(row, column)],
                slope((above, column), (below, column), below - above),
                slope((row, left), (row, right), right - left),
                parts.rest[(row, column)],
            ];
            let basis = self.basis((row, column));
            (
                std::array::from_fn(|nth| if nth < OWN { own[nth] } else { basis[nth - OWN] }),
                onto[(row, column)] - level,
            )
        });
        Sums::of(each).solved()
    }

    /// What is left of a picture without the deposit.
    fn without(&self, parts: &Parts, onto: &Array2<f64>) -> f64 {
        let level = self.level(onto);
        let each = self.window.iter().map(|&place| {
            let basis = self.basis(place);
            let columns: [f64; 1 + SURFACE] = std::array::from_fn(|nth| match nth {
                0 => parts.rest[place],
                _ => basis[nth - 1],
            });
            (columns, onto[place] - level)
        });
        Sums::of(each).solved().left
    }

    /// A value to count from, so that sums stay small.
    fn level(&self, picture: &Array2<f64>) -> f64 {
        self.window.iter().map(|place| picture[*place]).sum::<f64>() / self.window.len() as f64
    }

    /// The share of what stands out that `laid` explains; negative if it would have to be turned over.
    fn explained(&self, laid: &Solution<ALL>, without: f64) -> f64 {
        let share = 1.0 - laid.left / without.max(f64::MIN_POSITIVE);
        if laid.factors[0] > 0.0 { share } else { -share }
    }

    /// A place of the grid on the prior one.
    fn placed(&self, (row, column): (f64, f64)) -> (f64, f64) {
        let inside = |cell: f64| (cell + 0.5) * self.factor as f64 - 0.5;
        (self.corner.0 + inside(row), self.corner.1 + inside(column))
    }
}

/// Bilinear, zero outside.
fn between(values: &Array2<f64>, (row, column): (f64, f64)) -> f64 {
    let (rows, columns) = values.dim();
    if !(row >= 0.0 && column >= 0.0 && row <= rows as f64 - 1.0 && column <= columns as f64 - 1.0) {
        return 0.0;
    }
    let (r, c) = (row as usize, column as usize);
    let (below, beside) = ((r + 1).min(rows - 1), (c + 1).min(columns - 1));
    let (v, u) = (row - r as f64, column - c as f64);
    (values[(r, c)] * (1.0 - u) + values[(r, beside)] * u) * (1.0 - v)
        + (values[(below, c)] * (1.0 - u) + values[(below, beside)] * u) * v
}

impl Patch {
    /// How the deposit around `seed` has changed, if both pictures show it; `None` where they do not tell.
    pub(super) fn growth(&self, seed: &Region) -> Option<Growth> {
        let laid = Laid::around(self, seed)?;
        let [prior, current] = &laid.pictures;
        let mut grounds = [laid.ground(prior), laid.ground(current)];
        let mut growth = None;
        for _ in 0..ROUNDS {
            let parts = [laid.parts(prior, &grounds[0])?, laid.parts(current, &grounds[1])?];
            let both = |log: f64| {
                [
                    laid.laid(&parts[0], current, parts[1].middle, log),
                    laid.laid(&parts[1], prior, parts[0].middle, -log),
                ]
            };
            // The logarithm of what is left of both; a deposit turned over is none.
            let misfit = |log: f64| -> f64 {
                both(log)
                    .iter()
                    .map(|laid| {
                        let over = if laid.factors[0] > 0.0 { 1.0 } else { 4.0 };
                        (over * laid.left).max(f64::MIN_POSITIVE).ln()
                    })
                    .sum()
            };
            let misfits: Vec<f64> = (-STEPS..=STEPS).map(|step| misfit(f64::from(step) * STEP)).collect();
            let best = (0..misfits.len()).min_by(|a, b| misfits[*a].total_cmp(&misfits[*b]))?;
            if best == 0 || best + 1 == misfits.len() {
                return None;
            }
            // The bottom of the parabola through the three.
            let [before, at, after] = [misfits[best - 1], misfits[best], misfits[best + 1]];
            let bend = before - 2.0 * at + after;
            if bend <= 0.0 {
                return None;
            }
            let log = STEP * (best as f64 - f64::from(STEPS) + 0.5 * (before - after) / bend);
            let fits = both(log);
            let pictures = [current, prior];
            let explained = (0..2).map(|nth| laid.explained(&fits[nth], laid.without(&parts[nth], pictures[nth])));
            growth = Some(Growth {
                log,
                // Each sum of squares tells as much as half the cells of it do.
                deviation: CAUTION * (4.0 * STEP * STEP / (laid.independent * bend)).sqrt(),
                explained: explained.fold(f64::INFINITY, f64::min),
                middles: [laid.placed(parts[0].middle), laid.placed(parts[1].middle)],
            });
            // The ground under a deposit is known better now that the deposit is.
            for (nth, fit) in fits.iter().enumerate() {
                let mut ground = laid.surface(&fit.factors[OWN..]);
                ground.scaled_add(fit.factors[OWN - 1], &parts[nth].rest);
                ground += laid.level(pictures[nth]);
                grounds[1 - nth] = ground;
            }
        }
        growth
    }

    /// How much of what stands out around `seed` in the other picture is what the picture `of` shows there, unchanged: up to 1;
    /// not above 0 if there is nothing like it. `None` where that cannot be told.
    pub(super) fn likeness(&self, seed: &Region, of: Side) -> Option<f64> {
        let laid = Laid::around(self, seed)?;
        let [shows, other] = match of {
            Side::Prior => [&laid.pictures[0], &laid.pictures[1]],
            Side::Current => [&laid.pictures[1], &laid.pictures[0]],
        };
        let parts = laid.parts(shows, &laid.ground(shows))?;
        let fit = laid.laid(&parts, other, parts.middle, 0.0);
        Some(laid.explained(&fit, laid.without(&parts, other)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::patch::{Patch, Side};
    use crate::label::Region;
    use crate::radiograph::Mask;
    use ndarray::Array2;

    const SHAPE: (usize, usize) = (120, 130);

    /// An ellipse with soft edges, of `area` times 200 pixels, at a place.
    fn deposit(area: f64, (row, column): (f64, f64)) -> Array2<f32> {
        let by = area.sqrt();
        Array2::from_shape_fn(SHAPE, |(r, c)| {
            let away = ((r as f64 - row) / 11.0).hypot((c as f64 - column) / 5.8) / by;
            (1.0 / (1.0 + ((away - 1.0) * 6.0 * by).exp())) as f32
        })
    }

    /// Without a pattern; deterministic.
    fn noise(nth: usize) -> Array2<f32> {
        Array2::from_shape_fn(SHAPE, |(r, c)| {
            (((r * 7919 + c * 104_729 + nth * 31_337) * 2_654_435_761) >> 9) as f32 % 1000.0 / 1000.0 - 0.5
        })
    }

    fn patch(prior: Array2<f32>, current: Array2<f32>) -> Patch {
        Patch {
            top: 40,
            left: 30,
            smooth: [prior, current],
            seen: Mask::full(SHAPE),
            others: Mask::empty(SHAPE),
            pixel_mm: 0.2,
            sigma: 1.0,
        }
    }

    /// The pixels of a deposit on the grid that the patch is cut from.
    fn region(of: &Array2<f32>) -> Region {
        let mask = Array2::from_shape_fn((SHAPE.0 + 40, SHAPE.1 + 30), |(r, c)| {
            r >= 40 && c >= 30 && of[(r - 40, c - 30)] > 0.3
        });
        Region::from_mask(&Mask::from_fn(mask.view(), |on| *on)).unwrap()
    }

    /// Ground that falls to the skin, as a look that compresses bends it.
    fn ground(steep: f32) -> Array2<f32> {
        Array2::from_shape_fn(SHAPE, |(r, c)| {
            let x = (c as f32 - 20.0) / 100.0;
            2000.0 + 900.0 * steep * (1.0 - x * x) + 40.0 * (r as f32 / 20.0).sin()
        })
    }

    #[test]
    fn a_factor_on_the_area_is_told_whatever_the_ground_and_the_contrast() {
        for area in [0.45, 1.0, 1.06, 2.2] {
            let before = deposit(1.0, (60.0, 66.0));
            let now = deposit(area, (60.5, 65.0));
            let prior = ground(0.3) + &before * 90.0 + noise(1) * 8.0;
            let current = ground(1.4) * 0.7 + &now * 260.0 + noise(2) * 8.0;
            let seed = region(if area > 1.0 { &now } else { &before });
            let growth = patch(prior, current).growth(&seed).unwrap();
            // Blur does not shrink with what it blurs.
            assert!((growth.log - area.ln()).abs() < 0.1, "{area}: {growth:?}");
            assert!(growth.explained > 0.8 && growth.deviation < 0.1, "{growth:?}");
            let [from, to] = growth.middles;
            assert!((from.0 - 100.0).hypot(from.1 - 96.0) < 1.0, "{growth:?}");
            assert!((to.0 - 100.5).hypot(to.1 - 95.0) < 1.0, "{growth:?}");
        }
    }

    #[test]
    fn what_is_there_is_alike_and_what_is_not_is_not() {
        let before = deposit(1.0, (60.0, 66.0));
        let prior = ground(0.3) + &before * 90.0 + noise(1) * 8.0;
        let seed = region(&before);
        let same = patch(prior.clone(), ground(1.0) + &before * 40.0 + noise(2) * 8.0);
        assert!(same.likeness(&seed, Side::Prior).unwrap() > 0.8);
        let gone = patch(prior.clone(), ground(1.0) + noise(2) * 8.0);
        assert!(gone.likeness(&seed, Side::Prior).unwrap() < 0.2);
        let hollow = patch(prior, ground(1.0) - &before * 40.0 + noise(2) * 8.0);
        assert!(hollow.likeness(&seed, Side::Prior).unwrap() < 0.0);
    }
}
