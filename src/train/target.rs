//! What a candidate truly is.

use crate::classify::Label;
use crate::label::Region;

/// What a candidate is, as far as learning goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A focus; its name if it is one of ours.
    Focus(Option<Label>),
    /// No focus.
    Nothing,
    /// A part of a focus for which there is a better candidate.
    Part,
    /// Not asked for as a focus, yet it teaches a name: a calcified vessel, which is rightly found only if called so.
    Named(Label),
    /// Neither: the best there is of a focus that was drawn badly, or one too faint to be asked for.
    Ignored,
}

impl Target {
    /// The name it teaches, if it teaches one.
    pub fn name(self) -> Option<Label> {
        match self {
            Target::Focus(name) => name,
            Target::Named(name) => Some(name),
            Target::Nothing | Target::Part | Target::Ignored => None,
        }
    }
}

/// A focus that is known to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueFocus {
    /// Its pixels.
    pub region: Region,
    /// Its name, if it is one of ours.
    pub label: Option<Label>,
    /// Whether it can be seen well enough to be asked for.
    pub counts: bool,
}

impl TrueFocus {
    /// Its name, if it is one of things that are mostly seen in pieces.
    fn in_pieces(&self) -> Option<Label> {
        self.label.filter(|label| label.comes_in_pieces())
    }
}

/// Least intersection over union at which a candidate stands for a focus.
const LEAST_UNION: f64 = 0.35;

/// What each candidate is: the focus of which it covers at least 0.35 of the union. One that takes in several foci, or
/// mostly what is none, is nothing; one that lies within a focus is a part, if the focus has a better candidate. Pieces of
/// what comes in pieces are foci each.
pub fn targets<'a>(candidates: impl IntoIterator<Item = &'a Region>, truth: &[TrueFocus]) -> Vec<Target> {
    let seen: Vec<Seen> = candidates.into_iter().map(|region| Seen::of(region, truth)).collect();
    let mut is_found = vec![false; truth.len()];
    for (at, union) in seen.iter().filter_map(|seen| seen.best) {
        is_found[at] |= union >= LEAST_UNION;
    }
    let judge = |seen: &Seen| match seen.best {
        None => Target::Nothing,
        Some((at, _)) if seen.own_share >= 0.5 && truth[at].in_pieces().is_some() => match truth[at].label {
            Some(label) if !truth[at].counts => Target::Named(label),
            label => Target::Focus(label),
        },
        Some((at, _)) if !truth[at].counts => Target::Ignored,
        Some((at, union)) if union >= LEAST_UNION => Target::Focus(truth[at].label),
        Some(_) if seen.whole_foci >= 2 => Target::Nothing,
        Some((at, _)) if seen.own_share >= 0.5 => {
            if is_found[at] {
                Target::Part
            } else {
                Target::Ignored
            }
        }
        Some((_, union)) if union < LEAST_UNION / 2.0 => Target::Nothing,
        Some(_) => Target::Ignored,
    };
    seen.iter().map(judge).collect()
}

/// How a candidate lies to the foci.
struct Seen {
    /// The focus with the greatest intersection over union, and that.
    best: Option<(usize, f64)>,
    /// Share of the candidate within that focus.
    own_share: f64,
    /// Foci of which it takes in more than half.
    whole_foci: usize,
}

impl Seen {
    fn of(region: &Region, truth: &[TrueFocus]) -> Self {
        let mut seen = Self {
            best: None,
            own_share: 0.0,
            whole_foci: 0,
        };
        for (at, focus) in truth.iter().enumerate() {
            let shared = region.overlap(&focus.region);
            if shared == 0 {
                continue;
            }
            seen.whole_foci += usize::from(2 * shared > focus.region.area());
            let union = shared as f64 / (region.area() + focus.region.area() - shared) as f64;
            if seen.best.is_none_or(|(_, most)| union > most) {
                seen.best = Some((at, union));
                seen.own_share = shared as f64 / region.area() as f64;
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::{Target, TrueFocus, targets};
    use crate::classify::Label;
    use crate::label::{Region, Run};

    fn block(row: u32, column: u32, side: u32) -> Region {
        let runs = (row..row + side).map(|row| Run {
            row,
            start: column,
            end: column + side,
        });
        Region::new(runs.collect()).unwrap()
    }

    #[test]
    fn pieces_of_a_vessel_bear_its_name() {
        let vessel = |counts| TrueFocus {
            region: block(10, 10, 20),
            label: Some(Label::VascularCalcification),
            counts,
        };
        let candidates = [block(12, 12, 3), block(28, 28, 9)];
        let asked = targets(&candidates, &[vessel(true)]);
        assert_eq!(
            asked,
            [Target::Focus(Some(Label::VascularCalcification)), Target::Nothing]
        );
        let neutral = targets(&candidates, &[vessel(false)]);
        assert_eq!(neutral, [Target::Named(Label::VascularCalcification), Target::Ignored]);
    }

    #[test]
    fn a_candidate_is_the_focus_it_covers() {
        let focus = |region, counts| TrueFocus {
            region,
            label: Some(Label::Phlebolith),
            counts,
        };
        let truth = [focus(block(10, 10, 10), true), focus(block(40, 40, 10), false)];
        let candidates = [
            block(11, 10, 10),
            block(12, 12, 3),
            block(40, 40, 10),
            block(70, 70, 5),
            block(0, 0, 60),
        ];
        let expected = [
            Target::Focus(Some(Label::Phlebolith)),
            Target::Part,
            Target::Ignored,
            Target::Nothing,
            Target::Nothing,
        ];
        assert_eq!(targets(&candidates, &truth), expected);
    }
}
