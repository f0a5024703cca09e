//! Where the pixels of a turned, mirrored and resampled radiograph lie in the first one.

use super::TrueFocus;
use crate::label::{Region, Run};
use crate::morphology;
use crate::radiograph::{Mask, PixelSpacing, Radiograph};
use crate::units::Millimetres;
use ndarray::Array2;
use std::ops::Range;

/// Number `nth` of a sequence that fills `from..to` evenly on a scale of ratios (additive recurrence of the golden
/// ratio); `stream` sets where it begins.
pub(super) fn spread(nth: usize, stream: usize, [from, to]: [f64; 2]) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let share = ((nth + 1) as f64 * GOLDEN * stream as f64).fract();
    from * (to / from).powf(share)
}

/// How pixels of the new picture lie in the old one.
pub(super) struct Form {
    /// Of the old picture.
    old: (usize, usize),
    /// Of the old picture, resampled.
    scaled: (usize, usize),
    /// Old pixels along a new one, by row and by column.
    step: [f64; 2],
    mirrored: bool,
    quarters: usize,
}

impl Form {
    /// The form of a picture of the shape `old` at `scale` times its size; `nth` sets how it is turned and mirrored.
    pub(super) fn of(old: (usize, usize), scale: f64, nth: usize) -> Self {
        let scaled = [old.0, old.1].map(|side| ((side as f64 * scale).round() as usize).max(1));
        Self {
            old,
            scaled: (scaled[0], scaled[1]),
            step: [old.0 as f64 / scaled[0] as f64, old.1 as f64 / scaled[1] as f64],
            mirrored: nth % 2 == 1,
            quarters: nth / 2 % 4,
        }
    }

    fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.scaled;
        if self.quarters % 2 == 1 {
            (columns, rows)
        } else {
            (rows, columns)
        }
    }

    /// Where a pixel of the resampled picture comes to lie when that is mirrored and turned.
    fn turned(&self, row: usize, column: usize) -> (usize, usize) {
        let (rows, columns) = self.scaled;
        let column = if self.mirrored { columns - 1 - column } else { column };
        match self.quarters {
            0 => (row, column),
            1 => (columns - 1 - column, row),
            2 => (rows - 1 - row, columns - 1 - column),
            _ => (column, rows - 1 - row),
        }
    }

    /// Grey values by bilinear interpolation, smoothed first where pixels become larger.
    pub(super) fn resampled(&self, radiograph: &Radiograph) -> Array2<f32> {
        let image = radiograph.pixels().mapv(f32::from);
        let image = if self.step[0] > 1.0 {
            morphology::gaussian(image.view(), (self.step[0] - 1.0) / 2.0)
        } else {
            image
        };
        // Either side of each new place, and how far it is from the first to the second.
        let splits = |count: usize, old: usize, step: f64| -> Vec<(usize, usize, f32)> {
            let places = (0..count).map(|at| ((at as f64 + 0.5) * step - 0.5).clamp(0.0, (old - 1) as f64));
            places
                .map(|at| (at as usize, (at as usize + 1).min(old - 1), at.fract() as f32))
                .collect()
        };
        let columns = splits(self.scaled.1, self.old.1, self.step[1]);
        let mut changed = Array2::zeros(self.shape());
        for (row, (top, bottom, down)) in splits(self.scaled.0, self.old.0, self.step[0]).into_iter().enumerate() {
            let (top, bottom) = (image.row(top), image.row(bottom));
            for (column, &(left, right, across)) in columns.iter().enumerate() {
                let above = top[left] + across * (top[right] - top[left]);
                let below = bottom[left] + across * (bottom[right] - bottom[left]);
                changed[self.turned(row, column)] = above + down * (below - above);
            }
        }
        changed
    }

    pub(super) fn spacing(&self, old: PixelSpacing) -> Option<PixelSpacing> {
        let sides = [
            old.between_rows.get() * self.step[0],
            old.between_columns.get() * self.step[1],
        ];
        let [rows, columns] = if self.quarters % 2 == 1 {
            [sides[1], sides[0]]
        } else {
            sides
        };
        Some(PixelSpacing {
            between_rows: Millimetres::new(rows)?,
            between_columns: Millimetres::new(columns)?,
            ..old
        })
    }

    pub(super) fn mask(&self, old: &Mask) -> Mask {
        let mut mask = Mask::empty(self.shape());
        for (row, column) in self.places(0..self.old.0, 0..self.old.1, |row, column| old.get(row, column)) {
            mask.set(row, column, true);
        }
        mask
    }

    /// The true foci in the new picture; of those smaller than `least_area` pixels none is asked for.
    pub(super) fn foci(&self, truth: &[TrueFocus], least_area: u64) -> Vec<TrueFocus> {
        let foci = truth.iter().filter_map(|focus| {
            let region = self.region(&focus.region)?;
            Some(TrueFocus {
                counts: focus.counts && region.area() >= least_area,
                label: focus.label,
                region,
            })
        });
        foci.collect()
    }

    /// The new pixels whose middles lie in `old`; `None` if there are none.
    fn region(&self, old: &Region) -> Option<Region> {
        let bounds = old.bounds();
        let places = self.places(
            bounds.top as usize..bounds.bottom as usize,
            bounds.left as usize..bounds.right as usize,
            |row, column| old.contains(row as u32, column as u32),
        );
        let runs = places.map(|(row, column)| Run {
            row: row as u32,
            start: column as u32,
            end: column as u32 + 1,
        });
        Region::new(runs.collect())
    }

    /// The new pixels of which the nearest old one lies in `rows` and `columns` and is on.
    fn places(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        is_on: impl Fn(usize, usize) -> bool,
    ) -> impl Iterator<Item = (usize, usize)> {
        let within = |count: usize, step: f64, old: usize, wanted: Range<usize>| -> Vec<(usize, usize)> {
            let nearest = |at: usize| (((at as f64 + 0.5) * step - 0.5).round().max(0.0) as usize).min(old - 1);
            let each = (0..count).map(|at| (at, nearest(at)));
            each.filter(|(_, old)| wanted.contains(old)).collect()
        };
        let rows = within(self.scaled.0, self.step[0], self.old.0, rows);
        let columns = within(self.scaled.1, self.step[1], self.old.1, columns);
        rows.into_iter().flat_map(move |(row, old_row)| {
            let on = columns.iter().filter(|(_, old_column)| is_on(old_row, *old_column));
            on.map(|(column, _)| self.turned(row, *column)).collect::<Vec<_>>()
        })
    }
}
