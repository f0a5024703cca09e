//! Both pictures around one place, the current one laid on the pixels of the prior one.

use super::aligned::Aligned;
use super::skin::Window;
use crate::label::{Region, Run};
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// Pixels around a place that are looked at too, mm.
pub(super) const AROUND_MM: f64 = 15.0;

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Prior,
    Current,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::Prior, Side::Current];

    pub(super) const fn other(self) -> Self {
        match self {
            Side::Prior => Side::Current,
            Side::Current => Side::Prior,
        }
    }

    /// Its place in arrays of both.
    pub(super) const fn index(self) -> usize {
        match self {
            Side::Prior => 0,
            Side::Current => 1,
        }
    }
}

/// A window of the prior grid with both pictures in it, smoothed alike.
pub(super) struct Patch {
    /// The window's first row and column on the prior grid.
    pub(super) top: u32,
    pub(super) left: u32,
    /// Without what they owe to depth below the skin, where that could be told.
    pub(super) smooth: [Array2<f32>; 2],
    /// With it.
    pub(super) plain: [Array2<f32>; 2],
    /// Pixels that both pictures have.
    pub(super) seen: Mask,
    /// Pixels of foci other than those looked at.
    pub(super) others: Mask,
    pub(super) pixel_mm: f64,
    /// Standard deviation of the smoothing, pixels.
    pub(super) sigma: f64,
}
impl Patch {
    /// The window around `region` of the prior grid; `foci` are all regions known in either picture, on that grid.
    pub(super) fn around(aligned: &Aligned<'_>, region: &Region, foci: &[&Region]) -> Option<Self> {
        let pixel_mm = aligned.rulers.0.mean();
        let bounds = region.bounds();
        let margin = (AROUND_MM / pixel_mm).ceil().min(400.0) as u32;
        let (rows, columns) = aligned.prior.shape();
        let (top, left) = (bounds.top.saturating_sub(margin), bounds.left.saturating_sub(margin));
        let bottom = (bounds.bottom + margin).min(rows as u32);
        let right = (bounds.right + margin).min(columns as u32);
        if bottom <= top || right <= left {
            return None;
        }
        let shape = ((bottom - top) as usize, (right - left) as usize);
        let pixels = aligned.prior.pixels();
        let prior = Array2::from_shape_fn(shape, |(row, column)| {
            pixels[(row + top as usize, column + left as usize)]
        });
        let mut seen = Mask::full(shape);
        let other = aligned.current.pixels();
        let (other_rows, other_columns) = aligned.current.shape();
        let mut current = Array2::<f32>::zeros(shape);
        for ((row, column), value) in current.indexed_iter_mut() {
            let (r, c) = aligned.forward(f64::from(top) + row as f64, f64::from(left) + column as f64);
            let (last_row, last_column) = (other_rows as f64 - 1.0, other_columns as f64 - 1.0);
            if !(r >= 0.0 && c >= 0.0 && r <= last_row && c <= last_column) {
                seen.set(row, column, false);
            }
            let (r, c) = (r.clamp(0.0, last_row), c.clamp(0.0, last_column));
            let (y, x) = (r as usize, c as usize);
            let (below, beside) = ((y + 1).min(other_rows - 1), (x + 1).min(other_columns - 1));
            let (v, u) = ((r - y as f64) as f32, (c - x as f64) as f32);
            let at = |y: usize, x: usize| f32::from(other[(y, x)]);
            *value = (at(y, x) * (1.0 - u) + at(y, beside) * u) * (1.0 - v)
                + (at(below, x) * (1.0 - u) + at(below, beside) * u) * v;
        }
        let sigma = (0.2 / pixel_mm).clamp(0.6, 4.0);
        let smooth = [
            morphology::gaussian(prior.view(), sigma),
            morphology::gaussian(current.view(), sigma),
        ];
        let mut patch = Self {
            top,
            left,
            plain: smooth.clone(),
            smooth,
            seen,
            others: Mask::empty(shape),
            pixel_mm,
            sigma,
        };
        for focus in foci {
            if let Some(own) = patch.cut(focus).filter(|_| focus.overlap(region) == 0) {
                own.draw_on(&mut patch.others);
            }
        }
        patch.flatten(aligned, region);
        Some(patch)
    }

