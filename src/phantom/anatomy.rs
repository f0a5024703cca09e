//! Body scenes: limb, pelvis, shoulder. Lengths in mm, proportions of an adult, poses and sizes by chance.

use super::focus::Kind;
use super::layers::{Bone, Layers, Part};
use super::material::Material;
use super::texture::{Texture, normal};
use rand::RngExt;
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
}

impl Scene {
    /// Every scene.
    pub const ALL: [Scene; 5] = [
        Scene::Thigh,
        Scene::LowerLeg,
        Scene::Forearm,
        Scene::Pelvis,
        Scene::Shoulder,
    ];

    /// Body Part Examined (0018,0015), PS3.16 annex L.
    pub const fn body_part(self) -> &'static str {
        match self {
            Scene::Thigh => "THIGH",
            Scene::LowerLeg => "LEG",
            Scene::Forearm => "FOREARM",
            Scene::Pelvis => "PELVIS",
            Scene::Shoulder => "SHOULDER",
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
        }
    }

    /// Deposits that occur here.
    pub(super) const fn kinds(self) -> &'static [Kind] {
        match self {
            Scene::Pelvis => &[
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
            Scene::Shoulder => (290.0, 350.0),
            Scene::Thigh => (280.0, 350.0),
            Scene::LowerLeg => (240.0, 350.0),
            Scene::Forearm => (200.0, 300.0),
        }
    }
}

/// A kind, and the ellipse (middle, half axes) in which it may lie.
pub(super) type Site = (Kind, (f32, f32), (f32, f32));

/// A drawn body and where deposits may lie in it.
pub(super) struct Body {
    /// Direction of muscle fibres in radians from downwards.
    pub(super) axis: f32,
    /// Where kinds may lie; kinds not named may lie anywhere in soft tissue.
    pub(super) sites: Vec<Site>,
}

/// Draws `scene` into `layers`.
pub(super) fn draw(scene: Scene, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    match scene {
        Scene::Thigh | Scene::LowerLeg | Scene::Forearm => limb(scene, layers, texture, rng),
        Scene::Pelvis => pelvis(layers, texture, rng),
        Scene::Shoulder => shoulder(layers, texture, rng),
    }
}

/// Muscle and fat of a limb whose half width is `half(y)` around `middle(y)`.
fn flesh(layers: &mut Layers, texture: &Texture, axis: f32, depth: f32, fat: f32, outline: impl Fn(f32) -> (f32, f32)) {
    let (sine, cosine) = axis.sin_cos();
    for row in 0..layers.rows {
        for column in 0..layers.columns {
            let (x, y) = layers.place(row, column);
            let (middle, half) = outline(y);
            let offset = (x - middle).abs();
            if offset >= half {
                continue;
            }
            let whole = 2.0 * depth * (half * half - offset * offset).sqrt();
            let inner = (half - fat).max(1.0);
            let muscle = 2.0 * depth * (inner * inner - offset * offset).max(0.0).sqrt();
            // Bundles lie along the limb, septa of fat between them.
            let (u, v) = (x * sine + y * cosine, x * cosine - y * sine);
            let bundle = texture.at(v / 6.0, u / 60.0) + 0.5 * texture.at(v / 2.2 + 40.0, u / 30.0);
            let septum = (-((texture.at(v / 22.0 + 9.0, u / 160.0) * 9.0).powi(2))).exp();
            let muscle = muscle * (1.0 + 0.012 * bundle - 0.035 * septum);
            layers.map_mut(Material::Soft)[(row, column)] += muscle;
            let lobule = 1.0 + 0.03 * texture.fractal(x, y, 7.0, 3);
            layers.map_mut(Material::Fat)[(row, column)] += (whole - muscle).max(0.0) * lobule;
        }
    }
}

