//! Foci and rejected candidates as plain data.

use super::number::{rounded, rounded_score};
use super::rle::Rle;
use crate::classify::{Evidence, Label, Rejection};
use crate::finding::{Focus, Rejected};
use crate::label::Bounds;
use crate::measure::{Feature, Features};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// One focus with its name and the evidence for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FocusRecord {
    /// 1-based, in raster order of the first pixel.
    pub number: u32,
    /// Number of the finding it belongs to.
    pub finding: u32,
    /// What its form and place are consistent with.
    pub label: Label,
    /// Score in 0..1 that this is a focus in soft tissue, whatever its name.
    pub score: f32,
    /// Score in 0..1 of the label.
    pub label_score: f32,
    /// Score in 0..1 of every label.
    pub scores: Vec<LabelScore>,
    /// Next best label.
    pub runner_up: Option<LabelScore>,
    /// `[top, left, bottom, right]` in pixels, half-open.
    #[serde(rename = "box")]
    pub bounds: [u32; 4],
    /// Centre of area `[row, column]` in pixels; `[0, 0]` is the centre of the first pixel.
    pub centroid: [f64; 2],
    /// Number of pixels.
    pub area_px: u64,
    /// What was measured, by name; a feature that could not be had is absent.
    pub features: FeatureValues,
    /// Criteria for the label and the runner-up.
    pub evidence: Vec<Evidence>,
    /// Remarks for the reader.
    pub notes: Vec<String>,
    /// Its pixels.
    pub segmentation: Rle,
}

/// A candidate that is not a focus, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectedRecord {
    /// The reason that weighed most.
    pub reason: Rejection,
    /// `[top, left, bottom, right]` in pixels, half-open.
    #[serde(rename = "box")]
    pub bounds: [u32; 4],
    /// Centre of area `[row, column]` in pixels.
    pub centroid: [f64; 2],
    /// Number of pixels.
    pub area_px: u64,
    /// The measurements that tell most about a rejected candidate.
    pub features: FeatureValues,
    /// What spoke for the reason, strongest first, at most [`RejectedRecord::EVIDENCE`] criteria.
    pub evidence: Vec<Evidence>,
}

/// A label with its score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LabelScore {
    /// Label.
    pub label: Label,
    /// Score in 0..1.
    pub score: f32,
}

impl LabelScore {
    fn new(&(label, score): &(Label, f32)) -> Self {
        Self {
            label,
            score: rounded_score(score),
        }
    }
}

impl FocusRecord {
    /// The record of `focus` in an image of `shape` `(rows, columns)`.
    pub fn new(focus: &Focus, shape: (u32, u32)) -> Self {
        let (candidate, assessment) = (&focus.candidate, &focus.assessment);
        Self {
            number: focus.number,
            finding: focus.finding,
            label: assessment.label,
            score: rounded_score(focus.score),
            label_score: rounded_score(assessment.label_score),
            scores: assessment.scores.iter().map(LabelScore::new).collect(),
            runner_up: assessment.runner_up.as_ref().map(LabelScore::new),
            bounds: corners(candidate.region.bounds()),
            centroid: centre(candidate.centroid),
            area_px: candidate.region.area(),
            features: FeatureValues::new(&candidate.features, |_| true),
            evidence: assessment.evidence.iter().map(rounded_evidence).collect(),
            notes: assessment.notes.clone(),
            segmentation: Rle::encode(&candidate.region, shape),
        }
    }
}

impl RejectedRecord {
    /// Most criteria kept.
    pub const EVIDENCE: usize = 3;

    /// The measurements kept.
    pub const FEATURES: [Feature; 8] = [
        Feature::EquivalentDiameterPx,
        Feature::EquivalentDiameterMm,
        Feature::AspectRatio,
        Feature::Solidity,
        Feature::ContrastToNoise,
        Feature::BoundaryClosure,
        Feature::RelativeDensity,
        Feature::BoneOverlap,
    ];

    /// The record of `rejected`.
    pub fn new(rejected: &Rejected) -> Self {
        let candidate = &rejected.candidate;
        let mut evidence: Vec<Evidence> = rejected.evidence.iter().map(rounded_evidence).collect();
        evidence.sort_by(|a, b| (b.support * b.weight).total_cmp(&(a.support * a.weight)));
        evidence.truncate(Self::EVIDENCE);
        Self {
            reason: rejected.reason,
            bounds: corners(candidate.region.bounds()),
            centroid: centre(candidate.centroid),
            area_px: candidate.region.area(),
            features: FeatureValues::new(&candidate.features, |feature| Self::FEATURES.contains(&feature)),
            evidence,
        }
    }
}

fn corners(bounds: Bounds) -> [u32; 4] {
    [bounds.top, bounds.left, bounds.bottom, bounds.right]
}

fn centre(centroid: [f64; 2]) -> [f64; 2] {
    centroid.map(|value| rounded(value).unwrap_or(0.0))
}

fn rounded_evidence(evidence: &Evidence) -> Evidence {
    Evidence {
        value: evidence.value.and_then(rounded),
        support: rounded_score(evidence.support),
        weight: rounded_score(evidence.weight),
        ..evidence.clone()
    }
}

/// Measured values by feature name, in the order of the catalogue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureValues(Vec<(Feature, f64)>);

impl FeatureValues {
    fn new(features: &Features, keep: impl Fn(Feature) -> bool) -> Self {
        let kept = features.iter().filter(|(feature, _)| keep(*feature));
        Self(
            kept.filter_map(|(feature, value)| Some((feature, rounded(value?)?)))
                .collect(),
        )
    }

    /// The value of `feature`.
    pub fn get(&self, feature: Feature) -> Option<f64> {
        self.0.iter().find(|(own, _)| *own == feature).map(|(_, value)| *value)
    }

    /// Every value that could be had.
    pub fn iter(&self) -> impl Iterator<Item = (Feature, f64)> + '_ {
        self.0.iter().copied()
    }
}

impl Serialize for FeatureValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (feature, value) in &self.0 {
            map.serialize_entry(feature.name(), value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for FeatureValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FeatureValuesVisitor)
    }
}

struct FeatureValuesVisitor;

impl<'de> Visitor<'de> for FeatureValuesVisitor {
    type Value = FeatureValues;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of measured values by feature name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FeatureValues, A::Error> {
        let mut features = Features::default();
        while let Some((name, value)) = map.next_entry::<Cow<'de, str>, f64>()? {
            let feature = Feature::from_name(&name)
                .ok_or_else(|| A::Error::custom(format_args!("there is no feature called {name:?}")))?;
            features.set(feature, value);
        }
        Ok(FeatureValues::new(&features, |_| true))
    }
}

impl JsonSchema for FeatureValues {
    fn schema_name() -> Cow<'static, str> {
        "FeatureValues".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for feature in Feature::ALL {
            let definition = feature.definition();
            let mut property = serde_json::Map::new();
            property.insert("type".into(), "number".into());
            property.insert(
                "description".into(),
                format!("{} Unit (UCUM): {}.", definition.definition, definition.unit).into(),
            );
            properties.insert(definition.name.into(), property.into());
        }
        json_schema!({
            "type": "object",
            "description": "Measured values by name; a feature that could not be had is absent.",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}
