//! Elbow from the front and from the side.

use super::super::bone::{self, Bone, Seam};
use super::super::distractor::{Distractor, DistractorKind, bone_pebble};
use super::super::flesh::{self, Flesh};
use super::super::focus::Kind;
use super::super::layers::Layers;
use super::super::outline::{Point, Shape};
use super::super::texture::Texture;
use super::{Body, Person, Pose, Site};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// From the front: the joint line at the origin, the radius at positive x.
#[rustfmt::skip]
const HUMERUS: &[Point] = &[
    (-11.0, -320.0), (-11.0, -160.0), (-11.0, -90.0), (-14.0, -60.0), (-22.0, -40.0), (-31.0, -29.0), (-33.0, -21.0),
    (-27.0, -12.0), (-23.0, -3.0), (-17.0, 1.5), (-8.0, -2.0), (-2.0, -4.0), (4.0, -2.0), (11.0, 1.0), (18.0, -0.5),
    (22.5, -6.0), (23.0, -14.0), (26.0, -20.0), (24.5, -28.0), (18.0, -42.0), (12.5, -62.0), (10.0, -90.0),
    (10.0, -160.0), (11.0, -320.0),
];
#[rustfmt::skip]
const ULNA: &[Point] = &[
    (-20.0, -22.0), (-12.0, -30.0), (-2.0, -28.0), (4.0, -18.0), (4.0, -4.0), (3.0, 8.0), (1.0, 20.0), (-1.0, 34.0),
    (-2.0, 60.0), (-2.0, 150.0), (-4.0, 320.0), (-14.0, 320.0), (-13.0, 150.0), (-15.0, 60.0), (-17.0, 34.0),
    (-20.0, 16.0), (-24.0, 4.0), (-22.0, -6.0),
];
#[rustfmt::skip]
const RADIUS: &[Point] = &[
    (5.0, 5.0), (15.0, 3.8), (26.0, 5.0), (27.0, 12.0), (22.5, 18.0), (21.0, 26.0), (22.0, 40.0), (24.0, 70.0),
    (27.0, 150.0), (24.0, 320.0), (11.0, 320.0), (13.0, 150.0), (10.0, 70.0), (7.0, 50.0), (4.5, 40.0), (6.5, 31.0),
    (9.0, 23.0), (8.0, 17.0), (4.5, 12.0),
];
/// From the side, flexed by a right angle: forearm towards positive x.
#[rustfmt::skip]
const HUMERUS_SIDE: &[Point] = &[
    (-10.0, -320.0), (-10.0, -150.0), (-10.0, -60.0), (-9.0, -30.0), (-8.0, -14.0), (-12.0, -1.0), (-8.0, 9.0),
    (2.0, 12.0), (11.0, 6.0), (13.0, -4.0), (10.0, -14.0), (9.0, -30.0), (10.0, -60.0), (11.0, -150.0), (11.0, -320.0),
];
#[rustfmt::skip]
const ULNA_SIDE: &[Point] = &[
    (-26.0, -14.0), (-17.0, -17.0), (-14.5, -5.0), (-9.0, 9.5), (4.0, 15.0), (13.0, 10.0), (18.0, 11.0), (26.0, 20.0),
    (60.0, 24.0), (150.0, 27.0), (320.0, 30.0), (320.0, 40.0), (150.0, 39.0), (60.0, 37.5), (20.0, 36.0), (-8.0, 32.0),
    (-22.0, 22.0), (-28.0, 4.0),
];
#[rustfmt::skip]
const RADIUS_SIDE: &[Point] = &[
    (17.0, -7.0), (18.0, 6.0), (17.5, 13.0), (26.0, 11.0), (34.0, 10.0), (46.0, 14.0), (80.0, 12.5), (150.0, 15.0),
    (320.0, 22.0), (320.0, 8.0), (150.0, 2.0), (80.0, -1.0), (42.0, 1.0), (31.0, -3.0), (25.0, -7.0),
];

/// The elbow about the middle of the picture.
pub(super) fn draw(person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let middle = (rng.random_range(-14.0_f32..14.0), rng.random_range(-24.0_f32..24.0));
    draw_at(middle, rng.random_bool(0.5), person, layers, texture, rng)
}

