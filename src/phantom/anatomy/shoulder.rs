//! One shoulder, anteroposterior, with the upper chest beside it.

use super::super::bone::{self, Bone, Seam};
use super::super::flesh::{self, Flesh};
use super::super::focus::Kind;
use super::super::layers::Layers;
use super::super::material::Material;
use super::super::outline::{Point, Shape, course, ellipse};
use super::super::texture::Texture;
use super::{Body, Person, Pose, Site};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Upper humerus about the middle of its head, lateral positive, turned outwards: greater tuberosity in profile.
#[rustfmt::skip]
const OUTWARDS: &[Point] = &[
    (-4.0, -24.5), (-14.0, -20.5), (-22.0, -12.0), (-25.0, -1.0), (-23.5, 10.0), (-18.0, 19.0), (-12.5, 27.0),
    (-9.5, 38.0), (-8.5, 60.0), (-7.5, 110.0), (-6.0, 180.0), (-4.0, 280.0), (20.0, 280.0), (18.0, 180.0),
    (16.5, 110.0), (17.0, 75.0), (18.5, 48.0), (22.0, 30.0), (26.5, 14.0), (28.5, 1.0), (27.0, -9.0), (21.5, -15.5),
    (14.0, -17.5), (9.5, -20.5), (4.0, -24.0),
];
/// The same turned inwards: both tuberosities over the head, which looks like a light bulb.
#[rustfmt::skip]
const INWARDS: &[Point] = &[
    (-2.0, -25.0), (-12.0, -22.0), (-20.0, -14.0), (-24.0, -3.0), (-24.5, 9.0), (-20.0, 20.0), (-12.0, 28.0),
    (-7.5, 38.0), (-6.0, 60.0), (-6.0, 110.0), (-5.0, 180.0), (-4.0, 280.0), (19.0, 280.0), (18.0, 180.0),
    (16.5, 110.0), (16.0, 75.0), (16.5, 48.0), (18.5, 32.0), (21.5, 18.0), (23.5, 5.0), (23.0, -6.0), (19.5, -15.0),
    (14.0, -20.5), (9.0, -23.0), (4.0, -24.7),
];
/// Blade of the scapula without its spine.
#[rustfmt::skip]
const BLADE: &[Point] = &[
    (-30.0, -18.0), (-27.0, -8.0), (-25.5, 3.0), (-27.5, 16.0), (-31.0, 25.0), (-38.0, 36.0), (-50.0, 62.0),
    (-62.0, 92.0), (-71.0, 118.0), (-77.0, 128.0), (-84.0, 122.0), (-90.0, 98.0), (-99.0, 60.0), (-106.0, 22.0),
    (-110.0, -12.0), (-110.0, -36.0), (-103.0, -48.0), (-92.0, -44.0), (-75.0, -36.0), (-58.0, -30.0), (-50.0, -23.0),
    (-42.0, -28.0), (-36.0, -26.0),
];
#[rustfmt::skip]
const SPINE: &[Point] = &[
    (-109.0, -12.0), (-85.0, -24.0), (-60.0, -35.0), (-40.0, -44.0), (-20.0, -48.0), (0.0, -50.0), (14.0, -49.0),
    (24.0, -44.0), (27.0, -37.0), (22.0, -32.5), (8.0, -33.0), (-8.0, -35.0), (-24.0, -34.0), (-42.0, -28.0),
    (-62.0, -19.0), (-86.0, -10.0), (-108.0, -3.0),
];
#[rustfmt::skip]
const CORACOID: &[Point] = &[
    (-46.0, -22.0), (-42.0, -31.0), (-32.0, -33.0), (-22.0, -29.0), (-14.0, -22.0), (-11.0, -14.0), (-14.0, -10.0),
    (-20.0, -13.0), (-27.0, -17.0), (-36.0, -16.0),
];

fn lerp(from: &[Point], to: &[Point], share: f32) -> Vec<Point> {
    from.iter()
        .zip(to)
        .map(|(a, b)| (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1)))
        .collect()
}

