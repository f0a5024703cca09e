//! Mineral without order, 3-40 mm.

use super::{Contour, Drawn, Recipe, choose, chord, turned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let forms = ["cloudy", "stippled", "plaque", "flocculent", "nodular", "streaky"];
    let form = choose(&forms, rng);
    let length = recipe.length((3.0, 40.0), rng);
    // Small ones are plain lumps.
    let form = if length < 6.0 {
        choose(&["nodular", "plaque", "cloudy"], rng)
    } else {
        form
    };
    let aspect = if form == "streaky" { 0.12..0.35 } else { 0.4..0.95 };
    let half = (length / 2.0, length / 2.0 * rng.random_range(aspect));
    let turn = if form == "streaky" {
        recipe.axis + rng.random_range(-0.5_f32..0.5)
    } else {
        rng.random_range(0.0_f32..std::f32::consts::PI)
    };
    let place = turned(turn);
    let share = recipe.density * rng.random_range(0.8_f32..2.4);
    let contour = Contour::new(0.16, rng);
    let count = (0.5 * half.0 * half.1).clamp(6.0, 60.0) as usize;
    let specks: Vec<(f32, f32, f32)> = (0..rng.random_range(count / 2 + 3..count + 6))
        .map(|_| {
            let (angle, away) = (
                rng.random_range(0.0_f32..std::f32::consts::TAU),
                rng.random::<f32>().sqrt(),
            );
            (
                half.0 * away * angle.cos(),
                half.1 * away * angle.sin(),
                rng.random_range(0.3_f32..1.3),
            )
        })
        .collect();
    let lumps: Vec<(f32, f32, f32)> = (0..rng.random_range(1..6))
        .map(|_| {
            (
                half.0 * rng.random_range(-0.6_f32..0.6),
                half.1 * rng.random_range(-0.6_f32..0.6),
                half.1 * rng.random_range(0.35_f32..0.8),
            )
        })
        .collect();
    let fine = (0.12 * length).clamp(0.8, 4.0);
    let thickness = recipe.draw(half.0 * 1.7 + 2.0, |x, y| {
        let (u, v) = place(x, y);
        let away = (u / half.0).hypot(v / half.1) / contour.at(u / half.0, v / half.1);
        let ragged = away + 0.4 * recipe.noise(x, y, 0.6 * half.0 + 0.8, 4);
        share
            * match form {
                "stippled" => specks
                    .iter()
                    .map(|&(cx, cy, radius)| 0.5 * chord(radius, (u - cx).hypot(v - cy)))
                    .sum::<f32>(),
                "nodular" => lumps
                    .iter()
                    .map(|&(cx, cy, radius)| {
                        let rough = 1.0 + 0.3 * recipe.noise(x, y, 2.0 * fine, 3);
                        chord(1.0, rough * (u - cx).hypot(v - cy) / radius)
                    })
                    .fold(0.0, f32::max),
                "plaque" | "streaky" => {
                    (5.0 * (1.0 - ragged)).clamp(0.0, 1.0) * (0.85 + 0.5 * recipe.noise(x, y, fine, 3)).max(0.0)
                }
                "flocculent" => {
                    let flock = (recipe.noise(x, y, 1.5 * fine, 3) + 0.15).max(0.0) * 2.6;
                    (1.0 - ragged * ragged).max(0.0).sqrt() * flock.min(1.5)
                }
                _ => {
                    (-1.6 * ragged.max(0.0).powi(2)).exp()
                        * (0.85 + 0.7 * recipe.noise(x, y, fine, 3)).max(0.0)
                        * (4.0 * (1.45 - ragged)).clamp(0.0, 1.0)
                }
            }
    });
    Drawn {
        form,
        thickness,
        gap: match form {
            "stippled" => 3.0,
            "flocculent" | "cloudy" => 2.0,
            _ => 0.8,
        },
    }
}
