//! Spindles of 4-15 mm along the muscle.

use super::super::texture::normal;
use super::{Drawn, Recipe, choose, chord, turned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let length = recipe.length((4.0, 15.0), rng).max(4.0);
    let width = (length / rng.random_range(2.0_f32..4.0)).clamp(1.4, 5.0);
    let form = choose(&["solid", "solid", "hollow", "beaded", "ragged", "faded"], rng);
    let spread = rng.random_range(0.1_f32..0.3);
    let along_axis = turned(recipe.axis + spread * normal(rng));
    let share = recipe.density * rng.random_range(0.35_f32..0.6);
    let pointed = rng.random_range(0.45_f32..1.0);
    let bend = rng.random_range(-0.25_f32..0.25) / length;
    let lean = rng.random_range(-0.25_f32..0.25);
    let core = rng.random_range(0.45_f32..0.68);
    let thickness = recipe.draw(length / 2.0 + 1.5, |x, y| {
        let (along, across) = along_axis(x, y);
        let across = across + bend * along * along;
        let share_along = 2.0 * along / length;
        // One end may be blunter than the other.
        let end = (1.0 - share_along * share_along).max(0.0) * (1.0 + lean * share_along);
        let mut radius = width / 2.0 * end.powf(pointed);
        match form {
            "beaded" => radius *= 0.8 + 0.2 * (along * 6.0 / length * std::f32::consts::PI).cos(),
            "ragged" => radius *= 1.0 + 0.35 * recipe.noise(x, y, 1.6, 2),
            _ => {}
        }
        let outer = chord(radius, across);
        let inner = if form == "hollow" {
            0.85 * chord(core * radius, across)
        } else {
            0.0
        };
        let fade = if form == "faded" {
            (0.75 + 0.6 * recipe.noise(x, y, 1.5, 2)).max(0.0)
        } else {
            1.0
        };
        share * (outer - inner) * fade
    });
    Drawn {
        form,
        thickness,
        gap: 0.5,
    }
}
