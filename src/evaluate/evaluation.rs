//! Scores with how they came about, as JSON, table and page.

use super::input::Inputs;
use super::scores::Scores;
use serde::{Deserialize, Serialize};

/// All that one evaluation states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How images came together; `None` if they never were files.
    pub inputs: Option<Inputs>,
    /// Every figure.
    pub scores: Scores,
}

impl Evaluation {
    /// As JSON, indented.
    ///
    /// # Panics
    ///
    /// Never: every field has a JSON form.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("scores have a JSON form") + "\n"
    }

    /// As an aligned table for the terminal.
    pub fn to_table(&self) -> String {
        super::table::table(self)
    }

    /// As one HTML page that needs no other file and no network.
    pub fn to_html(&self) -> String {
        super::page::page(self)
    }

    /// What was judged, in sentences.
    pub(super) fn statements(&self) -> Vec<String> {
        let scores = &self.scores;
        let counts = &scores.counts;
        let mut said = vec![
            format!(
                "{} {}images, {} of them without any deposit.",
                counts.images,
                scores.prefix(),
                counts.normal_images
            ),
            format!(
                "{} foci: {} clear, {} less clear; {} more are neither missed nor false.",
                counts.clear_foci + counts.less_clear_foci,
                counts.clear_foci,
                counts.less_clear_foci,
                counts.ignored_foci
            ),
            match scores.least_score {
                Some(least) => format!("{} detections, least score {least}.", counts.detections),
                None => "No detections.".to_owned(),
            },
        ];
        if let Some(inputs) = &self.inputs {
            if inputs.missing_as_empty > 0 {
                said.push(format!(
                    "{} images of the truth were not searched and count as if nothing had been found.",
                    inputs.missing_as_empty
                ));
            }
            if inputs.without_truth > 0 {
                said.push(format!(
                    "{} images searched have no truth and are left out.",
                    inputs.without_truth
                ));
            }
            if inputs.body_area_known < counts.images && !scores.froc.iter().all(|froc| froc.per_100_cm2.is_empty()) {
                said.push(format!(
                    "Area searched: the whole image in {} images, the body as the search saw it in others.",
                    counts.images - inputs.body_area_known
                ));
            }
        }
        let remarks = [
            (
                counts.images_without_spacing,
                "images have no spacing: there a centroid must lie in the mask itself, and sizes are not known.",
            ),
            (
                counts.foci_without_contrast,
                "foci state no contrast and count as clear unless they say otherwise.",
            ),
            (
                counts.foci_without_mask,
                "foci are known by a box alone and take no part in size and overlap.",
            ),
            (
                counts.foci_beyond_mission,
                "foci have a name beyond the six labels: they are found or missed, and left out of naming.",
            ),
        ];
        said.extend(
            remarks
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}")),
        );
        let mut rates = scores
            .froc
            .iter()
            .flat_map(|froc| froc.per_image.iter().chain(&froc.per_100_cm2));
        if rates.any(|at| !at.reached) {
            said.push(
                "The detections end before some rates (marked >=): sensitivity there is a lower bound. \
                 A scan with --min-score 0 keeps more."
                    .to_owned(),
            );
        }
        said.push(match scores.options.bootstrap {
            0 => "No intervals were asked for.".to_owned(),
            times => format!(
                "In brackets: 95 % intervals by {times} resamples of images (seed {}).",
                scores.options.seed
            ),
        });
        if counts.synthetic_images > 0 {
            said.push("Figures from synthetic images say nothing certain about patients.".to_owned());
        }
        said
    }
}
