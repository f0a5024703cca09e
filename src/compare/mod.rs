//! Two examinations to what became of each deposit: new, gone, grown, shrunk, stable, merged, split.
//!
//! Takes two radiographs with what their headers say of the place; gives a [`Comparison`], or why there is none. A change is
//! called one beyond 25 % of the area (see [`Settings::band`]). Knows no files and no dates.

mod affine;
mod aligned;
mod caliper;
mod change;
mod deposit;
mod draw;
mod edges;
mod expected;
mod follow;
mod fourier;
mod growth;
mod heights;
mod laid;
mod least_squares;
mod look_up;
mod pairing;
mod partners;
mod patch;
mod picture;
mod pieces;
mod register;
#[cfg(test)]
mod sample;
mod skin;
mod sum;
mod surface;
mod table;

pub use affine::Affine;
pub use change::{Burden, Change, Comparison, Event, Found, Refusal, Seen};
pub use pairing::{Group, Identity, best, days_between, groups};
pub use picture::picture;
pub use register::Registration;
pub use table::{Comparisons, ImageName, Left, Pair};

use crate::label::Region;
use crate::pipeline::Pipeline;
use crate::radiograph::{BodyPart, Laterality, Place, Radiograph};
use crate::report::Report;
use aligned::Aligned;
use edges::Ruler;
use follow::Limits;

/// Numbers that decide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Share of the prior area beyond which a change is called one. Default 0.25: smaller changes are within what readers and
    /// positioning vary by (Valenzuela et al., Semin Arthritis Rheum 2022;53:151980, calcinosis of the hand at one year).
    pub band: f64,
    /// Least correlation of edges of pictures that are compared.
    pub least_correlation: f64,
    /// Least share of parts of the picture that must lie where the map puts them.
    pub least_agreement: f64,
    /// Least product of both: pictures of two bodies agree in one of them at times, hardly in both.
    pub least_fit: f64,
    /// Least share of the prior picture's edges that the current one must show.
    pub least_overlap: f64,
    /// Height, against that in the picture that shows it, from which on what is called new or gone is not certain. Default 0.3.
    pub presence: f64,
    /// Least score of a deposit: of the better of its foci, or of both together (1 less the product of what is missing to 1).
    /// Reports may hold foci of lower scores: what two pictures show at one place is likelier than either tells.
    pub least_score: f32,
    /// Farthest distance, beyond half a diameter, of two foci of one deposit, mm.
    pub tolerance_mm: f64,
    /// Whether what the headers say of part, side and view is passed over.
    pub any_place: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            band: 0.25,
            least_correlation: 0.45,
            least_agreement: 0.5,
            least_fit: 0.42,
            least_overlap: 0.4,
            presence: 0.3,
            least_score: 0.4,
            tolerance_mm: 1.5,
            any_place: false,
        }
    }
}

/// Why two places cannot be compared; what a header does not say is no reason.
pub fn differs(prior: &Place, current: &Place) -> Option<Refusal> {
    let parts = (prior.body_part, current.body_part);
    let vague = |part: BodyPart| matches!(part, BodyPart::Unknown | BodyPart::Extremity);
    if parts.0 != parts.1 && !vague(parts.0) && !vague(parts.1) {
        return Some(Refusal::BodyPart);
    }
    let sides = (prior.laterality, current.laterality);
    let stated = |side: Laterality| matches!(side, Laterality::Left | Laterality::Right | Laterality::Both);
    if sides.0 != sides.1 && stated(sides.0) && stated(sides.1) {
        return Some(Refusal::Laterality);
    }
    match (&prior.view, &current.view) {
        // AP and PA show the same outlines; other views do not.
        (Some(a), Some(b)) if a != b && !(is_frontal(a) && is_frontal(b)) => Some(Refusal::View),
        _ => None,
    }
}

fn is_frontal(view: &str) -> bool {
    matches!(view, "AP" | "PA")
}

/// How the body of `prior` lies in `current`, without a look at foci; `None` if either shows too little.
pub fn fit(pipeline: &Pipeline, prior: &Radiograph, current: &Radiograph) -> Option<Registration> {
    let scenes = (pipeline.scene(prior), pipeline.scene(current));
    register::register((prior, &scenes.0), (current, &scenes.1))
}

/// A comparison with the outlines it was measured by.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What it says.
    pub comparison: Comparison,
    /// For every change, its pixels in the prior and in the current picture; where nothing is, those of its place. `None` where
    /// the picture does not reach.
    pub outlines: Vec<[Option<Region>; 2]>,
}

/// The comparison of two radiographs with the reports on them. Same pixels, places and settings: same comparison.
pub fn compare(
    pipeline: &Pipeline,
    prior: (&Radiograph, &Report),
    current: (&Radiograph, &Report),
    settings: &Settings,
) -> Compared {
    let refused = |refusal| Compared {
        comparison: Comparison::refused(refusal, settings.band),
        outlines: Vec::new(),
    };
    let place = differs(prior.0.place(), current.0.place()).filter(|_| !settings.any_place);
    if let Some(refusal) = place {
        return refused(refusal);
    }
    if prior.0.spacing().is_some() != current.0.spacing().is_some() {
        return refused(Refusal::Spacing);
    }
    let scenes = (pipeline.scene(prior.0), pipeline.scene(current.0));
    let Some(registration) = register::register((prior.0, &scenes.0), (current.0, &scenes.1)) else {
        return refused(Refusal::Empty);
    };
    let mut compared = refused(Refusal::Fit);
    let comparison = &mut compared.comparison;
    comparison.registration = Some(registration);
    if !registration.fits(settings) {
        return compared;
    }
    comparison.refusal = None;
    let aligned = Aligned {
        prior: prior.0,
        current: current.0,
        scenes: [&scenes.0, &scenes.1],
        rulers: (Ruler::of(prior.0), Ruler::of(current.0)),
        map: registration.map,
    };
    let limits = Limits {
        presence: settings.presence,
        tolerance_mm: settings.tolerance_mm,
        least_score: settings.least_score,
    };
    let deposits = follow::follow(&aligned, [&prior.1.foci, &current.1.foci], &limits);
    comparison.changes = sum::changes(&deposits, &aligned, &scenes.0, [prior.1, current.1], settings.band);
    comparison.burden = sum::burden(&comparison.changes);
    compared.outlines = deposits.iter().map(|deposit| deposit.drawn(&aligned)).collect();
    compared
}
