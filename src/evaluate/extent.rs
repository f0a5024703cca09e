//! How well masks of matched foci agree with the truth.

use super::bootstrap::{Ratios, Statistic};
use super::figure::{Figure, rounded};
use super::geometry::dice;
use super::sample::Sample;
use serde::{Deserialize, Serialize};

/// Size and overlap on matched foci with masks on both sides, at the score of the options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    /// Matched foci judged.
    pub foci: u64,
    /// Median of |area / truth - 1|.
    pub area_error: Figure,
    /// Median of area / truth - 1: below 0 where masks come out too small.
    pub area_bias: Figure,
    /// Mean of the Dice coefficient.
    pub dice_mean: Figure,
    /// Median of the Dice coefficient.
    pub dice_median: Figure,
}

pub(super) struct Plan {
    area_error: Median,
    area_bias: Median,
    dice_mean: Ratios,
    dice_median: Median,
}

impl Plan {
    pub(super) fn new(sample: &Sample<'_>, score: f32) -> Self {
        let matched = sample.foci.iter().filter(|focus| focus.found_at(score));
        let pairs = matched.filter_map(|focus| Some((focus.image, focus.truth, focus.taken_by?)));
        let pairs: Vec<_> = pairs.filter(|(_, truth, taken)| truth.masked && taken.masked).collect();
        let median = |value: &dyn Fn(&super::TruthFocus, &super::Detection) -> f64| {
            Median::new(pairs.iter().map(|&(image, truth, taken)| (image, value(truth, taken))))
        };
        let bias = |truth: &super::TruthFocus, taken: &super::Detection| {
            taken.region.area() as f64 / truth.region.area() as f64 - 1.0
        };
        let overlap = |truth: &super::TruthFocus, taken: &super::Detection| dice(&truth.region, &taken.region);
        let mut dice_mean = Ratios::default();
        dice_mean.add(
            pairs
                .iter()
                .map(|&(image, truth, taken)| (image, overlap(truth, taken), 1.0)),
        );
        Self {
            area_error: median(&|truth, taken| bias(truth, taken).abs()),
            area_bias: median(&bias),
            dice_mean,
            dice_median: median(&overlap),
        }
    }

    /// The figures, from what this statistic gave.
    pub(super) fn read(&self, figures: &[Figure]) -> Extent {
        Extent {
            foci: self.area_error.0.len() as u64,
            area_error: figures[0],
            area_bias: figures[1],
            dice_mean: figures[2],
            dice_median: figures[3],
        }
    }
}

impl Statistic for Plan {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        self.area_error.push(weights, values);
        self.area_bias.push(weights, values);
        self.dice_mean.push(weights, values);
        self.dice_median.push(weights, values);
    }
}

/// A median over foci; values rise.
struct Median(Vec<(u32, f64)>);

impl Median {
    fn new(values: impl Iterator<Item = (usize, f64)>) -> Self {
        let mut values: Vec<(u32, f64)> = values
            .map(|(image, value)| (image as u32, rounded(value).unwrap_or(0.0)))
            .collect();
        values.sort_by(|a, b| a.1.total_cmp(&b.1));
        Self(values)
    }
}

impl Statistic for Median {
    /// Of an even number the mean of the middle two.
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        let weight = |image: u32| u64::from(weights[image as usize]);
        let total: u64 = self.0.iter().map(|&(image, _)| weight(image)).sum();
        if total == 0 {
            values.push(f64::NAN);
            return;
        }
        let (lower, upper) = ((total - 1) / 2, total / 2);
        let (mut passed, mut first) = (0, None);
        for &(image, value) in &self.0 {
            passed += weight(image);
            if first.is_none() && passed > lower {
                first = Some(value);
            }
            if passed > upper {
                values.push((first.unwrap_or(value) + value) / 2.0);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Median, Statistic};

    fn median(values: &[(usize, f64)], weights: &[u32]) -> f64 {
        let mut out = Vec::new();
        Median::new(values.iter().copied()).push(weights, &mut out);
        assert_eq!(out.len(), 1);
        out[0]
    }

    #[test]
    fn the_median_weighs_images() {
        let values = [(0, 3.0), (1, 1.0), (2, 10.0)];
        assert_eq!(median(&values, &[1, 1, 1]), 3.0);
        assert_eq!(median(&values, &[1, 1, 0]), 2.0);
        assert_eq!(median(&values, &[0, 0, 2]), 10.0);
        assert_eq!(median(&values, &[1, 0, 3]), 10.0);
        assert_eq!(median(&values, &[2, 2, 0]), 2.0);
        assert!(median(&values, &[0, 0, 0]).is_nan());
    }
}
