//! A bone: compact shell around marrow with trabeculae, growth plates and sclerotic lines.

use super::layers::Layers;
use super::material::Material;
use super::outline::{Field, Point, Shape};
use super::texture::Texture;

/// A line across a bone along which it is thinner or thicker.
#[derive(Clone, Debug)]
pub(super) struct Seam {
    /// Corners of the line.
    pub(super) points: Vec<Point>,
    /// Half its width in mm.
    pub(super) half_width: f32,
    /// Share of the bone added on the line; negative takes away.
    pub(super) gain: f32,
    /// Share added on both its sides, as along a growth plate.
    pub(super) borders: f32,
}

impl Seam {
    /// A lucent growth plate with sclerotic borders.
    pub(super) fn growth_plate(points: Vec<Point>, half_width: f32) -> Self {
        Self {
            points,
            half_width,
            gain: -0.75,
            borders: 0.35,
        }
    }

    /// A sclerotic line.
    pub(super) fn sclerosis(points: Vec<Point>, half_width: f32, gain: f32) -> Self {
        Self {
            points,
            half_width,
            gain,
            borders: 0.0,
        }
    }

    /// Factor on the bone at `(x, y)`.
    fn factor(&self, x: f32, y: f32) -> f32 {
        let mut nearest = f32::INFINITY;
        for pair in self.points.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let (dx, dy) = (bx - ax, by - ay);
            let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
            let (ex, ey) = (x - ax - along * dx, y - ay - along * dy);
            nearest = nearest.min(ex * ex + ey * ey);
        }
        let away = nearest.sqrt() / self.half_width;
        if away > 4.0 {
            return 1.0;
        }
        1.0 + self.gain * (-away * away).exp() + self.borders * (-(away - 2.0).powi(2)).exp()
    }

    fn bounds(&self) -> (Point, Point) {
        let reach = 4.0 * self.half_width;
        let mut low = (f32::INFINITY, f32::INFINITY);
        let mut high = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for &(x, y) in &self.points {
            low = (low.0.min(x - reach), low.1.min(y - reach));
            high = (high.0.max(x + reach), high.1.max(y + reach));
        }
        (low, high)
    }
}

/// One bone: an outline with a shell.
#[derive(Clone, Debug)]
pub(super) struct Bone {
    pub(super) shape: Shape,
    /// Depth along the beam over width across it.
    pub(super) depth: f32,
    /// Greatest radius along the beam in mm: half the thickness of a plate.
    pub(super) cap: f32,
    /// Where a plate is thicker: centre, reach and how much, in mm.
    pub(super) bosses: Vec<(Point, f32, f32)>,
    /// Thickness in mm of the compact shell where the bone is no wider than `shaft`.
    pub(super) cortex: f32,
    /// The same at its wide ends.
    pub(super) cortex_end: f32,
    /// Radius of the shaft in mm; for bones without a shaft any number above their radius.
    pub(super) shaft: f32,
    /// Share of compact bone inside the shell, in the shaft and at the ends.
    pub(super) share: (f32, f32),
    /// Direction of the grain in radians from downwards.
    pub(super) grain: f32,
    /// How strongly trabeculae show.
    pub(super) coarseness: f32,
    /// Lines on it.
    pub(super) seams: Vec<Seam>,
}

impl Bone {
    /// A long bone, its shaft of radius `shaft` mm.
    pub(super) fn long(shape: Shape, shaft: f32, grain: f32) -> Self {
        Self {
            shape,
            depth: 1.0,
            cap: 40.0,
            bosses: Vec::new(),
            cortex: 0.36 * shaft,
            cortex_end: (0.07 * shaft).clamp(0.35, 0.9),
            shaft,
            share: (0.04, 0.16),
            grain,
            coarseness: 1.0,
            seams: Vec::new(),
        }
    }

    /// A plate of half thickness `cap` mm.
    pub(super) fn flat(shape: Shape, cap: f32, cortex: f32, share: f32) -> Self {
        Self {
            shape,
            depth: 1.0,
            cap,
            bosses: Vec::new(),
            cortex,
            cortex_end: cortex,
            shaft: 1e3,
            share: (share, share),
            grain: 0.0,
            coarseness: 1.0,
            seams: Vec::new(),
        }
    }

    #[must_use]
    pub(super) fn boss(mut self, at: Point, reach: f32, more: f32) -> Self {
        self.bosses.push((at, reach, more));
        self
    }

