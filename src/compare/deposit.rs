//! A deposit as both pictures show it.

use super::aligned::Aligned;
use super::draw::Outline;
use super::growth::Growth;
use crate::label::Region;

/// All pieces in one; `None` without any.
pub(super) fn whole(outlines: &[Outline]) -> Option<Region> {
    let runs = outlines
        .iter()
        .flat_map(|outline| outline.region.runs().iter().copied());
    Region::new(runs.collect())
}

pub(super) fn area(outlines: &[Outline]) -> f64 {
    outlines.iter().map(|outline| outline.area_px).sum()
}

/// A deposit: foci in either picture by index, and its outlines as measured alike, on the prior grid.
pub(super) struct Deposit {
    pub(super) prior: Vec<usize>,
    pub(super) current: Vec<usize>,
    /// `None`: nothing stands out there.
    pub(super) outlines: [Vec<Outline>; 2],
    /// How one lies on the other, where that is told better than by outlines.
    pub(super) growth: Option<Growth>,
    /// Whether the picture shows the place.
    pub(super) shown: [bool; 2],
    /// All of it, on the prior grid.
    pub(super) place: Region,
    /// Whether something stands out where it is said not to be, and it is not clear what.
    pub(super) doubtful: bool,
}

impl Deposit {
    /// Its pixels in each picture, or those of its place where nothing is.
    pub(super) fn drawn(&self, aligned: &Aligned<'_>) -> [Option<Region>; 2] {
        let drawn = |nth: usize| whole(&self.outlines[nth]).unwrap_or_else(|| self.place.clone());
        [Some(drawn(0)), aligned.there(&drawn(1))]
    }
}
