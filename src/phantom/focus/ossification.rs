//! Bone in soft tissue, 8-80 mm: a shell around marrow with trabeculae, or only the shell.

use super::super::texture::normal;
use super::{Contour, Drawn, Recipe, choose, turned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(
        &["round", "elongated", "elongated", "island", "immature_rim", "flame"],
        rng,
    );
    let (length, aspect) = match form {
        "elongated" => (recipe.length((20.0, 80.0), rng), rng.random_range(2.0_f32..5.0)),
        "flame" => (recipe.length((20.0, 70.0), rng), rng.random_range(1.8_f32..3.5)),
        "island" => (recipe.length((8.0, 18.0), rng), rng.random_range(1.0_f32..1.7)),
        _ => (recipe.length((12.0, 50.0), rng), rng.random_range(1.05_f32..1.7)),
    };
    let half = (length / 2.0, length / aspect / 2.0);
    let place = turned(recipe.axis + 0.35 * normal(rng));
    let shell = rng.random_range(0.6_f32..1.8).min(0.3 * half.1);
    // Long masses are flat.
    let depth = half.1.min(14.0) * rng.random_range(0.7_f32..1.3);
    let share = recipe.density * rng.random_range(0.7_f32..1.0);
    let marrow = if form == "immature_rim" {
        rng.random_range(0.0_f32..0.06)
    } else {
        rng.random_range(0.10_f32..0.28)
    };
    let contour = Contour::new(if form == "island" { 0.05 } else { 0.10 }, rng);
    let bend = rng.random_range(-0.5_f32..0.5) / length;
    let coarse = rng.random_range(0.8_f32..1.6);
    let gaps = rng.random_range(0.0_f32..0.6);
    let thickness = recipe.draw(half.0 * 1.25 + 3.0, |x, y| {
        let (u, v) = place(x, y);
        let v = v + bend * u * u;
        let v = match form {
            // One end runs out into a point.
            "flame" => v / (0.45 + 0.55 * (0.5 - u / length).clamp(0.0, 1.0)),
            _ => v,
        };
        let bulge = contour.at(u / half.0, v / half.1) * (1.0 + 0.05 * recipe.noise(x, y, 6.0, 3));
        let away = (u / half.0).hypot(v / half.1) / bulge;
        if away >= 1.0 {
            return 0.0;
        }
        // Depth below the border in mm, to first order.
        let slope = (u / (half.0 * half.0)).hypot(v / (half.1 * half.1)) / (away * bulge).max(0.05);
        let below = (1.0 - away) * bulge / slope.max(1.0 / half.0);
        let outer = 2.0 * depth * (1.0 - away * away).sqrt();
        let thin = (1.0 + gaps * recipe.noise(x + 40.0, y, 7.0, 2) * 1.5).clamp(0.15, 1.6);
        let rim = (-(below / (shell * thin)).powi(2)).exp();
        let face = 2.0 * shell * thin;
        let wall = (face + rim * 0.55 * outer).min(outer);
        let grain = recipe.texture.at(v / (0.6 * coarse), u / (1.8 * coarse))
            + recipe
                .texture
                .at((v + 0.5 * u) / (1.6 * coarse) + 50.0, u / (0.8 * coarse) + 20.0);
        let filling = (marrow * (1.0 + 0.75 * grain + 0.5 * recipe.noise(x, y, 6.0, 2))).max(0.0);
        share * (wall + filling * (outer - wall).max(0.0))
    });
    Drawn {
        form,
        thickness,
        gap: 1.0,
    }
}
