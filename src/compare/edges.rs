//! What two pictures of one body have in common whatever their exposure and processing: where edges run.

use crate::morphology;
use crate::radiograph::Radiograph;
use crate::scene::Scene;
use ndarray::Array2;

/// How lengths are told on an image: mm, or parts of the longest side where it states no spacing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ruler {
    /// Between rows.
    pub(super) down: f64,
    /// Between columns.
    pub(super) across: f64,
}

/// Longest side, in units, of an image without a spacing.
const ASSUMED_SIDE: f64 = 300.0;

impl Ruler {
    pub(super) fn of(radiograph: &Radiograph) -> Self {
        match radiograph.spacing() {
            Some(spacing) => Self {
                down: spacing.between_rows.get(),
                across: spacing.between_columns.get(),
            },
            None => {
                let (rows, columns) = radiograph.shape();
                let unit = ASSUMED_SIDE / rows.max(columns) as f64;
                Self {
                    down: unit,
                    across: unit,
                }
            }
        }
    }

    pub(super) fn mean(&self) -> f64 {
        (self.down * self.across).sqrt()
    }

    /// The place `(x, y)` of `(row, column)`; the middle of the first pixel is the origin.
    pub(super) fn place(&self, row: f64, column: f64) -> (f64, f64) {
        (column * self.across, row * self.down)
    }

    /// `(row, column)` of a place.
    pub(super) fn pixel(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (y / self.down, x / self.across)
    }
}

/// A gradient that goes on over this distance is no edge, mm, and least in cells.
const SLOPE_MM: f64 = 8.0;
const LEAST_SLOPE: f64 = 4.0;
/// What is usual is told within this distance, mm (one standard deviation), and by how much of it a gradient is divided.
const AROUND_MM: f64 = 12.0;
const USUAL: f32 = 0.3;
/// Least square of a gradient: a picture without noise is divided by no less.
const LEAST: f32 = 1e-4;

/// Where the skin shows steepest hangs on the processing: to a fraction of this, mm.
const SKIN_MM: f64 = 8.0;

/// Gradients on a coarse grid, weighed so that strong edges of any place count about 1 and noise counts little.
pub(super) struct Edges {
    /// Gradient to the right and down; zero outside the field and at markers.
    pub(super) across: Array2<f32>,
    pub(super) down: Array2<f32>,
    /// Whether the cell shows the body, away from what is laid on the picture.
    pub(super) seen: Array2<bool>,
    /// Whether the cell is so far inside the body that the skin is none of its edges.
    pub(super) deep: Array2<bool>,
    /// The direction along which least edges run across, right and down.
    pub(super) along: (f64, f64),
    /// From a place to parts of cells.
    cell: Ruler,
    /// Place of the middle of the first cell.
    origin: (f64, f64),
}

