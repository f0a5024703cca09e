//! From outlines to changes, and from changes to sums.

use super::aligned::Aligned;
use super::caliper::long_axis;
use super::change::{Burden, Change, Event, Found, Seen};
use super::deposit::Deposit;
use super::draw::Outline;
use crate::classify::Label;
use crate::label::Region;
use crate::report::Report;
use crate::scene::Scene;

/// Share of an area by which turning and projection change it, beside what the outline leaves open.
const PROJECTION: f64 = 0.03;

/// Each deposit with what became of it.
pub(super) fn changes(
    deposits: &[Deposit],
    aligned: &Aligned<'_>,
    scene: &Scene,
    reports: [&Report; 2],
    band: f64,
) -> Vec<Change> {
    deposits
        .iter()
        .zip(1..)
        .map(|(deposit, number)| change(deposit, number, aligned, scene, reports, band))
        .collect()
}

fn change(
    deposit: &Deposit,
    number: u32,
    aligned: &Aligned<'_>,
    scene: &Scene,
    reports: [&Report; 2],
    band: f64,
) -> Change {
    let area = |nth: usize| -> (f64, f64) {
        let outlines = &deposit.outlines[nth];
        let area: f64 = outlines.iter().map(|outline| outline.area_px).sum();
        let drawn: f64 = outlines.iter().map(|outline| outline.uncertainty_px.powi(2)).sum();
        (area, (drawn + (PROJECTION * area).powi(2)).sqrt())
    };
    let (before, now) = (area(0), area(1));
    let both = before.0 > 0.0 && now.0 > 0.0;
    let ratio = both.then(|| now.0 / before.0 - 1.0);
    let uncertainty = both.then(|| {
        now.0 / before.0
            * match deposit.growth {
                Some(growth) => growth.deviation.hypot(PROJECTION),
                None => (before.1 / before.0).hypot(now.1 / now.0),
            }
    });
    let sized = |change: f64| match change {
        change if change > band => Event::Grown,
        change if change < -band => Event::Shrunk,
        _ => Event::Stable,
    };
    let (event, certain) = match (deposit.shown, ratio.zip(uncertainty)) {
        ([true, true], Some(_)) if deposit.outlines[0].len() > deposit.outlines[1].len() => (Event::Merged, true),
        ([true, true], Some(_)) if deposit.outlines[0].len() < deposit.outlines[1].len() => (Event::Split, true),
        // What both report is there, whatever was read of the field.
        (_, Some((change, uncertainty))) => (
            sized(change),
            sized(change + uncertainty) == sized(change - uncertainty),
        ),
        ([true, true], None) if before.0 > 0.0 => (Event::Gone, !deposit.doubtful),
        ([true, true], None) => (Event::New, !deposit.doubtful),
        _ => (Event::NotShown, true),
    };
    let label = deposit
        .current
        .first()
        .map(|at| &reports[1].foci[*at])
        .or(deposit.prior.first().map(|at| &reports[0].foci[*at]))
        .map_or(Label::Indeterminate, |focus| focus.assessment.label);
    let (row, column) = middle(&deposit.place);
    let there = aligned.forward(row, column);
    Change {
        number,
        event,
        label,
        region: part(scene, row, column),
        change: ratio,
        change_uncertainty: uncertainty,
        certain,
        prior: seen(deposit, 0, aligned, (row, column), before),
        current: seen(deposit, 1, aligned, there, now),
    }
}

