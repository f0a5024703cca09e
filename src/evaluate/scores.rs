//! All figures together.

use super::bootstrap::{Statistic, figures};
use super::calibration::{self, Calibration};
use super::case::{Case, Visibility};
use super::extent::{self, Extent};
use super::froc::{Froc, Sweep};
use super::naming::{self, Naming};
use super::operating::{self, Operating};
use super::options::Options;
use super::sample::Sample;
use crate::classify::Label;
use serde::{Deserialize, Serialize};

/// What was judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Images.
    pub images: u64,
    /// Images of nobody.
    pub synthetic_images: u64,
    /// Images without any deposit.
    pub normal_images: u64,
    /// Images without a spacing: a centroid must lie in the mask itself, and sizes are not known.
    pub images_without_spacing: u64,
    /// Deposits that are clear.
    pub clear_foci: u64,
    /// Deposits that are visible and not clear.
    pub less_clear_foci: u64,
    /// Deposits that are neither missed nor false.
    pub ignored_foci: u64,
    /// Counted deposits whose contrast is not known.
    pub foci_without_contrast: u64,
    /// Counted deposits known by a box alone.
    pub foci_without_mask: u64,
    /// Counted deposits whose true name is none of the mission: found or missed, and left out of naming.
    pub foci_beyond_mission: u64,
    /// Detections, whatever their score.
    pub detections: u64,
}

/// Every figure. Made by [`score`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// `calxray` and its version.
    pub software: String,
    /// How it was judged.
    pub options: Options,
    /// What was judged.
    pub counts: Counts,
    /// Least score of any detection: what lies below was not seen. `None` without detections.
    pub least_score: Option<f32>,
    /// Per group of foci, in the order of [`Group::ALL`](super::Group::ALL).
    pub froc: Vec<Froc>,
    /// At the score of the options, then at the score that gives one false detection per image.
    pub operating: Vec<Operating>,
    /// Naming of matched foci.
    pub naming: Naming,
    /// Size and overlap of matched foci.
    pub extent: Extent,
    /// Score against the share of true foci.
    pub calibration: Calibration,
    /// Score of the name against the share of true names.
    pub label_calibration: Calibration,
}

impl Scores {
    /// What figures from these images are to be called: `synthetic `, `partly synthetic ` or nothing.
    pub fn prefix(&self) -> &'static str {
        match (self.counts.synthetic_images, self.counts.images) {
            (0, _) => "",
            (synthetic, images) if synthetic == images => "synthetic ",
            _ => "partly synthetic ",
        }
    }
}

/// Judges all images together.
///
/// Time and memory follow the number of detections, and time the number of resamples.
pub fn score(cases: &[Case], options: &Options) -> Scores {
    let sample = Sample::new(cases, options);
    let sweep = Sweep::new(&sample);
    let at_one = sweep.score_at_one_per_image(cases.len()).unwrap_or(options.score);
    let default = operating::Plan::new(&sample, "chosen score", options.score);
    let one = operating::Plan::new(&sample, "one false detection per image", at_one);
    let naming = naming::Plan::new(&sample, options.score);
    let extent = extent::Plan::new(&sample, options.score);
    let calibration = calibration::Plan::of_detection(&sample);
    let names = calibration::Plan::of_names(&sample, options.score);
    let statistics: [&dyn Statistic; 7] = [&sweep, &default, &one, &naming, &extent, &calibration, &names];
    let figures = figures(&statistics, cases.len(), options);
    let scores = cases.iter().flat_map(|case| &case.found).map(|found| found.score);
    Scores {
        software: concat!("calxray ", env!("CARGO_PKG_VERSION")).to_owned(),
        options: *options,
        counts: counts(&sample),
        least_score: scores.filter(|score| !score.is_nan()).min_by(f32::total_cmp),
        froc: sweep.curves(&figures[0], cases.len()),
        operating: vec![default.read(&figures[1]), one.read(&figures[2])],
        naming: naming.read(&figures[3]),
        extent: extent.read(&figures[4]),
        calibration: calibration.read(&figures[5]),
        label_calibration: names.read(&figures[6]),
    }
}

fn counts(sample: &Sample<'_>) -> Counts {
    let images = |has: fn(&Case) -> bool| sample.cases.iter().filter(|case| has(case)).count() as u64;
    let foci = |has: fn(&super::sample::CountedFocus<'_>) -> bool| {
        sample.foci.iter().filter(|focus| has(focus)).count() as u64
    };
    let ignored = sample.cases.iter().flat_map(|case| &case.truth);
    Counts {
        images: sample.cases.len() as u64,
        synthetic_images: images(|case| case.synthetic),
        normal_images: images(Case::is_normal),
        images_without_spacing: images(|case| case.spacing.is_none()),
        clear_foci: foci(|focus| focus.clear()),
        less_clear_foci: foci(|focus| !focus.clear()),
        ignored_foci: ignored.filter(|focus| focus.visibility == Visibility::Ignore).count() as u64,
        foci_without_contrast: foci(|focus| focus.truth.cnr.is_none()),
        foci_without_mask: foci(|focus| !focus.truth.masked),
        foci_beyond_mission: foci(|focus| !Label::MISSION.iter().any(|label| label.name() == focus.truth.label)),
        detections: sample.found.len() as u64,
    }
}
