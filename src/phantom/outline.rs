//! Closed outlines in millimetres, and how deep and how wide they are at a point.

use super::texture::Texture;

/// x to the right, y down, in mm.
pub(super) type Point = (f32, f32);

/// A union of closed rings, less its holes.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) rings: Vec<Vec<Point>>,
    pub(super) holes: Vec<Vec<Point>>,
}

impl Shape {
    /// A closed curve through `control`.
    pub(super) fn curve(control: &[Point]) -> Self {
        Self {
            rings: vec![closed(control)],
            holes: Vec::new(),
        }
    }

    /// Round-ended tubes, each along a course of `(x, y, radius)`.
    pub(super) fn tubes(courses: &[&[(f32, f32, f32)]]) -> Self {
        Self {
            rings: courses.iter().map(|course| tube(course)).collect(),
            holes: Vec::new(),
        }
    }

    /// One more ring.
    #[must_use]
    pub(super) fn and(mut self, other: Shape) -> Self {
        self.rings.extend(other.rings);
        self.holes.extend(other.holes);
        self
    }

    /// The same with a hole inside a closed curve through `control`.
    #[must_use]
    pub(super) fn without(mut self, control: &[Point]) -> Self {
        self.holes.push(closed(control));
        self
    }

    /// Every point moved.
    #[must_use]
    pub(super) fn mapped(mut self, to: impl Fn(Point) -> Point) -> Self {
        for point in self.rings.iter_mut().chain(&mut self.holes).flatten() {
            *point = to(*point);
        }
        self
    }

    /// The box around all rings.
    pub(super) fn bounds(&self) -> (Point, Point) {
        let mut low = (f32::INFINITY, f32::INFINITY);
        let mut high = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for &(x, y) in self.rings.iter().flatten() {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        (low, high)
    }
}

/// Points of an ellipse, to be joined by a curve.
pub(super) fn ellipse(centre: Point, half: Point, turn: f32) -> Vec<Point> {
    let (sine, cosine) = turn.sin_cos();
    (0..14)
        .map(|step| {
            let angle = std::f32::consts::TAU * step as f32 / 14.0;
            let (u, v) = (half.0 * angle.cos(), half.1 * angle.sin());
            (centre.0 + u * cosine - v * sine, centre.1 + u * sine + v * cosine)
        })
        .collect()
}

/// Catmull-Rom interpolation between `b` and `c`.
fn between(a: f32, b: f32, c: f32, d: f32, t: f32) -> f32 {
    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
}

/// A closed curve through `control`, five points to a span.
fn closed(control: &[Point]) -> Vec<Point> {
    let count = control.len();
    let at = |index: usize| control[index % count];
    (0..count)
        .flat_map(|index| {
            let (a, b, c, d) = (at(index + count - 1), at(index), at(index + 1), at(index + 2));
            (0..5).map(move |step| {
                let t = step as f32 / 5.0;
                (between(a.0, b.0, c.0, d.0, t), between(a.1, b.1, c.1, d.1, t))
            })
        })
        .collect()
}

/// An open curve through `control`, five points to a span; three numbers to a point.
pub(super) fn course(control: &[(f32, f32, f32)]) -> Vec<(f32, f32, f32)> {
    let last = control.len() - 1;
    let mut points: Vec<_> = (0..last)
        .flat_map(|index| {
            let (a, b) = (control[index.saturating_sub(1)], control[index]);
            let (c, d) = (control[index + 1], control[(index + 2).min(last)]);
            (0..5).map(move |step| {
                let t = step as f32 / 5.0;
                (
                    between(a.0, b.0, c.0, d.0, t),
                    between(a.1, b.1, c.1, d.1, t),
                    between(a.2, b.2, c.2, d.2, t),
                )
            })
        })
        .collect();
    points.push(control[last]);
    points
}

/// The outline of a round-ended tube.
fn tube(control: &[(f32, f32, f32)]) -> Vec<Point> {
    let points = course(control);
    let heading = |index: usize| {
        let (before, after) = (
            points[index.saturating_sub(1)],
            points[(index + 1).min(points.len() - 1)],
        );
        (after.1 - before.1).atan2(after.0 - before.0)
    };
    let mut ring = Vec::with_capacity(2 * points.len() + 10);
    let quarter = std::f32::consts::FRAC_PI_2;
    let mut put = |(x, y, radius): (f32, f32, f32), angle: f32| {
        ring.push((x + radius * angle.cos(), y + radius * angle.sin()));
    };
    for (index, &point) in points.iter().enumerate() {
        put(point, heading(index) - quarter);
    }
    let (end, last) = (points.len() - 1, heading(points.len() - 1));
    for step in 1..6 {
        put(points[end], last - quarter + quarter * step as f32 / 3.0);
    }
    for (index, &point) in points.iter().enumerate().rev() {
        put(point, heading(index) + quarter);
    }
    for step in 1..6 {
        put(points[0], heading(0) + quarter + quarter * step as f32 / 3.0);
    }
    ring
}

/// What a [`Field`] knows of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inside {
    /// Distance to the outline in mm, negative outside.
    pub(super) depth: f32,
    /// Radius in mm of the largest disc inside the outline that holds the point.
    pub(super) radius: f32,
    /// Slow noise, about -1 to 1.
    pub(super) patch: f32,
}

