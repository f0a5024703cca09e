//! Knee from the front and from the side, with as much of thigh and lower leg as the picture shows.

use super::super::bone::{self, Bone, Seam};
use super::super::distractor::{Distractor, DistractorKind, bone_pebble};
use super::super::flesh::{self, Flesh};
use super::super::focus::Kind;
use super::super::layers::Layers;
use super::super::outline::{Point, Shape, ellipse};
use super::super::texture::Texture;
use super::{Body, Person, Pose, Site};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// From the front: the joint line at the origin, the fibula at positive x.
#[rustfmt::skip]
const FEMUR: &[Point] = &[
    (-15.0, -420.0), (-15.0, -250.0), (-15.0, -150.0), (-18.0, -95.0), (-24.0, -68.0), (-34.0, -48.0), (-41.0, -36.0),
    (-43.0, -22.0), (-41.0, -8.0), (-33.0, 0.0), (-22.0, 1.5), (-12.0, -2.5), (-7.0, -11.0), (-3.0, -18.0), (3.0, -18.0),
    (7.0, -11.0), (12.0, -3.5), (22.0, 0.5), (34.0, -1.0), (41.0, -9.0), (43.0, -22.0), (40.0, -36.0), (32.0, -50.0),
    (23.0, -70.0), (17.0, -95.0), (14.0, -150.0), (14.0, -250.0), (16.0, -420.0),
];
#[rustfmt::skip]
const TIBIA: &[Point] = &[
    (-41.0, 7.0), (-30.0, 7.5), (-18.0, 6.5), (-9.0, 5.0), (-5.0, -2.0), (-2.0, 4.0), (2.0, 4.0), (5.0, -1.0),
    (9.0, 5.0), (18.0, 6.5), (30.0, 6.5), (41.0, 8.0), (42.0, 16.0), (38.0, 26.0), (32.0, 38.0), (25.0, 54.0),
    (18.0, 78.0), (14.0, 110.0), (13.0, 200.0), (12.0, 420.0), (-13.0, 420.0), (-14.0, 200.0), (-14.0, 110.0),
    (-17.0, 80.0), (-24.0, 56.0), (-33.0, 40.0), (-39.0, 28.0), (-42.0, 16.0),
];
/// From the side, the patella at positive x.
#[rustfmt::skip]
const FEMUR_SIDE: &[Point] = &[
    (-8.0, -420.0), (-11.0, -250.0), (-14.0, -150.0), (-16.0, -100.0), (-19.0, -70.0), (-29.0, -52.0), (-39.0, -40.0),
    (-43.0, -24.0), (-40.0, -8.0), (-30.0, 1.0), (-16.0, 4.0), (0.0, 2.0), (14.0, -3.0), (24.0, -12.0), (29.0, -26.0),
    (27.0, -42.0), (19.0, -58.0), (15.0, -80.0), (15.0, -150.0), (18.0, -250.0), (22.0, -420.0),
];
#[rustfmt::skip]
const TIBIA_SIDE: &[Point] = &[
    (-31.0, 9.0), (-20.0, 7.0), (-6.0, 8.0), (0.0, 3.0), (5.0, 8.0), (18.0, 8.5), (25.0, 14.0), (23.0, 26.0),
    (26.0, 36.0), (21.0, 54.0), (14.0, 84.0), (11.0, 120.0), (10.0, 220.0), (10.0, 420.0), (-15.0, 420.0),
    (-15.0, 220.0), (-15.0, 120.0), (-16.0, 90.0), (-20.0, 60.0), (-27.0, 36.0), (-32.0, 20.0),
];
#[rustfmt::skip]
const PATELLA_SIDE: &[Point] = &[
    (43.0, -52.0), (50.0, -44.0), (52.0, -30.0), (48.0, -16.0), (42.0, -9.0), (38.0, -18.0), (36.0, -34.0), (37.0, -47.0),
];

/// The knee about the middle of the picture.
pub(super) fn draw(person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let middle = (rng.random_range(-14.0_f32..14.0), rng.random_range(-30.0_f32..30.0));
    draw_at(middle, person, layers, texture, rng)
}

