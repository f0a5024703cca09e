//! What the image would be without the focus: a plane through the ring around it.

use crate::label::{Bounds, Region};
use crate::radiograph::Mask;
use ndarray::ArrayView2;

/// A box of the image around a region, cut at the image's edges.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Place in the image.
    pub bounds: Bounds,
    /// The region's pixels, in the box's own rows and columns.
    pub region: Mask,
}

impl Window {
    /// The region's box with `margin` more pixels on every side.
    pub(super) fn around(region: &Region, margin: usize, (rows, columns): (usize, usize)) -> Self {
        let (inner, margin) = (region.bounds(), margin as u32);
        let bounds = Bounds {
            top: inner.top.saturating_sub(margin),
            left: inner.left.saturating_sub(margin),
            bottom: inner.bottom.saturating_add(margin).min(rows as u32),
            right: inner.right.saturating_add(margin).min(columns as u32),
        };
        let mut mask = Mask::empty((bounds.height() as usize, bounds.width() as usize));
        for run in region.runs() {
            mask.fill_run(
                (run.row - bounds.top) as usize,
                (run.start - bounds.left) as usize,
                (run.end - bounds.left) as usize,
            );
        }
        Self { bounds, region: mask }
    }

    pub(super) fn origin(&self) -> (usize, usize) {
        (self.bounds.top as usize, self.bounds.left as usize)
    }

    pub(super) fn shape(&self) -> (usize, usize) {
        self.region.shape()
    }

    /// The part of an image mask that lies in the box.
    pub(super) fn cut(&self, mask: &Mask) -> Mask {
        mask.window(self.origin(), self.shape())
    }

    /// Pixels farther than `inner` and at most `outer` pixels from the region that `usable` keeps.
    pub(super) fn ring(&self, inner: f64, outer: f64, usable: impl Fn(&mut Mask)) -> Mask {
        let mut ring = self.region.grown(outer);
        ring.subtract(&self.region.grown(inner));
        usable(&mut ring);
        ring
    }

    /// Row `r` of the box, of the image `pixels`, which is in standard layout.
    pub(super) fn row<'a>(&self, pixels: &'a ArrayView2<'_, u16>, r: usize) -> &'a [u16] {
        let (top, left) = self.origin();
        let all = pixels.as_slice().unwrap_or(&[]);
        let start = (top + r) * pixels.ncols() + left;
        &all[start..start + self.bounds.width() as usize]
    }
}

/// A plane `level + row slope * (row - origin) + column slope * (column - origin)` in a window, and how far the ring
/// it was fitted to strays from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plane {
    pub origin: [f64; 2],
    pub level: f64,
    pub slope: [f64; 2],
    /// Standard deviation of the ring after removing the plane.
    pub residual: f64,
}

/// Below so many ring pixels there is no background to speak of.
const LEAST_RING: u64 = 20;

impl Plane {
    /// Value at a place of the window.
    pub(super) fn at(&self, row: f64, column: f64) -> f64 {
        self.level + self.slope[0] * (row - self.origin[0]) + self.slope[1] * (column - self.origin[1])
    }

    /// The least-squares plane through `pixels` under `ring`; `None` below 20 pixels.
    pub(super) fn fit(window: &Window, pixels: ArrayView2<'_, u16>, ring: &Mask) -> Option<Self> {
        Self::fit_near(window, pixels, ring, [])
    }