/// Depth and width of a [`Shape`] on a coarse grid, read between its nodes.
pub(super) struct Field {
    origin: Point,
    step: f32,
    width: usize,
    height: usize,
    nodes: Vec<[f32; 3]>,
}

impl Field {
    /// The field of `shape` inside the box `within` and a little beyond; `None` if nothing of it lies there.
    ///
    /// The outline is roughened by `wave` mm, as no real one is smooth.
    pub(super) fn of(shape: &Shape, within: (Point, Point), texture: &Texture, wave: f32) -> Option<Self> {
        let (low, high) = shape.bounds();
        let size = (high.0 - low.0).max(high.1 - low.1);
        let step = (size / 200.0).clamp(0.3, 2.0);
        // Beyond the picture as far as discs that reach into it.
        let reach = (0.5 * (high.0 - low.0).min(high.1 - low.1)).min(70.0);
        let low = (
            low.0.max(within.0.0 - reach) - 2.0 * step,
            low.1.max(within.0.1 - reach) - 2.0 * step,
        );
        let high = (
            high.0.min(within.1.0 + reach) + 2.0 * step,
            high.1.min(within.1.1 + reach) + 2.0 * step,
        );
        if !(high.0 > low.0 && high.1 > low.1) {
            return None;
        }
        let width = ((high.0 - low.0) / step).ceil() as usize + 1;
        let height = ((high.1 - low.1) / step).ceil() as usize + 1;
        let mut depth = vec![f32::NEG_INFINITY; width * height];
        let mut ring_depth = vec![0.0_f32; width];
        let mut squares = vec![0.0_f32; width];
        for (rings, sign) in [(&shape.rings, 1.0_f32), (&shape.holes, -1.0)] {
            for ring in rings {
                for row in 0..height {
                    signed_row(
                        ring,
                        low,
                        step,
                        low.1 + row as f32 * step,
                        &mut squares,
                        &mut ring_depth,
                    );
                    let line = &mut depth[row * width..(row + 1) * width];
                    for (value, &own) in line.iter_mut().zip(&ring_depth) {
                        *value = if sign > 0.0 { value.max(own) } else { value.min(-own) };
                    }
                }
            }
        }
        let radius = widths(&depth, width, height, step);
        let nodes = (0..width * height)
            .map(|index| {
                let (x, y) = (
                    low.0 + (index % width) as f32 * step,
                    low.1 + (index / width) as f32 * step,
                );
                [
                    depth[index] + wave * texture.fractal(x, y, 9.0, 3),
                    radius[index],
                    texture.fractal(x + 300.0, y - 120.0, 7.0, 3),
                ]
            })
            .collect();
        Some(Self {
            origin: low,
            step,
            width,
            height,
            nodes,
        })
    }

    /// The box that holds all points inside.
    pub(super) fn bounds(&self) -> (Point, Point) {
        let (width, height) = (
            (self.width - 1) as f32 * self.step,
            (self.height - 1) as f32 * self.step,
        );
        (self.origin, (self.origin.0 + width, self.origin.1 + height))
    }

    /// What is known at `(x, y)`; far outside beyond the grid.
    pub(super) fn at(&self, x: f32, y: f32) -> Inside {
        let (u, v) = ((x - self.origin.0) / self.step, (y - self.origin.1) / self.step);
        if !(u >= 0.0 && v >= 0.0) {
            return Inside {
                depth: -1e3,
                radius: 0.0,
                patch: 0.0,
            };
        }
        let (column, row) = (u as usize, v as usize);
        if column + 1 >= self.width || row + 1 >= self.height {
            return Inside {
                depth: -1e3,
                radius: 0.0,
                patch: 0.0,
            };
        }
        let (s, t) = (u - column as f32, v - row as f32);
        let first = row * self.width + column;
        let (a, b) = (self.nodes[first], self.nodes[first + 1]);
        let (c, d) = (self.nodes[first + self.width], self.nodes[first + self.width + 1]);
        let mix = |channel: usize| {
            let upper = a[channel] + s * (b[channel] - a[channel]);
            let lower = c[channel] + s * (d[channel] - c[channel]);
            upper + t * (lower - upper)
        };
        Inside {
            depth: mix(0),
            radius: mix(1),
            patch: mix(2),
        }
    }
}

