//! Both pictures of a deposit on one coarser grid, and one of them, enlarged, laid on the other.

use super::least_squares::{Solution, Sums};
use super::patch::Patch;
use super::surface::{self, SURFACE};
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
/// The deposit, its slopes down and across, and what else the other picture shows.
pub(super) const OWN: usize = 4;
pub(super) const ALL: usize = OWN + SURFACE;

/// Both pictures around a deposit on a coarser grid.
pub(super) struct Laid {
    pub(super) pictures: [Array2<f64>; 2],
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
    pub(super) independent: f64,
}

/// A picture taken apart.
pub(super) struct Parts {
    deposit: Array2<f64>,
    /// What else it shows.
    pub(super) rest: Array2<f64>,
    pub(super) middle: (f64, f64),
}

impl Laid {
    pub(super) fn around(patch: &Patch, seed: &Region) -> Option<Self> {
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

    fn basis(&self, place: (usize, usize)) -> [f64; SURFACE] {
        surface::terms(self.support.dim(), place)
    }

    pub(super) fn surface(&self, terms: &[f64]) -> Array2<f64> {
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
    pub(super) fn ground(&self, picture: &Array2<f64>) -> Array2<f64> {
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
    pub(super) fn parts(&self, picture: &Array2<f64>, ground: &Array2<f64>) -> Option<Parts> {
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
    pub(super) fn laid(&self, parts: &Parts, onto: &Array2<f64>, to: (f64, f64), log: f64) -> Solution<ALL> {
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
    pub(super) fn without(&self, parts: &Parts, onto: &Array2<f64>) -> f64 {
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
    pub(super) fn level(&self, picture: &Array2<f64>) -> f64 {
        self.window.iter().map(|place| picture[*place]).sum::<f64>() / self.window.len() as f64
    }

    /// The share of what stands out that `laid` explains; negative if it would have to be turned over.
    pub(super) fn explained(&self, laid: &Solution<ALL>, without: f64) -> f64 {
        let share = 1.0 - laid.left / without.max(f64::MIN_POSITIVE);
        if laid.factors[0] > 0.0 { share } else { -share }
    }

    /// A place of the grid on the prior one.
    pub(super) fn placed(&self, (row, column): (f64, f64)) -> (f64, f64) {
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