impl Edges {
    /// The edges of `radiograph` on cells of about `step` units.
    pub(super) fn of(radiograph: &Radiograph, scene: &Scene, ruler: Ruler, step: f64) -> Self {
        let factor = ((step / ruler.mean()).round() as usize).max(1);
        let coarse = morphology::downsample(radiograph.pixels(), factor);
        let coarse = morphology::gaussian(coarse.view(), 1.0);
        let (rows, columns) = coarse.dim();
        let cell = Ruler {
            down: ruler.down * factor as f64,
            across: ruler.across * factor as f64,
        };
        let shown = shown(scene, (rows, columns), factor, (4.0 / cell.mean()).max(2.0));
        let mut across = Array2::<f32>::zeros((rows, columns));
        let mut down = Array2::<f32>::zeros((rows, columns));
        let mut weight = Array2::<f32>::zeros((rows, columns));
        for row in 1..rows.saturating_sub(1) {
            for column in 1..columns.saturating_sub(1) {
                if shown[(row, column)] {
                    across[(row, column)] = coarse[(row, column + 1)] - coarse[(row, column - 1)];
                    down[(row, column)] = coarse[(row + 1, column)] - coarse[(row - 1, column)];
                    weight[(row, column)] = 1.0;
                }
            }
        }
        // A limb that gets thicker is no edge.
        let slope = (SLOPE_MM / cell.mean()).max(LEAST_SLOPE);
        let near = morphology::gaussian(weight.view(), slope);
        for gradient in [&mut across, &mut down] {
            let usual = morphology::gaussian(gradient.view(), slope);
            for ((place, value), usual) in gradient.indexed_iter_mut().zip(&usual) {
                if weight[place] > 0.0 {
                    *value -= usual / near[place].max(1e-3);
                }
            }
        }
        // Strength against what is usual around, in every direction by itself: processing raises the faint and compresses the
        // strong, and along a straight shaft the little that runs across it tells how far along it lies.
        let wide = AROUND_MM / cell.mean();
        let share = morphology::gaussian(weight.view(), wide);
        let usual = |a: &Array2<f32>, b: &Array2<f32>| morphology::gaussian((a * b).view(), wide);
        let (xx, xy, yy) = (usual(&across, &across), usual(&across, &down), usual(&down, &down));
        let mut square = across.mapv(|x| x * x);
        square.zip_mut_with(&down, |square, y| *square += y * y);
        let sum = |map: &Array2<f32>| f64::from(map.sum());
        // The smaller of the two directions of the whole picture's tensor.
        let turn = 0.5 * (2.0 * sum(&xy)).atan2(sum(&xx) - sum(&yy));
        let along = (-turn.sin(), turn.cos());
        let overall = floor(&square, scene, factor).powi(2).max(LEAST);
        for ((place, x), y) in across.indexed_iter_mut().zip(down.iter_mut()) {
            if square[place] > 0.0 {
                let part = USUAL / share[place].max(1e-3);
                let gradient = whitened(
                    (*x, *y),
                    (part * xx[place] + overall, part * xy[place], part * yy[place] + overall),
                );
                let by = (1.0 + gradient.0 * gradient.0 + gradient.1 * gradient.1).sqrt();
                (*x, *y) = (gradient.0 / by, gradient.1 / by);
            }
        }
        Self {
            across,
            down,
            deep: deep(scene, (rows, columns), factor, SKIN_MM / ruler.mean()),
            along,
            seen: shown,
            cell,
            origin: (
                0.5 * (factor as f64 - 1.0) * ruler.across,
                0.5 * (factor as f64 - 1.0) * ruler.down,
            ),
        }
    }

    /// The place of the middle of a cell.
    pub(super) fn place(&self, row: usize, column: usize) -> (f64, f64) {
        let (x, y) = self.cell.place(row as f64, column as f64);
        (x + self.origin.0, y + self.origin.1)
    }

    /// Units along the side of a cell.
    pub(super) fn step(&self) -> f64 {
        self.cell.mean()
    }

    /// Gradient at a place, bilinear; `None` where nothing is seen.
    pub(super) fn at(&self, (x, y): (f64, f64)) -> Option<(f32, f32)> {
        let (row, column) = self.cell.pixel((x - self.origin.0, y - self.origin.1));
        let (rows, columns) = self.seen.dim();
        if !(row >= 0.0 && column >= 0.0 && row < rows as f64 - 1.0 && column < columns as f64 - 1.0) {
            return None;
        }
        let (r, c) = (row as usize, column as usize);
        if !self.seen[(r, c)] {
            return None;
        }
        let (v, u) = ((row - r as f64) as f32, (column - c as f64) as f32);
        let blend = |map: &Array2<f32>| {
            let upper = map[(r, c)] * (1.0 - u) + map[(r, c + 1)] * u;
            let lower = map[(r + 1, c)] * (1.0 - u) + map[(r + 1, c + 1)] * u;
            upper * (1.0 - v) + lower * v
        };
        Some((blend(&self.across), blend(&self.down)))
    }
}

