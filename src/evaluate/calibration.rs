//! Whether scores are probabilities.

use super::bootstrap::{Ratios, Statistic};
use super::figure::{Figure, Share};
use super::matching::Fate;
use super::sample::Sample;
use serde::{Deserialize, Serialize};

/// Bins of equal width over `0.0..=1.0`.
const BINS: usize = 10;

/// One bin of the reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Least score.
    pub low: f64,
    /// Score the bin ends before; the last bin holds 1 too.
    pub high: f64,
    /// Mean score of what is in the bin.
    pub mean_score: Figure,
    /// Share that is true.
    pub truly: Share,
}

/// Scores against what they promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Detections judged.
    pub detections: u64,
    /// Expected calibration error: mean over detections of |mean score - true share| of their bin.
    pub expected_error: Figure,
    /// Brier score: mean square of score minus truth.
    pub brier: Figure,
    /// Bins that are not empty.
    pub bins: Vec<ReliabilityBin>,
}

struct Scored {
    image: u32,
    bin: u8,
    score: f64,
    truly: bool,
}

pub(super) struct Plan {
    scored: Vec<Scored>,
    ratios: Ratios,
}

impl Plan {
    /// Score of every detection against whether it is a true focus; neutral ones take no part.
    pub(super) fn of_detection(sample: &Sample<'_>) -> Self {
        let judged = sample.found.iter().filter(|found| found.fate != Fate::Neutral);
        Self::new(judged.map(|found| (found.image, found.detection.score, matches!(found.fate, Fate::Hit(_)))))
    }

    /// Score of the name against whether it is the true one, of matched foci that score at least `score` and were given
    /// a name other than `indeterminate`.
    pub(super) fn of_names(sample: &Sample<'_>, score: f32) -> Self {
        let matched = sample.foci.iter().filter(|focus| focus.found_at(score));
        let named = matched.filter_map(|focus| {
            let taken = focus.taken_by?;
            let named = taken.label != crate::classify::Label::Indeterminate.name();
            named.then_some((focus.image, taken.label_score?, taken.label == focus.truth.label))
        });
        Self::new(named)
    }

    fn new(scored: impl Iterator<Item = (usize, f32, bool)>) -> Self {
        let scored: Vec<Scored> = scored
            .filter(|(_, score, _)| !score.is_nan())
            .map(|(image, score, truly)| {
                let score = score.clamp(0.0, 1.0);
                Scored {
                    image: image as u32,
                    // In single precision, so that 0.9 begins its bin.
                    bin: ((score * BINS as f32) as usize).min(BINS - 1) as u8,
                    score: f64::from(score),
                    truly,
                }
            })
            .collect();
        let mut ratios = Ratios::default();
        let truth = |one: &Scored| f64::from(u8::from(one.truly));
        ratios.add(
            scored
                .iter()
                .map(|one| (one.image as usize, (one.score - truth(one)).powi(2), 1.0)),
        );
        for bin in 0..BINS {
            let own = || scored.iter().filter(|one| one.bin as usize == bin);
            ratios.add(own().map(|one| (one.image as usize, one.score, 1.0)));
            ratios.add_share(own().map(|one| (one.image as usize, one.truly)));
        }
        Self { scored, ratios }
    }

    /// The figures, from what this statistic gave.
    pub(super) fn read(&self, figures: &[Figure]) -> Calibration {
        let counts: Vec<(u64, u64)> = self.ratios.counts().collect();
        let bin = |bin: usize| {
            let (mean, share) = (1 + 2 * bin, 2 + 2 * bin);
            ReliabilityBin {
                low: bin as f64 / BINS as f64,
                high: (bin + 1) as f64 / BINS as f64,
                mean_score: figures[1 + mean],
                truly: Share::new(counts[share].0, counts[share].1, figures[1 + share]),
            }
        };
        Calibration {
            detections: self.scored.len() as u64,
            expected_error: figures[0],
            brier: figures[1],
            bins: (0..BINS).map(bin).filter(|bin| bin.truly.of > 0).collect(),
        }
    }
}

impl Statistic for Plan {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        let (mut scores, mut truths, mut total) = ([0.0; BINS], [0.0; BINS], 0.0);
        for one in &self.scored {
            let weight = f64::from(weights[one.image as usize]);
            scores[one.bin as usize] += weight * one.score;
            truths[one.bin as usize] += weight * f64::from(u8::from(one.truly));
            total += weight;
        }
        let gap: f64 = scores
            .iter()
            .zip(truths)
            .map(|(score, truth)| (score - truth).abs())
            .sum();
        values.push(if total > 0.0 { gap / total } else { f64::NAN });
        self.ratios.push(weights, values);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::super::bootstrap::figures;
    use super::*;

    fn calibration(scored: &[(usize, f32, bool)], images: usize) -> Calibration {
        let plan = Plan::new(scored.iter().copied());
        let figures = figures(&[&plan], images, &Options::default());
        plan.read(&figures[0])
    }

    #[test]
    fn the_error_is_the_gap_of_each_bin_by_its_share() {
        // Bin 0.2: mean 0.25, one of two true. Bin 0.9 and 1.0: mean 0.95, both true. ECE = (0.25 + 0.05) / 2.
        let scored = [
            (0, 0.2, true),
            (0, 0.3_f32.next_down(), false),
            (1, 0.9, true),
            (1, 1.0, true),
        ];
        let found = calibration(&scored, 2);
        assert!((found.expected_error.value.unwrap() - 0.15).abs() < 1e-6, "{found:?}");
        assert_eq!(found.bins.len(), 2);
        assert_eq!(
            (found.bins[1].low, found.bins[1].truly.count, found.bins[1].truly.of),
            (0.9, 2, 2)
        );
        assert!((found.bins[1].mean_score.value.unwrap() - 0.95).abs() < 1e-6);
        let brier = (0.64 + 0.09 + 0.01) / 4.0;
        assert!((found.brier.value.unwrap() - brier).abs() < 1e-6);
    }

    #[test]
    fn scores_that_keep_their_promise_have_no_error() {
        let scored: Vec<_> = (0..100).map(|index| (index, 0.75, index % 4 != 0)).collect();
        let found = calibration(&scored, 100);
        assert_eq!(found.expected_error.value, Some(0.0));
        assert!(found.expected_error.high.unwrap() < 0.12);
        assert_eq!(calibration(&[], 3).expected_error, Figure::default());
    }
}
