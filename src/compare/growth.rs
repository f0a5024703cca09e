//! By what factor a deposit has changed, told by laying one picture of it, enlarged, on the other.
//!
//! An outline hangs on what the ground under the deposit is believed to be, and ground that bends under a compressing look makes
//! one of two outlines too large. Laid on each other the pictures need no ground known beforehand: the one is the other's deposit,
//! enlarged and with a contrast of its own, on what else the other shows, on a smooth surface.

use super::laid::{Laid, OWN};
use super::patch::{Patch, Side};
use crate::label::Region;

/// Steps of the logarithm of the factor on the area, and how many to either side of 1.
const STEP: f64 = 0.15;
const STEPS: i32 = 12;
/// What a report does not hold is rarely larger by more than this step; believed only if so much of what stands out is explained.
/// Where synthetic pairs show nothing, larger steps explain less than 0.3 with one exception (0.41); what is there, 0.4 to 0.9.
const LARGER: i32 = 3;
const EXPLAINED: f64 = 0.35;
/// How often the grounds are drawn again after the pictures were laid on each other.
const ROUNDS: usize = 2;
/// Noise that is not seen in what is left: grains of texture, and errors that both pictures share (settled on synthetic pairs).
const CAUTION: f64 = 2.0;

/// How a deposit of one picture lies on that of the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    /// Natural logarithm of the current area over the prior one.
    pub(super) log: f64,
    /// One standard deviation of it.
    pub(super) deviation: f64,
    /// Share of either picture's deposit that the other one explains, the lesser of both.
    pub(super) explained: f64,
    /// The middle of the deposit in the prior and in the current picture, row and column on the prior grid.
    pub(super) middles: [(f64, f64); 2],
}

/// A deposit of one picture, enlarged, in the other one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace {
    /// Natural logarithm of the factor on its area.
    pub(super) log: f64,
    /// Share of what stands out there that it explains: up to 1; not above 0 if there is nothing like it.
    pub(super) explained: f64,
}

impl Trace {
    /// Whether it is much larger than what is enlarged.
    pub(super) fn is_larger(self) -> bool {
        self.log > (f64::from(LARGER) + 0.5) * STEP
    }
}

impl Patch {
    /// How the deposit around `seed` has changed, if both pictures show it; `None` where they do not tell.
    pub(super) fn growth(&self, seed: &Region) -> Option<Growth> {
        let laid = Laid::around(self, seed)?;
        let [prior, current] = &laid.pictures;
        let mut grounds = [laid.ground(prior), laid.ground(current)];
        let mut growth = None;
        for _ in 0..ROUNDS {
            let parts = [laid.parts(prior, &grounds[0])?, laid.parts(current, &grounds[1])?];
            let both = |log: f64| {
                [
                    laid.laid(&parts[0], current, parts[1].middle, log),
                    laid.laid(&parts[1], prior, parts[0].middle, -log),
                ]
            };
            // The logarithm of what is left of both; a deposit turned over is none.
            let misfit = |log: f64| -> f64 {
                both(log)
                    .iter()
                    .map(|laid| {
                        let over = if laid.factors[0] > 0.0 { 1.0 } else { 4.0 };
                        (over * laid.left).max(f64::MIN_POSITIVE).ln()
                    })
                    .sum()
            };
            let misfits: Vec<f64> = (-STEPS..=STEPS).map(|step| misfit(f64::from(step) * STEP)).collect();
            let best = (0..misfits.len()).min_by(|a, b| misfits[*a].total_cmp(&misfits[*b]))?;
            if best == 0 || best + 1 == misfits.len() {
                return None;
            }
            // The bottom of the parabola through the three.
            let [before, at, after] = [misfits[best - 1], misfits[best], misfits[best + 1]];
            let bend = before - 2.0 * at + after;
            if bend <= 0.0 {
                return None;
            }
            let log = STEP * (best as f64 - f64::from(STEPS) + 0.5 * (before - after) / bend);
            let fits = both(log);
            let pictures = [current, prior];
            let explained = (0..2).map(|nth| laid.explained(&fits[nth], laid.without(&parts[nth], pictures[nth])));
            let explained = explained.fold(f64::INFINITY, f64::min);
            growth = Some(Growth {
                log,
                // Each sum of squares tells as much as half the cells of it do.
                deviation: CAUTION * (4.0 * STEP * STEP / (laid.independent * bend)).sqrt(),
                explained,
                middles: [laid.placed(parts[0].middle), laid.placed(parts[1].middle)],
            });
            // The ground under a deposit is known better now that the deposit is.
            for (nth, fit) in fits.iter().enumerate() {
                let mut ground = laid.surface(&fit.factors[OWN..]);
                ground.scaled_add(fit.factors[OWN - 1], &parts[nth].rest);
                ground += laid.level(pictures[nth]);
                grounds[1 - nth] = ground;
            }
        }
        growth
    }

