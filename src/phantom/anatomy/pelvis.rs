//! Pelvis and hip, anteroposterior.

use super::super::bone::{self, Bone, Seam};
use super::super::flesh::{self, Flesh};
use super::super::focus::Kind;
use super::super::layers::Layers;
use super::super::outline::{Point, Shape, ellipse};
use super::super::texture::Texture;
use super::{Body, Person, Pose, Site};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Half a pelvis: x away from the midline, y down; the middle of the femoral head lies at `HEAD`.
#[rustfmt::skip]
const HIP_BONE: &[Point] = &[
    (36.0, -72.0), (46.0, -90.0), (62.0, -107.0), (84.0, -116.0), (107.0, -112.0), (126.0, -97.0), (137.0, -76.0),
    (139.0, -56.0), (134.0, -44.0), (127.0, -30.0), (120.0, -14.0), (119.0, -4.0), (122.0, 8.0), (121.0, 20.0),
    (119.0, 34.0), (114.0, 50.0), (104.0, 66.0), (94.0, 76.0), (88.0, 84.0), (87.0, 96.0), (83.0, 110.0),
    (74.0, 121.0), (62.0, 124.0), (51.0, 117.0), (42.0, 108.0), (28.0, 100.0), (14.0, 96.0), (5.0, 91.0), (3.0, 80.0),
    (3.0, 66.0), (5.0, 56.0), (14.0, 50.0), (25.0, 50.0), (38.0, 45.0), (52.0, 36.0), (62.0, 25.0), (67.0, 10.0),
    (65.0, -6.0), (58.0, -22.0), (50.0, -33.0), (43.0, -36.0), (37.0, -46.0), (34.0, -58.0),
];
#[rustfmt::skip]
const OBTURATOR: &[Point] = &[
    (34.0, 66.0), (44.0, 58.0), (55.0, 55.0), (65.0, 59.0), (70.0, 70.0), (69.0, 84.0), (62.0, 96.0), (52.0, 102.0),
    (42.0, 98.0), (33.0, 90.0), (28.0, 78.0),
];
const HEAD: Point = (94.0, 42.0);

/// Upper femur about the middle of its head.
#[rustfmt::skip]
const FEMUR: &[Point] = &[
    (-3.0, -24.5), (8.0, -23.0), (17.0, -17.5), (25.0, -12.0), (34.0, -9.5), (43.0, -13.0), (51.0, -19.0),
    (58.0, -16.0), (63.0, -5.0), (65.0, 9.0), (63.0, 24.0), (60.0, 42.0), (58.0, 64.0), (57.0, 90.0), (55.0, 130.0),
    (52.0, 190.0), (49.0, 260.0), (20.0, 260.0), (23.0, 190.0), (26.0, 130.0), (27.5, 98.0), (27.0, 78.0),
    (23.5, 68.0), (19.5, 61.0), (19.0, 54.0), (22.0, 46.0), (20.5, 37.0), (15.5, 29.0), (9.0, 23.5), (0.0, 24.5),
    (-10.0, 22.0), (-19.0, 15.0), (-24.0, 4.0), (-23.0, -8.0), (-17.0, -18.0),
];

#[rustfmt::skip]
const SACRUM: &[Point] = &[
    (0.0, -70.0), (20.0, -72.0), (34.0, -82.0), (50.0, -80.0), (57.0, -66.0), (54.0, -48.0), (47.0, -32.0),
    (40.0, -14.0), (31.0, 4.0), (22.0, 18.0), (14.0, 26.0), (7.0, 32.0), (6.0, 40.0), (4.0, 50.0), (0.0, 54.0),
    (-4.0, 50.0), (-6.0, 40.0), (-7.0, 32.0), (-14.0, 26.0), (-22.0, 18.0), (-31.0, 4.0), (-40.0, -14.0),
    (-47.0, -32.0), (-54.0, -48.0), (-57.0, -66.0), (-50.0, -80.0), (-34.0, -82.0), (-20.0, -72.0),
];

