//! Free-response operating characteristic: sensitivity against false detections.

use super::bootstrap::Statistic;
use super::figure::Figure;
use super::matching::{Fate, rank};
use super::sample::{CountedFocus, Sample};
use serde::{Deserialize, Serialize};

/// Rates of false detections at which sensitivity is stated, per image and per 100 cm2.
pub const RATES: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Rates of the drawn curve: eight a doubling, from 1/32 to 16 per image.
fn curve_rates() -> impl Iterator<Item = f64> {
    (0..=72).map(|step| 2.0_f64.powf(f64::from(step) / 8.0 - 5.0))
}

/// Foci asked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Clear foci off bone.
    ClearOffBone,
    /// Clear foci, wherever they lie.
    Clear,
    /// Clear and less clear foci off bone.
    VisibleOffBone,
    /// All foci that can be seen.
    Visible,
}

impl Group {
    /// All groups, in the order of tables.
    pub const ALL: [Group; 4] = [Group::ClearOffBone, Group::Clear, Group::VisibleOffBone, Group::Visible];

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Group::ClearOffBone => "clear foci off bone",
            Group::Clear => "clear foci",
            Group::VisibleOffBone => "visible foci off bone",
            Group::Visible => "all visible foci",
        }
    }

    pub(super) fn has(self, focus: &CountedFocus<'_>) -> bool {
        match self {
            Group::ClearOffBone => focus.clear() && focus.off_bone,
            Group::Clear => focus.clear(),
            Group::VisibleOffBone => focus.off_bone,
            Group::Visible => true,
        }
    }
}

/// Sensitivity at a rate of false detections.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtRate {
    /// False detections per image or per 100 cm2.
    pub rate: f64,
    /// Share of the foci found.
    pub sensitivity: Figure,
    /// Least score of the detections that were kept; `None` if none could be.
    pub score: Option<f32>,
    /// Whether the detections are enough to reach the rate; if not, the sensitivity is a lower bound.
    pub reached: bool,
}

/// The curve for one group of foci.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Froc {
    /// Foci asked for.
    pub group: Group,
    /// How many there are.
    pub foci: u64,
    /// At [`RATES`] per image.
    pub per_image: Vec<AtRate>,
    /// At [`RATES`] per 100 cm2; empty if the area searched is not known of all images.
    pub per_100_cm2: Vec<AtRate>,
    /// The curve, per image, at rates that rise by a ninth.
    pub curve: Vec<AtRate>,
}

struct Event {
    score: f32,
    image: u32,
    /// Bit `g`: a focus of [`Group::ALL`]`[g]` found. No bit: a false detection.
    groups: u8,
}

/// One sweep over all thresholds, for all groups and rates.
pub(super) struct Sweep {
    /// By falling score.
    events: Vec<Event>,
    /// Per focus: image and bits of its groups.
    foci: Vec<(u32, u8)>,
    /// Area of each image in units of 100 cm2; `None` if one is not known.
    areas: Option<Vec<f64>>,
    rates: Vec<Rate>,
}

#[derive(Clone, Copy)]
struct Rate {
    rate: f64,
    per_area: bool,
}

