//! The second look: what the company of a focus says about its name.

use super::neighbours::{Frame, Scale, Straying, extent, for_each_near_pair, frame, gap, groups, straying};
use super::{Candidate, Grouping};
use crate::classify::{Assessment, Evidence, Label};
use crate::measure::Feature;

/// A focus that has no number yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) candidate: Candidate,
    pub(super) score: f32,
    pub(super) assessment: Assessment,
}

/// Remark on a spindle outside of a field.
const LONE_GRAIN: &str =
    "Elongated calcification without a field of at least five aligned ones: not called a rice grain.";
/// Remark on a mass in contact with bone.
const MASS_ON_BONE: &str =
    "Mineralised mass that touches bone: features do not establish a benign nature; review by a radiologist is needed.";

impl Draft {
    fn value(&self, feature: Feature) -> Option<f64> {
        self.candidate.features.get(feature)
    }

    fn within(&self, feature: Feature, low: f64, high: f64) -> bool {
        self.value(feature).is_some_and(|value| (low..=high).contains(&value))
    }

    /// Direction of the major axis in the plane of the spacing as a unit vector `[down, across]`.
    pub(super) fn direction(&self, scale: Scale) -> Option<[f64; 2]> {
        let (sine, cosine) = self.value(Feature::Orientation)?.to_radians().sin_cos();
        let (down, across) = (cosine * scale.row, sine * scale.column);
        let length = down.hypot(across);
        Some([down / length, across / length])
    }

    /// Whether its name leaves no room for a grain or a speck.
    fn is_settled(&self) -> bool {
        matches!(
            self.assessment.label,
            Label::TumoralCalcinosis | Label::Ossification | Label::VascularCalcification | Label::MineralisedMass
        )
    }

    /// Gives `label` with at least `score` for a reason; the table of scores follows.
    fn relabel(&mut self, label: Label, score: f32, evidence: Evidence) {
        let former = (self.assessment.label, self.assessment.label_score);
        let own = self.assessment.scores.iter_mut().find(|(of, _)| *of == label);
        let score = match own {
            Some((_, own)) => {
                *own = own.max(score);
                *own
            }
            None => score,
        };
        if former.0 != label {
            let next = if former.0 == Label::Indeterminate {
                self.assessment.runner_up
            } else {
                Some(former)
            };
            self.assessment.runner_up = next.filter(|(of, _)| *of != label);
        }
        self.assessment.label = label;
        self.assessment.label_score = score;
        self.assessment.evidence.push(evidence);
    }

    /// Adds `note` to what the reader is told.
    fn remark(&mut self, note: &str) {
        if !self.assessment.notes.iter().any(|known| known == note) {
            self.assessment.notes.push(note.to_owned());
        }
    }

    /// Takes the name away; it stays as runner-up.
    fn unlabel(&mut self, evidence: Evidence, note: &str) {
        if self.assessment.label != Label::Indeterminate {
            self.assessment.runner_up = Some((self.assessment.label, self.assessment.label_score));
            self.assessment.label = Label::Indeterminate;
        }
        self.assessment.evidence.push(evidence);
        self.remark(note);
    }
}

fn company(about: &str, criterion: String, feature: Option<Feature>, value: f64, support: f32) -> Evidence {
    Evidence {
        about: about.to_owned(),
        criterion,
        feature,
        value: Some(value),
        support,
        weight: 1.0,
    }
}

fn frames(drafts: &[Draft], members: &[usize], scale: Scale) -> Vec<Frame> {
    members
        .iter()
        .map(|&member| frame(drafts[member].candidate.region.bounds(), scale))
        .collect()
}

fn point_frames(drafts: &[Draft], members: &[usize], scale: Scale) -> Vec<Frame> {
    members
        .iter()
        .map(|&member| {
            let [down, across] = scale.point(drafts[member].candidate.centroid);
            [down, across, down, across]
        })
        .collect()
}

fn points(drafts: &[Draft], members: &[usize], scale: Scale) -> Vec<[f64; 2]> {
    members
        .iter()
        .map(|&member| scale.point(drafts[member].candidate.centroid))
        .collect()
}

