//! The closed sets of names: what a focus can be called, and why a candidate can be refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the form and place of a focus are consistent with. Never a diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Many 4-15 mm spindles along the muscle, as described in cysticercosis.
    RiceGrain,
    /// Round, 2-6 mm, often with a lucent centre; low pelvis or a vein.
    Phlebolith,
    /// Large lobulated mass beside a joint.
    TumoralCalcinosis,
    /// Deposit in a tendon, above the greater tuberosity at the shoulder.
    CalcificTendinitis,
    /// Cortex around a medulla.
    Ossification,
    /// Amorphous, no internal order.
    Calcification,
    /// Round or oval nodule, often a shell, in the fat over the buttock.
    InjectionGranuloma,
    /// Dense stones, plates or nets in and under the skin, as in scleroderma.
    CalcinosisCutis,
    /// Sheet or lace along a fascial plane, as in dermatomyositis.
    FascialSheet,
    /// Dotted line or wedge inside a joint, as in CPPD.
    Chondrocalcinosis,
    /// Fine specks spread over a wide area, as in disturbed calcium and phosphate.
    MetastaticCalcification,
    /// Parallel lines or segments along an artery, or the net of a vein.
    VascularCalcification,
    /// Large mass that is densest in its centre: never called benign.
    MineralisedMass,
    /// The evidence is thin.
    Indeterminate,
}

impl Label {
    /// Every label, in the order of tables and categories.
    pub const ALL: [Label; 14] = [
        Label::RiceGrain,
        Label::Phlebolith,
        Label::TumoralCalcinosis,
        Label::CalcificTendinitis,
        Label::Ossification,
        Label::Calcification,
        Label::InjectionGranuloma,
        Label::CalcinosisCutis,
        Label::FascialSheet,
        Label::Chondrocalcinosis,
        Label::MetastaticCalcification,
        Label::VascularCalcification,
        Label::MineralisedMass,
        Label::Indeterminate,
    ];

    /// The six the project was made for; the others are named where the evidence allows.
    pub const MISSION: [Label; 6] = [
        Label::RiceGrain,
        Label::Phlebolith,
        Label::TumoralCalcinosis,
        Label::CalcificTendinitis,
        Label::Ossification,
        Label::Calcification,
    ];

    /// Stable name for machines, such as `rice_grain`.
    pub const fn name(self) -> &'static str {
        match self {
            Label::RiceGrain => "rice_grain",
            Label::Phlebolith => "phlebolith",
            Label::TumoralCalcinosis => "tumoral_calcinosis",
            Label::CalcificTendinitis => "calcific_tendinitis",
            Label::Ossification => "ossification",
            Label::Calcification => "calcification",
            Label::InjectionGranuloma => "injection_granuloma",
            Label::CalcinosisCutis => "calcinosis_cutis",
            Label::FascialSheet => "fascial_sheet",
            Label::Chondrocalcinosis => "chondrocalcinosis",
            Label::MetastaticCalcification => "metastatic_calcification",
            Label::VascularCalcification => "vascular_calcification",
            Label::MineralisedMass => "mineralised_mass",
            Label::Indeterminate => "indeterminate",
        }
    }

    /// Name for people, such as `rice grain`.
    pub const fn title(self) -> &'static str {
        match self {
            Label::RiceGrain => "rice grain",
            Label::Phlebolith => "phlebolith",
            Label::TumoralCalcinosis => "tumoral calcinosis",
            Label::CalcificTendinitis => "calcific tendinitis",
            Label::Ossification => "ossification",
            Label::Calcification => "calcification",
            Label::InjectionGranuloma => "injection granuloma",
            Label::CalcinosisCutis => "calcinosis cutis",
            Label::FascialSheet => "fascial sheet",
            Label::Chondrocalcinosis => "chondrocalcinosis",
            Label::MetastaticCalcification => "metastatic calcification",
            Label::VascularCalcification => "vascular calcification",
            Label::MineralisedMass => "mineralised mass",
            Label::Indeterminate => "indeterminate",
        }
    }

    /// Whether a radiograph mostly shows it in pieces, each of which is a focus: lines, nets, specks.
    pub const fn comes_in_pieces(self) -> bool {
        matches!(
            self,
            Label::FascialSheet | Label::MetastaticCalcification | Label::VascularCalcification
        )
    }

    /// The label called `name` (machine name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name() == name)
    }
}

/// Why a candidate is not a focus. It is kept in the report all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// Part of the skeleton, or projected over it.
    Bone,
    /// Metal: prosthesis, screw, clip, wire.
    Metal,
    /// Side marker, ball bearing, ruler.
    Marker,
    /// Burned-in text or line drawing.
    Text,
    /// Cut by or along the edge of the exposed field or of the body.
    Edge,
    /// Outside the body.
    OutsideBody,
    /// Tram-track or strung along one curve, as vessel walls are.
    Vessel,
    /// Too few pixels to measure, or sharper than the detector allows (hot pixel, dust).
    TooSmall,
    /// Larger than any focus looked for.
    TooLarge,
    /// Does not stand out from its surroundings on all sides.
    LowContrast,
    /// Scores below the least score asked for.
    LowScore,
}

impl Rejection {
    /// Every reason, in the order of tables.
    pub const ALL: [Rejection; 11] = [
        Rejection::Bone,
        Rejection::Metal,
        Rejection::Marker,
        Rejection::Text,
        Rejection::Edge,
        Rejection::OutsideBody,
        Rejection::Vessel,
        Rejection::TooSmall,
        Rejection::TooLarge,
        Rejection::LowContrast,
        Rejection::LowScore,
    ];

    /// Stable name for machines, such as `outside_body`.
    pub const fn name(self) -> &'static str {
        match self {
            Rejection::Bone => "bone",
            Rejection::Metal => "metal",
            Rejection::Marker => "marker",
            Rejection::Text => "text",
            Rejection::Edge => "edge",
            Rejection::OutsideBody => "outside_body",
            Rejection::Vessel => "vessel",
            Rejection::TooSmall => "too_small",
            Rejection::TooLarge => "too_large",
            Rejection::LowContrast => "low_contrast",
            Rejection::LowScore => "low_score",
        }
    }
}
