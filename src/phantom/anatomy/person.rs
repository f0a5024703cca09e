//! Whose body it is, and how it lies: size, age, quality of bone, pose.

use super::super::bone::Quality;
use super::super::outline::Point;
use super::super::split::Split;
use super::super::texture::{Texture, normal};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What all parts of one body share.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Person {
    /// Years.
    pub(in super::super) age: f32,
    /// Factor on lengths.
    pub(super) build: f32,
    /// Factor on widths of bones.
    pub(super) stout: f32,
    /// Height over width of outlines, see [`Split`].
    pub(super) aspect: f32,
    /// How far poses go, 1 for the usual.
    pub(super) reach: f32,
    /// Factor on layers of fat, about 0.4 to 2.5.
    pub(super) fat: f32,
    /// Factor on the thickness of muscle.
    pub(super) muscle: f32,
    /// Bones.
    pub(super) quality: Quality,
}

impl Person {
    pub(in super::super) fn by_chance(split: Split, rng: &mut ChaCha8Rng) -> Self {
        let age = match rng.random_range(0..10) {
            0 => rng.random_range(11.0_f32..17.0),
            1..6 => rng.random_range(18.0_f32..60.0),
            _ => rng.random_range(60.0_f32..92.0),
        };
        // Old bone is thinner and its trabeculae are fewer and coarser.
        let loss = ((age - 50.0) / 40.0).clamp(0.0, 1.0) * rng.random_range(0.0_f32..1.0);
        Self {
            age,
            build: rng.random_range(0.90_f32..1.10) * if age < 15.0 { 0.9 } else { 1.0 },
            stout: rng.random_range(0.92_f32..1.10),
            aspect: match split {
                Split::Train | Split::Validation => rng.random_range(0.95_f32..1.05),
                Split::Test if rng.random_bool(0.5) => rng.random_range(0.90_f32..0.95),
                Split::Test => rng.random_range(1.05_f32..1.11),
            },
            reach: if split == Split::Test {
                rng.random_range(1.1_f32..1.5)
            } else {
                1.0
            },
            fat: (0.45 * normal(rng)).exp().clamp(0.4, 2.6),
            muscle: rng.random_range(0.85_f32..1.15),
            quality: Quality {
                cortex: rng.random_range(0.8_f32..1.2) * (1.0 - 0.45 * loss),
                trabecular: rng.random_range(0.75_f32..1.25) * (1.0 - 0.5 * loss),
                grain: rng.random_range(0.6_f32..1.5) * (1.0 + 0.6 * loss),
                scale: rng.random_range(0.8_f32..1.5),
                wave: rng.random_range(0.15_f32..0.45),
            },
        }
    }

    /// Whether growth plates are open.
    pub(super) fn growing(&self) -> bool {
        self.age < 17.0
    }
}

/// From the coordinates of an outline to the picture: mirrored, scaled, bent, turned and moved.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Pose {
    /// 1, or -1 to mirror.
    pub(super) side: f32,
    /// Factors on x and y.
    pub(super) scale: (f32, f32),
    /// Radians, about the origin of the outline.
    pub(super) turn: f32,
    /// Where the origin of the outline comes to lie.
    pub(super) offset: Point,
    /// Strength in mm of the slow bend that makes no two bones alike, and where in the noise it is read.
    pub(super) bend: (f32, f32),
}

impl Pose {
    /// The body of `person` as a whole.
    pub(super) fn of(person: &Person) -> Self {
        let stretch = person.aspect.sqrt();
        Self {
            scale: (person.build / stretch, person.build * stretch),
            ..Self::new(1.0)
        }
    }

    pub(super) fn new(scale: f32) -> Self {
        Self {
            side: 1.0,
            scale: (scale, scale),
            turn: 0.0,
            offset: (0.0, 0.0),
            bend: (0.0, 0.0),
        }
    }

    /// Bent by chance, by about `strength` mm.
    #[must_use]
    pub(super) fn bent(mut self, strength: f32, rng: &mut ChaCha8Rng) -> Self {
        self.bend = (strength, rng.random_range(0.0_f32..200.0));
        self
    }

    #[must_use]
    pub(super) fn mirrored(mut self, side: f32) -> Self {
        self.side = side;
        self
    }

    #[must_use]
    pub(super) fn turned(mut self, turn: f32) -> Self {
        self.turn = turn;
        self
    }

    #[must_use]
    pub(super) fn at(mut self, offset: Point) -> Self {
        self.offset = offset;
        self
    }

    /// A function that moves points.
    pub(super) fn map<'a>(&self, texture: &'a Texture) -> impl Fn(Point) -> Point + use<'a> {
        let pose = *self;
        move |(x, y)| {
            let (strength, seed) = pose.bend;
            let (sx, sy) = (x * 0.011 + seed, y * 0.011 - 0.7 * seed);
            let (fx, fy) = (x * 0.035 - seed, y * 0.035 + seed);
            let x = x + strength * (1.6 * texture.at(sx, sy) + 0.5 * texture.at(fx, fy));
            let y = y + strength * (1.6 * texture.at(sx + 90.0, sy) + 0.5 * texture.at(fx + 90.0, fy));
            let (sine, cosine) = pose.turn.sin_cos();
            let (x, y) = (pose.scale.0 * x, pose.scale.1 * y);
            (
                pose.side * (x * cosine - y * sine + pose.offset.0),
                x * sine + y * cosine + pose.offset.1,
            )
        }
    }
}
