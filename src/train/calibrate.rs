//! Log-odds of a forest to calibrated ones.

/// What a forest said of a candidate it has not seen, and what was true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// What the forest said.
    pub log_odds: f32,
    /// What was true.
    pub is_true: bool,
    /// How much this answer counts, above 0.
    pub weight: f32,
}

/// Factor and offset that make `factor * log_odds + offset` the best log-odds of the answers (logistic regression by
/// Newton's method, with Platt's targets, which keep it finite).
///
/// Platt 1999; Lin, Lin and Weng, Mach Learn 2007;68:267, doi 10.1007/s10994-007-5018-6.
pub fn calibrate(answers: &[Answer]) -> [f32; 2] {
    let count = |is: bool| answers.iter().filter(|answer| answer.is_true == is).count() as f64;
    let (positive, negative) = (count(true), count(false));
    let (high, low) = ((positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0));
    let (mut factor, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..50 {
        let (mut g, mut h) = ([0.0; 2], [1e-9, 0.0, 1e-9]);
        for answer in answers {
            let (x, weight) = (f64::from(answer.log_odds), f64::from(answer.weight));
            let p = 1.0 / (1.0 + (-(factor * x + offset)).exp());
            let target = if answer.is_true { high } else { low };
            let (slope, bend) = (weight * (p - target), weight * p * (1.0 - p));
            g[0] += slope * x;
            g[1] += slope;
            h[0] += bend * x * x;
            h[1] += bend * x;
            h[2] += bend;
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        if determinant.is_nan() || determinant <= 1e-12 {
            break;
        }
        let step = [
            ((h[2] * g[0] - h[1] * g[1]) / determinant).clamp(-1.0, 1.0),
            ((h[0] * g[1] - h[1] * g[0]) / determinant).clamp(-1.0, 1.0),
        ];
        factor -= step[0];
        offset -= step[1];
        if step[0].abs() + step[1].abs() < 1e-9 {
            break;
        }
    }
    // A forest that knows nothing is not turned round.
    [factor.max(0.0) as f32, offset as f32]
}

/// Sum of the losses of answers whose log-odds are calibrated so: less the logarithm of the chance of what is true.
pub(super) fn log_loss(answers: &[Answer], [factor, offset]: [f32; 2]) -> f64 {
    let each = answers.iter().map(|answer| {
        let odds = f64::from(factor * answer.log_odds + offset);
        let against = if answer.is_true { -odds } else { odds };
        // ln(1 + e^x), finite for any x.
        f64::from(answer.weight) * (against.max(0.0) + (-against.abs()).exp().ln_1p())
    });
    each.sum()
}

/// What forests that compete said of a focus they have not seen, and which of them was right.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What each said.
    pub log_chances: Vec<f32>,
    /// The number of the right one.
    pub truth: usize,
    /// How much this answer counts, above 0.
    pub weight: f32,
}

/// Sum of the losses of choices among what was said, times `factor`: less the logarithm of the chance of the truth.
pub(super) fn loss_of_choices(choices: &[Choice], factor: f64) -> f64 {
    let each = choices.iter().map(|choice| {
        let value = |nth: usize| factor * f64::from(choice.log_chances[nth]);
        let most = (0..choice.log_chances.len())
            .map(value)
            .fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = (0..choice.log_chances.len()).map(|nth| (value(nth) - most).exp()).sum();
        f64::from(choice.weight) * (most + sum.ln() - value(choice.truth))
    });
    each.sum()
}

/// The factor on what competing forests said that makes the truth likeliest.
///
/// Guo et al., ICML 2017, arXiv 1706.04599. Found by golden section between a twentieth and twenty.
pub fn sharpness(choices: &[Choice]) -> f32 {
    let loss = |ln_factor: f64| loss_of_choices(choices, ln_factor.exp());
    let share = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-(20.0_f64.ln()), 20.0_f64.ln());
    for _ in 0..60 {
        let (a, b) = (high - share * (high - low), low + share * (high - low));
        if loss(a) <= loss(b) {
            high = b;
        } else {
            low = a;
        }
    }
    f64::midpoint(low, high).exp() as f32
}

#[cfg(test)]
mod tests {
    use super::{Answer, Choice, calibrate, sharpness};

    #[test]
    fn overconfident_choices_are_damped() {
        // Three names; the first is given odds of e^4 to one over each other, and is right in two cases of four.
        let choices: Vec<Choice> = (0..400)
            .map(|i| Choice {
                log_chances: vec![4.0, 0.0, 0.0],
                truth: [0, 0, 1, 2][i % 4],
                weight: 1.0,
            })
            .collect();
        // Then its odds over each other are two to one.
        assert!((sharpness(&choices) - 2.0_f32.ln() / 4.0).abs() < 1e-3);
    }

    #[test]
    fn overconfident_answers_are_damped() {
        // Says 4 and -4, is right three times of four: log-odds of 1.1.
        let answers: Vec<Answer> = (0..4000)
            .map(|i| Answer {
                log_odds: if i % 2 == 0 { 4.0 } else { -4.0 },
                is_true: if i % 2 == 0 { i % 8 != 0 } else { i % 8 == 1 },
                weight: 1.0,
            })
            .collect();
        let [factor, offset] = calibrate(&answers);
        assert!((factor * 4.0 + offset - 1.1).abs() < 0.02, "{factor} {offset}");
        assert!((-factor * 4.0 + offset + 1.1).abs() < 0.02);
    }
}
