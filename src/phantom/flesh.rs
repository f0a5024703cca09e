//! Skin, fat, muscle and organs: the body without its bones, drawn on a coarse grid.

use super::layers::Layers;
use super::material::Material;
use super::outline::{Field, Point, Shape};
use super::texture::Texture;
use crate::morphology;
use ndarray::Array2;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A body or a part of it.
pub(super) struct Flesh {
    pub(super) shape: Shape,
    /// Depth along the beam over width across it.
    pub(super) depth: f32,
    /// Greatest radius along the beam in mm.
    pub(super) cap: f32,
    /// Thickness of subcutaneous fat in mm.
    pub(super) fat: f32,
    /// Direction of muscle fibres in radians from downwards.
    pub(super) axis: f32,
    /// How strongly bundles of muscle and septa of fat show, 0 to about 2.
    pub(super) bundles: f32,
    /// How unevenly organs fill it, 0 to about 2.
    pub(super) organs: f32,
}

fn chord(radius: f32, depth: f32) -> f32 {
    let offset = (radius - depth).max(0.0);
    2.0 * (radius * radius - offset * offset).max(0.0).sqrt()
}

/// Adds `flesh` to the layers.
pub(super) fn add(layers: &mut Layers, flesh: &Flesh, texture: &Texture) {
    let within = layers.bounds();
    let Some(field) = Field::of(&flesh.shape, within, texture, 0.5) else {
        return;
    };
    let factor = ((0.6 / layers.spacing).round() as usize).max(1);
    let (rows, columns) = (layers.rows.div_ceil(factor), layers.columns.div_ceil(factor));
    let mut soft = Array2::<f32>::zeros((rows, columns));
    let mut fat = Array2::<f32>::zeros((rows, columns));
    let (sine, cosine) = flesh.axis.sin_cos();
    let skin = 1.7_f32;
    let frame = layers.frame();
    for row in 0..rows {
        for column in 0..columns {
            let middle = 0.5 * factor as f32;
            let (x, y) = frame.scene((row * factor) as f32 + middle, (column * factor) as f32 + middle);
            let inside = field.at(x, y);
            if inside.depth <= 0.0 {
                continue;
            }
            let radius = inside.radius.min(flesh.cap).max(1.0);
            let whole = chord(radius, inside.depth);
            let below = |layer: f32| {
                if inside.depth > layer && radius > layer {
                    chord(radius - layer, inside.depth - layer)
                } else {
                    0.0
                }
            };
            let fat_layer = (flesh.fat * (1.0 + 0.25 * texture.fractal(x - 55.0, y, 45.0, 2))).min(0.7 * radius);
            let (under_skin, muscle) = (below(skin.min(0.5 * radius)), below(skin + fat_layer));
            // Bundles lie along the fibres, septa of fat between them.
            let (u, v) = (x * sine + y * cosine, x * cosine - y * sine);
            let bundle = texture.at(v / 6.0, u / 60.0) + 0.5 * texture.at(v / 2.2 + 40.0, u / 30.0);
            let septum = (-((texture.at(v / 22.0 + 9.0, u / 160.0) * 9.0).powi(2))).exp();
            let organ = texture.fractal(x + 17.0, y - 31.0, 60.0, 4) + 0.3 * texture.fractal(x + 77.0, y, 8.0, 3);
            let lean = muscle
                * (1.0 + flesh.bundles * (0.012 * bundle - 0.035 * septum) + 0.03 * flesh.organs * organ).max(0.1);
            let lobule = 1.0 + 0.04 * texture.fractal(x, y, 7.0, 3);
            soft[(row, column)] = flesh.depth * (lean + whole - under_skin);
            fat[(row, column)] = flesh.depth * (under_skin - muscle + (muscle - lean).max(0.0)) * lobule;
        }
    }
    for (coarse, material) in [(soft, Material::Soft), (fat, Material::Fat)] {
        let fine = morphology::upsample(coarse.view(), factor, (layers.rows, layers.columns));
        *layers.map_mut(material) += &fine;
    }
}

/// Takes gas out of the beam: `deep(x, y)` mm of it, inside the box from `low` to `high`.
pub(super) fn take(layers: &mut Layers, (low, high): (Point, Point), deep: impl Fn(f32, f32) -> f32) {
    let window = layers.window(low, high, 0.0);
    let frame = layers.frame();
    for row in window.rows.0..window.rows.1 {
        for column in window.columns.0..window.columns.1 {
            let (x, y) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
            let gas = deep(x, y);
            if gas != 0.0 {
                let soft = layers.cell(Material::Soft, row, column);
                // Some of the body remains in front and behind.
                *soft = (*soft - gas).max(0.12 * *soft);
            }
        }
    }
}

/// Veins in the fat, planes of fat between muscles, creases: faint lines that wind along the fibres.
pub(super) fn streaks(layers: &mut Layers, axis: f32, texture: &Texture, rng: &mut ChaCha8Rng) {
    let (low, high) = layers.bounds();
    let frame = layers.frame();
    for _ in 0..rng.random_range(2..16) {
        let long = rng.random_range(30.0_f32..220.0);
        let step = 4.0_f32;
        let (mut x, mut y) = (
            rng.random_range(low.0..high.0),
            rng.random_range(low.1..high.1) - 0.5 * long,
        );
        // Downwards along the fibres, now and then across.
        let mut heading = std::f32::consts::FRAC_PI_2 - axis + rng.random_range(-0.4_f32..0.4);
        if rng.random_bool(0.15) {
            heading += rng.random_range(-1.6_f32..1.6);
        }
        let vein = rng.random_bool(0.5);
        let width = if vein {
            rng.random_range(0.8_f32..2.2)
        } else {
            rng.random_range(0.6_f32..3.0)
        };
        let much = if vein {
            rng.random_range(0.3_f32..1.4) * width
        } else {
            rng.random_range(0.6_f32..4.5)
        };
        let wind = rng.random_range(0.02_f32..0.2);
        let seed = rng.random_range(0.0_f32..100.0);
        for number in 0..(long / step) as usize {
            let at = number as f32 * step;
            heading += wind * texture.at(at / 18.0, seed);
            let (bx, by) = (x + step * heading.cos(), y + step * heading.sin());
            let fade = (std::f32::consts::PI * at / long).sin();
            let reach = 2.2 * width;
            let box_low = (x.min(bx) - reach, y.min(by) - reach);
            let box_high = (x.max(bx) + reach, y.max(by) + reach);
            let (dx, dy) = (bx - x, by - y);
            let window = layers.window(box_low, box_high, 0.0);
            for row in window.rows.0..window.rows.1 {
                for column in window.columns.0..window.columns.1 {
                    let (px, py) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
                    let along = ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy);
                    if !(0.0..1.0).contains(&along) {
                        continue;
                    }
                    let away = (px - x - along * dx).hypot(py - y - along * dy) / width;
                    let soft = layers.cell(Material::Soft, row, column);
                    if *soft < 8.0 || away > 2.2 {
                        continue;
                    }
                    let swap = fade * much * (-away * away).exp();
                    if vein {
                        *soft += swap;
                    } else {
                        let swap = swap.min(0.5 * *soft);
                        *soft -= swap;
                        *layers.cell(Material::Fat, row, column) += swap;
                    }
                }
            }
            (x, y) = (bx, by);
        }
    }
}
