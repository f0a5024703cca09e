//! Foci as small pictures, each with what lies around it.

use crate::label::Bounds;
use crate::radiograph::Radiograph;
use crate::write::Record;
use crate::write::base64::base64;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use serde::{Deserialize, Serialize};
use std::io;

/// Side of a picture in its own pixels.
pub const SIDE: u32 = 96;
/// Least side of what is shown, where the spacing is known.
const LEAST_MM: f64 = 16.0;
/// The same where it is not, in image pixels.
const LEAST_PX: f64 = 96.0;
/// Side of what is shown in longest sides of the focus's box.
const AROUND: f64 = 2.0;
/// What is shown as black to white is at least this share of the range of the image, so that noise stays faint.
const LEAST_RANGE: f64 = 0.08;
const QUALITY: u8 = 78;

/// The picture of a focus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crop {
    /// Number of the focus.
    pub focus: u32,
    /// Top, left and side of the square of the image it shows, in image pixels.
    pub window: [u32; 3],
    /// JPEG in base 64, [`SIDE`] by [`SIDE`] pixels.
    pub jpeg: String,
}

/// The crops of all foci of `record`, as JSON. Same input, same bytes.
///
/// # Errors
///
/// If a picture cannot be encoded.
pub fn encode(record: &Record, radiograph: &Radiograph) -> io::Result<Vec<u8>> {
    let range = if record.foci.is_empty() {
        0.0
    } else {
        overall_range(radiograph)
    };
    let crops = record.foci.iter().map(|focus| {
        let [top, left, bottom, right] = focus.bounds;
        let bounds = Bounds {
            top,
            left,
            bottom,
            right,
        };
        let window = window(radiograph, bounds);
        Ok(Crop {
            focus: focus.number,
            window,
            jpeg: base64(&jpeg(radiograph, window, range)?),
        })
    });
    let crops: Vec<Crop> = crops.collect::<io::Result<_>>()?;
    Ok(serde_json::to_vec(&crops)?)
}

/// Top, left and side of the square to show: about the middle of `bounds`, inside the image.
fn window(radiograph: &Radiograph, bounds: Bounds) -> [u32; 3] {
    let (rows, columns) = radiograph.shape();
    let least = radiograph
        .spacing()
        .map_or(LEAST_PX, |spacing| LEAST_MM / spacing.mean());
    let longest = f64::from(bounds.height().max(bounds.width()));
    let side = (AROUND * longest)
        .max(least)
        .ceil()
        .clamp(1.0, rows.min(columns) as f64) as u32;
    let place = |from: u32, to: u32, extent: usize| {
        let middle = (from + to) / 2;
        middle.saturating_sub(side / 2).min(extent as u32 - side)
    };
    [
        place(bounds.top, bounds.bottom, rows),
        place(bounds.left, bounds.right, columns),
        side,
    ]
}

/// Distance from the 1st to the 99th percentile of some of the image's pixels.
fn overall_range(radiograph: &Radiograph) -> f64 {
    let pixels = radiograph.pixels();
    let every = (pixels.len() / 20_000).max(1);
    let mut some: Vec<u16> = pixels.iter().copied().step_by(every).collect();
    some.sort_unstable();
    let at = |share: f64| f64::from(some[((some.len() - 1) as f64 * share) as usize]);
    at(0.99) - at(0.01)
}

