//! What one picture leads to expect of a deposit in the other one, pixel by pixel.

use super::heights::settled_plane;
use super::least_squares::{product, settled, spread};
use super::patch::{Patch, Side};
use super::surface::{self, SURFACE};
use crate::label::Region;
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// Standard deviation of the smoothing before pictures are compared pixel by pixel, mm.
const SMOOTH_MM: f64 = 0.5;
/// From where to where around a deposit the ground is, mm, and how far at least as a share of its diameter.
const AROUND_MM: (f64, f64) = (0.8, 3.8);
const AROUND: f64 = 0.35;

/// A deposit of one picture in the other one, in grey values of that.
pub(super) struct Expected {
    /// Its pixels.
    pub(super) inside: Vec<(usize, usize)>,
    /// How far it would stand out, unchanged.
    pub(super) heights: Array2<f64>,
    /// How far what is there does.
    pub(super) shown: Array2<f64>,
    /// By how much both differ around it, one standard deviation.
    pub(super) spread: f64,
}

impl Expected {
    /// Where at least the share `least` of what is expected is there.
    pub(super) fn there(&self, least: f64) -> Mask {
        let mut there = Mask::empty(self.shown.dim());
        for &(row, column) in &self.inside {
            let place = (row, column);
            there.set(row, column, self.shown[place] >= least * self.heights[place]);
        }
        there
    }
}

/// Of `values` at `places`, at least one.
pub(super) fn mean(values: &Array2<f64>, places: impl Iterator<Item = (usize, usize)>) -> f64 {
    let (count, sum) = places.fold((0.0, 0.0), |(count, sum), place| (count + 1.0, sum + values[place]));
    sum / count
}

impl Patch {
    /// What the picture `of` shows as `whole`, in the other one; `None` if it does not stand out, or nothing of it is there.
    pub(super) fn expected(&self, whole: &Region, of: Side) -> Option<Expected> {
        let own = self.cut(whole)?;
        let diameter_mm = (4.0 * own.area() as f64 / std::f64::consts::PI).sqrt() * self.pixel_mm;
        let far = AROUND_MM.1.max(AROUND_MM.0 + AROUND * diameter_mm);
        let away = morphology::squared_distance_to(&own.to_mask(self.seen.shape()), [1.0, 1.0]);
        let ring = self.ring(&away, AROUND_MM.0, far);
        if ring.len() < 30 {
            return None;
        }
        let smooth = |side: Side| {
            let sigma = SMOOTH_MM / self.pixel_mm;
            morphology::gaussian(self.smooth[side.index()].view(), sigma)
        };
        let from = smooth(of);
        let plane = settled_plane(&ring, &from);
        let heights = Array2::from_shape_fn(from.dim(), |place| f64::from(from[place]) - plane.at(place));
        let inside: Vec<(usize, usize)> = own.pixels().collect();
        if mean(&heights, inside.iter().copied()) <= 0.0 {
            return None;
        }
        let (gain, shown) = explained(&smooth(of.other()), &heights, &inside, &ring);
        let heights = heights * gain;
        let spread = spread(ring.iter().map(|place| heights[*place] - shown[*place]));
        (gain > 0.0).then_some(Expected {
            inside,
            heights,
            shown,
            spread,
        })
    }
}

/// The factor on `heights` by which `onto` shows them, and how far it stands out above a smooth surface: both by what most of the
/// pixels inside and around tell, for a gap strays, and so does what else has changed.
fn explained(
    onto: &Array2<f32>,
    heights: &Array2<f64>,
    inside: &[(usize, usize)],
    ring: &[(usize, usize)],
) -> (f64, Array2<f64>) {
    let all: Vec<(usize, usize)> = inside.iter().chain(ring).copied().collect();
    // Counted from here, so that sums stay small.
    let level = all.iter().map(|place| f64::from(onto[*place])).sum::<f64>() / all.len() as f64;
    let value = |place: (usize, usize)| f64::from(onto[place]) - level;
    let columns = |place: (usize, usize)| -> [f64; 1 + SURFACE] {
        let terms = surface::terms(heights.dim(), place);
        std::array::from_fn(|nth| if nth == 0 { heights[place] } else { terms[nth - 1] })
    };
    let rows: Vec<_> = all.iter().map(|&place| (columns(place), value(place))).collect();
    let (factors, _) = settled(&rows);
    let mut ground = factors;
    ground[0] = 0.0;
    let shown = Array2::from_shape_fn(onto.dim(), |place| value(place) - product(&columns(place), &ground));
    (factors[0], shown)
}
