//! What became of each deposit: where it is in both pictures and how large.
//!
//! What both reports hold is drawn alike in both pictures and laid on each other; what only one of them holds is looked for in the
//! other picture at its place, as a reader would, before it is called new or gone.

use super::aligned::Aligned;
use super::deposit::{Deposit, area};
use super::draw::Outline;
use super::growth::Growth;
use super::partners::{Foci, Group};
use super::patch::{Patch, Side};
use super::pieces::Pieces;
use crate::finding::Focus;
use crate::label::Region;
use crate::radiograph::Radiograph;
use crate::scene::Scene;

/// A deposit wider than this is sought in all of the place that either picture shows, mm.
const LARGE_MM: f64 = 8.0;

/// What one picture shows of a deposit has been laid well on the other if so much of it is explained, and its growth is known to
/// this deviation of the logarithm; if less, the outlines are believed.
const EXPLAINED: f64 = 0.3;
const LOOSE: f64 = 0.5;
/// Share of the area by which that of a piece is uncertain that cannot be drawn by itself.
const UNSURE: f64 = 0.2;

/// Numbers that decide, see [`super::Settings`].
pub(super) struct Limits {
    pub(super) presence: f64,
    pub(super) tolerance_mm: f64,
    pub(super) least_score: f32,
}

/// What became of `foci` of the prior and the current picture.
pub(super) fn follow(aligned: &Aligned<'_>, foci: [&[Focus]; 2], limits: &Limits) -> Vec<Deposit> {
    let follower = Follower {
        aligned,
        limits,
        foci: Foci::new(aligned, foci, limits.tolerance_mm),
    };
    let groups = follower.foci.groups(|group| follower.counts(group));
    let mut deposits: Vec<Deposit> = groups.iter().filter_map(|group| follower.deposit(group)).collect();
    deposits.sort_by(|a, b| a.place.runs().cmp(b.place.runs()));
    deposits
}

/// Lays the pictures of a deposit on each other; of its outlines the one that hangs less on where it is drawn is believed, and the
/// other one becomes it, enlarged.
fn laid(patch: &Patch, place: &Region, outlines: &mut [Vec<Outline>; 2]) -> Option<Growth> {
    if outlines[0].is_empty() || outlines[0].len() != outlines[1].len() {
        return None;
    }
    let growth = patch.growth(place)?;
    if growth.explained < EXPLAINED || growth.deviation > LOOSE {
        return None;
    }
    let loose = |outlines: &[Outline]| {
        let square: f64 = outlines.iter().map(|outline| outline.uncertainty_px.powi(2)).sum();
        square.sqrt() / area(outlines)
    };
    let (from, to) = if loose(&outlines[0]) <= loose(&outlines[1]) {
        (0, 1)
    } else {
        (1, 0)
    };
    let factor = if from == 0 {
        growth.log.exp()
    } else {
        (-growth.log).exp()
    };
    let moved: Vec<Outline> = outlines[from]
        .iter()
        .filter_map(|outline| outline.moved(growth.middles[from], growth.middles[to], factor))
        .collect();
    if moved.len() < outlines[from].len() {
        return None;
    }
    outlines[to] = moved;
    Some(growth)
}

/// Outlines of a whole in one picture and of its pieces in the other.
fn in_pieces(patch: &Patch, pieces: &Pieces) -> [Vec<Outline>; 2] {
    let as_it_is = |region: &Region| Outline {
        uncertainty_px: UNSURE * region.area() as f64,
        ..Outline::of(region.clone())
    };
    let drawn = patch.outlines(&pieces.whole, pieces.side.other());
    let one = drawn
        .iter()
        .skip(1)
        .try_fold(drawn.first().cloned(), |all, next| Some(all?.with(next)));
    let parts = pieces.parts.iter().map(|part| {
        let others = || pieces.parts.iter().filter(|other| *other != part);
        let is_own = |outline: &Outline| others().all(|other| 5 * other.overlap(&outline.region) <= other.area());
        let drawn = patch.outlines(part, pieces.side).into_iter().next();
        drawn.filter(is_own).unwrap_or_else(|| as_it_is(part))
    });
    let one = one.flatten().unwrap_or_else(|| as_it_is(&pieces.whole));
    match pieces.side {
        Side::Prior => [parts.collect(), vec![one]],
        Side::Current => [vec![one], parts.collect()],
    }
}

pub(super) struct Follower<'a> {
    pub(super) aligned: &'a Aligned<'a>,
    pub(super) limits: &'a Limits,
    pub(super) foci: Foci<'a>,
}

