//! Which detection took which focus. The rules are in the room's door.

use super::case::{Case, Detection, TruthFocus, Visibility, is_vascular};
use super::geometry::{box_overlap, dice, distance_within, holds};
use super::options::Options;
use crate::label::Region;
use crate::units::Millimetres;

/// What a detection turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It took the focus of this index in [`Case::truth`].
    Hit(usize),
    /// On a focus already taken, ignored, or a lobe of one; or a vessel called vascular.
    Neutral,
    /// On no focus; on the distractor of this index in [`Case::distractors`], if on one.
    False(Option<usize>),
}

/// The fates of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Of each detection, in the order of [`Case::found`].
    pub fates: Vec<Fate>,
    /// Index of the detection that took each focus, in the order of [`Case::truth`].
    pub taken_by: Vec<Option<usize>>,
}

/// Matches the detections of one image to its foci, best score first.
pub fn match_case(case: &Case, options: &Options) -> Matching {
    let mut order: Vec<usize> = (0..case.found.len()).collect();
    // Stable: equal scores stay in the order given. What is not a number comes last.
    order.sort_by(|&a, &b| rank(case.found[b].score).total_cmp(&rank(case.found[a].score)));
    let mut taken_by = vec![None; case.truth.len()];
    let mut fates = vec![Fate::Neutral; case.found.len()];
    for index in order {
        let detection = &case.found[index];
        let fate = fate(case, detection, &taken_by, options);
        if let Fate::Hit(focus) = fate {
            taken_by[focus] = Some(index);
        }
        fates[index] = fate;
    }
    Matching { fates, taken_by }
}

/// The score by which detections are ordered.
pub(super) fn rank(score: f32) -> f32 {
    if score.is_nan() { f32::NEG_INFINITY } else { score + 0.0 }
}

fn fate(case: &Case, detection: &Detection, taken_by: &[Option<usize>], options: &Options) -> Fate {
    let mut on_a_focus = false;
    let mut best: Option<(f64, f64, usize)> = None;
    for (index, focus) in case.truth.iter().enumerate() {
        let Some(distance) = hit(&focus.region, detection, case.spacing, options) else {
            on_a_focus = on_a_focus || is_lobe(focus, detection, options);
            continue;
        };
        on_a_focus = true;
        if focus.visibility == Visibility::Ignore || taken_by[index].is_some() {
            continue;
        }
        let overlap = dice(&focus.region, &detection.region);
        if better(best, overlap, distance) {
            best = Some((overlap, distance, index));
        }
    }
    if let Some((_, _, index)) = best {
        return Fate::Hit(index);
    }
    if on_a_focus {
        return Fate::Neutral;
    }
    let mut struck: Option<(f64, f64, usize)> = None;
    for (index, distractor) in case.distractors.iter().enumerate() {
        let Some(distance) = hit(&distractor.region, detection, case.spacing, options) else {
            continue;
        };
        let overlap = dice(&distractor.region, &detection.region);
        if better(struck, overlap, distance) {
            struck = Some((overlap, distance, index));
        }
    }
    match struck.map(|(_, _, index)| index) {
        Some(index) if case.distractors[index].is_vessel() && is_vascular(&detection.label) => Fate::Neutral,
        on => Fate::False(on),
    }
}

/// Whether a larger overlap, or an equal one at a smaller distance, speaks for a change. Of equals the first stays.
fn better(best: Option<(f64, f64, usize)>, overlap: f64, distance: f64) -> bool {
    best.is_none_or(|(other, away, _)| overlap > other || (overlap == other && distance < away))
}

/// Distance of the centroid to the region if the detection hits it; infinite if the boxes alone do.
fn hit(region: &Region, detection: &Detection, spacing: Option<[Millimetres; 2]>, options: &Options) -> Option<f64> {
    let distance = match spacing {
        Some(spacing) => distance_within(region, detection.centroid, spacing, options.reach_mm),
        None => holds(region, detection.centroid).then_some(0.0),
    };
    let boxes = || box_overlap(region.bounds(), detection.region.bounds()) >= options.box_overlap;
    distance.or_else(|| boxes().then_some(f64::INFINITY))
}

fn is_lobe(focus: &TruthFocus, detection: &Detection, options: &Options) -> bool {
    let (outer, inner) = (focus.region.bounds(), detection.region.bounds());
    let apart = inner.bottom <= outer.top
        || outer.bottom <= inner.top
        || inner.right <= outer.left
        || outer.right <= inner.left;
    !apart && focus.region.overlap(&detection.region) as f64 >= options.lobe_share * detection.region.area() as f64
}

#[cfg(test)]
mod tests;
