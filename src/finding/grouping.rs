//! The numbers that decide which foci belong together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How foci become findings. Lengths in millimetres, in the plane of the spacing. Expert defaults unless a source is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grouping {
    /// Least number of grains in a field; a lone spindle is never a grain.
    pub field_count: usize,
    /// Largest distance between the centres of neighbouring grains of a field.
    pub field_reach_mm: f64,
    /// Least axial coherence of a field, `|mean exp(2 i theta)|`, `0.0..=1.0`.
    pub field_alignment: f64,
    /// Largest angle in degrees between a grain and the direction of its field.
    pub field_angle_deg: f64,
    /// Least `n R^2` over all spindles that lie together, aligned or not: 3 leaves chance a share of `exp(-3)`, 5 %.
    pub field_rayleigh: f64,
    /// Least detection score of a spindle that counts, `0.0..=1.0`.
    pub field_score: f32,
    /// Mean collinearity below which grains lie beside one another, `0.0..=1.0`.
    pub field_collinearity: f64,
    /// Shortest and longest grain.
    pub grain_length_mm: [f64; 2],
    /// Widest grain.
    pub grain_width_mm: f64,
    /// Least aspect ratio of a grain seen from the side.
    pub grain_aspect: f64,
    /// Least number of field members around a round focus that make it a grain seen end on.
    pub end_on_neighbours: usize,
    /// Largest rms distance from the best parabola over the rms spread along it at which foci are strung on one curve.
    pub curve_residual: f64,
    /// Largest rms distance from that parabola of foci strung on one curve.
    pub curve_width_mm: f64,
    /// Least number of segments in a vessel-like chain.
    pub chain_count: usize,
    /// Largest gap between neighbouring segments of a chain.
    pub chain_gap_mm: f64,
    /// Largest angle in degrees between a segment and its neighbour and the line between them.
    pub chain_angle_deg: f64,
    /// Largest gap between lobules of one mass.
    pub mass_gap_mm: f64,
    /// Least extent of a mass.
    pub mass_extent_mm: f64,
    /// Least number of lobules of a mass.
    pub mass_lobules: usize,
    /// Least equivalent diameter of a lobule.
    pub lobule_mm: f64,
    /// Largest gap between the specks of one stippled calcification.
    pub speck_gap_mm: f64,
    /// Least number of specks.
    pub speck_count: usize,
    /// Least detection score of a speck, `0.0..=1.0`.
    pub speck_score: f32,
    /// Distance from bone at which a mass is taken to touch it.
    pub contact_mm: f64,
    /// Least score of a label that the company of a focus gives it, `0.0..=1.0`.
    pub context_score: f32,
    /// Largest distance between the centres of neighbouring phleboliths of one finding.
    pub phlebolith_reach_mm: f64,
    /// Largest gap between the parts of one tendon deposit.
    pub tendon_gap_mm: f64,
    /// Largest gap between the parts of one ossification (simplified Brooker grades part at 10 mm).
    pub ossification_gap_mm: f64,
    /// Largest gap between amorphous calcifications, and between indeterminate foci, of one finding.
    pub cluster_gap_mm: f64,
    /// Without spacing: largest gap over the equivalent diameter of the smaller focus.
    pub gap_in_diameters: f64,
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            field_count: 5,
            field_reach_mm: 40.0,
            field_alignment: 0.6,
            field_angle_deg: 35.0,
            field_rayleigh: 3.0,
            field_score: 0.3,
            field_collinearity: 0.5,
            grain_length_mm: [3.5, 16.0],
            grain_width_mm: 6.5,
            grain_aspect: 1.6,
            end_on_neighbours: 4,
            curve_residual: 0.2,
            curve_width_mm: 3.0,
            chain_count: 4,
            chain_gap_mm: 15.0,
            chain_angle_deg: 25.0,
            mass_gap_mm: 3.0,
            mass_extent_mm: 30.0,
            mass_lobules: 3,
            lobule_mm: 6.0,
            speck_gap_mm: 4.0,
            speck_count: 3,
            speck_score: 0.2,
            contact_mm: 1.0,
            context_score: 0.8,
            phlebolith_reach_mm: 40.0,
            tendon_gap_mm: 5.0,
            ossification_gap_mm: 10.0,
            cluster_gap_mm: 15.0,
            gap_in_diameters: 1.0,
        }
    }
}

impl Grouping {
    /// What is wrong with the numbers, if anything.
    ///
    /// # Errors
    ///
    /// Names the first value out of its range.
    pub fn check(&self) -> Result<(), String> {
        let lengths = [
            ("field_reach_mm", self.field_reach_mm),
            ("field_angle_deg", self.field_angle_deg),
            ("field_rayleigh", self.field_rayleigh),
            ("grain_length_mm", self.grain_length_mm[0]),
            ("grain_length_mm", self.grain_length_mm[1]),
            ("grain_width_mm", self.grain_width_mm),
            ("grain_aspect", self.grain_aspect),
            ("curve_residual", self.curve_residual),
            ("curve_width_mm", self.curve_width_mm),
            ("chain_gap_mm", self.chain_gap_mm),
            ("chain_angle_deg", self.chain_angle_deg),
            ("mass_gap_mm", self.mass_gap_mm),
            ("mass_extent_mm", self.mass_extent_mm),
            ("lobule_mm", self.lobule_mm),
            ("speck_gap_mm", self.speck_gap_mm),
            ("contact_mm", self.contact_mm),
            ("phlebolith_reach_mm", self.phlebolith_reach_mm),
            ("tendon_gap_mm", self.tendon_gap_mm),
            ("ossification_gap_mm", self.ossification_gap_mm),
            ("cluster_gap_mm", self.cluster_gap_mm),
            ("gap_in_diameters", self.gap_in_diameters),
        ];
        if let Some((name, _)) = lengths.iter().find(|(_, value)| !(value.is_finite() && *value > 0.0)) {
            return Err(format!("grouping.{name} must be above 0"));
        }
        let shares = [
            ("field_alignment", self.field_alignment),
            ("context_score", f64::from(self.context_score)),
            ("field_score", f64::from(self.field_score)),
            ("field_collinearity", self.field_collinearity),
            ("speck_score", f64::from(self.speck_score)),
        ];
        match shares.iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            Some((name, _)) => Err(format!("grouping.{name} must be 0 to 1")),
            None => Ok(()),
        }
    }
}
