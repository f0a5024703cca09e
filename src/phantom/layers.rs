//! Thickness of each material along the beam, pixel by pixel, and solids that add to it.

use super::material::Material;
use super::texture::Texture;
use ndarray::Array2;

/// Thickness maps in millimetres on a grid of `spacing` mm; the origin of scene coordinates is the middle of the grid,
/// x to the right, y down, both in mm.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    maps: Vec<Array2<f32>>,
    pub(super) spacing: f32,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Half-open range of rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) rows: (usize, usize),
    pub(super) columns: (usize, usize),
}

impl Layers {
    pub(super) fn new(rows: usize, columns: usize, spacing: f32) -> Self {
        Self {
            maps: Material::ALL.iter().map(|_| Array2::zeros((rows, columns))).collect(),
            spacing,
            rows,
            columns,
        }
    }

    pub(super) fn map(&self, material: Material) -> &Array2<f32> {
        &self.maps[material as usize]
    }

    pub(super) fn map_mut(&mut self, material: Material) -> &mut Array2<f32> {
        &mut self.maps[material as usize]
    }

    /// Scene coordinates of the centre of pixel `(row, column)`.
    pub(super) fn place(&self, row: usize, column: usize) -> (f32, f32) {
        (
            (column as f32 + 0.5 - self.columns as f32 / 2.0) * self.spacing,
            (row as f32 + 0.5 - self.rows as f32 / 2.0) * self.spacing,
        )
    }

    /// Width and height of the grid in mm.
    pub(super) fn extent(&self) -> (f32, f32) {
        (self.columns as f32 * self.spacing, self.rows as f32 * self.spacing)
    }

    /// Pixels within `reach` mm of the box from `low` to `high` (x, y in mm).
    pub(super) fn window(&self, low: (f32, f32), high: (f32, f32), reach: f32) -> Window {
        let column = |x: f32| (x / self.spacing + self.columns as f32 / 2.0).clamp(0.0, self.columns as f32);
        let row = |y: f32| (y / self.spacing + self.rows as f32 / 2.0).clamp(0.0, self.rows as f32);
        Window {
            rows: (row(low.1 - reach).floor() as usize, row(high.1 + reach).ceil() as usize),
            columns: (
                column(low.0 - reach).floor() as usize,
                column(high.0 + reach).ceil() as usize,
            ),
        }
    }

    /// Adds a bone: compact shell around marrow with trabeculae, in place of soft tissue.
    pub(super) fn add_bone(&mut self, bone: &Bone, texture: &Texture) {
        let (low, high) = bone.bounds();
        let window = self.window(low, high, 1.0);
        for row in window.rows.0..window.rows.1 {
            for column in window.columns.0..window.columns.1 {
                let (x, y) = self.place(row, column);
                // The outline of a real bone is never quite smooth.
                let wave = 0.35 * texture.fractal(x, y, 9.0, 3);
                let Some((depth, radius)) = bone.depth(x, y) else {
                    continue;
                };
                let depth = depth + wave;
                if depth <= 0.0 {
                    continue;
                }
                let offset = (radius - depth).max(0.0);
                let outer = 2.0 * (radius * radius - offset * offset).max(0.0).sqrt();
                let inner_radius = radius - bone.cortex;
                let inner = 2.0 * (inner_radius * inner_radius - offset * offset).max(0.0).sqrt();
                // Trabeculae: two crossed grains along and across the bone.
                let (along, across) = bone.turned(x, y);
                let grain =
                    texture.at(across / 0.55, along / 1.8) + texture.at(across / 1.7 + 91.0, along / 0.6 - 17.0);
                let patch = texture.fractal(x + 300.0, y - 120.0, 7.0, 3);
                let share = (bone.trabecular * (1.0 + 0.55 * grain + 0.5 * patch)).max(0.0);
                let compact = (outer - inner) + inner * share;
                let displaced = (outer * bone.displaced).min(self.maps[Material::Soft as usize][(row, column)]);
                self.maps[Material::Bone as usize][(row, column)] += compact;
                self.maps[Material::Soft as usize][(row, column)] -= displaced;
                self.maps[Material::Fat as usize][(row, column)] += inner * (1.0 - share) * bone.displaced;
            }
        }
    }
}

