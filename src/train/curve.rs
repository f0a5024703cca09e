//! How well chances tell foci from others, of answers that count by weight.

use super::held_out::Answered;

/// The answers of a detector, the least chance first, each with the place of its unit.
pub(super) struct Curve {
    pub(super) sorted: Vec<(Answered, u32)>,
    pub(super) score: f32,
}

impl Curve {
    pub(super) fn of(mut sorted: Vec<(Answered, u32)>, score: f32) -> Self {
        sorted.sort_by(|a, b| a.0.chance.total_cmp(&b.0.chance));
        Self { sorted, score }
    }

    /// Area under the ROC curve, share of foci and of others at the score, calibration error; each answer counts as often as its
    /// unit. Not a number where nothing is there to judge.
    pub(super) fn figures(&self, weights: &[u32]) -> [f64; 4] {
        let (mut foci, mut others, mut won) = (0.0, 0.0, 0.0);
        let (mut found, mut taken) = (0.0, 0.0);
        let mut bins = [(0.0_f64, 0.0_f64); 10];
        let mut at = 0;
        while at < self.sorted.len() {
            let chance = self.sorted[at].0.chance;
            let (mut own_foci, mut own_others) = (0.0, 0.0);
            while let Some((answer, unit)) = self.sorted.get(at).filter(|own| own.0.chance == chance) {
                let weight = f64::from(weights[*unit as usize]);
                *if answer.is_focus {
                    &mut own_foci
                } else {
                    &mut own_others
                } += weight;
                at += 1;
            }
            // Ties are shared.
            won += own_foci * (others + 0.5 * own_others);
            (foci, others) = (foci + own_foci, others + own_others);
            if chance >= self.score {
                (found, taken) = (found + own_foci, taken + own_others);
            }
            let bin = &mut bins[((chance * 10.0) as usize).min(9)];
            bin.0 += f64::from(chance) * (own_foci + own_others);
            bin.1 += own_foci;
        }
        let error: f64 = bins.iter().map(|(said, was)| (said - was).abs()).sum();
        [
            won / (foci * others),
            found / foci,
            taken / others,
            error / (foci + others),
        ]
    }
}
