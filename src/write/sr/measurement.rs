//! Measurements of a focus with code and unit (PS3.16 TID 1419): the numbers of `foci.csv`.

use super::content::{CONTAINS, number};
use super::{DataSet, decimal};
use crate::dicom::Code;
use crate::dicom::code::{DEGREE, MILLIMETRE, NO_UNITS, PIXELS, SQUARE_MILLIMETRE};
use crate::measure::Feature;
use crate::write::FocusRecord;

const AREA: Code = Code::sct("42798000", "Area");
const MAJOR_AXIS: Code = Code::sct("131187009", "Major Axis");
const MINOR_AXIS: Code = Code::sct("131188004", "Minor Axis");
const PERIMETER: Code = Code::sct("131191004", "Perimeter");
const EQUIVALENT_DIAMETER: Code = Code::own("EQUIV-DIAMETER", "Diameter of the disc of equal area");
const LONGEST: Code = Code::own("FERET-MAX", "Longest caliper distance");
const SHORTEST: Code = Code::own("FERET-MIN", "Shortest caliper distance");

/// Sizes with a known spacing, and what stands in for them without one.
const SIZES: [(Code, (Feature, Code), Option<Feature>); 7] = [
    (AREA, (Feature::AreaMm2, SQUARE_MILLIMETRE), Some(Feature::AreaPx)),
    (
        MAJOR_AXIS,
        (Feature::MajorAxisMm, MILLIMETRE),
        Some(Feature::MajorAxisPx),
    ),
    (
        MINOR_AXIS,
        (Feature::MinorAxisMm, MILLIMETRE),
        Some(Feature::MinorAxisPx),
    ),
    (
        EQUIVALENT_DIAMETER,
        (Feature::EquivalentDiameterMm, MILLIMETRE),
        Some(Feature::EquivalentDiameterPx),
    ),
    (LONGEST, (Feature::FeretMaxMm, MILLIMETRE), Some(Feature::FeretMaxPx)),
    (SHORTEST, (Feature::FeretMinMm, MILLIMETRE), None),
    (
        PERIMETER,
        (Feature::PerimeterMm, MILLIMETRE),
        Some(Feature::PerimeterPx),
    ),
];

/// Everything else.
const OTHERS: [(Code, Feature, Code); 9] = [
    (
        Code::own("ASPECT-RATIO", "Major over minor axis"),
        Feature::AspectRatio,
        NO_UNITS,
    ),
    (
        Code::own("CIRCULARITY", "Circularity, 4 pi area over squared perimeter"),
        Feature::Circularity,
        NO_UNITS,
    ),
    (
        Code::own("SOLIDITY", "Area over area of the convex hull"),
        Feature::Solidity,
        NO_UNITS,
    ),
    (
        Code::own("ORIENTATION", "Angle from straight down to the major axis"),
        Feature::Orientation,
        DEGREE,
    ),
    (
        Code::own("CONTRAST-NOISE", "Contrast over local noise"),
        Feature::ContrastToNoise,
        NO_UNITS,
    ),
    (
        Code::own("LUCENT-CENTRE", "Lucency of the centre, 0 solid, 1 as background"),
        Feature::LucentCentre,
        NO_UNITS,
    ),
    (
        Code::own("RIM-CLOSURE", "Share of directions with a dense rim"),
        Feature::RimClosure,
        NO_UNITS,
    ),
    (
        Code::own("BONE-DISTANCE", "Distance to the nearest bone"),
        Feature::DistanceToBoneMm,
        MILLIMETRE,
    ),
    (
        Code::own("LIMB-ANGLE", "Angle between major axis and limb axis"),
        Feature::AngleToLimbAxis,
        DEGREE,
    ),
];

/// The measurements that could be had, millimetres only where the spacing is known.
pub fn measurements(focus: &FocusRecord) -> Vec<DataSet> {
    let item = |name: &Code, value: f64, unit: &Code| number(CONTAINS, name, &decimal(value), unit);
    let mut items = Vec::new();
    for (name, (feature, unit), instead) in &SIZES {
        let in_pixels = || Some((focus.features.get((*instead)?)?, PIXELS));
        let known = focus.features.get(*feature).map(|value| (value, unit.clone()));
        if let Some((value, unit)) = known.or_else(in_pixels) {
            items.push(item(name, value, &unit));
        }
    }
    for (name, feature, unit) in &OTHERS {
        if let Some(value) = focus.features.get(*feature) {
            items.push(item(name, value, unit));
        }
    }
    items
}
