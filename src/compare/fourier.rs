//! The discrete Fourier transform of square grids whose side is a power of two (Cooley and Tukey, doi 10.1090/S0025-5718-1965-0178586-1).

/// A complex number: real and imaginary part.
pub(super) type Complex = (f32, f32);

/// Transforms of one side length.
pub(super) struct Fourier {
    side: usize,
    /// `exp(-2 pi i k / side)` for `k` below half the side.
    roots: Vec<Complex>,
    /// Where each sample goes before the first step.
    reversed: Vec<usize>,
}

impl Fourier {
    /// For `side` x `side` samples; `side` is a power of two of at least 2.
    pub(super) fn new(side: usize) -> Self {
        assert!(side.is_power_of_two() && side >= 2, "a power of two");
        let bits = side.trailing_zeros();
        let root = |k: usize| {
            let (sine, cosine) = (-std::f64::consts::TAU * k as f64 / side as f64).sin_cos();
            (cosine as f32, sine as f32)
        };
        Self {
            side,
            roots: (0..side / 2).map(root).collect(),
            reversed: (0..side).map(|at| at.reverse_bits() >> (usize::BITS - bits)).collect(),
        }
    }

    /// Side length.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// Transforms `grid`, row by row of `side` samples, in place.
    pub(super) fn forward(&self, grid: &mut [Complex]) {
        for row in grid.chunks_exact_mut(self.side) {
            self.line(row);
        }
        let mut column = vec![(0.0, 0.0); self.side];
        for at in 0..self.side {
            for (value, row) in column.iter_mut().zip(grid.chunks_exact(self.side)) {
                *value = row[at];
            }
            self.line(&mut column);
            for (value, row) in column.iter().zip(grid.chunks_exact_mut(self.side)) {
                row[at] = *value;
            }
        }
    }

    /// The real part of the sum over places of `a` times the conjugate of `b` shifted, for every cyclic shift
    /// `(down, across)`, times a constant; `a` and `b` are given by their transforms.
    pub(super) fn correlation(&self, a: &[Complex], b: &[Complex]) -> Vec<f32> {
        // The inverse transform is the forward one of the conjugate, conjugated; only real parts are asked for.
        let mut product: Vec<Complex> = a
            .iter()
            .zip(b)
            .map(|(a, b)| (a.0 * b.0 + a.1 * b.1, -(a.1 * b.0 - a.0 * b.1)))
            .collect();
        self.forward(&mut product);
        product.into_iter().map(|(real, _)| real).collect()
    }

    fn line(&self, line: &mut [Complex]) {
        for (at, &to) in self.reversed.iter().enumerate() {
            if at < to {
                line.swap(at, to);
            }
        }
        let mut half = 1;
        while half < self.side {
            let stride = self.side / (2 * half);
            for block in line.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for (k, (a, b)) in low.iter_mut().zip(high).enumerate() {
                    let (cosine, sine) = self.roots[k * stride];
                    let turned = (b.0 * cosine - b.1 * sine, b.0 * sine + b.1 * cosine);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            half *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Complex, Fourier};

    #[test]
    fn it_is_the_sum_of_its_definition() {
        let fourier = Fourier::new(4);
        let grid: Vec<Complex> = (0..16).map(|at| ((at * at % 7) as f32, (at % 3) as f32)).collect();
        let mut transformed = grid.clone();
        fourier.forward(&mut transformed);
        for v in 0..4 {
            for u in 0..4 {
                let (mut real, mut imaginary) = (0.0, 0.0);
                for r in 0..4 {
                    for c in 0..4 {
                        let (sine, cosine) = (-std::f32::consts::TAU * (v * r + u * c) as f32 / 4.0).sin_cos();
                        let (a, b) = grid[4 * r + c];
                        real += a * cosine - b * sine;
                        imaginary += a * sine + b * cosine;
                    }
                }
                let (a, b) = transformed[4 * v + u];
                assert!((a - real).abs() < 1e-3 && (b - imaginary).abs() < 1e-3, "{v} {u}");
            }
        }
    }

    #[test]
    fn a_shift_is_where_correlation_is_largest() {
        let fourier = Fourier::new(16);
        let blob = |row: usize, column: usize| {
            let mut grid = vec![(0.0, 0.0); 256];
            for (r, c, value) in [(0, 0, 3.0), (0, 1, 1.0), (1, 0, -2.0), (2, 3, 1.5)] {
                grid[16 * (row + r) + column + c] = (value, 0.5 * value);
            }
            fourier.forward(&mut grid);
            grid
        };
        let correlation = fourier.correlation(&blob(9, 4), &blob(3, 6));
        let best = (0..256)
            .max_by(|a, b| correlation[*a].total_cmp(&correlation[*b]))
            .unwrap();
        // Six down, two back.
        assert_eq!((best / 16, best % 16), (6, 14));
    }
}
