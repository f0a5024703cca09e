//! Mineral deposits: every mission label in several forms over its clinical size range.
//!
//! Sizes and forms: Tropical Medicine Central Resource ch. 7 (rice grains), AJR 1999;172:13 (lucent centres of
//! phleboliths), RadioGraphics 2006;26:871 (tumoral calcinosis), Insights Imaging 2018;9:477 (tendon deposits).

use super::layers::Layers;
use super::material::Material;
use super::texture::Texture;
use ndarray::Array2;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What a deposit is; names as in the classifier, which this room does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Spindle along the muscle.
    RiceGrain,
    /// Round vein stone.
    Phlebolith,
    /// Lobulated mass beside a joint.
    TumoralCalcinosis,
    /// Deposit in the supraspinatus tendon.
    CalcificTendinitis,
    /// Bone in soft tissue.
    Ossification,
    /// Mineral without order.
    Calcification,
}

impl Kind {
    /// Every kind, in the order of category numbers.
    pub const ALL: [Kind; 6] = [
        Kind::RiceGrain,
        Kind::Phlebolith,
        Kind::TumoralCalcinosis,
        Kind::CalcificTendinitis,
        Kind::Ossification,
        Kind::Calcification,
    ];

    /// Stable name, such as `rice_grain`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::RiceGrain => "rice_grain",
            Kind::Phlebolith => "phlebolith",
            Kind::TumoralCalcinosis => "tumoral_calcinosis",
            Kind::CalcificTendinitis => "calcific_tendinitis",
            Kind::Ossification => "ossification",
            Kind::Calcification => "calcification",
        }
    }
}

/// A deposit on a small grid of its own: thickness in mm, the material, and what to call its form.
pub(super) struct Deposit {
    pub(super) kind: Kind,
    pub(super) form: &'static str,
    pub(super) material: Material,
    /// Thickness in mm; the middle of the array is the deposit's place.
    pub(super) thickness: Array2<f32>,
}

/// Draws `thickness(x, y)` (mm from the place) on a grid that reaches `reach` mm to each side.
fn draw(spacing: f32, reach: f32, thickness: impl Fn(f32, f32) -> f32) -> Array2<f32> {
    let half = (reach / spacing).ceil() as isize;
    let side = (2 * half + 1) as usize;
    Array2::from_shape_fn((side, side), |(row, column)| {
        thickness(
            (column as isize - half) as f32 * spacing,
            (row as isize - half) as f32 * spacing,
        )
    })
}

/// Chord through a sphere of radius `radius` at distance `away` from its middle.
fn chord(radius: f32, away: f32) -> f32 {
    2.0 * (radius * radius - away * away).max(0.0).sqrt()
}