/// Axial resultant length `|mean exp(2 i theta)|` of unit vectors (Fisher 1993); `None` for fewer than five.
pub(super) fn coherence(directions: &[[f64; 2]]) -> Option<f64> {
    if directions.len() < 5 {
        return None;
    }
    let n = directions.len() as f64;
    // cos 2t and sin 2t of each direction.
    let cosine = directions.iter().map(|d| d[0] * d[0] - d[1] * d[1]).sum::<f64>() / n;
    let sine = directions.iter().map(|d| 2.0 * d[0] * d[1]).sum::<f64>() / n;
    Some(cosine.hypot(sine).min(1.0))
}

/// The common axis of unit vectors that have no head, as a unit vector.
fn mean_axis(directions: &[[f64; 2]]) -> [f64; 2] {
    let cosine: f64 = directions.iter().map(|d| d[0] * d[0] - d[1] * d[1]).sum();
    let sine: f64 = directions.iter().map(|d| 2.0 * d[0] * d[1]).sum();
    let (sine, cosine) = (sine.atan2(cosine) / 2.0).sin_cos();
    [cosine, sine]
}

impl Grouping {
    /// Lobules with narrow gaps are one mass, whatever each looks like by itself.
    pub(super) fn join_masses(&self, drafts: &mut [Draft], scale: Scale) {
        let members: Vec<usize> = (0..drafts.len())
            .filter(|&i| drafts[i].assessment.label != Label::Ossification)
            .collect();
        let frames = frames(drafts, &members, scale);
        let joined = groups(&frames, self.mass_gap_mm, |a, b| {
            let (a, b) = (
                &drafts[members[a]].candidate.region,
                &drafts[members[b]].candidate.region,
            );
            gap(a, b, scale, self.mass_gap_mm).is_some()
        });
        for group in joined.into_iter().filter(|group| group.len() > 1) {
            let group: Vec<usize> = group.into_iter().map(|nth| members[nth]).collect();
            let area = |i: usize| drafts[i].candidate.region.area() as f64;
            let is_lobe = |i: usize| drafts[i].within(Feature::EquivalentDiameterMm, self.lobule_mm, f64::INFINITY);
            let lobes: Vec<usize> = group.iter().copied().filter(|&i| is_lobe(i)).collect();
            let total: f64 = group.iter().map(|&i| area(i)).sum();
            let in_lobes: f64 = lobes.iter().map(|&i| area(i)).sum();
            let lobules: f64 = lobes
                .iter()
                .map(|&i| drafts[i].value(Feature::Lobules).unwrap_or(1.0).max(1.0))
                .sum();
            let extent = extent(group.iter().map(|&i| &drafts[i].candidate.region), scale);
            if extent < self.mass_extent_mm || lobules < self.mass_lobules as f64 || in_lobes < 0.7 * total {
                continue;
            }
            let touches_bone = lobes
                .iter()
                .any(|&i| drafts[i].within(Feature::DistanceToBoneMm, 0.0, self.contact_mm));
            for &i in &group {
                let criterion = format!(
                    "lobules less than {} mm apart, {} or more, over at least {} mm",
                    self.mass_gap_mm, self.mass_lobules, self.mass_extent_mm
                );
                let about = Label::TumoralCalcinosis.name();
                let evidence = company(about, criterion, Some(Feature::Lobules), lobules, 1.0);
                if touches_bone {
                    drafts[i].relabel(Label::MineralisedMass, self.context_score, evidence);
                    drafts[i].remark(MASS_ON_BONE);
                } else {
                    drafts[i].relabel(Label::TumoralCalcinosis, self.context_score, evidence);
                }
            }
        }
    }

