//! Adaptive statistics of the prediction error: T.87 A.4 to A.7.

use super::parameters::Parameters;

/// Contexts of regular mode: 0 is run mode, 1 to 364 the merged gradient triples. 512, so that an index can be masked.
pub(super) const CONTEXTS: usize = 512;

/// Statistics of one regular context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// Sum of absolute errors, A. Below 2^32: at most 65535 errors of at most 2^16 between two halvings.
    sum: u32,
    /// Sum of errors for the bias, B: in `(-count, 0]` after every update.
    bias: i32,
    /// Correction of the prediction, C: -128 to 127.
    pub(super) correction: i16,
    /// Number of errors, N: 1 to RESET.
    count: u16,
    /// Golomb parameter of the next error, which the statistics above decide.
    pub(super) golomb: u8,
    /// -1 when the next error is coded with its sign inverted (A.5.2), 0 otherwise.
    pub(super) inverted: i8,
}

impl Context {
    pub(super) fn new(parameters: &Parameters) -> Self {
        let sum = initial_sum(parameters.range);
        let golomb = golomb(sum, 1) as u8;
        Self {
            sum,
            bias: 0,
            correction: 0,
            count: 1,
            golomb,
            inverted: 0,
        }
    }

    /// Learns from `error`, which is in the direction of the context: A.6.
    #[inline(always)]
    pub(super) fn update(&mut self, error: i32, near: i32, reset: i32) {
        let mut sum = self.sum + error.unsigned_abs();
        let mut bias = self.bias + error * (2 * near + 1);
        let mut count = i32::from(self.count);
        if count == reset {
            sum >>= 1;
            bias >>= 1;
            count >>= 1;
        }
        count += 1;
        // Written without branches, which the data would mispredict: one step towards zero, then the bounds.
        let low = i32::from(bias <= -count);
        let high = i32::from(bias > 0);
        bias = (bias + (count & -low) - (count & -high)).max(1 - count).min(0);
        let correction = (i32::from(self.correction) + high - low).clamp(-128, 127);
        let golomb = golomb(sum, count as u32);
        let inverted = -i32::from(near == 0 && golomb == 0 && 2 * bias <= -count);
        *self = Self {
            sum,
            bias,
            correction: correction as i16,
            count: count as u16,
            golomb: golomb as u8,
            inverted: inverted as i8,
        };
    }
}

/// Statistics of one of the two contexts that end a run: A.7.2.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunContext {
    sum: u32,
    count: u32,
    /// Number of negative errors, Nn.
    negative: u32,
    /// RItype: 1 when the samples beside the end of the run are alike, 0 otherwise.
    alike: u32,
}

impl RunContext {
    pub(super) fn new(parameters: &Parameters, alike: bool) -> Self {
        Self {
            sum: initial_sum(parameters.range),
            count: 1,
            negative: 0,
            alike: u32::from(alike),
        }
    }

    /// Golomb parameter of the next error.
    pub(super) fn golomb(&self) -> u32 {
        golomb(self.sum + (self.count >> 1) * self.alike, self.count)
    }

    /// The error that `mapped` stands for, of which the context learns.
    pub(super) fn take(&mut self, mapped: u32, golomb: u32, reset: i32) -> i32 {
        let double = mapped + self.alike;
        let odd = double & 1;
        let size = double.div_ceil(2) as i32;
        let usual = golomb != 0 || 2 * self.negative >= self.count;
        let error = if usual == (odd == 1) { -size } else { size };
        self.negative += u32::from(error < 0);
        self.sum += (mapped + 1 - self.alike) >> 1;
        if self.count == reset as u32 {
            self.sum >>= 1;
            self.count >>= 1;
            self.negative >>= 1;
        }
        self.count += 1;
        error
    }
}

/// T.87 A.8.
fn initial_sum(range: i32) -> u32 {
    ((range as u32 + 32) / 64).max(2)
}

/// The smallest k with `count << k >= sum`: A.5.1. `count` is at least 1 and both are below 2^32.
#[inline(always)]
fn golomb(sum: u32, count: u32) -> u32 {
    let shift = (count | 1).leading_zeros().saturating_sub((sum | 1).leading_zeros());
    shift + u32::from(count << shift < sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golomb_parameter_is_the_smallest_that_fits() {
        for count in [1u32, 2, 3, 7, 31, 32, 63, 64, 65535] {
            for sum in (0..5000).chain([65_535, 65_536, 1 << 24, u32::MAX]) {
                let k = golomb(sum, count);
                let fits = |k: u32| u64::from(count) << k >= u64::from(sum);
                assert!(fits(k) && (k == 0 || !fits(k - 1)), "sum {sum} count {count} k {k}");
            }
        }
    }

    /// The update of A.6 as the standard writes it, against the one without branches.
    #[test]
    fn bias_follows_the_standard() {
        let (mut bias, mut count, mut correction) = (0i32, 1i32, 0i32);
        let parameters = super::super::parameters::Preset::default().resolve(8, 0).unwrap();
        let mut context = Context::new(&parameters);
        for step in 0..2000i32 {
            let error = (step * step * 31 % 97) - 45 + if step < 900 { -20 } else { 25 };
            bias += error;
            if count == 64 {
                bias = if bias >= 0 { bias >> 1 } else { -((1 - bias) >> 1) };
                count >>= 1;
            }
            count += 1;
            if bias <= -count {
                bias += count;
                correction = (correction - 1).max(-128);
                bias = bias.max(1 - count);
            } else if bias > 0 {
                bias -= count;
                correction = (correction + 1).min(127);
                bias = bias.min(0);
            }
            context.update(error, 0, 64);
            assert_eq!(
                (context.bias, i32::from(context.correction), i32::from(context.count)),
                (bias, correction, count)
            );
        }
    }
}
