//! From a detector signal to what a vendor stores.

use super::focus::log_uniform;
use super::layers::Layers;
use super::material::Material;
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::{Array2, Zip};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How the vendor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Logarithm of exposure, for processing.
    Log,
    /// Film-like S-curve, for presentation.
    SCurve,
    /// S-curve with edges enhanced at two scales.
    Enhanced,
    /// Linear in exposure, for processing.
    Linear,
    /// Contrast made even from place to place.
    Equalised,
    /// S-curve with noise reduced.
    Softened,
    /// Film: long toe, steep middle, grain.
    Film,
    /// Every scale's contrast compressed on its own, the faint raised most.
    MultiScale,
    /// As a real radiograph came.
    Given,
}

/// One vendor's processing with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Processing {
    /// Its family.
    pub look: Look,
    /// Steepness of the S-curve; 0 is a line.
    pub steepness: f32,
    /// Where the S-curve is steepest, `0.0..1.0` of the scale.
    pub middle: f32,
    /// Scale in mm and strength of two unsharp masks.
    pub unsharp: [(f32, f32); 2],
    /// Share of slow contrast taken away.
    pub compression: f32,
    /// Share of contrast made even locally.
    pub equalisation: f32,
    /// Threshold below which fine structure is taken for noise, in shares of the scale; 0 does nothing.
    pub noise_reduction: f32,
    /// Power on the contrast of each scale, 1 leaves it.
    pub power: f32,
    /// Signals that become 0 and 1.
    pub anchors: (f32, f32),
}

impl Processing {
    /// The identity, for radiographs that come as they are.
    pub(super) fn given() -> Self {
        Self {
            look: Look::Given,
            steepness: 0.0,
            middle: 0.5,
            unsharp: [(0.0, 0.0); 2],
            compression: 0.0,
            equalisation: 0.0,
            noise_reduction: 0.0,
            power: 1.0,
            anchors: (1.0, 0.0),
        }
    }

    /// Settings for `clean`, the signal behind `layers` inside `open`.
    pub(super) fn by_chance(
        look: Look,
        clean: &Array2<f32>,
        open: &Mask,
        layers: &Layers,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut processing = Self { look, ..Self::given() };
        let curved = |rng: &mut ChaCha8Rng| (rng.random_range(2.0_f32..6.5), rng.random_range(0.38_f32..0.62));
        match look {
            Look::Log | Look::Linear | Look::Given => {}
            Look::SCurve => (processing.steepness, processing.middle) = curved(rng),
            Look::Softened => {
                (processing.steepness, processing.middle) = curved(rng);
                processing.noise_reduction = rng.random_range(0.01_f32..0.04);
                processing.unsharp[0] = (rng.random_range(1.0_f32..2.5), rng.random_range(0.1_f32..0.5));
            }
            Look::Enhanced => {
                (processing.steepness, processing.middle) = curved(rng);
                processing.unsharp = [
                    (log_uniform((0.3, 1.2), rng), log_uniform((0.15, 1.6), rng)),
                    (log_uniform((2.0, 9.0), rng), log_uniform((0.1, 0.9), rng)),
                ];
            }
            Look::Equalised => {
                processing.steepness = rng.random_range(1.0_f32..4.0);
                processing.compression = rng.random_range(0.25_f32..0.65);
                processing.equalisation = rng.random_range(0.0_f32..0.6);
                processing.unsharp[0] = (log_uniform((0.4, 2.0), rng), log_uniform((0.1, 0.8), rng));
            }
            Look::Film => {
                processing.steepness = rng.random_range(6.0_f32..9.0);
                processing.middle = rng.random_range(0.42_f32..0.60);
            }
            Look::MultiScale => {
                processing.steepness = rng.random_range(1.5_f32..4.5);
                processing.power = rng.random_range(0.55_f32..0.85);
                processing.compression = rng.random_range(0.2_f32..0.5);
            }
        }
        processing.anchors = anchors(clean, open, layers, look, rng);
        processing
    }