    /// What the picture `of` shows around `seed`, enlarged as fits best, in the other picture; `None` where that cannot be told.
    pub(super) fn trace(&self, seed: &Region, of: Side) -> Option<Trace> {
        let laid = Laid::around(self, seed)?;
        let [shows, other] = [of, of.other()].map(|side| &laid.pictures[side.index()]);
        let parts = laid.parts(shows, &laid.ground(shows))?;
        let without = laid.without(&parts, other);
        let traces = (-STEPS..=STEPS).map(|step| {
            let log = f64::from(step) * STEP;
            let fit = laid.laid(&parts, other, parts.middle, log);
            Trace {
                log,
                explained: laid.explained(&fit, without),
            }
        });
        let traces: Vec<Trace> = traces.collect();
        // A hollow is like the ground inside of something larger.
        let is_hollow = traces[STEPS as usize].explained < -EXPLAINED;
        let believed = |trace: &Trace| !trace.is_larger() || (trace.explained >= EXPLAINED && !is_hollow);
        traces
            .into_iter()
            .filter(believed)
            .max_by(|a, b| a.explained.total_cmp(&b.explained))
    }
}

#[cfg(test)]
mod tests {
    use super::super::patch::Side;
    use super::super::sample::{deposit, ground, noise, patch, region};

    #[test]
    fn a_factor_on_the_area_is_told_whatever_the_ground_and_the_contrast() {
        for area in [0.45, 1.0, 1.06, 2.2] {
            let before = deposit(1.0, (60.0, 66.0));
            let now = deposit(area, (60.5, 65.0));
            let prior = ground(0.3) + &before * 90.0 + noise(1) * 8.0;
            let current = ground(1.4) * 0.7 + &now * 260.0 + noise(2) * 8.0;
            let seed = region(if area > 1.0 { &now } else { &before });
            let growth = patch(prior, current).growth(&seed).unwrap();
            // Blur does not shrink with what it blurs.
            assert!((growth.log - area.ln()).abs() < 0.1, "{area}: {growth:?}");
            assert!(growth.explained > 0.8 && growth.deviation < 0.1, "{growth:?}");
            let [from, to] = growth.middles;
            assert!((from.0 - 100.0).hypot(from.1 - 96.0) < 1.0, "{growth:?}");
            assert!((to.0 - 100.5).hypot(to.1 - 95.0) < 1.0, "{growth:?}");
        }
    }

    #[test]
    fn what_is_there_is_alike_and_what_is_not_is_not() {
        let before = deposit(1.0, (60.0, 66.0));
        let prior = ground(0.3) + &before * 90.0 + noise(1) * 8.0;
        let seed = region(&before);
        let same = patch(prior.clone(), ground(1.0) + &before * 40.0 + noise(2) * 8.0);
        let trace = same.trace(&seed, Side::Prior).unwrap();
        assert!(trace.explained > 0.8 && trace.log.abs() < 0.1, "{trace:?}");
        // A third of the area, at the height it had, is there too.
        let small = deposit(0.35, (60.0, 66.0));
        let less = patch(prior.clone(), ground(1.0) + &small * 40.0 + noise(2) * 8.0);
        let trace = less.trace(&seed, Side::Prior).unwrap();
        // Blur does not shrink with what it blurs, so it seems a little larger.
        assert!(trace.explained > 0.6 && trace.log < -0.5, "{trace:?}");
        // So is three times the area.
        let large = deposit(3.0, (60.0, 66.0));
        let more = patch(prior.clone(), ground(1.0) + &large * 40.0 + noise(2) * 8.0);
        let trace = more.trace(&seed, Side::Prior).unwrap();
        assert!(
            trace.explained > 0.6 && (trace.log - 3.0_f64.ln()).abs() < 0.2 && trace.is_larger(),
            "{trace:?}"
        );
        let gone = patch(prior.clone(), ground(1.0) + noise(2) * 8.0);
        assert!(gone.trace(&seed, Side::Prior).unwrap().explained < 0.2);
        let hollow = patch(prior, ground(1.0) - &before * 40.0 + noise(2) * 8.0);
        assert!(hollow.trace(&seed, Side::Prior).unwrap().explained < 0.2);
    }
}
