//! What a user sees at one score: sensitivity and false detections, by what and where.

use super::bins::{contrast_bin, contrast_names, extent_bin, extent_names};
use super::bootstrap::{Ratios, Statistic};
use super::figure::{Figure, Share};
use super::froc::Group;
use super::matching::{Fate, rank};
use super::naming::label_order;
use super::sample::{CountedFocus, Sample};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sensitivity for one group of foci.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row<N = String> {
    /// What is asked for.
    pub name: N,
    /// Foci found of those there.
    pub share: Share,
}

/// Sensitivity in one bin, for clear foci and for all that can be seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Name of the bin.
    pub name: String,
    /// Clear foci.
    pub clear: Share,
    /// Clear and less clear foci.
    pub visible: Share,
}

/// How it went in one part of the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartRow {
    /// Machine name of the part.
    pub name: String,
    /// Images of it.
    pub images: u64,
    /// Clear foci off bone.
    pub clear: Share,
    /// Visible foci off bone.
    pub visible: Share,
    /// False detections per image.
    pub false_per_image: Figure,
}

/// All figures at one score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operating {
    /// Why this score, in words.
    pub name: String,
    /// Detections below it are left out.
    pub score: f32,
    /// Per group of foci, in the order of [`Group::ALL`].
    pub sensitivity: Vec<Row<Group>>,
    /// False detections per image, normal images included.
    pub false_per_image: Figure,
    /// False detections per image without any deposit.
    pub false_per_normal_image: Figure,
    /// Normal images without a false detection.
    pub normal_images_untouched: Share,
    /// False detections per 100 cm2 searched; empty if the area is not known of all images.
    pub false_per_100_cm2: Figure,
    /// Foci off bone by true label.
    pub by_label: Vec<Breakdown>,
    /// Foci off bone by largest extent.
    pub by_extent: Vec<Breakdown>,
    /// Foci off bone by contrast over structure.
    pub by_contrast: Vec<Breakdown>,
    /// All foci, off and over bone.
    pub by_bone: Vec<Breakdown>,
    /// Images and foci by part of the body; empty if no part is known.
    pub by_part: Vec<PartRow>,
    /// Number of false detections on each kind of distractor, where distractors are known.
    pub false_on_distractors: BTreeMap<String, u64>,
    /// Number of false detections by the name they were given.
    pub false_by_label: BTreeMap<String, u64>,
}

