//! What to read and how much of it.

use crate::units::Millimetres;

/// Which modalities qualify; others are skipped with a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModalityFilter {
    /// Every image, whatever its modality.
    Any,
    /// Only these Modality (0008,0060) values, upper case.
    Only(Vec<String>),
}

impl Default for ModalityFilter {
    /// CR and DX: plain radiographs.
    fn default() -> Self {
        Self::Only(vec!["CR".to_owned(), "DX".to_owned()])
    }
}

impl ModalityFilter {
    /// Whether `modality` qualifies.
    pub fn admits(&self, modality: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(list) => list.iter().any(|one| one.eq_ignore_ascii_case(modality)),
        }
    }
}

/// Ceilings that are checked before memory is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows x columns of one frame. Default 2^27, nine times a 4300 x 3500 image.
    pub pixels: u64,
    /// Frames of one instance. Default 4096.
    pub frames: u64,
    /// Bytes of one input, also after a deflated data set is inflated. Default 1 GiB.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pixels: 1 << 27,
            frames: 4096,
            bytes: 1 << 30,
        }
    }
}

/// How to read. The default reads CR and DX and invents no spacing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Which DICOM modalities qualify. PNG, TIFF and JPEG always do.
    pub modalities: ModalityFilter,
    /// The user's word on pixel spacing, in mm, both ways; used only where the input itself states none.
    pub spacing: Option<Millimetres>,
    /// Ceilings.
    pub limits: Limits,
    /// Whether to keep what DICOM objects made from an image repeat of its patient and study; see
    /// [`Instance::context`](super::Instance::context). Without need for it, a patient's data is not even looked at.
    pub context: bool,
}
