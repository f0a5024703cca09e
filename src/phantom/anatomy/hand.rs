//! Hand and wrist, palm on the detector.

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

/// Middle of the carpus at the origin, fingers upwards, thumb at positive x.
#[rustfmt::skip]
const RADIUS: &[Point] = &[
    (28.0, 8.0), (21.0, 14.0), (9.0, 17.0), (-3.0, 17.0), (-5.0, 24.0), (-2.0, 40.0), (3.0, 62.0), (6.0, 130.0),
    (8.0, 330.0), (22.0, 330.0), (21.0, 130.0), (21.0, 62.0), (24.5, 40.0), (28.5, 24.0),
];
#[rustfmt::skip]
const ULNA: &[Point] = &[
    (-22.0, 15.0), (-19.5, 20.0), (-9.0, 20.5), (-7.0, 30.0), (-9.5, 46.0), (-9.0, 130.0), (-6.0, 330.0),
    (-17.0, 330.0), (-20.0, 130.0), (-19.5, 46.0), (-22.5, 31.0),
];
#[rustfmt::skip]
const CARPALS: &[(Point, Point, f32)] = &[
    ((14.5, 4.0), (6.5, 11.0), 0.75), ((0.5, 7.5), (8.0, 7.0), 0.1), ((-12.0, 4.5), (7.0, 7.5), 0.5),
    ((-13.5, 7.0), (4.6, 5.2), 0.0), ((22.0, -8.5), (7.5, 7.5), 0.3), ((12.5, -9.5), (5.2, 6.2), 0.0),
    ((3.0, -6.0), (6.4, 10.5), -0.1), ((-9.0, -7.5), (7.5, 9.0), 0.3),
];

/// One ray: base, direction from upwards, lengths of its bones, radius of its metacarpal's shaft.
struct Ray {
    base: Point,
    turn: f32,
    lengths: [f32; 4],
    radius: f32,
}

const RAYS: [Ray; 5] = [
    Ray {
        base: (25.0, -15.0),
        turn: 0.80,
        lengths: [44.0, 0.0, 31.0, 23.0],
        radius: 4.8,
    },
    Ray {
        base: (14.0, -18.0),
        turn: 0.13,
        lengths: [66.0, 40.0, 24.0, 17.0],
        radius: 4.4,
    },
    Ray {
        base: (3.5, -18.5),
        turn: 0.02,
        lengths: [64.0, 45.0, 29.0, 18.5],
        radius: 4.4,
    },
    Ray {
        base: (-6.0, -18.0),
        turn: -0.09,
        lengths: [57.0, 41.0, 27.0, 18.5],
        radius: 3.9,
    },
    Ray {
        base: (-14.5, -16.5),
        turn: -0.22,
        lengths: [53.0, 32.0, 19.0, 16.5],
        radius: 3.9,
    },
];

/// Outline of a small long bone from its base at the origin upwards.
fn bone_outline(length: f32, radius: f32, last: bool) -> Vec<Point> {
    let (base, head) = (1.75 * radius, if last { 1.25 * radius } else { 1.5 * radius });
    let right = [
        (0.6 * base, 0.5),
        (base, -0.03 * length - 0.5),
        (0.95 * base, -0.10 * length),
        (1.15 * radius, -0.25 * length),
        (radius, -0.45 * length),
        (if last { 0.75 * radius } else { 1.02 * radius }, -0.70 * length),
        (if last { head } else { 1.2 * radius }, -0.83 * length),
        (head, -0.93 * length),
        (0.6 * head, -0.995 * length),
    ];
    right
        .iter()
        .copied()
        .chain(right.iter().rev().map(|&(x, y)| (-x, y)))
        .collect()
}

pub(super) fn draw(person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let middle = (rng.random_range(-6.0_f32..8.0), rng.random_range(40.0_f32..62.0));
    draw_at(middle, person, layers, texture, rng)
}

