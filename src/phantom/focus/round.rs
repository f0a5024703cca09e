//! Round deposits: phleboliths of 2-8 mm, granulomas of 3-20 mm.

use super::{Contour, Drawn, Recipe, choose, chord};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn phlebolith(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let radius = 0.5 * recipe.length((2.0, 8.0), rng);
    let forms = [
        "solid",
        "solid",
        "lucent_centre",
        "lucent_centre",
        "laminated",
        "eccentric",
    ];
    draw(radius, choose(&forms, rng), 0.04, 0.4..0.7, recipe, rng)
}

pub(super) fn granuloma(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let radius = 0.5 * recipe.length((3.0, 20.0), rng);
    let form = choose(&["eggshell", "eggshell", "solid", "lucent_centre"], rng);
    draw(radius, form, 0.10, 0.25..0.5, recipe, rng)
}

fn draw(
    radius: f32,
    form: &'static str,
    rough: f32,
    shares: std::ops::Range<f32>,
    recipe: &Recipe<'_>,
    rng: &mut ChaCha8Rng,
) -> Drawn {
    let contour = Contour::new(rough, rng);
    let share = recipe.density * rng.random_range(shares);
    let core = radius
        * match form {
            "eggshell" => rng.random_range(0.78_f32..0.9),
            _ => rng.random_range(0.4_f32..0.7),
        };
    let aside = if form == "eccentric" {
        0.35 * (radius - core) + 0.25
    } else {
        0.0
    };
    let squash = rng.random_range(0.88_f32..1.14_f32).sqrt();
    let turn = rng.random_range(0.0_f32..3.2);
    let (sine, cosine) = turn.sin_cos();
    let empty = rng.random_range(0.75_f32..0.97);
    let thickness = recipe.draw(radius * 1.5 + 1.0, |x, y| {
        let (u, v) = ((x * cosine + y * sine) * squash, (y * cosine - x * sine) / squash);
        let bulge = contour.at(u, v);
        let away = u.hypot(v) / bulge;
        let outer = chord(radius, away);
        let inner = match form {
            "lucent_centre" | "eccentric" => empty * chord(core, (u - aside).hypot(v)),
            "eggshell" => 0.97 * chord(core, away),
            "laminated" => 0.75 * (chord(0.78 * radius, away) - chord(0.48 * radius, away)),
            _ => 0.0,
        };
        share * (outer - inner).max(0.0) * (1.0 + 0.12 * recipe.noise(x, y, 1.5, 2))
    });
    Drawn {
        form,
        thickness,
        gap: 0.4,
    }
}
