//! Kinds beyond the six mission labels.

use super::super::texture::normal;
use super::{Contour, Drawn, Recipe, choose, chord, turned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Calcinosis cutis: stones, plates, nets, 1-15 mm, dense and sharp.
pub(super) fn cutis(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(&["stone", "stone", "plate", "net"], rng);
    let half = 0.5 * recipe.length((1.2, 15.0), rng);
    let half = (half, half * rng.random_range(0.4_f32..1.0));
    let place = turned(rng.random_range(0.0_f32..3.2));
    let contour = Contour::new(0.14, rng);
    let share = recipe.density * rng.random_range(1.0_f32..2.4);
    let thickness = recipe.draw(1.7 * half.0 + 1.0, |x, y| {
        let (u, v) = place(x, y);
        let away = (u / half.0).hypot(v / half.1) / contour.at(u, v);
        let body = (1.0 - away * away).max(0.0);
        share
            * match form {
                "plate" => (6.0 * body).min(1.0) * 0.7,
                "net" => {
                    let cell = recipe.noise(x, y, 2.5, 2).abs();
                    (6.0 * body).min(1.0) * (1.0 - 4.0 * cell).max(0.0)
                }
                _ => body.sqrt() * half.1.min(3.0),
            }
    });
    Drawn {
        form,
        thickness,
        gap: 1.2,
    }
}

/// A sheet along fascia, seen on edge or aslant: long, thin, wavy, often double.
pub(super) fn sheet(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(&["single", "double", "reticular"], rng);
    let half = 0.5 * recipe.length((30.0, 150.0), rng);
    let width = rng.random_range(0.6_f32..2.2);
    let apart = rng.random_range(2.5_f32..6.0);
    let place = turned(recipe.axis + 0.08 * normal(rng));
    let bend = rng.random_range(-0.4_f32..0.4) / half;
    let share = recipe.density * rng.random_range(0.8_f32..1.8);
    let thickness = recipe.draw(half + 3.0, |x, y| {
        let (u, v) = place(x, y);
        let v = v + bend * u * u * 0.4 + 2.5 * recipe.noise(u, 0.0, 28.0, 2);
        let patch = (0.6 + 1.1 * recipe.noise(x, y, 9.0, 3)).clamp(0.0, 1.3);
        let line = |v: f32| (1.0 - (v / width).powi(2)).max(0.0);
        let ends = (1.0 - (u / half).powi(4)).max(0.0);
        let lines = match form {
            "single" => line(v),
            "double" => line(v - apart) + line(v + apart),
            _ => {
                let net = (1.0 - 5.0 * recipe.noise(x, y, 6.0, 2).abs()).max(0.0);
                net * (1.0 - (v / (2.5 * apart)).powi(2)).max(0.0)
            }
        };
        share * ends * patch * lines
    });
    Drawn {
        form,
        thickness,
        gap: 2.5,
    }
}

/// Chondrocalcinosis: a dotted line of 1-3 mm inside a joint, or a wedge of meniscus.
pub(super) fn cartilage(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(&["linear", "wedge"], rng);
    let half = 0.5 * recipe.length((8.0, 26.0), rng);
    let width = rng.random_range(0.5_f32..1.4);
    // The joint line runs across the limb.
    let place = turned(recipe.axis + std::f32::consts::FRAC_PI_2);
    let share = recipe.density * rng.random_range(0.4_f32..1.0);
    let bend = rng.random_range(-0.2_f32..0.2) / half;
    let thickness = recipe.draw(half + 2.0, |x, y| {
        let (u, v) = place(x, y);
        let v = v + bend * u * u;
        let reach = if form == "wedge" {
            width * (1.0 + 0.8 * u / half)
        } else {
            width
        };
        let dots = (0.55 + 1.3 * recipe.noise(x, y, 1.3, 2)).clamp(0.0, 1.4);
        share * dots * (1.0 - (v / reach.max(0.2)).powi(2)).max(0.0) * (1.0 - (u / half).powi(6)).max(0.0)
    });
    Drawn {
        form,
        thickness,
        gap: 1.5,
    }
}

/// Metastatic calcification: fine specks over a wide area.
pub(super) fn speckles(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let half = 0.5 * recipe.length((25.0, 90.0), rng);
    let half = (half, half * rng.random_range(0.4_f32..0.9));
    let place = turned(recipe.axis);
    let share = recipe.density * rng.random_range(0.5_f32..1.1);
    let sparse = rng.random_range(0.25_f32..0.45);
    let thickness = recipe.draw(half.0 + 2.0, |x, y| {
        let (u, v) = place(x, y);
        let away = (u / half.0).hypot(v / half.1);
        let speck = ((recipe.noise(x, y, 1.1, 1) - sparse) * 3.0).clamp(0.0, 1.0);
        let cloud = (0.5 + 0.9 * recipe.noise(x + 90.0, y, 14.0, 2)).clamp(0.0, 1.0);
        share * speck * cloud * (1.0 - away * away).max(0.0)
    });
    Drawn {
        form: "speckled",
        thickness,
        gap: 4.0,
    }
}

/// Walls of an artery as two lines, or the net of a vein in fat.
pub(super) fn vessel(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(&["tram_track", "tram_track", "segmented", "venous_net"], rng);
    let half = 0.5 * recipe.length((25.0, 150.0), rng);
    let calibre = rng.random_range(1.2_f32..3.8);
    let wall = rng.random_range(0.35_f32..0.8);
    let place = turned(recipe.axis + 0.12 * normal(rng));
    let wind = rng.random_range(1.0_f32..7.0);
    let share = recipe.density * rng.random_range(0.35_f32..0.9);
    let threshold = rng.random_range(-0.35_f32..0.1);
    let thickness = recipe.draw(half + 3.0, |x, y| {
        let (u, v) = place(x, y);
        let v = v + wind * 2.0 * recipe.noise(u, 3.0, 45.0, 2);
        let ends = (1.0 - (u / half).powi(6)).max(0.0);
        let line = |v: f32, width: f32| (1.0 - (v / width).powi(2)).max(0.0).sqrt();
        share
            * ends
            * match form {
                "venous_net" => {
                    let net = (1.0 - 6.0 * recipe.noise(x, y, 7.0, 2).abs()).max(0.0);
                    net * (1.0 - (v / (5.0 * calibre)).powi(2)).max(0.0)
                }
                "segmented" => {
                    let on = ((recipe.noise(u, 8.0, 10.0, 2) - threshold) * 6.0).clamp(0.0, 1.0);
                    on * (line(v - calibre, wall) + line(v + calibre, wall) + 0.35 * line(v, calibre))
                }
                _ => {
                    let one = ((recipe.noise(u, 8.0, 9.0, 2) - threshold) * 5.0).clamp(0.0, 1.0);
                    let two = ((recipe.noise(u, 58.0, 9.0, 2) - threshold) * 5.0).clamp(0.0, 1.0);
                    one * line(v - calibre, wall) + two * line(v + calibre, wall)
                }
            }
    });
    Drawn {
        form,
        thickness,
        gap: 2.0 * calibre + 0.5,
    }
}

/// A mass with amorphous mineral, densest in the middle, 20-120 mm.
pub(super) fn mass(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let half = 0.5 * recipe.length((22.0, 120.0), rng);
    let half = (half, half * rng.random_range(0.6_f32..0.95));
    let place = turned(recipe.axis + 0.5 * normal(rng));
    let contour = Contour::new(0.10, rng);
    let share = recipe.density * rng.random_range(1.5_f32..4.5);
    let narrow = rng.random_range(1.6_f32..3.0);
    let clumps: Vec<(f32, f32, f32)> = (0..rng.random_range(0..6))
        .map(|_| {
            (
                half.0 * 0.4 * normal(rng),
                half.1 * 0.4 * normal(rng),
                half.1 * rng.random_range(0.1_f32..0.3),
            )
        })
        .collect();
    let thickness = recipe.draw(1.5 * half.0 + 2.0, |x, y| {
        let (u, v) = place(x, y);
        let away = (u / half.0).hypot(v / half.1) / contour.at(u, v) + 0.3 * recipe.noise(x, y, 0.5 * half.1, 4);
        let cloud = (0.8 + 0.9 * recipe.noise(x, y, 0.18 * half.1 + 1.0, 4)).max(0.0);
        let lumps: f32 = clumps
            .iter()
            .map(|&(cx, cy, radius)| 0.4 * chord(radius, (u - cx).hypot(v - cy)) / radius.max(0.5))
            .sum();
        share * ((-narrow * away.max(0.0).powi(2)).exp() * cloud + lumps * f32::from(away < 1.0))
    });
    Drawn {
        form: "central",
        thickness,
        gap: 3.0,
    }
}
