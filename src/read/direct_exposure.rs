//! Does the image agree with its header on polarity? Direct exposure must be the radiolucent end.
//!
//! Where X-rays reach the detector unattenuated the image is flat and saturated, usually at its border. If such a
//! region lies at the opaque end instead, the header's polarity is doubtful. Collimation and shutters are flat,
//! saturated and opaque too, but the field they leave is a rectangle; a body against air is not. The check speaks
//! only where all signs agree, changes nothing, and stays silent on most images.

use crate::radiograph::{Radiograph, Warning};

/// Longer side of the grid that is looked at, in samples.
const GRID: usize = 256;
/// Values this near the end of the range count as saturated, relative to the range.
const END: f64 = 0.03;
/// Least part of the image and of its border that direct exposure must take up.
const LEAST_AREA: f64 = 0.10;
const LEAST_BORDER: f64 = 0.40;
/// At most this part may be at the other end: a correct image with both collimation and direct exposure has more.
const MOST_OPPOSITE: f64 = 0.03;
/// A field that fills its smallest rectangle better than this is taken for a collimated one.
const RECTANGLE: f64 = 0.93;

/// A warning `polarity_conflict` if the pixels speak clearly against the polarity that was given to `radiograph`.
pub fn polarity_conflict(radiograph: &Radiograph) -> Option<Warning> {
    let grid = Grid::of(radiograph);
    let mut values: Vec<u16> = grid.values.iter().flatten().copied().collect();
    if values.len() < 1000 {
        return None;
    }
    values.sort_unstable();
    let at = |part: f64| f64::from(values[((values.len() - 1) as f64 * part) as usize]);
    let (low, high) = (at(0.005), at(0.995));
    if high <= low {
        return None;
    }
    let margin = END * (high - low);
    let is_opaque = |value: &u16| f64::from(*value) >= high - margin;
    let part = |count: usize| count as f64 / values.len() as f64;
    let opaque = part(values.iter().filter(|value| is_opaque(value)).count());
    let lucent = part(values.iter().filter(|&&value| f64::from(value) <= low + margin).count());
    if opaque < LEAST_AREA || lucent > MOST_OPPOSITE {
        return None;
    }
    let background: Vec<bool> = grid
        .values
        .iter()
        .map(|value| value.as_ref().is_none_or(is_opaque))
        .collect();
    let border: Vec<bool> = grid.border().map(|index| background[index]).collect();
    let at_border = border.iter().filter(|&&is_background| is_background).count() as f64 / border.len() as f64;
    if at_border < LEAST_BORDER || grid.rectangularity(&background) >= RECTANGLE {
        return None;
    }
    Some(Warning::new(
        "polarity_conflict",
        "the flat background is at the radio-opaque end: Photometric Interpretation may be wrong",
    ))
}

/// Every so many pixels of an image; `None` where they carry no measurement.
struct Grid {
    rows: usize,
    columns: usize,
    values: Vec<Option<u16>>,
}

impl Grid {
    fn of(radiograph: &Radiograph) -> Self {
        let pixels = radiograph.pixels();
        let step = pixels.nrows().max(pixels.ncols()).div_ceil(GRID);
        let rows = pixels.nrows().div_ceil(step);
        let columns = pixels.ncols().div_ceil(step);
        let value = |index: usize| {
            let (r, c) = (index / columns * step, index % columns * step);
            radiograph
                .valid()
                .is_none_or(|valid| valid.get(r, c))
                .then(|| pixels[[r, c]])
        };
        Self {
            rows,
            columns,
            values: (0..rows * columns).map(value).collect(),
        }
    }

    fn border(&self) -> impl Iterator<Item = usize> {
        let (rows, columns) = (self.rows, self.columns);
        (0..rows * columns).filter(move |index| {
            let (r, c) = (index / columns, index % columns);
            r == 0 || c == 0 || r + 1 == rows || c + 1 == columns
        })
    }