fn body(person: &Person, layers: &mut Layers, texture: &Texture, pose: &Pose, raise: f32, rng: &mut ChaCha8Rng) {
    let at = pose.map(texture);
    let fat = (8.0 * person.fat).clamp(3.0, 30.0);
    let thick = person.muscle;
    let arm = |y: f32, aside: f32| (8.0 + aside + raise * y, y);
    let trunk: Vec<Point> = [
        (-330.0, -300.0),
        (-175.0, -300.0),
        (-168.0, -170.0),
        (-150.0, -122.0),
        (-110.0, -96.0),
        (-60.0, -78.0),
        (-10.0, -68.0),
        (25.0, -62.0),
        (46.0, -40.0),
        (58.0, 0.0),
        (52.0, 30.0),
        (10.0, 40.0),
        (-28.0, 60.0),
        (-40.0, 90.0),
        (-44.0, 140.0),
        (-48.0, 220.0),
        (-50.0, 330.0),
        (-330.0, 330.0),
    ]
    .map(|(x, y): Point| (x, if y < -20.0 && y > -200.0 { y - 0.7 * fat } else { y }))
    .into_iter()
    .map(&at)
    .collect();
    let wide = thick * rng.random_range(0.9_f32..1.1) * 46.0 + 0.5 * fat;
    let control: Vec<Point> = [
        arm(-30.0, -20.0),
        arm(-52.0, 10.0),
        arm(-38.0, wide - 8.0),
        arm(0.0, wide + 4.0),
        arm(45.0, wide + 3.0),
        arm(110.0, wide - 6.0),
        arm(190.0, wide - 12.0),
        arm(320.0, wide - 14.0),
        arm(320.0, -wide + 14.0),
        arm(190.0, -wide + 10.0),
        arm(110.0, -wide + 6.0),
        arm(55.0, -wide + 8.0),
        arm(10.0, -34.0),
    ]
    .into_iter()
    .map(&at)
    .collect();
    flesh::add(
        layers,
        &Flesh {
            shape: Shape::curve(&trunk).and(Shape::curve(&control)),
            depth: rng.random_range(0.75_f32..1.0),
            cap: thick * rng.random_range(56.0_f32..76.0),
            fat,
            axis: pose.side * -0.5,
            bundles: 0.8,
            organs: rng.random_range(0.5_f32..1.4),
        },
        texture,
    );
}

/// Air of the lung with its vessels; the chest wall remains.
fn lung(layers: &mut Layers, texture: &Texture, pose: &Pose, rng: &mut ChaCha8Rng) {
    let at = pose.map(texture);
    let control: Vec<Point> = [
        (-250.0, -30.0),
        (-190.0, -52.0),
        (-160.0, -58.0),
        (-130.0, -46.0),
        (-104.0, -16.0),
        (-86.0, 30.0),
        (-75.0, 90.0),
        (-69.0, 160.0),
        (-68.0, 240.0),
        (-72.0, 330.0),
        (-250.0, 330.0),
    ]
    .into_iter()
    .map(&at)
    .collect();
    let air = rng.random_range(80.0_f32..125.0);
    let Some(field) = super::super::outline::Field::of(&Shape::curve(&control), layers.bounds(), texture, 0.4) else {
        return;
    };
    flesh::take(layers, field.bounds(), |x, y| {
        let inside = field.at(x, y);
        if inside.depth <= 0.0 {
            return 0.0;
        }
        let round = (inside.depth / 45.0).min(1.0);
        air * (1.0 - (1.0 - round).powi(2)).sqrt() * (1.0 + 0.06 * inside.patch)
    });
    // Vessels spread from the hilum and thin out.
    let hilum = (-205.0, 95.0);
    for _ in 0..rng.random_range(10..20) {
        let angle = rng.random_range(-1.5_f32..1.5);
        let mut points = Vec::new();
        let (mut x, mut y, mut heading) = (hilum.0, hilum.1, angle);
        let mut radius = rng.random_range(2.2_f32..4.0);
        for _ in 0..9 {
            points.push((x, y, radius));
            heading += rng.random_range(-0.22_f32..0.22);
            x += 14.0 * heading.cos();
            y += 14.0 * heading.sin();
            radius *= 0.80;
        }
        let points: Vec<_> = points
            .into_iter()
            .map(|(x, y, radius)| {
                let (x, y) = at((x, y));
                (x, y, radius)
            })
            .collect();
        for pair in course(&points).windows(2) {
            let ((ax, ay, radius), (bx, by, _)) = (pair[0], pair[1]);
            let low = (ax.min(bx) - radius, ay.min(by) - radius);
            let high = (ax.max(bx) + radius, ay.max(by) + radius);
            flesh::take(layers, (low, high), |px, py| {
                if field.at(px, py).depth <= 0.0 {
                    return 0.0;
                }
                let (dx, dy) = (bx - ax, by - ay);
                let along = ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy).max(1e-6);
                if !(0.0..1.0).contains(&along) {
                    return 0.0;
                }
                let away = (px - ax - along * dx).hypot(py - ay - along * dy);
                -1.6 * (radius * radius - away * away).max(0.0).sqrt()
            });
        }
    }
}