    /// Takes from both pictures what they owe to depth below the skin: from both or from none, or they would differ by it.
    fn flatten(&mut self, aligned: &Aligned<'_>, region: &Region) {
        let Some(deposit) = self.cut(region) else {
            return;
        };
        let deposit = deposit.to_mask(self.seen.shape());
        let mut hidden = Mask::from_fn(self.seen.to_array().view(), |seen| !seen);
        hidden.unite(&self.others);
        let flattened = |side: Side| {
            let window = Window {
                deposit: &deposit,
                hidden: &hidden,
                air: &self.air(aligned, side),
                pixel_mm: self.pixel_mm,
            };
            window.flattened(&self.smooth[side.index()])
        };
        if let Some(prior) = flattened(Side::Prior)
            && let Some(current) = flattened(Side::Current)
        {
            self.smooth = [prior, current];
        }
    }

    /// Where a picture shows air in its field, as coarsely as its scene was read.
    fn air(&self, aligned: &Aligned<'_>, side: Side) -> Mask {
        let scene = aligned.scenes[side.index()];
        let (rows, columns) = scene.grid.full;
        let mut air = Mask::empty(self.seen.shape());
        for ((row, column), _) in self.smooth[side.index()].indexed_iter() {
            let place = (f64::from(self.top) + row as f64, f64::from(self.left) + column as f64);
            let (r, c) = match side {
                Side::Prior => place,
                Side::Current => aligned.forward(place.0, place.1),
            };
            if r >= 0.0 && c >= 0.0 && r < rows as f64 && c < columns as f64 {
                let block = scene.grid.coarse_of(r as usize, c as usize);
                let is_air = scene.field.get(block.0, block.1) && !scene.body.get(block.0, block.1);
                air.set(row, column, is_air);
            }
        }
        air
    }

    /// `region` of the prior grid in the window.
    pub(super) fn cut(&self, region: &Region) -> Option<Region> {
        let (rows, columns) = self.seen.shape();
        let within = |run: &Run| {
            let row = run.row.checked_sub(self.top).filter(|row| (*row as usize) < rows)?;
            let end = run.end.checked_sub(self.left)?.min(columns as u32);
            let start = run.start.saturating_sub(self.left);
            (start < end).then_some(Run { row, start, end })
        };
        Region::new(region.runs().iter().filter_map(within).collect())
    }

    /// `region` of the window on the prior grid.
    pub(super) fn whole(&self, region: Region) -> Option<Region> {
        let runs = region.runs().iter().map(|run| Run {
            row: run.row + self.top,
            start: run.start + self.left,
            end: run.end + self.left,
        });
        Region::new(runs.collect())
    }

    /// Pixels farther than `near_mm` and no farther than `far_mm` from what squared distances `away`, in pixels, are counted from:
    /// those that both pictures have, and no other focus holds.
    pub(super) fn ring(&self, away: &Array2<f32>, near_mm: f64, far_mm: f64) -> Vec<(usize, usize)> {
        let [near, far] = [near_mm, far_mm].map(|mm| (mm / self.pixel_mm).powi(2) as f32);
        away.indexed_iter()
            .filter(|&((row, column), &squared)| {
                squared > near && squared <= far && self.seen.get(row, column) && !self.others.get(row, column)
            })
            .map(|(place, _)| place)
            .collect()
    }

    /// Of the pixels of `region` the share `part` that lies farthest inside.
    pub(super) fn core(&self, region: &Region, part: f64) -> Option<Region> {
        let own = self.cut(region)?;
        let outside = Mask::from_fn(own.to_mask(self.seen.shape()).to_array().view(), |on| !on);
        let depth = morphology::squared_distance_to(&outside, [1.0, 1.0]);
        let mut depths: Vec<f32> = own.pixels().map(|place| depth[place]).collect();
        depths.sort_by(f32::total_cmp);
        let least = depths[((1.0 - part) * depths.len() as f64) as usize];
        let mask = Mask::from_fn(depth.view(), |depth| *depth >= least);
        self.whole(Region::from_mask(&mask)?)
    }
}
