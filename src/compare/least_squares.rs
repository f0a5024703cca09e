//! Least squares with few unknowns.

/// Below this share of its own square a column is told by those before it, and left out.
const TOLD: f64 = 1e-10;

/// Sums over rows of columns and a value, from which the best factors on the columns follow.
#[derive(Clone, Debug)]
pub(super) struct Sums<const N: usize> {
    products: [[f64; N]; N],
    by_value: [f64; N],
    square: f64,
}

/// The best factors on the columns, and the sum of squares that is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Solution<const N: usize> {
    pub(super) factors: [f64; N],
    pub(super) left: f64,
}

impl<const N: usize> Sums<N> {
    pub(super) fn of(rows: impl Iterator<Item = ([f64; N], f64)>) -> Self {
        let mut sums = Self {
            products: [[0.0; N]; N],
            by_value: [0.0; N],
            square: 0.0,
        };
        for (columns, value) in rows {
            for (nth, own) in columns.iter().enumerate() {
                for (product, other) in sums.products[nth][nth..].iter_mut().zip(&columns[nth..]) {
                    *product += own * other;
                }
                sums.by_value[nth] += own * value;
            }
            sums.square += value * value;
        }
        sums
    }

    /// By elimination; the factor on a column that the ones before it tell is zero.
    pub(super) fn solved(&self) -> Solution<N> {
        // Columns of length one.
        let length: [f64; N] = std::array::from_fn(|nth| self.products[nth][nth].sqrt());
        let part = |value: f64, by: f64| if by > 0.0 { value / by } else { 0.0 };
        let mut matrix = [[0.0_f64; N]; N];
        for row in 0..N {
            for column in row..N {
                matrix[row][column] = part(self.products[row][column], length[row] * length[column]);
                matrix[column][row] = matrix[row][column];
            }
        }
        let mut value: [f64; N] = std::array::from_fn(|nth| part(self.by_value[nth], length[nth]));
        let right = value;
        let mut kept = [false; N];
        for nth in 0..N {
            let own = matrix[nth];
            kept[nth] = own[nth] > TOLD;
            if !kept[nth] {
                continue;
            }
            for row in nth + 1..N {
                let factor = matrix[row][nth] / own[nth];
                for (cell, above) in matrix[row].iter_mut().zip(own).skip(nth) {
                    *cell -= factor * above;
                }
                value[row] -= factor * value[nth];
            }
        }
        let mut scaled = [0.0_f64; N];
        for nth in (0..N).rev().filter(|nth| kept[*nth]) {
            let known: f64 = (nth + 1..N).map(|other| matrix[nth][other] * scaled[other]).sum();
            scaled[nth] = (value[nth] - known) / matrix[nth][nth];
        }
        let told: f64 = scaled.iter().zip(right).map(|(factor, right)| factor * right).sum();
        Solution {
            factors: std::array::from_fn(|nth| part(scaled[nth], length[nth])),
            left: (self.square - told).max(0.0),
        }
    }
}

/// How often what strays by more than so many standard deviations is left out.
const ROUNDS: usize = 4;
const STRAYS: f64 = 2.5;
/// A median of distances from zero in standard deviations.
const NORMAL: f64 = 1.4826;

/// The best factors by what most of `rows`, at least one, tell, and how far rows stray from them, one standard deviation.
pub(super) fn settled<const N: usize>(rows: &[([f64; N], f64)]) -> ([f64; N], f64) {
    let mut kept: Vec<&([f64; N], f64)> = rows.iter().collect();
    let mut told = ([0.0; N], 0.0);
    for _ in 0..ROUNDS {
        let factors = Sums::of(kept.iter().map(|row| **row)).solved().factors;
        let left = |(columns, value): &([f64; N], f64)| value - product(columns, &factors);
        let spread = spread(rows.iter().map(left));
        kept = rows.iter().filter(|row| left(row).abs() <= STRAYS * spread).collect();
        told = (factors, spread);
    }
    told
}

/// The sum of columns times their factors.
pub(super) fn product<const N: usize>(columns: &[f64; N], factors: &[f64; N]) -> f64 {
    columns.iter().zip(factors).map(|(own, factor)| own * factor).sum()
}

/// Of at least one value.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Standard deviation of values that scatter around zero, by their median distance from it.
pub(super) fn spread(values: impl Iterator<Item = f64>) -> f64 {
    NORMAL * median(values.map(f64::abs))
}

#[cfg(test)]
mod tests {
    use super::Sums;

    #[test]
    fn factors_and_what_is_left_come_back() {
        let rows = (0..60).map(|nth| {
            let x = f64::from(nth) / 10.0;
            let noise = if nth % 2 == 0 { 0.1 } else { -0.1 };
            ([1.0, x, x * x], 3.0 - 2.0 * x + 0.5 * x * x + noise)
        });
        let solution = Sums::of(rows).solved();
        for (factor, truth) in solution.factors.iter().zip([3.0, -2.0, 0.5]) {
            assert!((factor - truth).abs() < 0.05, "{:?}", solution.factors);
        }
        assert!((solution.left - 0.6).abs() < 0.02, "{}", solution.left);
    }

    #[test]
    fn a_column_told_by_others_is_left_out() {
        let rows = (0..20).map(|nth| {
            let x = f64::from(nth);
            ([x, 2.0 * x, 0.0, 1.0], 5.0 * x + 1.0)
        });
        let solution = Sums::of(rows).solved();
        assert!((solution.factors[0] - 5.0).abs() < 1e-9 && (solution.factors[3] - 1.0).abs() < 1e-6);
        assert_eq!(&solution.factors[1..3], &[0.0, 0.0]);
        assert!(solution.left < 1e-6);
    }
}