fn ribs(texture: &Texture, pose: &Pose, rng: &mut ChaCha8Rng) -> Vec<Bone> {
    let at = pose.map(texture);
    let pitch = rng.random_range(24.0_f32..32.0);
    let slope = rng.random_range(0.7_f32..1.2);
    let mut bones = Vec::new();
    // The chest wall at the height y.
    let wall = |y: f32| -66.0 - 96.0 * (-((y + 62.0) / 62.0)).exp().min(1.0);
    for rib in 0..8 {
        let top = -62.0 + pitch * rib as f32;
        let side = wall(top + 42.0 * slope);
        let hind = [
            (-245.0, top + 4.0),
            (-215.0, top - 6.0),
            (side - 75.0, top - 2.0),
            (side - 35.0, top + 12.0 * slope),
            (side - 10.0, top + 28.0 * slope),
            (side, top + 44.0 * slope),
        ];
        let fore = [
            (side, top + 44.0 * slope),
            (side - 5.0, top + 58.0 * slope),
            (side - 22.0, top + 72.0 * slope),
            (side - 50.0, top + 86.0 * slope),
            (side - 90.0, top + 96.0 * slope),
        ];
        for (line, radius, much) in [(&hind[..], 5.6_f32, 1.0_f32), (&fore[..], 6.6, 0.75)] {
            let tube: Vec<(f32, f32, f32)> = line
                .iter()
                .map(|&point| {
                    let (x, y) = at(point);
                    (x, y, radius)
                })
                .collect();
            let mut bone = Bone::flat(Shape::tubes(&[&tube]), 3.6, 0.7 * much, 0.10).deep(1.1);
            bone.grain = 1.4 * pose.side;
            bones.push(bone);
        }
    }
    bones
}