/// A part of a bone's outline.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// A tapered rod from `a` to `b` with radii `ra` and `rb`.
    Rod {
        a: (f32, f32),
        b: (f32, f32),
        ra: f32,
        rb: f32,
    },
    /// An upright ellipse turned by `turn` radians; edges rounded by `edge`.
    Plate {
        centre: (f32, f32),
        half: (f32, f32),
        turn: f32,
        edge: f32,
    },
}

/// One bone: a union of parts with a shell.
#[derive(Clone, Debug)]
pub(super) struct Bone {
    pub(super) parts: Vec<Part>,
    /// Thickness of the compact shell in mm.
    pub(super) cortex: f32,
    /// Mean share of compact bone inside the shell.
    pub(super) trabecular: f32,
    /// Share of its thickness by which soft tissue makes room.
    pub(super) displaced: f32,
    /// Direction of the grain in radians from downwards.
    pub(super) grain: f32,
    /// Holes in a plate: centre and radius.
    pub(super) holes: Vec<((f32, f32), f32)>,
}

impl Bone {
    pub(super) fn new(parts: Vec<Part>, cortex: f32, trabecular: f32) -> Self {
        Self {
            parts,
            cortex,
            trabecular,
            displaced: 0.9,
            grain: 0.0,
            holes: Vec::new(),
        }
    }

    fn turned(&self, x: f32, y: f32) -> (f32, f32) {
        let (sine, cosine) = self.grain.sin_cos();
        (x * sine + y * cosine, x * cosine - y * sine)
    }

    fn bounds(&self) -> ((f32, f32), (f32, f32)) {
        let mut low = (f32::INFINITY, f32::INFINITY);
        let mut high = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        let mut take = |(x, y): (f32, f32), reach: f32| {
            low = (low.0.min(x - reach), low.1.min(y - reach));
            high = (high.0.max(x + reach), high.1.max(y + reach));
        };
        for part in &self.parts {
            match *part {
                Part::Rod { a, b, ra, rb } => {
                    take(a, ra);
                    take(b, rb);
                }
                Part::Plate { centre, half, .. } => take(centre, half.0.max(half.1)),
            }
        }
        (low, high)
    }

    /// Depth inside the outline and the radius of curvature there, in mm; `None` outside.
    fn depth(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let mut best: Option<(f32, f32)> = None;
        for part in &self.parts {
            let (depth, radius) = part.depth(x, y);
            if depth > -1.0 && best.is_none_or(|(other, _)| depth > other) {
                best = Some((depth, radius));
            }
        }
        let (mut depth, radius) = best?;
        for &((hole_x, hole_y), hole_radius) in &self.holes {
            depth = depth.min((x - hole_x).hypot(y - hole_y) - hole_radius);
        }
        Some((depth, radius))
    }
}

impl Part {
    fn depth(&self, x: f32, y: f32) -> (f32, f32) {
        match *self {
            Part::Rod { a, b, ra, rb } => {
                let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                let along = (((x - a.0) * dx + (y - a.1) * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
                let radius = ra + along * (rb - ra);
                (radius - (x - a.0 - along * dx).hypot(y - a.1 - along * dy), radius)
            }
            Part::Plate {
                centre,
                half,
                turn,
                edge,
            } => {
                let (sine, cosine) = turn.sin_cos();
                let (dx, dy) = (x - centre.0, y - centre.1);
                let (u, v) = (dx * cosine + dy * sine, dy * cosine - dx * sine);
                let scaled = (u / half.0).hypot(v / half.1);
                if scaled < 1e-3 {
                    return (half.0.min(half.1), edge);
                }
                // First-order distance to an ellipse: exact enough for an outline.
                let slope = (u / (half.0 * half.0)).hypot(v / (half.1 * half.1));
                ((1.0 - scaled) * scaled / slope, edge)
            }
        }
    }
}
