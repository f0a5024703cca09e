//! Body scenes. Lengths in mm, outlines of adults' bones; shapes, ages, poses and sizes by chance.

mod limb;
mod pelvis;
mod person;
mod shoulder;

use super::focus::Kind;
use super::layers::Layers;
use super::texture::Texture;
pub(super) use person::{Person, Pose};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Which part of the body is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// Thigh with the femur's shaft.
    Thigh,
    /// Lower leg with tibia and fibula.
    LowerLeg,
    /// Forearm with radius and ulna.
    Forearm,
    /// Both hips and the pelvic ring, anteroposterior.
    Pelvis,
    /// One shoulder, anteroposterior.
    Shoulder,
    /// One hip, anteroposterior.
    Hip,
}

impl Scene {
    /// Every scene.
    pub const ALL: [Scene; 6] = [
        Scene::Thigh,
        Scene::LowerLeg,
        Scene::Forearm,
        Scene::Pelvis,
        Scene::Shoulder,
        Scene::Hip,
    ];

    /// Body Part Examined (0018,0015), PS3.16 annex L.
    pub const fn body_part(self) -> &'static str {
        match self {
            Scene::Thigh => "THIGH",
            Scene::LowerLeg => "LEG",
            Scene::Forearm => "FOREARM",
            Scene::Pelvis => "PELVIS",
            Scene::Shoulder => "SHOULDER",
            Scene::Hip => "HIP",
        }
    }

    /// Stable name, such as `lower_leg`.
    pub const fn name(self) -> &'static str {
        match self {
            Scene::Thigh => "thigh",
            Scene::LowerLeg => "lower_leg",
            Scene::Forearm => "forearm",
            Scene::Pelvis => "pelvis",
            Scene::Shoulder => "shoulder",
            Scene::Hip => "hip",
        }
    }

    /// Deposits that occur here.
    pub(super) const fn kinds(self) -> &'static [Kind] {
        match self {
            Scene::Pelvis | Scene::Hip => &[
                Kind::Phlebolith,
                Kind::Phlebolith,
                Kind::RiceGrain,
                Kind::TumoralCalcinosis,
                Kind::Ossification,
                Kind::Calcification,
            ],
            Scene::Shoulder => &[
                Kind::CalcificTendinitis,
                Kind::CalcificTendinitis,
                Kind::TumoralCalcinosis,
                Kind::RiceGrain,
                Kind::Ossification,
                Kind::Calcification,
            ],
            Scene::Thigh => &[
                Kind::RiceGrain,
                Kind::RiceGrain,
                Kind::Ossification,
                Kind::Calcification,
            ],
            Scene::LowerLeg => &[Kind::RiceGrain, Kind::Ossification, Kind::Calcification],
            Scene::Forearm => &[
                Kind::RiceGrain,
                Kind::Ossification,
                Kind::Calcification,
                Kind::TumoralCalcinosis,
            ],
        }
    }

    /// Width and height of the picture in mm.
    pub(super) const fn field(self) -> (f32, f32) {
        match self {
            Scene::Pelvis => (420.0, 350.0),
            Scene::Shoulder => (290.0, 300.0),
            Scene::Hip => (240.0, 300.0),
            Scene::Thigh => (280.0, 350.0),
            Scene::LowerLeg => (240.0, 350.0),
            Scene::Forearm => (200.0, 300.0),
        }
    }
}

/// Where deposits of a kind may lie: an ellipse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) kind: Kind,
    pub(super) middle: (f32, f32),
    pub(super) half: (f32, f32),
    /// Direction of fibres there, in radians from downwards.
    pub(super) axis: f32,
}

/// A drawn body and where deposits may lie in it.
pub(super) struct Body {
    /// Direction of muscle fibres in radians from downwards.
    pub(super) axis: f32,
    /// Where kinds may lie; kinds not named may lie anywhere in soft tissue.
    pub(super) sites: Vec<Site>,
}

/// Draws `scene` into `layers`.
pub(super) fn draw(
    scene: Scene,
    person: &Person,
    layers: &mut Layers,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Body {
    match scene {
        Scene::Thigh | Scene::LowerLeg | Scene::Forearm => limb::draw(scene, person, layers, texture, rng),
        Scene::Pelvis => pelvis::draw(person, layers, texture, rng),
        Scene::Hip => pelvis::draw_hip(person, layers, texture, rng),
        Scene::Shoulder => shoulder::draw(person, layers, texture, rng),
    }
}