    #[must_use]
    pub(super) fn seam(mut self, seam: Seam) -> Self {
        self.seams.push(seam);
        self
    }

    #[must_use]
    pub(super) fn deep(mut self, depth: f32) -> Self {
        self.depth = depth;
        self
    }

    /// Outline, seams and bosses moved by `to`.
    #[must_use]
    pub(super) fn mapped(mut self, to: impl Fn(Point) -> Point) -> Self {
        self.shape = self.shape.mapped(&to);
        for boss in &mut self.bosses {
            boss.0 = to(boss.0);
        }
        for point in self.seams.iter_mut().flat_map(|seam| &mut seam.points) {
            *point = to(*point);
        }
        self
    }
}

/// Quality of all bones of one body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quality {
    /// Factor on the thickness of shells.
    pub(super) cortex: f32,
    /// Factor on trabecular bone.
    pub(super) trabecular: f32,
    /// Contrast of trabeculae.
    pub(super) grain: f32,
    /// Factor on the size of trabeculae.
    pub(super) scale: f32,
    /// Roughness of outlines in mm.
    pub(super) wave: f32,
}

/// Chord along the beam of a rod of `radius` at `depth` below its outline.
fn chord(radius: f32, depth: f32) -> f32 {
    let offset = (radius - depth).max(0.0);
    2.0 * (radius * radius - offset * offset).max(0.0).sqrt()
}

/// Adds `bone` to the layers, in place of soft tissue.
pub(super) fn add(layers: &mut Layers, bone: &Bone, quality: &Quality, texture: &Texture) {
    let within = layers.bounds();
    let Some(field) = Field::of(&bone.shape, within, texture, quality.wave) else {
        return;
    };
    let (low, high) = field.bounds();
    let window = layers.window(low, high, 0.0);
    let (sine, cosine) = bone.grain.sin_cos();
    let seams: Vec<_> = bone.seams.iter().map(|seam| (seam, seam.bounds())).collect();
    let cortex = (bone.cortex * quality.cortex, bone.cortex_end * quality.cortex);
    let contrast = 0.26 * quality.grain * bone.coarseness;
    let fine = 1.0 / quality.scale;
    let frame = layers.frame();
    for row in window.rows.0..window.rows.1 {
        for column in window.columns.0..window.columns.1 {
            let (x, y) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
            let inside = field.at(x, y);
            if inside.depth <= 0.0 {
                continue;
            }
            let mut cap = bone.cap;
            for &((bx, by), reach, more) in &bone.bosses {
                let away = ((x - bx).powi(2) + (y - by).powi(2)) / (reach * reach);
                if away < 6.0 {
                    cap += more * (-away).exp();
                }
            }
            let radius = inside.radius.min(cap).max(0.2);
            // Long bones are thick-walled in the shaft and thin-walled where they widen.
            let end = ((inside.radius / bone.shaft - 1.1) / 0.55).clamp(0.0, 1.0);
            let shell = (cortex.0 + end * (cortex.1 - cortex.0)).min(0.8 * radius);
            let outer = chord(radius, inside.depth);
            let inner = if inside.depth > shell {
                chord(radius - shell, inside.depth - shell)
            } else {
                0.0
            };
            let mut compact = outer - inner;
            let mut marrow = 0.0;
            if inner > 0.0 {
                let (along, across) = (x * sine + y * cosine, x * cosine - y * sine);
                let (along, across) = (along * fine, across * fine);
                let grain = texture.at((across + 0.3 * along) / 0.6, (along - 0.3 * across) / 1.8)
                    + texture.at(
                        (across - 0.45 * along) / 1.6 + 91.0,
                        (along + 0.45 * across) / 0.7 - 17.0,
                    );
                let share = bone.share.0 + end * (bone.share.1 - bone.share.0);
                let share =
                    (quality.trabecular * share * (1.0 + contrast * grain + 0.5 * inside.patch)).clamp(0.0, 0.9);
                compact += inner * share;
                marrow = inner * (1.0 - share);
            }
            let mut factor = bone.depth;
            for (seam, (low, high)) in &seams {
                if x > low.0 && x < high.0 && y > low.1 && y < high.1 {
                    factor *= seam.factor(x, y);
                }
            }
            *layers.cell(Material::Bone, row, column) += compact * factor;
            *layers.cell(Material::Fat, row, column) += 0.8 * marrow * bone.depth;
            let soft = layers.cell(Material::Soft, row, column);
            *soft = (*soft - 0.85 * outer * bone.depth).max(0.0);
        }
    }
}
