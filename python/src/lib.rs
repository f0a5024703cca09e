//! The Python module `calxray._calxray`: thin functions over the library. Results cross as the JSON lines of `findings.jsonl`, which
//! `calxray/__init__.py` turns into dataclasses.

use calxray::batch::{self, Formats, Job, Naming, Observer, Shard};
use calxray::classify::Model;
use calxray::pipeline::{Pipeline, Settings};
use calxray::radiograph::{BodyPart, Laterality, PixelSpacing, Place, Radiograph, SpacingPlane, SpacingSource};
use calxray::read::{self, ModalityFilter, Opened, ReadOptions, Source};
use calxray::units::Millimetres;
use calxray::write::seg::SegmentBy;
use calxray::write::{Record, Rle, SourceInfo, sha256};
use ndarray::Array2;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn wrong(why: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(why.to_string())
}

fn pipeline(min_score: Option<f32>, model: Option<&Path>) -> PyResult<Pipeline> {
    let mut settings = Settings::default();
    if let Some(score) = min_score {
        if !(0.0..=1.0).contains(&score) {
            return Err(wrong("min_score is a number from 0 to 1"));
        }
        settings.least_score = score;
    }
    let Some(path) = model else {
        return Ok(Pipeline::new(settings));
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| PyOSError::new_err(format!("{}: {error}", path.display())))?;
    let model = Model::from_json(&text).map_err(wrong)?;
    Ok(Pipeline::with_model(settings, model))
}

fn millimetres(value: f64) -> PyResult<Millimetres> {
    Millimetres::new(value).ok_or_else(|| wrong("spacing is a length in mm above zero"))
}

/// A word of an enumeration, such as `lower_leg`.
fn word<T: for<'de> serde::Deserialize<'de>>(what: &str, text: &str) -> PyResult<T> {
    let json = serde_json::Value::String(text.to_owned());
    serde_json::from_value(json).map_err(|error| wrong(format_args!("{what}: {error}")))
}

/// Pixels (16 bits, little-endian, row by row; larger is more radio-opaque) to the JSON of a record.
#[pyfunction]
#[pyo3(signature = (pixels, rows, columns, spacing=None, body_part=None, laterality=None, view=None, age_years=None, min_score=None, model=None))]
#[allow(clippy::too_many_arguments)]
fn analyse(
    py: Python<'_>,
    pixels: &[u8],
    rows: usize,
    columns: usize,
    spacing: Option<(f64, f64)>,
    body_part: Option<&str>,
    laterality: Option<&str>,
    view: Option<String>,
    age_years: Option<f32>,
    min_score: Option<f32>,
    model: Option<PathBuf>,
) -> PyResult<String> {
    let expected = rows.checked_mul(columns).and_then(|count| count.checked_mul(2));
    if expected != Some(pixels.len()) || pixels.is_empty() {
        return Err(wrong("pixels are rows x columns words of 16 bits, at least one"));
    }
    let spacing = match spacing {
        None => None,
        Some((down, across)) => Some(PixelSpacing {
            between_rows: millimetres(down)?,
            between_columns: millimetres(across)?,
            plane: SpacingPlane::Unknown,
            source: SpacingSource::User,
        }),
    };
    let place = Place {
        body_part: body_part.map_or(Ok(BodyPart::Unknown), |part| word("body_part", part))?,
        body_part_stated: body_part.map(|part| part.to_ascii_uppercase().replace('_', " ")),
        laterality: laterality.map_or(Ok(Laterality::Unknown), |side| word("laterality", side))?,
        view,
        age_years,
    };
    let pipeline = pipeline(min_score, model.as_deref())?;
    let digest = sha256(pixels);
    let words: Vec<u16> = pixels
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let array = Array2::from_shape_vec((rows, columns), words).map_err(wrong)?;
    py.detach(|| {
        let radiograph = Radiograph::new(array).with_spacing(spacing).with_place(place);
        let source = SourceInfo {
            path: "array".to_owned(),
            digest: Some(digest),
            frame: 1,
            frames: 1,
            ..SourceInfo::default()
        };
        Ok(Record::analysed(source, &pipeline.run(&radiograph)).to_json())
    })
}

