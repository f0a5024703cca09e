//! Intervals by resampling images (percentile bootstrap; Efron & Tibshirani 1993, doi 10.1201/9780429246593).

use super::figure::{Figure, rounded};
use super::options::Options;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Figures worked out from images of which each counts `weights[image]` times.
pub trait Statistic {
    /// Appends its figures, always equally many; NaN where nothing is there to judge.
    fn push(&self, weights: &[u32], values: &mut Vec<f64>);
}

/// The figures of each statistic on `images` images, with intervals.
pub fn figures(statistics: &[&dyn Statistic], images: usize, options: &Options) -> Vec<Vec<Figure>> {
    let whole = vec![1_u32; images];
    let mut point = Vec::new();
    let mut ends = Vec::new();
    for statistic in statistics {
        statistic.push(&whole, &mut point);
        ends.push(point.len());
    }
    let resampled = resample(statistics, images, point.len(), options);
    let all: Vec<Figure> = point
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            let (low, high) = interval(resampled.iter().map(|values| values[index]));
            Figure {
                value: rounded(value),
                low: low.filter(|_| value.is_finite()).and_then(rounded),
                high: high.filter(|_| value.is_finite()).and_then(rounded),
            }
        })
        .collect();
    let mut start = 0;
    ends.into_iter()
        .map(|end| {
            let own = all[start..end].to_vec();
            start = end;
            own
        })
        .collect()
}

fn resample(statistics: &[&dyn Statistic], images: usize, figures: usize, options: &Options) -> Vec<Vec<f64>> {
    if images == 0 {
        return Vec::new();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut weights = vec![0_u32; images];
    let draw = |_| {
        weights.fill(0);
        for _ in 0..images {
            weights[rng.random_range(0..images)] += 1;
        }
        let mut values = Vec::with_capacity(figures);
        for statistic in statistics {
            statistic.push(&weights, &mut values);
        }
        values
    };
    (0..options.bootstrap).map(draw).collect()
}

/// The 2.5th and 97.5th percentile of the values that exist, if they are at least half.
fn interval(values: impl ExactSizeIterator<Item = f64>) -> (Option<f64>, Option<f64>) {
    let drawn = values.len();
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    if values.is_empty() || values.len() * 2 < drawn {
        return (None, None);
    }
    values.sort_unstable_by(f64::total_cmp);
    let percentile = |share: f64| {
        let place = share * (values.len() - 1) as f64;
        let (below, rest) = (place.floor() as usize, place.fract());
        let above = (below + 1).min(values.len() - 1);
        values[below] + rest * (values[above] - values[below])
    };
    (Some(percentile(0.025)), Some(percentile(0.975)))
}

/// Sums over images, one divided by the other: shares, rates and means.
#[derive(Debug, Default)]
pub(super) struct Ratios {
    rows: Vec<Ratio>,
}

#[derive(Debug, Default)]
struct Ratio {
    /// Image, what it adds above and below the line.
    terms: Vec<(u32, f64, f64)>,
    count: u64,
    of: u64,
}

impl Ratios {
    /// Adds a figure: the sum of the first numbers over that of the second of `(image, above, below)`.
    pub(super) fn add(&mut self, terms: impl IntoIterator<Item = (usize, f64, f64)>) {
        let mut row = Ratio::default();
        for (image, above, below) in terms {
            match row.terms.last_mut() {
                Some(last) if last.0 == image as u32 => {
                    last.1 += above;
                    last.2 += below;
                }
                _ => row.terms.push((image as u32, above, below)),
            }
        }
        row.count = row.terms.iter().map(|term| term.1).sum::<f64>() as u64;
        row.of = row.terms.iter().map(|term| term.2).sum::<f64>() as u64;
        self.rows.push(row);
    }

    /// Adds the share of `(image, whether it did)`.
    pub(super) fn add_share(&mut self, judged: impl IntoIterator<Item = (usize, bool)>) {
        self.add(
            judged
                .into_iter()
                .map(|(image, did)| (image, f64::from(u8::from(did)), 1.0)),
        );
    }

    /// Sums above and below the line on all images, of each figure.
    pub(super) fn counts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.rows.iter().map(|row| (row.count, row.of))
    }
}

impl Statistic for Ratios {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        for row in &self.rows {
            let (mut above, mut below) = (0.0, 0.0);
            for &(image, over, under) in &row.terms {
                let weight = f64::from(weights[image as usize]);
                above += weight * over;
                below += weight * under;
            }
            values.push(if below > 0.0 { above / below } else { f64::NAN });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_that_of_theory() {
        // 400 images, half of them with the property: standard error 0.025.
        let mut ratios = Ratios::default();
        ratios.add_share((0..400).map(|image| (image, image % 2 == 0)));
        let options = Options::default();
        let figure = figures(&[&ratios], 400, &options)[0][0];
        assert_eq!(figure.value, Some(0.5));
        assert!((figure.low.unwrap() - 0.451).abs() < 0.006, "{figure:?}");
        assert!((figure.high.unwrap() - 0.549).abs() < 0.006, "{figure:?}");
        assert_eq!(figures(&[&ratios], 400, &options)[0][0], figure);
        let other = Options { seed: 2, ..options };
        assert_ne!(figures(&[&ratios], 400, &other)[0][0], figure);
    }

    #[test]
    fn foci_of_one_image_are_drawn_together() {
        // Ten images with forty foci each, all or none found: as unsure as ten draws, not four hundred.
        let mut ratios = Ratios::default();
        ratios.add_share((0..400).map(|focus| (focus / 40, (focus / 40) % 2 == 0)));
        let figure = figures(&[&ratios], 10, &Options::default())[0][0];
        assert!(figure.high.unwrap() - figure.low.unwrap() > 0.5, "{figure:?}");
    }

    #[test]
    fn nothing_to_judge_is_no_figure() {
        let mut ratios = Ratios::default();
        ratios.add([]);
        assert_eq!(figures(&[&ratios], 3, &Options::default())[0][0], Figure::default());
        // Judged in one image of many: most resamples have it, of two images three quarters.
        ratios.add_share([(0, true)]);
        let figure = figures(&[&ratios], 2, &Options::default())[0][1];
        assert_eq!((figure.value, figure.low), (Some(1.0), Some(1.0)));
        let none = Options {
            bootstrap: 0,
            ..Options::default()
        };
        assert_eq!(figures(&[&ratios], 2, &none)[0][1].low, None);
        assert_eq!(figures(&[&Ratios::default()], 0, &none), [vec![]]);
    }
}