pub(super) fn draw(person: &Person, layers: &mut Layers, texture: &Texture, rng: &mut ChaCha8Rng) -> Body {
    let side = if rng.random_bool(0.5) { 1.0_f32 } else { -1.0 };
    let build = person.build;
    // The joint lies off the middle of the picture; where, is by chance.
    let joint = (rng.random_range(6.0_f32..52.0), rng.random_range(-80.0_f32..-28.0));
    let whole = Pose {
        offset: joint,
        ..Pose::of(person)
            .mirrored(side)
            .bent(2.0, rng)
            .turned(rng.random_range(-0.06_f32..0.08))
    };
    let raise = person.reach * rng.random_range(-0.06_f32..0.28);
    body(person, layers, texture, &whole, raise, rng);
    lung(layers, texture, &whole, rng);
    let put = whole.map(texture);
    let mut bones = ribs(texture, &whole, rng);

    let open = rng.random_range(-4.0_f32..7.0);
    let low = rng.random_range(-2.0_f32..4.0);
    let rotate = rng.random_range(0.85_f32..1.1);
    let blade = |(x, y): Point| ((x + 26.0) * rotate - 26.0 - open, y + low);
    let mut scapula = Bone::flat(Shape::curve(BLADE), 2.4, 0.8, 0.15)
        .boss((-32.0, 4.0), 15.0, 8.0)
        .boss((-48.0, 55.0), 9.0, 2.6)
        .boss((-62.0, 90.0), 9.0, 2.4)
        .boss((-38.0, 32.0), 10.0, 4.0)
        .boss((-106.0, 10.0), 6.0, 1.2);
    scapula.grain = side * 0.4;
    bones.push(scapula.mapped(|point| put(blade(point))));
    let glenoid = Shape::curve(&ellipse((-27.0, 3.0), (rng.random_range(3.0_f32..7.0), 19.0), 0.08));
    bones.push(Bone::flat(glenoid, 3.0, 1.0, 0.14).mapped(|point| put(blade(point))));
    let spine = Bone::flat(Shape::curve(SPINE), 3.6, 0.9, 0.2)
        .boss((14.0, -41.0), 16.0, 2.2)
        .seam(Seam::sclerosis(
            vec![
                (-108.0, -5.0),
                (-62.0, -22.0),
                (-24.0, -36.0),
                (8.0, -35.0),
                (22.0, -34.0),
            ],
            1.0,
            0.8,
        ));
    bones.push(spine.mapped(|point| put(blade(point))));
    let coracoid = Bone::flat(Shape::curve(CORACOID), 6.0, 1.1, 0.2);
    bones.push(coracoid.mapped(|point| put(blade(point))));

    let lift = rng.random_range(-3.0_f32..4.0);
    let clavicle: Vec<(f32, f32, f32)> = [
        (3.0, -47.0, 7.0),
        (-12.0, -50.0, 6.5),
        (-35.0, -58.0, 5.5),
        (-62.0, -66.0, 5.2),
        (-95.0, -66.0, 5.6),
        (-128.0, -58.0, 6.2),
        (-160.0, -50.0, 8.5),
        (-172.0, -48.0, 10.0),
    ]
    .map(|(x, y, radius)| (x - open, y + lift * (x / -60.0), radius))
    .into();
    let mut collar = Bone::long(Shape::tubes(&[&clavicle]), 6.2 * build, 1.45 * side);
    collar.cortex = 1.7;
    collar.depth = 0.95;
    bones.push(collar.mapped(&put));

    let inwards = rng.random_range(-0.15_f32..1.0);
    let outline = lerp(OUTWARDS, INWARDS, inwards.clamp(0.0, 1.0));
    let down = rng.random_range(-3.0_f32..5.0);
    let own = Pose::new(person.stout)
        .turned(-raise)
        .at((0.0, down))
        .bent(1.2, rng)
        .map(texture);
    let mut humerus = Bone::long(Shape::curve(&outline), 11.5, side * -raise)
        .seam(Seam::sclerosis(
            vec![(-20.0, 16.0), (-8.0, 4.0), (6.0, -8.0), (14.0, -17.0)],
            1.6,
            0.20,
        ))
        .seam(Seam::sclerosis(
            vec![
                (12.0 - 8.0 * inwards, -14.0),
                (13.0 - 8.0 * inwards, 4.0),
                (10.0 - 7.0 * inwards, 26.0),
            ],
            1.3,
            0.35,
        ));
    humerus.cortex = 3.6;
    humerus.cortex_end = 0.6;
    humerus.share = (0.05, 0.11);
    if person.growing() {
        humerus = humerus.seam(Seam::growth_plate(
            vec![(-21.0, 15.0), (-8.0, 10.0), (0.0, 4.0), (10.0, 10.0), (27.0, 14.0)],
            1.1,
        ));
    }
    bones.push(humerus.mapped(|point| put(own(point))));
    for bone in &bones {
        bone::add(layers, bone, &person.quality, texture);
    }
    // Fat plane under the deltoid.
    let plane: Vec<(f32, f32, f32)> = [(20.0, -30.0), (34.0, -10.0), (36.0, 15.0), (30.0, 45.0), (24.0, 80.0)]
        .map(|point: Point| {
            let (x, y) = put(point);
            (x, y, 1.0)
        })
        .into();
    for pair in course(&plane).windows(2) {
        let ((ax, ay, _), (bx, by, _)) = (pair[0], pair[1]);
        let window = layers.window((ax.min(bx), ay.min(by)), (ax.max(bx), ay.max(by)), 1.5);
        let frame = layers.frame();
        for row in window.rows.0..window.rows.1 {
            for column in window.columns.0..window.columns.1 {
                let (x, y) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
                let away = (x - 0.5 * (ax + bx)).hypot(y - 0.5 * (ay + by)) / 1.2;
                let swap = 1.5 * (-away * away).exp();
                let soft = layers.cell(Material::Soft, row, column);
                *soft = (*soft - swap).max(0.0);
                *layers.cell(Material::Fat, row, column) += swap;
            }
        }
    }
    let site = |kind: Kind, at: Point, half: Point, axis: f32| Site {
        kind,
        middle: put(at),
        half,
        axis: side * axis,
    };
    Body {
        axis: side * -raise,
        sites: vec![
            site(Kind::CalcificTendinitis, (18.0, -27.0 + down), (14.0, 5.0), -0.3),
            site(Kind::CalcificTendinitis, (30.0, -14.0 + down), (5.0, 9.0), -0.6),
            site(Kind::TumoralCalcinosis, (46.0, 10.0), (14.0, 46.0), 0.0),
            site(Kind::TumoralCalcinosis, (-12.0, 50.0), (20.0, 30.0), 0.0),
            site(Kind::RiceGrain, (40.0, 70.0), (20.0, 90.0), -raise),
            site(Kind::RiceGrain, (-20.0, 40.0), (30.0, 40.0), -0.9),
            site(Kind::Ossification, (36.0, 60.0), (22.0, 80.0), -raise),
            site(Kind::Calcification, (32.0, 60.0), (30.0, 100.0), -raise),
        ],
        distractors: Vec::new(),
        hips: Vec::new(),
    }
}
