//! Names in the light of their company: foci of one picture, and the nearer the more, are mostly of one kind.
//!
//! A spindle among forty rice grains is a rice grain, though alone it could be a deposit in a tendon; a round stone beside five
//! phleboliths is one more. Each focus keeps its own say, and what the others are is as sure as their scores.

use super::softmax;
use crate::radiograph::PixelSpacing;
use serde::{Deserialize, Serialize};

/// How often the names are weighed anew: what a neighbour is hangs on its neighbours too.
const ROUNDS: usize = 2;
/// Reach where no spacing is stated, as a part of the picture's longer side.
const REACH_OF_SIDE: f64 = 0.3;
/// Least chance of a name, and least share.
const LEAST: f32 = 1e-6;

/// What the names of the other foci of a picture say about the name of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Weight of what they say, beside what the focus itself looks like; 0 if they are not asked.
    pub weight: f32,
    /// Distance at which a focus counts e times less, mm.
    pub reach_mm: f32,
    /// Foci without a name that every focus has around it: what keeps one neighbour from deciding.
    pub strangers: f32,
}

/// A focus of a picture, or what may be one.
#[derive(Clone, Debug)]
pub struct Member {
    /// Centroid, `[row, column]` in pixels.
    pub centroid: [f64; 2],
    /// Equivalent diameter in pixels: what lies within half of it is the same object, and no company.
    pub diameter: f64,
    /// Chance that it is a focus, `0.0..=1.0`: how much it counts for others.
    pub score: f32,
    /// Chance of each name by itself; as many for each member.
    pub chances: Vec<f32>,
}

/// What a member is called in company.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// Chance of each name; they sum to 1.
    pub chances: Vec<f32>,
    /// Share of each name among the others; even shares if there are none. Empty where the others are not asked.
    pub around: Vec<f32>,
}

impl Company {
    /// The distance at which a focus counts e times less, in pixels of a picture of `shape`.
    pub fn reach(&self, spacing: Option<PixelSpacing>, shape: (usize, usize)) -> f64 {
        let of_side = REACH_OF_SIDE * shape.0.max(shape.1) as f64;
        spacing.map_or(of_side, |spacing| f64::from(self.reach_mm) / spacing.mean())
    }

    /// What all `members` of a picture are called in the light of each other; `reach` in pixels.
    pub fn names(&self, members: &[Member], reach: f64) -> Vec<Called> {
        let alone = |member: &Member| Called {
            chances: member.chances.clone(),
            around: Vec::new(),
        };
        let mut names: Vec<Called> = members.iter().map(alone).collect();
        if self.weight <= 0.0 {
            return names;
        }
        for _ in 0..ROUNDS {
            names = (0..members.len())
                .map(|nth| self.name(nth, members, &names, reach))
                .collect();
        }
        names
    }

    /// What one of `members` is called, if the others are called `names`.
    fn name(&self, nth: usize, members: &[Member], names: &[Called], reach: f64) -> Called {
        let own = &members[nth];
        let strangers = f64::from(self.strangers);
        let mut sums = vec![strangers / own.chances.len() as f64; own.chances.len()];
        let mut all = strangers;
        for (at, (other, name)) in members.iter().zip(names).enumerate() {
            let [down, across] = [0, 1].map(|axis| own.centroid[axis] - other.centroid[axis]);
            let distance = down.hypot(across);
            if at == nth || distance < own.diameter.max(other.diameter) / 2.0 {
                continue;
            }
            let counts = f64::from(other.score) * (-distance / reach).exp();
            for (sum, chance) in sums.iter_mut().zip(&name.chances) {
                *sum += counts * f64::from(*chance);
            }
            all += counts;
        }
        let around: Vec<f32> = sums.iter().map(|sum| (sum / all) as f32).collect();
        let each = own.chances.iter().zip(&around);
        let mut chances: Vec<f32> = each
            .map(|(chance, share)| chance.max(LEAST).ln() + self.weight * share.max(LEAST).ln())
            .collect();
        softmax(&mut chances);
        Called { chances, around }
    }

