//! What the trees are told about a candidate: features that do not depend on the resolution, the grey scale or the place
//! in the picture, and where in the body it lies.

use crate::measure::{Feature, Features};
use crate::radiograph::{BodyPart, Place};

/// Features the trees see. Left out: pixel counts, raw grey values, places in the picture, orientation on the screen.
pub const FEATURES: [Feature; 51] = [
    Feature::EquivalentDiameterMm,
    Feature::MajorAxisMm,
    Feature::MinorAxisMm,
    Feature::FeretMaxMm,
    Feature::FeretMinMm,
    Feature::AspectRatio,
    Feature::Circularity,
    Feature::Solidity,
    Feature::Lobules,
    Feature::ContrastToNoise,
    Feature::ContrastToRing,
    Feature::RingSlope,
    Feature::RingPeak,
    Feature::RingDip,
    Feature::RoseSnr,
    Feature::CoefficientOfVariation,
    Feature::EdgeWidthMm,
    Feature::BoundaryClosure,
    Feature::LucentCentre,
    Feature::RimClosure,
    Feature::CoreToRim,
    Feature::RimThicknessMm,
    Feature::TextureEnergy,
    Feature::DepthOrder,
    Feature::PeakDepth,
    Feature::Patchiness,
    Feature::Graininess,
    Feature::SaturatedFraction,
    Feature::RelativeDensity,
    Feature::BackgroundLevel,
    Feature::BoneOverlap,
    Feature::MetalOverlap,
    Feature::DistanceToBoneMm,
    Feature::BoneOppositeMm,
    Feature::BoneBesideMm,
    Feature::BoneNearDirections,
    Feature::BoneGap,
    Feature::BoneDirections,
    Feature::DistanceToFieldEdgeMm,
    Feature::DistanceToSkinMm,
    Feature::SkinContact,
    Feature::FieldEdgeContact,
    Feature::AngleToLimbAxis,
    Feature::Neighbours,
    Feature::NearestNeighbourMm,
    Feature::Alignment,
    Feature::Collinearity,
    Feature::Company,
    Feature::CompanyAlignment,
    Feature::CompanyAngle,
    Feature::BodyOverlap,
];

/// Groups of body parts.
const PLACES: [(&str, &[BodyPart]); 5] = [
    ("at_pelvis", &[BodyPart::Pelvis, BodyPart::Hip, BodyPart::Abdomen]),
    ("at_shoulder", &[BodyPart::Shoulder]),
    (
        "at_limb",
        &[
            BodyPart::Thigh,
            BodyPart::LowerLeg,
            BodyPart::UpperArm,
            BodyPart::Forearm,
        ],
    ),
    ("at_joint", &[BodyPart::Knee, BodyPart::Hip, BodyPart::Shoulder]),
    ("at_hand_or_foot", &[BodyPart::Hand, BodyPart::Foot]),
];

/// Number of inputs.
pub const INPUTS: usize = FEATURES.len() + PLACES.len();

/// Names of the inputs, in their order.
pub fn names() -> impl Iterator<Item = &'static str> {
    FEATURES
        .iter()
        .map(|feature| feature.name())
        .chain(PLACES.iter().map(|place| place.0))
}

/// The inputs of a candidate: NaN where a feature could not be measured or the body part is not stated.
pub fn inputs(features: &Features, place: &Place) -> [f32; INPUTS] {
    let mut inputs = [f32::NAN; INPUTS];
    for (input, feature) in inputs.iter_mut().zip(FEATURES) {
        *input = features.get(feature).map_or(f32::NAN, |value| value as f32);
    }
    if !matches!(place.body_part, BodyPart::Unknown | BodyPart::Extremity) {
        for (input, (_, parts)) in inputs[FEATURES.len()..].iter_mut().zip(PLACES) {
            *input = f32::from(u8::from(parts.contains(&place.body_part)));
        }
    }
    inputs
}
