//! `calxray evaluate`: detections against truth.

use super::status::write_out;
use super::{Failure, Status};
use crate::evaluate::{Evaluation, FoundSet, Options, TruthSet, pair, score};
use crate::write::atomic;
use clap::Args;
use std::path::{Path, PathBuf};

/// Scores detections against truth: sensitivity at rates of false detections with intervals, names, sizes, calibration.
///
/// Images are paired by path: names are equal, or one is the end of the other (`b/1.dcm` and `a/b/1.dcm`). Scan with
/// `--min-score 0` to see the whole curve. Same files and options, same bytes.
#[derive(Args, Clone, Debug)]
pub struct Evaluate {
    /// What is truly there: `truth.json` of `calxray phantom`, or COCO (polygons, run lengths or boxes; `cnr`,
    /// `visibility` and `over_bone` of an annotation are used where stated).
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// What was found: `findings.jsonl` or `coco.json` of `calxray scan` (or its folder), COCO with scores, or a list of
    /// COCO results.
    #[arg(long, value_name = "FILE")]
    found: PathBuf,
    /// Also write a page with drawings; one file, no network.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Also write every figure as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Score from which a detection counts as reported.
    #[arg(long, default_value_t = 0.4, value_name = "SCORE", value_parser = share)]
    score: f32,
    /// Resamples of images for 95 % intervals; 0 for none.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// Seed of the resampling.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Count images of the truth that were not searched as if nothing had been found in them, instead of stopping.
    #[arg(long)]
    missing_as_empty: bool,
}

fn share(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

impl Evaluate {
    /// Reads, scores and writes.
    pub(super) fn run(self) -> Result<Status, Failure> {
        let found = if self.found.is_dir() {
            self.found.join("findings.jsonl")
        } else {
            self.found.clone()
        };
        let truth = TruthSet::parse(&text(&self.truth)?).map_err(|error| unusable(&self.truth, error))?;
        let detections = FoundSet::parse(&text(&found)?, &truth).map_err(|error| unusable(&found, error))?;
        let (cases, inputs) = pair(truth, detections, self.missing_as_empty).map_err(|error| {
            let hint = match error {
                crate::evaluate::InputError::Missing { .. } => "; --missing-as-empty counts them as searched in vain",
                _ => "",
            };
            Failure::could_not_start(format_args!("{error}{hint}"))
        })?;
        let options = Options {
            score: self.score,
            bootstrap: self.bootstrap,
            seed: self.seed,
            ..Options::default()
        };
        let evaluation = Evaluation {
            inputs: Some(inputs),
            scores: score(&cases, &options),
        };
        if let Some(path) = &self.json {
            atomic::write(path, evaluation.to_json().as_bytes()).map_err(Failure::could_not_start)?;
        }
        if let Some(path) = &self.html {
            atomic::write(path, evaluation.to_html().as_bytes()).map_err(Failure::could_not_start)?;
        }
        write_out(None, evaluation.to_table().as_bytes())?;
        Ok(Status::Done)
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::could_not_start(format_args!("cannot read {}: {error}", path.display())))
}

fn unusable(path: &Path, error: crate::evaluate::InputError) -> Failure {
    Failure::could_not_start(format_args!("{}: {error}", path.display()))
}