    /// As [`Plane::fit`], of those pixels only that stray from each plane of `near` by at most its limit.
    pub(super) fn fit_near<const N: usize>(
        window: &Window,
        pixels: ArrayView2<'_, u16>,
        ring: &Mask,
        near: [(Plane, f32); N],
    ) -> Option<Self> {
        let (rows, columns) = window.shape();
        let origin = [(rows / 2) as f64, (columns / 2) as f64];
        // Sums of 1, r, c, rr, rc, cc and of v, rv, cv, vv; whole numbers up to 2^53, so exact in any order.
        let mut design = [0.0_f64; 6];
        let [mut sum, mut sum_r, mut sum_c, mut sum_vv] = [0.0_f64; 4];
        for r in 0..rows {
            let row = window.row(&pixels, r);
            let y = r as f64 - origin[0];
            let lines = near.map(|(plane, limit)| [plane.at(r as f64, 0.0) as f32, plane.slope[1] as f32, limit]);
            let mut total = Sums::default();
            for (start, end) in ring.runs(r) {
                for (piece, values) in row[start..end].chunks(PIECE).enumerate() {
                    total.add(start + piece * PIECE, values, &lines);
                }
            }
            // From the window's left edge to its middle.
            let [n, c, cc, v, cv, vv] = total.0.map(|sum| sum as f64);
            let o = origin[1];
            let (columns, squares) = (c - o * n, cc - 2.0 * o * c + o * o * n);
            for (total, add) in design
                .iter_mut()
                .zip([n, y * n, columns, y * y * n, y * columns, squares])
            {
                *total += add;
            }
            sum += v;
            sum_r += y * v;
            sum_c += cv - o * v;
            sum_vv += vv;
        }
        let n = design[0];
        if n < LEAST_RING as f64 {
            return None;
        }
        // About the ring's own mean the normal equations are two by two.
        let [_, r, c, rr, rc, cc] = design.map(|value| value / n);
        let (v, rv, cv) = (sum / n, sum_r / n, sum_c / n);
        let (rr, rc, cc, rv, cv) = (rr - r * r, rc - r * c, cc - c * c, rv - r * v, cv - c * v);
        let determinant = rr * cc - rc * rc;
        let slope = if determinant > 1e-9 * (rr + cc) * (rr + cc) {
            [(cc * rv - rc * cv) / determinant, (rr * cv - rc * rv) / determinant]
        } else {
            [0.0, 0.0]
        };
        let variance = sum_vv / n - v * v - slope[0] * rv - slope[1] * cv;
        Some(Self {
            origin,
            level: v - slope[0] * r - slope[1] * c,
            slope,
            residual: variance.max(0.0).sqrt(),
        })
    }
}

/// Pixels that are summed side by side, without a branch.
const LANES: usize = 8;
/// Pixels of a run whose sums fit into 32 bits, lane by lane.
const PIECE: usize = 512;

/// Sums over pixels of 1, c, cc, v, cv and vv, columns counted from the window's left edge.
#[derive(Clone, Copy, Default)]
struct Sums([u64; 6]);

impl Sums {
    /// Adds `values`, at most a piece, which begin at column `first`, as far as they are near each of `lines` (level at
    /// column 0, slope, limit).
    fn add<const N: usize>(&mut self, first: usize, values: &[u16], lines: &[[f32; 3]; N]) {
        // Columns and their squares go along by additions; so do sums of column times value: each value counts once
        // more for every chunk after its own.
        let [mut n, mut c1, mut c2, mut v, mut before] = [[0_u32; LANES]; 5];
        let mut vv = [0_u64; LANES];
        let mut column: [u32; LANES] = std::array::from_fn(|i| i as u32);
        let mut square = column.map(|c| c * c);
        let (chunks, rest) = values.as_chunks::<LANES>();
        let last: [u16; LANES] = std::array::from_fn(|i| rest.get(i).copied().unwrap_or(0));
        let last_is_kept: [u32; LANES] = std::array::from_fn(|i| if i < rest.len() { u32::MAX } else { 0 });
        let all = [u32::MAX; LANES];
        let with_rest = chunks
            .iter()
            .map(|values| (values, &all))
            .chain((!rest.is_empty()).then_some((&last, &last_is_kept)));
        for (step, (values, exists)) in with_rest.enumerate() {
            let mut kept = near(values, (first + step * LANES) as u32, lines);
            // Short loops of one operation each become one or two instructions.
            for i in 0..LANES {
                kept[i] &= exists[i];
            }
            for i in 0..LANES {
                before[i] += v[i];
            }
            for i in 0..LANES {
                v[i] += u32::from(values[i]) & kept[i];
            }
            for i in 0..LANES {
                let value = u32::from(values[i]) & kept[i];
                vv[i] += u64::from(value) * u64::from(value);
            }
            for i in 0..LANES {
                n[i] += kept[i] & 1;
            }
            for i in 0..LANES {
                c1[i] += kept[i] & column[i];
            }
            for i in 0..LANES {
                c2[i] += kept[i] & square[i];
            }
            for i in 0..LANES {
                square[i] += 2 * LANES as u32 * column[i] + (LANES * LANES) as u32;
            }
            for column in &mut column {
                *column += LANES as u32;
            }
        }
        let steps = values.len().div_ceil(LANES) as u64;
        let (mut cv, mut sum_v) = (0, 0);
        for i in 0..LANES {
            // Of chunk j the lane was counted once for each chunk after it: j = steps - 1 - that.
            let later = u64::from(before[i]);
            let v = u64::from(v[i]);
            sum_v += v;
            cv += i as u64 * v + LANES as u64 * ((steps - 1) * v - later);
        }
        let total = |lanes: [u32; LANES]| lanes.into_iter().map(u64::from).sum::<u64>();
        let (first, n, c1, c2) = (first as u64, total(n), total(c1), total(c2));
        let more = [
            n,
            first * n + c1,
            first * first * n + 2 * first * c1 + c2,
            sum_v,
            first * sum_v + cv,
            vv.iter().sum(),
        ];
        for (sum, more) in self.0.iter_mut().zip(more) {
            *sum += more;
        }
    }
}

