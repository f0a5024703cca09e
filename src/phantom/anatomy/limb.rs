//! Shafts of thigh, lower leg and forearm.

use super::super::bone::{self, Bone};
use super::super::flesh::{self, Flesh};
use super::super::layers::Layers;
use super::super::outline::{Point, Shape};
use super::super::texture::Texture;
use super::{Body, Person, Pose, Scene, ankle, elbow, hand, knee};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(
    scene: Scene,
    person: &Person,
    layers: &mut Layers,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Body {
    // Often the picture takes in a joint at one end.
    if rng.random_bool(0.5) {
        let half = 0.5 * layers.extent().1;
        let (low, high) = (0.35 * half, 0.85 * half);
        let (aside, along) = (rng.random_range(-10.0_f32..10.0), rng.random_range(low..high));
        return match scene {
            Scene::Thigh => knee::draw_at((aside, along), person, layers, texture, rng),
            Scene::LowerLeg if rng.random_bool(0.5) => knee::draw_at((aside, -along), person, layers, texture, rng),
            Scene::LowerLeg => ankle::draw_at((aside, along), person, layers, texture, rng),
            _ if rng.random_bool(0.5) => hand::draw_at((aside, -along), person, layers, texture, rng),
            _ => elbow::draw_at((aside, -along), false, person, layers, texture, rng),
        };
    }
    let axis = rng.random_range(-0.15_f32..0.15);
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let build = person.build;
    let bow = rng.random_range(-7.0_f32..7.0);
    let pose = Pose::of(person)
        .mirrored(side)
        .turned(-side * axis)
        .at((rng.random_range(-14.0_f32..14.0), 0.0))
        .bent(1.5, rng);
    let put = pose.map(texture);
    let end = 0.75 * layers.extent().1;
    let bend = |y: f32| bow * (1.0 - (y / end).powi(2));
    let (half_top, half_bottom, depth, fat) = match scene {
        Scene::Thigh => (84.0, 62.0, 0.9, 12.0),
        Scene::LowerLeg => (58.0, 36.0, 0.95, 6.0),
        _ => (43.0, 28.0, 0.75, 4.0),
    };
    let fat = (fat * person.fat).clamp(2.0, 32.0);
    let half = |y: f32| {
        let down = (y / end + 1.0) / 2.0;
        let belly = 1.0 + 0.10 * (3.6 * down).sin();
        person.muscle * (half_top + down * (half_bottom - half_top)) * belly + 0.6 * fat
    };
    let steps: Vec<f32> = (0..=8).map(|step| -end + 0.25 * end * step as f32).collect();
    let control: Vec<Point> = steps
        .iter()
        .map(|&y| (bend(y) + half(y), y))
        .chain(steps.iter().rev().map(|&y| (bend(y) - half(y), y)))
        .map(&put)
        .collect();
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::curve(&control),
            depth,
            cap: 150.0,
            fat,
            axis,
            bundles: rng.random_range(0.5_f32..1.6),
            organs: rng.random_range(0.2_f32..1.1),
        },
        texture,
    );
    let rod = |radius: &dyn Fn(f32) -> f32, aside: &dyn Fn(f32) -> f32| {
        let line: Vec<(f32, f32, f32)> = steps
            .iter()
            .map(|&y| {
                let (x, down) = put((bend(y) + aside(y), y));
                (x, down, build * radius(y))
            })
            .collect();
        Shape::tubes(&[&line])
    };
    let stout = person.stout;
    let mut bones = Vec::new();
    match scene {
        Scene::Thigh => {
            let radius = stout * rng.random_range(12.5_f32..15.5);
            let aside = rng.random_range(0.0_f32..14.0);
            bones.push(Bone::long(rod(&|_| radius, &|_| aside), build * radius, axis));
        }
        Scene::LowerLeg => {
            let radius = stout * rng.random_range(11.0_f32..13.5);
            let flare =
                |y: f32| radius * (1.0 + 0.6 * ((-y - 80.0) / 90.0).max(0.0) + 0.4 * ((y - 120.0) / 90.0).max(0.0));
            bones.push(Bone::long(rod(&flare, &|_| 10.0), build * radius, axis));
            let thin = stout * rng.random_range(5.0_f32..6.5);
            bones.push(Bone::long(
                rod(&|_| thin, &|y| -20.0 + 4.0 * (y / 90.0)),
                build * thin,
                axis,
            ));
        }
        _ => {
            let radius = stout * rng.random_range(6.0_f32..7.5);
            let flare = |y: f32| radius * (1.0 + 0.7 * ((y - 70.0) / 70.0).clamp(0.0, 1.5));
            let gap = rng.random_range(2.0_f32..5.0);
            bones.push(Bone::long(
                rod(&flare, &|y| 12.0 - gap * (y / 120.0).powi(2)),
                build * radius,
                axis,
            ));
            bones.push(Bone::long(
                rod(&|y| radius * (1.0 - 0.15 * (y / 120.0)), &|_| -12.0),
                build * radius,
                axis,
            ));
        }
    }
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    Body {
        axis,
        sites: Vec::new(),
        distractors: Vec::new(),
        hips: Vec::new(),
    }
}
