//! The walk: one radiograph in, one report out. Only this room knows the order of the stages.
//!
//! No files, no tags, no clock, no threads of its own: the same pixels, spacing, place and settings give the same report.

mod by_model;
mod enclose;
mod frame;
mod least_score;
mod propose;
mod settings;
mod settle;
mod trace;

pub use settings::{Judge, ProposeSettings, Settings, SettingsError};
pub use trace::{Trace, TraceImage};

use crate::classify::rules::RejectRule;
use crate::classify::{Classifier, Model, Verdict};
use crate::enhance::{self, Noise};
use crate::finding::{self, Candidate};
use crate::label::Region;
use crate::measure::{self, Features, Inside, Refinement, Surroundings, Views};
use crate::morphology::BlockMeans;
use crate::radiograph::Radiograph;
use crate::report::{Provenance, Report, SceneSummary};
use crate::scene::Scene;
use frame::Frame;
use ndarray::Array2;
use propose::Proposal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The stages with their settings, ready to run on any number of images.
#[derive(Clone, Debug)]
pub struct Pipeline {
    settings: Settings,
    model: Arc<Model>,
    digest: String,
}

impl Pipeline {
    /// A pipeline with `settings` and the default model.
    pub fn new(settings: Settings) -> Self {
        let model = match settings.classifier {
            Judge::Model => Model::default(),
            Judge::Rules => Model::untrained(),
        };
        Self::with_model(settings, model)
    }

    /// A pipeline with `settings` and a model of your own.
    pub fn with_model(settings: Settings, model: Model) -> Self {
        let digest = match settings.classifier {
            Judge::Rules => settings.digest(),
            Judge::Model => settings.digest_with(&model.to_json()),
        };
        Self {
            settings,
            model: Arc::new(model),
            digest,
        }
    }

    /// Name and version of who judges candidates.
    pub fn classifier(&self) -> &str {
        match self.settings.classifier {
            Judge::Model => &self.model.identity,
            Judge::Rules => self.settings.rules.identity(),
        }
    }

    /// The effective settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// SHA-256 of the effective settings, lower-case hex.
    pub fn settings_digest(&self) -> &str {
        &self.digest
    }

    /// Everything found in `radiograph`. Same pixels, spacing, place and settings: same report.
    pub fn run(&self, radiograph: &Radiograph) -> Report {
        self.walk(radiograph, None)
    }

    /// As [`Pipeline::run`], with every intermediate image.
    pub fn trace(&self, radiograph: &Radiograph) -> (Report, Trace) {
        let mut trace = Trace::default();
        let report = self.walk(radiograph, Some(&mut trace));
        (report, trace)
    }

    /// Every candidate that the rules do not refuse for certain, with everything measured but its company, and views of those
    /// that the pipeline's model suspects: what a model is trained on.
    pub fn candidates(&self, radiograph: &Radiograph) -> (Vec<Candidate>, Vec<Option<Views>>) {
        let block = self.block(radiograph);
        let frame = Frame::of(radiograph, block);
        let radiograph = frame.radiograph.as_ref();
        let (_, roughs) = self.seen(radiograph, block, None);
        let roughs = with_neighbours(settle::distinct(roughs), radiograph);
        let mut candidates = self.finished(roughs, radiograph, is_certain);
        candidates.retain(|candidate| !self.is_refused(candidate, radiograph));
        let suspicion = |candidate: &Candidate| self.model.suspicion(&candidate.features, radiograph.place());
        let suspicions: Vec<f32> = candidates.iter().map(suspicion).collect();
        let views = by_model::views(radiograph, &candidates, &suspicions);
        frame.back(&mut candidates);
        (candidates, views)
    }

    /// What else is in `radiograph`, on a grid on which foci are searched.
    pub fn scene(&self, radiograph: &Radiograph) -> Scene {
        let mut means = BlockMeans::of(radiograph.pixels());
        Scene::read(radiograph, &mut means, self.block(radiograph), &self.settings.scene)
    }

    /// Native pixels along the side of the coarsest grid's blocks.
    fn block(&self, radiograph: &Radiograph) -> usize {
        let native_mm = self.settings.scene.native_mm(radiograph);
        self.settings.enhance.coarsest(radiograph.shape(), native_mm)
    }

    fn is_refused(&self, candidate: &Candidate, radiograph: &Radiograph) -> bool {
        let (rules, place) = (&self.settings.rules, radiograph.place());
        rules.refuse(&candidate.features, place, is_certain).is_some()
    }