/// What an [`Operating`] is made from: the ratios in the order in which they are read back.
pub(super) struct Plan<'a> {
    sample: &'a Sample<'a>,
    name: String,
    score: f32,
    ratios: Ratios,
    breakdowns: [Vec<String>; 4],
    parts: Vec<&'a str>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(sample: &'a Sample<'a>, name: impl Into<String>, score: f32) -> Self {
        let mut labels: Vec<&str> = sample.foci.iter().map(|focus| focus.truth.label.as_ref()).collect();
        labels.sort_by_key(|label| label_order(label));
        labels.dedup();
        let parts: std::collections::BTreeSet<&str> =
            sample.cases.iter().filter_map(|case| case.part.as_deref()).collect();
        let mut plan = Self {
            sample,
            name: name.into(),
            score,
            ratios: Ratios::default(),
            breakdowns: [
                labels.iter().map(|&label| label.to_owned()).collect(),
                extent_names(),
                contrast_names(),
                vec!["off bone".to_owned(), "over bone".to_owned()],
            ],
            parts: parts.into_iter().collect(),
        };
        for group in Group::ALL {
            plan.add_foci(|focus| group.has(focus));
        }
        plan.add_false();
        for label in labels {
            plan.add_bin(|focus| focus.off_bone && focus.truth.label == label);
        }
        for index in 0..plan.breakdowns[1].len() {
            plan.add_bin(|focus| focus.off_bone && extent_bin(focus.extent) == index);
        }
        for index in 0..plan.breakdowns[2].len() {
            plan.add_bin(|focus| focus.off_bone && contrast_bin(focus.truth.cnr) == index);
        }
        plan.add_bin(|focus| focus.off_bone);
        plan.add_bin(|focus| !focus.off_bone);
        for part in plan.parts.clone() {
            let here = |image: usize| sample.cases[image].part.as_deref() == Some(part);
            plan.add_bin(|focus| focus.off_bone && here(focus.image));
            plan.add_rate(here, |_| 1.0);
        }
        plan
    }

    /// Share found of the foci that are `asked`.
    fn add_foci(&mut self, asked: impl Fn(&CountedFocus<'_>) -> bool) {
        let (foci, score) = (&self.sample.foci, self.score);
        self.ratios.add_share(
            foci.iter()
                .filter(|focus| asked(focus))
                .map(|focus| (focus.image, focus.found_at(score))),
        );
    }

    fn add_bin(&mut self, asked: impl Fn(&CountedFocus<'_>) -> bool) {
        self.add_foci(|focus| asked(focus) && focus.clear());
        self.add_foci(asked);
    }

    /// False detections in the images `here`, over the sum of `measure` of the images.
    fn add_rate(&mut self, here: impl Fn(usize) -> bool, measure: impl Fn(usize) -> f64) {
        let mut counts = vec![0.0; self.sample.cases.len()];
        for found in self.sample.found.iter().filter(|found| found.false_at(self.score)) {
            counts[found.image] += 1.0;
        }
        let images = (0..counts.len()).filter(|&image| here(image));
        self.ratios
            .add(images.map(|image| (image, counts[image], measure(image))));
    }

    fn add_false(&mut self) {
        let cases = self.sample.cases;
        self.add_rate(|_| true, |_| 1.0);
        self.add_rate(|image| cases[image].is_normal(), |_| 1.0);
        let known = cases.iter().all(|case| case.area_cm2.is_some_and(|area| area > 0.0));
        self.add_rate(|_| known, |image| cases[image].area_cm2.unwrap_or(0.0) / 100.0);
        let mut touched = vec![false; cases.len()];
        for found in self.sample.found.iter().filter(|found| found.false_at(self.score)) {
            touched[found.image] = true;
        }
        let normal = (0..cases.len()).filter(|&image| cases[image].is_normal());
        self.ratios.add_share(normal.map(|image| (image, !touched[image])));
    }

    /// The figures, from what this statistic gave.
    pub(super) fn read(&self, figures: &[Figure]) -> Operating {
        let mut shares = figures
            .iter()
            .zip(self.ratios.counts())
            .map(|(&figure, (count, of))| Share::new(count, of, figure));
        let mut next = || shares.next().unwrap_or_default();
        let sensitivity = Group::ALL.map(|name| Row { name, share: next() }).to_vec();
        let false_per_image = next().figure();
        let false_per_normal_image = next().figure();
        let false_per_100_cm2 = next().figure();
        let normal_images_untouched = next();
        let [by_label, by_extent, by_contrast, by_bone] = self.breakdowns.each_ref().map(|names| {
            let row = |name: &String| Breakdown {
                name: name.clone(),
                clear: next(),
                visible: next(),
            };
            let rows: Vec<Breakdown> = names.iter().map(row).collect();
            rows.into_iter().filter(|row| row.visible.of > 0).collect()
        });
        let by_part = self.parts.iter().map(|&part| {
            let (clear, visible, rate) = (next(), next(), next());
            PartRow {
                name: part.to_owned(),
                images: rate.of,
                clear,
                visible,
                false_per_image: rate.figure(),
            }
        });
        Operating {
            name: self.name.clone(),
            score: self.score,
            sensitivity,
            false_per_image,
            false_per_normal_image,
            normal_images_untouched,
            false_per_100_cm2,
            by_label,
            by_extent,
            by_contrast,
            by_bone,
            by_part: by_part.collect(),
            false_on_distractors: self.false_by(|fate, image| match fate {
                Fate::False(Some(index)) => Some(self.sample.cases[image].distractors[index].kind.clone().into_owned()),
                _ => None,
            }),
            false_by_label: self.false_by_label(),
        }
    }

    fn false_by(&self, kind: impl Fn(Fate, usize) -> Option<String>) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for found in self.sample.found.iter().filter(|found| found.false_at(self.score)) {
            if let Some(kind) = kind(found.fate, found.image) {
                *counts.entry(kind).or_default() += 1;
            }
        }
        counts
    }

    fn false_by_label(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for found in self.sample.found.iter().filter(|found| found.false_at(self.score)) {
            debug_assert!(rank(found.detection.score) >= self.score);
            *counts.entry(found.detection.label.clone().into_owned()).or_default() += 1;
        }
        counts
    }
}

impl Statistic for Plan<'_> {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        self.ratios.push(weights, values);
    }
}