fn seen(deposit: &Deposit, nth: usize, aligned: &Aligned<'_>, place: (f64, f64), area: (f64, f64)) -> Seen {
    let outlines = &deposit.outlines[nth];
    let own = if nth == 0 { &deposit.prior } else { &deposit.current };
    let known = aligned.prior.spacing().is_some();
    let pixel = aligned.rulers.0.down * aligned.rulers.0.across;
    let mut foci: Vec<u32> = own.iter().map(|at| *at as u32 + 1).collect();
    foci.sort_unstable();
    let all: Vec<_> = outlines
        .iter()
        .flat_map(|outline| outline.region.runs().iter().copied())
        .collect();
    let (row, column) = Region::new(all).map_or(place, |region| {
        let (row, column) = middle(&region);
        if nth == 0 {
            (row, column)
        } else {
            aligned.forward(row, column)
        }
    });
    let long = |outline: &Outline| long_axis(&outline.region, aligned.rulers.0);
    Seen {
        found: match (own.is_empty(), outlines.is_empty()) {
            (false, _) => Found::Reported,
            (true, false) => Found::LookedUp,
            (true, true) => Found::Not,
        },
        foci,
        count: outlines.len() as u32,
        centroid: [row, column],
        area_mm2: known.then_some(area.0 * pixel),
        area_uncertainty_mm2: known.then_some(area.1 * pixel),
        long_axis_mm: (known && !outlines.is_empty()).then(|| outlines.iter().map(long).fold(0.0, f64::max)),
    }
}

fn middle(region: &Region) -> (f64, f64) {
    let count = region.area() as f64;
    let sum = region.pixels().fold((0.0, 0.0), |sum, (row, column)| {
        (sum.0 + row as f64, sum.1 + column as f64)
    });
    (sum.0 / count, sum.1 / count)
}

/// Which part of the exposed field a pixel lies in: upper, middle or lower third, left or right half.
fn part(scene: &Scene, row: f64, column: f64) -> String {
    let [top, left, bottom, right] = scene.field_bounds();
    let down = (row - top) / (bottom - top).max(1.0);
    let across = (column - left) / (right - left).max(1.0);
    let height = match down {
        down if down < 1.0 / 3.0 => "upper",
        down if down < 2.0 / 3.0 => "middle",
        _ => "lower",
    };
    format!("{height} {}", if across < 0.5 { "left" } else { "right" })
}

/// The parts of the picture, in the order of tables.
const PARTS: [&str; 6] = [
    "upper left",
    "upper right",
    "middle left",
    "middle right",
    "lower left",
    "lower right",
];

/// Sums over `changes` that both pictures show: all first, then every part that holds any.
pub(super) fn burden(changes: &[Change]) -> Vec<Burden> {
    let all = sum("all", changes.iter());
    let parts = PARTS
        .iter()
        .filter(|part| changes.iter().any(|change| change.region == **part));
    let own = parts.map(|part| sum(part, changes.iter().filter(|change| change.region == *part)));
    std::iter::once(all).chain(own).collect()
}

fn sum<'a>(region: &str, changes: impl Iterator<Item = &'a Change>) -> Burden {
    let counted: Vec<&Change> = changes.filter(|change| change.event != Event::NotShown).collect();
    let count = |of: fn(&Change) -> &Seen| counted.iter().map(|change| of(change).count).sum();
    let area = |of: fn(&Change) -> &Seen| -> Option<(f64, f64)> {
        counted.iter().try_fold((0.0, 0.0), |sum, change| {
            let seen = of(change);
            let square = seen.area_uncertainty_mm2?.powi(2);
            Some((sum.0 + seen.area_mm2?, sum.1 + square))
        })
    };
    let prior = area(|change| &change.prior).map(|(area, square)| (area, square.sqrt()));
    let current = area(|change| &change.current).map(|(area, square)| (area, square.sqrt()));
    let both = prior.zip(current).filter(|(prior, _)| prior.0 > 0.0);
    Burden {
        region: region.to_owned(),
        prior_count: count(|change| &change.prior),
        current_count: count(|change| &change.current),
        prior_area_mm2: prior.map(|prior| prior.0),
        prior_uncertainty_mm2: prior.map(|prior| prior.1),
        current_area_mm2: current.map(|current| current.0),
        current_uncertainty_mm2: current.map(|current| current.1),
        change: both.map(|(prior, current)| current.0 / prior.0 - 1.0),
        change_uncertainty: both
            .map(|(prior, current)| (current.1 / prior.0).hypot(current.0 * prior.1 / prior.0.powi(2))),
    }
}