    /// What else is in a framed radiograph, and its candidates as [`Pipeline::outlined`] leaves them.
    fn seen(&self, radiograph: &Radiograph, block: usize, mut trace: Option<&mut Trace>) -> (Scene, Vec<Rough>) {
        let mut means = BlockMeans::of(radiograph.pixels());
        let scene = Scene::read(radiograph, &mut means, block, &self.settings.scene);
        if let Some(trace) = trace.as_deref_mut() {
            trace.grey("scene_coarse", &scene.coarse);
            trace.mask("scene_field", &scene.field);
            trace.mask("scene_body", &scene.body);
            trace.mask("scene_skeleton", &scene.skeleton);
            trace.mask("scene_metal", &scene.metal);
            trace.mask("scene_markers", &scene.markers);
        }
        let proposals = self.proposals(radiograph, &mut means, &scene, trace);
        let roughs = self.outlined(radiograph, &mut means, &scene, proposals);
        (scene, roughs)
    }

    fn walk(&self, whole: &Radiograph, trace: Option<&mut Trace>) -> Report {
        let block = self.block(whole);
        let frame = Frame::of(whole, block);
        let radiograph = frame.radiograph.as_ref();
        let (scene, roughs) = self.seen(radiograph, block, trace);
        let (mut candidates, verdicts) = match self.settings.classifier {
            Judge::Model => self.judged_by_model(roughs, radiograph),
            Judge::Rules => self.judged_by_rules(roughs, radiograph),
        };
        frame.back(&mut candidates);
        // The model has looked at the company already.
        let second_look = self.settings.classifier == Judge::Rules;
        let (findings, foci, rejected) = finding::assemble(
            &self.settings.grouping,
            candidates,
            verdicts,
            radiograph.place(),
            radiograph.spacing(),
            second_look,
        );
        let [field_fraction, body_fraction, bone_fraction, metal_fraction] = scene.shares();
        Report {
            shape: whole.shape(),
            spacing: whole.spacing(),
            place: whole.place().clone(),
            scene: SceneSummary {
                field_fraction,
                body_fraction,
                bone_fraction,
                metal_fraction,
                markers: scene.marker_count,
                limb_axis_deg: scene.limb_axis_deg,
            },
            findings,
            foci,
            rejected,
            warnings: whole.warnings().to_vec(),
            provenance: Provenance {
                software: concat!("calxray ", env!("CARGO_PKG_VERSION")).to_owned(),
                settings_digest: self.digest.clone(),
                classifier: self.classifier().to_owned(),
            },
        }
    }

    fn judged_by_rules(&self, roughs: Vec<Rough>, radiograph: &Radiograph) -> (Vec<Candidate>, Vec<Verdict>) {
        let roughs = with_neighbours(settle::one_per_object(roughs), radiograph);
        let candidates = self.finished(roughs, radiograph, |_| true);
        let features: Vec<_> = candidates.iter().map(|candidate| candidate.features.clone()).collect();
        let verdicts = self.settings.rules.assess(&features, radiograph.place());
        (
            candidates,
            least_score::reject_below(self.settings.least_score, verdicts),
        )
    }

    /// Proposals of every scale, finest first.
    fn proposals(
        &self,
        radiograph: &Radiograph,
        means: &mut BlockMeans<'_>,
        scene: &Scene,
        mut trace: Option<&mut Trace>,
    ) -> Vec<Proposal> {
        let mut looked_at = scene.body.clone();
        looked_at.unite(&scene.markers);
        let inside = enhance::Inside {
            mask: &looked_at,
            factor: scene.grid.factor,
        };
        let (low, high) = scene.body_range;
        let least_height = (high - low) * self.settings.propose.least_height;
        let mut proposals = Vec::new();
        for (scale, response) in
            enhance::responses(radiograph, means, scene.grid.native_mm, inside, &self.settings.enhance)
                .iter()
                .enumerate()
        {
            if let Some(trace) = trace.as_deref_mut() {
                trace.grey(format!("response_{}", scale + 1), &response.values);
            }
            proposals.extend(propose::proposals(response, least_height, &self.settings.propose));
            if scale < self.settings.propose.enclosed_scales {
                let bone = enhance::Inside {
                    mask: &scene.skeleton,
                    factor: scene.grid.factor,
                }
                .on_grid(response.values.dim(), response.factor);
                let pixel_mm = scene.grid.native_mm * response.factor as f64;
                proposals.extend(enclose::proposals(
                    response,
                    &bone,
                    pixel_mm,
                    least_height,
                    &self.settings.propose,
                ));
            }
        }
        proposals
    }