/// `(x, y)` times the root of the inverse of the symmetric matrix `(xx, xy, yy)`.
fn whitened((x, y): (f32, f32), (xx, xy, yy): (f32, f32, f32)) -> (f32, f32) {
    // The root of a matrix of two rows by its trace and determinant (Cayley and Hamilton).
    let root = (xx * yy - xy * xy).max(0.0).sqrt();
    let trace = (xx + yy + 2.0 * root).sqrt();
    let (a, b, c) = ((xx + root) / trace, xy / trace, (yy + root) / trace);
    let determinant = (a * c - b * b).max(f32::MIN_POSITIVE);
    ((c * x - b * y) / determinant, (a * y - b * x) / determinant)
}

/// The native pixel in the middle of a cell of `factor` pixels a side.
fn middle(scene: &Scene, (row, column): (usize, usize), factor: usize) -> (usize, usize) {
    let (rows, columns) = scene.grid.full;
    (
        (row * factor + factor / 2).min(rows - 1),
        (column * factor + factor / 2).min(columns - 1),
    )
}

/// The size of gradient that is usual in the body: the median over its cells.
fn floor(square: &Array2<f32>, scene: &Scene, factor: usize) -> f32 {
    let mut sizes: Vec<f32> = square
        .indexed_iter()
        .filter(|((row, column), square)| {
            let at = middle(scene, (*row, *column), factor);
            let coarse = scene.grid.coarse_of(at.0, at.1);
            **square > 0.0 && scene.body.get(coarse.0, coarse.1)
        })
        .map(|(_, square)| square.sqrt())
        .collect();
    if sizes.is_empty() {
        return 1.0;
    }
    let half = sizes.len() / 2;
    *sizes.select_nth_unstable_by(half, f32::total_cmp).1
}

/// Cells inside the body by `margin` native pixels.
fn deep(scene: &Scene, shape: (usize, usize), factor: usize, margin: f64) -> Array2<bool> {
    Array2::from_shape_fn(shape, |(row, column)| {
        let at = middle(scene, (row, column), factor);
        scene
            .distance_to_skin(at.0, at.1)
            .is_none_or(|distance| distance >= margin)
    })
}

/// Cells inside the exposed field, `margin` cells off its edge and off markers.
fn shown(scene: &Scene, (rows, columns): (usize, usize), factor: usize, margin: f64) -> Array2<bool> {
    let margin = margin * factor as f64;
    let near_marker = morphology::squared_distance_to(&scene.markers, [1.0, 1.0]);
    let reach = (margin / scene.grid.factor as f64).powi(2) as f32;
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let at = middle(scene, (row, column), factor);
        let coarse = scene.grid.coarse_of(at.0, at.1);
        scene.field.get(coarse.0, coarse.1)
            && scene.distance_to_field_edge(at.0, at.1) >= margin
            && near_marker[coarse] > reach
    })
}

#[cfg(test)]
mod tests {
    use super::whitened;

    #[test]
    fn what_is_usual_becomes_one_in_every_direction() {
        // A matrix with the values 9 and 1 on axes turned by 30 degrees.
        let (sine, cosine) = 30.0_f32.to_radians().sin_cos();
        let matrix = (
            9.0 * cosine * cosine + sine * sine,
            8.0 * cosine * sine,
            9.0 * sine * sine + cosine * cosine,
        );
        let along = whitened((3.0 * cosine, 3.0 * sine), matrix);
        assert!(
            (along.0 - cosine).abs() < 1e-5 && (along.1 - sine).abs() < 1e-5,
            "{along:?}"
        );
        let across = whitened((-sine, cosine), matrix);
        assert!(
            (across.0 + sine).abs() < 1e-5 && (across.1 - cosine).abs() < 1e-5,
            "{across:?}"
        );
        // A matrix without a second direction gives no number that is none.
        let flat = whitened((1.0, 1.0), (1.0, 0.0, 0.0));
        assert!(flat.0.is_finite());
    }
}
