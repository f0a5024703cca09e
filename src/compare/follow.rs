//! Which focus of one picture is which of the other.
//!
//! Foci that lie on each other are one deposit; the best overlap first, one to one. What is left joins a neighbour's pair if
//! it lies in it and the pictures show a valley in one and none in the other (merged, split), else it is looked for in the
//! other picture at its place, as a reader would, before it is called new or gone.

use super::aligned::Aligned;
use super::draw::Outline;
use super::growth::Growth;
use super::patch::{Patch, Side};
use crate::finding::Focus;
use crate::label::Region;
use crate::radiograph::Radiograph;
use crate::scene::Scene;

/// A deposit wider than this is sought in all of the place that either picture shows, mm.
const LARGE_MM: f64 = 8.0;

/// Least and largest area of what one picture does not report, against what the other one shows.
const UNREPORTED: (f64, f64) = (0.2, 1.4);

/// What is at least as high as this, against the picture that reports it, is there.
const CERTAIN: f64 = 0.7;
/// Largest area of it, against the other one's.
const MOST: f64 = 4.0;
/// Below this height, against that in the picture that shows it, there is nothing of a rim.
const RIM: f64 = 0.65;
/// Share of the pixels of a place, its innermost ones, from which a smaller deposit is drawn.
const CORE: f64 = 0.3;

/// What one picture shows of a deposit has been laid well on the other if so much of it is explained, and its growth is known to
/// this deviation of the logarithm; if less, the outlines are believed.
const EXPLAINED: f64 = 0.4;
const LOOSE: f64 = 0.35;
/// What is as much like what the other picture shows is the same, though it may be less high than is usual.
const ALIKE: f64 = 0.5;

/// All pieces in one; `None` without any.
fn whole(outlines: &[Outline]) -> Option<Region> {
    let runs = outlines
        .iter()
        .flat_map(|outline| outline.region.runs().iter().copied());
    Region::new(runs.collect())
}

