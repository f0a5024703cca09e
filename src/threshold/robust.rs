//! Centre and spread that a few outliers cannot move.

/// Median, and the standard deviation a normal distribution of the same median absolute deviation would have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Robust {
    /// Median; the upper of the two middle values of an even number.
    pub median: f32,
    /// 1.4826 times the median absolute deviation from the median.
    pub deviation: f32,
}

/// 1 over the 75 % quantile of the standard normal distribution.
const NORMAL: f32 = 1.482_602_2;

/// The robust centre and spread of the finite among `values`; `None` if there are none.
///
/// Source: P. Rousseeuw, C. Croux, J. Am. Stat. Assoc. 88, 1993, doi 10.1080/01621459.1993.10476408.
pub fn robust(values: impl Iterator<Item = f32>) -> Option<Robust> {
    let mut values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    let median = middle(&mut values)?;
    values.iter_mut().for_each(|value| *value = (*value - median).abs());
    let deviation = NORMAL * middle(&mut values)?;
    Some(Robust { median, deviation })
}

fn middle(values: &mut [f32]) -> Option<f32> {
    let half = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(half, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::robust;

    #[test]
    fn an_outlier_moves_nothing() {
        let found = robust([1.0, 2.0, 3.0, 4.0, 1e9].into_iter()).unwrap();
        assert_eq!((found.median, found.deviation), (3.0, 1.482_602_2));
        assert_eq!(robust([f32::NAN].into_iter()), None);
    }

    #[test]
    fn a_normal_sample_gives_its_standard_deviation() {
        // Quantiles of a normal distribution of mean 5 and deviation 2, by the logistic approximation inverted
        // numerically: sums of twelve equidistributed numbers are close enough to 1 %.
        let sample = (0..20_000_u32).map(|i| {
            let sum: f64 = (1..=12_u32)
                .map(|k| (f64::from(i) * f64::from(k * k + 1).sqrt()).fract())
                .sum();
            (5.0 + 2.0 * (sum - 6.0)) as f32
        });
        let found = robust(sample).unwrap();
        assert!(
            (found.median - 5.0).abs() < 0.05 && (found.deviation - 2.0).abs() < 0.1,
            "{found:?}"
        );
    }
}
