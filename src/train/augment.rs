//! The same radiograph in another form: what is seen in it has the same names.

use super::TrueFocus;
use super::form::{Form, spread};
use crate::morphology;
use crate::radiograph::Radiograph;
use ndarray::Array2;

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
    let form = Form::of(radiograph.shape(), spread(nth, 1, SCALES), nth);
    let processed = processed(form.resampled(radiograph), nth);
    let pixels = shown(&processed, spread(nth, 3, POWERS));
    let spacing = radiograph.spacing().and_then(|spacing| form.spacing(spacing));
    let valid = radiograph.valid().map(|valid| form.mask(valid));
    let changed = Radiograph::new(pixels)
        .with_spacing(spacing)
        .with_value_scale(radiograph.value_scale())
        .with_valid(valid)
        .with_place(radiograph.place().clone());
    (changed, form.foci(truth, LEAST_AREA))
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
