//! Smooth noise by place: muscle bundles, trabeculae, clouds of mineral.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

const SIDE: usize = 256;

/// Periodic value noise, about -1 to 1, zero mean.
#[derive(Clone, Debug)]
pub(super) struct Texture {
    lattice: Vec<f32>,
}

impl Texture {
    pub(super) fn new(rng: &mut ChaCha8Rng) -> Self {
        let lattice = (0..SIDE * SIDE).map(|_| rng.random_range(-1.0_f32..1.0)).collect();
        Self { lattice }
    }

    /// One octave at `(x, y)` in lattice units.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        // Truncation and one correction: the floor without a call.
        let floor = |value: f32| {
            let whole = value as i32;
            whole - i32::from((whole as f32) > value)
        };
        let (floor_x, floor_y) = (floor(x), floor(y));
        let (part_x, part_y) = (smooth(x - floor_x as f32), smooth(y - floor_y as f32));
        let wrap = |value: i32| value as usize & (SIDE - 1);
        let (left, top) = (wrap(floor_x), wrap(floor_y));
        let (right, bottom) = (wrap(floor_x.wrapping_add(1)), wrap(floor_y.wrapping_add(1)));
        let value = |row: usize, column: usize| self.lattice[(row * SIDE + column) & (SIDE * SIDE - 1)];
        let upper = value(top, left) + part_x * (value(top, right) - value(top, left));
        let lower = value(bottom, left) + part_x * (value(bottom, right) - value(bottom, left));
        upper + part_y * (lower - upper)
    }

    /// `octaves` octaves, each twice as fine and 0.55 times as strong as the last; `scale` is the coarsest cell.
    pub(super) fn fractal(&self, x: f32, y: f32, scale: f32, octaves: u32) -> f32 {
        let (mut sum, mut strength, mut total) = (0.0, 1.0, 0.0);
        let mut frequency = 1.0 / scale;
        for octave in 0..octaves {
            let shift = 37.7 * octave as f32;
            sum += strength * self.at(x * frequency + shift, y * frequency - shift);
            total += strength;
            strength *= 0.55;
            frequency *= 2.0;
        }
        sum / total
    }
}

fn smooth(part: f32) -> f32 {
    part * part * (3.0 - 2.0 * part)
}

/// A normal deviate by the Box-Muller transform.
pub(super) fn normal(rng: &mut impl Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).max(f32::MIN_POSITIVE).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.random::<f32>()).cos()
}