/// The bytes of a file, DICOM or picture, to the JSON of a record per frame.
#[pyfunction]
#[pyo3(signature = (content, name="bytes", spacing=None, min_score=None, model=None))]
fn analyse_bytes(
    py: Python<'_>,
    content: &[u8],
    name: &str,
    spacing: Option<f64>,
    min_score: Option<f32>,
    model: Option<PathBuf>,
) -> PyResult<Vec<String>> {
    let options = ReadOptions {
        modalities: ModalityFilter::Any,
        spacing: spacing.map(millimetres).transpose()?,
        ..ReadOptions::default()
    };
    let pipeline = pipeline(min_score, model.as_deref())?;
    let content: Arc<[u8]> = content.into();
    py.detach(|| {
        let digest = sha256(&content);
        let instance = match read::open(&Source::Bytes(content), &options) {
            Ok(Opened::Instance(instance)) => instance,
            Ok(Opened::Skipped { reason, .. }) => return Err(wrong(reason)),
            Err(error) => return Err(wrong(error.explained())),
        };
        (0..instance.frames())
            .map(|frame| {
                let radiograph = instance.radiograph(frame).map_err(|error| wrong(error.explained()))?;
                let info = batch::describe(name, instance.header(), Some(&digest), frame as u32 + 1);
                Ok(Record::analysed(info, &pipeline.run(&radiograph)).to_json())
            })
            .collect()
    })
}

/// Hears nothing: how it went is in the records.
struct Silent;

impl Observer for Silent {
    fn progress(&self, _: u64, _: u64) {}
    fn not_analysed(&self, _: &Record) {}
    fn remark(&self, _: &str) {}
}

/// Files, folders and archives to the JSON of a record per image, in the order of paths.
#[pyfunction]
#[pyo3(signature = (paths, modality=None, spacing=None, min_score=None, model=None, jobs=None))]
fn scan(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    modality: Option<Vec<String>>,
    spacing: Option<f64>,
    min_score: Option<f32>,
    model: Option<PathBuf>,
    jobs: Option<usize>,
) -> PyResult<Vec<String>> {
    let pipeline = pipeline(min_score, model.as_deref())?;
    let jobs = jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
        .max(1);
    let read = ReadOptions {
        modalities: modality.map_or_else(ModalityFilter::default, |list| {
            match list.iter().any(|one| one == "any") {
                true => ModalityFilter::Any,
                false => ModalityFilter::Only(list),
            }
        }),
        spacing: spacing.map(millimetres).transpose()?,
        ..ReadOptions::default()
    };
    py.detach(|| {
        let failed = |error: &dyn std::fmt::Display| PyOSError::new_err(error.to_string());
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let job = Job {
            inputs: paths,
            out: folder.path().join("results"),
            formats: "jsonl".parse::<Formats>().map_err(wrong)?,
            read,
            segment_by: SegmentBy::default(),
            naming: Naming::Plain,
            shard: Shard::WHOLE,
            jobs,
            memory: (1024 * jobs as u64) << 20,
            fresh: false,
            fail_fast: false,
        };
        batch::run(&job, &pipeline, &AtomicBool::new(false), &Silent).map_err(|error| failed(&error))?;
        let lines = std::fs::read_to_string(job.out.join("findings.jsonl")).map_err(|error| failed(&error))?;
        Ok(lines.lines().map(str::to_owned).collect())
    })
}

/// A COCO run length as one byte a pixel, row by row: 1 inside.
#[pyfunction]
fn mask<'py>(py: Python<'py>, segmentation: &str) -> PyResult<Bound<'py, PyBytes>> {
    let rle: Rle = serde_json::from_str(segmentation).map_err(wrong)?;
    let region = rle.decode();
    let (rows, columns) = (rle.size[0] as usize, rle.size[1] as usize);
    PyBytes::new_with(py, rows * columns, |bytes| {
        for (row, column) in region.iter().flat_map(|region| region.pixels()) {
            bytes[row * columns + column] = 1;
        }
        Ok(())
    })
}

#[pymodule]
fn _calxray(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(analyse, module)?)?;
    module.add_function(wrap_pyfunction!(analyse_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(scan, module)?)?;
    module.add_function(wrap_pyfunction!(mask, module)?)?;
    Ok(())
}
