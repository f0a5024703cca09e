//! What else lies in the beam: lead letters, screws, clips, wires, rings.

use super::layers::Layers;
use super::material::Material;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Strokes of a letter in a box of 1 x 1, x to the right, y down.
const LETTER_L: &[[(f32, f32); 2]] = &[[(0.1, 0.0), (0.1, 1.0)], [(0.1, 1.0), (0.7, 1.0)]];
const LETTER_R: &[[(f32, f32); 2]] = &[
    [(0.1, 0.0), (0.1, 1.0)],
    [(0.1, 0.0), (0.55, 0.0)],
    [(0.55, 0.0), (0.7, 0.15)],
    [(0.7, 0.15), (0.7, 0.35)],
    [(0.7, 0.35), (0.55, 0.5)],
    [(0.55, 0.5), (0.1, 0.5)],
    [(0.4, 0.5), (0.75, 1.0)],
];

/// Adds `thickness` mm of `material` within `radius` mm of the segment from `a` to `b`; round in section if `wire`.
fn bar(layers: &mut Layers, material: Material, a: (f32, f32), b: (f32, f32), radius: f32, thickness: Option<f32>) {
    let low = (a.0.min(b.0), a.1.min(b.1));
    let high = (a.0.max(b.0), a.1.max(b.1));
    let window = layers.window(low, high, radius + 0.5);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let squared = (dx * dx + dy * dy).max(1e-6);
    for row in window.rows.0..window.rows.1 {
        for column in window.columns.0..window.columns.1 {
            let (x, y) = layers.place(row, column);
            let along = (((x - a.0) * dx + (y - a.1) * dy) / squared).clamp(0.0, 1.0);
            let away = (x - a.0 - along * dx).hypot(y - a.1 - along * dy);
            if away < radius {
                let chord = thickness.unwrap_or(2.0 * (radius * radius - away * away).sqrt());
                let cell = &mut layers.map_mut(material)[(row, column)];
                *cell = cell.max(chord);
            }
        }
    }
}

/// A lead side letter near a corner of the picture. Returns the letter.
pub(super) fn side_marker(layers: &mut Layers, rng: &mut ChaCha8Rng) -> char {
    let (width, height) = layers.extent();
    let size = rng.random_range(10.0_f32..18.0);
    let (letter, strokes) = if rng.random_bool(0.5) {
        ('L', LETTER_L)
    } else {
        ('R', LETTER_R)
    };
    let corner = (
        if rng.random_bool(0.5) { 1.0 } else { -1.0 } * (width / 2.0 - rng.random_range(30.0_f32..42.0)),
        if rng.random_bool(0.5) { 1.0 } else { -1.0 } * (height / 2.0 - rng.random_range(30.0_f32..48.0)),
    );
    let lean = rng.random_range(-0.2_f32..0.2);
    let (sine, cosine) = lean.sin_cos();
    let place = |(u, v): (f32, f32)| {
        let (u, v) = ((u - 0.4) * size, (v - 0.5) * size);
        (corner.0 + u * cosine - v * sine, corner.1 + u * sine + v * cosine)
    };
    for stroke in strokes {
        bar(
            layers,
            Material::Lead,
            place(stroke[0]),
            place(stroke[1]),
            0.11 * size,
            Some(1.2),
        );
    }
    letter
}

/// Metal of some kind; returns what it is.
pub(super) fn metal(layers: &mut Layers, rng: &mut ChaCha8Rng) -> &'static str {
    let (width, height) = layers.extent();
    let x = rng.random_range(-0.3_f32..0.3) * width;
    let y = rng.random_range(-0.35_f32..0.35) * height;
    let turn = rng.random_range(0.0_f32..std::f32::consts::TAU);
    let (sine, cosine) = turn.sin_cos();
    let at = |u: f32, v: f32| (x + u * cosine - v * sine, y + u * sine + v * cosine);
    match rng.random_range(0..4) {
        0 => {
            bar(layers, Material::Titanium, at(-18.0, 0.0), at(18.0, 0.0), 1.8, None);
            bar(
                layers,
                Material::Titanium,
                at(-20.0, -2.5),
                at(-20.0, 2.5),
                2.6,
                Some(6.0),
            );
            for thread in 0..16 {
                let u = -8.0 + 1.6 * thread as f32;
                bar(
                    layers,
                    Material::Titanium,
                    at(u, -2.4),
                    at(u + 0.5, 2.4),
                    0.35,
                    Some(4.0),
                );
            }
            "screw"
        }
        1 => {
            for clip in 0..rng.random_range(2..6) {
                let (u, v) = (8.0 * clip as f32, 5.0 * (clip % 2) as f32);
                bar(
                    layers,
                    Material::Titanium,
                    at(u, v),
                    at(u + 4.0, v + 1.5),
                    0.5,
                    Some(2.5),
                );
            }
            "clips"
        }
        2 => {
            let radius = rng.random_range(8.0_f32..11.0);
            let points: Vec<(f32, f32)> = (0..=40)
                .map(|step| {
                    let angle = step as f32 / 40.0 * std::f32::consts::TAU;
                    at(radius * angle.cos(), radius * angle.sin())
                })
                .collect();
            for pair in points.windows(2) {
                bar(layers, Material::Titanium, pair[0], pair[1], 1.0, None);
            }
            "ring"
        }
        _ => {
            let points: Vec<(f32, f32)> = (0..=20)
                .map(|step| at(4.0 * step as f32 - 40.0, 6.0 * (step as f32 * 0.4).sin()))
                .collect();
            for pair in points.windows(2) {
                bar(layers, Material::Titanium, pair[0], pair[1], 0.5, None);
            }
            "wire"
        }
    }
}

/// An artery with calcified walls: two thin rims along a winding course.
pub(super) fn vessel(layers: &mut Layers, axis: f32, texture: &super::texture::Texture, rng: &mut ChaCha8Rng) {
    let (width, height) = layers.extent();
    let start = rng.random_range(-0.2_f32..0.2) * width;
    let calibre = rng.random_range(2.0_f32..3.2);
    let reach = 0.4 * height;
    let bend = rng.random_range(0.02_f32..0.04);
    let course = |y: f32| start + axis.tan() * y + 7.0 * (bend * y).sin();
    let steps = 160;
    for wall in [-calibre, calibre] {
        for step in 0..steps {
            let (y, next) = (
                -reach + 2.0 * reach * step as f32 / steps as f32,
                -reach + 2.0 * reach * (step + 1) as f32 / steps as f32,
            );
            let patchy = texture.at(y / 9.0 + 60.0, wall);
            if patchy > -0.2 {
                let thickness = 0.35 * (patchy + 0.4);
                bar(
                    layers,
                    Material::Hydroxyapatite,
                    (course(y) + wall, y),
                    (course(next) + wall, next),
                    0.45,
                    Some(thickness),
                );
            }
        }
    }
}
