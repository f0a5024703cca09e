//! A folder of phantoms with `truth.json` and `coco.json`.

use super::file::EncodeError;
use super::truth::{DistractorRecord, FocusRecord, ImageRecord};
use super::{Kind, Options, Phantom, dicom_bytes, generate, insert_into};
use crate::radiograph::Radiograph;
use crate::write::{Rle, WriteError, atomic};
use rayon::prelude::*;
use serde_json::json;
use std::path::Path;

/// A set could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The DICOM writer refused.
    #[error("cannot encode a phantom: {0}")]
    Encode(#[from] EncodeError),
    /// A record could not be put as JSON.
    #[error("cannot encode the truth: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes phantoms `0..count` of `seed` into `folder` as DICOM, and their truth. `done` is called after each image.
///
/// Images are drawn in parallel; files and their bytes do not depend on that.
///
/// # Errors
///
/// [`SetError`] when a file cannot be written; files already written stay whole.
pub fn write_set(
    folder: &Path,
    seed: u64,
    count: u64,
    options: &Options,
    done: impl Fn() + Sync,
) -> Result<(), SetError> {
    let records: Vec<ImageRecord> = (0..count)
        .into_par_iter()
        .map(|index| -> Result<ImageRecord, SetError> {
            let phantom = generate(seed, index, options);
            let file = format!("synthetic-{seed}-{index:06}.dcm");
            atomic::write(&folder.join(&file), &dicom_bytes(&phantom, seed, index)?)?;
            done();
            Ok(record(&phantom, file))
        })
        .collect::<Result<_, _>>()?;
    write_truth(folder, seed, &records)
}

/// Writes `count` versions of `radiographs` with deposits put in, one radiograph after the other and over again, into
/// `folder` as DICOM, and their truth. `done` is called after each image.
///
/// # Errors
///
/// [`SetError`] when a file cannot be written; files already written stay whole.
pub fn write_inserted(
    folder: &Path,
    radiographs: &[Radiograph],
    seed: u64,
    count: u64,
    options: &Options,
    done: impl Fn() + Sync,
) -> Result<(), SetError> {
    let sources = radiographs.len() as u64;
    let records: Vec<ImageRecord> = (0..if sources == 0 { 0 } else { count })
        .into_par_iter()
        .map(|index| -> Result<ImageRecord, SetError> {
            let phantom = insert_into(&radiographs[(index % sources) as usize], seed, index, options);
            let file = format!("inserted-{seed}-{index:06}.dcm");
            atomic::write(&folder.join(&file), &dicom_bytes(&phantom, seed, index)?)?;
            done();
            Ok(record(&phantom, file))
        })
        .collect::<Result<_, _>>()?;
    write_truth(folder, seed, &records)
}

pub(super) fn write_truth(folder: &Path, seed: u64, records: &[ImageRecord]) -> Result<(), SetError> {
    let truth = json!({ "synthetic": true, "seed": seed, "images": records });
    atomic::write(
        &folder.join("truth.json"),
        serde_json::to_string_pretty(&truth)?.as_bytes(),
    )?;
    atomic::write(
        &folder.join("coco.json"),
        serde_json::to_string(&coco(records))?.as_bytes(),
    )?;
    Ok(())
}

pub(super) fn record(phantom: &Phantom, file: String) -> ImageRecord {
    let (rows, columns) = phantom.radiograph.shape();
    let (rows, columns) = (rows as u32, columns as u32);
    let spacing = phantom.radiograph.spacing();
    let pixel_area = spacing.map_or(0.0, |spacing| spacing.pixel_area());
    let truth = &phantom.truth;
    ImageRecord {
        file,
        synthetic: true,
        scene: truth.scene,
        age_years: truth.age_years,
        split: truth.split,
        look: truth.look,
        processing: truth.processing,
        exposure: truth.exposure,
        rows,
        columns,
        spacing_mm: spacing.map_or(0.0, |spacing| spacing.mean()),
        marker: truth.marker,
        metal: truth.metal.map(str::to_owned),
        vessel: truth.vessel,
        grid: truth.grid,
        burned_in: truth.burned_in,
        distractors: truth
            .distractors
            .iter()
            .map(|distractor| DistractorRecord {
                kind: distractor.kind,
                bounds: distractor.region.bounds(),
                segmentation: Rle::encode(&distractor.region, (rows, columns)),
            })
            .collect(),
        foci: truth
            .foci
            .iter()
            .zip(1..)
            .map(|(focus, number)| FocusRecord {
                focus: number,
                label: focus.kind.name().to_owned(),
                form: focus.form.to_owned(),
                bounds: focus.region.bounds(),
                area_px: focus.region.area(),
                area_mm2: focus.region.area() as f64 * pixel_area,
                cnr: focus.cnr,
                cnr_noise: focus.cnr_noise,
                over_bone: focus.over_bone,
                visibility: focus.visibility,
                segmentation: Rle::encode(&focus.region, (rows, columns)),
            })
            .collect(),
    }
}

/// Kinds in the order of category numbers.
fn every() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().chain(Kind::FURTHER)
}

/// The same as COCO annotations.
fn coco(records: &[ImageRecord]) -> serde_json::Value {
    let mut annotations = Vec::new();
    for (record, image) in records.iter().zip(1_u64..) {
        for focus in &record.foci {
            let bounds = focus.bounds;
            annotations.push(json!({
                "id": annotations.len() + 1,
                "image_id": image,
                "category_id": every().position(|kind| kind.name() == focus.label).map_or(0, |at| at + 1),
                "bbox": [bounds.left, bounds.top, bounds.width(), bounds.height()],
                "area": focus.area_px,
                "iscrowd": 0,
                "segmentation": focus.segmentation,
            }));
        }
    }
    let images: Vec<_> = records
        .iter()
        .zip(1_u64..)
        .map(|(record, id)| json!({ "id": id, "file_name": record.file, "height": record.rows, "width": record.columns }))
        .collect();
    let categories: Vec<_> = every()
        .zip(1_u64..)
        .map(|(kind, id)| json!({ "id": id, "name": kind.name() }))
        .collect();
    json!({
        "info": { "description": "synthetic radiographs of calxray phantom" },
        "images": images,
        "categories": categories,
        "annotations": annotations,
    })
}
