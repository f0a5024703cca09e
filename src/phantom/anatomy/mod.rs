//! Body scenes. Lengths in mm, outlines of adults' bones; shapes, ages, poses and sizes by chance.

mod ankle;
mod elbow;
mod hand;
mod knee;
mod limb;
mod pelvis;
mod person;
mod scene;
mod shoulder;

use super::distractor::Distractor;
use super::focus::Kind;
use super::layers::Layers;
use super::outline::Point;
use super::texture::Texture;
pub(super) use person::{Person, Pose};
use rand_chacha::ChaCha8Rng;
pub use scene::Scene;

/// Where deposits of a kind may lie: an ellipse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) kind: Kind,
    pub(super) middle: Point,
    pub(super) half: (f32, f32),
    /// Direction of fibres there, in radians from downwards.
    pub(super) axis: f32,
}

/// A drawn body and where deposits may lie in it, in the coordinates of the layers it was drawn into.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Direction of muscle fibres in radians from downwards.
    pub(super) axis: f32,
    /// Where kinds may lie; kinds not named may lie anywhere in soft tissue.
    pub(super) sites: Vec<Site>,
    /// Sesamoids and ossicles it has.
    pub(super) distractors: Vec<Distractor>,
    /// Middle of the femoral head, and a point down the shaft, of hips that are shown.
    pub(super) hips: Vec<(Point, Point)>,
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
        Scene::Thigh | Scene::LowerLeg | Scene::Forearm | Scene::Inserted => {
            limb::draw(scene, person, layers, texture, rng)
        }
        Scene::Pelvis => pelvis::draw(person, layers, texture, rng),
        Scene::Hip => pelvis::draw_hip(person, layers, texture, rng),
        Scene::Shoulder => shoulder::draw(person, layers, texture, rng),
        Scene::Knee => knee::draw(person, layers, texture, rng),
        Scene::Elbow => elbow::draw(person, layers, texture, rng),
        Scene::Hand => hand::draw(person, layers, texture, rng),
    }
}