/// The elbow with its joint at `middle`, as part of a longer picture.
pub(super) fn draw_at(
    middle: Point,
    from_side: bool,
    person: &Person,
    layers: &mut Layers,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Body {
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let turn = if from_side {
        rng.random_range(-0.9_f32..0.25)
    } else {
        rng.random_range(-0.12_f32..0.12)
    };
    let shift = if from_side { (-22.0, 10.0) } else { (0.0, 0.0) };
    let whole = Pose::of(person)
        .mirrored(side)
        .turned(turn)
        .at((side * middle.0 + shift.0, middle.1 + shift.1))
        .bent(1.0, rng);
    let put = whole.map(texture);
    let flex = if from_side {
        person.reach * rng.random_range(-0.45_f32..0.35)
    } else {
        rng.random_range(-0.20_f32..0.05)
    };
    let lower = Pose::new(1.0).turned(flex).map(texture);
    let fat = (5.0 * person.fat).clamp(1.5, 20.0);
    let scale = person.build;
    let wide = |half: f32| scale * (person.muscle * half + 0.6 * fat);
    let upper: Vec<(f32, f32, f32)> = [
        (0.0, -330.0, 46.0),
        (0.0, -160.0, 44.0),
        (0.0, -80.0, 38.0),
        (0.0, 0.0, 36.0),
    ]
    .map(|(x, y, half): (f32, f32, f32)| {
        let (x, y) = put((x, y));
        (x, y, wide(half))
    })
    .into();
    let fore: Vec<(f32, f32, f32)> = [
        (0.0, 0.0, 36.0),
        (3.0, 50.0, 40.0),
        (2.0, 130.0, 34.0),
        (2.0, 330.0, 24.0),
    ]
    .map(|(x, y, half): (f32, f32, f32)| {
        let (x, y) = if from_side { (y, 18.0 + x) } else { (x, y) };
        let (x, y) = put(lower((x, y)));
        (x, y, wide(half))
    })
    .into();
    let axis = -side * (turn + if from_side { 0.7 } else { 0.0 });
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::tubes(&[&upper, &fore]),
            depth: rng.random_range(0.7_f32..0.95),
            cap: 70.0,
            fat,
            axis,
            bundles: rng.random_range(0.5_f32..1.4),
            organs: rng.random_range(0.2_f32..1.1),
        },
        texture,
    );
    let fore_axis = -side * (turn + flex) + if from_side { side * -1.5 } else { 0.0 };
    let (humerus, ulna, radius) = if from_side {
        (HUMERUS_SIDE, ULNA_SIDE, RADIUS_SIDE)
    } else {
        (HUMERUS, ULNA, RADIUS)
    };
    let stout = person.stout;
    let mut arm = Bone::long(
        Shape::curve(humerus).mapped(|(x, y)| (stout * x, y)),
        10.5,
        -side * turn,
    )
    .deep(0.8);
    arm.cortex = 3.4;
    if !from_side {
        // The fossa of the olecranon lets most of the beam through.
        arm = arm
            .seam(Seam::sclerosis(vec![(-6.0, -22.0), (2.0, -22.0)], 6.5, -0.55))
            .seam(Seam::sclerosis(
                vec![(-15.0, -20.0), (-9.0, -31.0), (5.0, -31.0), (11.0, -20.0)],
                0.9,
                0.4,
            ));
    }
    if person.growing() {
        arm = arm.seam(Seam::growth_plate(
            vec![(-34.0, -18.0), (-20.0, -12.0), (0.0, -12.0), (26.0, -14.0)],
            0.9,
        ));
    }
    let mut bones = vec![arm.mapped(&put)];
    for (outline, shaft) in [(ulna, 6.4), (radius, 6.4)] {
        let mut bone = Bone::long(Shape::curve(outline), shaft, fore_axis);
        bone.cortex = 2.3;
        bone.cortex_end = 0.7;
        bones.push(bone.mapped(|point| put(lower(point))));
    }
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    let mut distractors = Vec::new();
    if rng.random_bool(0.2) {
        // Ossicle below the inner epicondyle, or in the triceps.
        let at = put(if from_side { (-24.0, -22.0) } else { (-32.0, -8.0) });
        let radius = rng.random_range(1.8_f32..4.0);
        let region = bone_pebble(layers, at, (radius, 1.3 * radius), &person.quality, texture);
        distractors.extend(region.map(|region| Distractor::new(DistractorKind::Ossicle, region)));
    }
    let site = |kind: Kind, at: Point, half: Point, axis: f32| Site {
        kind,
        middle: put(at),
        half,
        axis,
    };
    let behind = if from_side { (-34.0, 0.0) } else { (-36.0, -20.0) };
    let before = if from_side { (24.0, -36.0) } else { (30.0, -40.0) };
    Body {
        axis,
        sites: vec![
            site(Kind::TumoralCalcinosis, behind, (8.0, 20.0), axis),
            site(Kind::TumoralCalcinosis, before, (10.0, 20.0), axis),
            site(Kind::Ossification, before, (10.0, 30.0), axis),
            site(Kind::Ossification, behind, (8.0, 20.0), axis),
            site(
                Kind::CalcificTendinitis,
                if from_side { (-22.0, -20.0) } else { (30.0, -18.0) },
                (5.0, 8.0),
                axis,
            ),
        ],
        distractors,
        hips: Vec::new(),
    }
}