/// The hand with its carpus at `middle`, as part of a longer picture.
pub(super) fn draw_at(
    middle: Point,
    person: &Person,
    layers: &mut Layers,
    texture: &Texture,
    rng: &mut ChaCha8Rng,
) -> Body {
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let size = 0.5 + 0.5 * person.build;
    let turn = rng.random_range(-0.2_f32..0.2);
    let whole = Pose::of(person)
        .mirrored(side)
        .turned(turn)
        .at((side * middle.0 - 6.0, middle.1))
        .bent(0.5, rng);
    let put = whole.map(texture);
    let axis = -side * turn;
    let spread = person.reach * rng.random_range(-0.06_f32..0.10);
    let stout = person.stout;
    let mut bones = Vec::new();
    let mut tubes: Vec<Vec<(f32, f32, f32)>> = Vec::new();
    let mut sites = Vec::new();
    let mut knuckles = Vec::new();
    let plump = 0.5 + 0.5 * person.fat.min(1.6);
    for (number, ray) in RAYS.iter().enumerate() {
        let thumb = number == 0;
        let mut heading = ray.turn + spread * (2.0 - number as f32) + rng.random_range(-0.05_f32..0.05);
        if thumb {
            heading += rng.random_range(-0.35_f32..0.15);
        }
        let mut at = ray.base;
        let mut tube = Vec::new();
        for (link, &length) in ray.lengths.iter().enumerate() {
            if length == 0.0 {
                continue;
            }
            let last = link == 3;
            let radius = stout * ray.radius * [1.0, 1.02, 0.84, 0.62][link];
            let shape = Shape::curve(&bone_outline(length, radius, last));
            let own = Pose::new(1.0).turned(heading).at(at).map(texture);
            let mut bone = Bone::long(shape, radius, side * -(turn + heading));
            bone.depth = 0.9;
            bone.cortex = 0.38 * radius;
            bone.cortex_end = 0.45;
            bone.share = (0.10, 0.22);
            if person.age < 15.5 {
                let (y, half) = if link == 0 && !thumb {
                    (-0.86 * length, 1.4 * radius)
                } else {
                    (-0.11 * length, 1.7 * radius)
                };
                bone = bone.seam(Seam::growth_plate(vec![(-half, y), (half, y)], 0.5));
            }
            bones.push(bone.mapped(|point| put(own(point))));
            let (sine, cosine) = heading.sin_cos();
            let half =
                plump * if link == 0 { 11.0 } else { [0.0, 9.2, 8.2, 7.0][link] } * if thumb { 1.15 } else { 1.0 };
            tube.push((at.0, at.1, half));
            let joint = (at.0 + sine * (length + 1.8), at.1 - cosine * (length + 1.8));
            if link == 0 {
                knuckles.push((joint, heading));
            }
            if last {
                tube.push((joint.0 + 2.0 * sine, joint.1 - 2.0 * cosine, 0.75 * half));
                // Calcinosis gathers in the pulps.
                sites.push((Kind::CalcinosisCutis, (joint.0 + 0.4 * half, joint.1 + 4.0), (6.0, 9.0)));
                sites.push((Kind::Calcification, (joint.0 + 0.4 * half, joint.1 + 4.0), (5.0, 7.0)));
            }
            at = joint;
            heading += rng.random_range(-0.06_f32..0.06);
        }
        tubes.push(
            tube.into_iter()
                .map(|(x, y, half)| {
                    let (x, y) = put((x, y));
                    (x, y, size * half)
                })
                .collect(),
        );
    }
    for &(centre, half, lean) in CARPALS {
        let at = (
            centre.0 + rng.random_range(-0.7_f32..0.7),
            centre.1 + rng.random_range(-0.7_f32..0.7),
        );
        let mut ring = ellipse(at, half, lean);
        for point in &mut ring {
            // Facets: carpals are squarer than ellipses.
            let (dx, dy) = (point.0 - at.0, point.1 - at.1);
            let square = 1.0 + 0.10 * (dx * dy / (half.0 * half.1)).abs() + rng.random_range(-0.04_f32..0.04);
            *point = (at.0 + dx * square, at.1 + dy * square);
        }
        bones.push(Bone::flat(Shape::curve(&ring), 6.5, 0.6, 0.2).mapped(&put));
    }
    for (outline, shaft) in [(RADIUS, 7.6), (ULNA, 5.6)] {
        let mut bone = Bone::long(Shape::curve(outline), shaft, axis);
        bone.depth = 0.85;
        bone.cortex = 0.33 * shaft;
        bone.cortex_end = 0.6;
        if person.growing() {
            bone = bone.seam(Seam::growth_plate(
                vec![(-24.0, 26.5), (-6.0, 26.0), (-4.0, 25.0), (12.0, 25.5), (30.0, 21.0)],
                0.9,
            ));
        }
        bones.push(bone.mapped(&put));
    }
    let palm: Vec<Point> = [
        (28.0, 20.0),
        (27.0, 0.0),
        (36.0, -18.0),
        (34.0, -40.0),
        (27.0, -72.0),
        (20.0, -96.0),
        (-18.0, -96.0),
        (-32.0, -76.0),
        (-33.0, -45.0),
        (-30.0, -10.0),
        (-28.0, 20.0),
        (-32.0, 70.0),
        (-40.0, 170.0),
        (-42.0, 340.0),
        (44.0, 340.0),
        (44.0, 170.0),
        (34.0, 70.0),
    ]
    .map(|(x, y): Point| (x * (0.85 + 0.15 * plump), y))
    .into_iter()
    .map(&put)
    .collect();
    let courses: Vec<&[(f32, f32, f32)]> = tubes.iter().map(Vec::as_slice).collect();
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::curve(&palm).and(Shape::tubes(&courses)),
            depth: rng.random_range(0.8_f32..1.0),
            cap: rng.random_range(13.0_f32..19.0),
            fat: (1.6 * person.fat).clamp(0.8, 4.0),
            axis,
            bundles: 0.8,
            organs: rng.random_range(0.2_f32..1.1),
        },
        texture,
    );
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    // Sesamoids: two at the thumb, often one at the index, the little finger.
    let mut distractors = Vec::new();
    for (number, &(joint, heading)) in knuckles.iter().enumerate() {
        let asides: &[f32] = match number {
            0 => &[-4.5, 4.5],
            1 if rng.random_bool(0.4) => &[5.0],
            4 if rng.random_bool(0.4) => &[-4.5],
            _ => &[],
        };
        for &aside in asides {
            if person.age < 13.0 {
                continue;
            }
            let (sine, cosine) = heading.sin_cos();
            let at = put((
                joint.0 - 3.5 * sine + aside * cosine,
                joint.1 + 3.5 * cosine + aside * sine,
            ));
            let radius = rng.random_range(1.5_f32..2.8);
            let region = bone_pebble(layers, at, (radius, 1.2 * radius), &person.quality, texture);
            distractors.extend(region.map(|region| Distractor::new(DistractorKind::Sesamoid, region)));
        }
    }
    sites.push((Kind::Chondrocalcinosis, (-14.0, 17.0), (3.0, 2.0)));
    sites.push((Kind::CalcificTendinitis, (-20.0, 12.0), (4.0, 8.0)));
    sites.push((Kind::TumoralCalcinosis, (-24.0, -60.0), (8.0, 20.0)));
    sites.push((Kind::TumoralCalcinosis, (20.0, 60.0), (14.0, 30.0)));
    sites.push((Kind::Calcification, (-24.0, -60.0), (10.0, 30.0)));
    sites.push((Kind::Calcification, (0.0, 55.0), (30.0, 20.0)));
    let sites = sites
        .into_iter()
        .map(|(kind, at, half)| Site {
            kind,
            middle: put(at),
            half,
            axis,
        })
        .collect();
    Body {
        axis,
        sites,
        distractors,
        hips: Vec::new(),
    }
}
