//! What one input came to, as plain data: the one source of every table.

use super::focus_record::{FocusRecord, RejectedRecord};
use super::number::{rounded, rounded_score};
use crate::finding::Finding;
use crate::radiograph::{BodyPart, Laterality, PixelSpacing, Place, SpacingPlane, SpacingSource, Warning};
use crate::report::{Provenance, Report, SceneSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Version of the format of [`Record`]; rises when a field changes its name or meaning.
pub const RECORD_VERSION: u32 = 1;

/// What one image, or one input that gave no image, came to. A line of `findings.jsonl`.
///
/// Every table is a function of records alone. Numbers are rounded on construction (six significant digits),
/// so that a record read back gives the same bytes. Holds UIDs and no patient attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of this format.
    pub record_version: u32,
    /// Short name of the image: the first 16 hexadecimal digits of `digest`, then `-` and the frame if the file has
    /// several. An input whose bytes could not be had is named `unread-` and 16 digits of the SHA-256 of its path.
    pub image: String,
    /// Where the input was found, relative to the input root, parts separated by `/`.
    pub path: String,
    /// SHA-256 of the input's bytes, lower-case hexadecimal; `null` if they could not be had.
    pub digest: Option<String>,
    /// Frame, 1-based.
    pub frame: u32,
    /// Frames in the file; 0 if unknown.
    pub frames: u32,
    /// Whether the input was analysed.
    pub outcome: Outcome,
    /// Identifiers of the source instance.
    pub source: SourceUids,
    /// What stands for the patient and the study; absent without a site key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonyms: Option<Pseudonyms>,
    /// Modality (0008,0060), such as `DX`; `null` if not stated.
    pub modality: Option<String>,
    /// Body part the rules used.
    pub body_part: BodyPart,
    /// Body part as the header states it.
    pub body_part_stated: Option<String>,
    /// Side.
    pub laterality: Laterality,
    /// View, such as `AP`.
    pub view: Option<String>,
    /// Rows of the image.
    pub rows: Option<u32>,
    /// Columns of the image.
    pub columns: Option<u32>,
    /// Distance between pixel centres; `null` if the file states none: then sizes are in pixels.
    pub spacing: Option<SpacingRecord>,
    /// What the header says of geometric magnification. Reported, never applied.
    pub magnification: Option<Magnification>,
    /// How the surroundings were read; `null` unless analysed.
    pub scene: Option<SceneSummary>,
    /// Statements on one or more foci each.
    pub findings: Vec<Finding>,
    /// Foci in raster order.
    pub foci: Vec<FocusRecord>,
    /// Candidates that are not foci, with the reason.
    pub rejected: Vec<RejectedRecord>,
    /// Oddities of reading and analysis.
    pub warnings: Vec<Warning>,
    /// How the result came to be; `null` unless analysed.
    pub provenance: Option<Provenance>,
}

/// How it went with one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    /// The image was searched for foci.
    Analysed,
    /// The input is not an image to be searched.
    Skipped {
        /// Why, in words.
        reason: String,
    },
    /// The input should have been searched and could not be.
    Failed(Failure),
}

impl Outcome {
    /// `analysed`, `skipped` or `failed`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Analysed => "analysed",
            Self::Skipped { .. } => "skipped",
            Self::Failed(_) => "failed",
        }
    }
}

/// Why an input could not be analysed. Never holds a patient's data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Stage that failed, such as `header` or `pixels`.
    pub stage: String,
    /// DICOM attribute at fault, by keyword, where there is one.
    pub attribute: Option<String>,
    /// Kind of failure for machines, such as `damaged`, `unsupported` or `io`.
    pub kind: String,
    /// What happened, in words, causes included.
    pub message: String,
}

/// Identifiers of a DICOM instance; all `null` for other files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceUids {
    /// SOP Class UID (0008,0016).
    pub sop_class: Option<String>,
    /// SOP Instance UID (0008,0018).
    pub sop_instance: Option<String>,
    /// Series Instance UID (0020,000E).
    pub series: Option<String>,
    /// Study Instance UID (0020,000D).
    pub study: Option<String>,
}

/// Keyed hashes by which images are grouped without naming anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pseudonyms {
    /// Of Patient ID (0010,0020) within its issuer; `null` if the header states none.
    pub patient: Option<String>,
    /// Of Study Instance UID (0020,000D).
    pub study: Option<String>,
}

