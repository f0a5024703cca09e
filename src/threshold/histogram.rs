//! Counts of values in bins of equal width.

use crate::radiograph::Mask;
use ndarray::ArrayView2;

/// How many values fall into each of a row of bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    counts: Vec<u64>,
    first_centre: f64,
    width: f64,
}

impl Histogram {
    /// One bin for each 16-bit value, centred on it; only pixels of `within`, if given.
    ///
    /// # Panics
    ///
    /// If the shapes of `pixels` and `within` differ.
    pub fn of_pixels(pixels: ArrayView2<'_, u16>, within: Option<&Mask>) -> Self {
        // Neighbouring pixels are often equal; two tables keep their increments from waiting for each other.
        let mut counts = vec![0_u64; 1 << 16];
        let mut odd = counts.clone();
        if let Some(mask) = within {
            assert_eq!(mask.shape(), pixels.dim(), "mask and pixels differ in shape");
        }
        for (r, row) in pixels.outer_iter().enumerate() {
            match (within, row.as_slice()) {
                (None, Some(row)) => {
                    for pair in row.chunks(2) {
                        counts[usize::from(pair[0])] += 1;
                        if let Some(&second) = pair.get(1) {
                            odd[usize::from(second)] += 1;
                        }
                    }
                }
                (None, None) => row.iter().for_each(|&value| counts[usize::from(value)] += 1),
                (Some(mask), _) => {
                    for (i, &word) in mask.row(r).iter().enumerate() {
                        let mut word = word;
                        while word != 0 {
                            let column = i * 64 + word.trailing_zeros() as usize;
                            counts[usize::from(row[column])] += 1;
                            word &= word - 1;
                        }
                    }
                }
            }
        }
        counts.iter_mut().zip(odd).for_each(|(count, more)| *count += more);
        Self {
            counts,
            first_centre: 0.0,
            width: 1.0,
        }
    }

    /// `bins` bins from the smallest to the largest finite value; the largest falls into the last bin.
    ///
    /// `None` if there are fewer than two different finite values, or fewer than two bins.
    pub fn of_values(values: impl Iterator<Item = f32> + Clone, bins: usize) -> Option<Self> {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite
            .clone()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if bins < 2 || low >= high {
            return None;
        }
        let (low, high) = (f64::from(low), f64::from(high));
        let width = (high - low) / bins as f64;
        let mut counts = vec![0; bins];
        for value in finite {
            let bin = ((f64::from(value) - low) / width) as usize;
            counts[bin.min(bins - 1)] += 1;
        }
        Some(Self {
            counts,
            first_centre: low + width / 2.0,
            width,
        })
    }

    /// Counts by bin, lowest values first.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The value at the centre of `bin`.
    pub fn centre(&self, bin: usize) -> f64 {
        self.first_centre + bin as f64 * self.width
    }

    /// From one bin's centre to the next, above zero.
    pub fn bin_width(&self) -> f64 {
        self.width
    }

    /// Number of values counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The centre of the bin that holds the value at `share` of the sorted values, `share` in `0.0..=1.0`.
    ///
    /// `None` if nothing was counted or `share` is not in its range. With a bin for each value this is
    /// `numpy.quantile(method="inverted_cdf")`.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let total = self.total();
        if total == 0 || !(0.0..=1.0).contains(&share) {
            return None;
        }
        let rank = ((share * total as f64).ceil() as u64).clamp(1, total);
        let mut seen = 0;
        let bin = self.counts.iter().position(|&count| {
            seen += count;
            seen >= rank
        })?;
        Some(self.centre(bin))
    }

    /// The same values in at most `bins` bins between the lowest and the highest one in use.
    ///
    /// `bins` is at least 1 (0 is read as 1).
    #[must_use]
    pub fn coarsened(&self, bins: usize) -> Self {
        let first = self.counts.iter().position(|&count| count > 0).unwrap_or(0);
        let last = self.counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let used = self.counts.get(first..=last).unwrap_or(&[]);
        let together = used.len().div_ceil(bins.max(1)).max(1);
        Self {
            counts: used.chunks(together).map(|chunk| chunk.iter().sum()).collect(),
            first_centre: self.centre(first) + (together - 1) as f64 / 2.0 * self.width,
            width: self.width * together as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;
    use crate::radiograph::Mask;
    use ndarray::array;

    #[test]
    fn pixels_are_counted_one_by_one() {
        let pixels = array![[5_u16, 5, 7], [65_535, 0, 5]];
        let all = Histogram::of_pixels(pixels.view(), None);
        assert_eq!(
            (all.counts()[5], all.counts()[7], all.counts()[65_535], all.total()),
            (3, 1, 1, 6)
        );
        let mask = Mask::from_fn(pixels.view(), |&value| value == 5);
        let some = Histogram::of_pixels(pixels.view(), Some(&mask));
        assert_eq!((some.counts()[5], some.total()), (3, 3));
        assert_eq!(Histogram::of_pixels(pixels.t(), None), all);
    }

    #[test]
    fn quantiles_are_values_that_occur() {
        let pixels = array![[1_u16, 2, 3, 4, 5, 6, 7, 8, 9, 100]];
        let histogram = Histogram::of_pixels(pixels.view(), None);
        for (share, value) in [
            (0.0, 1.0),
            (0.1, 1.0),
            (0.11, 2.0),
            (0.5, 5.0),
            (0.9, 9.0),
            (1.0, 100.0),
        ] {
            assert_eq!(histogram.quantile(share), Some(value), "{share}");
        }
        assert_eq!(histogram.quantile(f64::NAN), None);
        assert_eq!(
            Histogram::of_pixels(array![[0_u16; 0]].view(), None).quantile(0.5),
            None
        );
    }

    #[test]
    fn values_fall_between_their_extremes() {
        let values = [0.0_f32, 1.0, 2.0, 4.0, f32::NAN, f32::INFINITY];
        let histogram = Histogram::of_values(values.into_iter(), 4).unwrap();
        assert_eq!(histogram.counts(), [1, 1, 1, 1]);
        assert_eq!((histogram.centre(0), histogram.centre(3)), (0.5, 3.5));
        assert!(Histogram::of_values([2.0, 2.0].into_iter(), 4).is_none());
        assert!(Histogram::of_values(values.into_iter(), 1).is_none());
    }

    #[test]
    fn coarser_bins_hold_the_same_values() {
        let pixels = array![[100_u16, 101, 102, 103, 109]];
        let coarse = Histogram::of_pixels(pixels.view(), None).coarsened(5);
        assert_eq!(coarse.counts(), [2, 2, 0, 0, 1]);
        assert_eq!((coarse.centre(0), coarse.centre(4)), (100.5, 108.5));
    }
}
