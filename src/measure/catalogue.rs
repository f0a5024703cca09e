//! The one table of features: CSV headers, docs, rules and evidence all come from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a feature is, in which unit and range, and by whose definition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// Stable name in snake case, with the unit where it has one; column name in tables.
    pub name: &'static str,
    /// Unit in UCUM, `1` for a pure number, `[px]` for pixels.
    pub unit: &'static str,
    /// Smallest and largest possible value.
    pub range: (f64, f64),
    /// One sentence.
    pub definition: &'static str,
    /// The implementation or text it agrees with.
    pub source: &'static str,
}

macro_rules! catalogue {
    ($($variant:ident, $name:literal, $unit:literal, $low:expr, $high:expr, $definition:literal, $source:literal;)*) => {
        /// A measured property of a focus.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Feature {
            $(
                #[doc = $definition]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl Feature {
            /// Every feature, in the order of table columns.
            pub const ALL: &'static [Feature] = &[$(Feature::$variant,)*];

            /// The feature's row of the catalogue.
            pub const fn definition(self) -> Definition {
                match self {
                    $(Feature::$variant => Definition {
                        name: $name,
                        unit: $unit,
                        range: ($low, $high),
                        definition: $definition,
                        source: $source,
                    },)*
                }
            }
        }
    };
}

const INF: f64 = f64::INFINITY;