fn limb(scene: Scene, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let axis = rng.random_range(-0.12_f32..0.12);
    let build = rng.random_range(0.88_f32..1.15);
    let shift = rng.random_range(-12.0_f32..12.0);
    let bow = rng.random_range(-6.0_f32..6.0);
    let length = layers.extent().1;
    let centre = |y: f32| shift + axis.tan() * y + bow * (1.0 - (2.0 * y / length).powi(2));
    let (half_top, half_bottom, depth, fat) = match scene {
        Scene::Thigh => (84.0, 62.0, 0.85, rng.random_range(8.0_f32..20.0)),
        Scene::LowerLeg => (58.0, 36.0, 0.95, rng.random_range(4.0_f32..10.0)),
        _ => (43.0, 28.0, 0.75, rng.random_range(3.0_f32..7.0)),
    };
    let outline = |y: f32| {
        let down = y / length + 0.5;
        let belly = 1.0 + 0.08 * (std::f32::consts::PI * (down * 1.2)).sin();
        (centre(y), build * (half_top + down * (half_bottom - half_top)) * belly)
    };
    flesh(layers, texture, axis, depth, fat, outline);
    let at = |y: f32, aside: f32| (centre(y) + aside, y);
    let end = length / 2.0 + 30.0;
    let rods = |radius: &dyn Fn(f32) -> f32, aside: &dyn Fn(f32) -> f32| -> Vec<Part> {
        (0..12)
            .map(|step| {
                let (upper, lower) = (-end + step as f32 * end / 6.0, -end + (step + 1) as f32 * end / 6.0);
                Part::Rod {
                    a: at(upper, aside(upper)),
                    b: at(lower, aside(lower)),
                    ra: radius(upper),
                    rb: radius(lower),
                }
            })
            .collect()
    };
    let mut bones = Vec::new();
    match scene {
        Scene::Thigh => {
            let radius = build * rng.random_range(12.5_f32..15.5);
            bones.push(Bone::new(rods(&|_| radius, &|_| 6.0), 0.38 * radius, 0.06));
        }
        Scene::LowerLeg => {
            let radius = build * rng.random_range(11.0_f32..13.5);
            let flare = |y: f32| radius * (1.0 + 0.5 * ((-y - 80.0) / 90.0).clamp(0.0, 1.0));
            bones.push(Bone::new(rods(&flare, &|_| 10.0), 0.36 * radius, 0.07));
            let thin = build * rng.random_range(5.0_f32..6.5);
            bones.push(Bone::new(rods(&|_| thin, &|y| -20.0 + 4.0 * (y / 90.0)), 2.1, 0.08));
        }
        _ => {
            let radius = build * rng.random_range(6.0_f32..7.5);
            let flare = |y: f32| radius * (1.0 + 0.7 * ((y - 70.0) / 70.0).clamp(0.0, 1.0));
            bones.push(Bone::new(
                rods(&flare, &|y| 12.0 - 4.0 * (y / 120.0).powi(2)),
                2.4,
                0.08,
            ));
            bones.push(Bone::new(
                rods(&|y| radius * (1.0 - 0.15 * (y / 120.0)), &|_| -12.0),
                2.4,
                0.08,
            ));
        }
    }
    for mut bone in bones {
        bone.grain = axis;
        layers.add_bone(&bone, texture);
    }
    Body {
        axis,
        sites: Vec::new(),
    }
}

