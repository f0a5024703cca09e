//! Takes from a picture what it owes to depth below the skin.
//!
//! Within a few millimetres of the skin a limb gets thick, and its picture bright, as steeply as at the edge of a deposit; both
//! pictures show that edge at the same place, so it passes for a deposit that has not changed. Along the skin the ground hardly
//! changes: what is usual at a depth beside a deposit is the ground under it.

use super::least_squares::{median, product, settled};
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// Skin farther away than this does no harm, mm.
const NEAR_MM: f64 = 4.0;
/// How far along the skin beyond the deposit the ground is looked at, and how much deeper than it, mm.
const ALONG_MM: f64 = 7.0;
const DEEPER_MM: f64 = 4.0;
/// How far outside the skin the picture is still blurred, mm.
const OUTSIDE_MM: f64 = 2.0;
/// Width of a layer that has one depth, mm; a pixel at least, or some would be empty.
const LAYER_MM: f64 = 0.25;
/// This close to a deposit there is no ground, mm.
const BLUR_MM: f64 = 0.8;
/// The skin is within this distance of where the scene has it, mm.
const COARSE_MM: f64 = 2.5;
/// Standard deviation of the smoothing by which the skin is found, mm.
const SMOOTH_MM: f64 = 0.4;
/// A skin that strays more than this from a smooth curve is none, mm.
const ROUGH_MM: f64 = 0.4;
/// Fewest pixels of a skin, and of a layer.
const LEAST: usize = 12;

/// What is in a window of a picture.
pub(super) struct Window<'a> {
    /// The deposit that is looked at.
    pub(super) deposit: &'a Mask,
    /// What is no ground: other deposits, and what the picture does not have.
    pub(super) hidden: &'a Mask,
    /// Air in the exposed field, roughly.
    pub(super) air: &'a Mask,
    pub(super) pixel_mm: f64,
}

/// The skin as a curve over the direction it runs in.
struct Skin {
    middle: (f64, f64),
    /// Along the skin, and from it into the body; both of length one.
    along: (f64, f64),
    inward: (f64, f64),
    curve: [f64; 4],
}

impl Skin {
    /// How far along the skin, and how deep below it, in pixels.
    fn place(&self, row: f64, column: f64) -> (f64, f64) {
        let (down, across) = (row - self.middle.0, column - self.middle.1);
        let along = down * self.along.0 + across * self.along.1;
        let inward = down * self.inward.0 + across * self.inward.1;
        let [_, first, second, third] = self.curve;
        let slope = first + along * (2.0 * second + along * 3.0 * third);
        let height = product(&powers(along), &self.curve);
        (along, (inward - height) / (1.0 + slope * slope).sqrt())
    }
}

