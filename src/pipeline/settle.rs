//! One candidate for one object: the same focus shows at several scales.

use crate::finding::Candidate;
use crate::label::Region;
use crate::measure::Feature;

/// Keeps one of each set of candidates that are the same object, in raster order of the first pixel.
///
/// Of two that coincide the one that is better closed and stands out more stays. Of a part and its whole the whole
/// stays, if it is nearly as closed and is not itself over bone: lobules belong to their mass, a rim to its ossicle.
pub(super) fn one_per_object<C: AsRef<Candidate>>(mut candidates: Vec<C>) -> Vec<C> {
    // Largest first, so that a whole is met before its parts; ties in raster order.
    candidates.sort_by(|a, b| {
        let (a, b) = (&a.as_ref().region, &b.as_ref().region);
        b.area().cmp(&a.area()).then_with(|| a.runs().cmp(b.runs()))
    });
    let mut kept: Vec<C> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let own = candidate.as_ref();
        let rival = kept
            .iter()
            .map(C::as_ref)
            .position(|other| covers(&other.region, &own.region) && is_better_whole(other, own));
        if rival.is_none() {
            kept.retain(|other| {
                let other = other.as_ref();
                !(coincide(&other.region, &own.region) && quality(other) < quality(own))
            });
            let beaten = kept.iter().any(|other| coincide(&other.as_ref().region, &own.region));
            if !beaten {
                kept.push(candidate);
            }
        }
    }
    kept.sort_by(|a, b| a.as_ref().region.runs().cmp(b.as_ref().region.runs()));
    kept
}

/// Keeps one of each set of candidates that are drawn alike, in raster order of the first pixel: the one that is better
/// closed and stands out more.
pub(super) fn distinct<C: AsRef<Candidate>>(mut candidates: Vec<C>) -> Vec<C> {
    candidates.sort_by(|a, b| {
        let (a, b) = (a.as_ref(), b.as_ref());
        quality(b)
            .total_cmp(&quality(a))
            .then_with(|| a.region.runs().cmp(b.region.runs()))
    });
    let mut kept: Vec<C> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        if !kept
            .iter()
            .any(|other| alike(&other.as_ref().region, &candidate.as_ref().region))
        {
            kept.push(candidate);
        }
    }
    kept.sort_by(|a, b| a.as_ref().region.runs().cmp(b.as_ref().region.runs()));
    kept
}

/// Which candidates stand for an object of their own, given the chance in `0.0..=1.0` that each is a focus: the likeliest
/// first, and none that shares most of its own or of the other's pixels with one that stands already.
pub(super) fn likeliest(candidates: &[Candidate], chances: &[f32]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|&a, &b| {
        chances[b]
            .total_cmp(&chances[a])
            .then_with(|| candidates[a].region.runs().cmp(candidates[b].region.runs()))
    });
    let mut stands = vec![false; candidates.len()];
    let mut kept: Vec<usize> = Vec::new();
    for i in order {
        let own = &candidates[i].region;
        let taken = kept.iter().any(|&other| {
            let other = &candidates[other].region;
            boxes_meet(own, other) && 2 * own.overlap(other) > own.area().min(other.area())
        });
        if !taken {
            stands[i] = true;
            kept.push(i);
        }
    }
    stands
}

/// Whether two regions differ by less than a quarter of their union.
fn alike(a: &Region, b: &Region) -> bool {
    boxes_meet(a, b) && {
        let shared = a.overlap(b);
        4 * shared >= 3 * (a.area() + b.area() - shared)
    }
}

/// Whether most of `part` lies in the filled outline of `whole`.
fn covers(whole: &Region, part: &Region) -> bool {
    boxes_meet(whole, part) && whole.overlap(part) * 2 > part.area()
}

/// Whether two regions are the same object: intersection over union of at least a half.
fn coincide(a: &Region, b: &Region) -> bool {
    boxes_meet(a, b) && {
        let shared = a.overlap(b);
        shared * 2 >= a.area() + b.area() - shared
    }
}

fn boxes_meet(a: &Region, b: &Region) -> bool {
    let (a, b) = (a.bounds(), b.bounds());
    a.top < b.bottom && b.top < a.bottom && a.left < b.right && b.left < a.right
}

fn is_better_whole(whole: &Candidate, part: &Candidate) -> bool {
    let closure = |candidate: &Candidate| candidate.features.get(Feature::BoundaryClosure).unwrap_or(0.0);
    let bone = |candidate: &Candidate| candidate.features.get(Feature::BoneOverlap).unwrap_or(0.0);
    let contrast = |candidate: &Candidate| candidate.features.get(Feature::Contrast).unwrap_or(0.0);
    closure(whole) >= 0.75
        && closure(whole) >= closure(part) - 0.15
        && bone(whole) <= bone(part).max(0.2)
        && contrast(whole) >= 0.35 * contrast(part)
}

fn quality(candidate: &Candidate) -> f64 {
    let get = |feature| candidate.features.get(feature).unwrap_or(0.0);
    get(Feature::BoundaryClosure) * get(Feature::ContrastToRing).clamp(0.0, 20.0)
}
