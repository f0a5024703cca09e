//! The same radiograph in another form: what is seen in it has the same names.

use super::TrueFocus;
use crate::label::{Region, Run};
use crate::morphology;
use crate::radiograph::{Mask, PixelSpacing, Radiograph};
use crate::units::Millimetres;
use ndarray::Array2;
use std::ops::Range;

/// Least and largest change of scale.
const SCALES: [f64; 2] = [0.75, 1.3];
/// Least and largest power of the curve of grey values.
const POWERS: [f64; 2] = [0.65, 1.55];
/// Least and largest standard deviation of the smoothing, in pixels.
const SMOOTHINGS: [f64; 2] = [0.6, 2.5];
/// Least and largest scale of the sharpening, in pixels, and its least and largest strength.
const SHARPENINGS: [[f64; 2]; 2] = [[1.5, 8.0], [0.25, 1.2]];
/// Fewest pixels of a focus that is still asked for.
const LEAST_AREA: u64 = 8;

/// Another form of `radiograph` with its true foci: turned by quarters, mirrored, resampled, shown through another
/// monotone curve, and of three one smoothed and one sharpened; `nth` sets how. The spacing follows the scale.
pub fn augmented(radiograph: &Radiograph, truth: &[TrueFocus], nth: usize) -> (Radiograph, Vec<TrueFocus>) {
    let form = Form::of(radiograph.shape(), nth);
    let processed = processed(form.resampled(radiograph), nth);
    let pixels = shown(&processed, spread(nth, 3, POWERS));
    let spacing = radiograph.spacing().and_then(|spacing| form.spacing(spacing));
    let valid = radiograph.valid().map(|valid| form.mask(valid));
    let changed = Radiograph::new(pixels)
        .with_spacing(spacing)
        .with_value_scale(radiograph.value_scale())
        .with_valid(valid)
        .with_place(radiograph.place().clone());
    let foci = truth.iter().filter_map(|focus| {
        let region = form.region(&focus.region)?;
        Some(TrueFocus {
            counts: focus.counts && region.area() >= LEAST_AREA,
            label: focus.label,
            region,
        })
    });
    (changed, foci.collect())
}

/// `image` smoothed, sharpened (unsharp mask), or as it is.
fn processed(image: Array2<f32>, nth: usize) -> Array2<f32> {
    match nth % 3 {
        1 => morphology::gaussian(image.view(), spread(nth, 4, SMOOTHINGS)),
        2 => {
            let strength = spread(nth, 5, SHARPENINGS[1]) as f32;
            let mut smooth = morphology::gaussian(image.view(), spread(nth, 6, SHARPENINGS[0]));
            smooth.zip_mut_with(&image, |smooth, &value| {
                *smooth = (value + strength * (value - *smooth)).clamp(0.0, f32::from(u16::MAX));
            });
            smooth
        }
        _ => image,
    }
}

/// Number `nth` of a sequence that fills `from..to` evenly on a scale of ratios (additive recurrence of the golden
/// ratio); `stream` sets where it begins.
fn spread(nth: usize, stream: usize, [from, to]: [f64; 2]) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let share = ((nth + 1) as f64 * GOLDEN * stream as f64).fract();
    from * (to / from).powf(share)
}

/// How pixels of the new picture lie in the old one.
struct Form {
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
    fn of(old: (usize, usize), nth: usize) -> Self {
        let scale = spread(nth, 1, SCALES);
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
    fn resampled(&self, radiograph: &Radiograph) -> Array2<f32> {
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

    fn spacing(&self, old: PixelSpacing) -> Option<PixelSpacing> {
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

    fn mask(&self, old: &Mask) -> Mask {
        let mut mask = Mask::empty(self.shape());
        for (row, column) in self.places(0..self.old.0, 0..self.old.1, |row, column| old.get(row, column)) {
            mask.set(row, column, true);
        }
        mask
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

/// Pixel values through a power of their share of the range.
fn shown(image: &Array2<f32>, power: f64) -> Array2<u16> {
    let low = image.iter().copied().fold(f32::INFINITY, f32::min);
    let high = image.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let range = (high - low).max(1.0);
    image.mapv(|value| (low + range * ((value - low) / range).powf(power as f32)).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::{TrueFocus, augmented};
    use crate::label::{Region, Run};
    use crate::radiograph::{PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
    use ndarray::Array2;

    #[test]
    fn foci_stay_in_their_places_and_spacing_follows() {
        let is_inside = |r: usize, c: usize| (100..140).contains(&r) && (200..290).contains(&c);
        let pixels = Array2::from_shape_fn((300, 400), |(r, c)| if is_inside(r, c) { 3000 } else { 1000 });
        let runs = (100..140).map(|row| Run {
            row,
            start: 200,
            end: 290,
        });
        let truth = [TrueFocus {
            region: Region::new(runs.collect()).unwrap(),
            label: None,
            counts: true,
        }];
        let spacing = PixelSpacing::square(0.2, SpacingPlane::Detector, SpacingSource::Phantom);
        let radiograph = Radiograph::new(pixels).with_spacing(spacing);
        let mut shapes = Vec::new();
        for nth in 0..16 {
            let (changed, foci) = augmented(&radiograph, &truth, nth);
            let spacing = changed.spacing().unwrap();
            let area = |region: &Region| region.area() as f64 * spacing.pixel_area();
            assert!((area(&foci[0].region) / (3600.0 * 0.04) - 1.0).abs() < 0.03, "{nth}");
            let bright = changed.pixels().iter().filter(|&&value| value > 2400).count() as f64;
            // A smoothed margin crosses the level beside the border.
            let tolerance = if nth % 3 == 0 { 0.06 } else { 0.2 };
            assert!(
                (bright / foci[0].region.area() as f64 - 1.0).abs() < tolerance,
                "{nth}: {bright}"
            );
            let inside = foci[0]
                .region
                .pixels()
                .filter(|&at| changed.pixels()[at] > 1500)
                .count();
            assert!(inside as f64 > 0.97 * foci[0].region.area() as f64, "{nth}");
            shapes.push(changed.shape());
        }
        assert!(shapes.iter().any(|&(rows, columns)| rows > columns) && shapes.iter().any(|&(r, c)| r < c));
        assert!(shapes.iter().any(|&(r, c)| r * c > 140_000) && shapes.iter().any(|&(r, c)| r * c < 100_000));
    }
}