#[rustfmt::skip]
const VERTEBRA: &[Point] = &[
    (-25.0, -14.5), (-12.0, -13.0), (0.0, -12.5), (12.0, -13.0), (25.0, -14.5), (24.0, -8.0), (22.0, 0.0),
    (24.0, 8.0), (26.0, 14.5), (12.0, 13.5), (0.0, 13.0), (-12.0, 13.5), (-26.0, 14.5), (-24.0, 8.0), (-22.0, 0.0),
    (-24.0, -8.0),
];

/// Trunk with the upper thighs.
fn body(person: &Person, layers: &mut Layers, texture: &Texture, spread: f32, rng: &mut ChaCha8Rng) {
    let wide = person.build * (150.0 + 42.0 * person.fat);
    let outline: Vec<Point> = [
        (0.93, -260.0),
        (0.90, -180.0),
        (0.90, -120.0),
        (0.97, -60.0),
        (1.02, 0.0),
        (1.04, 50.0),
        (1.02, 110.0),
        (0.98, 180.0),
        (0.92, 280.0),
    ]
    .into_iter()
    .map(|(share, y)| {
        (
            wide * share + if y > 100.0 { 0.3 * spread * (y - 100.0) } else { 0.0 },
            y,
        )
    })
    .collect();
    let crotch = rng.random_range(118.0_f32..142.0);
    let inner = [(12.0 + 20.0 * spread, 290.0), (7.0, 200.0), (4.0, crotch + 20.0)];
    let half: Vec<Point> = outline.iter().copied().chain(inner).collect();
    let control: Vec<Point> = half
        .iter()
        .copied()
        .chain([(0.0, crotch)])
        .chain(half.iter().rev().map(|&(x, y)| (-x, y)))
        .collect();
    let fat = (13.0 * person.fat).clamp(6.0, 45.0);
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::curve(&control),
            depth: rng.random_range(0.75_f32..1.05),
            cap: rng.random_range(85.0_f32..112.0) + 0.6 * fat,
            fat,
            axis: 0.0,
            bundles: 0.35,
            organs: rng.random_range(0.6_f32..1.8),
        },
        texture,
    );
}

/// Gas, faeces and the bladder.
fn bowel(layers: &mut Layers, texture: &Texture, pose: &Pose, rng: &mut ChaCha8Rng) {
    let at = pose.map(texture);
    // Mottled faeces along the ascending and descending colon and in the rectum.
    for (x, y, reach) in [
        (-95.0, -110.0, 34.0),
        (98.0, -105.0, 30.0),
        (0.0, 5.0, 30.0),
        (45.0, -60.0, 26.0),
    ] {
        if !rng.random_bool(0.45) {
            continue;
        }
        let (x, y) = at((
            x + rng.random_range(-15.0_f32..15.0),
            y + rng.random_range(-25.0_f32..25.0),
        ));
        let (wide, high) = (reach, reach * rng.random_range(0.8_f32..1.7));
        let much = rng.random_range(8.0_f32..26.0);
        flesh::take(layers, ((x - wide, y - high), (x + wide, y + high)), |px, py| {
            let away = ((px - x) / wide).hypot((py - y) / high) + 0.3 * texture.fractal(px, py, 18.0, 2);
            let mottle = (texture.fractal(px + 31.0, py, 9.0, 3) * 2.2 + 0.15).max(0.0);
            much * mottle * (1.0 - away * away).max(0.0)
        });
    }
    // Loops and bubbles of gas.
    for _ in 0..rng.random_range(2..14) {
        let (x, y) = at((rng.random_range(-105.0_f32..105.0), rng.random_range(-190.0_f32..15.0)));
        let radius = rng.random_range(4.0_f32..18.0);
        let long = radius * rng.random_range(1.0_f32..2.2);
        let deep = rng.random_range(8.0_f32..34.0);
        let (sine, cosine) = rng.random_range(0.0_f32..3.2).sin_cos();
        let reach = 1.5 * long;
        flesh::take(layers, ((x - reach, y - reach), (x + reach, y + reach)), |px, py| {
            let (u, v) = ((px - x) * cosine + (py - y) * sine, (py - y) * cosine - (px - x) * sine);
            let away = (u / long).hypot(v / radius) + 0.5 * texture.fractal(px, py, 13.0, 2);
            deep * (1.0 - away * away).max(0.0).sqrt()
        });
    }
    // A full bladder adds water.
    let (x, y) = at((0.0, 45.0));
    let (wide, high) = (rng.random_range(28.0_f32..48.0), rng.random_range(18.0_f32..34.0));
    let deep = rng.random_range(0.0_f32..12.0);
    flesh::take(layers, ((x - wide, y - high), (x + wide, y + high)), |px, py| {
        let away = ((px - x) / wide).hypot((py - y) / high);
        -deep * (1.0 - away * away).max(0.0).sqrt()
    });
}

