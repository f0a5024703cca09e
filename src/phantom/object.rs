//! What else lies in the beam: lead letters, metal in and on the body, clothing, electrodes, contrast medium.

use super::anatomy::Body;
use super::distractor::{Distractor, DistractorKind, pixels};
use super::flesh;
use super::focus::log_uniform;
use super::layers::Layers;
use super::material::Material;
use super::outline::Point;
use super::texture::Texture;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Strokes of a letter in a box of 1 x 1, x to the right, y down.
const LETTER_L: &[[(f32, f32); 2]] = &[[(0.1, 0.0), (0.1, 1.0)], [(0.1, 1.0), (0.7, 1.0)]];
const LETTER_R: &[[(f32, f32); 2]] = &[
    [(0.1, 0.0), (0.1, 1.0)],
    [(0.1, 0.0), (0.55, 0.0)],
    [(0.55, 0.0), (0.7, 0.15)],
    [(0.7, 0.15), (0.7, 0.35)],
    [(0.7, 0.35), (0.55, 0.5)],
    [(0.55, 0.5), (0.1, 0.5)],
    [(0.4, 0.5), (0.75, 1.0)],
];

/// Adds `thickness` mm of `material` within `radius` mm of the segment from `a` to `b`; round in section if `wire`.
fn bar(layers: &mut Layers, material: Material, a: (f32, f32), b: (f32, f32), radius: f32, thickness: Option<f32>) {
    let low = (a.0.min(b.0), a.1.min(b.1));
    let high = (a.0.max(b.0), a.1.max(b.1));
    let window = layers.window(low, high, radius + 0.5);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let squared = (dx * dx + dy * dy).max(1e-6);
    let frame = layers.frame();
    for row in window.rows.0..window.rows.1 {
        for column in window.columns.0..window.columns.1 {
            let (x, y) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
            let along = (((x - a.0) * dx + (y - a.1) * dy) / squared).clamp(0.0, 1.0);
            let away = (x - a.0 - along * dx).hypot(y - a.1 - along * dy);
            if away < radius {
                let chord = thickness.unwrap_or(2.0 * (radius * radius - away * away).sqrt());
                let cell = &mut layers.map_mut(material)[(row, column)];
                *cell = cell.max(chord);
            }
        }
    }
}

/// Bars along a chain of points.
fn chain(layers: &mut Layers, material: Material, points: &[Point], radius: f32, thickness: Option<f32>) {
    for pair in points.windows(2) {
        bar(layers, material, pair[0], pair[1], radius, thickness);
    }
}

/// The pixels within `radius` of a chain of points.
fn near(layers: &Layers, points: &[Point], radius: f32) -> Option<crate::label::Region> {
    let mut low = (f32::INFINITY, f32::INFINITY);
    let mut high = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for &(x, y) in points {
        low = (low.0.min(x - radius), low.1.min(y - radius));
        high = (high.0.max(x + radius), high.1.max(y + radius));
    }
    pixels(layers, (low, high), |x, y| {
        points.windows(2).any(|pair| {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let (dx, dy) = (bx - ax, by - ay);
            let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
            (x - ax - along * dx).hypot(y - ay - along * dy) < radius
        })
    })
}

/// Draws objects and collects what was drawn.
pub(super) struct Objects<'a> {
    pub(super) layers: &'a mut Layers,
    pub(super) found: Vec<Distractor>,
}

