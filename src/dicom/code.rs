//! Coded concepts (PS3.3 8.8, PS3.16): a value in a scheme, with its meaning in words.
//!
//! Values were checked against the context groups that PS3.16 lists them in. Nothing here is a disease.

use std::borrow::Cow;

/// Designator of this project's own scheme (PS3.16 8.2: private designators begin with 99); `docs/dicom.md` lists its codes.
pub const OWN_SCHEME: &str = "99CALXRAY";
/// Version of this project's own scheme; rises when a code changes its meaning.
pub const OWN_SCHEME_VERSION: &str = "1";

/// A coded concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Code Value (0008,0100), at most 16 characters.
    pub value: Cow<'static, str>,
    /// Coding Scheme Designator (0008,0102).
    pub scheme: &'static str,
    /// Code Meaning (0008,0104), at most 64 characters.
    pub meaning: Cow<'static, str>,
}

impl Code {
    const fn new(value: &'static str, scheme: &'static str, meaning: &'static str) -> Self {
        Self {
            value: Cow::Borrowed(value),
            scheme,
            meaning: Cow::Borrowed(meaning),
        }
    }

    /// A code of DICOM's own scheme (PS3.16 annex D).
    pub const fn dcm(value: &'static str, meaning: &'static str) -> Self {
        Self::new(value, "DCM", meaning)
    }

    /// A code of SNOMED CT, of the subset that DICOM may use.
    pub const fn sct(value: &'static str, meaning: &'static str) -> Self {
        Self::new(value, "SCT", meaning)
    }

    /// A unit (PS3.16 CID 82).
    pub const fn unit(value: &'static str, meaning: &'static str) -> Self {
        Self::new(value, "UCUM", meaning)
    }

    /// A code of this project's own scheme.
    pub const fn own(value: &'static str, meaning: &'static str) -> Self {
        Self::new(value, OWN_SCHEME, meaning)
    }

    /// A code of another scheme.
    pub const fn of(scheme: &'static str, value: &'static str, meaning: &'static str) -> Self {
        Self::new(value, scheme, meaning)
    }
}

/// Morphologically abnormal structure (CID 7150).
pub const ABNORMAL_STRUCTURE: Code = Code::sct("49755003", "Morphologically Abnormal Structure");
/// Square millimetre.
pub const SQUARE_MILLIMETRE: Code = Code::unit("mm2", "square millimeter");
/// Millimetre.
pub const MILLIMETRE: Code = Code::unit("mm", "mm");
/// Pixels, where no spacing is known.
pub const PIXELS: Code = Code::unit("{pixels}", "Pixels");
/// A pure number.
pub const NO_UNITS: Code = Code::unit("1", "no units");
/// Degree of an angle.
pub const DEGREE: Code = Code::unit("deg", "deg");
/// Percent.
pub const PERCENT: Code = Code::unit("%", "Percent");