/// All bits for each of `values`, which begin at `column`, that is near every line; else none.
#[inline(always)]
fn near<const N: usize>(values: &[u16; LANES], column: u32, lines: &[[f32; 3]; N]) -> [u32; LANES] {
    let mut kept = [u32::MAX; LANES];
    for &[level, slope, limit] in lines {
        for (i, kept) in kept.iter_mut().enumerate() {
            let stray = f32::from(values[i]) - level - slope * (column as i32 + i as i32) as f32;
            *kept &= if stray.abs() <= limit { u32::MAX } else { 0 };
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{Plane, Window};
    use crate::label::{Region, Run};
    use crate::radiograph::Mask;
    use ndarray::Array2;

    fn spot() -> Region {
        let runs = (20..25)
            .map(|row| Run {
                row,
                start: 30,
                end: 36,
            })
            .collect();
        Region::new(runs).unwrap()
    }

    #[test]
    fn a_plane_is_found_below_a_focus() {
        let pixels = Array2::from_shape_fn((60, 70), |(r, c)| {
            let inside = (20..25).contains(&r) && (30..36).contains(&c);
            (1000 + 7 * r + 3 * c + if inside { 500 } else { 0 }) as u16
        });
        let window = Window::around(&spot(), 12, pixels.dim());
        assert_eq!(
            (window.bounds.top, window.bounds.left, window.shape()),
            (8, 18, (29, 30))
        );
        let ring = window.ring(2.0, 10.0, |_| {});
        let plane = Plane::fit(&window, pixels.view(), &ring).unwrap();
        assert!((plane.at(14.0, 15.0) - (1000.0 + 7.0 * 22.0 + 3.0 * 33.0)).abs() < 1e-6);
        assert!((plane.slope[0] - 7.0).abs() < 1e-9 && (plane.slope[1] - 3.0).abs() < 1e-9);
        assert!(plane.residual < 1e-3);
    }

    #[test]
    fn a_ring_spares_what_is_excluded_and_stays_in_the_image() {
        let window = Window::around(&spot(), 100, (40, 50));
        assert_eq!(window.shape(), (40, 50));
        let mut other = Mask::empty((40, 50));
        other.fill_run(22, 40, 50);
        let ring = window.ring(1.0, 8.0, |ring| ring.subtract(&window.cut(&other)));
        assert!(ring.get(22, 28) && !ring.get(22, 41) && !ring.get(22, 33) && ring.get(14, 33));
        assert!(
            !ring.get(22, 36) && ring.get(21, 37),
            "one pixel is left free around the region"
        );
        assert_eq!(
            Plane::fit(&window, Array2::zeros((40, 50)).view(), &Mask::empty((40, 50))),
            None
        );
    }
}
