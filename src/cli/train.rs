//! `calxray train`: a model from images with known foci.

use super::labels::{self, Folds, Images, LabelledImage};
use super::provenance::{Before, Provenance};
use super::settings::{effective, model};
use super::{Failure, Status};
use crate::classify::Model;
use crate::dicom::Context;
use crate::pipeline::{Judge, Pipeline};
use crate::radiograph::Radiograph;
use crate::read::{self, ModalityFilter, Opened, ReadOptions, Source};
use crate::train::{self, Gain, Image};
use crate::write::{atomic, sha256};
use clap::Args;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Fits and calibrates the classifier on images with known foci; prints cross-validated figures, beside those of the model that was
/// there before on the same images.
///
/// Every image is learned from as it is, in another form (turned, mirrored, resampled, smoothed or sharpened, with other grey
/// values), so that names do not hang on the form, and as a reduced copy without a spacing, so that exports in PNG are judged
/// by trees that never ask for millimetres; every second one also as a small lossy JPEG, as pictures on the web are. One that
/// states no spacing is learned from also as if its longer side were 350 mm.
/// From 2,000 foci on a network is learned too that looks at what the model before suspects; with fewer the network of the model before
/// stays, and how much it has to say is fitted.
/// Same images, same settings, same model before: same model, bit for bit.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  calxray phantom --out synthetic --count 1000 --seed 1
  calxray train --labels synthetic/truth.json --negative radiographs/ --out model.json
  calxray train --labels corrections.json --images archive/ --out model.json
  calxray train --labels corrections.json --images archive/ --only-calibrate --out model.json
  calxray scan archive --out results --model model.json

All images of a patient are in the same part of the cross-validation. What a label names otherwise than calxray does is learned
as a focus without a name.

The file beside the model, FILE.figures.json, holds the figures before and after with their intervals, and digests of the images
learned from: a later training tells by them whether the model before had seen its images.

Exit status: 0 the model is written; 1 there is too little to learn from; 2 could not start.")]
pub struct Train {
    /// Known foci: corrections saved from report.html, COCO, an export of Label Studio (JSON) or CVAT (for images 1.1), or
    /// truth.json of `calxray phantom`. May be given more than once.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    labels: Vec<PathBuf>,
    /// Folders with the images of the labels, if they are not beside them.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    images: Vec<PathBuf>,
    /// Take images of a test set too: no figure on that set means anything afterwards.
    #[arg(long)]
    with_test_images: bool,
    /// Radiographs, or folders of them, that hold no focus at all.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    negative: Vec<PathBuf>,
    /// In how many forms each of those counts: as it is, and turned, mirrored, resampled and with other grey values; each twice
    /// if it states no spacing.
    #[arg(long, value_name = "TIMES", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    negative_weight: u32,
    /// The model to write.
    #[arg(long, value_name = "FILE.json")]
    out: PathBuf,
    /// Name and version of the model, copied into every report made with it.
    #[arg(long, value_name = "TEXT", default_value = "calxray-trees, locally trained")]
    identity: String,
    /// Fit another model too that does not see these inputs (their names in the model file), and write it beside the first as
    /// FILE.without-NAME.json: what are they good for? May be given more than once.
    #[arg(long, value_name = "NAME=INPUT,...", value_parser = ablation)]
    without: Vec<(String, Vec<String>)>,
    /// Write the mean of the new model and this one: both find, each corrects what the other knows from its own pictures only;
    /// names are those of the new one. The figures printed are of the new one alone.
    #[arg(long, value_name = "MODEL.json")]
    mean_with: Option<PathBuf>,
    /// Keep the forests and the network of the model before, and fit only how they are joined and calibrated: five numbers, for which
    /// some hundred images that the model has not seen are enough. The figures printed are of these images.
    #[arg(long, conflicts_with_all = ["without", "mean_with"])]
    only_calibrate: bool,
    /// The model that was there before, to hold the new one against. Default: that of --mean-with, else the one that is built in.
    #[arg(long, value_name = "MODEL.json")]
    against: Option<PathBuf>,
    /// Settings in TOML for reading, finding and measuring.
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
}

