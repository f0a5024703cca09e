//! Which part of the body is drawn.

use super::super::focus::Kind;
use serde::{Deserialize, Serialize};

/// Which part of the body is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// Thigh: the femur's shaft, or its lower end.
    Thigh,
    /// Lower leg with tibia and fibula, sometimes with knee or ankle.
    LowerLeg,
    /// Forearm with radius and ulna, sometimes with elbow or hand.
    Forearm,
    /// Both hips and the pelvic ring, anteroposterior.
    Pelvis,
    /// One shoulder, anteroposterior.
    Shoulder,
    /// One hip, anteroposterior.
    Hip,
    /// Knee, from the front or the side.
    Knee,
    /// Elbow, from the front or the side.
    Elbow,
    /// Hand with carpus, palm on the detector.
    Hand,
    /// Not drawn: a real radiograph into which deposits were put.
    Inserted,
}

impl Scene {
    /// Every scene that is drawn.
    pub const ALL: [Scene; 9] = [
        Scene::Thigh,
        Scene::LowerLeg,
        Scene::Forearm,
        Scene::Pelvis,
        Scene::Shoulder,
        Scene::Hip,
        Scene::Knee,
        Scene::Elbow,
        Scene::Hand,
    ];

    /// Body Part Examined (0018,0015), PS3.16 annex L.
    pub const fn body_part(self) -> &'static str {
        match self {
            Scene::Thigh => "THIGH",
            Scene::LowerLeg => "LEG",
            Scene::Forearm => "FOREARM",
            Scene::Pelvis => "PELVIS",
            Scene::Shoulder => "SHOULDER",
            Scene::Hip => "HIP",
            Scene::Knee => "KNEE",
            Scene::Elbow => "ELBOW",
            Scene::Hand => "HAND",
            Scene::Inserted => "",
        }
    }

    /// Stable name, such as `lower_leg`.
    pub const fn name(self) -> &'static str {
        match self {
            Scene::Thigh => "thigh",
            Scene::LowerLeg => "lower_leg",
            Scene::Forearm => "forearm",
            Scene::Pelvis => "pelvis",
            Scene::Shoulder => "shoulder",
            Scene::Hip => "hip",
            Scene::Knee => "knee",
            Scene::Elbow => "elbow",
            Scene::Hand => "hand",
            Scene::Inserted => "inserted",
        }
    }

    /// Deposits that occur here, the usual ones more than once.
    pub(in super::super) const fn kinds(self) -> &'static [Kind] {
        match self {
            Scene::Pelvis | Scene::Hip | Scene::Inserted => &[
                Kind::Phlebolith,
                Kind::Phlebolith,
                Kind::RiceGrain,
                Kind::TumoralCalcinosis,
                Kind::CalcificTendinitis,
                Kind::Ossification,
                Kind::Calcification,
                Kind::InjectionGranuloma,
                Kind::InjectionGranuloma,
                Kind::FascialSheet,
                Kind::MetastaticCalcification,
                Kind::VascularCalcification,
                Kind::MineralisedMass,
            ],
            Scene::Shoulder => &[
                Kind::CalcificTendinitis,
                Kind::CalcificTendinitis,
                Kind::CalcificTendinitis,
                Kind::TumoralCalcinosis,
                Kind::RiceGrain,
                Kind::Ossification,
                Kind::Calcification,
                Kind::MetastaticCalcification,
                Kind::MineralisedMass,
            ],
            Scene::Thigh => &[
                Kind::RiceGrain,
                Kind::RiceGrain,
                Kind::Ossification,
                Kind::Ossification,
                Kind::Calcification,
                Kind::Phlebolith,
                Kind::FascialSheet,
                Kind::VascularCalcification,
                Kind::MineralisedMass,
                Kind::MetastaticCalcification,
            ],
            Scene::LowerLeg => &[
                Kind::RiceGrain,
                Kind::RiceGrain,
                Kind::Phlebolith,
                Kind::Ossification,
                Kind::Calcification,
                Kind::FascialSheet,
                Kind::VascularCalcification,
                Kind::MineralisedMass,
                Kind::MetastaticCalcification,
            ],
            Scene::Forearm => &[
                Kind::RiceGrain,
                Kind::Ossification,
                Kind::Calcification,
                Kind::TumoralCalcinosis,
                Kind::Phlebolith,
                Kind::CalcinosisCutis,
                Kind::FascialSheet,
                Kind::VascularCalcification,
            ],
            Scene::Knee => &[
                Kind::Calcification,
                Kind::Ossification,
                Kind::TumoralCalcinosis,
                Kind::RiceGrain,
                Kind::Phlebolith,
                Kind::CalcificTendinitis,
                Kind::Chondrocalcinosis,
                Kind::Chondrocalcinosis,
                Kind::VascularCalcification,
                Kind::CalcinosisCutis,
            ],
            Scene::Elbow => &[
                Kind::TumoralCalcinosis,
                Kind::TumoralCalcinosis,
                Kind::Ossification,
                Kind::Ossification,
                Kind::Calcification,
                Kind::RiceGrain,
                Kind::CalcificTendinitis,
                Kind::CalcinosisCutis,
            ],
            Scene::Hand => &[
                Kind::Calcification,
                Kind::Calcification,
                Kind::TumoralCalcinosis,
                Kind::Phlebolith,
                Kind::CalcificTendinitis,
                Kind::CalcinosisCutis,
                Kind::CalcinosisCutis,
                Kind::Chondrocalcinosis,
                Kind::VascularCalcification,
            ],
        }
    }

    /// Width and height of the picture in mm.
    pub(in super::super) const fn field(self) -> (f32, f32) {
        match self {
            Scene::Pelvis => (420.0, 350.0),
            Scene::Shoulder => (290.0, 300.0),
            Scene::Thigh => (280.0, 350.0),
            Scene::LowerLeg => (240.0, 350.0),
            Scene::Forearm => (200.0, 300.0),
            Scene::Hip | Scene::Inserted => (240.0, 300.0),
            Scene::Knee => (200.0, 280.0),
            Scene::Elbow => (180.0, 240.0),
            Scene::Hand => (190.0, 250.0),
        }
    }
}
