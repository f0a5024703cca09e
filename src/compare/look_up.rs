//! What one picture reports, looked for in the other one.

use super::deposit::area;
use super::draw::Outline;
use super::follow::Follower;
use super::patch::{Patch, Side};
use crate::label::Region;

/// What is there by height counts at most as much as this, what is there by form so many times, and both together must come to
/// the last. On 389 deposits of synthetic pairs that one report holds, 10 are told wrong so.
const BY_HEIGHT: f64 = 0.8;
const BY_FORM: f64 = 2.0;
const TOGETHER: f64 = 1.1;
/// Least share of what stands out at the place that the other picture's deposit explains.
const ALIKE: f64 = 0.1;
/// Something is there if this much is alike, though it may not be the deposit.
const DOUBTFUL: f64 = 0.3;

/// Least and largest area of what one picture does not report, against what the other one shows.
const UNREPORTED: (f64, f64) = (0.2, 4.0);
/// Below this height, against that in the picture that shows it, there is nothing of a rim.
const RIM: f64 = 0.65;
/// Share of the pixels of a place, its innermost ones, from which a smaller deposit is drawn.
const CORE: f64 = 0.3;

/// What is found by looking at a place.
pub(super) struct LookedUp {
    pub(super) outlines: Vec<Outline>,
    /// Whether something stands out there that was not taken for it.
    pub(super) doubtful: bool,
}

impl Follower<'_> {
    /// What the picture `side`, which does not report it, shows of what the other one shows as `other`.
    pub(super) fn looked_up(
        &self,
        patch: &Patch,
        side: Side,
        place: &Region,
        other: &[Outline],
        shown: bool,
    ) -> LookedUp {
        let absent = |doubtful: bool| LookedUp {
            outlines: Vec::new(),
            doubtful,
        };
        if !shown {
            return absent(false);
        }
        let elsewhere = side.other();
        // Bone and fascia stand out as well, but in another form; a smaller deposit is lower on the whole, but of the form.
        let presence = patch.presence(place, elsewhere).unwrap_or(BY_HEIGHT);
        let Some(trace) = patch.trace(place, elsewhere) else {
            return absent(presence >= self.limits.presence);
        };
        if trace.explained < ALIKE || presence.min(BY_HEIGHT) + BY_FORM * trace.explained < TOGETHER {
            return absent(presence >= self.limits.presence || trace.explained >= DOUBTFUL);
        }
        let mut outlines = patch.outlines(place, side);
        // A smaller one is drawn too large from the place of a larger one.
        let core = patch.core(place, CORE);
        let smaller = |core: &Region| patch.rim(core, place, elsewhere).is_some_and(|rim| rim < RIM);
        if let Some(core) = core.filter(smaller) {
            let inner = patch.outlines(&core, side);
            if !inner.is_empty() {
                outlines = inner;
            }
        }
        let share = area(&outlines) / area(other);
        if trace.is_larger() || !(UNREPORTED.0..=UNREPORTED.1).contains(&share) {
            // What has been drawn is a part of it or something else: the form that fits is the other picture's, enlarged.
            outlines = other
                .iter()
                .filter_map(|outline| outline.enlarged(trace.log.exp()))
                .collect();
        }
        LookedUp {
            outlines,
            doubtful: false,
        }
    }
}
