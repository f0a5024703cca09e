//! Lobulated masses of 15-80 mm beside a joint: lobules parted by thin lucent septa, cysts with sediment.

use super::{Drawn, Recipe, choose, chord};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Drawn {
    let form = choose(
        &["cobblestone", "cobblestone", "cystic", "dense", "shelled", "cloudy"],
        rng,
    );
    let half = 0.5 * recipe.length((18.0, 90.0), rng).min(80.0);
    let half = (half, half * rng.random_range(0.5_f32..0.95));
    let (sine, cosine) = rng.random_range(0.0_f32..std::f32::consts::PI).sin_cos();
    // Few large lobules or many small ones.
    let lobule = match form {
        "cystic" | "shelled" => half.1 * rng.random_range(0.35_f32..0.6),
        _ => half.1 * rng.random_range(0.22_f32..0.48),
    }
    .clamp(2.5, 13.0);
    let wanted = (1.5 * half.0 * half.1 / (lobule * lobule)).clamp(4.0, 60.0) as usize;
    let mut lobules: Vec<(f32, f32, f32, f32)> = Vec::new();
    for _ in 0..wanted * 40 {
        if lobules.len() == wanted {
            break;
        }
        let radius = lobule * rng.random_range(0.65_f32..1.3);
        let (u, v) = (rng.random_range(-1.0_f32..1.0), rng.random_range(-1.0_f32..1.0));
        if u.hypot(v) > 1.0 {
            continue;
        }
        let (x, y) = (u * (half.0 - radius).max(1.0), v * (half.1 - radius).max(1.0));
        let (x, y) = (x * cosine - y * sine, x * sine + y * cosine);
        // Lobules touch: not too near the others, and not apart from all of them.
        let gap = |&(ox, oy, other, _): &(f32, f32, f32, f32)| (x - ox).hypot(y - oy) / (radius + other);
        let nearest = lobules.iter().map(gap).fold(f32::INFINITY, f32::min);
        if lobules.is_empty() || (0.6..0.95).contains(&nearest) {
            lobules.push((x, y, radius, rng.random_range(0.6_f32..1.25)));
        }
    }
    // A large mass is no denser than a small one on the film, or nothing would be seen in it.
    let share = recipe.density * rng.random_range(1.0_f32..3.2) / lobule;
    let septum = rng.random_range(0.2_f32..0.6);
    let level = rng.random_range(0.25_f32..0.6);
    let shell = rng.random_range(0.75_f32..0.9);
    let thickness = recipe.draw(half.0.max(half.1) + 3.0, |x, y| {
        let (wx, wy) = (
            0.9 * recipe.noise(x, y, 5.0, 2),
            0.9 * recipe.noise(x + 60.0, y, 5.0, 2),
        );
        let (px, py) = (x + wx, y + wy);
        let mut sum = 0.0;
        let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for &(cx, cy, radius, much) in &lobules {
            let away = (px - cx).hypot(py - cy);
            let depth = radius - away;
            if depth > first {
                (first, second) = (depth, first);
            } else if depth > second {
                second = depth;
            }
            if depth <= 0.0 {
                continue;
            }
            let whole = chord(radius, away).powf(0.75) * radius.powf(0.25);
            let fill = match form {
                // Sediment: milk of calcium sinks in a cyst, its level is straight.
                "cystic" if py < cy + (level - 0.5) * radius => 0.3,
                "shelled" => 1.0 - 0.85 * chord(shell * radius, away) / chord(radius, away).max(0.1),
                _ => 1.0,
            };
            sum += share * much * fill * whole;
        }
        // Where two lobules meet the septum between them lets more through.
        let meet = if second > 0.0 {
            1.0 - septum * (-((first - second) / 0.7).powi(2)).exp()
        } else {
            1.0
        };
        let cloud = match form {
            "cloudy" => (0.6 + 0.8 * recipe.noise(x, y, 7.0, 4)).max(0.05),
            "dense" => 1.0,
            _ => 1.0 + 0.15 * recipe.noise(x, y, 3.0, 3),
        };
        sum * meet * cloud
    });
    Drawn {
        form,
        thickness,
        gap: 1.2,
    }
}
