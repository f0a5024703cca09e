//! Response to mask: Otsu, hysteresis, robust levels. Does not know where the response came from.
//!
//! A pixel is on where its value lies strictly above the level, as in scikit-image (`image > threshold`).

mod histogram;
mod hysteresis;
mod level;
mod otsu;
mod robust;

pub use histogram::Histogram;
pub use hysteresis::{hysteresis, reconstruct};
pub use level::{above, above_within};
pub use otsu::{otsu, otsu_of_three};
pub use robust::{Robust, robust};

use crate::radiograph::Mask;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// How a response map becomes a mask.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Threshold {
    /// Everything above one stated level.
    Above {
        /// In response units.
        level: f32,
    },
    /// One global level that maximises the between-class variance (Otsu, 1979).
    Otsu {
        /// Histogram bins, at least 2. Default 256.
        bins: usize,
    },
    /// So many robust standard deviations above the median.
    Robust {
        /// Standard deviations, each 1.4826 times the median absolute deviation.
        deviations: f32,
    },
    /// Keeps each component above `low` that holds a pixel above `high` (Canny, 1986).
    Hysteresis {
        /// Where a focus may grow to, in response units.
        low: f32,
        /// Where a focus may begin, in response units; never below `low`.
        high: f32,
    },
}

impl Threshold {
    /// The mask of `values`, finite; empty where no level exists because all values are equal.
    pub fn mask(&self, values: ArrayView2<'_, f32>) -> Mask {
        let level = match *self {
            Self::Hysteresis { low, high } => return hysteresis(values, low, high),
            Self::Above { level } => Some(level),
            Self::Otsu { bins } => Histogram::of_values(values.iter().copied(), bins).and_then(|histogram| {
                // The whole of the last bin stays below.
                otsu(&histogram).map(|centre| (centre + histogram.bin_width() / 2.0) as f32)
            }),
            Self::Robust { deviations } => {
                robust(values.iter().copied()).map(|found| found.median + deviations * found.deviation)
            }
        };
        level.map_or_else(|| Mask::empty(values.dim()), |level| above(values, level))
    }
}

#[cfg(test)]
mod tests {
    use super::Threshold;
    use ndarray::{Array2, array};

    #[test]
    fn every_method_finds_the_same_clear_spot() {
        let mut values = Array2::from_shape_fn((9, 9), |(r, c)| ((r * 5 + c * 3) % 7) as f32 * 0.1);
        values[[4, 4]] = 20.0;
        values[[4, 5]] = 15.0;
        for threshold in [
            Threshold::Above { level: 10.0 },
            Threshold::Otsu { bins: 256 },
            Threshold::Robust { deviations: 6.0 },
            Threshold::Hysteresis { low: 10.0, high: 18.0 },
        ] {
            let mask = threshold.mask(values.view());
            assert_eq!(
                (mask.count(), mask.get(4, 4), mask.get(4, 5)),
                (2, true, true),
                "{threshold:?}"
            );
        }
    }

    #[test]
    fn a_constant_response_has_no_foci() {
        let flat = array![[3.0_f32, 3.0], [3.0, 3.0]];
        for threshold in [Threshold::Otsu { bins: 256 }, Threshold::Robust { deviations: 3.0 }] {
            assert_eq!(threshold.mask(flat.view()).count(), 0);
        }
    }
}
