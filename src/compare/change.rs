//! What became of a deposit: plain data.

use super::register::Registration;
use crate::classify::Label;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of a deposit between two examinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The area changed by no more than the band.
    Stable,
    /// The area grew by more than the band.
    Grown,
    /// The area shrank by more than the band.
    Shrunk,
    /// Nothing stood out there before.
    New,
    /// Nothing stands out there now.
    Gone,
    /// Several became one.
    Merged,
    /// One became several.
    Split,
    /// The other picture does not show the place.
    NotShown,
}

impl Event {
    /// Every event, in the order of tables.
    pub const ALL: [Event; 8] = [
        Event::Stable,
        Event::Grown,
        Event::Shrunk,
        Event::New,
        Event::Gone,
        Event::Merged,
        Event::Split,
        Event::NotShown,
    ];

    /// Stable name, such as `not_shown`.
    pub const fn name(self) -> &'static str {
        match self {
            Event::Stable => "stable",
            Event::Grown => "grown",
            Event::Shrunk => "shrunk",
            Event::New => "new",
            Event::Gone => "gone",
            Event::Merged => "merged",
            Event::Split => "split",
            Event::NotShown => "not_shown",
        }
    }
}

/// How a deposit was found in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is a focus of that picture's own report.
    Reported,
    /// It is not, but was seen there by looking where the other picture shows it.
    LookedUp,
    /// It was not.
    Not,
}

/// A deposit in one of the pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// How it was found.
    pub found: Found,
    /// Foci of the picture's report, by number.
    pub foci: Vec<u32>,
    /// Pieces.
    pub count: u32,
    /// Centre `[row, column]` in the picture's pixels: of the deposit, or of the place where it would lie.
    pub centroid: [f64; 2],
    /// Area in mm2 as shown in the prior picture's scale; absent without spacing, and 0 where there is nothing.
    pub area_mm2: Option<f64>,
    /// One standard deviation of it.
    pub area_uncertainty_mm2: Option<f64>,
    /// Longest caliper distance of the largest piece in mm, on the same scale.
    pub long_axis_mm: Option<f64>,
}

/// One deposit over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// 1-based, in raster order of the place in the prior picture.
    pub number: u32,
    /// What became of it.
    pub event: Event,
    /// What its form and place are consistent with, by the later report that names it.
    pub label: Label,
    /// Part of the picture it lies in, such as `upper left` of what the prior picture shows.
    pub region: String,
    /// Change of area over the area before: 0.3 is 30 % more. Absent unless it is in both.
    pub change: Option<f64>,
    /// One standard deviation of it.
    pub change_uncertainty: Option<f64>,
    /// Whether the event would be the same one standard deviation of area to either side; of what is new or gone, whether nothing
    /// at all stands out at its place in the other picture.
    pub certain: bool,
    /// In the prior picture.
    pub prior: Seen,
    /// In the current picture.
    pub current: Seen,
}

/// What all deposits of a part amount to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Burden {
    /// Part of the picture, or `all`.
    pub region: String,
    /// Deposits before.
    pub prior_count: u32,
    /// Deposits now.
    pub current_count: u32,
    /// Sum of areas before, mm2.
    pub prior_area_mm2: Option<f64>,
    /// One standard deviation of it.
    pub prior_uncertainty_mm2: Option<f64>,
    /// Sum of areas now, mm2, on the scale of the prior picture.
    pub current_area_mm2: Option<f64>,
    /// One standard deviation of it.
    pub current_uncertainty_mm2: Option<f64>,
    /// Change over the sum before; absent where there was nothing.
    pub change: Option<f64>,
    /// One standard deviation of it.
    pub change_uncertainty: Option<f64>,
}

/// Why two pictures cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The headers state different patients.
    #[error("they are of different patients")]
    Patient,
    /// The headers state different body parts.
    #[error("they show different parts of the body")]
    BodyPart,
    /// The headers state different sides.
    #[error("they show different sides of the body")]
    Laterality,
    /// The headers state different views.
    #[error("they are different views")]
    View,
    /// One states a spacing and the other none.
    #[error("only one of them states how large a pixel is")]
    Spacing,
    /// One of them shows no body.
    #[error("one of them shows too little to lay it on the other")]
    Empty,
    /// The pictures do not fit on each other.
    #[error("the bones of one do not fit on those of the other: another part, another projection or another posture")]
    Fit,
}

/// What a comparison says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Why there is none.
    pub refusal: Option<Refusal>,
    /// How the pictures lie on each other, if that was asked.
    pub registration: Option<Registration>,
    /// Share of the prior area beyond which a change is called one.
    pub band: f64,
    /// Deposits, in raster order of their place in the prior picture.
    pub changes: Vec<Change>,
    /// Sums over what both pictures show: all of it first, then parts of the picture that hold any.
    pub burden: Vec<Burden>,
}

impl Comparison {
    /// None, because of `refusal`.
    pub fn refused(refusal: Refusal, band: f64) -> Self {
        Self {
            refusal: Some(refusal),
            registration: None,
            band,
            changes: Vec::new(),
            burden: Vec::new(),
        }
    }
}