    /// Elongated segments that follow one another end to end, with nothing beside them, are a vessel's wall.
    pub(super) fn join_chains(&self, drafts: &mut [Draft], scale: Scale) {
        let members = self.spindles(drafts, scale);
        let frames = frames(drafts, &members, scale);
        let cosine = self.chain_angle_deg.to_radians().cos();
        let joined = groups(&frames, self.chain_gap_mm, |a, b| {
            let (a, b) = (&drafts[members[a]], &drafts[members[b]]);
            let (Some(from), Some(to)) = (a.direction(scale), b.direction(scale)) else {
                return false;
            };
            let (p, q) = (scale.point(a.candidate.centroid), scale.point(b.candidate.centroid));
            let line = [q[0] - p[0], q[1] - p[1]];
            let length = line[0].hypot(line[1]);
            let along = |d: [f64; 2]| (d[0] * line[0] + d[1] * line[1]).abs() >= cosine * length;
            along(from)
                && along(to)
                && (from[0] * to[0] + from[1] * to[1]).abs() >= cosine
                && gap(&a.candidate.region, &b.candidate.region, scale, self.chain_gap_mm).is_some()
        });
        let points = points(drafts, &members, scale);
        let mut segments: Vec<(usize, Evidence)> = Vec::new();
        for group in joined.into_iter().filter(|group| group.len() >= self.chain_count) {
            let own: Vec<[f64; 2]> = group.iter().map(|&nth| points[nth]).collect();
            let Some(residual) = straying(&own).filter(|s| self.on_curve(*s)).map(|s| s.rms) else {
                continue;
            };
            // In a field of grains every chain has spindles beside it; a vessel runs alone.
            let beside = (0..members.len())
                .filter(|nth| group.binary_search(nth).is_err())
                .filter(|&nth| {
                    own.iter()
                        .any(|p| (p[0] - points[nth][0]).hypot(p[1] - points[nth][1]) <= self.field_reach_mm / 2.0)
                })
                .count();
            if 2 * beside > group.len() {
                continue;
            }
            for &nth in &group {
                let criterion = format!("one of {} segments strung end to end on one curve", group.len());
                let about = Label::VascularCalcification.name();
                let evidence = company(about, criterion, Some(Feature::Collinearity), residual, 1.0);
                segments.push((members[nth], evidence));
            }
        }
        for (segment, evidence) in segments {
            drafts[segment].relabel(Label::VascularCalcification, self.context_score, evidence);
        }
    }

    /// Whether points are strung on one curve rather than spread over an area.
    pub(super) fn on_curve(&self, points: Straying) -> bool {
        points.share <= self.curve_residual && points.rms <= self.curve_width_mm
    }

    /// Whether most of the grains lie beside their neighbours rather than before and behind them: a field in a slim
    /// muscle is long and narrow, yet not strung on one curve.
    fn beside_one_another(&self, drafts: &[Draft], grains: &[usize]) -> bool {
        let known: Vec<f64> = grains
            .iter()
            .filter_map(|&i| drafts[i].value(Feature::Collinearity))
            .collect();
        known.len() >= self.field_count && known.iter().sum::<f64>() / (known.len() as f64) < self.field_collinearity
    }

    /// Specks with narrow gaps and without a direction are one amorphous calcification, stippled or flocculent.
    pub(super) fn join_specks(&self, drafts: &mut [Draft], scale: Scale) {
        let members: Vec<usize> = (0..drafts.len())
            .filter(|&i| {
                let draft = &drafts[i];
                !draft.is_settled()
                    && draft.assessment.label != Label::RiceGrain
                    && draft.score >= self.speck_score
                    && draft.within(Feature::EquivalentDiameterMm, 0.0, self.lobule_mm)
            })
            .collect();
        let joined = groups(&frames(drafts, &members, scale), self.speck_gap_mm, |a, b| {
            let (a, b) = (
                &drafts[members[a]].candidate.region,
                &drafts[members[b]].candidate.region,
            );
            gap(a, b, scale, self.speck_gap_mm).is_some()
        });
        for group in joined.into_iter().filter(|group| group.len() >= self.speck_count) {
            let group: Vec<usize> = group.into_iter().map(|nth| members[nth]).collect();
            if straying(&points(drafts, &group, scale)).is_some_and(|s| s.share <= self.curve_residual / 2.0) {
                continue;
            }
            for &i in &group {
                let gap = self.speck_gap_mm;
                let criterion = format!("one of at least {} specks less than {gap} mm apart", self.speck_count);
                let evidence = company(Label::Calcification.name(), criterion, None, group.len() as f64, 1.0);
                drafts[i].relabel(Label::Calcification, self.context_score, evidence);
            }
        }
    }

    /// Foci of the size and form of a grain seen from the side.
    fn spindles(&self, drafts: &[Draft], scale: Scale) -> Vec<usize> {
        let [shortest, longest] = self.grain_length_mm;
        (0..drafts.len())
            .filter(|&i| {
                let draft = &drafts[i];
                !draft.is_settled()
                    && draft.score >= self.field_score
                    && draft.within(Feature::MajorAxisMm, shortest, longest)
                    && draft.within(Feature::MinorAxisMm, 0.0, self.grain_width_mm)
                    && draft.within(Feature::AspectRatio, self.grain_aspect, f64::INFINITY)
                    && draft.direction(scale).is_some()
            })
            .collect()
    }

