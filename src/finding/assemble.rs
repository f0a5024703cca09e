//! Verdicts to numbered foci, findings and rejected candidates.

use super::context::{Draft, coherence};
use super::neighbours::{Scale, extent, frame, gap, groups, straying};
use super::{Candidate, Finding, Focus, Grouping, Pattern, Rejected, statement};
use crate::classify::{Label, Verdict};
use crate::measure::Feature;
use crate::radiograph::{PixelSpacing, Place};

/// What the candidates of one image amount to: findings, their foci, and the rejected, each in raster order of the first pixel.
///
/// `verdicts` are those on `candidates`, in the same order; a candidate without a verdict is left out. The order of the
/// candidates does not matter. If `second_look` is set, foci first get a second look in the light of their company: lobules become one mass,
/// a field of spindles names its grains and a spindle without a field loses the name, segments strung end to end are
/// a vessel, specks with narrow gaps become one amorphous calcification. Without spacing there is no second look and only foci a diameter apart are grouped.
pub fn assemble(
    grouping: &Grouping,
    candidates: Vec<Candidate>,
    verdicts: Vec<Verdict>,
    place: &Place,
    spacing: Option<PixelSpacing>,
    second_look: bool,
) -> (Vec<Finding>, Vec<Focus>, Vec<Rejected>) {
    let mut judged: Vec<(Candidate, Verdict)> = candidates.into_iter().zip(verdicts).collect();
    judged.sort_by(|a, b| a.0.region.runs().cmp(b.0.region.runs()));
    let (mut drafts, mut rejected) = (Vec::new(), Vec::new());
    for (candidate, verdict) in judged {
        match verdict {
            Verdict::Focus { score, assessment } => drafts.push(Draft {
                candidate,
                score,
                assessment,
            }),
            Verdict::Rejected { reason, evidence } => rejected.push(Rejected {
                candidate,
                reason,
                evidence,
            }),
        }
    }

    let scale = Scale::of(spacing);
    if spacing.is_some() && second_look {
        grouping.join_masses(&mut drafts, scale);
        grouping.join_chains(&mut drafts, scale);
        grouping.judge_grains(&mut drafts, scale);
        grouping.join_specks(&mut drafts, scale);
    }

    let members = grouping.members(&drafts, spacing);
    let mut findings = Vec::with_capacity(members.len());
    let mut finding_of = vec![0u32; drafts.len()];
    for (nth, group) in members.iter().enumerate() {
        let number = nth as u32 + 1;
        for &member in group {
            finding_of[member] = number;
        }
        findings.push(describe(grouping, number, group, &drafts, place, spacing));
    }
    let foci = drafts
        .into_iter()
        .zip(finding_of)
        .enumerate()
        .map(|(nth, (draft, finding))| Focus {
            number: nth as u32 + 1,
            finding,
            candidate: draft.candidate,
            score: draft.score,
            assessment: draft.assessment,
        })
        .collect();
    (findings, foci, rejected)
}