/// A deposit of `kind`; `axis` is the local fibre direction in radians from downwards, `density` scales its mineral.
pub(super) fn deposit(
    kind: Kind,
    axis: f32,
    density: f32,
    spacing: f32,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Deposit {
    let shift = (rng.random_range(0.0_f32..200.0), rng.random_range(0.0_f32..200.0));
    let noise = |x: f32, y: f32, scale: f32, octaves: u32| texture.fractal(x + shift.0, y + shift.1, scale, octaves);
    let (form, thickness) = match kind {
        Kind::RiceGrain => rice_grain(axis, density, spacing, rng),
        Kind::Phlebolith => phlebolith(density, spacing, noise, rng),
        Kind::TumoralCalcinosis => tumoral(density, spacing, rng),
        Kind::CalcificTendinitis => tendon(density, spacing, noise, rng),
        Kind::Ossification => ossification(axis, density, spacing, texture, noise, rng),
        Kind::Calcification => amorphous(density, spacing, noise, rng),
    };
    let material = if kind == Kind::Ossification {
        Material::Bone
    } else {
        Material::Hydroxyapatite
    };
    Deposit {
        kind,
        form,
        material,
        thickness,
    }
}

fn rice_grain(axis: f32, density: f32, spacing: f32, rng: &mut ChaCha8Rng) -> (&'static str, Array2<f32>) {
    let length = rng.random_range(5.5_f32..13.0);
    let width = (length / rng.random_range(2.2_f32..4.0)).clamp(1.8, 4.5);
    let turn = axis + 0.2 * super::texture::normal(rng);
    let (sine, cosine) = turn.sin_cos();
    let form = ["solid", "solid", "hollow", "beaded"][rng.random_range(0..4)];
    let share = density * rng.random_range(0.35_f32..0.6);
    let pointed = rng.random_range(0.5_f32..0.9);
    let thickness = draw(spacing, length / 2.0 + 1.0, |x, y| {
        let (along, across) = (x * sine + y * cosine, x * cosine - y * sine);
        let end = (1.0 - (2.0 * along / length).powi(2)).max(0.0);
        let mut radius = width / 2.0 * end.powf(pointed);
        if form == "beaded" {
            radius *= 0.82 + 0.18 * (along * 6.0 / length * std::f32::consts::PI).cos();
        }
        let outer = chord(radius, across);
        let inner = if form == "hollow" {
            0.8 * chord(0.55 * radius, across)
        } else {
            0.0
        };
        share * (outer - inner)
    });
    (form, thickness)
}

fn phlebolith(
    density: f32,
    spacing: f32,
    noise: impl Fn(f32, f32, f32, u32) -> f32,
    rng: &mut ChaCha8Rng,
) -> (&'static str, Array2<f32>) {
    let radius = rng.random_range(1.2_f32..3.0);
    let form = ["solid", "lucent_centre", "lucent_centre", "laminated", "eccentric"][rng.random_range(0..5)];
    let share = density * rng.random_range(0.4_f32..0.7);
    let core = radius * rng.random_range(0.45_f32..0.68);
    let aside = if form == "eccentric" {
        0.35 * (radius - core) + 0.25
    } else {
        0.0
    };
    let squash = rng.random_range(0.9_f32..1.1);
    let thickness = draw(spacing, radius * 1.2 + 1.0, |x, y| {
        let away = (x * squash).hypot(y / squash) + 0.05 * radius * noise(x, y, 2.0, 2);
        let outer = chord(radius, away);
        let inner = match form {
            "lucent_centre" | "eccentric" => 0.9 * chord(core, (x * squash - aside).hypot(y / squash)),
            "laminated" => 0.7 * (chord(0.75 * radius, away) - chord(0.45 * radius, away)),
            _ => 0.0,
        };
        share * (outer - inner).max(0.0)
    });
    (form, thickness)
}

fn tumoral(density: f32, spacing: f32, rng: &mut ChaCha8Rng) -> (&'static str, Array2<f32>) {
    let half = (rng.random_range(16.0_f32..34.0), rng.random_range(13.0_f32..24.0));
    let turn = rng.random_range(0.0_f32..std::f32::consts::PI);
    let (sine, cosine) = turn.sin_cos();
    let form = ["cobblestone", "cobblestone", "cystic"][rng.random_range(0..3)];
    let count = if form == "cystic" {
        rng.random_range(6..10)
    } else {
        rng.random_range(14..30)
    };
    let share = density * rng.random_range(0.08_f32..0.2);
    let mut lobules: Vec<(f32, f32, f32)> = Vec::new();
    for _ in 0..count * 40 {
        if lobules.len() == count {
            break;
        }
        let radius = if form == "cystic" {
            rng.random_range(6.0_f32..10.0)
        } else {
            rng.random_range(4.0_f32..7.5)
        };
        let (u, v) = (rng.random_range(-1.0_f32..1.0), rng.random_range(-1.0_f32..1.0));
        if u.hypot(v) > 1.0 {
            continue;
        }
        let (x, y) = (u * (half.0 - radius), v * (half.1 - radius).max(1.0));
        let (x, y) = (x * cosine - y * sine, x * sine + y * cosine);
        // Lobules touch: not too near the others, and not apart from all of them.
        let gap = |&(ox, oy, other): &(f32, f32, f32)| (x - ox).hypot(y - oy) / (radius + other);
        let nearest = lobules.iter().map(gap).fold(f32::INFINITY, f32::min);
        if lobules.is_empty() || (0.6..0.92).contains(&nearest) {
            lobules.push((x, y, radius));
        }
    }
    let thickness = draw(spacing, half.0.max(half.1) + 2.0, |x, y| {
        lobules
            .iter()
            .map(|&(cx, cy, radius)| {
                let whole = chord(radius, (x - cx).hypot(y - cy)).powf(0.7) * radius.powf(0.3);
                // Sediment: milk of calcium sinks in a cyst.
                let fill = if form == "cystic" && y < cy { 0.45 } else { 1.0 };
                share * fill * whole
            })
            .sum()
    });
    (form, thickness)
}

fn tendon(
    density: f32,
    spacing: f32,
    noise: impl Fn(f32, f32, f32, u32) -> f32,
    rng: &mut ChaCha8Rng,
) -> (&'static str, Array2<f32>) {
    let length = rng.random_range(5.0_f32..19.0);
    let width = (length * rng.random_range(0.3_f32..0.55)).clamp(2.5, 7.0);
    // The tendon slopes down and outwards over the head.
    let turn = rng.random_range(-0.15_f32..0.35);
    let (sine, cosine) = turn.sin_cos();
    let form = ["dense", "dense", "segmented", "cloudy", "fluffy"][rng.random_range(0..5)];
    let share = density * rng.random_range(0.2_f32..0.4);
    let cuts = rng.random_range(2..4) as f32;
    let thickness = draw(spacing, 0.75 * length + 2.0, |x, y| {
        let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
        let wave = noise(x, y, 5.0, 3);
        let away = (2.0 * u / length).hypot(2.0 * v / width) + 0.22 * wave;
        let solid = width * (1.0 - away * away).max(0.0).sqrt();
        match form {
            "segmented" => {
                let part = ((u / length + 0.5) * cuts).fract();
                let seam = (part - 0.5).abs();
                share * solid * if seam > 0.42 { 0.25 } else { 1.0 }
            }
            "cloudy" => share * solid * (0.75 + 0.5 * noise(x, y, 2.5, 3)).max(0.1),
            "fluffy" => {
                0.8 * share * width * (-2.2 * away.max(0.0).powi(2)).exp() * (0.9 + 0.4 * noise(x, y, 3.0, 2)).max(0.0)
            }
            _ => share * solid,
        }
    });
    (form, thickness)
}

fn ossification(
    axis: f32,
    density: f32,
    spacing: f32,
    texture: &Texture,
    noise: impl Fn(f32, f32, f32, u32) -> f32,
    rng: &mut ChaCha8Rng,
) -> (&'static str, Array2<f32>) {
    let form = ["round", "elongated", "island", "immature_rim"][rng.random_range(0..4)];
    let (length, aspect) = match form {
        "elongated" => (rng.random_range(25.0_f32..60.0), rng.random_range(2.0_f32..3.5)),
        "island" => (rng.random_range(9.0_f32..16.0), rng.random_range(1.1_f32..1.5)),
        _ => (rng.random_range(16.0_f32..38.0), rng.random_range(1.1_f32..1.6)),
    };
    let half = (length / 2.0, length / aspect / 2.0);
    let turn = axis + 0.25 * super::texture::normal(rng);
    let (sine, cosine) = turn.sin_cos();
    let shell = rng.random_range(0.9_f32..1.7).min(0.22 * half.1);
    let depth = half.1 * rng.random_range(0.9_f32..1.3);
    let share = density * rng.random_range(0.7_f32..1.0);
    let marrow = if form == "immature_rim" {
        0.04
    } else {
        rng.random_range(0.14_f32..0.26)
    };
    let thickness = draw(spacing, half.0 + 2.0, |x, y| {
        let (u, v) = (x * sine + y * cosine, x * cosine - y * sine);
        let wave = 1.0 + 0.09 * noise(x, y, 8.0, 3);
        let outer_at = (u / half.0).hypot(v / half.1) * wave;
        let inner_at = (u / (half.0 - shell)).hypot(v / (half.1 - shell)) * wave;
        let outer = 2.0 * depth * (1.0 - outer_at * outer_at).max(0.0).sqrt();
        let inner = 2.0 * (depth - shell) * (1.0 - inner_at * inner_at).max(0.0).sqrt();
        let grain = texture.at(v / 0.6, u / 1.7) + texture.at(v / 1.8 + 50.0, u / 0.7 + 20.0);
        let filling = (marrow * (1.0 + 0.8 * grain)).max(0.0);
        share * ((outer - inner).max(0.0) + filling * inner)
    });
    (form, thickness)
}

fn amorphous(
    density: f32,
    spacing: f32,
    noise: impl Fn(f32, f32, f32, u32) -> f32,
    rng: &mut ChaCha8Rng,
) -> (&'static str, Array2<f32>) {
    let form = ["cloudy", "stippled", "plaque", "flocculent"][rng.random_range(0..4)];
    let half = (rng.random_range(4.0_f32..14.0), 0.0);
    let half = (half.0, half.0 * rng.random_range(0.5_f32..0.9));
    let turn = rng.random_range(0.0_f32..std::f32::consts::PI);
    let (sine, cosine) = turn.sin_cos();
    let share = density * rng.random_range(0.25_f32..0.5);
    let specks: Vec<(f32, f32, f32)> = (0..rng.random_range(12..30))
        .map(|_| {
            let (angle, away) = (
                rng.random_range(0.0_f32..std::f32::consts::TAU),
                rng.random::<f32>().sqrt(),
            );
            (
                half.0 * away * angle.cos(),
                half.1 * away * angle.sin(),
                rng.random_range(0.5_f32..1.3),
            )
        })
        .collect();
    let thickness = draw(spacing, half.0 * 1.4 + 2.0, |x, y| {
        let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
        let away = (u / half.0).hypot(v / half.1);
        let ragged = away + 0.4 * noise(x, y, 0.6 * half.0, 4);
        match form {
            "stippled" => specks
                .iter()
                .map(|&(cx, cy, radius)| share * 1.2 * chord(radius, (u - cx).hypot(v - cy)))
                .sum(),
            "plaque" => {
                share * 3.0 * (6.0 * (1.0 - ragged)).clamp(0.0, 1.0) * (0.85 + 0.35 * noise(x, y, 2.0, 3)).max(0.0)
            }
            "flocculent" => {
                let flock = (noise(x, y, 3.2, 3) + 0.12).max(0.0) * 2.6;
                share * half.1 * 0.9 * (1.0 - ragged * ragged).max(0.0).sqrt() * flock.min(1.4)
            }
            _ => {
                share
                    * half.1
                    * 0.8
                    * (-1.6 * ragged.max(0.0).powi(2)).exp()
                    * (0.85 + 0.6 * noise(x, y, 2.6, 3)).max(0.0)
                    * f32::from(ragged < 1.35)
            }
        }
    });
    (form, thickness)
}

/// Adds a deposit with its middle at `(row, column)`, in place of as much soft tissue.
pub(super) fn insert(layers: &mut Layers, deposit: &Deposit, (row, column): (usize, usize)) {
    let (height, width) = deposit.thickness.dim();
    for ((r, c), &thickness) in deposit.thickness.indexed_iter() {
        let (at_row, at_column) = (row + r, column + c);
        if thickness <= 0.0 || at_row < height / 2 || at_column < width / 2 {
            continue;
        }
        let place = (at_row - height / 2, at_column - width / 2);
        if place.0 >= layers.rows || place.1 >= layers.columns {
            continue;
        }
        layers.map_mut(deposit.material)[place] += thickness;
        let soft = &mut layers.map_mut(Material::Soft)[place];
        *soft = (*soft - thickness).max(0.0);
    }
}

/// Picks one of `kinds`.
pub(super) fn pick(kinds: &[Kind], rng: &mut impl Rng) -> Kind {
    kinds[rng.random_range(0..kinds.len())]
}