    /// A field of aligned grains names its members, round ones seen end on included; a spindle without a field loses the name.
    pub(super) fn judge_grains(&self, drafts: &mut [Draft], scale: Scale) {
        let members = self.spindles(drafts, scale);
        let mut in_field = vec![false; drafts.len()];
        for group in groups(&point_frames(drafts, &members, scale), self.field_reach_mm, |_, _| true) {
            let group: Vec<usize> = group.into_iter().map(|nth| members[nth]).collect();
            let Some((grains, alignment)) = self.field(drafts, &group, scale) else {
                continue;
            };
            let score = self.context_score.max(((1.0 + alignment) / 2.0) as f32);
            for i in grains {
                let criterion = format!(
                    "one of at least {} spindles along one direction over an area",
                    self.field_count
                );
                let evidence = company(
                    Label::RiceGrain.name(),
                    criterion,
                    Some(Feature::Alignment),
                    alignment,
                    1.0,
                );
                drafts[i].relabel(Label::RiceGrain, score, evidence);
                in_field[i] = true;
            }
        }
        self.judge_end_on(drafts, &mut in_field, scale);
        for (i, draft) in drafts.iter_mut().enumerate() {
            if draft.assessment.label == Label::RiceGrain && !in_field[i] {
                let criterion = format!(
                    "one of at least {} spindles along one direction over an area",
                    self.field_count
                );
                draft.unlabel(company(Label::RiceGrain.name(), criterion, None, 0.0, -1.0), LONE_GRAIN);
            }
        }
    }

    /// Those of `group` that lie along its common direction, with their axial coherence, if they make a field: the
    /// direction is no chance (Rayleigh's test, `n R^2`, Fisher 1993), they are enough, and they cover an area.
    fn field(&self, drafts: &[Draft], group: &[usize], scale: Scale) -> Option<(Vec<usize>, f64)> {
        let along: Vec<(usize, [f64; 2])> = group
            .iter()
            .filter_map(|&i| Some((i, drafts[i].direction(scale)?)))
            .collect();
        let directions: Vec<[f64; 2]> = along.iter().map(|(_, direction)| *direction).collect();
        let all = coherence(&directions)?;
        if all * all * (along.len() as f64) < self.field_rayleigh {
            return None;
        }
        let mean = mean_axis(&directions);
        let cosine = self.field_angle_deg.to_radians().cos();
        let near_axis = |d: &[f64; 2]| (d[0] * mean[0] + d[1] * mean[1]).abs() >= cosine;
        let (grains, directions): (Vec<usize>, Vec<[f64; 2]>) = along.into_iter().filter(|(_, d)| near_axis(d)).unzip();
        let alignment = coherence(&directions).filter(|r| *r >= self.field_alignment)?;
        let spread = straying(&points(drafts, &grains, scale)).is_some_and(|s| !self.on_curve(s))
            || self.beside_one_another(drafts, &grains);
        (spread && grains.len() >= self.field_count).then_some((grains, alignment))
    }

    fn judge_end_on(&self, drafts: &mut [Draft], in_field: &mut [bool], scale: Scale) {
        let all: Vec<usize> = (0..drafts.len()).collect();
        let mut grains_near = vec![0usize; drafts.len()];
        let reach = self.field_reach_mm / 2.0;
        for_each_near_pair(&point_frames(drafts, &all, scale), reach, |a, b| {
            grains_near[a] += usize::from(in_field[b]);
            grains_near[b] += usize::from(in_field[a]);
        });
        let [shortest, longest] = self.grain_length_mm;
        for (i, draft) in drafts.iter_mut().enumerate() {
            let end_on = !in_field[i]
                && grains_near[i] >= self.end_on_neighbours
                && draft.score >= self.field_score
                && !draft.is_settled()
                && draft.within(Feature::MajorAxisMm, shortest / 2.0, longest)
                && draft.within(Feature::MinorAxisMm, 0.0, self.grain_width_mm);
            if end_on {
                let criterion = format!(
                    "at least {} grains of a field within {reach} mm",
                    self.end_on_neighbours
                );
                let near = grains_near[i] as f64;
                let evidence = company(Label::RiceGrain.name(), criterion, None, near, 1.0);
                draft.relabel(Label::RiceGrain, self.context_score, evidence);
                in_field[i] = true;
            }
        }
    }
}