fn pelvis(layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let build = rng.random_range(0.92_f32..1.06);
    let (width, height) = layers.extent();
    let thick = rng.random_range(170.0_f32..230.0);
    let fat = rng.random_range(14.0_f32..40.0);
    for row in 0..layers.rows {
        for column in 0..layers.columns {
            let (x, y) = layers.place(row, column);
            let across = x / (0.56 * width);
            let down = y / height + 0.5;
            let dome = (1.0 - across * across).max(0.05).sqrt() * (1.0 - 0.18 * down);
            // Thighs part below the perineum.
            let gap = (-(x / 9.0).powi(2)).exp() * ((y - 118.0) / 30.0).clamp(0.0, 1.0);
            let total = thick * dome * (1.0 - 0.6 * gap);
            let organ = 1.0 + 0.025 * texture.fractal(x, y, 60.0, 3) + 0.008 * texture.fractal(x + 77.0, y, 8.0, 3);
            layers.map_mut(Material::Fat)[(row, column)] += fat.min(total);
            layers.map_mut(Material::Soft)[(row, column)] += (total - fat).max(0.0) * organ;
        }
    }
    let tilt = 0.03 * normal(rng);
    let turn = |x: f32, y: f32| {
        let (sine, cosine) = tilt.sin_cos();
        (build * (x * cosine - y * sine), build * (y * cosine + x * sine))
    };
    let rod = |a: (f32, f32), b: (f32, f32), ra: f32, rb: f32| Part::Rod {
        a: turn(a.0, a.1),
        b: turn(b.0, b.1),
        ra: build * ra,
        rb: build * rb,
    };
    let plate = |centre: (f32, f32), half: (f32, f32), lean: f32, edge: f32| Part::Plate {
        centre: turn(centre.0, centre.1),
        half: (build * half.0, build * half.1),
        turn: lean + tilt,
        edge,
    };
    let mut bones = Vec::new();
    for (index, y) in [-165.0_f32, -130.0, -95.0].into_iter().enumerate() {
        let half = 24.0 + index as f32;
        bones.push(Bone::new(
            vec![
                rod((-half + 13.0, y), (half - 13.0, y), 14.0, 14.0),
                rod((-half - 16.0, y + 2.0), (half + 16.0, y + 2.0), 3.5, 3.5),
            ],
            1.0,
            0.16,
        ));
    }
    let mut sacrum = Bone::new(vec![plate((0.0, -22.0), (48.0, 62.0), 0.0, 14.0)], 0.8, 0.10);
    for level in 0..4 {
        for side in [-1.0, 1.0] {
            let y = -55.0 + 20.0 * level as f32;
            sacrum
                .holes
                .push((turn(side * (19.0 - 2.0 * level as f32), y), build * 3.6));
        }
    }
    bones.push(sacrum);
    for side in [-1.0_f32, 1.0] {
        let at = |x: f32, y: f32| (side * x, y);
        let spread = rng.random_range(-3.0_f32..3.0);
        bones.push(Bone::new(
            vec![
                plate(at(92.0, -62.0), (50.0, 66.0), side * -0.42, 5.0),
                rod(at(66.0, -20.0), at(84.0, 26.0), 13.0, 21.0),
            ],
            1.2,
            0.11,
        ));
        bones.push(Bone::new(
            vec![
                rod(at(82.0, 36.0), at(17.0, 58.0), 12.0, 8.0),
                rod(at(14.0, 56.0), at(11.0, 78.0), 8.0, 7.0),
            ],
            1.5,
            0.14,
        ));
        bones.push(Bone::new(
            vec![
                rod(at(80.0, 44.0), at(62.0, 100.0), 16.0, 13.0),
                rod(at(62.0, 102.0), at(14.0, 80.0), 10.0, 6.0),
            ],
            1.5,
            0.14,
        ));
        let femur = vec![
            rod(at(96.0, 42.0), at(96.5, 42.5), 24.0, 24.0),
            rod(at(98.0, 44.0), at(132.0 + spread, 72.0), 17.0, 18.0),
            rod(at(140.0 + spread, 60.0), at(136.0 + spread, 84.0), 14.0, 17.0),
            rod(at(132.0 + spread, 84.0), at(122.0 + spread, 200.0), 17.0, 14.5),
        ];
        let mut femur = Bone::new(femur, 2.4, 0.13);
        femur.grain = side * -0.3;
        bones.push(femur);
    }
    for bone in &bones {
        layers.add_bone(bone, texture);
    }
    bowel_gas(layers, texture, rng);
    Body {
        axis: 0.0,
        sites: vec![
            (Kind::Phlebolith, (34.0, 58.0), (26.0, 24.0)),
            (Kind::Phlebolith, (-34.0, 58.0), (26.0, 24.0)),
            (Kind::TumoralCalcinosis, (172.0, 40.0), (22.0, 60.0)),
            (Kind::TumoralCalcinosis, (-172.0, 40.0), (22.0, 60.0)),
            (Kind::Ossification, (160.0, 10.0), (35.0, 80.0)),
            (Kind::Ossification, (-160.0, 10.0), (35.0, 80.0)),
            (Kind::RiceGrain, (165.0, 90.0), (35.0, 70.0)),
            (Kind::RiceGrain, (-165.0, 90.0), (35.0, 70.0)),
        ],
    }
}