fn hip_bone(quality_wing: f32, growing: bool) -> Bone {
    let mut bone = Bone::flat(Shape::curve(HIP_BONE).without(OBTURATOR), quality_wing, 1.0, 0.2)
        .boss((98.0, 16.0), 22.0, 11.0)
        .boss((80.0, 50.0), 24.0, 7.0)
        .boss((66.0, 112.0), 22.0, 8.0)
        .boss((14.0, 72.0), 18.0, 6.0)
        .boss((45.0, 46.0), 16.0, 5.0)
        .boss((52.0, -56.0), 20.0, 6.0)
        .boss((110.0, -100.0), 22.0, 3.0)
        .boss((72.0, -104.0), 20.0, 3.0)
        .boss((132.0, -62.0), 16.0, 3.0)
        // Roof of the socket, its floor, its hind rim; the brim.
        .seam(Seam::sclerosis(
            vec![(118.0, 26.0), (111.0, 19.0), (102.0, 14.5), (92.0, 13.0), (83.0, 16.0)],
            1.6,
            0.8,
        ))
        .seam(Seam::sclerosis(
            vec![(83.0, 16.0), (72.0, 28.0), (67.0, 42.0), (68.0, 56.0), (72.0, 68.0)],
            0.8,
            0.9,
        ))
        .seam(Seam::sclerosis(
            vec![(119.0, 27.0), (113.0, 44.0), (104.0, 60.0), (95.0, 70.0)],
            1.0,
            0.55,
        ))
        .seam(Seam::sclerosis(
            vec![
                (50.0, -34.0),
                (62.0, -18.0),
                (69.0, 4.0),
                (68.0, 22.0),
                (58.0, 36.0),
                (40.0, 47.0),
                (16.0, 52.0),
            ],
            1.0,
            0.75,
        ));
    if growing {
        // Iliac apophysis not yet fused.
        bone = bone.seam(Seam::growth_plate(
            vec![
                (60.0, -101.0),
                (84.0, -110.0),
                (106.0, -106.0),
                (123.0, -92.0),
                (132.0, -74.0),
            ],
            1.1,
        ));
    }
    bone
}

/// Which way a femur lies.
struct Leg {
    turn: f32,
    /// Width of neck and trochanters as it turns about its length.
    roll: f32,
}

fn femur(person: &Person, leg: &Leg) -> Bone {
    let points: Vec<Point> = FEMUR
        .iter()
        .map(|&(x, y)| {
            // Rolled outwards, neck and greater trochanter look shorter and the lesser stands out.
            let lesser = (-((y - 58.0) / 9.0).powi(2)).exp() * f32::from(x < 28.0);
            let shorter = (x - 16.0).clamp(0.0, 22.0) * (1.0 - leg.roll);
            (x - shorter - 9.0 * lesser * (1.0 - leg.roll), y)
        })
        .collect();
    let mut bone = Bone::long(Shape::curve(&points), 14.0 * person.stout, 0.25)
        .seam(Seam::sclerosis(
            vec![(-8.0, -16.0), (0.0, 0.0), (12.0, 22.0), (22.0, 42.0)],
            5.0,
            0.22,
        ))
        .seam(Seam::sclerosis(
            vec![(-15.0, 10.0), (4.0, -4.0), (28.0, 2.0), (54.0, 28.0)],
            4.0,
            0.14,
        ));
    bone.cortex *= 0.85;
    bone.share = (0.05, 0.15);
    if person.growing() {
        bone = bone
            .seam(Seam::growth_plate(
                vec![(2.0, -22.0), (10.0, -6.0), (11.0, 6.0), (4.0, 22.0)],
                1.0,
            ))
            .seam(Seam::growth_plate(vec![(36.0, -8.0), (46.0, 1.0), (63.0, 6.0)], 0.9));
    }
    bone
}

