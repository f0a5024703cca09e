//! How high what one picture of a patch shows stands out in either picture.

use super::caliper::nearest;
use super::patch::{AROUND_MM, Patch, Side};
use crate::label::Region;
use crate::morphology::{self, Plane};
use ndarray::Array2;

impl Patch {
    /// How much of what `region` shows in the picture `of` is there in the other one: about 1 if it is the same, about 0 if
    /// nothing stands out there. The gain between the pictures is told by what lies around.
    pub(super) fn presence(&self, region: &Region, of: Side) -> Option<f64> {
        // If it has grown, what lies close to it is it.
        let diameter = (4.0 * region.area() as f64 / std::f64::consts::PI).sqrt() * self.pixel_mm;
        let beyond = [1.2, 1.2 + 0.35 * diameter].map(|near| self.presence_beyond(region, of, near));
        beyond.into_iter().flatten().reduce(f64::max)
    }

    fn presence_beyond(&self, region: &Region, of: Side, near_mm: f64) -> Option<f64> {
        let own = self.cut(region)?;
        let shape = self.seen.shape();
        let away = morphology::squared_distance_to(&own.to_mask(shape), [1.0, 1.0]);
        let reaching = |mm: f64| self.ring(&away, near_mm, near_mm + mm);
        let (close, wide) = (reaching(4.0), reaching(AROUND_MM));
        if close.len() < 30 {
            return None;
        }
        let mut above = [0.0_f64; 2];
        let mut spread = [0.0_f64; 2];
        for (nth, smooth) in self.smooth.iter().enumerate() {
            let plane = settled_plane(&close, smooth);
            let residue = |place: (usize, usize)| f64::from(smooth[place]) - plane.at(place);
            above[nth] = own.pixels().map(residue).sum::<f64>() / own.area() as f64;
            let mut strays: Vec<f64> = close.iter().map(|&place| residue(place).abs()).collect();
            strays.sort_by(f64::total_cmp);
            spread[nth] = 1.4826 * strays[strays.len() / 2];
        }
        let gain = self.gain(&wide);
        let (mine, other) = match of {
            Side::Prior => (above[0], above[1]),
            Side::Current => (above[1], above[0]),
        };
        if mine <= 0.0 {
            return None;
        }
        let factor = match (gain, of) {
            (Some(gain), Side::Prior) => gain,
            (Some(gain), Side::Current) => 1.0 / gain,
            // Nothing but noise around: heights are told in units of it.
            (None, Side::Prior) => spread[1] / spread[0].max(1e-9),
            (None, Side::Current) => spread[0] / spread[1].max(1e-9),
        };
        Some(other / (mine * factor.max(1e-9)))
    }

    /// How much of the rim between `less` and `more` that the picture `large` shows is there in the other one too, against how
    /// both show what lies inside of it: about 1 if it is, about 0 if not. `None` if there is no rim, or nothing to tell it from.
    pub(super) fn rim(&self, less: &Region, more: &Region, large: Side) -> Option<f64> {
        let (less, more) = (self.cut(less)?, self.cut(more)?);
        let shape = self.seen.shape();
        // What is blurred belongs to neither.
        let blur = (0.25 / self.pixel_mm).max(1.0);
        let mut rim = more.to_mask(shape);
        rim.subtract(&morphology::dilate_mask(&less.to_mask(shape), blur));
        let rim = Region::from_mask(&rim)?;
        if (rim.area() as f64) < 0.1 * more.area() as f64 {
            return None;
        }
        let mut both = more.to_mask(shape);
        less.draw_on(&mut both);
        let away = morphology::squared_distance_to(&both, [1.0, 1.0]);
        let ring = self.ring(&away, 0.8, 4.0);
        if ring.len() < 30 {
            return None;
        }
        let shown = |smooth: &Array2<f32>| {
            let plane = settled_plane(&ring, smooth);
            let height = |region: &Region| {
                let sum: f64 = region
                    .pixels()
                    .map(|place| f64::from(smooth[place]) - plane.at(place))
                    .sum();
                sum / region.area() as f64
            };
            let (core, rim) = (height(&less), height(&rim));
            (core > 0.0).then(|| rim / core)
        };
        let [prior, current] = [shown(&self.smooth[0])?, shown(&self.smooth[1])?];
        let (here, there) = match large {
            Side::Prior => (prior, current),
            Side::Current => (current, prior),
        };
        (here > 0.0).then(|| there / here)
    }