/// The knee with its joint at `middle`, as part of a longer picture.
pub(super) fn draw_at(
    middle: Point,
    person: &Person,
    layers: &mut Layers,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Body {
    let from_side = rng.random_bool(0.4);
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let whole = Pose::of(person)
        .mirrored(side)
        .turned(rng.random_range(-0.10_f32..0.10))
        .at((side * middle.0, middle.1))
        .bent(1.5, rng);
    let put = whole.map(texture);
    let bend = if from_side {
        person.reach * rng.random_range(0.0_f32..0.8)
    } else {
        rng.random_range(-0.06_f32..0.06)
    };
    let lower = Pose::new(1.0).turned(bend).map(texture);
    let stout = person.stout;
    let fat = (7.0 * person.fat).clamp(2.0, 24.0);
    let wide = |half: f32| person.muscle * half + 0.6 * fat;
    // Thigh and calf as two tubes, the calf turned about the joint.
    let thigh: Vec<(f32, f32, f32)> = [
        (0.0, -430.0, 86.0),
        (0.0, -250.0, 80.0),
        (0.0, -120.0, 68.0),
        (0.0, -40.0, 54.0),
        (0.0, 10.0, 50.0),
    ]
    .map(|(x, y, half): (f32, f32, f32)| {
        let (x, y) = put((x, y));
        (x, y, person.build * wide(half))
    })
    .into();
    let back = if from_side { -12.0 } else { 0.0 };
    let calf: Vec<(f32, f32, f32)> = [
        (0.0, -10.0, 50.0),
        (0.4 * back, 40.0, 50.0),
        (back, 120.0, 56.0),
        (back, 200.0, 48.0),
        (0.5 * back, 430.0, 34.0),
    ]
    .map(|(x, y, half): (f32, f32, f32)| {
        let (x, y) = put(lower((x, y)));
        (x, y, person.build * wide(half))
    })
    .into();
    let axis = side * -whole.turn;
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::tubes(&[&thigh, &calf]),
            depth: rng.random_range(0.8_f32..1.0),
            cap: 110.0,
            fat,
            axis,
            bundles: rng.random_range(0.5_f32..1.5),
            organs: rng.random_range(0.2_f32..1.1),
        },
        texture,
    );
    let mut bones = Vec::new();
    let mut shaft = |outline: &[Point], radius: f32, below: bool| {
        let shape = Shape::curve(outline).mapped(|(x, y)| (stout * x, y));
        let mut bone = Bone::long(shape, radius * stout, axis);
        bone.cortex *= 0.85;
        bone.share = (0.04, 0.13);
        if person.growing() {
            let line = if below {
                vec![(-40.0, 24.0), (-15.0, 20.0), (0.0, 23.0), (16.0, 20.0), (40.0, 25.0)]
            } else {
                vec![
                    (-42.0, -32.0),
                    (-20.0, -36.0),
                    (0.0, -30.0),
                    (20.0, -36.0),
                    (42.0, -32.0),
                ]
            };
            bone = bone.seam(Seam::growth_plate(line, 1.1));
        }
        let top: Vec<Point> = if below {
            vec![
                (-39.0, 9.5),
                (-20.0, 9.0),
                (-8.0, 8.0),
                (8.0, 8.0),
                (20.0, 9.0),
                (39.0, 10.5),
            ]
        } else {
            vec![
                (-38.0, -5.0),
                (-24.0, -1.5),
                (-14.0, -5.0),
                (14.0, -5.5),
                (24.0, -2.0),
                (38.0, -6.0),
            ]
        };
        bone = bone.seam(Seam::sclerosis(top, 1.2, 0.3));
        bones.push(if below {
            bone.mapped(|point| put(lower(point)))
        } else {
            bone.mapped(&put)
        });
    };
    let mut ledge = |outline: &[Point], other: &[Point]| {
        shaft(outline, 14.5, false);
        shaft(other, 13.5, true);
    };
    if from_side {
        ledge(FEMUR_SIDE, TIBIA_SIDE);
    } else {
        ledge(FEMUR, TIBIA);
    }
    let fibula: Vec<(f32, f32, f32)> = if from_side {
        vec![
            (-25.0, 23.0, 6.0),
            (-25.0, 32.0, 8.0),
            (-22.0, 48.0, 6.0),
            (-19.0, 90.0, 5.4),
            (-16.0, 220.0, 5.6),
            (-8.0, 420.0, 6.0),
        ]
    } else {
        vec![
            (38.0, 22.0, 6.0),
            (37.0, 31.0, 9.0),
            (35.0, 46.0, 6.2),
            (33.0, 90.0, 5.4),
            (31.0, 220.0, 5.6),
            (24.0, 420.0, 6.0),
        ]
    };
    let fibula: Vec<(f32, f32, f32)> = fibula
        .into_iter()
        .map(|(x, y, radius)| {
            let (x, y) = put(lower((stout * x, y)));
            (x, y, person.build * stout * radius)
        })
        .collect();
    let mut thin = Bone::long(Shape::tubes(&[&fibula]), 5.6, axis);
    thin.cortex = 1.9;
    bones.push(thin);
    let patella = if from_side {
        Shape::curve(PATELLA_SIDE)
    } else {
        let high = rng.random_range(-44.0_f32..-28.0);
        Shape::curve(&ellipse((rng.random_range(-3.0_f32..6.0), high), (21.5, 22.5), 0.0))
    };
    let cap = if from_side { 17.0 } else { 8.5 };
    let tilt = Pose::new(1.0).turned(0.4 * bend).map(texture);
    bones.push(Bone::flat(patella, cap, 0.9, 0.15).mapped(|point| put(tilt(point))));
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    let mut distractors = Vec::new();
    if rng.random_bool(0.3) {
        // Fabella: lateral head of gastrocnemius.
        let at = put(if from_side { (-47.0, -24.0) } else { (26.0, -22.0) });
        let radius = rng.random_range(2.5_f32..5.5);
        let region = bone_pebble(layers, at, (radius, 0.8 * radius), &person.quality, texture);
        distractors.extend(region.map(|region| Distractor::new(DistractorKind::Sesamoid, region)));
    }
    let site = |kind: Kind, at: Point, half: Point| Site {
        kind,
        middle: put(at),
        half,
        axis,
    };
    let mut sites = Vec::new();
    for (x, y) in [(-52.0, -30.0), (52.0, -20.0), (-48.0, 30.0), (50.0, 40.0)] {
        sites.push(site(Kind::Calcification, (x, y), (12.0, 30.0)));
        sites.push(site(Kind::TumoralCalcinosis, (x, y), (10.0, 25.0)));
        sites.push(site(Kind::Ossification, (x, y - 40.0), (12.0, 60.0)));
    }
    for x in [-28.0, 28.0] {
        sites.push(site(Kind::Chondrocalcinosis, (x, 4.0), (4.0, 1.0)));
    }
    if from_side {
        sites.push(site(Kind::CalcificTendinitis, (38.0, -62.0), (5.0, 14.0)));
        sites.push(site(Kind::CalcificTendinitis, (36.0, 12.0), (4.0, 12.0)));
    }
    Body {
        axis,
        sites,
        distractors,
        hips: Vec::new(),
    }
}