catalogue! {
    AreaPx, "area_px", "[px]", 1.0, INF, "Number of pixels.", "scikit-image regionprops area";
    AreaMm2, "area_mm2", "mm2", 0.0, INF, "Area in the plane of the spacing.", "scikit-image regionprops(spacing) area";
    EquivalentDiameterPx, "equivalent_diameter_px", "[px]", 0.0, INF, "Diameter of the disc of equal area.", "scikit-image equivalent_diameter_area";
    EquivalentDiameterMm, "equivalent_diameter_mm", "mm", 0.0, INF, "Diameter of the disc of equal area.", "scikit-image equivalent_diameter_area";
    MajorAxisPx, "major_axis_px", "[px]", 0.0, INF, "Major axis of the ellipse with equal second moments.", "scikit-image axis_major_length";
    MinorAxisPx, "minor_axis_px", "[px]", 0.0, INF, "Minor axis of the ellipse with equal second moments.", "scikit-image axis_minor_length";
    MajorAxisMm, "major_axis_mm", "mm", 0.0, INF, "Major axis of the ellipse with equal second moments.", "scikit-image regionprops(spacing) axis_major_length";
    MinorAxisMm, "minor_axis_mm", "mm", 0.0, INF, "Minor axis of the ellipse with equal second moments.", "scikit-image regionprops(spacing) axis_minor_length";
    FeretMaxPx, "feret_max_px", "[px]", 0.0, INF, "Longest caliper distance of the convex hull of pixel corners.", "convex hull of pixel corners (scipy ConvexHull)";
    FeretMaxMm, "feret_max_mm", "mm", 0.0, INF, "Longest caliper distance of the convex hull of pixel corners.", "convex hull of pixel corners (scipy ConvexHull)";
    FeretMinMm, "feret_min_mm", "mm", 0.0, INF, "Shortest caliper distance of the convex hull of pixel corners.", "convex hull of pixel corners (scipy ConvexHull); Toussaint 1983";
    PerimeterPx, "perimeter_px", "[px]", 0.0, INF, "Length of the outlines, holes included, by the four-direction Crofton formula.", "scikit-image perimeter_crofton(directions=4)";
    PerimeterMm, "perimeter_mm", "mm", 0.0, INF, "Length of the outlines by the four-direction Crofton formula, lines weighted by both spacings.", "Legland 2007; scikit-image perimeter_crofton(directions=4) for square pixels";
    AspectRatio, "aspect_ratio", "1", 1.0, INF, "Major over minor axis of the moment ellipse of the region as an area, each pixel adding its own 1/12: finite for a line.", "scikit-image axis lengths plus the pixel's own second moment";
    Eccentricity, "eccentricity", "1", 0.0, 1.0, "Eccentricity of the moment ellipse of pixel centres.", "scikit-image eccentricity";
    Circularity, "circularity", "1", 0.0, 1.5, "4 pi area over squared Crofton perimeter; above 1 by the grid's error, none below 12 pixels.", "ISO 9276-6 with the Crofton perimeter";
    Solidity, "solidity", "1", 0.0, 1.0, "Area over the number of pixels whose centre lies in the convex hull of pixel-edge midpoints; low for round regions below 10 pixels.", "scikit-image solidity";
    CentreSolidity, "centre_solidity", "1", 0.0, 1.0, "Area over the number of pixels whose centre lies in the convex hull of the region's pixel centres: 1 for every digitally convex region, however small.", "scikit-image convex_hull_image(offset_coordinates=False)";
    Extent, "extent", "1", 0.0, 1.0, "Area over the area of the upright box.", "scikit-image extent";
    Orientation, "orientation_deg", "deg", -90.0, 90.0, "Angle from straight down to the major axis, counter-clockwise on the screen; none where no direction is longer.", "scikit-image orientation";
    Euler, "euler_number", "1", -INF, INF, "Objects minus holes, 8-connectivity.", "scikit-image euler_number";
    Lobules, "lobules", "1", 0.0, INF, "Convex parts of the outline between notches deeper than a tenth of the equivalent diameter and than one pixel; at least 1.", "this project";
    Mean, "mean", "1", -INF, INF, "Mean modality value, its sign turned where a larger value is more lucent.", "scikit-image intensity_mean";
    Max, "max", "1", -INF, INF, "Largest modality value, larger more radio-opaque.", "scikit-image intensity_max";
    Min, "min", "1", -INF, INF, "Smallest modality value, larger more radio-opaque.", "scikit-image intensity_min";
    StandardDeviation, "standard_deviation", "1", 0.0, INF, "Standard deviation of modality values.", "scikit-image intensity_std";
    Contrast, "contrast", "1", -INF, INF, "Mean inside minus the plane fitted to the ring 1 to 6 mm around it (3 to 20 px without spacing).", "this project";
    ContrastToNoise, "contrast_to_noise", "1", -INF, INF, "Contrast over the local quantum noise.", "this project";
    ContrastToRing, "contrast_to_ring", "1", -INF, INF, "Contrast over the standard deviation of the ring after removing a plane.", "evaluation definition of CNR";
    RingSlope, "ring_slope", "1", 0.0, INF, "Rise of the plane fitted to the ring over one equivalent diameter, over the contrast: large on a flank of bone or skin.", "this project";
    RingPeak, "ring_peak", "1", -INF, INF, "95th percentile of the ring above its plane, over the contrast: above 1 where something beside it outshines it.", "this project";
    RingDip, "ring_dip", "1", -INF, INF, "5th percentile of the ring below its plane, over the contrast.", "this project";
    RoseSnr, "rose_snr", "1", -INF, INF, "Contrast over the standard deviation of the ring, times the root of the number of pixels.", "A. Rose, J Opt Soc Am 1948;38:196, doi 10.1364/JOSA.38.000196";
    CoefficientOfVariation, "coefficient_of_variation", "1", 0.0, INF, "Standard deviation, noise removed, over mean of the signal above the ring, deeper than a third of the greatest depth.", "pyradiomics first order";
    EdgeWidthPx, "edge_width_px", "[px]", 0.0, INF, "Median over outline sectors of the 10-90 % rise distance across the margin, at least half a pixel.", "edge response, ISO 12233";
    EdgeWidthMm, "edge_width_mm", "mm", 0.0, INF, "Median over outline sectors of the 10-90 % rise distance across the margin, at least half a pixel.", "edge response, ISO 12233";
    BoundaryClosure, "boundary_closure", "1", 0.0, 1.0, "Share of outline sectors across which the signal falls, going outwards, by at least half the contrast within 1.5 mm (10 px without spacing) or 0.35 diameters, whichever is more.", "this project";
    LucentCentre, "lucent_centre", "1", -INF, 1.0, "(rim - centre) / (rim - background): 0 solid, 1 centre equal to background; the rim is the highest depth class of the outer half, the centre what is deeper than 0.8.", "this project";
    RimClosure, "rim_closure", "1", 0.0, 1.0, "Share of angular sectors whose highest depth class lies in the outer half and exceeds the centre by a tenth and by the noise.", "this project";
    CoreToRim, "core_to_rim", "1", 0.0, INF, "Signal of the inner half by distance transform over that of the outer fifth.", "this project";
    RimThicknessMm, "rim_thickness_mm", "mm", 0.0, INF, "Full width at half height of the rim peak of the distance-transform profile.", "this project";
    TextureEnergy, "texture_energy", "1", 0.0, INF, "Standard deviation of the band-passed eroded interior over contrast, noise removed.", "this project";
    DepthOrder, "depth_order", "1", 0.0, 1.0, "Share of the variance of the signal, noise removed, that ten classes of depth below the outline explain: near 1 for shells and layers.", "this project";
    PeakDepth, "peak_depth", "1", 0.0, 1.0, "Relative depth of the class of depth with the highest mean signal: 0 at the outline, 1 in the middle.", "this project";
    Patchiness, "patchiness", "1", 0.0, INF, "Standard deviation over contrast, noise removed, among cells of 1.5 mm (6 px without spacing) of what depth does not explain.", "this project";
    Graininess, "graininess", "1", 0.0, INF, "The same within those cells.", "this project";
    Flatness, "flatness", "1", 0.0, 1.0, "Of the pixels that reach 0.3 of the height (the 95th percentile above the background), the share in the fullest band of signals 0.3 of the height wide: near 1 for plates.", "this project";
    SaturatedFraction, "saturated_fraction", "1", 0.0, 1.0, "Share of pixels at the top plateau of the image; 0 if it has none.", "this project";
    RelativeDensity, "relative_density", "1", -INF, INF, "(focus - soft tissue) / (bone - soft tissue), ordinal only.", "this project";
    BackgroundLevel, "background_level", "1", -INF, INF, "Level of the ring's plane at the centroid within the range of the body, 0 its most lucent, 1 its most opaque percentile.", "this project";
    BoneOverlap, "bone_overlap", "1", 0.0, 1.0, "Share of pixels over the skeleton mask.", "this project";
    MetalOverlap, "metal_overlap", "1", 0.0, 1.0, "Share of pixels over metal.", "this project";
    MarkerOverlap, "marker_overlap", "1", 0.0, 1.0, "Share of pixels over side markers and text.", "this project";
    BodyOverlap, "body_overlap", "1", 0.0, 1.0, "Share of pixels inside the body's outline.", "this project";
    DistanceToBoneMm, "distance_to_bone_mm", "mm", 0.0, INF, "From the outline to the nearest skeleton pixel; 0 on bone.", "Euclidean distance transform";
    BoneOppositeMm, "bone_opposite_mm", "mm", 0.0, 100.0, "From the centroid to the skeleton, away from where that is nearest; 100 where none is met before.", "this project";
    BoneBesideMm, "bone_beside_mm", "mm", 0.0, 100.0, "The same at right angles to where the skeleton is nearest, mean of both sides.", "this project";
    BoneNearDirections, "bone_near_directions", "1", 0.0, 1.0, "Share of 16 directions in which the skeleton is met within 20 mm.", "this project";
    BoneGap, "bone_gap", "1", 0.0, 1.0, "Widest run of the 16 directions in which no skeleton is met within 100 mm.", "this project";
    BoneDirections, "bone_directions", "1", 0.0, 1.0, "Share of 16 directions in which the skeleton is met within 100 mm.", "this project";
    DistanceToFieldEdgeMm, "distance_to_field_edge_mm", "mm", 0.0, INF, "From the outline to the nearest edge of the exposed field.", "Euclidean distance transform";
    DistanceToSkinMm, "distance_to_skin_mm", "mm", 0.0, INF, "From the outline to the nearest edge of the body.", "Euclidean distance transform";
    FieldEdgeContact, "field_edge_contact", "1", 0.0, 1.0, "Share of the outline within two coarse pixels of the edge of the exposed field.", "this project";
    SkinContact, "skin_contact", "1", 0.0, 1.0, "Share of the outline within two coarse pixels of the edge of the body.", "this project";
    AngleToLimbAxis, "angle_to_limb_axis_deg", "deg", 0.0, 90.0, "Angle between the major axis and the limb axis.", "this project";
    FieldRow, "field_row", "1", 0.0, 1.0, "Centroid down the exposed field, 0 top, 1 bottom.", "this project";
    FieldColumn, "field_column", "1", 0.0, 1.0, "Centroid across the exposed field, 0 left, 1 right.", "this project";
    Neighbours, "neighbours", "1", 0.0, INF, "Other candidates of similar size (diameters within a factor of 2.5) within 60 mm (a tenth of the longer side without spacing), at most 256.", "this project";
    NearestNeighbourMm, "nearest_neighbour_mm", "mm", 0.0, INF, "Centroid distance to the nearest candidate of similar size.", "this project";
    Alignment, "alignment", "1", 0.0, 1.0, "|mean exp(2 i theta)| over this and its neighbours, those of aspect ratio above 1.5; none below five.", "axial resultant length, Fisher 1993";
    Company, "company", "1", 0.0, INF, "Sum of the suspicions, each 0 to 1, of the neighbours of similar size.", "this project";
    CompanyAlignment, "company_alignment", "1", 0.0, 1.0, "|sum s exp(2 i theta)| / sum s over the elongated neighbours of similar size, each with its suspicion s.", "axial resultant length, Fisher 1993";
    CompanyAngle, "company_angle_deg", "deg", 0.0, 90.0, "Angle between the major axis and the common axis of those neighbours.", "this project";
    Collinearity, "collinearity", "1", 0.0, 1.0, "Greatest share of neighbours that lie on one arc (radius at least a third of the reach) through this candidate along its own axis; none below three neighbours or without an axis.", "this project";
}

