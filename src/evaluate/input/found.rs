//! `findings.jsonl` of `calxray scan`, and the way to COCO.

use super::budget::{Budget, damaged, shape};
use super::{FoundImage, FoundSet, InputError, TruthSet, coco, machine_name, spacing};
use crate::evaluate::case::Detection;
use crate::write::Rle;
use serde::Deserialize;

const EXPECTED: &str = "findings.jsonl or coco.json of calxray scan, COCO with scores, or a list of COCO results";

/// What is needed of a [`Record`](crate::write::Record), read so that records of other versions will do.
#[derive(Debug, Deserialize)]
struct Line {
    path: String,
    image: Option<String>,
    #[serde(default = "first")]
    frame: u32,
    outcome: Outcome,
    body_part: Option<String>,
    rows: Option<u64>,
    columns: Option<u64>,
    spacing: Option<Spacing>,
    scene: Option<Scene>,
    #[serde(default)]
    foci: Vec<Focus>,
}

fn first() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
struct Outcome {
    status: String,
    reason: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Spacing {
    between_rows_mm: f64,
    between_columns_mm: f64,
}

#[derive(Debug, Deserialize)]
struct Scene {
    field_fraction: f64,
    body_fraction: f64,
}

#[derive(Debug, Deserialize)]
struct Focus {
    label: String,
    score: f32,
    label_score: Option<f32>,
    #[serde(default)]
    scores: Vec<LabelScore>,
    centroid: [f64; 2],
    segmentation: Rle,
}

#[derive(Debug, Deserialize)]
struct LabelScore {
    label: String,
    score: f32,
}

pub(super) fn parse(text: &str, truth: &TruthSet) -> Result<FoundSet, InputError> {
    let json = |source| InputError::Json {
        expected: EXPECTED,
        source,
    };
    let start = text.trim_start();
    if start.starts_with('[') {
        if truth.ids.is_empty() {
            return Err(InputError::Unknown("COCO truth for a list of COCO results"));
        }
        return coco::results(serde_json::from_str(start).map_err(json)?, truth);
    }
    /// What tells a record from a COCO file.
    #[derive(Deserialize)]
    struct Kind {
        outcome: Option<serde::de::IgnoredAny>,
        annotations: Option<serde::de::IgnoredAny>,
    }
    let mut values = serde_json::Deserializer::from_str(start).into_iter::<Kind>();
    match values.next().transpose().map_err(json)? {
        Some(Kind {
            annotations: Some(_), ..
        }) => coco::found(serde_json::from_str(start).map_err(json)?),
        Some(Kind { outcome: Some(_), .. }) => {
            let mut budget = Budget::default();
            let lines = serde_json::Deserializer::from_str(start).into_iter::<Line>();
            let images = lines.map(|line| image(line.map_err(json)?, &mut budget));
            Ok(FoundSet {
                images: images.collect::<Result<_, _>>()?,
            })
        }
        // A scan of nothing writes an empty file.
        None => Ok(FoundSet::default()),
        Some(_) => Err(InputError::Unknown(EXPECTED)),
    }
}

fn image(line: Line, budget: &mut Budget) -> Result<FoundImage, InputError> {
    let place = &line.path;
    let extent = match (line.rows, line.columns) {
        (Some(rows), Some(columns)) => shape(place, rows, columns).map(Some),
        _ => Ok(None),
    };
    if line.outcome.status != "analysed" {
        let why = line.outcome.reason.or(line.outcome.message).unwrap_or_default();
        return Ok(FoundImage {
            frame: line.frame,
            not_searched: Some(format!("{}: {why}", line.outcome.status)),
            name: line.path,
            ..FoundImage::default()
        });
    }
    let extent = extent?;
    let mut detections = Vec::with_capacity(line.foci.len());
    for focus in line.foci {
        let fits = extent.is_none_or(|(rows, columns)| focus.segmentation.size == [rows, columns]);
        let region = focus.segmentation.decode().filter(|_| fits);
        let region = region.ok_or_else(|| damaged(place, "run lengths that hold no mask of the image"))?;
        detections.push(Detection {
            region: budget.take(place, region)?,
            masked: true,
            centroid: focus.centroid,
            score: focus.score,
            label: machine_name(&focus.label).into(),
            label_score: focus.label_score,
            scores: {
                let each = focus.scores.into_iter();
                each.map(|named| (machine_name(&named.label).into(), named.score))
                    .collect()
            },
        });
    }
    let body = line.scene.map(|scene| scene.field_fraction * scene.body_fraction);
    Ok(FoundImage {
        frame: line.frame,
        shape: extent,
        spacing: line
            .spacing
            .and_then(|both| spacing(both.between_rows_mm, both.between_columns_mm)),
        body: body.filter(|share| *share > 0.0 && *share <= 1.0),
        part: line.body_part.filter(|part| part != "unknown").map(Into::into),
        not_searched: None,
        image: line.image,
        detections,
        name: line.path,
    })
}