impl Window<'_> {
    /// `picture` as it would be without the skin; `None` if none is near the deposit, or it cannot be followed.
    pub(super) fn flattened(&self, picture: &Array2<f32>) -> Option<Array2<f32>> {
        if self.air.count() == 0 {
            return None;
        }
        let away = |mask: &Mask| {
            let squared = morphology::squared_distance_to(mask, [self.pixel_mm, self.pixel_mm]);
            squared.mapv(|squared| f64::from(squared).sqrt())
        };
        let from_air = away(self.air);
        let inside: Vec<(usize, usize)> = places(self.deposit);
        if !inside.iter().any(|place| from_air[*place] <= NEAR_MM) {
            return None;
        }
        let from_deposit = away(self.deposit);
        let skin = self.skin(picture, &from_air, &from_deposit, &inside)?;
        let placed = |(row, column): (usize, usize)| {
            let (along, deep) = skin.place(row as f64, column as f64);
            (along * self.pixel_mm, deep * self.pixel_mm)
        };
        // The layers, from outside the skin to below the deposit.
        let spans: Vec<(f64, f64)> = inside.iter().map(|place| placed(*place)).collect();
        let range = |of: fn(&(f64, f64)) -> f64| {
            let all = spans.iter().map(of);
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let (alongs, depths) = (range(|span| span.0), range(|span| span.1));
        let layer_mm = LAYER_MM.max(self.pixel_mm);
        let count = ((depths.1 + DEEPER_MM + OUTSIDE_MM) / layer_mm).ceil() as usize + 1;
        let mut layers: Vec<Vec<([f64; 2], f64)>> = vec![Vec::new(); count];
        for (place, value) in picture.indexed_iter() {
            let (along, deep) = placed(place);
            let nth = ((deep + OUTSIDE_MM) / layer_mm).floor();
            let beside = along >= alongs.0 - ALONG_MM && along <= alongs.1 + ALONG_MM;
            if beside
                && nth >= 0.0
                && (nth as usize) < count
                && from_deposit[place] > BLUR_MM
                && !self.hidden.get(place.0, place.1)
            {
                layers[nth as usize].push(([1.0, along], f64::from(*value)));
            }
        }
        let lines: Vec<[f64; 2]> = layers.iter().map(|layer| line(layer)).collect::<Option<_>>()?;
        let usual = |along: f64, deep: f64| {
            // Layers are told at their middles.
            let at = ((deep + OUTSIDE_MM) / layer_mm - 0.5).clamp(0.0, count as f64 - 1.0);
            let (nth, part) = (at as usize, at.fract());
            let along = along.clamp(alongs.0 - ALONG_MM, alongs.1 + ALONG_MM);
            let told = |nth: usize| product(&[1.0, along], &lines[nth.min(count - 1)]);
            told(nth) * (1.0 - part) + told(nth + 1) * part
        };
        let level = usual(0.5 * (alongs.0 + alongs.1), depths.1 + DEEPER_MM);
        Some(Array2::from_shape_fn(picture.dim(), |place| {
            let (along, deep) = placed(place);
            (f64::from(picture[place]) - usual(along, deep) + level) as f32
        }))
    }

    /// The skin beside the deposit, by where the picture is as bright as it is on the edge of the body as the scene has it.
    fn skin(
        &self,
        picture: &Array2<f32>,
        from_air: &Array2<f64>,
        from_deposit: &Array2<f64>,
        inside: &[(usize, usize)],
    ) -> Option<Skin> {
        let near: f64 = inside
            .iter()
            .map(|place| from_air[*place])
            .fold(f64::INFINITY, f64::min);
        let beside =
            |place: (usize, usize)| from_deposit[place] <= near + ALONG_MM && !self.hidden.get(place.0, place.1);
        let smooth = morphology::gaussian(picture.view(), SMOOTH_MM / self.pixel_mm);
        let (rows, columns) = picture.dim();
        // Air with a neighbour that is none.
        let edge = |on: &dyn Fn((usize, usize)) -> bool| -> Vec<(usize, usize)> {
            let mut edge = Vec::new();
            for row in 1..rows.saturating_sub(1) {
                for column in 1..columns.saturating_sub(1) {
                    let around = [
                        (row - 1, column),
                        (row + 1, column),
                        (row, column - 1),
                        (row, column + 1),
                    ];
                    if beside((row, column)) && on((row, column)) && around.into_iter().any(|place| !on(place)) {
                        edge.push((row, column));
                    }
                }
            }
            edge
        };
        let coarse = edge(&|place| self.air.get(place.0, place.1));
        if coarse.len() < LEAST {
            return None;
        }
        let level = median(coarse.iter().map(|place| f64::from(smooth[*place])));
        let mut outline = Mask::empty((rows, columns));
        for &(row, column) in &coarse {
            outline.set(row, column, true);
        }
        let reach = (COARSE_MM / self.pixel_mm).powi(2) as f32;
        let from_outline = morphology::squared_distance_to(&outline, [1.0, 1.0]);
        let mut fine = edge(&|place| f64::from(smooth[place]) < level);
        fine.retain(|place| from_outline[*place] <= reach && from_deposit[*place] > 0.0);
        if fine.len() < LEAST {
            return None;
        }
        let count = |places: &[(usize, usize)]| places.len() as f64;
        let mean = |places: &[(usize, usize)]| {
            let sum = places.iter().fold((0.0, 0.0), |sum, place| {
                (sum.0 + place.0 as f64, sum.1 + place.1 as f64)
            });
            (sum.0 / count(places), sum.1 / count(places))
        };
        let (middle, body) = (mean(&fine), mean(inside));
        let (mut rr, mut rc, mut cc) = (0.0, 0.0, 0.0);
        for place in &fine {
            let (down, across) = (place.0 as f64 - middle.0, place.1 as f64 - middle.1);
            rr += down * down;
            rc += down * across;
            cc += across * across;
        }
        let (sine, cosine) = (0.5 * (2.0 * rc).atan2(rr - cc)).sin_cos();
        let along = (cosine, sine);
        let sign = if (body.0 - middle.0) * -sine + (body.1 - middle.1) * cosine < 0.0 {
            -1.0
        } else {
            1.0
        };
        let inward = (-sine * sign, cosine * sign);
        let points: Vec<([f64; 4], f64)> = fine
            .iter()
            .map(|place| {
                let (down, across) = (place.0 as f64 - middle.0, place.1 as f64 - middle.1);
                let at = down * along.0 + across * along.1;
                (powers(at), down * inward.0 + across * inward.1)
            })
            .collect();
        let (curve, spread) = settled(&points);
        (spread * self.pixel_mm <= ROUGH_MM).then_some(Skin {
            middle,
            along,
            inward,
            curve,
        })
    }
}

/// The line through what is usual in a layer: a value and its rise per mm along the skin.
fn line(layer: &[([f64; 2], f64)]) -> Option<[f64; 2]> {
    (layer.len() >= LEAST).then(|| settled(layer).0)
}

fn powers(at: f64) -> [f64; 4] {
    [1.0, at, at * at, at * at * at]
}