impl Train {
    /// Fits and writes.
    pub(super) fn run(self) -> Result<Status, Failure> {
        let boosting = train::Settings::default();
        let ablations = self
            .without
            .iter()
            .map(|(name, inputs)| {
                let mut boosting = boosting.clone();
                boosting.hide(inputs).map_err(Failure::could_not_start)?;
                Ok((self.out.with_extension(format!("without-{name}.json")), boosting))
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        let other = self.mean_with.as_deref().map(model).transpose()?;
        let before_path = self.against.as_deref().or(self.mean_with.as_deref());
        let before = before_path.map_or_else(|| Ok(Model::default()), model)?;
        let mut settings = effective(self.settings.as_deref())?;
        let least_score = settings.least_score;
        settings.classifier = Judge::Rules;
        let pipeline = Pipeline::with_model(settings, before.clone());
        let mut images: Vec<Image> = Vec::new();
        let (mut synthetic, mut real, mut folds) = (0, 0, Folds::default());
        let mut digests: BTreeSet<String> = BTreeSet::new();
        let files = Images::below(&self.images)?;
        for file in &self.labels {
            let labels = labels::read(file, &files, self.with_test_images)?;
            let own: Vec<_> = labels
                .par_iter()
                .enumerate()
                .map(|(nth, image)| labelled(&pipeline, image, nth))
                .collect::<Result<_, _>>()?;
            for (image, (examples, read)) in labels.iter().zip(own) {
                digests.insert(read.digest);
                let fold = if image.synthetic {
                    synthetic += 1;
                    None
                } else {
                    real += 1;
                    Some(folds.of(read.patient, &image.file))
                };
                images.extend(examples.into_iter().flatten().map(|examples| Image {
                    fold: fold.unwrap_or(examples.fold),
                    ..examples
                }));
            }
        }
        if synthetic == 0 && folds.groups() < 2 {
            return Err(Failure::failed(
                "the labels are of one patient or none: every figure would come from images of the same patient, \
                 so nothing is fitted",
            ));
        }
        let labelled = images.len();
        let mut files = Vec::new();
        for path in &self.negative {
            collect(path, &mut files)?;
        }
        files.sort();
        let negatives: Vec<(String, Vec<Image>)> = files
            .par_iter()
            .enumerate()
            .filter_map(|(nth, file)| {
                let Opening { radiograph, digest, .. } = radiograph(file, 0).ok()?;
                let sized = train::sized(&pipeline, &radiograph);
                let forms = 1..self.negative_weight as usize;
                let others = forms.flat_map(|form| {
                    let of = |radiograph: &Radiograph| train::augmented(radiograph, &[], 7 * nth + form).0;
                    let export = train::exported(&radiograph, &[], 7 * nth + form).map(|(export, _)| export);
                    std::iter::once(of(&radiograph))
                        .chain(sized.as_ref().map(of))
                        .chain(export)
                });
                let others: Vec<_> = others.collect();
                let all = [&radiograph].into_iter().chain(&sized).chain(&others);
                let forms = all.map(|form| train::examples(&pipeline, form, &[], nth)).collect();
                Some((digest, forms))
            })
            .collect();
        let empty = negatives.len();
        for (digest, forms) in negatives {
            digests.insert(digest);
            images.extend(forms);
        }
        let built_on = format!(
            "{synthetic} synthetic radiographs{}{} real ones without foci; {labelled} pictures, changed and reduced copies included",
            match real {
                0 => " and ".to_owned(),
                _ => format!(
                    ", {real} images of {} patients with labels of a lab, and ",
                    folds.groups()
                ),
            },
            empty
        );
        let fit = |images: Vec<Image>, boosting: &train::Settings, other: Option<&Model>, out: &Path| {
            let fitted = if self.only_calibrate {
                train::adapt(images, &before, &self.identity, &built_on)
            } else {
                train::fit(images, &before, &self.identity, &built_on, boosting)
            };
            let (model, figures) = fitted.map_err(Failure::failed)?;
            let model = match other {
                Some(other) => model.mean_with(other),
                None => model,
            };
            atomic::write(out, model.to_json().as_bytes()).map_err(|error| Failure::output(out, error.source))?;
            Ok::<_, Failure>(figures)
        };
        for (out, boosting) in &ablations {
            let figures = fit(images.clone(), boosting, None, out)?;
            print!("{}, on images not fitted to, candidates:\n{figures}\n", out.display());
        }
        let mut answers = train::answers(&before, &images);
        let figures = fit(images, &boosting, other.as_ref(), &self.out)?;
        let units = figures.held_out.units();
        answers.keep(|unit| units.contains(&unit));
        if self.only_calibrate {
            println!("Joined and calibrated on {built_on}.\nOn these images, candidates:\n{figures}");
        } else {
            println!("Built on {built_on}.\nOn images not fitted to, candidates:\n{figures}");
        }
        let provenance = Provenance {
            identity: &self.identity,
            built_on: &built_on,
            before: Before::new(&before, before_path, &digests),
            held_out: &Gain::of(&answers, &figures.held_out, least_score),
            images: &digests,
        };
        provenance.write(&self.out)?;
        print!("{provenance}");
        Ok(Status::Done)
    }
}

/// `NAME=INPUT,...`: a name for a file, and inputs.
fn ablation(text: &str) -> Result<(String, Vec<String>), String> {
    let is_plain =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    match text.split_once('=') {
        Some((name, inputs)) if is_plain(name) => Ok((name.to_owned(), inputs.split(',').map(str::to_owned).collect())),
        _ => Err("it reads NAME=INPUT,INPUT,... with a NAME of letters, digits, - and _".to_owned()),
    }
}

/// What a file holds.
struct Opening {
    radiograph: Radiograph,
    /// Equal for images of one patient.
    patient: Option<String>,
    /// SHA-256 of the file.
    digest: String,
}

/// What is kept of where examples come from.
struct Origin {
    patient: Option<String>,
    digest: String,
}

/// The examples of one image, as it is, in another form, with a spacing if it states none, reduced, and exported; its number
/// sets how.
fn labelled(pipeline: &Pipeline, image: &LabelledImage, nth: usize) -> Result<([Option<Image>; 5], Origin), Failure> {
    let Opening {
        radiograph,
        patient,
        digest,
    } = radiograph(&image.file, image.frame)?;
    let (rows, columns) = radiograph.shape();
    if image
        .shape
        .is_some_and(|(own, across)| (own as usize, across as usize) != (rows, columns))
    {
        return Err(Failure::could_not_start(format!(
            "{}: the labels are of another image: this one is {rows} x {columns}",
            image.name
        )));
    }
    let reduced = train::reduced(&radiograph, &image.foci, 1 + nth % 5, nth.is_multiple_of(2))
        .map(|(small, foci)| train::examples(pipeline, &small, &foci, nth));
    let exported = nth % 2 == 1;
    let exported = exported
        .then(|| train::exported(&radiograph, &image.foci, nth))
        .flatten();
    let exported = exported.map(|(export, foci)| train::examples(pipeline, &export, &foci, nth));
    let sized = train::sized(pipeline, &radiograph);
    let (changed, foci) = train::augmented(sized.as_ref().unwrap_or(&radiograph), &image.foci, nth);
    let changed = train::examples(pipeline, &changed, &foci, nth);
    let whole = train::examples(pipeline, &radiograph, &image.foci, nth);
    let sized = sized.map(|sized| train::examples(pipeline, &sized, &image.foci, nth));
    Ok((
        [Some(whole), Some(changed), sized, reduced, exported],
        Origin { patient, digest },
    ))
}

/// A frame of a file.
fn radiograph(file: &Path, frame: usize) -> Result<Opening, Failure> {
    let options = ReadOptions {
        modalities: ModalityFilter::Any,
        context: true,
        ..ReadOptions::default()
    };
    let wrong = |error: String| Failure::could_not_start(format!("{}: {error}", file.display()));
    match read::open(&Source::Path(file.to_owned()), &options) {
        Ok(Opened::Instance(instance)) if frame < instance.frames() => {
            let patient = instance.context().and_then(Context::patient).map(|key| sha256(&key));
            let radiograph = instance.radiograph(frame).map_err(|error| wrong(error.to_string()))?;
            let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
            Ok(Opening {
                radiograph,
                patient,
                digest: sha256(&bytes),
            })
        }
        Ok(Opened::Instance(_)) => Err(wrong(format!("there is no frame {}", frame + 1))),
        Ok(Opened::Skipped { .. }) => Err(wrong("no radiograph".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Adds `path`, or every file below it, to `files`.
pub(super) fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
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
