//! Foci that belong together.

use crate::classify::Label;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the foci of a finding lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// One focus.
    Single,
    /// Several foci without order.
    Group,
    /// Many elongated foci with one direction, spread over an area.
    AlignedField,
    /// Foci strung along a curve.
    Row,
    /// Lobules of one mass.
    Lobulated,
}

/// One statement about one or more foci.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// 1-based, in the order of its first focus.
    pub number: u32,
    /// What its foci are called.
    pub label: Label,
    /// Score in `0.0..=1.0`: the best detection score of its foci.
    pub score: f32,
    /// How its foci lie.
    pub pattern: Pattern,
    /// Numbers of its foci, rising.
    pub foci: Vec<u32>,
    /// Longest distance between outlines of its foci in mm; `None` without spacing.
    pub extent_mm: Option<f64>,
    /// Total area of its foci in mm2; `None` without spacing.
    pub area_mm2: Option<f64>,
    /// `|mean exp(2 i theta)|` over elongated foci, when there are at least five.
    pub alignment: Option<f64>,
    /// The sentence for people; begins with what is seen and says "pattern consistent with".
    pub statement: String,
    /// Other things that look alike.
    pub differential: Vec<String>,
}