fn area(outlines: &[Outline]) -> f64 {
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

/// What is found by looking at a place.
struct LookedUp {
    outlines: Vec<Outline>,
    /// Whether something stands out there that was not taken for it.
    doubtful: bool,
}

impl Deposit {
    /// Its pixels in each picture, or those of its place where nothing is.
    pub(super) fn drawn(&self, aligned: &Aligned<'_>) -> [Option<Region>; 2] {
        let drawn = |nth: usize| whole(&self.outlines[nth]).unwrap_or_else(|| self.place.clone());
        [Some(drawn(0)), aligned.there(&drawn(1))]
    }
}

/// Numbers that decide, see [`super::Settings`].
pub(super) struct Limits {
    pub(super) presence: f64,
    pub(super) tolerance_mm: f64,
    pub(super) least_score: f32,
}

/// A focus of either picture on the prior grid.
struct Item<'a> {
    focus: &'a Focus,
    region: Region,
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

/// What became of `foci` of the prior and the current picture.
pub(super) fn follow(aligned: &Aligned<'_>, scenes: [&Scene; 2], foci: [&[Focus]; 2], limits: &Limits) -> Vec<Deposit> {
    let follower = Follower {
        aligned,
        scenes,
        limits,
        prior: foci[0]
            .iter()
            .map(|focus| Item::new(focus, focus.candidate.region.clone()))
            .collect(),
        // A focus beyond the prior grid has no place on it.
        current: foci[1]
            .iter()
            .filter_map(|focus| Some(Item::new(focus, aligned.back(&focus.candidate.region)?)))
            .collect(),
    };
    let mut groups = follower.pairs();
    follower.join(&mut groups);
    let mut deposits: Vec<Deposit> = groups
        .into_iter()
        .filter(|(prior, current)| {
            let best =
                |items: &[Item<'_>], own: &[usize]| own.iter().map(|at| items[*at].focus.score).fold(0.0, f32::max);
            let missing = (1.0 - best(&follower.prior, prior)) * (1.0 - best(&follower.current, current));
            1.0 - missing >= limits.least_score
        })
        .filter_map(|(prior, current)| follower.deposit(&prior, &current))
        .collect();
    deposits.sort_by(|a, b| a.place.runs().cmp(b.place.runs()));
    deposits
}

/// Makes pieces one where a valley between them is no deeper than in the other picture, which shows one.
fn settle_pieces(patch: &Patch, outlines: &mut [Vec<Outline>; 2]) {
    for (nth, side, elsewhere) in [(0, Side::Prior, Side::Current), (1, Side::Current, Side::Prior)] {
        if outlines[nth].len() < 2 {
            continue;
        }
        let parted = |one: &Outline, other: &Outline| {
            let here = patch.valley(&one.region, &other.region, side).unwrap_or(0.0);
            let there = patch.valley(&one.region, &other.region, elsewhere).unwrap_or(0.0);
            // The same valley in both pictures is form, not change.
            here >= 0.5 && (outlines[1 - nth].len() > 1 || here - there >= 0.3)
        };
        let mut apart: Vec<Outline> = Vec::new();
        for piece in &outlines[nth] {
            match apart.iter().position(|other| !parted(piece, other)) {
                Some(at) => {
                    let runs = apart[at]
                        .region
                        .runs()
                        .iter()
                        .chain(piece.region.runs())
                        .copied()
                        .collect();
                    if let Some(region) = Region::new(runs) {
                        apart[at] = Outline {
                            uncertainty_px: apart[at].uncertainty_px.hypot(piece.uncertainty_px),
                            ..Outline::of(region)
                        };
                    }
                }
                None => apart.push(piece.clone()),
            }
        }
        outlines[nth] = apart;
    }
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

struct Follower<'a> {
    aligned: &'a Aligned<'a>,
    scenes: [&'a Scene; 2],
    limits: &'a Limits,
    prior: Vec<Item<'a>>,
    current: Vec<Item<'a>>,
}

/// Indices of prior and of current items.
type Group = (Vec<usize>, Vec<usize>);

impl Follower<'_> {
    /// One to one, the most alike first; what has no partner stands alone.
    fn pairs(&self) -> Vec<Group> {
        let pixel = self.aligned.rulers.0.mean();
        let mut likely: Vec<(f64, usize, usize)> = Vec::new();
        for (p, prior) in self.prior.iter().enumerate() {
            for (c, current) in self.current.iter().enumerate() {
                let shared = prior.region.overlap(&current.region) as f64;
                let union = (prior.region.area() + current.region.area()) as f64 - shared;
                let away = (prior.centroid.0 - current.centroid.0).hypot(prior.centroid.1 - current.centroid.1);
                let limit = 0.5 * prior.diameter.min(current.diameter) + self.limits.tolerance_mm / pixel;
                if shared > 0.0 || away < limit {
                    likely.push((shared / union + 0.3 * (1.0 - away / limit).max(0.0), p, c));
                }
            }
        }
        likely.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut first, mut second) = (vec![false; self.prior.len()], vec![false; self.current.len()]);
        let mut groups: Vec<Group> = Vec::new();
        for (_, p, c) in likely {
            if !first[p] && !second[c] {
                (first[p], second[c]) = (true, true);
                groups.push((vec![p], vec![c]));
            }
        }
        let alone = |taken: &[bool]| -> Vec<usize> {
            taken
                .iter()
                .enumerate()
                .filter(|(_, taken)| !**taken)
                .map(|(at, _)| at)
                .collect()
        };
        groups.extend(alone(&first).into_iter().map(|p| (vec![p], Vec::new())));
        groups.extend(alone(&second).into_iter().map(|c| (Vec::new(), vec![c])));
        groups
    }

    /// Lets foci without a partner join the pair they lie in, where both cannot be seen apart in the other picture.
    fn join(&self, groups: &mut Vec<Group>) {
        let mut at = 0;
        while at < groups.len() {
            let (side, own) = match (&groups[at].0[..], &groups[at].1[..]) {
                (&[own], []) => (Side::Prior, own),
                ([], &[own]) => (Side::Current, own),
                _ => {
                    at += 1;
                    continue;
                }
            };
            let (mine, others) = match side {
                Side::Prior => (&self.prior, &self.current),
                Side::Current => (&self.current, &self.prior),
            };
            let host = groups.iter().position(|(prior, current)| {
                let (beside, partner) = match side {
                    Side::Prior => (prior, current),
                    Side::Current => (current, prior),
                };
                let (Some(beside), &[partner]) = (beside.first(), &partner[..]) else {
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
                    match side {
                        Side::Prior => groups[host].0.push(own),
                        Side::Current => groups[host].1.push(own),
                    }
                    groups.remove(at);
                }
                None => at += 1,
            }
        }
    }

    /// Whether two foci of the picture `side` are one in the other picture.
    fn is_one(&self, one: &Item<'_>, other: &Item<'_>, whole: &Item<'_>, side: Side) -> bool {
        let Some(patch) = self.patch(&whole.region) else {
            return false;
        };
        let elsewhere = match side {
            Side::Prior => Side::Current,
            Side::Current => Side::Prior,
        };
        patch
            .valley(&one.region, &other.region, elsewhere)
            .is_some_and(|depth| depth < 0.5)
    }

    fn patch(&self, region: &Region) -> Option<Patch> {
        let known: Vec<&Region> = self
            .prior
            .iter()
            .chain(&self.current)
            .map(|item| &item.region)
            .collect();
        Patch::around(self.aligned, region, &known)
    }

    fn deposit(&self, prior: &[usize], current: &[usize]) -> Option<Deposit> {
        let members = prior
            .iter()
            .map(|p| &self.prior[*p])
            .chain(current.iter().map(|c| &self.current[*c]));
        let place = Region::new(members.flat_map(|item| item.region.runs().iter().copied()).collect())?;
        let shown = self.shown(&place);
        let patch = self.patch(&place)?;
        let mut doubtful = false;
        let mut looked_up = |side: Side, own: &[Outline], shown: bool| {
            let found = self.looked_up(&patch, side, &place, own, shown);
            doubtful = found.doubtful;
            found.outlines
        };
        let mut outlines = match (prior.is_empty(), current.is_empty()) {
            (false, false) => self.drawn(&patch, prior, current, &place),
            (false, true) => {
                let own = self.reported(&patch, Side::Prior, prior, &place);
                let other = looked_up(Side::Current, &own, shown[1]);
                [own, other]
            }
            _ => {
                let own = self.reported(&patch, Side::Current, current, &place);
                let other = looked_up(Side::Prior, &own, shown[0]);
                [other, own]
            }
        };
        settle_pieces(&patch, &mut outlines);
        let growth = laid(&patch, &place, &mut outlines);
        Some(Deposit {
            prior: prior.to_vec(),
            current: current
                .iter()
                .map(|c| self.current[*c].focus.number as usize - 1)
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
            alike(&self.prior[prior[0]].region),
            alike(&self.current[current[0]].region),
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
        let items = match side {
            Side::Prior => &self.prior,
            Side::Current => &self.current,
        };
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

    /// What the picture `side`, which does not report it, shows of what the other one shows as `other`.
    fn looked_up(&self, patch: &Patch, side: Side, place: &Region, other: &[Outline], shown: bool) -> LookedUp {
        let absent = |doubtful: bool| LookedUp {
            outlines: Vec::new(),
            doubtful,
        };
        let elsewhere = match side {
            Side::Prior => Side::Current,
            Side::Current => Side::Prior,
        };
        let presence = patch.presence(place, elsewhere);
        if !shown || presence.is_some_and(|presence| presence < self.limits.presence) {
            return absent(false);
        }
        // Bone and fascia stand out there as well, but as much beside the middle as in it. A deposit that is much lower on the whole
        // is a smaller one.
        let likeness = patch.likeness(place, elsewhere);
        if likeness.is_some_and(|likeness| likeness <= 0.0) {
            return absent(true);
        }
        let certainly =
            presence.is_none_or(|presence| presence >= CERTAIN) || likeness.is_some_and(|likeness| likeness >= ALIKE);
        let core = patch.core(place, CORE);
        let rim = core.as_ref().and_then(|core| patch.rim(core, place, elsewhere));
        let smaller = rim.is_some_and(|rim| rim < RIM);
        if !certainly && !smaller {
            return absent(true);
        }
        let mut outlines = patch.outlines(place, side);
        // A smaller one is drawn too large from the place of a larger one.
        if let Some(core) = core.filter(|_| smaller) {
            let inner = patch.outlines(&core, side);
            if !inner.is_empty() {
                outlines = inner;
            }
        }
        // What is much smaller is noise, and what were much larger would have been reported too, if it is not as high.
        let share = area(&outlines) / area(other);
        let most = if certainly { MOST } else { UNREPORTED.1 };
        if (UNREPORTED.0..=most).contains(&share) {
            LookedUp {
                outlines,
                doubtful: false,
            }
        } else {
            absent(share > UNREPORTED.0)
        }
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
            shows(self.scenes[0], self.aligned.prior, place),
            // What lies beyond the other picture has been cut off.
            there.is_some_and(|there| {
                let scale = self.aligned.map.determinant().abs()
                    * (self.aligned.rulers.0.mean() / self.aligned.rulers.1.mean()).powi(2);
                there.area() as f64 >= 0.85 * scale * place.area() as f64
                    && shows(self.scenes[1], self.aligned.current, &there)
            }),
        ]
    }
}