    /// Stored values, larger more opaque, in `0.0..=1.0` before quantisation.
    pub(super) fn shown(&self, signal: &Array2<f32>, spacing: f32) -> Array2<f32> {
        let (bright, dark) = self.anchors;
        if self.look == Look::Linear {
            let span = (bright - dark).max(1e-9);
            return signal.mapv(|value| ((bright - value) / span).clamp(0.0, 1.0));
        }
        let (top, bottom) = (bright.ln(), dark.ln());
        let span = (top - bottom).max(1e-6);
        let mut image = signal.mapv(|value| ((top - value.max(1e-7).ln()) / span).clamp(-0.25, 1.25));
        if self.noise_reduction > 0.0 {
            let smooth = morphology::gaussian(image.view(), f64::from(0.3 / spacing));
            let threshold = self.noise_reduction * self.noise_reduction;
            // Coring: what is faint goes, what is strong stays.
            Zip::from(&mut image).and(&smooth).for_each(|value, &smooth| {
                let detail = *value - smooth;
                let square = detail * detail;
                *value = smooth + detail * square / (square + threshold);
            });
        }
        if self.compression > 0.0 {
            let slow = wide(&image, 14.0, spacing);
            Zip::from(&mut image).and(&slow).for_each(|value, &slow| {
                *value -= self.compression * (slow - 0.5);
            });
        }
        if self.equalisation > 0.0 {
            let mean = wide(&image, 9.0, spacing);
            let mut squares = image.clone();
            Zip::from(&mut squares)
                .and(&mean)
                .for_each(|value, &mean| *value = (*value - mean).powi(2));
            let spread = wide(&squares, 9.0, spacing);
            Zip::from(&mut image)
                .and(&mean)
                .and(&spread)
                .for_each(|value, &mean, &spread| {
                    let even = mean + (*value - mean) * (0.12 / (spread.max(0.0).sqrt() + 0.03)).min(2.5);
                    *value += self.equalisation * (even - *value);
                });
        }
        if self.power < 1.0 {
            image = self.scales(image, spacing);
        }
        let masks: Vec<(Array2<f32>, f32)> = self
            .unsharp
            .iter()
            .filter(|&&(_, strength)| strength > 0.0)
            .map(|&(scale, strength)| (wide(&image, scale, spacing), strength))
            .collect();
        let plain = image.clone();
        for (mask, strength) in &masks {
            Zip::from(&mut image)
                .and(&plain)
                .and(mask)
                .for_each(|value, &plain, &mask| {
                    *value += strength * (plain - mask);
                });
        }
        let curve = self.curve();
        image.mapv_inplace(curve);
        image
    }

    /// Laplacian scales, each raised to a power below 1 (P. Vuylsteke and E. Schoeters, doi 10.1117/12.175096).
    fn scales(&self, image: Array2<f32>, spacing: f32) -> Array2<f32> {
        let mut rest = image;
        let mut sum = Array2::<f32>::zeros(rest.dim());
        for scale in [0.5_f32, 1.2, 3.0, 7.5, 18.0] {
            let slower = wide(&rest, scale, spacing);
            Zip::from(&mut sum)
                .and(&rest)
                .and(&slower)
                .for_each(|sum, &own, &slower| {
                    let band = own - slower;
                    *sum += band * (0.16 / (band.abs() + 0.012)).powf(1.0 - self.power).min(2.2);
                });
            rest = slower;
        }
        sum + rest
    }

    fn curve(&self) -> impl Fn(f32) -> f32 + use<> {
        let (steepness, middle, toe) = (self.steepness, self.middle, self.look == Look::Film);
        let sigmoid = move |value: f32| 1.0 / (1.0 + (-steepness * (value - middle)).exp());
        let (low, high) = (sigmoid(0.0), sigmoid(1.0));
        move |value: f32| {
            if steepness <= 0.0 {
                return value.clamp(0.0, 1.0);
            }
            let value = ((sigmoid(value) - low) / (high - low)).clamp(0.0, 1.0);
            if toe { value.powf(0.8) } else { value }
        }
    }
}

/// Smoothed by `scale` mm; wide ones on a coarser grid.
pub(super) fn wide(image: &Array2<f32>, scale: f32, spacing: f32) -> Array2<f32> {
    let sigma = scale / spacing;
    let factor = (sigma / 4.0) as usize;
    if factor < 2 {
        return morphology::gaussian(image.view(), f64::from(sigma));
    }
    let coarse = morphology::downsample(image.view(), factor);
    let smooth = morphology::gaussian(coarse.view(), f64::from(sigma / factor as f32));
    morphology::upsample(smooth.view(), factor, image.dim())
}

/// The signals that become the ends of the scale, as a vendor's processing would choose them from the field.
///
/// For presentation only the body counts: thicker than 8 mm of soft tissue.
fn anchors(clean: &Array2<f32>, open: &Mask, layers: &Layers, look: Look, rng: &mut ChaCha8Rng) -> (f32, f32) {
    let soft = layers.map(Material::Soft);
    let raw = matches!(look, Look::Log | Look::Linear);
    let mut values: Vec<f32> = clean
        .indexed_iter()
        .filter(|&((row, column), _)| (row % 5, column % 5) == (0, 0) && open.get(row, column))
        .filter(|&(place, _)| raw || soft[place] > 8.0)
        .map(|(_, &value)| value)
        .collect();
    if values.is_empty() {
        values.push(1.0);
    }
    values.sort_by(f32::total_cmp);
    let at = |share: f32| values[((values.len() - 1) as f32 * share) as usize].max(1e-6);
    match look {
        Look::Log => (at(1.0) * 1.1, at(0.0005) * 0.5),
        Look::Linear => (at(rng.random_range(0.6_f32..0.95)) * 1.02, 0.0),
        // For presentation, direct exposure is clipped and the opaque end is tight.
        _ => {
            let bright = at(rng.random_range(0.94_f32..1.0)) * rng.random_range(1.0_f32..1.7);
            let dark = at(rng.random_range(0.001_f32..0.01)) * rng.random_range(0.4_f32..0.95);
            (bright, dark.min(0.5 * bright))
        }
    }
}
