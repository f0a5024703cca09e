//! Which foci of one picture are which of the other: groups that are one deposit each.
//!
//! Foci that lie on each other are one deposit; the best overlap first, one to one. What is left joins a neighbour's pair if
//! it lies in it and cannot be seen apart there in the other picture. A deposit that is whole in one picture and in pieces in the
//! other takes in what is reported of its pieces.

use super::aligned::Aligned;
use super::patch::{Patch, Side};
use super::pieces::Pieces;
use crate::finding::Focus;
use crate::label::Region;

/// A focus of either picture on the prior grid.
pub(super) struct Item<'a> {
    pub(super) focus: &'a Focus,
    pub(super) region: Region,
    centroid: (f64, f64),
    diameter: f64,
}

impl<'a> Item<'a> {
    fn new(focus: &'a Focus, region: Region) -> Self {
        let count = region.area() as f64;
        let sum = region.pixels().fold((0.0, 0.0), |sum, (row, column)| {
            (sum.0 + row as f64, sum.1 + column as f64)
        });
        Self {
            focus,
            centroid: (sum.0 / count, sum.1 / count),
            diameter: (4.0 * count / std::f64::consts::PI).sqrt(),
            region,
        }
    }
}

/// Foci that are one deposit: indices of prior and of current items.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) own: [Vec<usize>; 2],
    /// What is whole in one picture and in pieces in the other.
    pub(super) pieces: Option<Pieces>,
}

impl Group {
    fn new(prior: Vec<usize>, current: Vec<usize>) -> Self {
        Self {
            own: [prior, current],
            pieces: None,
        }
    }
}

/// Foci of both pictures.
pub(super) struct Foci<'a> {
    aligned: &'a Aligned<'a>,
    items: [Vec<Item<'a>>; 2],
    tolerance_mm: f64,
}

impl<'a> Foci<'a> {
    pub(super) fn new(aligned: &'a Aligned<'a>, foci: [&'a [Focus]; 2], tolerance_mm: f64) -> Self {
        let prior = foci[0]
            .iter()
            .map(|focus| Item::new(focus, focus.candidate.region.clone()));
        // A focus beyond the prior grid has no place on it.
        let current = foci[1]
            .iter()
            .filter_map(|focus| Some(Item::new(focus, aligned.back(&focus.candidate.region)?)));
        Self {
            aligned,
            items: [prior.collect(), current.collect()],
            tolerance_mm,
        }
    }

    /// Those that the picture `side` reports.
    pub(super) fn of(&self, side: Side) -> &[Item<'a>] {
        &self.items[side.index()]
    }

    /// Both pictures around `region`.
    pub(super) fn patch(&self, region: &Region) -> Option<Patch> {
        let known: Vec<&Region> = self.items.iter().flatten().map(|item| &item.region).collect();
        Patch::around(self.aligned, region, &known)
    }

    /// All foci, those of one deposit together; `counts` tells which groups are followed.
    pub(super) fn groups(&self, counts: impl Fn(&Group) -> bool) -> Vec<Group> {
        let mut groups = self.pairs();
        self.join(&mut groups);
        self.gather(&mut groups, &counts);
        groups.retain(counts);
        groups
    }

    /// One to one, the most alike first; what has no partner stands alone.
    fn pairs(&self) -> Vec<Group> {
        let pixel = self.aligned.rulers.0.mean();
        let mut likely: Vec<(f64, usize, usize)> = Vec::new();
        for (p, prior) in self.of(Side::Prior).iter().enumerate() {
            for (c, current) in self.of(Side::Current).iter().enumerate() {
                let shared = prior.region.overlap(&current.region) as f64;
                let union = (prior.region.area() + current.region.area()) as f64 - shared;
                let away = (prior.centroid.0 - current.centroid.0).hypot(prior.centroid.1 - current.centroid.1);
                let limit = 0.5 * prior.diameter.min(current.diameter) + self.tolerance_mm / pixel;
                if shared > 0.0 || away < limit {
                    likely.push((shared / union + 0.3 * (1.0 - away / limit).max(0.0), p, c));
                }
            }
        }
        likely.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut taken = self.items.each_ref().map(|items| vec![false; items.len()]);
        let mut groups: Vec<Group> = Vec::new();
        for (_, p, c) in likely {
            if !taken[0][p] && !taken[1][c] {
                (taken[0][p], taken[1][c]) = (true, true);
                groups.push(Group::new(vec![p], vec![c]));
            }
        }
        let alone = |taken: &[bool]| -> Vec<usize> { (0..taken.len()).filter(|at| !taken[*at]).collect() };
        groups.extend(alone(&taken[0]).into_iter().map(|p| Group::new(vec![p], Vec::new())));
        groups.extend(alone(&taken[1]).into_iter().map(|c| Group::new(Vec::new(), vec![c])));
        groups
    }

    /// Lets foci without a partner join the pair they lie in, where both cannot be seen apart in the other picture.
    fn join(&self, groups: &mut Vec<Group>) {
        let mut at = 0;
        while at < groups.len() {
            let (side, own) = match (&groups[at].own[0][..], &groups[at].own[1][..]) {
                (&[own], []) => (Side::Prior, own),
                ([], &[own]) => (Side::Current, own),
                _ => {
                    at += 1;
                    continue;
                }
            };
            let (mine, others) = (self.of(side), self.of(side.other()));
            let host = groups.iter().position(|group| {
                let (Some(beside), &[partner]) =
                    (group.own[side.index()].first(), &group.own[side.other().index()][..])
                else {
                    return false;
                };
                let within = |item: &Item<'_>| {
                    let whole = &others[partner].region;
                    item.region.overlap(whole) as f64 >= 0.5 * item.region.area() as f64
                };
                within(&mine[own])
                    && within(&mine[*beside])
                    && self.is_one(&mine[own], &mine[*beside], &others[partner], side)
            });
            match host {
                Some(host) => {
                    groups[host].own[side.index()].push(own);
                    groups.remove(at);
                }
                None => at += 1,
            }
        }
    }