fn jpeg(radiograph: &Radiograph, [top, left, side]: [u32; 3], range: f64) -> io::Result<Vec<u8>> {
    let pixels = radiograph.pixels();
    let (top, left, side) = (top as usize, left as usize, side as usize);
    let mut values: Vec<u16> = Vec::with_capacity(side * side);
    for row in pixels.outer_iter().skip(top).take(side) {
        values.extend(row.iter().skip(left).take(side));
    }
    let mut sorted = values.clone();
    sorted.sort_unstable();
    let at = |share: f64| f64::from(sorted[((sorted.len() - 1) as f64 * share) as usize]);
    let (mut low, mut high) = (at(0.005), at(0.998));
    let short = (LEAST_RANGE * range).max(1.0) - (high - low);
    if short > 0.0 {
        (low, high) = (low - short / 2.0, high + short / 2.0);
    }
    let grey: Vec<u8> = scaled(&values, side)
        .into_iter()
        .map(|value| {
            ((f64::from(value) - low) / (high - low) * 255.0)
                .round()
                .clamp(0.0, 255.0) as u8
        })
        .collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode(&grey, SIDE, SIDE, ExtendedColorType::L8)
        .map_err(io::Error::other)?;
    Ok(bytes)
}

/// A square of `side` scaled to [`SIDE`]: means where it shrinks, straight lines between centres where it grows.
fn scaled(values: &[u16], side: usize) -> Vec<f32> {
    let out = SIDE as usize;
    let weights: Vec<Vec<(usize, f32)>> = (0..out).map(|line| weights(line, side, out)).collect();
    let mut rows = vec![0.0_f32; side];
    let mut scaled = Vec::with_capacity(out * out);
    for down in &weights {
        rows.fill(0.0);
        for &(row, weight) in down {
            for (sum, &value) in rows.iter_mut().zip(&values[row * side..]) {
                *sum += weight * f32::from(value);
            }
        }
        for across in &weights {
            scaled.push(across.iter().map(|&(column, weight)| weight * rows[column]).sum());
        }
    }
    scaled
}

/// Which of `from` lines make up line `line` of `to`, and how much of each.
fn weights(line: usize, from: usize, to: usize) -> Vec<(usize, f32)> {
    let scale = from as f64 / to as f64;
    if scale >= 1.0 {
        let (start, end) = (line as f64 * scale, (line + 1) as f64 * scale);
        let lines = start as usize..(end.ceil() as usize).min(from);
        let covered = lines.map(|own| (own, (end.min(own as f64 + 1.0) - start.max(own as f64)) / scale));
        return covered.map(|(own, share)| (own, share as f32)).collect();
    }
    let at = ((line as f64 + 0.5) * scale - 0.5).clamp(0.0, (from - 1) as f64);
    let (first, rest) = (at as usize, at.fract());
    vec![(first, (1.0 - rest) as f32), ((first + 1).min(from - 1), rest as f32)]
}

#[cfg(test)]
mod tests {
    use super::{Crop, SIDE, encode, scaled};
    use crate::write::example;

    #[test]
    fn a_crop_shows_its_focus_inside_the_image() {
        let record = &example::records()[0];
        let radiograph = example::radiograph();
        let bytes = encode(record, &radiograph).unwrap();
        assert_eq!(bytes, encode(record, &radiograph).unwrap());
        let crops: Vec<Crop> = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(crops.len(), record.foci.len());
        for (crop, focus) in crops.iter().zip(&record.foci) {
            let [top, left, side] = crop.window;
            assert!(top + side <= 60 && left + side <= 80 && crop.focus == focus.number);
            assert!(top <= focus.bounds[0] && left <= focus.bounds[1]);
            assert!(top + side >= focus.bounds[2] && left + side >= focus.bounds[3]);
        }
    }

    #[test]
    fn scaling_keeps_the_mean() {
        for side in [1, 2, 40, 96, 200, 401] {
            let ramp: Vec<u16> = (0..side * side)
                .map(|at| (at % side + 3 * (at / side)) as u16)
                .collect();
            let scaled = scaled(&ramp, side);
            assert_eq!(scaled.len(), (SIDE * SIDE) as usize);
            let mean = |sum: f64, count: usize| sum / count as f64;
            let before = mean(ramp.iter().map(|value| f64::from(*value)).sum(), ramp.len());
            let after = mean(scaled.iter().map(|value| f64::from(*value)).sum(), scaled.len());
            assert!(
                (before - after).abs() < 0.01 * before.max(0.1),
                "{side}: {before} {after}"
            );
        }
    }
}
