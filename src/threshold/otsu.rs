//! Levels that part a histogram into classes as compact as possible.

use super::Histogram;

/// The level that maximises the variance between the values up to it and those above it.
///
/// The centre of a bin; of equally good ones the lowest. `None` if fewer than two bins are in use.
///
/// # Source
///
/// N. Otsu, IEEE Trans. Syst. Man Cybern. 9(1), 1979, doi 10.1109/TSMC.1979.4310076.
/// Same value as scikit-image `threshold_otsu(hist=...)`.
pub fn otsu(histogram: &Histogram) -> Option<f64> {
    let counts = histogram.counts();
    let total = histogram.total() as f64;
    // In bins rather than values: the same maximum, and exact sums.
    let all: f64 = counts
        .iter()
        .enumerate()
        .map(|(bin, &count)| bin as f64 * count as f64)
        .sum();
    let (mut below, mut below_sum) = (0.0, 0.0);
    let mut best = (0.0, None);
    for (bin, &count) in counts.iter().enumerate() {
        below += count as f64;
        below_sum += bin as f64 * count as f64;
        let above = total - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let gap = below_sum / below - (all - below_sum) / above;
        let between = below * above * gap * gap;
        // A hair of tolerance, so that rounding does not choose among equals.
        if between > best.0 * (1.0 + 1e-12) {
            best = (between, Some(bin));
        }
    }
    best.1.map(|bin| histogram.centre(bin))
}

/// The two levels that maximise the variance between three classes: up to the first, up to the second, above.
///
/// Bins beyond 256 are put together first, as the search is quadratic. `None` if fewer than three bins are in use.
///
/// # Source
///
/// P.-S. Liao, T.-S. Chen, P.-C. Chung, J. Inf. Sci. Eng. 17, 2001: the variance as a sum of one term per class.
/// Same values as scikit-image `threshold_multiotsu(hist=...)` at up to 256 bins.
pub fn otsu_of_three(histogram: &Histogram) -> Option<[f64; 2]> {
    let histogram = if histogram.counts().len() > 256 {
        histogram.coarsened(256)
    } else {
        histogram.clone()
    };
    let counts = histogram.counts();
    let mut mass = vec![0.0; counts.len() + 1];
    let mut moment = mass.clone();
    for (bin, &count) in counts.iter().enumerate() {
        mass[bin + 1] = mass[bin] + count as f64;
        moment[bin + 1] = moment[bin] + bin as f64 * count as f64;
    }
    // Square of the class's moment over its mass; their sum is the between-class variance up to constants.
    let term = |from: usize, to: usize| {
        let (mass, moment) = (mass[to] - mass[from], moment[to] - moment[from]);
        if mass > 0.0 { Some(moment * moment / mass) } else { None }
    };
    let n = counts.len();
    let mut best: (f64, Option<[usize; 2]>) = (f64::NEG_INFINITY, None);
    for first in 1..n.saturating_sub(1) {
        let Some(low) = term(0, first) else { continue };
        for second in first + 1..n {
            if let (Some(middle), Some(high)) = (term(first, second), term(second, n)) {
                let sum = low + middle + high;
                if best.1.is_none() || sum > best.0 * (1.0 + 1e-12) {
                    best = (sum, Some([first - 1, second - 1]));
                }
            }
        }
    }
    best.1.map(|levels| levels.map(|bin| histogram.centre(bin)))
}

#[cfg(test)]
mod tests {
    use super::{Histogram, otsu, otsu_of_three};
    use ndarray::{Array2, array};

    /// The image of the stored values: see `fixtures/baselines/threshold/otsu.py`.
    fn sample() -> Array2<u16> {
        Array2::from_shape_fn((40, 50), |(r, c)| {
            let level = [20, 90, 180][(r / 8 + c / 10) % 3];
            (level + (r * 7 + c * 13 + r * c) % 29) as u16
        })
    }

    #[test]
    fn equals_scikit_image() {
        // scikit-image 0.26.0, fixtures/baselines/threshold/otsu.py.
        let histogram = Histogram::of_pixels(sample().view(), None);
        assert_eq!(otsu(&histogram), Some(118.0));
        assert_eq!(otsu_of_three(&histogram), Some([48.0, 118.0]));
    }

    #[test]
    fn two_values_part_at_the_lower() {
        let pixels = array![[10_u16, 10, 10, 200]];
        assert_eq!(otsu(&Histogram::of_pixels(pixels.view(), None)), Some(10.0));
        let three = array![[10_u16, 10, 60, 200]];
        assert_eq!(
            otsu_of_three(&Histogram::of_pixels(three.view(), None)),
            Some([10.0, 60.0])
        );
    }

    #[test]
    fn too_few_values_have_no_level() {
        let constant = Histogram::of_pixels(array![[7_u16, 7]].view(), None);
        assert_eq!((otsu(&constant), otsu_of_three(&constant)), (None, None));
        let two = Histogram::of_pixels(array![[7_u16, 8]].view(), None);
        assert_eq!(otsu_of_three(&two), None);
    }
}