    /// How much steeper the current picture shows the same differences; `None` where both show nothing in common.
    fn gain(&self, places: &[(usize, usize)]) -> Option<f64> {
        if places.len() < 200 {
            return None;
        }
        let planes = [
            settled_plane(places, &self.plain[0]),
            settled_plane(places, &self.plain[1]),
        ];
        let (mut pp, mut pc, mut cc) = (0.0, 0.0, 0.0);
        for &place in places {
            let p = f64::from(self.plain[0][place]) - planes[0].at(place);
            let c = f64::from(self.plain[1][place]) - planes[1].at(place);
            pp += p * p;
            pc += p * c;
            cc += c * c;
        }
        let common = pc / (pp * cc).sqrt().max(1e-12);
        (common > 0.6).then(|| (cc / pp.max(1e-12)).sqrt())
    }

    /// How deep the valley between two regions is in one picture: 1 down to the background, 0 none.
    pub(super) fn valley(&self, one: &Region, other: &Region, of: Side) -> Option<f64> {
        let (one, other) = (self.cut(one)?, self.cut(other)?);
        let smooth = &self.smooth[usize::from(of == Side::Current)];
        let mut both = one.to_mask(self.seen.shape());
        other.draw_on(&mut both);
        let away = morphology::squared_distance_to(&both, [1.0, 1.0]);
        let (near, far) = (
            (1.0 / self.pixel_mm).powi(2) as f32,
            (4.0 / self.pixel_mm).powi(2) as f32,
        );
        let ring: Vec<_> = away
            .indexed_iter()
            .filter(|&((row, column), &squared)| squared > near && squared <= far && !self.others.get(row, column))
            .map(|(place, _)| place)
            .collect();
        if ring.len() < 30 {
            return None;
        }
        let plane = settled_plane(&ring, smooth);
        let above = |place: (usize, usize)| f64::from(smooth[place]) - plane.at(place);
        let height = |region: &Region| {
            let mut values: Vec<f64> = region.pixels().map(above).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() * 3 / 5]
        };
        let height = height(&one).min(height(&other));
        if height <= 0.0 {
            return None;
        }
        let (from, to) = nearest(&one, &other);
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        // A little into both, for outlines may touch.
        let (length, reach) = ((to.0 - from.0).hypot(to.1 - from.1).max(1.0), 0.6 / self.pixel_mm);
        let extra = reach / length;
        let mut lowest = f64::INFINITY;
        let (rows, columns) = self.seen.shape();
        for step in 0..=(steps * (1.0 + 2.0 * extra)) as usize {
            let along = step as f64 / steps - extra;
            let place = (from.0 + along * (to.0 - from.0), from.1 + along * (to.1 - from.1));
            let place = (
                place.0.round().clamp(0.0, rows as f64 - 1.0) as usize,
                place.1.round().clamp(0.0, columns as f64 - 1.0) as usize,
            );
            lowest = lowest.min(above(place));
        }
        Some((1.0 - lowest / height).clamp(0.0, 1.0))
    }
}

/// The plane through `places`, fitted again without what strays from it.
pub(super) fn settled_plane(places: &[(usize, usize)], values: &Array2<f32>) -> Plane {
    let mut kept: Vec<(usize, usize)> = places.to_vec();
    let mut plane = Plane::through(&kept, values);
    for _ in 0..2 {
        let residue = |place: &(usize, usize)| f64::from(values[*place]) - plane.at(*place);
        let spread = (kept.iter().map(|place| residue(place).powi(2)).sum::<f64>() / kept.len() as f64).sqrt();
        let near: Vec<_> = kept
            .iter()
            .copied()
            .filter(|place| residue(place).abs() <= 1.5 * spread)
            .collect();
        if near.len() < 12 {
            break;
        }
        plane = Plane::through(&near, values);
        kept = near;
    }
    plane
}