impl Feature {
    /// Number of features in the catalogue.
    pub const COUNT: usize = Self::ALL.len();

    /// Stable name, such as `aspect_ratio`.
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    /// The feature called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|feature| feature.name() == name)
    }
}

/// Measured values by feature; `None` where a feature cannot be had (no spacing, too few pixels, scene unknown).
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    values: [Option<f64>; Feature::COUNT],
}

impl Default for Features {
    fn default() -> Self {
        Self {
            values: [None; Feature::COUNT],
        }
    }
}

impl Features {
    /// The value of `feature`, always finite.
    pub fn get(&self, feature: Feature) -> Option<f64> {
        self.values[feature as usize]
    }

    /// Sets `feature`; a value that is not finite is kept as `None`.
    pub fn set(&mut self, feature: Feature, value: impl Into<Option<f64>>) {
        self.values[feature as usize] = value.into().filter(|value| value.is_finite());
    }

    /// Every feature with its value, in the order of [`Feature::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Feature, Option<f64>)> + '_ {
        Feature::ALL.iter().map(|&feature| (feature, self.get(feature)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Feature, Features};

    #[test]
    fn names_are_unique_and_lead_back() {
        for &feature in Feature::ALL {
            assert_eq!(Feature::from_name(feature.name()), Some(feature));
        }
    }

    #[test]
    fn only_finite_values_are_kept() {
        let mut features = Features::default();
        features.set(Feature::Solidity, 0.9);
        features.set(Feature::Circularity, f64::NAN);
        features.set(Feature::AreaMm2, None);
        assert_eq!(features.get(Feature::Solidity), Some(0.9));
        assert_eq!(features.iter().filter(|(_, value)| value.is_some()).count(), 1);
    }
}
