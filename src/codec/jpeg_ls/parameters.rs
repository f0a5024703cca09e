//! Coding parameters and their defaults: T.87 A.2, C.2.4.1.1.

use super::super::CodecError;

/// What an LSE segment presets; 0 means "the default".
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Preset {
    pub(super) maximum: u16,
    pub(super) thresholds: [u16; 3],
    pub(super) reset: u16,
}

/// Everything one scan is coded with.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    /// MAXVAL, the largest sample value.
    pub(super) maximum: i32,
    /// NEAR, the largest difference between a sample and its reconstruction.
    pub(super) near: i32,
    /// RANGE, the number of different prediction errors.
    pub(super) range: i32,
    /// RESET, the number of samples after which the statistics of a context are halved.
    pub(super) reset: i32,
    /// LIMIT, the most bits of one code.
    pub(super) limit: u32,
    /// qbpp, the bits of an escaped error.
    pub(super) escape_bits: u32,
    /// Quantised gradients -4 to 4 for every difference of two samples, from `-maximum` on.
    pub(super) quantised: Vec<i8>,
}

impl Preset {
    /// The parameters of a scan of `bits` precision. Out of range presets are damage.
    pub(super) fn resolve(&self, bits: u8, near: u8) -> Result<Parameters, CodecError> {
        let full = (1i32 << bits) - 1;
        let maximum = match i32::from(self.maximum) {
            0 => full,
            value if value <= full => value,
            _ => return Err(CodecError::Damaged("preset maximum above the sample precision")),
        };
        let near = i32::from(near);
        if near > maximum / 2 {
            return Err(CodecError::Damaged("near-lossless bound above half of the maximum"));
        }
        let reset = match i32::from(self.reset) {
            0 => 64,
            value if value >= 3 => value,
            _ => return Err(CodecError::Damaged("preset reset below 3")),
        };
        let thresholds = self.thresholds(maximum, near)?;
        let range = if near == 0 {
            maximum + 1
        } else {
            (maximum + 2 * near) / (2 * near + 1) + 1
        };
        let sample_bits = ceil_log2(maximum + 1).max(2);
        Ok(Parameters {
            maximum,
            near,
            range,
            reset,
            limit: 2 * (sample_bits + sample_bits.max(8)),
            escape_bits: ceil_log2(range),
            quantised: (-maximum..=maximum)
                .map(|difference| quantise(difference, near, thresholds))
                .collect(),
        })
    }

    /// T1, T2, T3 by T.87 C.2.4.1.1.1, each replaced by its preset when there is one.
    fn thresholds(&self, maximum: i32, near: i32) -> Result<[i32; 3], CodecError> {
        const BASIC: [i32; 3] = [3, 7, 21];
        let mut chosen = [0; 3];
        let mut least = near + 1;
        for (index, basic) in BASIC.into_iter().enumerate() {
            let spread = [3, 5, 7][index] * near;
            let smallest = [2, 3, 4][index];
            let default = if maximum >= 128 {
                let factor = (maximum.min(4095) + 128) / 256;
                factor * (basic - smallest) + smallest + spread
            } else {
                let factor = 256 / (maximum + 1);
                smallest.max(basic / factor + spread)
            };
            let default = if (least..=maximum).contains(&default) {
                default
            } else {
                least
            };
            chosen[index] = match i32::from(self.thresholds[index]) {
                0 => default,
                value if (least..=maximum).contains(&value) => value,
                _ => return Err(CodecError::Damaged("preset thresholds out of order")),
            };
            least = chosen[index];
        }
        Ok(chosen)
    }
}

/// T.87 A.3.3.
fn quantise(difference: i32, near: i32, [t1, t2, t3]: [i32; 3]) -> i8 {
    let size = difference.abs();
    let level = match size {
        _ if size <= near => 0,
        _ if size < t1 => 1,
        _ if size < t2 => 2,
        _ if size < t3 => 3,
        _ => 4,
    };
    if difference < 0 { -level } else { level }
}

fn ceil_log2(value: i32) -> u32 {
    (value as u32).next_power_of_two().trailing_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T.87 table C.3 and its neighbours: the defaults that every encoder relies on.
    #[test]
    fn default_thresholds() {
        let of = |bits: u32, near| Preset::default().thresholds((1 << bits) - 1, near).unwrap();
        assert_eq!(of(8, 0), [3, 7, 21]);
        assert_eq!(of(12, 0), [18, 67, 276]);
        assert_eq!(of(16, 0), [18, 67, 276]);
        assert_eq!(of(8, 3), [12, 22, 42]);
        assert_eq!(of(4, 0), [2, 3, 4]);
        assert_eq!(of(2, 0), [2, 3, 3]);
    }

    #[test]
    fn derived_lengths() {
        let parameters = Preset::default().resolve(12, 0).unwrap();
        assert_eq!(
            (parameters.range, parameters.limit, parameters.escape_bits),
            (4096, 48, 12)
        );
        let parameters = Preset::default().resolve(8, 2).unwrap();
        assert_eq!(
            (parameters.range, parameters.limit, parameters.escape_bits),
            (52, 32, 6)
        );
    }

    #[test]
    fn gradients_are_quantised_symmetrically() {
        let parameters = Preset::default().resolve(8, 0).unwrap();
        let of = |difference: i32| parameters.quantised[(difference + 255) as usize];
        assert_eq!([0, 1, 2, 3, 6, 7, 20, 21, 255].map(of), [0, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert!((0..=255).all(|difference| of(-difference) == -of(difference)));
    }

    #[test]
    fn presets_out_of_range_are_damage() {
        let bad = |preset: Preset| preset.resolve(8, 0).is_err();
        assert!(bad(Preset {
            maximum: 256,
            ..Preset::default()
        }));
        assert!(bad(Preset {
            reset: 2,
            ..Preset::default()
        }));
        assert!(bad(Preset {
            thresholds: [9, 8, 21],
            ..Preset::default()
        }));
        assert!(Preset::default().resolve(8, 128).is_err());
    }
}