/// Distance between pixel centres and where it is true (DICOM PS3.3, 10.7.1.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpacingRecord {
    /// From one row to the next in mm.
    pub between_rows_mm: f64,
    /// From one column to the next in mm.
    pub between_columns_mm: f64,
    /// Plane in which both are true.
    pub plane: SpacingPlane,
    /// Statement both were taken from.
    pub source: SpacingSource,
}

impl SpacingRecord {
    fn new(spacing: &PixelSpacing) -> Option<Self> {
        Some(Self {
            between_rows_mm: rounded(spacing.between_rows.get())?,
            between_columns_mm: rounded(spacing.between_columns.get())?,
            plane: spacing.plane,
            source: spacing.source,
        })
    }
}

/// What the header says of geometric magnification (DICOM PS3.3, C.8.7.1 and C.8.11).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Magnification {
    /// Estimated Radiographic Magnification Factor (0018,1114).
    pub estimated_factor: Option<f64>,
    /// Distance Source to Detector (0018,1110) in mm.
    pub source_to_detector_mm: Option<f64>,
    /// Distance Source to Patient (0018,1111) in mm.
    pub source_to_patient_mm: Option<f64>,
}

impl Magnification {
    fn rounded(&self) -> Option<Self> {
        let short = Self {
            estimated_factor: self.estimated_factor.and_then(rounded),
            source_to_detector_mm: self.source_to_detector_mm.and_then(rounded),
            source_to_patient_mm: self.source_to_patient_mm.and_then(rounded),
        };
        (short != Self::default()).then_some(short)
    }
}

/// What is known of an input apart from its analysis. Whoever reads the files fills it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceInfo {
    /// Where the input was found, relative to the input root, parts separated by `/`.
    pub path: String,
    /// SHA-256 of the input's bytes, lower-case hexadecimal; `None` if they could not be had.
    pub digest: Option<String>,
    /// Frame, 1-based.
    pub frame: u32,
    /// Frames in the file; 0 if unknown.
    pub frames: u32,
    /// Identifiers of the source instance.
    pub uids: SourceUids,
    /// What stands for the patient and the study, if a site key is used.
    pub pseudonyms: Option<Pseudonyms>,
    /// Modality (0008,0060).
    pub modality: Option<String>,
    /// What the header says of the place. For an analysed image the report's own place counts.
    pub place: Place,
    /// `(rows, columns)` as the header states them. For an analysed image the report's own shape counts.
    pub shape: Option<(u32, u32)>,
    /// Spacing, where it is known without an analysis. For an analysed image the report's own spacing counts.
    pub spacing: Option<PixelSpacing>,
    /// What the header says of geometric magnification.
    pub magnification: Magnification,
    /// Oddities found before the analysis. For an analysed image the report's own warnings count.
    pub warnings: Vec<Warning>,
}

impl SourceInfo {
    /// Short name of the image, see [`Record::image`].
    pub fn image(&self) -> String {
        let stem = match &self.digest {
            Some(digest) => digest.chars().take(16).collect(),
            None => format!("unread-{}", &sha256(self.path.as_bytes())[..16]),
        };
        if self.frames > 1 {
            format!("{stem}-{}", self.frame)
        } else {
            stem
        }
    }
}

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Record {
    /// The record of an image that was searched.
    pub fn analysed(source: SourceInfo, report: &Report) -> Self {
        let (rows, columns) = (saturated(report.shape.0), saturated(report.shape.1));
        let source = SourceInfo {
            place: report.place.clone(),
            shape: Some((rows, columns)),
            spacing: report.spacing,
            warnings: report.warnings.clone(),
            ..source
        };
        Self {
            scene: Some(rounded_scene(&report.scene)),
            findings: report.findings.iter().map(rounded_finding).collect(),
            foci: report
                .foci
                .iter()
                .map(|focus| FocusRecord::new(focus, (rows, columns)))
                .collect(),
            rejected: report.rejected.iter().map(RejectedRecord::new).collect(),
            provenance: Some(report.provenance.clone()),
            ..Self::bare(source, Outcome::Analysed)
        }
    }

    /// The record of an input that is not an image to be searched, with the `reason` in words.
    pub fn skipped(source: SourceInfo, reason: impl Into<String>) -> Self {
        Self::bare(source, Outcome::Skipped { reason: reason.into() })
    }

    /// The record of an input that could not be analysed.
    pub fn failed(source: SourceInfo, failure: Failure) -> Self {
        Self::bare(source, Outcome::Failed(failure))
    }

    fn bare(source: SourceInfo, outcome: Outcome) -> Self {
        Self {
            record_version: RECORD_VERSION,
            image: source.image(),
            path: source.path,
            digest: source.digest,
            frame: source.frame,
            frames: source.frames,
            outcome,
            source: source.uids,
            pseudonyms: source.pseudonyms,
            modality: source.modality,
            body_part: source.place.body_part,
            body_part_stated: source.place.body_part_stated,
            laterality: source.place.laterality,
            view: source.place.view,
            rows: source.shape.map(|shape| shape.0),
            columns: source.shape.map(|shape| shape.1),
            spacing: source.spacing.as_ref().and_then(SpacingRecord::new),
            magnification: source.magnification.rounded(),
            scene: None,
            findings: Vec::new(),
            foci: Vec::new(),
            rejected: Vec::new(),
            warnings: source.warnings,
            provenance: None,
        }
    }

    /// The record as one line of JSON, without the line feed.
    ///
    /// # Panics
    ///
    /// Never: every field has a JSON form.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a record has a JSON form")
    }

    /// The record a line of JSON holds.
    ///
    /// # Errors
    ///
    /// If the line is not a record of this version's shape.
    pub fn from_json(line: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(line)
    }
}