    /// Candidates with everything measured that one candidate shows by itself, but for its inside.
    fn outlined(
        &self,
        radiograph: &Radiograph,
        means: &mut BlockMeans<'_>,
        scene: &Scene,
        proposals: Vec<Proposal>,
    ) -> Vec<Rough> {
        let pixels = radiograph.pixels();
        let noise = Noise::of(pixels);
        let regions = drawn(radiograph, means, &noise, &proposals, &self.settings.refine);
        let plateau = measure::plateau(radiograph);
        regions
            .into_iter()
            .map(|region| {
                let surroundings = Surroundings {
                    noise: Some(noise_at(&noise, &region)),
                    plateau,
                    // Other candidates are background: most are nothing, and the ring would hang on which were proposed.
                    ..Surroundings::default()
                };
                let mut features = Features::default();
                let inside = measure::measure_outline(&region, radiograph, &surroundings, &mut features);
                measure::context(&mut features, &region, radiograph, scene);
                Rough {
                    candidate: Candidate {
                        centroid: measure::centroid(&region),
                        region,
                        features,
                    },
                    inside,
                }
            })
            .collect()
    }

    /// The candidates with their insides measured, but for those that are rejected whatever is inside.
    fn finished(
        &self,
        roughs: Vec<Rough>,
        radiograph: &Radiograph,
        counts: impl Fn(&RejectRule) -> bool + Copy,
    ) -> Vec<Candidate> {
        let finish = |rough: Rough| {
            let mut candidate = rough.candidate;
            let rules = &self.settings.rules;
            if !rules.refuses_without(&candidate.features, radiograph.place(), &Inside::FEATURES, counts) {
                rough
                    .inside
                    .measure(&candidate.region, radiograph, &mut candidate.features);
            }
            candidate
        };
        roughs.into_iter().map(finish).collect()
    }
}

/// Whether a rule holds whatever a trained model says.
fn is_certain(rule: &RejectRule) -> bool {
    rule.certain
}

/// A candidate whose inside is measured once it is known that it stands for an object of its own, and that it matters.
struct Rough {
    candidate: Candidate,
    inside: Inside,
}

impl AsRef<Candidate> for Rough {
    fn as_ref(&self) -> &Candidate {
        &self.candidate
    }
}

/// The standard deviation of noise in the middle of a native region.
fn noise_at(noise: &Noise, region: &Region) -> f64 {
    let bounds = region.bounds();
    noise.at(
        f64::from(bounds.top + bounds.bottom) / 2.0,
        f64::from(bounds.left + bounds.right) / 2.0,
    )
}

/// The proposals as native regions, each drawn again on a grid about a third as coarse as that it was found on:
/// a mass is one object although its lobules part at native resolution.
fn drawn(
    radiograph: &Radiograph,
    means: &mut BlockMeans<'_>,
    noise: &Noise,
    proposals: &[Proposal],
    settings: &Refinement,
) -> Vec<Region> {
    let shape = radiograph.shape();
    let mut pictures: BTreeMap<usize, Array2<u16>> = BTreeMap::new();
    let mut regions = Vec::with_capacity(proposals.len());
    for proposal in proposals {
        let finer = (1..=(proposal.factor / 3).max(1))
            .rev()
            .find(|part| proposal.factor % part == 0)
            .unwrap_or(1);
        let Some(native) = proposal.region.enlarged(proposal.factor, shape) else {
            continue;
        };
        let sigma = noise_at(noise, &native) / finer as f64;
        // Drawn again it would fall into its parts.
        let redrawn = if proposal.is_whole {
            None
        } else if finer == 1 {
            measure::refine(radiograph.pixels(), &native, None, sigma, settings)
        } else {
            let picture = pictures.entry(finer).or_insert_with(|| means.at(finer).mapv(rounded));
            let grid = picture.dim();
            proposal
                .region
                .enlarged(proposal.factor / finer, grid)
                .and_then(|seed| measure::refine(picture.view(), &seed, None, sigma, settings))
                .and_then(|region| region.enlarged(finer, shape))
        };
        regions.push(redrawn.unwrap_or(native));
    }
    regions
}

/// The nearest whole number of a mean of pixel values, halves upwards; as `round`, but without a call for each pixel.
fn rounded(mean: f32) -> u16 {
    let below = mean as u16;
    below.saturating_add(u16::from(mean - f32::from(below) >= 0.5))
}

/// The candidates with the features that need all of them.
fn with_neighbours(mut roughs: Vec<Rough>, radiograph: &Radiograph) -> Vec<Rough> {
    let centroids: Vec<_> = roughs.iter().map(|rough| rough.candidate.centroid).collect();
    let mut features: Vec<_> = roughs.iter().map(|rough| rough.candidate.features.clone()).collect();
    measure::neighbourhood(&mut features, &centroids, radiograph.spacing(), radiograph.shape());
    for (rough, features) in roughs.iter_mut().zip(features) {
        rough.candidate.features = features;
    }
    roughs
}
