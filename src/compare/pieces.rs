//! What one picture shows as a whole and the other one in pieces.
//!
//! A deposit's own texture parts it too, and a report may hold one of two pieces only. So every pixel is asked whether as much of it is
//! there in the other picture: where a band across the deposit is not, and all around it is, it has come apart (or
//! together).

use super::draw::Outline;
use super::expected::{Expected, mean};
use super::patch::{Patch, Side};
use crate::label::{Connectivity, Region, components};
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// What is less than this share of what the other picture leads to expect is missing.
const MISSING: [f64; 3] = [0.5, 0.6, 0.4];
/// Least share of the whole that a piece has, and that all have.
const LEAST: (f64, f64) = (0.15, 0.5);
/// Least width of what is missing between two pieces, mm, and how far beyond its narrowest place it is looked at, mm.
const GAP_MM: (f64, f64) = (1.0, 1.0);
/// Most of the gap that is there, against what is expected, and how high the whole is there, against its pieces.
const GAP: (f64, f64) = (0.4, 0.6);
/// Least share of what is missing that lies in the gap: what shrinks beside a bone is missing all around.
const IN_GAP: f64 = 0.6;
/// How much more is missing than is left between the pictures around, in units of its spread.
const CLEAR: f64 = 3.0;

/// A whole and its pieces, on the prior grid.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    /// The picture that shows pieces.
    pub(super) side: Side,
    pub(super) whole: Region,
    pub(super) parts: Vec<Region>,
}

impl Patch {
    /// The pieces of what lies at `place`, if one picture shows it whole and the other one does not.
    pub(super) fn pieces(&self, place: &Region) -> Option<Pieces> {
        let found = Side::BOTH.map(|shows| {
            // As it was reported, as it is drawn here, or drawn with room to be larger.
            let drawn = |from: &Region| Some(self.outlines(from, shows).into_iter().next()?.region);
            let once = drawn(place);
            let twice = once.as_ref().and_then(drawn);
            let wholes = [Some(place.clone()), once, twice, self.reach(place, shows)];
            wholes.into_iter().flatten().find_map(|whole| {
                let parts = self.parted(&whole, shows)?;
                let is_meant = parts.iter().any(|part| part.overlap(place) > 0);
                is_meant.then(|| Pieces {
                    side: shows.other(),
                    whole,
                    parts,
                })
            })
        });
        match found {
            [Some(pieces), None] | [None, Some(pieces)] => Some(pieces),
            _ => None,
        }
    }

    /// The pieces in the other picture of what the picture `of` shows as `whole`.
    fn parted(&self, whole: &Region, of: Side) -> Option<Vec<Region>> {
        let expected = self.expected(whole, of)?;
        let area = expected.inside.len() as f64;
        MISSING.iter().find_map(|least| {
            let there = expected.there(*least);
            let parts: Vec<Region> = components(&there, None, Connectivity::Eight)
                .into_iter()
                .filter(|part| part.summary.area as f64 >= LEAST.0 * area)
                .map(|part| part.region)
                .collect();
            let all: u64 = parts.iter().map(Region::area).sum();
            if parts.len() < 2 || (all as f64) < LEAST.1 * area || !self.are_apart(&parts, &there, &expected) {
                return None;
            }
            Some(parts.into_iter().filter_map(|part| self.whole(part)).collect())
        })
    }

    /// Whether a gap lies between each of `parts` and its nearest neighbour, and little else is missing of what is not `there`.
    fn are_apart(&self, parts: &[Region], there: &Mask, expected: &Expected) -> bool {
        let missing: Vec<(usize, usize)> = expected
            .inside
            .iter()
            .copied()
            .filter(|&(row, column)| !there.get(row, column))
            .collect();
        let away = |part: &Region| morphology::squared_distance_to(&part.to_mask(self.seen.shape()), [1.0, 1.0]);
        let aways: Vec<Array2<f32>> = parts.iter().map(away).collect();
        (0..parts.len()).all(|nth| {
            let squared = |other: usize| {
                let all = parts[nth].pixels().map(|place| aways[other][place]);
                all.fold(f32::INFINITY, f32::min)
            };
            let others = (0..parts.len()).filter(|other| *other != nth);
            let Some(other) = others.min_by(|a, b| squared(*a).total_cmp(&squared(*b))) else {
                return false;
            };
            let width = f64::from(squared(other)).sqrt();
            let limit = (width + GAP_MM.1 / self.pixel_mm) as f32;
            let beside = |place: (usize, usize)| aways[nth][place].sqrt() + aways[other][place].sqrt() <= limit;
            let gap: Vec<(usize, usize)> = missing.iter().copied().filter(|place| beside(*place)).collect();
            if width * self.pixel_mm < GAP_MM.0 || gap.is_empty() {
                return false;
            }
            let high = |part: &Region| mean(&expected.heights, part.pixels());
            let pieces = high(&parts[nth]).min(high(&parts[other]));
            let here = mean(&expected.heights, gap.iter().copied());
            let left = mean(&expected.shown, gap.iter().copied());
            here >= GAP.1 * pieces
                && left <= GAP.0 * here
                && here - left >= CLEAR * expected.spread
                && ((parts.len() - 1) * gap.len()) as f64 >= IN_GAP * missing.len() as f64
        })
    }

