//! Parts of a set of phantoms that share neither chance nor looks, poses and proportions.

use super::look::Look;
use serde::{Deserialize, Serialize};

/// Which part of a set.
///
/// | | train | validation | test |
/// |---|---|---|---|
/// | stream of chance | own | own | own |
/// | looks | linear, log, s_curve, enhanced, equalised | log, s_curve, softened | film, multi_scale |
/// | turn of the picture | up to 6 degrees, or a quarter | up to 8 degrees | 8 to 25 degrees |
/// | height over width of all bones | 0.95 to 1.05 | 0.95 to 1.05 | 0.90 to 0.95, 1.05 to 1.11 |
/// | spread of the legs, lift of the arm, flexion | usual | usual | beyond the usual |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To fit on.
    #[default]
    Train,
    /// To choose and calibrate on.
    Validation,
    /// To report on, once.
    Test,
}

impl Split {
    /// Every split.
    pub const ALL: [Split; 3] = [Split::Train, Split::Validation, Split::Test];

    /// Stable name, such as `train`.
    pub const fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Validation => "validation",
            Split::Test => "test",
        }
    }

    /// Looks that occur in it.
    pub const fn looks(self) -> &'static [Look] {
        match self {
            Split::Train => &[
                Look::Linear,
                Look::Log,
                Look::SCurve,
                Look::SCurve,
                Look::Enhanced,
                Look::Enhanced,
                Look::Equalised,
            ],
            Split::Validation => &[Look::Log, Look::SCurve, Look::Softened],
            Split::Test => &[Look::Film, Look::MultiScale],
        }
    }

    /// What the seed is mixed with.
    pub(super) const fn stream(self) -> u64 {
        match self {
            Split::Train => 0,
            Split::Validation => 0x9E37_79B9_7F4A_7C15,
            Split::Test => 0xD1B5_4A32_D192_ED03,
        }
    }
}
