//! Artefacts of the detector and its computer: burned-in text, dead pixels, the shadow of a grid.

use super::distractor::{Distractor, DistractorKind};
use crate::label::{Region, Run};
use ndarray::Array2;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Words a console burns in.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "AP", "LAT", "R", "L", "PORTABLE", "ERECT", "SUPINE", "W/B", "AP 1", "kV 65 mAs 4.0", "12:47", "POST OP", "#2",
    "EXT ROT", "INT ROT", "R AP", "L LAT",
];

/// Burns in a word or two, upright and near a corner. Returns what was put.
pub(super) fn text(values: &mut Array2<f32>, rng: &mut ChaCha8Rng) -> Vec<Distractor> {
    let (rows, columns) = values.dim();
    let mut found = Vec::new();
    let value = if rng.random_bool(0.85) { 1.0 } else { 0.0 };
    let zoom = rng.random_range(1..4) * (1 + columns / 1800);
    for _ in 0..rng.random_range(1..3) {
        let word = WORDS[rng.random_range(0..WORDS.len())];
        let (wide, high) = (word.len() * 12 * zoom, 20 * zoom);
        if wide + 40 > columns || 2 * high + 40 > rows {
            continue;
        }
        let left = if rng.random_bool(0.5) {
            rng.random_range(8..20)
        } else {
            columns - wide - rng.random_range(8..20)
        };
        let top = if rng.random_bool(0.5) {
            rng.random_range(8..rows / 5 + 10)
        } else {
            rows - high - rng.random_range(8..rows / 8 + 10)
        };
        let mut runs = Vec::new();
        let mut pen = left;
        for letter in word.chars() {
            let Some(raster) = get_raster(letter, FontWeight::Bold, RasterHeight::Size20) else {
                continue;
            };
            for (row, line) in raster.rows().enumerate() {
                for (column, _) in line.iter().enumerate().filter(|&(_, &ink)| ink >= 128) {
                    for down in 0..zoom {
                        let (r, start) = (top + row * zoom + down, pen + column * zoom);
                        if r < rows && start + zoom <= columns {
                            for cell in start..start + zoom {
                                values[(r, cell)] = value;
                            }
                            runs.push(Run {
                                row: r as u32,
                                start: start as u32,
                                end: (start + zoom) as u32,
                            });
                        }
                    }
                }
            }
            pen += raster.width() * zoom;
        }
        found.extend(Region::new(runs).map(|region| Distractor::new(DistractorKind::Text, region)));
    }
    found
}

/// Hot and dead pixels, and now and then a line. Returns what was put.
pub(super) fn dead_pixels(values: &mut Array2<f32>, rng: &mut ChaCha8Rng) -> Option<Distractor> {
    let (rows, columns) = values.dim();
    let mut places = Vec::new();
    for _ in 0..rng.random_range(1..30) {
        let (row, column) = (rng.random_range(0..rows), rng.random_range(0..columns));
        let value = if rng.random_bool(0.6) { 1.0 } else { 0.0 };
        places.push((row, column, value));
        // Clusters of two happen.
        if rng.random_bool(0.2) && column + 1 < columns {
            places.push((row, column + 1, value));
        }
    }
    if rng.random_bool(0.25) {
        let column = rng.random_range(0..columns);
        let value = if rng.random_bool(0.5) { 1.0 } else { 0.0 };
        places.extend((rng.random_range(0..rows)..rows).map(|row| (row, column, value)));
    }
    places.sort_by_key(|&(row, column, _)| (row, column));
    places.dedup_by_key(|place| (place.0, place.1));
    let mut runs = Vec::with_capacity(places.len());
    for (row, column, value) in places {
        values[(row, column)] = value;
        runs.push(Run {
            row: row as u32,
            start: column as u32,
            end: column as u32 + 1,
        });
    }
    Region::new(runs).map(|region| Distractor::new(DistractorKind::DeadPixel, region))
}

/// Multiplies the signal by the shadow of a grid's lines.
pub(super) fn grid_lines(signal: &mut Array2<f32>, rng: &mut ChaCha8Rng) {
    const STEPS: usize = 4096;
    let period = rng.random_range(2.2_f32..9.0);
    let depth = rng.random_range(0.004_f32..0.02);
    let upright = rng.random_bool(0.7);
    let slant = rng.random_range(-0.004_f32..0.004);
    let wave: Vec<f32> = (0..STEPS)
        .map(|step| 1.0 + depth * (std::f32::consts::TAU * step as f32 / STEPS as f32).sin())
        .collect();
    for ((row, column), value) in signal.indexed_iter_mut() {
        let (x, y) = if upright { (column, row) } else { (row, column) };
        let phase = (x as f32 + slant * y as f32) / period + 8.0;
        *value *= wave[((phase - (phase as i32) as f32) * STEPS as f32) as usize % STEPS];
    }
}
