//! What the header says of the place: a prior for the classifier, never a veto.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Regions the rules tell apart (PS3.16 CID 4031 terms, grouped; see `clinical` table of the project docs).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyPart {
    /// True and false pelvis, buttock, sacrum.
    Pelvis,
    /// Hip joint.
    Hip,
    /// Thigh, femur.
    Thigh,
    /// Knee, patella.
    Knee,
    /// Lower leg, tibia, fibula, calf.
    LowerLeg,
    /// Ankle, foot, toe, heel.
    Foot,
    /// Shoulder, clavicle, scapula, acromioclavicular joint.
    Shoulder,
    /// Upper arm, humerus.
    UpperArm,
    /// Elbow, forearm.
    Forearm,
    /// Wrist, hand, finger, thumb.
    Hand,
    /// Chest, ribs, thorax, breast.
    Chest,
    /// Abdomen.
    Abdomen,
    /// Spine, neck.
    Spine,
    /// Skull, jaw, teeth.
    Head,
    /// An extremity, not said which.
    Extremity,
    /// Nothing usable stated.
    #[default]
    Unknown,
}

/// Side of the body as the header states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Laterality {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Both sides in one image.
    Both,
    /// Unpaired part.
    Unpaired,
    /// Not stated.
    #[default]
    Unknown,
}

/// Where on the body, and of whom in the one respect the rules need: age.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Region.
    pub body_part: BodyPart,
    /// The attribute's own text, upper case, ASCII letters, digits and blanks only; for tables.
    pub body_part_stated: Option<String>,
    /// Side.
    pub laterality: Laterality,
    /// View Position or view code meaning, such as `AP`.
    pub view: Option<String>,
    /// Age in years at acquisition. Growth centres look like ossification below about 20.
    pub age_years: Option<f32>,
}