/// Gas of the bowel: takes soft tissue out of the beam.
fn bowel_gas(layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(4..11) {
        let (x, y) = (rng.random_range(-95.0_f32..95.0), rng.random_range(-160.0_f32..5.0));
        let radius = rng.random_range(7.0_f32..19.0);
        let deep = rng.random_range(12.0_f32..34.0);
        let window = layers.window((x, y), (x, y), 1.5 * radius);
        for row in window.rows.0..window.rows.1 {
            for column in window.columns.0..window.columns.1 {
                let (px, py) = layers.place(row, column);
                let away = (px - x).hypot(py - y) / radius + 0.45 * texture.fractal(px, py, 14.0, 2);
                let gas = deep * (1.0 - away * away).max(0.0).sqrt();
                let soft = &mut layers.map_mut(Material::Soft)[(row, column)];
                *soft = (*soft - gas).max(0.0);
            }
        }
    }
}

fn shoulder(layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let build = rng.random_range(0.93_f32..1.07);
    let (dx, dy) = (rng.random_range(-8.0_f32..8.0), rng.random_range(-8.0_f32..8.0));
    let at = |x: f32, y: f32| (side * build * (x + dx), build * (y + dy));
    let raise = rng.random_range(-0.05_f32..0.25);
    let outline = [
        // Trunk, deltoid and arm as rods: depth of the beam path follows their roundness.
        (at(-105.0, -40.0), at(-105.0, 260.0), 92.0, 96.0),
        (at(-80.0, -70.0), at(30.0, -45.0), 44.0, 46.0),
        (at(30.0, -42.0), at(46.0 + 60.0 * raise, 190.0), 50.0, 40.0),
        (at(-150.0, -120.0), at(-105.0, -60.0), 45.0, 60.0),
    ];
    let fat = rng.random_range(6.0_f32..14.0);
    for row in 0..layers.rows {
        for column in 0..layers.columns {
            let (x, y) = layers.place(row, column);
            let mut total = 0.0_f32;
            for &(a, b, ra, rb) in &outline {
                let (ex, ey) = (b.0 - a.0, b.1 - a.1);
                let along = (((x - a.0) * ex + (y - a.1) * ey) / (ex * ex + ey * ey)).clamp(0.0, 1.0);
                let radius = build * (ra + along * (rb - ra));
                let away = (x - a.0 - along * ex).hypot(y - a.1 - along * ey);
                // A smooth union: the fourth power lets the thicker part lead.
                total += (1.7 * (radius * radius - away * away).max(0.0).sqrt()).powi(4);
            }
            let total = total.powf(0.25);
            if total <= 0.0 {
                continue;
            }
            let lean = fat.min(0.4 * total);
            let weave = 1.0 + 0.014 * texture.at(x / 5.0 + y / 9.0, y / 24.0) + 0.02 * texture.fractal(x, y, 40.0, 3);
            layers.map_mut(Material::Soft)[(row, column)] += (total - lean) * weave;
            layers.map_mut(Material::Fat)[(row, column)] += lean;
        }
    }
    // Lung: air in the trunk.
    let lung = at(-112.0, 75.0);
    let window = layers.window(lung, lung, 190.0);
    for row in window.rows.0..window.rows.1 {
        for column in window.columns.0..window.columns.1 {
            let (x, y) = layers.place(row, column);
            let away = ((x - lung.0) / (62.0 * build)).hypot((y - lung.1) / (125.0 * build));
            let air = 105.0 * (1.0 - away.powi(4)).max(0.0).sqrt() * (1.0 + 0.05 * texture.fractal(x, y, 12.0, 4));
            let soft = &mut layers.map_mut(Material::Soft)[(row, column)];
            *soft = (*soft - air).max(0.25 * *soft);
        }
    }
    let rod = |a: (f32, f32), b: (f32, f32), ra: f32, rb: f32| Part::Rod {
        a: at(a.0, a.1),
        b: at(b.0, b.1),
        ra: build * ra,
        rb: build * rb,
    };
    let mut bones = Vec::new();
    for rib in 0..6 {
        let y = -30.0 + 34.0 * rib as f32;
        let points: Vec<(f32, f32)> = (0..9)
            .map(|step| {
                let along = step as f32 / 8.0;
                (
                    -175.0 + 122.0 * along,
                    y - 18.0 + 44.0 * along * along - 12.0 * (along * std::f32::consts::PI).sin(),
                )
            })
            .collect();
        bones.push(Bone::new(
            points.windows(2).map(|pair| rod(pair[0], pair[1], 5.5, 5.5)).collect(),
            0.9,
            0.12,
        ));
    }
    let mut blade = Bone::new(
        vec![
            Part::Plate {
                centre: at(-34.0, 12.0),
                half: (build * 33.0, build * 62.0),
                turn: side * -0.3,
                edge: 3.5,
            },
            rod((-6.0, -34.0), (-16.0, 0.0), 9.0, 7.0),
            rod((-4.0, -46.0), (-4.0, -18.0), 9.0, 9.0),
        ],
        0.9,
        0.10,
    );
    blade.grain = side * 0.3;
    bones.push(blade);
    bones.push(Bone::new(vec![rod((-14.0, -48.0), (6.0, -52.0), 6.5, 5.5)], 1.1, 0.16));
    let lift = rng.random_range(-3.0_f32..5.0);
    bones.push(Bone::new(
        vec![
            rod((-40.0, -78.0 - lift), (22.0, -82.0 - lift), 7.0, 6.0),
            rod((22.0, -82.0 - lift), (34.0, -79.0 - lift), 6.0, 5.0),
        ],
        1.2,
        0.15,
    ));
    bones.push(Bone::new(
        vec![
            rod((-160.0, -72.0), (-70.0, -92.0 - lift), 6.5, 6.0),
            rod((-70.0, -92.0 - lift), (0.0, -86.0 - lift), 6.0, 7.0),
        ],
        1.6,
        0.12,
    ));
    let mut humerus = Bone::new(
        vec![
            rod((30.0, -36.0), (30.5, -35.5), 23.5, 23.5),
            rod((47.0, -40.0), (46.0, -20.0), 9.5, 11.0),
            rod((35.0, -22.0), (42.0, 30.0), 19.0, 13.5),
            rod((42.0, 28.0), (46.0 + 60.0 * raise, 230.0), 13.0, 11.5),
        ],
        1.9,
        0.13,
    );
    humerus.grain = side * -0.05;
    bones.push(humerus);
    for bone in &bones {
        layers.add_bone(bone, texture);
    }
    Body {
        axis: side * -0.1,
        sites: vec![
            (Kind::CalcificTendinitis, at(44.0, -64.0), (15.0, 6.0)),
            (Kind::TumoralCalcinosis, at(70.0, 30.0), (14.0, 40.0)),
            (Kind::Calcification, at(64.0, 70.0), (20.0, 70.0)),
        ],
    }
}
