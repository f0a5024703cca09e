//! Judging by a model: what it suspects it looks at, of what overlaps the likeliest stands, and names are given in the light of
//! each other.

use super::{Pipeline, Rough, is_certain, settle, with_neighbours};
use crate::classify::model::{LEAST_SUSPICION, Look, Member};
use crate::classify::{self, Label, Said, Verdict};
use crate::finding::Candidate;
use crate::measure::{self, RowSums, Views};
use crate::radiograph::Radiograph;

impl Pipeline {
    /// One candidate for one object, and the model's verdict on each.
    pub(super) fn judged_by_model(
        &self,
        roughs: Vec<Rough>,
        radiograph: &Radiograph,
    ) -> (Vec<Candidate>, Vec<Verdict>) {
        let place = radiograph.place();
        let roughs = with_neighbours(settle::distinct(roughs), radiograph);
        let mut candidates = self.finished(roughs, radiograph, is_certain);
        let refused: Vec<bool> = candidates
            .iter()
            .map(|candidate| self.is_refused(candidate, radiograph))
            .collect();
        let suspicions = unless_refused(&candidates, &refused, |_, candidate| {
            self.model.suspicion(&candidate.features, place)
        });
        let centroids: Vec<_> = candidates.iter().map(|candidate| candidate.centroid).collect();
        let mut features: Vec<_> = candidates.iter().map(|candidate| candidate.features.clone()).collect();
        measure::company(
            &mut features,
            &centroids,
            &suspicions,
            radiograph.spacing(),
            radiograph.shape(),
        );
        for (candidate, features) in candidates.iter_mut().zip(features) {
            candidate.features = features;
        }
        let looks = self.looks(radiograph, &candidates, &suspicions);
        let scores = unless_refused(&candidates, &refused, |nth, candidate| {
            let look = looks[nth].as_ref();
            self.model.score(&candidate.features, place, suspicions[nth], look)
        });
        let stands = settle::likeliest(&candidates, &scores);
        let each = candidates.into_iter().zip(looks).zip(scores).zip(stands);
        let standing: Vec<Scored> = each
            .filter(|(_, stands)| *stands)
            .map(|(((candidate, look), score), _)| Scored { candidate, look, score })
            .collect();
        let said = self.said(&standing, radiograph);
        let rules = &self.settings.rules;
        let judged = standing.into_iter().zip(said).map(|(Scored { candidate, .. }, said)| {
            let verdict = classify::judge(said, rules, &candidate.features, place, self.settings.least_score);
            (candidate, verdict)
        });
        judged.unzip()
    }

    /// What the model sees of the candidates it looks at.
    fn looks(&self, radiograph: &Radiograph, candidates: &[Candidate], suspicions: &[f32]) -> Vec<Option<Look>> {
        if self.model.network.is_none() {
            return vec![None; candidates.len()];
        }
        let views = views(radiograph, candidates, suspicions);
        let each = candidates.iter().zip(views);
        each.map(|(candidate, views)| self.model.look(&views?, &candidate.features, radiograph.place()))
            .collect()
    }

    /// What the model says of each: its score and, if it may be reported, its names in the light of the others. What is least suspected
    /// is company to none, so that names do not hang on how much is reported.
    fn said(&self, standing: &[Scored], radiograph: &Radiograph) -> Vec<Said> {
        let least = self.settings.least_score.min(LEAST_SUSPICION);
        let place = radiograph.place();
        let mut labels: Vec<Label> = Vec::new();
        let mut members = Vec::new();
        for Scored { candidate, look, score } in standing.iter().filter(|scored| scored.score >= least) {
            let own = self.model.name_chances(&candidate.features, place, look.as_ref());
            let (known, chances) = own.into_iter().unzip();
            labels = known;
            members.push(Member {
                centroid: candidate.centroid,
                diameter: (4.0 * candidate.region.area() as f64 / std::f64::consts::PI).sqrt(),
                score: if *score >= LEAST_SUSPICION { *score } else { 0.0 },
                chances,
            });
        }
        let company = &self.model.company;
        let reach = company.reach(radiograph.spacing(), radiograph.shape());
        let mut called = company.names(&members, reach).into_iter();
        let with_labels = |values: Vec<f32>| labels.iter().copied().zip(values).collect();
        let of = |scored: &Scored| {
            let called = if scored.score >= least { called.next() } else { None };
            let (names, around) = called.map_or_else(Default::default, |called| (called.chances, called.around));
            Said {
                score: scored.score,
                names: with_labels(names),
                around: with_labels(around),
                weight: company.weight,
                sure: self.model.sure,
            }
        };
        standing.iter().map(of).collect()
    }
}

/// A candidate, what was seen of it, and its score.
struct Scored {
    candidate: Candidate,
    look: Option<Look>,
    score: f32,
}

/// The chance of each candidate, of which `chance` takes the number too; none of what is refused.
fn unless_refused(candidates: &[Candidate], refused: &[bool], chance: impl Fn(usize, &Candidate) -> f32) -> Vec<f32> {
    let each = candidates.iter().zip(refused).enumerate();
    each.map(|(nth, (candidate, &refused))| if refused { 0.0 } else { chance(nth, candidate) })
        .collect()
}

/// Views of the candidates that are suspected enough to be looked at.
pub(super) fn views(radiograph: &Radiograph, candidates: &[Candidate], suspicions: &[f32]) -> Vec<Option<Views>> {
    let is_looked_at = |suspicion: &f32| *suspicion >= LEAST_SUSPICION;
    if !suspicions.iter().any(is_looked_at) {
        return vec![None; candidates.len()];
    }
    let sums = RowSums::of(radiograph);
    let each = candidates.iter().zip(suspicions);
    each.map(|(candidate, suspicion)| is_looked_at(suspicion).then(|| Views::of(&candidate.region, &sums)))
        .collect()
}