impl Follower<'_> {
    /// Whether a group is likely enough.
    fn counts(&self, group: &Group) -> bool {
        let best = |side: Side| {
            let scores = group.own[side.index()]
                .iter()
                .map(|own| self.foci.of(side)[*own].focus.score);
            scores.fold(0.0, f32::max)
        };
        let missing = (1.0 - best(Side::Prior)) * (1.0 - best(Side::Current));
        1.0 - missing >= self.limits.least_score
    }

    fn deposit(&self, group: &Group) -> Option<Deposit> {
        let items = |side: Side| group.own[side.index()].iter().map(move |own| &self.foci.of(side)[*own]);
        let regions = Side::BOTH.into_iter().flat_map(items).map(|item| &item.region);
        let regions = regions.chain(group.pieces.iter().map(|pieces| &pieces.whole));
        let place = Region::new(regions.flat_map(|region| region.runs().iter().copied()).collect())?;
        let shown = self.shown(&place);
        let patch = self.foci.patch(&place)?;
        let (mut outlines, doubtful) = match (&group.pieces, &group.own) {
            (Some(pieces), _) => (in_pieces(&patch, pieces), false),
            (None, [prior, current]) if prior.is_empty() || current.is_empty() => {
                let side = if current.is_empty() { Side::Prior } else { Side::Current };
                let own = self.reported(&patch, side, &group.own[side.index()], &place);
                let found = self.looked_up(&patch, side.other(), &place, &own, shown[side.other().index()]);
                match side {
                    Side::Prior => ([own, found.outlines], found.doubtful),
                    Side::Current => ([found.outlines, own], found.doubtful),
                }
            }
            (None, [prior, current]) => (self.drawn(&patch, prior, current, &place), false),
        };
        let mut growth = None;
        if group.pieces.is_none() {
            patch.settle_pieces(&mut outlines);
            growth = laid(&patch, &place, &mut outlines);
        }
        let [prior, current] = &group.own;
        Some(Deposit {
            prior: prior.clone(),
            current: current
                .iter()
                .map(|c| self.foci.of(Side::Current)[*c].focus.number as usize - 1)
                .collect(),
            outlines,
            growth,
            shown,
            place,
            doubtful,
        })
    }

    /// Outlines of a deposit that both pictures report.
    ///
    /// Either report may hold a part of it only, or more than it. So it is drawn from what each reports, and from what one of them
    /// reports in both; of the three changes that follow, the one in the middle is believed.
    fn drawn(&self, patch: &Patch, prior: &[usize], current: &[usize], place: &Region) -> [Vec<Outline>; 2] {
        let own = [
            self.reported(patch, Side::Prior, prior, place),
            self.reported(patch, Side::Current, current, place),
        ];
        if prior.len() + current.len() > 2 {
            return own;
        }
        let alike = |seed: &Region| [patch.outlines(seed, Side::Prior), patch.outlines(seed, Side::Current)];
        let ways = [
            alike(&self.foci.of(Side::Prior)[prior[0]].region),
            alike(&self.foci.of(Side::Current)[current[0]].region),
        ];
        let mut all: Vec<(f64, [Vec<Outline>; 2])> = std::iter::once(own)
            .chain(ways)
            .filter(|way| way.iter().all(|outlines| !outlines.is_empty()))
            .map(|way| ((area(&way[1]) / area(&way[0])).ln(), way))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Of the two in the middle the one that says less.
        let (low, high) = ((all.len() - 1) / 2, all.len() / 2);
        let at = if all[low].0.abs() <= all[high].0.abs() {
            low
        } else {
            high
        };
        all.swap_remove(at).1
    }

    /// Outlines of what the picture `side` reports: of a large deposit in all of `place`, for a report may hold a part only; a
    /// small one is drawn better from where it was seen.
    fn reported(&self, patch: &Patch, side: Side, own: &[usize], place: &Region) -> Vec<Outline> {
        let items = self.foci.of(side);
        let diameter = (4.0 * place.area() as f64 / std::f64::consts::PI).sqrt() * self.aligned.rulers.0.mean();
        let drawn: Vec<Outline> = if diameter > LARGE_MM {
            patch.outlines(place, side)
        } else {
            own.iter()
                .flat_map(|at| patch.outlines(&items[*at].region, side))
                .collect()
        };
        if !drawn.is_empty() {
            return drawn;
        }
        // Nothing that can be drawn alike: as it was reported.
        let as_reported = own.iter().map(|at| Outline {
            uncertainty_px: 0.2 * items[*at].region.area() as f64,
            ..Outline::of(items[*at].region.clone())
        });
        as_reported.collect()
    }

    /// Whether either picture shows `place` of the prior grid: inside its field, and not under a marker.
    fn shown(&self, place: &Region) -> [bool; 2] {
        let shows = |scene: &Scene, radiograph: &Radiograph, region: &Region| {
            let (rows, columns) = radiograph.shape();
            let inside = region.pixels().filter(|&(row, column)| {
                let block = scene.grid.coarse_of(row.min(rows - 1), column.min(columns - 1));
                row < rows
                    && column < columns
                    && scene.field.get(block.0, block.1)
                    && !scene.markers.get(block.0, block.1)
            });
            inside.count() as f64 >= 0.9 * region.area() as f64
        };
        let there = self.aligned.there(place);
        [
            shows(self.aligned.scenes[0], self.aligned.prior, place),
            // What lies beyond the other picture has been cut off.
            there.is_some_and(|there| {
                let scale = self.aligned.map.determinant().abs()
                    * (self.aligned.rulers.0.mean() / self.aligned.rulers.1.mean()).powi(2);
                there.area() as f64 >= 0.85 * scale * place.area() as f64
                    && shows(self.aligned.scenes[1], self.aligned.current, &there)
            }),
        ]
    }
}