    /// Whether two foci of the picture `side` are one in the other picture.
    fn is_one(&self, one: &Item<'_>, other: &Item<'_>, whole: &Item<'_>, side: Side) -> bool {
        let depth = |patch: Patch| patch.valley(&one.region, &other.region, side.other());
        self.patch(&whole.region)
            .and_then(depth)
            .is_some_and(|depth| depth < 0.5)
    }

    /// Finds deposits that are whole in one picture and in pieces in the other, and what else is reported of the pieces.
    fn gather(&self, groups: &mut Vec<Group>, counts: impl Fn(&Group) -> bool) {
        let mut at = 0;
        while at < groups.len() {
            // What has been taken in by another one is no longer there.
            if counts(&groups[at])
                && let Some(pieces) = self.pieces(&groups[at])
            {
                at -= self.take_in(groups, at, &pieces);
                groups[at].pieces = Some(pieces);
            }
            at += 1;
        }
    }

    /// Lets foci without a partner that lie in `pieces` belong to the group `host`; gives how many of those before it did.
    fn take_in(&self, groups: &mut Vec<Group>, host: usize, pieces: &Pieces) -> usize {
        let mut taken: [Vec<usize>; 2] = Default::default();
        let mut before = 0;
        let mut nth = 0;
        groups.retain(|group| {
            let at = nth;
            nth += 1;
            let alone = group.own.iter().any(Vec::is_empty) && group.pieces.is_none() && at != host;
            let lies_in = |side: Side| {
                group.own[side.index()].iter().all(|own| {
                    let region = &self.of(side)[*own].region;
                    2 * pieces.whole.overlap(region) >= region.area()
                })
            };
            let belongs = alone && Side::BOTH.into_iter().all(lies_in);
            if belongs {
                before += usize::from(at < host);
                for (taken, own) in taken.iter_mut().zip(&group.own) {
                    taken.extend(own);
                }
            }
            !belongs
        });
        for (own, taken) in groups[host - before].own.iter_mut().zip(taken) {
            own.extend(taken);
        }
        before
    }

    /// What of a group is whole in one picture and in pieces in the other.
    fn pieces(&self, group: &Group) -> Option<Pieces> {
        if group.own.iter().map(Vec::len).sum::<usize>() > 2 {
            return None;
        }
        let regions = |side: Side| {
            group.own[side.index()]
                .iter()
                .map(move |own| &self.of(side)[*own].region)
        };
        let place = Region::new(
            Side::BOTH
                .into_iter()
                .flat_map(regions)
                .flat_map(|region| region.runs().iter().copied())
                .collect(),
        )?;
        self.patch(&place)?.pieces(&place)
    }
}