fn saturated(side: usize) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}

fn rounded_scene(scene: &SceneSummary) -> SceneSummary {
    let share = |value| rounded(value).unwrap_or(0.0);
    SceneSummary {
        field_fraction: share(scene.field_fraction),
        body_fraction: share(scene.body_fraction),
        bone_fraction: share(scene.bone_fraction),
        metal_fraction: share(scene.metal_fraction),
        markers: scene.markers,
        limb_axis_deg: scene.limb_axis_deg.and_then(rounded),
    }
}

fn rounded_finding(finding: &Finding) -> Finding {
    Finding {
        score: rounded_score(finding.score),
        extent_mm: finding.extent_mm.and_then(rounded),
        area_mm2: finding.area_mm2.and_then(rounded),
        alignment: finding.alignment.and_then(rounded),
        ..finding.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Record, SourceInfo};
    use crate::measure::Feature;
    use crate::write::example;

    #[test]
    fn a_record_read_back_is_the_same_record_and_the_same_bytes() {
        for record in example::records() {
            let line = record.to_json();
            assert!(!line.contains('\n'));
            let back = Record::from_json(&line).unwrap();
            assert_eq!(back, record);
            assert_eq!(back.to_json(), line);
        }
        assert!(Record::from_json("{}").is_err());
    }

    #[test]
    fn names_come_from_bytes_and_frames_alone() {
        let [whole, frame, _, unread] = &example::records()[..] else {
            panic!("four records");
        };
        assert_eq!(whole.image, whole.digest.as_ref().unwrap()[..16]);
        assert_eq!(frame.image, format!("{}-2", &frame.digest.as_ref().unwrap()[..16]));
        assert!(unread.image.starts_with("unread-") && unread.image.len() == 23);
        let moved = SourceInfo {
            path: "elsewhere".to_owned(),
            ..example::source("a", 1, 1)
        };
        assert_eq!(moved.image(), example::source("a", 1, 1).image());
    }

    #[test]
    fn a_report_reaches_its_record() {
        let record = &example::records()[0];
        assert_eq!(record.outcome, Outcome::Analysed);
        assert_eq!((record.rows, record.columns), (Some(60), Some(80)));
        let focus = &record.foci[1];
        assert_eq!(focus.bounds, [24, 58, 37, 63]);
        assert_eq!(focus.centroid, [30.0, 60.0]);
        assert_eq!(focus.features.get(Feature::AspectRatio), Some(1.33333));
        assert_eq!(focus.features.get(Feature::Solidity), None);
        let region = focus.segmentation.decode().unwrap();
        assert_eq!(region, example::report().foci[1].candidate.region);
        assert_eq!(record.rejected[0].features.get(Feature::AreaMm2), None);
    }

    #[test]
    fn the_age_of_the_patient_leaves_no_trace() {
        let mut report = example::report();
        assert!(report.place.age_years.take().is_some());
        let ageless = Record::analysed(example::source("a/=1+1.dcm", 1, 1), &report);
        assert_eq!(example::records()[0], ageless);
    }
}
