//! Which image of one folder is which of the other.

use super::differs;
use crate::radiograph::Place;

/// What is known of an image before it is opened whole.
#[derive(Clone, Default, PartialEq)]
pub struct Identity {
    /// The patient, good for nothing but to compare.
    pub patient: Option<Vec<u8>>,
    /// Part, side and view.
    pub place: Place,
    /// Name of the file, which tells images apart that state no patient.
    pub name: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?}, not shown)", self.place.body_part)
    }
}

/// Images that may be of the same patient, part, side and view: indices into both lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Into the list of prior images.
    pub prior: Vec<usize>,
    /// Into the list of current images.
    pub current: Vec<usize>,
}

/// The images of both lists that belong together, in the order of the prior list; what is alone is in no group.
///
/// Images are of one group if they state one patient, body part, side and view; of images that state no patient, those of
/// one name.
pub fn groups(prior: &[Identity], current: &[Identity]) -> Vec<Group> {
    let alike = |a: &Identity, b: &Identity| match (&a.patient, &b.patient) {
        (Some(a_patient), Some(b_patient)) => a_patient == b_patient && same_place(&a.place, &b.place),
        (None, None) => a.name == b.name && differs(&a.place, &b.place).is_none(),
        _ => false,
    };
    let mut groups: Vec<Group> = Vec::new();
    for (nth, identity) in prior.iter().enumerate() {
        match groups.iter_mut().find(|group| alike(&prior[group.prior[0]], identity)) {
            Some(group) => group.prior.push(nth),
            None => groups.push(Group {
                prior: vec![nth],
                current: Vec::new(),
            }),
        }
    }
    for (nth, identity) in current.iter().enumerate() {
        if let Some(group) = groups.iter_mut().find(|group| alike(&prior[group.prior[0]], identity)) {
            group.current.push(nth);
        }
    }
    groups.retain(|group| !group.current.is_empty());
    groups
}

fn same_place(a: &Place, b: &Place) -> bool {
    a.body_part == b.body_part && differs(a, b).is_none()
}

/// One to one within a group, the largest `fit` first; `None` of a pair that does not fit at all.
pub fn best(group: &Group, fit: impl Fn(usize, usize) -> Option<f64>) -> Vec<(usize, usize)> {
    if let (&[prior], &[current]) = (&group.prior[..], &group.current[..]) {
        return vec![(prior, current)];
    }
    let mut all: Vec<(f64, usize, usize)> = Vec::new();
    for &prior in &group.prior {
        for &current in &group.current {
            all.extend(fit(prior, current).map(|fit| (fit, prior, current)));
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, prior, current) in all {
        if pairs.iter().all(|pair| pair.0 != prior && pair.1 != current) {
            pairs.push((prior, current));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Days from one date to another, each `YYYYMMDD`; `None` if either is none.
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    // Days since a fixed day, by the civil calendar: years begin in March, so that the leap day is the last.
    let days = |date: &str| -> Option<i64> {
        if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().ok();
        let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let leaps = year / 4 - year / 100 + year / 400;
        Some(365 * year + leaps + (153 * month + 2) / 5 + day)
    };
    Some(days(to)? - days(from)?)
}

#[cfg(test)]
mod tests {
    use super::{Group, Identity, best, days_between, groups};
    use crate::radiograph::{BodyPart, Laterality, Place};

    fn image(patient: Option<&str>, body_part: BodyPart, laterality: Laterality, name: &str) -> Identity {
        Identity {
            patient: patient.map(|patient| patient.as_bytes().to_vec()),
            place: Place {
                body_part,
                laterality,
                ..Place::default()
            },
            name: name.to_owned(),
        }
    }

    #[test]
    fn images_of_one_patient_part_and_side_belong_together() {
        let prior = [
            image(Some("a"), BodyPart::Hand, Laterality::Left, "1"),
            image(Some("a"), BodyPart::Hand, Laterality::Right, "2"),
            image(Some("b"), BodyPart::Knee, Laterality::Unknown, "3"),
            image(None, BodyPart::Unknown, Laterality::Unknown, "hand.png"),
        ];
        let current = [
            image(Some("a"), BodyPart::Hand, Laterality::Right, "8"),
            image(Some("a"), BodyPart::Knee, Laterality::Unknown, "9"),
            image(None, BodyPart::Unknown, Laterality::Unknown, "hand.png"),
            image(None, BodyPart::Unknown, Laterality::Unknown, "foot.png"),
        ];
        let group = |prior: &[usize], current: &[usize]| Group {
            prior: prior.to_vec(),
            current: current.to_vec(),
        };
        assert_eq!(groups(&prior, &current), [group(&[1], &[0]), group(&[3], &[2])]);
        assert_eq!(format!("{:?}", prior[0]), "Identity(Hand, not shown)");
    }

    #[test]
    fn of_several_the_best_fit_is_taken() {
        let group = Group {
            prior: vec![0, 1],
            current: vec![0, 1, 2],
        };
        let fits = [[0.2, 0.9, 0.4], [0.5, 0.95, 0.1]];
        assert_eq!(best(&group, |p, c| Some(fits[p][c])), [(0, 2), (1, 1)]);
        assert!(best(&group, |_, _| None).is_empty());
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        assert_eq!(days_between("20000101", "20010101"), Some(366));
        assert_eq!(days_between("20010101", "20020101"), Some(365));
        assert_eq!(days_between("19991231", "20000101"), Some(1));
        assert_eq!(days_between("20240301", "20240228"), Some(-2));
        assert_eq!(days_between("2000", "20010101"), None);
        assert_eq!(days_between("20001301", "20010101"), None);
    }
}
