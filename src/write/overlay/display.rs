//! From 16 bit pixels to the grey picture under the outlines.

use super::{LONGEST_SIDE, Window};
use crate::radiograph::Radiograph;
use crate::report::Report;

/// Images whose longer side is below this are enlarged.
const SMALL: usize = 600;
/// Largest whole factor of enlargement.
const MOST: usize = 8;
/// A window wider than this times the range of the image's own pixels says nothing and is not used.
const WIDEST: f64 = 1.5;

/// A grey picture and the way from image pixels to its pixels.
#[derive(Debug)]
pub struct Display {
    /// Grey values, row by row; white is radio-opaque.
    pub grey: Vec<u8>,
    /// Rows of the picture.
    pub rows: usize,
    /// Columns of the picture.
    pub columns: usize,
    /// Picture rows per image row.
    pub down: f64,
    /// Picture columns per image column.
    pub across: f64,
}

impl Display {
    /// The picture of `radiograph` through `window`, or through percentiles.
    pub fn new(radiograph: &Radiograph, report: &Report, window: Option<Window>) -> Self {
        let (low, high) = range(radiograph, report, window);
        let (image_rows, image_columns) = radiograph.shape();
        let longest = image_rows.max(image_columns);
        let scaled = |side: usize| {
            if longest > LONGEST_SIDE as usize {
                (side * LONGEST_SIDE as usize).div_ceil(longest)
            } else if longest < SMALL {
                side * SMALL.div_ceil(longest).min(MOST)
            } else {
                side
            }
        };
        let (rows, columns) = (scaled(image_rows), scaled(image_columns));
        let down = Axis::new(image_rows, rows);
        let across = Axis::new(image_columns, columns);

        let pixels = radiograph.pixels();
        let (low, steps) = (low as f32, (255.0 / (high - low)) as f32);
        let mut grey = vec![0_u8; rows * columns];
        // Down first, along whole rows; then across, once per picture row.
        let mut means = vec![0.0_f32; image_columns];
        for (r, out) in grey.chunks_exact_mut(columns).enumerate() {
            means.fill(0.0);
            for &(image_row, weight) in down.weights(r) {
                for (mean, &pixel) in means.iter_mut().zip(pixels.row(image_row as usize)) {
                    *mean += weight * f32::from(pixel);
                }
            }
            for (c, out) in out.iter_mut().enumerate() {
                let weighed = across.weights(c).iter();
                let mean: f32 = weighed.map(|&(column, weight)| weight * means[column as usize]).sum();
                *out = ((mean - low) * steps + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
        Self {
            grey,
            rows,
            columns,
            down: rows as f64 / image_rows as f64,
            across: columns as f64 / image_columns as f64,
        }
    }
}

/// Which image lines make up each picture line, and how much of each; weights of one line sum to 1.
struct Axis {
    weights: Vec<(u32, f32)>,
    ends: Vec<usize>,
}

impl Axis {
    fn new(from: usize, to: usize) -> Self {
        let mut weights = Vec::new();
        let mut ends = Vec::with_capacity(to);
        for line in 0..to {
            if to <= from {
                // Mean over what the picture line covers.
                let (start, end) = (
                    line as f64 * from as f64 / to as f64,
                    (line + 1) as f64 * from as f64 / to as f64,
                );
                for source in start as usize..(end.ceil() as usize).min(from) {
                    let covered = end.min((source + 1) as f64) - start.max(source as f64);
                    if covered > 0.0 {
                        weights.push((source as u32, (covered / (end - start)) as f32));
                    }
                }
            } else {
                // Straight line between the two nearest centres.
                let at = ((line as f64 + 0.5) * from as f64 / to as f64 - 0.5).clamp(0.0, (from - 1) as f64);
                let (first, rest) = (at as usize, at.fract());
                weights.push((first as u32, (1.0 - rest) as f32));
                if rest > 0.0 {
                    weights.push((first as u32 + 1, rest as f32));
                }
            }
            ends.push(weights.len());
        }
        Self { weights, ends }
    }

    fn weights(&self, line: usize) -> &[(u32, f32)] {
        let start = line.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.weights[start..self.ends[line]]
    }
}

/// Pixel values shown as black and as white, `low < high`.
pub fn range(radiograph: &Radiograph, report: &Report, window: Option<Window>) -> (f64, f64) {
    let mut histogram = vec![0_u64; 1 << 16];
    let valid = radiograph.valid();
    for (r, row) in radiograph.pixels().outer_iter().enumerate() {
        for (c, &pixel) in row.iter().enumerate() {
            if valid.is_none_or(|mask| mask.get(r, c)) {
                histogram[usize::from(pixel)] += 1;
            }
        }
    }
    let total: u64 = histogram.iter().sum();
    let (cut_low, cut_high) = unexposed(radiograph, report, &histogram, total);
    let exposed = 1.0 - cut_low - cut_high;
    let own = (
        percentile(&histogram, total, cut_low + 0.01 * exposed),
        percentile(&histogram, total, 1.0 - cut_high - 0.005 * exposed),
    );
    let stated = window.and_then(|window| stated_range(radiograph, window));
    let telling = |&(low, high): &(f64, f64)| {
        let shown: u64 = (0_u32..)
            .zip(&histogram)
            .filter(|(pixel, _)| f64::from(*pixel) > low && f64::from(*pixel) < high)
            .map(|(_, count)| count)
            .sum();
        2 * shown >= total && shown > 0 && high - low <= WIDEST * (own.1 - own.0)
    };
    let (low, high) = stated.filter(telling).unwrap_or(own);
    // No focus is lost in white.
    let brightest = report.foci.iter().map(|focus| {
        let region = &focus.candidate.region;
        let sum: f64 = region.pixels().map(|at| f64::from(radiograph.pixels()[at])).sum();
        sum / region.area() as f64
    });
    (low, brightest.fold(high.max(low + 1.0), f64::max))
}

/// The window as pixel values; `None` unless it is one.
fn stated_range(radiograph: &Radiograph, window: Window) -> Option<(f64, f64)> {
    let scale = radiograph.value_scale();
    let pixel = |value: f64| (value - scale.intercept) / scale.slope;
    let ends = [
        pixel(window.center - window.width / 2.0),
        pixel(window.center + window.width / 2.0),
    ];
    let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
    (low.is_finite() && high.is_finite() && window.width > 0.0 && high > low).then_some((low, high))
}

/// Shares of pixels to leave out at the dark and at the white end, because they lie outside the exposed field.
///
/// The report knows how much lies outside, the frame of the image tells at which end.
fn unexposed(radiograph: &Radiograph, report: &Report, histogram: &[u64], total: u64) -> (f64, f64) {
    let outside = 1.0 - report.scene.field_fraction;
    if !(0.02..0.9).contains(&outside) {
        return (0.0, 0.0);
    }
    let pixels = radiograph.pixels();
    let (rows, columns) = radiograph.shape();
    let mut frame: Vec<u16> = pixels.row(0).iter().chain(pixels.row(rows - 1)).copied().collect();
    frame.extend(pixels.column(0).iter().chain(pixels.column(columns - 1)));
    let middle = frame.len() / 2;
    let median = f64::from(*frame.select_nth_unstable(middle).1);
    if median >= percentile(histogram, total, 0.75) {
        (0.0, outside)
    } else if median <= percentile(histogram, total, 0.25) {
        (outside, 0.0)
    } else {
        (0.0, 0.0)
    }
}

/// The smallest pixel value that at least `share` of all pixels do not exceed.
fn percentile(histogram: &[u64], total: u64, share: f64) -> f64 {
    let wanted = (share * total as f64).max(1.0);
    let mut below = 0_u64;
    for (pixel, count) in (0_u32..).zip(histogram) {
        below += count;
        if below as f64 >= wanted {
            return f64::from(pixel);
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::{Axis, Display};
    use crate::radiograph::{Radiograph, ValueScale};
    use crate::report::Report;
    use crate::write::example;
    use crate::write::overlay::Window;
    use ndarray::Array2;

    fn bare() -> Report {
        Report {
            foci: vec![],
            ..example::report()
        }
    }

    #[test]
    fn every_picture_line_is_a_mean() {
        for (from, to) in [(3000, 1600), (7, 7), (5, 40), (1, 1), (4000, 1)] {
            let axis = Axis::new(from, to);
            for line in 0..to {
                let sum: f32 = axis.weights(line).iter().map(|(_, weight)| weight).sum();
                assert!((sum - 1.0).abs() < 1e-4, "{from} to {to}, line {line}: {sum}");
            }
        }
    }

    #[test]
    fn sides_are_scaled_alike() {
        for (shape, picture) in [
            ((3000, 2500), (1600, 1334)),
            ((100, 50), (600, 300)),
            ((700, 650), (700, 650)),
            ((1, 10_000), (1, 1600)),
            ((10, 20), (80, 160)),
        ] {
            let display = Display::new(&Radiograph::new(Array2::zeros(shape)), &bare(), None);
            assert_eq!((display.rows, display.columns), picture);
            assert_eq!(display.grey.len(), picture.0 * picture.1);
        }
    }

    #[test]
    fn the_window_of_a_turned_image_is_turned_too() {
        // Pixel = 1000 - value; the window shows values 200 to 600, pixels 400 to 800.
        let scale = ValueScale {
            intercept: 1000.0,
            slope: -1.0,
        };
        let ramp = Array2::from_shape_fn((700, 1001), |(_, c)| c as u16);
        let turned = Radiograph::new(ramp).with_value_scale(scale);
        let window = |center, width| Some(Window { center, width });
        let row = |window| Display::new(&turned, &bare(), window).grey[..1001].to_vec();
        let wide = row(window(400.0, 800.0));
        assert_eq!((wide[200], wide[600], wide[1000]), (0, 128, 255));
        // It would hide all but a tenth of the image: percentiles instead.
        let narrow = row(window(500.0, 100.0));
        assert_eq!(narrow, row(None));
        assert_eq!(row(window(0.0, -5.0)), row(None));
        // It would show the image in a tenth of all greys.
        assert_eq!(row(window(500.0, 10_000.0)), row(None));
    }
}
