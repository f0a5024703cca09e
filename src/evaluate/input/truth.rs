//! `truth.json` of `calxray phantom`, and the way to other kinds of truth.

use super::budget::{Budget, damaged, shape};
use super::{
    InputError, TruthImage, TruthSet, coco, corrections, cvat, label_studio, machine_name, spacing, visibility,
};
use crate::evaluate::case::{Distractor, TruthFocus, Visibility};
use crate::label::{Bounds, Region, Run};
use crate::write::Rle;
use serde::Deserialize;

const EXPECTED: &str = "truth.json of calxray phantom, COCO with images and annotations, corrections of report.html, tasks of \
                        Label Studio, or annotations of CVAT for images";

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    synthetic: bool,
    images: Vec<Image>,
}

#[derive(Debug, Deserialize)]
struct Image {
    file: String,
    frame: Option<u32>,
    #[serde(default)]
    synthetic: bool,
    rows: u64,
    columns: u64,
    spacing_mm: Option<f64>,
    scene: Option<String>,
    /// Part of the set: train, validation or test.
    split: Option<String>,
    foci: Vec<Focus>,
    #[serde(default)]
    distractors: Vec<Fooling>,
}

#[derive(Debug, Deserialize)]
struct Focus {
    label: String,
    cnr: Option<f32>,
    cnr_noise: Option<f32>,
    over_bone: Option<f32>,
    visibility: Option<Visibility>,
    segmentation: Rle,
}

#[derive(Debug, Deserialize)]
struct Fooling {
    kind: String,
    #[serde(alias = "region", alias = "mask")]
    segmentation: Option<Rle>,
    #[serde(rename = "box")]
    bounds: Option<Bounds>,
}

pub(super) fn parse(text: &str) -> Result<TruthSet, InputError> {
    let json = |source| InputError::Json {
        expected: EXPECTED,
        source,
    };
    match text.trim_start().as_bytes().first() {
        Some(b'<') => return cvat::truth(text),
        Some(b'[') => return label_studio::truth(serde_json::from_str(text).map_err(json)?),
        _ => {}
    }
    /// The fields that tell the others apart.
    #[derive(Deserialize)]
    struct Kind {
        images: Option<serde::de::IgnoredAny>,
        annotations: Option<serde::de::IgnoredAny>,
        calxray_corrections: Option<serde::de::IgnoredAny>,
    }
    let kind: Kind = serde_json::from_str(text).map_err(json)?;
    match kind {
        Kind {
            calxray_corrections: Some(_),
            ..
        } => corrections::truth(serde_json::from_str(text).map_err(json)?),
        Kind {
            images: Some(_),
            annotations: Some(_),
            ..
        } => coco::truth(serde_json::from_str(text).map_err(json)?),
        Kind { images: Some(_), .. } => phantom(serde_json::from_str(text).map_err(json)?),
        Kind { images: None, .. } => Err(InputError::Unknown(EXPECTED)),
    }
}

fn phantom(file: File) -> Result<TruthSet, InputError> {
    let mut budget = Budget::default();
    let mut images = Vec::with_capacity(file.images.len());
    for image in file.images {
        let place = &image.file;
        let extent = shape(place, image.rows, image.columns)?;
        let mut decoded = |rle: &Rle| -> Result<Region, InputError> {
            if rle.size != [extent.0, extent.1] {
                return Err(damaged(place, "a mask of another size than the image"));
            }
            let region = rle.decode();
            budget.take(
                place,
                region.ok_or_else(|| damaged(place, "run lengths that hold no mask"))?,
            )
        };
        let mut foci = Vec::with_capacity(image.foci.len());
        for focus in image.foci {
            foci.push(TruthFocus {
                region: decoded(&focus.segmentation)?,
                masked: true,
                label: machine_name(&focus.label).into(),
                visibility: focus.visibility.unwrap_or(visibility(focus.cnr, focus.cnr_noise)),
                cnr: focus.cnr,
                over_bone: focus.over_bone,
            });
        }
        let mut distractors = Vec::with_capacity(image.distractors.len());
        for fooling in image.distractors {
            let region = match (&fooling.segmentation, fooling.bounds) {
                (Some(rle), _) => decoded(rle)?,
                (None, Some(bounds)) => from_bounds(bounds, extent)
                    .ok_or_else(|| damaged(place, "the box of a distractor lies outside the image"))?,
                (None, None) => return Err(damaged(place, "a distractor has neither a mask nor a box")),
            };
            distractors.push(Distractor {
                region,
                kind: machine_name(&fooling.kind).into(),
            });
        }
        images.push(TruthImage {
            frame: image.frame.unwrap_or(1),
            shape: Some(extent),
            spacing: image.spacing_mm.and_then(|side| spacing(side, side)),
            synthetic: file.synthetic || image.synthetic,
            held_back: image.split.as_deref() == Some("test"),
            part: image.scene.map(|scene| machine_name(&scene).into()),
            foci,
            distractors,
            name: image.file,
            short: None,
        });
    }
    Ok(TruthSet {
        images,
        ..TruthSet::default()
    })
}

fn from_bounds(bounds: Bounds, (rows, columns): (u32, u32)) -> Option<Region> {
    let runs = (bounds.top..bounds.bottom.min(rows)).map(|row| Run {
        row,
        start: bounds.left,
        end: bounds.right.min(columns),
    });
    Region::new(runs.collect())
}
