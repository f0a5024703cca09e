//! Regions of one picture on the pixels of the other.

use super::affine::Affine;
use super::edges::Ruler;
use crate::label::{Region, Run};
use crate::radiograph::Radiograph;
use crate::scene::Scene;

/// Both pictures with what else is in them, and how the prior one lies in the current one.
pub(super) struct Aligned<'a> {
    pub(super) prior: &'a Radiograph,
    pub(super) current: &'a Radiograph,
    pub(super) scenes: [&'a Scene; 2],
    pub(super) rulers: (Ruler, Ruler),
    pub(super) map: Affine,
}

impl Aligned<'_> {
    /// The middle of a prior pixel in parts of current pixels.
    pub(super) fn forward(&self, row: f64, column: f64) -> (f64, f64) {
        self.rulers.1.pixel(self.map.at(self.rulers.0.place(row, column)))
    }

    /// A region of the current picture as pixels of the prior one, which may lie outside of it to the right and below;
    /// `None` if nothing of it lies where the prior grid goes on.
    pub(super) fn back(&self, region: &Region) -> Option<Region> {
        let inverse = self.map.inverse()?;
        let bounds = region.bounds();
        let corner = |row: u32, column: u32| {
            let place = self.rulers.1.place(f64::from(row) - 0.5, f64::from(column) - 0.5);
            self.rulers.0.pixel(inverse.at(place))
        };
        let corners = [
            corner(bounds.top, bounds.left),
            corner(bounds.top, bounds.right),
            corner(bounds.bottom, bounds.left),
            corner(bounds.bottom, bounds.right),
        ];
        let low = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (rows, columns) = self.prior.shape();
        let limit = |value: f64, side: usize| value.clamp(0.0, side as f64) as u32;
        let mut runs = Vec::new();
        for row in limit(low(|c| c.0).floor(), rows)..limit(high(|c| c.0).ceil() + 1.0, rows) {
            let mut start = None;
            let end = limit(high(|c| c.1).ceil() + 1.0, columns);
            for column in limit(low(|c| c.1).floor(), columns)..=end {
                let (r, c) = self.forward(f64::from(row), f64::from(column));
                let (r, c) = (r.round(), c.round());
                let inside = column < end && r >= 0.0 && c >= 0.0 && region.contains(r as u32, c as u32);
                match (inside, start) {
                    (true, None) => start = Some(column),
                    (false, Some(first)) => {
                        runs.push(Run {
                            row,
                            start: first,
                            end: column,
                        });
                        start = None;
                    }
                    _ => {}
                }
            }
        }
        Region::new(runs)
    }

    /// A region of the prior picture as pixels of the current one.
    pub(super) fn there(&self, region: &Region) -> Option<Region> {
        let inverse = self.map.inverse()?;
        Aligned {
            prior: self.current,
            current: self.prior,
            scenes: [self.scenes[1], self.scenes[0]],
            rulers: (self.rulers.1, self.rulers.0),
            map: inverse,
        }
        .back(region)
    }
}