impl Sweep {
    pub(super) fn new(sample: &Sample<'_>) -> Self {
        let bits = |focus: &CountedFocus<'_>| {
            let of = |(bit, group): (usize, &Group)| u8::from(group.has(focus)) << bit;
            Group::ALL.iter().enumerate().map(of).sum::<u8>()
        };
        let hits = sample.foci.iter().filter_map(|focus| {
            Some(Event {
                score: rank(focus.taken_by?.score),
                image: focus.image as u32,
                groups: bits(focus),
            })
        });
        let strays = sample.found.iter().filter(|found| matches!(found.fate, Fate::False(_)));
        let strays = strays.map(|found| Event {
            score: rank(found.detection.score),
            image: found.image as u32,
            groups: 0,
        });
        let mut events: Vec<Event> = hits.chain(strays).collect();
        events.sort_by(|a, b| b.score.total_cmp(&a.score));
        let area = |case: &super::case::Case| case.area_cm2.filter(|area| *area > 0.0).map(|area| area / 100.0);
        let areas: Option<Vec<f64>> = sample.cases.iter().map(area).collect();
        let areas = areas.filter(|areas| !areas.is_empty());
        let mut rates: Vec<Rate> = RATES
            .into_iter()
            .chain(curve_rates())
            .map(|rate| Rate { rate, per_area: false })
            .collect();
        if areas.is_some() {
            rates.extend(RATES.map(|rate| Rate { rate, per_area: true }));
        }
        Self {
            events,
            foci: sample
                .foci
                .iter()
                .map(|focus| (focus.image as u32, bits(focus)))
                .collect(),
            areas,
            rates,
        }
    }

    /// Most false detections, weighted, that each rate allows.
    fn limits(&self, weights: &[u32]) -> Vec<f64> {
        let images: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        let area = self.areas.as_ref().map_or(0.0, |areas| {
            areas
                .iter()
                .zip(weights)
                .map(|(area, &weight)| area * f64::from(weight))
                .sum()
        });
        let limit = |rate: &Rate| rate.rate * if rate.per_area { area } else { images };
        // A count that equals its limit is allowed, whatever the last bit of the product.
        self.rates.iter().map(|rate| limit(rate) * (1.0 + 1e-12)).collect()
    }

    /// Calls `settle(rate, state)` once for every rate with the state before it was exceeded. A state is the weight of
    /// foci found per group, and the index after the last event.
    fn sweep(&self, weights: &[u32], mut settle: impl FnMut(usize, [f64; 4], usize)) -> f64 {
        let limits = self.limits(weights);
        let mut order: Vec<usize> = (0..limits.len()).collect();
        order.sort_by(|&a, &b| limits[a].total_cmp(&limits[b]));
        let mut waiting = order.into_iter().peekable();
        let (mut strays, mut found) = (0.0, [0.0; 4]);
        let mut at = 0;
        while at < self.events.len() {
            let (before, start) = (found, at);
            while at < self.events.len() && self.events[at].score == self.events[start].score {
                let event = &self.events[at];
                let weight = f64::from(weights[event.image as usize]);
                if event.groups == 0 {
                    strays += weight;
                }
                for (bit, found) in found.iter_mut().enumerate() {
                    *found += weight * f64::from(event.groups >> bit & 1);
                }
                at += 1;
            }
            while let Some(rate) = waiting.next_if(|&rate| strays > limits[rate]) {
                settle(rate, before, start);
            }
        }
        for rate in waiting {
            settle(rate, found, at);
        }
        strays
    }

    /// The curves, from the figures this statistic gave.
    pub(super) fn curves(&self, figures: &[Figure], images: usize) -> Vec<Froc> {
        let weights = vec![1; images];
        let mut scores = vec![None; self.rates.len()];
        let all = self.sweep(&weights, |rate, _, after| {
            scores[rate] = after.checked_sub(1).map(|last| self.events[last].score);
        });
        let limits = self.limits(&weights);
        let curve = |(at, &group): (usize, &Group)| {
            let own = &figures[at * self.rates.len()..(at + 1) * self.rates.len()];
            let mut points = (0..self.rates.len()).map(|index| AtRate {
                rate: self.rates[index].rate,
                sensitivity: own[index],
                score: scores[index],
                // As above: the same product, so that an equal count is reached.
                reached: all * (1.0 + 1e-12) >= limits[index],
            });
            let per_image: Vec<AtRate> = points.by_ref().take(RATES.len()).collect();
            let curve = points.by_ref().take(curve_rates().count()).collect();
            Froc {
                group,
                foci: self.foci.iter().filter(|(_, bits)| bits >> at & 1 == 1).count() as u64,
                per_image,
                curve,
                per_100_cm2: points.collect(),
            }
        };
        Group::ALL.iter().enumerate().map(curve).collect()
    }

    /// Least score at which false detections do not exceed one per image.
    pub(super) fn score_at_one_per_image(&self, images: usize) -> Option<f32> {
        let mut score = None;
        self.sweep(&vec![1; images], |rate, _, after| {
            if self.rates[rate].rate == 1.0 && !self.rates[rate].per_area {
                score = after.checked_sub(1).map(|last| self.events[last].score);
            }
        });
        score
    }
}

impl Statistic for Sweep {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        let mut all = [0.0; 4];
        for &(image, groups) in &self.foci {
            for (bit, all) in all.iter_mut().enumerate() {
                *all += f64::from(weights[image as usize]) * f64::from(groups >> bit & 1);
            }
        }
        let start = values.len();
        values.resize(start + 4 * self.rates.len(), f64::NAN);
        self.sweep(weights, |rate, found, _| {
            for bit in 0..4 {
                if all[bit] > 0.0 {
                    values[start + bit * self.rates.len() + rate] = found[bit] / all[bit];
                }
            }
        });
    }
}

#[cfg(test)]
mod tests;
