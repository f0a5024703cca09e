//! `calxray train`: a model from images with known foci.

use super::settings::effective;
use super::{Failure, Status};
use crate::classify::Label;
use crate::phantom::Visibility;
use crate::pipeline::{Judge, Pipeline};
use crate::radiograph::Radiograph;
use crate::read::{self, ModalityFilter, Opened, ReadOptions, Source};
use crate::train::{self, Image, TrueFocus};
use crate::write::{Rle, atomic};
use clap::Args;
use rayon::prelude::*;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Fits and calibrates the classifier on images with known foci; prints cross-validated figures.
///
/// Half of what is learned comes from reduced copies without a spacing, so that exports in PNG are judged by trees that
/// never ask for millimetres. Same images, same settings: same model, bit for bit.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  calxray phantom --out synthetic --count 1000 --seed 1
  calxray train --labels synthetic/truth.json --negative radiographs/ --out model.json
  calxray scan archive --out results --model model.json

Exit status: 0 the model is written; 1 there is too little to learn from; 2 could not start.")]
pub struct Train {
    /// Known foci: truth.json as `calxray phantom` writes it, the images beside it. May be given more than once.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    labels: Vec<PathBuf>,
    /// Radiographs, or folders of them, that hold no focus at all.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    negative: Vec<PathBuf>,
    /// How many times each of those counts.
    #[arg(long, value_name = "TIMES", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    negative_weight: u32,
    /// The model to write.
    #[arg(long, value_name = "FILE.json")]
    out: PathBuf,
    /// Name and version of the model, copied into every report made with it.
    #[arg(long, value_name = "TEXT", default_value = "calxray-trees, locally trained")]
    identity: String,
    /// Inputs not to learn from, by their names in the model file: for ablations.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    hide: Vec<String>,
    /// Settings in TOML for reading, finding and measuring.
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
}

/// As much of truth.json as is needed.
#[derive(Deserialize)]
struct TruthFile {
    synthetic: bool,
    images: Vec<ImageTruth>,
}

/// One image of it.
#[derive(Deserialize)]
struct ImageTruth {
    file: String,
    foci: Vec<FocusTruth>,
    #[serde(default)]
    distractors: Vec<DistractorTruth>,
}

/// What is none, yet may look like one.
#[derive(Deserialize)]
struct DistractorTruth {
    kind: String,
    segmentation: Rle,
}

/// One focus of that.
#[derive(Deserialize)]
struct FocusTruth {
    focus: u32,
    label: String,
    visibility: Visibility,
    segmentation: Rle,
}

impl Train {
    /// Fits and writes.
    pub(super) fn run(self) -> Result<Status, Failure> {
        let mut boosting = train::Settings::default();
        boosting.hide(&self.hide).map_err(Failure::could_not_start)?;
        let mut settings = effective(self.settings.as_deref())?;
        settings.classifier = Judge::Rules;
        let pipeline = Pipeline::new(settings);
        let mut images: Vec<Image> = Vec::new();
        let mut synthetic = 0;
        for file in &self.labels {
            let truth = truth(file)?;
            synthetic += if truth.synthetic { truth.images.len() } else { 0 };
            let folder = file.parent().unwrap_or(Path::new(""));
            let own: Vec<[Option<Image>; 2]> = truth
                .images
                .par_iter()
                .enumerate()
                .map(|(nth, record)| labelled(&pipeline, folder, record, nth))
                .collect::<Result<_, _>>()?;
            images.extend(own.into_iter().flatten().flatten());
        }
        let labelled = images.len();
        let mut files = Vec::new();
        for path in &self.negative {
            collect(path, &mut files)?;
        }
        files.sort();
        let negatives: Vec<Image> = files
            .par_iter()
            .enumerate()
            .filter_map(|(nth, file)| Some(train::examples(&pipeline, &radiograph(file).ok()?, &[], nth)))
            .collect();
        for _ in 0..self.negative_weight {
            images.extend(negatives.iter().cloned());
        }
        let built_on = format!(
            "{synthetic} synthetic radiographs and {} real ones without foci; {labelled} pictures, reduced copies included",
            negatives.len()
        );
        let (model, figures) = train::fit(images, &self.identity, &built_on, &boosting).map_err(Failure::failed)?;
        atomic::write(&self.out, model.to_json().as_bytes())
            .map_err(|error| Failure::output(&self.out, error.source))?;
        print!("Built on {built_on}.\nOn images not fitted to, candidates:\n{figures}");
        Ok(Status::Done)
    }
}

fn truth(file: &Path) -> Result<TruthFile, Failure> {
    let wrong = |error: String| Failure::could_not_start(format!("{}: {error}", file.display()));
    let text = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| wrong(format!("no truth.json as calxray phantom writes it: {error}")))
}

/// The examples of one image, as it is and reduced; its number sets by how much.
fn labelled(
    pipeline: &Pipeline,
    folder: &Path,
    record: &ImageTruth,
    nth: usize,
) -> Result<[Option<Image>; 2], Failure> {
    let radiograph = radiograph(&folder.join(&record.file))?;
    let mut foci = Vec::with_capacity(record.foci.len());
    for focus in &record.foci {
        let region = focus.segmentation.decode().ok_or_else(|| {
            Failure::could_not_start(format!(
                "{}: the mask of focus {} is empty or damaged",
                record.file, focus.focus
            ))
        })?;
        foci.push(TrueFocus {
            region,
            label: Label::from_name(&focus.label),
            counts: focus.visibility != Visibility::Ignore,
        });
    }
    for distractor in record
        .distractors
        .iter()
        .filter(|distractor| distractor.kind == "vessel")
    {
        if let Some(region) = distractor.segmentation.decode() {
            foci.push(TrueFocus {
                region,
                label: Some(Label::VascularCalcification),
                counts: false,
            });
        }
    }
    let reduced = train::reduced(&radiograph, &foci, 1 + nth % 5, nth.is_multiple_of(2))
        .map(|(small, foci)| train::examples(pipeline, &small, &foci, nth));
    Ok([Some(train::examples(pipeline, &radiograph, &foci, nth)), reduced])
}

fn radiograph(file: &Path) -> Result<Radiograph, Failure> {
    let options = ReadOptions {
        modalities: ModalityFilter::Any,
        ..ReadOptions::default()
    };
    let wrong = |error: String| Failure::could_not_start(format!("{}: {error}", file.display()));
    match read::open(&Source::Path(file.to_owned()), &options) {
        Ok(Opened::Instance(instance)) => instance.radiograph(0).map_err(|error| wrong(error.to_string())),
        Ok(Opened::Skipped { .. }) => Err(wrong("no radiograph".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Adds `path`, or every file below it, to `files`.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::could_not_start(format!("{}: {error}", path.display()));
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(wrong)? {
            collect(&entry.map_err(wrong)?.path(), files)?;
        }
    } else {
        std::fs::metadata(path).map_err(wrong)?;
        files.push(path.to_owned());
    }
    Ok(())
}
