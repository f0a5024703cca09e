//! Deposits put into a real radiograph.
//!
//! The display curve of a real radiograph is not known, so one is assumed: the stored value, scaled to `0..1` between
//! its 0.2nd and 99.8th percentile, is a logistic function of the logarithm of attenuation (or a line, in one of four).
//! Its steepness and the span of attenuation between the percentiles are drawn by chance: monotone, and over the range
//! that radiographs span. A deposit multiplies exposure by `exp(-mu t)`, that is, adds `mu t` to that logarithm, blurred
//! as the picture is; what was saturated stays saturated.

use super::anatomy::{Body, Site};
use super::contrast;
use super::file::Encoding;
use super::focus::{self, Kind, log_uniform};
use super::look::wide;
use super::place::{Ground, Placed, Placer};
use super::texture::Texture;
use super::{Exposure, Look, Options, Phantom, Processing, Scene, Truth, chance};
use crate::morphology;
use crate::radiograph::{BodyPart, Mask, Radiograph};
use ndarray::{Array2, Zip};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Linear attenuation per mm at about 55 keV of hydroxyapatite and of compact bone in excess of soft tissue (NIST SRD
/// 126, doi 10.18434/T4D01F).
const EXCESS: (f32, f32) = (0.13, 0.052);

struct Film {
    attenuation: Array2<f32>,
    soft: Mask,
    bone: Mask,
    added: Array2<f32>,
    shape: (usize, usize),
}

impl Ground for Film {
    fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn soft(&self, row: usize, column: usize) -> bool {
        self.soft.get(row, column)
    }

    fn bone(&self, row: usize, column: usize) -> bool {
        self.bone.get(row, column)
    }

    fn put(&mut self, placed: &Placed) {
        let per_mm = if placed.deposit.kind == Kind::Ossification {
            EXCESS.1
        } else {
            EXCESS.0
        };
        let (rows, columns) = self.added.dim();
        let (height, width) = placed.deposit.thickness.dim();
        for ((row, column), &thickness) in placed.deposit.thickness.indexed_iter() {
            let (row, column) = (placed.at.0 + row, placed.at.1 + column);
            if thickness > 0.0 && row >= height / 2 && column >= width / 2 {
                let (row, column) = (row - height / 2, column - width / 2);
                if row < rows && column < columns {
                    self.added[(row, column)] += per_mm * thickness;
                }
            }
        }
    }
}

/// The assumed display curve: attenuation in `0..1` to value in `0..1`, and back.
#[derive(Clone, Copy)]
struct Curve {
    steepness: f32,
}

impl Curve {
    fn ends(self) -> (f32, f32) {
        let half = (0.5 * self.steepness).exp();
        (1.0 / (1.0 + half), half / (1.0 + half))
    }

    fn value(self, attenuation: f32) -> f32 {
        if self.steepness == 0.0 {
            return attenuation;
        }
        let (low, high) = self.ends();
        (1.0 / (1.0 + (-self.steepness * (attenuation - 0.5)).exp()) - low) / (high - low)
    }

    fn attenuation(self, value: f32) -> f32 {
        if self.steepness == 0.0 {
            return value;
        }
        let (low, high) = self.ends();
        let share = (low + value * (high - low)).clamp(1e-3, 1.0 - 1e-3);
        0.5 + (share / (1.0 - share)).ln() / self.steepness
    }
}

/// The radiograph with deposits put in by chance, `index` of `seed`; with exact truth of what was put in.
///
/// What was in the radiograph before is unknown and not in the truth. Where the spacing is unknown the longer side is
/// taken for 350 mm. Scenes, spacing, size and looks of `options` do not apply. Whether bone lies at a place is
/// estimated: brighter than its surroundings at the scale of bones.
pub fn insert_into(radiograph: &Radiograph, seed: u64, index: u64, options: &Options) -> Phantom {
    let mut rng = chance(seed, index, options.split);
    let shape = radiograph.shape();
    let spacing = radiograph
        .spacing()
        .map_or(350.0 / shape.0.max(shape.1) as f32, |spacing| spacing.mean() as f32)
        .clamp(0.02, 5.0);
    let pixels = radiograph.pixels();
    let (low, high) = percentiles(radiograph);
    let span = (high - low).max(1.0);
    let shown = pixels.mapv(|value| (f32::from(value) - low) / span);
    let curve = Curve {
        steepness: if rng.random_bool(0.25) {
            0.0
        } else {
            rng.random_range(1.5_f32..5.5)
        },
    };
    // Attenuation between the percentiles: from a hand to a pelvis with open beam beside it.
    let range = log_uniform((1.6, 4.5), &mut rng);
    let texture = Texture::new(&mut rng);
    let slow = wide(&shown, 12.0, spacing);
    let floor = floor(&shown);
    let mut soft = Mask::empty(shape);
    let mut bone = Mask::empty(shape);
    for ((row, column), &value) in shown.indexed_iter() {
        let inside = radiograph.valid().is_none_or(|valid| valid.get(row, column));
        if inside && (floor..0.94).contains(&value) && (floor + 0.04..0.9).contains(&slow[(row, column)]) {
            soft.set(row, column, true);
        }
        if value - slow[(row, column)] > 0.06 {
            bone.set(row, column, true);
        }
    }
    // Off the border of the body, and no island smaller than a deposit.
    soft = morphology::erode_mask(
        &morphology::close_mask(&soft, f64::from(1.0 / spacing)),
        f64::from(1.5 / spacing),
    );
    let mut film = Film {
        attenuation: shown.mapv(|value| curve.attenuation(value.clamp(-0.2, 1.2))),
        soft,
        bone,
        added: Array2::zeros(shape),
        shape,
    };
    let mut placed = Vec::new();
    if rng.random::<f32>() >= options.normal_share {
        let kinds: Vec<Kind> = usual(radiograph.place().body_part)
            .iter()
            .copied()
            .filter(|&kind| options.allows(kind))
            .collect();
        let axis = rng.random_range(-1.6_f32..1.6);
        let body = Body {
            axis,
            sites: spots(&film, &kinds, axis, spacing, &mut rng),
            distractors: Vec::new(),
            hips: Vec::new(),
        };
        let (middle_row, middle_column) = (0.5 * shape.0 as f32, 0.5 * shape.1 as f32);
        let pixel = |x: f32, y: f32| (y / spacing + middle_row, x / spacing + middle_column);
        let placer = Placer {
            body: &body,
            options,
            spacing,
            texture: &texture,
            pixel: &pixel,
            turn: 0.0,
        };
        for _ in 0..rng.random_range(1..3) {
            if !kinds.is_empty() && !body.sites.is_empty() {
                let kind = focus::pick(&kinds, &mut rng);
                placer.place(kind, &mut film, &mut placed, &mut rng);
            }
        }
    }
    let blur = f64::from(rng.random_range(0.10_f32..0.22) / spacing).max(0.45);
    let added = morphology::gaussian(film.added.view(), blur);
    let mut after = shown.clone();
    Zip::from(&mut after)
        .and(&film.attenuation)
        .and(&added)
        .for_each(|value, &attenuation, &added| {
            if added > 1e-5 && *value < 1.0 {
                let rise = curve.value(attenuation + added / range) - curve.value(attenuation);
                *value = (*value + rise.max(0.0)).min(1.0_f32.max(*value));
            }
        });
    let top = pixels.iter().copied().max().unwrap_or(0);
    let stored = after.mapv(|value| (value * span + low).round().clamp(0.0, f32::from(top)) as u16);
    let smooth = morphology::gaussian(after.view(), 1.0);
    let open = radiograph.valid().cloned().unwrap_or_else(|| Mask::full(shape));
    let bone = film.bone;
    let foci = contrast::settle(
        placed,
        &after,
        &smooth,
        |place| bone.get(place.0, place.1),
        &open,
        spacing,
    );
    let bits = (16 - top.leading_zeros() as u16).max(8);
    let radiograph = Radiograph::new(stored)
        .with_spacing(radiograph.spacing())
        .with_value_scale(radiograph.value_scale())
        .with_valid(radiograph.valid().cloned())
        .with_place(radiograph.place().clone())
        .with_warnings(radiograph.warnings().to_vec());
    Phantom {
        truth: Truth {
            scene: Scene::Inserted,
            split: options.split,
            age_years: radiograph.place().age_years.unwrap_or(0.0),
            look: Look::Given,
            processing: Processing::given(),
            exposure: Exposure::default(),
            marker: None,
            metal: None,
            vessel: false,
            grid: false,
            burned_in: false,
            distractors: Vec::new(),
            foci,
        },
        radiograph,
        encoding: Encoding { bits, inverted: false },
    }
}

/// The value below which nothing but the open beam is shown: above the darkest peak of the histogram, if it has one.
fn floor(shown: &Array2<f32>) -> f32 {
    const BINS: usize = 100;
    let mut counts = [0_usize; BINS];
    for &value in shown {
        counts[((value * BINS as f32) as usize).min(BINS - 1)] += 1;
    }
    let around = |bin: usize| counts[bin.saturating_sub(2)..(bin + 3).min(BINS)].iter().sum::<usize>();
    let peak = (0..35).max_by_key(|&bin| (around(bin), BINS - bin)).unwrap_or(0);
    if around(peak) * 100 > 7 * shown.len() && peak < 25 {
        peak as f32 / BINS as f32 + 0.08
    } else {
        0.06
    }
}

/// The 0.2nd and 99.8th percentile of pixels that carry a measurement.
fn percentiles(radiograph: &Radiograph) -> (f32, f32) {
    let mut values: Vec<u16> = radiograph
        .pixels()
        .indexed_iter()
        .filter(|&((row, column), _)| (row + column) % 3 == 0)
        .filter(|&((row, column), _)| radiograph.valid().is_none_or(|valid| valid.get(row, column)))
        .map(|(_, &value)| value)
        .collect();
    if values.is_empty() {
        return (0.0, 1.0);
    }
    values.sort_unstable();
    let at = |share: f64| f32::from(values[((values.len() - 1) as f64 * share) as usize]);
    (at(0.002), at(0.998))
}

/// Places in soft tissue, off bone where there is enough of it.
fn spots(film: &Film, kinds: &[Kind], axis: f32, spacing: f32, rng: &mut ChaCha8Rng) -> Vec<Site> {
    let (rows, columns) = film.shape();
    let mut sites = Vec::new();
    for _ in 0..4000 {
        if sites.len() >= 40 * kinds.len() {
            break;
        }
        let (row, column) = (rng.random_range(0..rows), rng.random_range(0..columns));
        if !film.soft(row, column) || (film.bone(row, column) && rng.random_bool(0.9)) {
            continue;
        }
        let middle = (
            (column as f32 - 0.5 * columns as f32) * spacing,
            (row as f32 - 0.5 * rows as f32) * spacing,
        );
        let half = rng.random_range(8.0_f32..40.0);
        for &kind in kinds {
            sites.push(Site {
                kind,
                middle,
                half: (half, half * rng.random_range(0.5_f32..2.0)),
                axis,
            });
        }
    }
    sites
}

/// Kinds that occur in a part of the body.
const fn usual(part: BodyPart) -> &'static [Kind] {
    match part {
        BodyPart::Pelvis | BodyPart::Hip => Scene::Pelvis.kinds(),
        BodyPart::Shoulder | BodyPart::Chest | BodyPart::UpperArm => Scene::Shoulder.kinds(),
        BodyPart::Hand => Scene::Hand.kinds(),
        BodyPart::Knee => Scene::Knee.kinds(),
        BodyPart::Forearm => Scene::Elbow.kinds(),
        BodyPart::Thigh => Scene::Thigh.kinds(),
        BodyPart::LowerLeg | BodyPart::Foot => Scene::LowerLeg.kinds(),
        _ => &[
            Kind::RiceGrain,
            Kind::Phlebolith,
            Kind::TumoralCalcinosis,
            Kind::CalcificTendinitis,
            Kind::Ossification,
            Kind::Calcification,
            Kind::InjectionGranuloma,
            Kind::CalcinosisCutis,
            Kind::FascialSheet,
            Kind::MetastaticCalcification,
            Kind::VascularCalcification,
            Kind::MineralisedMass,
        ],
    }
}