    /// Makes pieces one where a valley between them is no deeper than in the other picture, which shows one.
    pub(super) fn settle_pieces(&self, outlines: &mut [Vec<Outline>; 2]) {
        for side in Side::BOTH {
            let (nth, other) = (side.index(), side.other().index());
            if outlines[nth].len() < 2 {
                continue;
            }
            let parted = |one: &Outline, two: &Outline| {
                let valley = |side: Side| self.valley(&one.region, &two.region, side).unwrap_or(0.0);
                let (here, there) = (valley(side), valley(side.other()));
                // The same valley in both pictures is form, not change.
                here >= 0.5 && (outlines[other].len() > 1 || here - there >= 0.3)
            };
            let mut apart: Vec<Outline> = Vec::new();
            for piece in &outlines[nth] {
                match apart.iter().position(|other| !parted(piece, other)) {
                    Some(at) => {
                        if let Some(joined) = apart[at].with(piece) {
                            apart[at] = joined;
                        }
                    }
                    None => apart.push(piece.clone()),
                }
            }
            outlines[nth] = apart;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::patch::Side;
    use super::super::sample::{SHAPE, deposit, ground, noise, patch, region};
    use ndarray::Array2;

    const MIDDLE: (f64, f64) = (60.0, 66.0);

    /// Without the rows of a gap of 2 mm.
    fn parted(whole: &Array2<f32>) -> Array2<f32> {
        Array2::from_shape_fn(SHAPE, |(r, c)| if (55..65).contains(&r) { 0.0 } else { whole[(r, c)] })
    }

    fn prior(of: &Array2<f32>) -> Array2<f32> {
        ground(0.3) + of * 90.0 + noise(1) * 8.0
    }

    fn current(of: &Array2<f32>) -> Array2<f32> {
        ground(1.4) * 0.7 + of * 260.0 + noise(2) * 8.0
    }

    #[test]
    fn what_comes_apart_or_together_is_found_from_either_picture() {
        let whole = deposit(4.0, MIDDLE);
        let two = parted(&whole);
        let place = region(&whole);
        let split = patch(prior(&whole), current(&two)).pieces(&place).unwrap();
        assert_eq!((split.side, split.parts.len()), (Side::Current, 2));
        let merged = patch(prior(&two), current(&whole)).pieces(&place).unwrap();
        assert_eq!((merged.side, merged.parts.len()), (Side::Prior, 2));
        // Above and below the gap, and within the whole.
        for part in merged.parts.iter().chain(&split.parts) {
            let bounds = part.bounds();
            assert!(bounds.bottom <= 40 + 58 || bounds.top >= 40 + 62, "{bounds:?}");
            assert_eq!(part.overlap(&place), part.area());
        }
    }

    #[test]
    fn a_piece_leads_to_the_whole() {
        let whole = deposit(4.0, MIDDLE);
        let two = parted(&whole);
        // Only the upper piece was reported.
        let upper = Array2::from_shape_fn(SHAPE, |(r, c)| if r < 55 { two[(r, c)] } else { 0.0 });
        let pieces = patch(prior(&whole), current(&two)).pieces(&region(&upper)).unwrap();
        assert_eq!((pieces.side, pieces.parts.len()), (Side::Current, 2));
    }

    #[test]
    fn what_shrinks_or_has_a_valley_in_both_is_not_in_pieces() {
        let (whole, small) = (deposit(4.0, MIDDLE), deposit(1.8, MIDDLE));
        let place = region(&whole);
        assert!(patch(prior(&whole), current(&whole)).pieces(&place).is_none());
        assert!(patch(prior(&whole), current(&small)).pieces(&place).is_none());
        let two = parted(&whole);
        assert!(patch(prior(&two), current(&two)).pieces(&place).is_none());
        // Beside a bone, which both show and the outline holds too.
        let bone = deposit(1.0, (60.0, 82.0));
        let both = &whole + &bone;
        let shrunk = patch(prior(&both), current(&(&small + &bone)));
        assert!(shrunk.pieces(&region(&both)).is_none());
    }
}