    /// How well the field, the largest part that `background` from the border leaves, fills its smallest rectangle.
    fn rectangularity(&self, background: &[bool]) -> f64 {
        let mut open: Vec<bool> = vec![true; background.len()];
        for start in self.border() {
            self.flood(start, &mut open, |index| background[index]);
        }
        let mut field = Vec::new();
        for start in 0..open.len() {
            let part = self.flood(start, &mut open, |_| true);
            if part.len() > field.len() {
                field = part;
            }
        }
        let centre = |index: &usize| ((index / self.columns) as f64, (index % self.columns) as f64);
        let points: Vec<_> = field.iter().map(centre).collect();
        let fill = |degrees: u32| {
            let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
            let extent = |along: &dyn Fn(&(f64, f64)) -> f64| {
                let (low, high) = points
                    .iter()
                    .map(along)
                    .fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
                high - low + 1.0
            };
            let height = extent(&|(r, c)| r * cos + c * sin);
            let width = extent(&|(r, c)| c * cos - r * sin);
            points.len() as f64 / (height * width)
        };
        (0..90).step_by(3).map(fill).fold(0.0, f64::max)
    }

    /// Takes the connected pixels around `start` out of `open`, as far as `inside` holds.
    fn flood(&self, start: usize, open: &mut [bool], inside: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = vec![start];
        while let Some(index) = next.pop() {
            if !open[index] || !inside(index) {
                continue;
            }
            open[index] = false;
            found.push(index);
            let (r, c) = (index / self.columns, index % self.columns);
            if r > 0 {
                next.push(index - self.columns);
            }
            if r + 1 < self.rows {
                next.push(index + self.columns);
            }
            if c > 0 {
                next.push(index - 1);
            }
            if c + 1 < self.columns {
                next.push(index + 1);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    const SIDE: usize = 200;

    /// A limb with a bone in it, across the image from top to bottom, thinner at its ends, the bone denser below.
    fn limb() -> Array2<u16> {
        Array2::from_shape_fn((SIDE, SIDE), |(r, c)| {
            let taper = 30.0 + 40.0 * (std::f64::consts::PI * r as f64 / SIDE as f64).sin();
            let depth = 1.0 - ((c as f64 - 100.0) / taper).powi(2);
            let soft = if depth > 0.0 { 1500.0 * depth.sqrt() } else { 0.0 };
            let shaft = 1.0 - ((c as f64 - 100.0) / 15.0).powi(2);
            let height = 900.0 + 600.0 * r as f64 / SIDE as f64;
            let bone = if shaft > 0.0 { height * shaft.sqrt() } else { 0.0 };
            let noise = ((r * 31 + c * 17) % 23) as f64;
            (100.0 + soft + bone + noise) as u16
        })
    }

    fn verdict(pixels: Array2<u16>) -> Option<String> {
        polarity_conflict(&Radiograph::new(pixels)).map(|warning| warning.code)
    }

    #[test]
    fn air_at_the_lucent_end_is_silent() {
        assert_eq!(verdict(limb()), None);
    }

    #[test]
    fn air_at_the_opaque_end_is_a_conflict() {
        assert_eq!(
            verdict(limb().mapv(|value| 4095 - value)).as_deref(),
            Some("polarity_conflict")
        );
    }

    #[test]
    fn collimation_is_opaque_and_rectangular() {
        // Soft tissue all over a tilted field, which nothing else surrounds.
        let pixels = Array2::from_shape_fn((SIDE, SIDE), |(r, c)| {
            let (r0, c0) = (r as f64 - 100.0, c as f64 - 100.0);
            let (u, v) = (0.97 * r0 + 0.25 * c0, 0.97 * c0 - 0.25 * r0);
            if u.abs() < 70.0 && v.abs() < 50.0 {
                1000 + (r * 7 + c * 3) as u16
            } else {
                4000
            }
        });
        assert_eq!(verdict(pixels), None);
    }

    #[test]
    fn flat_and_tiny_images_are_silent() {
        assert_eq!(verdict(Array2::from_elem((SIDE, SIDE), 7)), None);
        assert_eq!(verdict(Array2::from_elem((1, 1), 7)), None);
    }
}
