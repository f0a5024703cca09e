//! A radiograph as pictures on the web and in teaching files show it: small, windowed, 8 bits, JPEG, no spacing.

use super::TrueFocus;
use super::form::{Form, spread};
use crate::radiograph::Radiograph;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};
use ndarray::Array2;

/// Least and largest longer side, in pixels.
const SIDES: [f64; 2] = [350.0, 1000.0];
/// Least and largest JPEG quality, 1 to 100.
const QUALITIES: [f64; 2] = [35.0, 95.0];
/// Least and largest share of the pixels that a window cuts off at either end.
const CUT: [f64; 2] = [1e-4, 0.01];
/// Least and largest power of the curve of grey values.
const POWERS: [f64; 2] = [0.7, 1.4];
/// Smallest side of an export, in pixels.
const LEAST_SIDE: usize = 100;
/// Fewest pixels of a focus that is still asked for.
const LEAST_AREA: u64 = 12;

/// An export of `radiograph` with its true foci, turned and mirrored; `nth` sets its size, window, curve and loss. `None` if it
/// would become too small.
pub fn exported(radiograph: &Radiograph, truth: &[TrueFocus], nth: usize) -> Option<(Radiograph, Vec<TrueFocus>)> {
    let (rows, columns) = radiograph.shape();
    let scale = spread(nth, 7, SIDES) / rows.max(columns) as f64;
    let form = Form::of((rows, columns), scale.min(1.0), nth);
    let image = form.resampled(radiograph);
    if image.nrows().min(image.ncols()) < LEAST_SIDE {
        return None;
    }
    let cut = spread(nth, 8, CUT);
    let shown = windowed(&image, cut, spread(nth, 9, POWERS));
    let pixels = lossy(&shown, spread(nth, 10, QUALITIES) as u8)?;
    let small = Radiograph::new(pixels.mapv(u16::from)).with_place(radiograph.place().clone());
    Some((small, form.foci(truth, LEAST_AREA)))
}

/// Grey values in 8 bits, through a window that cuts off a share `cut` at either end, and a power.
fn windowed(image: &Array2<f32>, cut: f64, power: f64) -> Array2<u8> {
    let mut sorted: Vec<f32> = image.iter().copied().collect();
    let least = (cut * sorted.len() as f64) as usize;
    let most = sorted.len() - 1 - least;
    let low = *sorted.select_nth_unstable_by(least, f32::total_cmp).1;
    let high = *sorted.select_nth_unstable_by(most, f32::total_cmp).1;
    let range = (high - low).max(1.0);
    image.mapv(|value| {
        let share = ((value - low) / range).clamp(0.0, 1.0);
        (share.powf(power as f32) * 255.0).round() as u8
    })
}

/// `image` after it was kept as a JPEG of this quality.
fn lossy(image: &Array2<u8>, quality: u8) -> Option<Array2<u8>> {
    let (rows, columns) = image.dim();
    let mut file = Vec::new();
    let bytes: Vec<u8> = image.iter().copied().collect();
    JpegEncoder::new_with_quality(&mut file, quality)
        .encode(
            &bytes,
            u32::try_from(columns).ok()?,
            u32::try_from(rows).ok()?,
            ExtendedColorType::L8,
        )
        .ok()?;
    let seen = image::load_from_memory_with_format(&file, ImageFormat::Jpeg).ok()?;
    Array2::from_shape_vec((rows, columns), seen.into_luma8().into_raw()).ok()
}

#[cfg(test)]
mod tests {
    use super::{TrueFocus, exported};
    use crate::label::{Region, Run};
    use crate::radiograph::Radiograph;
    use ndarray::Array2;

    #[test]
    fn an_export_is_small_lossy_and_keeps_its_foci_in_place() {
        let is_inside = |r: usize, c: usize| (400..640).contains(&r) && (800..1160).contains(&c);
        let wave = |r: usize, c: usize| ((r / 7 + c / 11) % 5 * 60) as u16;
        let pixels = Array2::from_shape_fn((1500, 2000), |(r, c)| {
            let level = if is_inside(r, c) { 3000 } else { 1000 };
            level + wave(r, c)
        });
        let runs = (400..640).map(|row| Run {
            row,
            start: 800,
            end: 1160,
        });
        let truth = [TrueFocus {
            region: Region::new(runs.collect()).unwrap(),
            label: None,
            counts: true,
        }];
        let radiograph = Radiograph::new(pixels);
        for nth in 0..12 {
            let (small, foci) = exported(&radiograph, &truth, nth).unwrap();
            let (rows, columns) = small.shape();
            assert!((350..=1000).contains(&rows.max(columns)), "{nth}");
            assert!(small.spacing().is_none() && small.pixels().iter().all(|&value| value < 256));
            let share = foci[0].region.area() as f64 / (rows * columns) as f64;
            assert!((share / (240.0 * 360.0 / 3e6) - 1.0).abs() < 0.05, "{nth}: {share}");
            let bright = |value: u16| value > 128;
            let inside = foci[0].region.pixels().filter(|&at| bright(small.pixels()[at])).count();
            assert!(inside as f64 > 0.95 * foci[0].region.area() as f64, "{nth}");
        }
    }

    #[test]
    fn what_would_become_too_small_is_left_out() {
        assert!(exported(&Radiograph::new(Array2::zeros((2000, 60))), &[], 0).is_none());
    }
}