impl Grouping {
    /// Which drafts belong together: one label, and near enough for it. Groups in the order of their first member.
    fn members(&self, drafts: &[Draft], spacing: Option<PixelSpacing>) -> Vec<Vec<usize>> {
        let scale = Scale::of(spacing);
        let mut all: Vec<Vec<usize>> = Vec::new();
        for label in Label::ALL {
            let own: Vec<usize> = (0..drafts.len())
                .filter(|&i| drafts[i].assessment.label == label)
                .collect();
            let frames: Vec<_> = own
                .iter()
                .map(|&i| frame(drafts[i].candidate.region.bounds(), scale))
                .collect();
            let region = |nth: usize| &drafts[own[nth]].candidate.region;
            let diameter = |nth: usize| 2.0 * (region(nth).area() as f64 / std::f64::consts::PI).sqrt();
            let centres = |a: usize, b: usize| {
                let (p, q) = (
                    scale.point(drafts[own[a]].candidate.centroid),
                    scale.point(drafts[own[b]].candidate.centroid),
                );
                (p[0] - q[0]).hypot(p[1] - q[1])
            };
            let joined = match (spacing, label) {
                (None, _) => {
                    let widest = (0..own.len()).map(diameter).fold(0.0, f64::max) * self.gap_in_diameters;
                    groups(&frames, widest, |a, b| {
                        let limit = diameter(a).min(diameter(b)) * self.gap_in_diameters;
                        gap(region(a), region(b), scale, limit).is_some()
                    })
                }
                (Some(_), Label::RiceGrain) => groups(&frames, self.field_reach_mm, |a, b| {
                    centres(a, b) <= self.field_reach_mm
                }),
                (Some(_), Label::Phlebolith) => groups(&frames, self.phlebolith_reach_mm, |a, b| {
                    centres(a, b) <= self.phlebolith_reach_mm
                }),
                (Some(_), label) => {
                    let limit = match label {
                        Label::TumoralCalcinosis => self.mass_gap_mm,
                        Label::CalcificTendinitis => self.tendon_gap_mm,
                        Label::Ossification => self.ossification_gap_mm,
                        Label::MineralisedMass => self.mass_gap_mm,
                        _ => self.cluster_gap_mm,
                    };
                    groups(&frames, limit, |a, b| gap(region(a), region(b), scale, limit).is_some())
                }
            };
            all.extend(
                joined
                    .into_iter()
                    .map(|group| group.into_iter().map(|nth| own[nth]).collect::<Vec<usize>>()),
            );
        }
        all.sort_unstable();
        all
    }

    fn pattern(
        &self,
        label: Label,
        group: &[usize],
        drafts: &[Draft],
        scale: Scale,
        alignment: Option<f64>,
    ) -> Pattern {
        let lobules = |i: usize| drafts[i].candidate.features.get(Feature::Lobules).unwrap_or(1.0);
        if label == Label::TumoralCalcinosis && (group.len() > 1 || lobules(group[0]) >= self.mass_lobules as f64) {
            return Pattern::Lobulated;
        }
        if group.len() == 1 {
            return Pattern::Single;
        }
        let points: Vec<[f64; 2]> = group
            .iter()
            .map(|&i| scale.point(drafts[i].candidate.centroid))
            .collect();
        if label == Label::RiceGrain && alignment.is_some_and(|r| r >= self.field_alignment) {
            Pattern::AlignedField
        } else if straying(&points).is_some_and(|s| s.share <= self.curve_residual) {
            Pattern::Row
        } else {
            Pattern::Group
        }
    }
}

fn describe(
    grouping: &Grouping,
    number: u32,
    group: &[usize],
    drafts: &[Draft],
    place: &Place,
    spacing: Option<PixelSpacing>,
) -> Finding {
    let scale = Scale::of(spacing);
    let label = drafts[group[0]].assessment.label;
    let regions = || group.iter().map(|&i| &drafts[i].candidate.region);
    let pixels: u64 = regions().map(|region| region.area()).sum();
    let directions: Vec<[f64; 2]> = group
        .iter()
        .filter(|&&i| {
            let aspect = drafts[i].candidate.features.get(Feature::AspectRatio);
            aspect.is_some_and(|aspect| aspect > 1.5)
        })
        .filter_map(|&i| drafts[i].direction(scale))
        .collect();
    let alignment = coherence(&directions);
    let mut finding = Finding {
        number,
        label,
        score: group.iter().map(|&i| drafts[i].score).fold(0.0, f32::max),
        pattern: grouping.pattern(label, group, drafts, scale, alignment),
        foci: group.iter().map(|&i| i as u32 + 1).collect(),
        extent_mm: spacing.map(|_| extent(regions(), scale)),
        area_mm2: spacing.map(|spacing| pixels as f64 * spacing.pixel_area()),
        alignment,
        statement: String::new(),
        differential: statement::differential(label, place.body_part),
    };
    let mut notes: Vec<&str> = Vec::new();
    for note in group.iter().flat_map(|&i| &drafts[i].assessment.notes) {
        if !notes.contains(&note.as_str()) {
            notes.push(note);
        }
    }
    finding.statement = statement::sentence(&finding, place.body_part, &notes);
    finding
}