impl Objects<'_> {
    fn record(&mut self, kind: DistractorKind, points: &[Point], radius: f32) {
        if let Some(region) = near(self.layers, points, radius) {
            self.found.push(Distractor::new(kind, region));
        }
    }

    fn titanium(&mut self, points: &[Point], radius: f32, thickness: Option<f32>) {
        chain(self.layers, Material::Titanium, points, radius, thickness);
    }

    /// A lead side letter near a corner of the picture, sometimes with a ball bearing. Returns the letter.
    pub(super) fn side_marker(&mut self, rng: &mut ChaCha8Rng) -> char {
        let (width, height) = self.layers.extent();
        let size = rng.random_range(8.0_f32..20.0);
        let (letter, strokes) = if rng.random_bool(0.5) {
            ('L', LETTER_L)
        } else {
            ('R', LETTER_R)
        };
        let corner = (
            if rng.random_bool(0.5) { 1.0 } else { -1.0 } * (width / 2.0 - rng.random_range(16.0_f32..46.0)),
            if rng.random_bool(0.5) { 1.0 } else { -1.0 } * (height / 2.0 - rng.random_range(16.0_f32..70.0)),
        );
        // Now and then put on backwards or askew.
        let mirror = if rng.random_bool(0.1) { -1.0 } else { 1.0 };
        let lean = if rng.random_bool(0.15) {
            rng.random_range(-1.6_f32..1.6)
        } else {
            rng.random_range(-0.2_f32..0.2)
        };
        let (sine, cosine) = lean.sin_cos();
        let place = |(u, v): Point| {
            let (u, v) = (mirror * (u - 0.4) * size, (v - 0.5) * size);
            (corner.0 + u * cosine - v * sine, corner.1 + u * sine + v * cosine)
        };
        let radius = rng.random_range(0.07_f32..0.12) * size;
        let thick = rng.random_range(0.5_f32..1.5);
        for stroke in strokes {
            let ends = [place(stroke[0]), place(stroke[1])];
            chain(self.layers, Material::Lead, &ends, radius, Some(thick));
        }
        let all: Vec<Point> = strokes.iter().flatten().map(|&point| place(point)).collect();
        self.record(DistractorKind::Marker, &all, radius);
        if rng.random_bool(0.2) {
            let at = place((0.4 + rng.random_range(-0.3_f32..0.3), 1.6));
            let radius = rng.random_range(0.75_f32..2.0);
            chain(self.layers, Material::Lead, &[at, at], radius, Some(1.0));
            self.record(DistractorKind::Ball, &[at, at], radius);
        }
        letter
    }

    /// Metal of some kind; returns what it is.
    pub(super) fn metal(&mut self, body: &Body, rng: &mut ChaCha8Rng) -> &'static str {
        if !body.hips.is_empty() && rng.random_bool(0.35) {
            return self.prosthesis(body, rng);
        }
        let (low, high) = self.layers.bounds();
        let (x, y) = (
            rng.random_range(0.8 * low.0 + 0.2 * high.0..0.2 * low.0 + 0.8 * high.0),
            rng.random_range(0.85 * low.1 + 0.15 * high.1..0.15 * low.1 + 0.85 * high.1),
        );
        let (sine, cosine) = rng.random_range(0.0_f32..std::f32::consts::TAU).sin_cos();
        let at = |u: f32, v: f32| (x + u * cosine - v * sine, y + u * sine + v * cosine);
        match rng.random_range(0..7) {
            0 => {
                self.screw(&at, rng.random_range(20.0_f32..45.0));
                "screw"
            }
            1 => {
                for clip in 0..rng.random_range(2..8) {
                    let u = 7.0 * clip as f32 + rng.random_range(-2.0_f32..2.0);
                    let v = rng.random_range(-9.0_f32..9.0);
                    let ends = [at(u, v), at(u + 3.5, v + rng.random_range(-3.0_f32..3.0))];
                    self.titanium(&ends, 0.45, Some(2.0));
                    self.record(DistractorKind::Clip, &ends, 0.6);
                }
                "clips"
            }
            2 => {
                let radius = rng.random_range(7.0_f32..12.0);
                let points: Vec<Point> = (0..=40)
                    .map(|step| {
                        let angle = step as f32 / 40.0 * std::f32::consts::TAU;
                        at(radius * angle.cos(), radius * angle.sin())
                    })
                    .collect();
                self.titanium(&points, 1.0, None);
                self.record(DistractorKind::Ring, &points, 1.0);
                "ring"
            }
            3 => {
                let long = rng.random_range(12.0_f32..60.0);
                let wave = rng.random_range(0.0_f32..7.0);
                let points: Vec<Point> = (0..=24)
                    .map(|step| {
                        let share = step as f32 / 12.0 - 1.0;
                        at(long * share, wave * (share * 5.0).sin())
                    })
                    .collect();
                let radius = rng.random_range(0.25_f32..0.8);
                self.titanium(&points, radius, None);
                self.record(DistractorKind::Wire, &points, radius + 0.2);
                "wire"
            }
            4 => {
                let radius = rng.random_range(8.0_f32..14.0);
                self.titanium(&[at(0.0, 0.0); 2], radius, Some(4.0));
                self.record(DistractorKind::Coin, &[at(0.0, 0.0); 2], radius);
                "coin"
            }
            5 => {
                self.plate(&at, rng);
                "plate"
            }
            _ => {
                // Pellets or fragments.
                for _ in 0..rng.random_range(1..5) {
                    let (u, v) = (rng.random_range(-25.0_f32..25.0), rng.random_range(-25.0_f32..25.0));
                    let radius = rng.random_range(0.6_f32..2.4);
                    let end = at(u + rng.random_range(0.0_f32..2.0), v + rng.random_range(0.0_f32..2.0));
                    let ends = [at(u, v), end];
                    chain(self.layers, Material::Lead, &ends, radius, None);
                    self.record(DistractorKind::Ball, &ends, radius);
                }
                "fragments"
            }
        }
    }

    fn plate(&mut self, at: &impl Fn(f32, f32) -> Point, rng: &mut ChaCha8Rng) {
        let holes = rng.random_range(3..8);
        let half = 7.5 * holes as f32;
        let ends = [at(-half, 0.0), at(half, 0.0)];
        self.titanium(&ends, 5.0, Some(3.2));
        for hole in 0..holes {
            let u = -half + 15.0 * hole as f32 + 7.5;
            if let Some(region) = near(self.layers, &[at(u, 0.0); 2], 2.3) {
                for (row, column) in region.pixels() {
                    *self.layers.cell(Material::Titanium, row, column) = 0.0;
                }
            }
            let long = rng.random_range(2.0_f32..24.0);
            self.titanium(&[at(u, 0.0), at(u + 1.5, long)], 1.7, None);
        }
        self.record(DistractorKind::Plate, &ends, 5.0);
    }

    fn screw(&mut self, at: &impl Fn(f32, f32) -> Point, long: f32) {
        let half = 0.5 * long;
        let ends = [at(-half, 0.0), at(half, 0.0)];
        self.titanium(&ends, 1.6, None);
        self.titanium(&[at(-half - 1.0, -2.2), at(-half - 1.0, 2.2)], 2.0, Some(5.0));
        let mut u = -0.3 * half;
        while u < half {
            self.titanium(&[at(u, -2.2), at(u + 0.5, 2.2)], 0.35, Some(3.5));
            u += 1.6;
        }
        self.record(DistractorKind::Screw, &ends, 2.4);
    }

    /// A hip prosthesis: head, neck, stem and cup.
    fn prosthesis(&mut self, body: &Body, rng: &mut ChaCha8Rng) -> &'static str {
        let (head, tip) = body.hips[rng.random_range(0..body.hips.len())];
        let (dx, dy) = (tip.0 - head.0, tip.1 - head.1);
        let side = dx.signum();
        let bend = (head.0 + 0.85 * dx, head.1 + 0.2 * dy);
        let middle = ((bend.0 + tip.0) / 2.0 + 1.5 * side, (bend.1 + tip.1) / 2.0);
        let ball = rng.random_range(14.0_f32..18.0);
        self.titanium(&[head; 2], ball, None);
        self.titanium(&[head, bend], 6.5, Some(13.0));
        self.titanium(&[bend, middle], 8.0, None);
        self.titanium(&[middle, tip], 5.5, None);
        let cup: Vec<Point> = (0..=20)
            .map(|step| {
                let angle = std::f32::consts::PI * (step as f32 / 20.0) + side * 0.7;
                (head.0 - 25.0 * angle.cos(), head.1 - 25.0 * angle.sin())
            })
            .collect();
        self.titanium(&cup, 2.0, Some(14.0));
        self.record(DistractorKind::Prosthesis, &[head, bend, middle, tip], 9.0);
        self.record(DistractorKind::Prosthesis, &[head; 2], ball);
        self.record(DistractorKind::Prosthesis, &cup, 2.5);
        "prosthesis"
    }

    /// Something on the skin or the clothes.
    pub(super) fn outside(&mut self, trunk: bool, texture: &Texture, rng: &mut ChaCha8Rng) {
        let (width, height) = self.layers.extent();
        let (x, y) = (
            rng.random_range(-0.38_f32..0.38) * width,
            rng.random_range(-0.38_f32..0.38) * height,
        );
        match rng.random_range(0..if trunk { 7 } else { 4 }) {
            0 => self.buttons((x, y), rng),
            1 => {
                // Folded skin or a fold of cloth: a soft step along a curve.
                let turn = rng.random_range(-0.6_f32..0.6);
                let much = rng.random_range(2.0_f32..7.0);
                let wide = rng.random_range(4.0_f32..16.0);
                let bounds = self.layers.bounds();
                flesh::take(self.layers, bounds, |px, py| {
                    let v = (py - y) - turn * (px - x) + 6.0 * texture.at(px / 60.0, 9.0);
                    if (0.0..4.0 * wide).contains(&v) {
                        -much * (-v / wide).exp()
                    } else {
                        0.0
                    }
                });
            }
            2 => {
                let (lean, teeth) = (rng.random_range(-0.2_f32..0.2), rng.random_range(15..60));
                let at = |tooth: f32| (x + lean * 2.2 * tooth, y - 40.0 + 2.2 * tooth);
                for tooth in 0..teeth {
                    let (tx, ty) = at(tooth as f32);
                    let aside = if tooth % 2 == 0 { 1.2 } else { -1.2 };
                    self.titanium(&[(tx, ty), (tx + aside, ty)], 0.6, Some(0.9));
                }
                self.record(DistractorKind::Zip, &[at(0.0), at(teeth as f32)], 2.2);
            }
            3 => {
                // A lead to some sensor.
                let mut points = vec![(x, y)];
                let mut heading = rng.random_range(0.0_f32..std::f32::consts::TAU);
                let (mut px, mut py) = (x, y);
                for _ in 0..40 {
                    heading += rng.random_range(-0.25_f32..0.25);
                    (px, py) = (px + 8.0 * heading.cos(), py + 8.0 * heading.sin());
                    points.push((px, py));
                }
                self.titanium(&points, rng.random_range(0.3_f32..0.7), Some(0.6));
                self.record(DistractorKind::Wire, &points, 1.0);
            }
            4 | 5 => self.electrodes((x, y), texture, rng),
            _ => {
                let radius = rng.random_range(3.5_f32..6.5);
                let deep = rng.random_range(3.0_f32..7.0);
                let bounds = ((x - radius, y - radius), (x + radius, y + radius));
                flesh::take(self.layers, bounds, |px, py| {
                    let away = (px - x).hypot(py - y) / radius;
                    -deep * (1.0 - away * away).max(0.0).sqrt()
                });
                self.record(DistractorKind::Nipple, &[(x, y); 2], radius);
            }
        }
    }

    fn buttons(&mut self, (x, y): Point, rng: &mut ChaCha8Rng) {
        let radius = rng.random_range(5.0_f32..10.0);
        let holes = if rng.random_bool(0.5) { 4 } else { 2 };
        let thick = rng.random_range(0.15_f32..0.4);
        for button in 0..rng.random_range(1..4) {
            let y = y + 45.0 * button as f32;
            chain(self.layers, Material::Hydroxyapatite, &[(x, y); 2], radius, Some(thick));
            for hole in 0..holes {
                let angle = std::f32::consts::TAU * (hole as f32 + 0.3) / holes as f32;
                let at = (x + 2.2 * angle.cos(), y + 2.2 * angle.sin());
                if let Some(region) = near(self.layers, &[at; 2], 0.9) {
                    for (row, column) in region.pixels() {
                        *self.layers.cell(Material::Hydroxyapatite, row, column) = 0.0;
                    }
                }
            }
            self.record(DistractorKind::Button, &[(x, y); 2], radius);
        }
    }

    /// Faint pads, each with a snap and a lead.
    fn electrodes(&mut self, (x, y): Point, texture: &Texture, rng: &mut ChaCha8Rng) {
        for _ in 0..rng.random_range(1..3) {
            let x = x + rng.random_range(-40.0_f32..40.0);
            let y = y + rng.random_range(-40.0_f32..40.0);
            chain(self.layers, Material::Hydroxyapatite, &[(x, y); 2], 14.0, Some(0.08));
            self.titanium(&[(x, y); 2], rng.random_range(1.8_f32..4.5), Some(0.8));
            self.record(DistractorKind::Electrode, &[(x, y); 2], 5.0);
            let away = rng.random_range(0.0_f32..std::f32::consts::TAU);
            let points: Vec<Point> = (0..20)
                .map(|step| {
                    let far = 9.0 * step as f32;
                    let angle = away + 0.02 * far * texture.at(far / 40.0, x);
                    (x + far * angle.cos(), y + far * angle.sin())
                })
                .collect();
            self.titanium(&points, 0.5, Some(0.7));
            self.record(DistractorKind::Wire, &points, 0.9);
        }
    }

    /// Contrast medium left in bowel, bladder or a muscle.
    pub(super) fn contrast(&mut self, texture: &Texture, rng: &mut ChaCha8Rng) {
        let (width, height) = self.layers.extent();
        for _ in 0..rng.random_range(1..4) {
            let (x, y) = (
                rng.random_range(-0.22_f32..0.22) * width,
                rng.random_range(-0.35_f32..0.15) * height,
            );
            let (wide, high) = (log_uniform((2.0, 30.0), rng), log_uniform((2.0, 18.0), rng));
            let much = rng.random_range(1.0_f32..8.0);
            let shape = |px: f32, py: f32| {
                let away = ((px - x) / wide).hypot((py - y) / high) + 0.35 * texture.fractal(px, py, 0.8 * high, 2);
                (1.0 - away * away).max(0.0)
            };
            let bounds = ((x - 1.6 * wide, y - 1.6 * high), (x + 1.6 * wide, y + 1.6 * high));
            let window = self.layers.window(bounds.0, bounds.1, 0.0);
            let frame = self.layers.frame();
            for row in window.rows.0..window.rows.1 {
                for column in window.columns.0..window.columns.1 {
                    let (px, py) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
                    *self.layers.cell(Material::Hydroxyapatite, row, column) += much * shape(px, py).sqrt();
                }
            }
            if let Some(region) = pixels(self.layers, bounds, |px, py| shape(px, py) > 0.05) {
                self.found.push(Distractor::new(DistractorKind::Contrast, region));
            }
        }
    }

    /// An artery with calcified walls: two thin, broken rims along a winding course.
    pub(super) fn vessel(&mut self, axis: f32, texture: &Texture, rng: &mut ChaCha8Rng) {
        let (width, height) = self.layers.extent();
        let start = rng.random_range(-0.2_f32..0.2) * width;
        let calibre = rng.random_range(1.3_f32..3.4);
        let reach = rng.random_range(0.15_f32..0.42) * height;
        let wave = rng.random_range(1.0_f32..9.0);
        let bend = rng.random_range(0.02_f32..0.06);
        let shift = rng.random_range(0.0_f32..100.0);
        let much = rng.random_range(0.15_f32..0.6);
        let lack = rng.random_range(-0.5_f32..0.1);
        let middle = rng.random_range(-0.15_f32..0.15) * height;
        let course = |y: f32| {
            (
                start + axis.tan() * y + wave * ((bend * y).sin() + texture.at(y / 40.0, shift)),
                middle + y,
            )
        };
        let steps = (2.0 * reach / 1.2) as usize + 1;
        for (wall, own) in [(-calibre, 0.0), (calibre, 31.0)] {
            for step in 0..steps {
                let along = |step: usize| -reach + 2.0 * reach * step as f32 / steps as f32;
                let patchy = texture.fractal(along(step) + shift, own, 11.0, 2);
                if patchy > lack {
                    let (a, b) = (course(along(step)), course(along(step + 1)));
                    let ends = [(a.0 + wall, a.1), (b.0 + wall, b.1)];
                    let radius = rng.random_range(0.3_f32..0.55);
                    let thickness = Some(much * (patchy - lack + 0.2));
                    chain(self.layers, Material::Hydroxyapatite, &ends, radius, thickness);
                }
            }
        }
        let points: Vec<Point> = (0..=40)
            .map(|step| course(-reach + 2.0 * reach * step as f32 / 40.0))
            .collect();
        self.record(DistractorKind::Vessel, &points, calibre + 0.8);
    }
}