fn places(mask: &Mask) -> Vec<(usize, usize)> {
    let (rows, columns) = mask.shape();
    let all = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    all.filter(|place| mask.get(place.0, place.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{SHAPE, deposit, noise, patch, region};
    use super::Window;
    use crate::morphology;
    use crate::radiograph::Mask;
    use ndarray::Array2;

    const PIXEL_MM: f64 = 0.2;
    /// Its edge is 1 mm off the skin.
    const PLACE: (f64, f64) = (60.0, 40.0);

    /// Pixels below a skin that bends, at column 28 in the middle.
    fn depth(row: usize, column: usize) -> f32 {
        column as f32 - 28.0 - 3.0 * ((row as f32 - 60.0) / 60.0).powi(2)
    }

    /// A limb, ever thicker from the skin on, as a look that compresses more (`power` less) or less shows it; blurred.
    fn limb(height: f32, power: f32) -> Array2<f32> {
        let sharp = Array2::from_shape_fn(SHAPE, |(r, c)| {
            let thick = (depth(r, c).max(0.0) / 100.0).sqrt();
            300.0 + height * thick.powf(power) + 2.0 * r as f32
        });
        morphology::gaussian(sharp.view(), 1.0)
    }

    /// Air as the scene has it: in blocks of 5 x 5 pixels.
    fn air() -> Mask {
        let out = Array2::from_shape_fn(SHAPE, |(r, c)| depth(r / 5 * 5 + 2, c / 5 * 5 + 2) < 0.0);
        Mask::from_fn(out.view(), |out| *out)
    }

    fn flattened(picture: &Array2<f32>, seed: &Array2<f32>, air: &Mask) -> Option<Array2<f32>> {
        flattened_at(PIXEL_MM, picture, seed, air)
    }

    fn flattened_at(pixel_mm: f64, picture: &Array2<f32>, seed: &Array2<f32>, air: &Mask) -> Option<Array2<f32>> {
        let window = Window {
            deposit: &Mask::from_fn(seed.view(), |height| *height > 0.3),
            hidden: &Mask::empty(SHAPE),
            air,
            pixel_mm,
        };
        window.flattened(picture)
    }

    #[test]
    fn the_ground_below_the_skin_is_flat_and_the_deposit_stays() {
        let own = deposit(1.0, PLACE);
        let picture = limb(3000.0, 0.7) + &own * 200.0 + noise(1) * 8.0;
        let flat = flattened(&picture, &own, &air()).unwrap();
        let ground = &flat - &(&own * 200.0);
        let near = || (40..80).flat_map(|r| (30..50).map(move |c| (r, c)));
        let mean = near().map(|place| ground[place]).sum::<f32>() / near().count() as f32;
        for place in near() {
            assert!(
                (ground[place] - mean).abs() < 40.0,
                "{place:?}: {} of {mean}",
                ground[place]
            );
        }
        // Before, it rose by several times the deposit's height.
        assert!(picture[(60, 50)] - picture[(60, 30)] > 600.0);
    }

    #[test]
    fn a_deposit_below_the_skin_is_told_to_have_grown() {
        let close = (60.0, 38.0);
        let (before, now) = (deposit(0.5, close), deposit(1.0, close));
        let prior = limb(3000.0, 0.9) + &before * 200.0 + noise(1) * 8.0;
        let current = limb(2000.0, 1.1) + &now * 150.0 + noise(2) * 8.0;
        let growth = |[prior, current]: [Array2<f32>; 2]| patch(prior, current).growth(&region(&now)).unwrap();
        let air = air();
        let flat = growth([&prior, &current].map(|picture| flattened(picture, &now, &air).unwrap()));
        // Blur does not shrink with what it blurs.
        assert!(
            (flat.log - 2.0_f64.ln()).abs() < 0.15 && flat.explained > 0.8,
            "{flat:?}"
        );
        // The skin is where it was, and passes for a part of the deposit.
        let bent = growth([prior, current]);
        assert!(bent.log < 0.2, "{bent:?}");
    }

    #[test]
    fn a_coarse_picture_of_a_straight_skin_has_no_empty_layer() {
        let own = deposit(1.0, PLACE);
        let straight = Array2::from_shape_fn(SHAPE, |(_, c)| 300.0 + 300.0 * (c as f32 - 28.0).max(0.0).sqrt());
        let air = Mask::from_fn(straight.view(), |value| *value <= 300.0);
        let flat = flattened_at(0.4, &(&straight + &own * 200.0), &own, &air).unwrap();
        assert!((flat[(30, 50)] - flat[(30, 36)]).abs() < 60.0);
    }

    #[test]
    fn without_a_skin_nothing_is_taken() {
        let own = deposit(1.0, PLACE);
        let picture = limb(3000.0, 0.7) + &own * 200.0;
        assert!(flattened(&picture, &own, &Mask::empty(SHAPE)).is_none());
        // Too deep to be disturbed.
        let deep = deposit(1.0, (60.0, 75.0));
        assert!(flattened(&picture, &deep, &air()).is_none());
    }
}
