//! Ankle from the front, at the end of a lower leg.

use super::super::bone::{self, Bone, Seam};
use super::super::flesh::{self, Flesh};
use super::super::focus::Kind;
use super::super::layers::Layers;
use super::super::outline::{Point, Shape};
use super::super::texture::Texture;
use super::{Body, Person, Pose, Site};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The joint line at the origin, the fibula at positive x.
#[rustfmt::skip]
const TIBIA: &[Point] = &[
    (-12.0, -420.0), (-12.0, -200.0), (-12.0, -110.0), (-14.0, -70.0), (-18.0, -40.0), (-23.0, -18.0), (-27.0, -2.0),
    (-27.0, 8.0), (-22.0, 12.0), (-17.0, 7.0), (-15.0, 0.0), (-6.0, -1.5), (4.0, -1.0), (14.0, -1.5), (20.0, -3.0),
    (20.0, -14.0), (18.0, -36.0), (14.5, -70.0), (12.0, -110.0), (12.0, -200.0), (13.0, -420.0),
];
#[rustfmt::skip]
const TALUS: &[Point] = &[
    (-14.0, 4.0), (-6.0, 2.5), (4.0, 3.0), (14.0, 2.5), (20.0, 5.0), (23.0, 14.0), (24.0, 24.0), (16.0, 30.0),
    (0.0, 32.0), (-14.0, 30.0), (-20.0, 22.0), (-17.0, 12.0),
];
#[rustfmt::skip]
const HEEL: &[Point] = &[
    (-16.0, 28.0), (0.0, 24.0), (18.0, 26.0), (24.0, 40.0), (24.0, 64.0), (14.0, 74.0), (-4.0, 74.0), (-16.0, 64.0),
    (-20.0, 44.0),
];
#[rustfmt::skip]
const FOREFOOT: &[Point] = &[
    (-26.0, 26.0), (-10.0, 20.0), (14.0, 22.0), (30.0, 34.0), (36.0, 60.0), (34.0, 95.0), (16.0, 110.0), (-14.0, 110.0),
    (-30.0, 95.0), (-32.0, 55.0),
];

/// The ankle with its joint at `middle`.
pub(super) fn draw_at(
    middle: Point,
    person: &Person,
    layers: &mut Layers,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Body {
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let turn = rng.random_range(-0.12_f32..0.12);
    let whole = Pose::of(person)
        .mirrored(side)
        .turned(turn)
        .at((side * middle.0, middle.1))
        .bent(1.0, rng);
    let put = whole.map(texture);
    let axis = -side * turn;
    let fat = (4.0 * person.fat).clamp(1.5, 14.0);
    let leg: Vec<(f32, f32, f32)> = [
        (4.0, -430.0, 56.0),
        (4.0, -240.0, 56.0),
        (4.0, -140.0, 42.0),
        (3.0, -60.0, 34.0),
        (3.0, 0.0, 37.0),
        (3.0, 40.0, 38.0),
    ]
    .map(|(x, y, half): (f32, f32, f32)| {
        let (x, y) = put((x, y));
        (x, y, person.build * (person.muscle * half + 0.5 * fat))
    })
    .into();
    let foot: Vec<(f32, f32, f32)> = [(2.0, 40.0, 40.0), (3.0, 100.0, 46.0)]
        .map(|(x, y, half): (f32, f32, f32)| {
            let (x, y) = put((x, y));
            (x, y, person.build * half)
        })
        .into();
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::tubes(&[&leg, &foot]),
            depth: 1.0,
            cap: 80.0,
            fat,
            axis,
            bundles: rng.random_range(0.5_f32..1.4),
            organs: rng.random_range(0.2_f32..1.1),
        },
        texture,
    );
    let mut tibia = Bone::long(Shape::curve(TIBIA), 12.0, axis).seam(Seam::sclerosis(
        vec![(-14.0, -2.0), (0.0, -3.0), (18.0, -4.0)],
        1.0,
        0.4,
    ));
    tibia.cortex *= 0.9;
    if person.growing() {
        tibia = tibia.seam(Seam::growth_plate(
            vec![(-25.0, -14.0), (-4.0, -16.0), (20.0, -13.0)],
            1.0,
        ));
    }
    let fibula: Vec<(f32, f32, f32)> = [
        (32.0, -420.0, 5.5),
        (31.0, -200.0, 5.5),
        (28.0, -80.0, 5.5),
        (28.0, -30.0, 6.5),
        (29.0, -4.0, 8.5),
        (28.0, 12.0, 7.0),
        (27.0, 18.0, 5.0),
    ]
    .map(|(x, y, radius): (f32, f32, f32)| {
        let (x, y) = put((x, y));
        (x, y, person.build * radius)
    })
    .into();
    let mut thin = Bone::long(Shape::tubes(&[&fibula]), 5.5, axis);
    thin.cortex = 1.8;
    let mut bones = vec![tibia.mapped(&put), thin];
    bones.push(Bone::flat(Shape::curve(TALUS), 17.0, 0.7, 0.2).mapped(&put));
    bones.push(Bone::flat(Shape::curve(HEEL), 24.0, 0.7, 0.2).mapped(&put));
    bones.push(Bone::flat(Shape::curve(FOREFOOT), 15.0, 0.7, 0.14).mapped(&put));
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    let site = |kind: Kind, at: Point, half: Point| Site {
        kind,
        middle: put(at),
        half,
        axis,
    };
    Body {
        axis,
        sites: vec![
            site(Kind::Phlebolith, (-34.0, -90.0), (10.0, 90.0)),
            site(Kind::Phlebolith, (38.0, -110.0), (10.0, 80.0)),
            site(Kind::Calcification, (-30.0, -60.0), (14.0, 90.0)),
            site(Kind::Calcification, (42.0, -60.0), (12.0, 90.0)),
        ],
        distractors: Vec::new(),
        hips: Vec::new(),
    }
}