    /// What makes it unusable, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_positive = |value: f32| value.is_finite() && value > 0.0;
        let is_used = self.weight != 0.0;
        if !self.weight.is_finite()
            || self.weight < 0.0
            || (is_used && !(is_positive(self.reach_mm) && is_positive(self.strangers)))
        {
            return Err("company must have a weight of 0 or more, and a reach and strangers above 0".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Company, Member};
    use crate::radiograph::{PixelSpacing, SpacingPlane, SpacingSource};

    const COMPANY: Company = Company {
        weight: 1.0,
        reach_mm: 100.0,
        strangers: 0.5,
    };

    fn member(row: f64, score: f32, chances: [f32; 2]) -> Member {
        Member {
            centroid: [row, 0.0],
            diameter: 4.0,
            score,
            chances: chances.to_vec(),
        }
    }

    #[test]
    fn one_that_could_be_either_is_what_those_around_it_are() {
        let mut members: Vec<Member> = (0..5_u8)
            .map(|nth| member(f64::from(nth) * 10.0, 0.9, [0.9, 0.1]))
            .collect();
        members.push(member(25.0, 0.9, [0.4, 0.6]));
        let names = COMPANY.names(&members, 100.0);
        assert!(names[5].chances[0] > 0.7 && names[5].around[0] > 0.7, "{:?}", names[5]);
        assert!(
            names
                .iter()
                .all(|name| (name.chances.iter().sum::<f32>() - 1.0).abs() < 1e-5)
        );
        // One that is surely another thing stays so.
        members[5].chances = vec![0.01, 0.99];
        assert!(COMPANY.names(&members, 100.0)[5].chances[1] > 0.8);
    }

    #[test]
    fn what_is_far_or_hardly_a_focus_says_little() {
        let doubtful = [0.45, 0.55];
        let beside = |row: f64, score: f32| {
            COMPANY.names(&[member(0.0, 0.9, doubtful), member(row, score, [0.99, 0.01])], 100.0)[0].chances[0]
        };
        assert!(beside(10.0, 0.9) > 0.6);
        assert!(beside(10.0, 0.9) > beside(200.0, 0.9));
        assert!(beside(10.0, 0.02) < 0.5 && beside(1000.0, 0.9) < 0.5);
        // The same object, drawn twice.
        assert!(beside(1.0, 0.9) < 0.5);
    }

    #[test]
    fn without_company_or_weight_names_stay() {
        let alone = [member(0.0, 0.9, [0.3, 0.7])];
        let names = COMPANY.names(&alone, 100.0);
        assert!((names[0].chances[0] - 0.3).abs() < 1e-6 && names[0].around == [0.5, 0.5]);
        let pair = [member(0.0, 0.9, [0.3, 0.7]), member(1.0, 0.9, [0.9, 0.1])];
        assert_eq!(Company::default().names(&pair, 100.0)[0].chances, [0.3, 0.7]);
    }

    #[test]
    fn the_reach_is_in_millimetres_where_they_are_known() {
        let spacing = PixelSpacing::square(0.2, SpacingPlane::Detector, SpacingSource::User);
        assert!((COMPANY.reach(spacing, (900, 1000)) - 500.0).abs() < 1e-9);
        assert!((COMPANY.reach(None, (900, 1000)) - 300.0).abs() < 1e-9);
    }

    #[test]
    fn a_company_that_cannot_be_is_refused() {
        COMPANY.check().unwrap();
        Company::default().check().unwrap();
        for broken in [
            Company {
                weight: -1.0,
                ..COMPANY
            },
            Company {
                reach_mm: 0.0,
                ..COMPANY
            },
            Company {
                strangers: f32::NAN,
                ..COMPANY
            },
        ] {
            assert!(broken.check().is_err());
        }
    }
}