pub(super) fn draw(person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let middle = (rng.random_range(-8.0_f32..8.0), rng.random_range(-14.0_f32..22.0));
    draw_at(middle, person, layers, texture, rng)
}

/// One hip: the same body, seen through a window about its joint.
pub(super) fn draw_hip(person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let middle = (
        -side * person.build * (HEAD.0 + rng.random_range(2.0_f32..26.0)),
        rng.random_range(-58.0_f32..-28.0),
    );
    draw_at(middle, person, layers, texture, rng)
}

/// `middle`: where the middle of the pelvis lies in the picture.
fn draw_at(middle: Point, person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let tilt = rng.random_range(-0.05_f32..0.05);
    let spread = person.reach * rng.random_range(-0.05_f32..0.22);
    layers.origin = middle;
    body(person, layers, texture, spread, rng);
    let whole = Pose::of(person).bent(2.0, rng).turned(tilt);
    let mut bones = Vec::new();
    let rotation = rng.random_range(-0.10_f32..0.10);
    // Turned about its length: one wing looks wider, the sacrum moves off the symphysis.
    let axial = Pose {
        offset: (-60.0 * rotation, 0.0),
        ..whole
    };
    for level in 0..5 {
        let y = -86.0 - 36.0 * level as f32;
        let pose = axial.map(texture);
        let (dx, lean) = (rng.random_range(-2.0_f32..2.0), rng.random_range(-0.05_f32..0.05));
        let lay = Pose::new(1.0).turned(lean).at((dx, y - 16.0)).map(texture);
        let stack = |bone: Bone| bone.mapped(&lay).mapped(&pose);
        bones.push(stack(Bone::flat(Shape::curve(VERTEBRA), 15.0, 0.8, 0.14).deep(1.1)));
        let processes = [
            Shape::tubes(&[
                &[(-22.0, 1.0, 4.5), (-44.0, -3.0, 3.2)],
                &[(22.0, 1.0, 4.5), (44.0, -4.0, 3.2)],
            ]),
            Shape::curve(&ellipse((0.0, 12.0), (4.5, 9.5), 0.0)),
        ];
        for shape in processes {
            bones.push(stack(Bone::flat(shape, 3.5, 0.9, 0.12)));
        }
        for side in [-1.0, 1.0] {
            bones.push(stack(Bone::flat(
                Shape::curve(&ellipse((side * 16.0, -4.0), (4.5, 7.0), 0.0)),
                5.0,
                1.2,
                0.15,
            )));
            bones.push(stack(Bone::flat(
                Shape::tubes(&[&[(side * 15.0, -12.0, 4.0), (side * 13.0, 14.0, 5.0)]]),
                4.0,
                0.7,
                0.15,
            )));
        }
    }
    let mut sacrum = Shape::curve(SACRUM);
    let mut arcs = Vec::new();
    for level in 0..4 {
        for side in [-1.0_f32, 1.0] {
            let (x, y) = (side * (23.0 - 3.2 * level as f32), -50.0 + 18.5 * level as f32);
            sacrum = sacrum.without(&ellipse((x, y), (4.6 - 0.4 * level as f32, 3.6), side * 0.3));
            arcs.push(Seam::sclerosis(
                vec![
                    (x - 8.0, y - 3.0),
                    (x - 3.0, y - 6.0),
                    (x + 3.0, y - 6.0),
                    (x + 8.0, y - 3.0),
                ],
                0.8,
                0.6,
            ));
        }
    }
    let mut sacrum = Bone::flat(sacrum, 11.0, 0.7, 0.11).deep(1.2);
    sacrum.seams = arcs;
    bones.push(sacrum.mapped(axial.map(texture)));
    let crest: Vec<(f32, f32, f32)> = (0..5).map(|level| (0.0, -52.0 + 16.0 * level as f32, 3.0)).collect();
    for &(x, y, radius) in &crest {
        let knob = Shape::curve(&ellipse((x, y), (radius, 5.0), 0.0));
        bones.push(Bone::flat(knob, 3.0, 0.8, 0.1).mapped(axial.map(texture)));
    }
    let mut sites = Vec::new();
    let mut hips = Vec::new();
    let wing = rng.random_range(3.6_f32..6.5);
    let (tall, low) = (rng.random_range(0.92_f32..1.06), rng.random_range(0.88_f32..1.06));
    for side in [-1.0_f32, 1.0] {
        let aside = 1.0 + side * rotation;
        let lay = |(x, y): Point| {
            (
                x * aside,
                if y < 40.0 {
                    40.0 + (y - 40.0) * tall
                } else {
                    40.0 + (y - 40.0) * low
                },
            )
        };
        let pose = whole.mirrored(side);
        // Mirrored first, turned after: the tilt of the whole is not mirrored.
        let pose = Pose {
            turn: side * tilt,
            ..pose
        };
        let put = pose.map(texture);
        bones.push(hip_bone(wing, person.growing()).mapped(|point| put(lay(point))));
        let leg = Leg {
            turn: -0.06 - 0.5 * spread + rng.random_range(-0.08_f32..0.08),
            roll: rng.random_range(0.62_f32..1.0),
        };
        let head = lay(HEAD);
        let own = Pose::new(person.stout)
            .turned(leg.turn)
            .at(head)
            .bent(1.5, rng)
            .map(texture);
        let mut thigh = femur(person, &leg).mapped(|point| put(own(point)));
        thigh.grain = side * -0.25;
        bones.push(thigh);
        hips.push((put(head), put(own((40.0, 150.0)))));
        let mut site = |kind: Kind, at: Point, half: Point, axis: f32| {
            sites.push(Site {
                kind,
                middle: put(at),
                half,
                axis: side * axis,
            });
        };
        site(Kind::Phlebolith, (42.0, 52.0), (26.0, 26.0), 0.0);
        site(Kind::Phlebolith, (48.0, 30.0), (14.0, 30.0), 0.0);
        site(Kind::TumoralCalcinosis, (158.0, 50.0), (26.0, 50.0), 0.0);
        site(Kind::TumoralCalcinosis, (120.0, 100.0), (50.0, 30.0), 0.0);
        site(Kind::Ossification, (140.0, 10.0), (28.0, 45.0), -0.5);
        site(Kind::Ossification, (95.0, 110.0), (30.0, 50.0), 0.2);
        site(Kind::Ossification, (165.0, 80.0), (20.0, 60.0), 0.0);
        site(Kind::CalcificTendinitis, (150.0, 26.0), (10.0, 16.0), -0.5);
        site(Kind::CalcificTendinitis, (128.0, 110.0), (8.0, 20.0), -0.3);
        site(Kind::InjectionGranuloma, (112.0, -62.0), (36.0, 38.0), 0.0);
        site(Kind::VascularCalcification, (60.0, 0.0), (30.0, 70.0), 0.5);
        site(Kind::Chondrocalcinosis, (2.0, 72.0), (2.0, 12.0), 1.57);
        site(Kind::RiceGrain, (155.0, 60.0), (30.0, 80.0), -0.6);
        site(Kind::RiceGrain, (110.0, -20.0), (50.0, 60.0), -0.7);
        site(Kind::RiceGrain, (120.0, 150.0), (45.0, 40.0), 0.0);
    }
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    bowel(layers, texture, &whole, rng);
    Body {
        axis: 0.0,
        sites,
        distractors: Vec::new(),
        hips,
    }
}
