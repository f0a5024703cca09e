//! Deposits of 3-30 mm along a tendon.

use super::{Contour, Drawn, Recipe, choose, turned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(&["dense", "dense", "segmented", "cloudy", "fluffy", "linear"], rng);
    let length = recipe.length((3.0, 30.0), rng);
    let slim = if form == "linear" { 0.12..0.25 } else { 0.28..0.7 };
    let width = (length * rng.random_range(slim)).clamp(1.2, 12.0);
    // The tendon slopes over the head; `axis` runs along its fibres, away from downwards by a right angle.
    let place = turned(recipe.axis + std::f32::consts::FRAC_PI_2 + rng.random_range(-0.35_f32..0.35));
    let share = recipe.density * rng.random_range(1.2_f32..2.6);
    let cuts = rng.random_range(2..5) as f32;
    let bend = rng.random_range(-0.35_f32..0.35) / length;
    let contour = Contour::new(0.07, rng);
    let skew = rng.random_range(-0.6_f32..0.6);
    let thickness = recipe.draw(0.8 * length + 2.5, |x, y| {
        let (u, v) = place(x, y);
        let v = v + bend * u * u;
        let wave = recipe.noise(x, y, 0.25 * length + 1.5, 3);
        let taper = (1.0 + skew * u / length).max(0.4);
        let away = (2.0 * u / length).hypot(2.0 * v / (width * taper)) / contour.at(u, v) + 0.2 * wave;
        let solid = (1.0 - away * away).max(0.0).powf(0.4);
        share
            * match form {
                "segmented" => {
                    let part = ((u / length + 0.5) * cuts + 0.25 * wave).rem_euclid(1.0);
                    solid * (1.0 - 0.8 * (-((part - 0.5).abs() - 0.5).powi(2) / 0.012).exp())
                }
                "cloudy" => solid * (0.7 + 0.7 * recipe.noise(x, y, 0.15 * length + 1.0, 3)).max(0.05),
                "fluffy" => {
                    0.8 * (-2.0 * away.max(0.0).powi(2)).exp() * (0.9 + 0.5 * recipe.noise(x, y, 3.0, 2)).max(0.0)
                }
                _ => solid,
            }
    });
    Drawn {
        form,
        thickness,
        gap: if form == "dense" || form == "linear" { 0.6 } else { 2.0 },
    }
}