/// Signed distance to `ring` along one row of nodes, positive inside.
fn signed_row(ring: &[Point], origin: Point, step: f32, y: f32, squares: &mut [f32], out: &mut [f32]) {
    squares.fill(f32::INFINITY);
    let mut crossings = Vec::new();
    for (index, &(ax, ay)) in ring.iter().enumerate() {
        let (bx, by) = ring[(index + 1) % ring.len()];
        let (dx, dy) = (bx - ax, by - ay);
        let inverse = 1.0 / (dx * dx + dy * dy).max(1e-9);
        let down = y - ay;
        for (column, square) in squares.iter_mut().enumerate() {
            let across = origin.0 + column as f32 * step - ax;
            let along = ((across * dx + down * dy) * inverse).clamp(0.0, 1.0);
            let (ex, ey) = (across - along * dx, down - along * dy);
            *square = square.min(ex * ex + ey * ey);
        }
        if (ay > y) != (by > y) {
            crossings.push(ax + (y - ay) / dy * dx);
        }
    }
    crossings.sort_by(f32::total_cmp);
    let mut next = 0;
    for (column, (value, &square)) in out.iter_mut().zip(squares.iter()).enumerate() {
        let x = origin.0 + column as f32 * step;
        while next < crossings.len() && crossings[next] <= x {
            next += 1;
        }
        *value = if next % 2 == 1 { square.sqrt() } else { -square.sqrt() };
    }
}

/// For each node the radius of the largest inscribed disc that holds it (T. Hildebrand and P. Ruegsegger,
/// doi 10.1046/j.1365-2818.1997.1340694.x), smoothed.
fn widths(depth: &[f32], width: usize, height: usize, step: f32) -> Vec<f32> {
    let mut radius: Vec<f32> = depth.iter().map(|&value| value.max(0.0)).collect();
    for row in 1..height.saturating_sub(1) {
        for column in 1..width.saturating_sub(1) {
            let own = depth[row * width + column];
            if own <= step {
                continue;
            }
            // A disc that lies within a neighbour's adds nothing.
            let covered = [
                (-1_isize, 0_isize),
                (1, 0),
                (0, -1),
                (0, 1),
                (-1, -1),
                (-1, 1),
                (1, -1),
                (1, 1),
            ]
            .into_iter()
            .any(|(down, aside)| {
                let other = depth[(row as isize + down) as usize * width + (column as isize + aside) as usize];
                let apart = step * if down != 0 && aside != 0 { 1.414 } else { 1.0 };
                other >= own + 0.93 * apart
            });
            if covered {
                continue;
            }
            let cells = (own / step) as isize;
            for down in -cells..=cells {
                let at = row as isize + down;
                if at < 0 || at >= height as isize {
                    continue;
                }
                let half = (((own / step).powi(2) - (down * down) as f32).max(0.0)).sqrt() as isize;
                let (from, to) = (
                    (column as isize - half).max(0) as usize,
                    ((column as isize + half).min(width as isize - 1)) as usize,
                );
                for value in &mut radius[at as usize * width + from..=at as usize * width + to] {
                    *value = value.max(own);
                }
            }
        }
    }
    // Blends the radii where parts of different width meet; two passes of a small box.
    for _ in 0..2 {
        let old = radius.clone();
        for row in 2..height.saturating_sub(2) {
            for column in 2..width.saturating_sub(2) {
                if old[row * width + column] <= 0.0 {
                    continue;
                }
                let (mut sum, mut count) = (0.0, 0.0);
                for r in [row - 2, row, row + 2] {
                    for c in [column - 2, column, column + 2] {
                        let value = old[r * width + c];
                        if value > 0.0 {
                            sum += value;
                            count += 1.0;
                        }
                    }
                }
                radius[row * width + column] = sum / count;
            }
        }
    }
    // Nodes just outside take the radius of their neighbours, so that reading between nodes does not thin the rim.
    let old = radius.clone();
    for row in 1..height.saturating_sub(1) {
        for column in 1..width.saturating_sub(1) {
            if old[row * width + column] <= 0.0 {
                let mut most = 0.0_f32;
                for r in row - 1..=row + 1 {
                    for c in column - 1..=column + 1 {
                        most = most.max(old[r * width + c]);
                    }
                }
                radius[row * width + column] = most;
            }
        }
    }
    radius
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn field(shape: &Shape) -> Field {
        let texture = Texture::new(&mut rand_chacha::ChaCha8Rng::seed_from_u64(1));
        Field::of(shape, ((-100.0, -100.0), (100.0, 100.0)), &texture, 0.0).unwrap()
    }

    #[test]
    fn depth_and_width_of_a_tube_are_those_of_its_radius() {
        let field = field(&Shape::tubes(&[&[(0.0, -60.0, 10.0), (0.0, 60.0, 10.0)]]));
        for (x, depth) in [(0.0, 10.0), (4.0, 6.0), (-9.0, 1.0), (-10.6, -0.6)] {
            let inside = field.at(x, 5.0);
            assert!((inside.depth - depth).abs() < 0.4, "{x}: {inside:?}");
            assert!(depth < 0.0 || (inside.radius - 10.0).abs() < 1.2, "{x}: {inside:?}");
        }
        assert!(field.at(0.0, 75.0).depth < -3.0);
    }

    #[test]
    fn a_hole_is_outside() {
        let ring = ellipse((0.0, 0.0), (30.0, 30.0), 0.0);
        let field = field(&Shape::curve(&ring).without(&ellipse((0.0, 0.0), (10.0, 10.0), 0.0)));
        assert!(field.at(0.0, 0.0).depth < -8.0);
        assert!((field.at(20.0, 0.0).depth - 10.0).abs() < 0.6);
    }
}
