//! From thickness to a detector signal, and from the signal to what a vendor stores.

use super::layers::Layers;
use super::material::{Material, SPECTRUM};
use super::texture::normal;
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::{Array2, Zip};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How the exposure was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exposure {
    /// Mean photons per pixel in the open beam.
    pub photons: f32,
    /// Scatter over primary behind the thickest part.
    pub scatter: f32,
    /// Standard deviation of focal spot and detector blur together, in mm.
    pub blur_mm: f32,
}

/// How the vendor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Logarithm of exposure, for processing.
    Log,
    /// Film-like S-curve, for presentation.
    SCurve,
    /// S-curve with edges enhanced.
    Enhanced,
}

/// Primary signal relative to the open beam, by the Beer-Lambert law over the spectrum; in `0.0..=1.0`.
pub(super) fn primary(layers: &Layers) -> Array2<f32> {
    let attenuation = Material::ALL.map(Material::attenuation);
    let maps = Material::ALL.map(|material| layers.map(material));
    Array2::from_shape_fn((layers.rows, layers.columns), |place| {
        let mut path = [0.0_f32; SPECTRUM.len()];
        for (map, attenuation) in maps.iter().zip(&attenuation) {
            let thickness = map[place];
            if thickness > 0.0 {
                for (sum, per_mm) in path.iter_mut().zip(attenuation) {
                    *sum += per_mm * thickness;
                }
            }
        }
        path.iter()
            .zip(SPECTRUM)
            .map(|(path, share)| share * (-path).exp())
            .sum()
    })
}

/// The signal without noise: primary and scatter, blurred, zero behind the collimator but for scatter.
pub(super) fn signal(primary: &Array2<f32>, open: &Mask, exposure: &Exposure, spacing: f32) -> Array2<f32> {
    let mut beam = primary.clone();
    Zip::indexed(&mut beam).for_each(|(row, column), value| {
        if !open.get(row, column) {
            *value *= 0.004;
        }
    });
    let factor = (4.0 / spacing).round().max(1.0) as usize;
    let coarse = morphology::downsample(beam.view(), factor);
    let wide = morphology::gaussian(coarse.view(), f64::from(28.0 / (spacing * factor as f32)));
    let scatter = morphology::upsample(wide.view(), factor, beam.dim());
    // Scatter grows with thickness: where little comes through, most of it is scatter.
    Zip::from(&mut beam)
        .and(primary)
        .and(&scatter)
        .for_each(|value, &primary, &scatter| {
            *value += exposure.scatter * scatter * (1.0 - primary).max(0.0);
        });
    morphology::gaussian(beam.view(), f64::from(exposure.blur_mm / spacing))
}

/// Adds quantum noise, part of it correlated by the detector, and electronic noise.
pub(super) fn noisy(signal: &Array2<f32>, exposure: &Exposure, rng: &mut ChaCha8Rng) -> Array2<f32> {
    let mut deviates = Array2::from_shape_simple_fn(signal.dim(), || normal(rng));
    deviates = morphology::gaussian(deviates.view(), 0.6);
    // The blur leaves this much of unit white noise.
    let left = 0.55_f32;
    Zip::from(&mut deviates).and(signal).for_each(|value, &signal| {
        let quanta = (signal * exposure.photons).max(0.0);
        let sigma = (quanta + 9.0).sqrt();
        *value = ((quanta + *value / left * sigma) / exposure.photons).max(1e-5);
    });
    deviates
}

/// Stored values, larger more opaque, in `0.0..=1.0` before quantisation.
///
/// `anchors` are the signals that become 0 and 1, so that the same curve can be put on two versions of one picture.
pub(super) fn displayed(signal: &Array2<f32>, look: Look, (bright, dark): (f32, f32), spacing: f32) -> Array2<f32> {
    let (top, bottom) = (bright.ln(), dark.ln());
    let scaled = signal.mapv(|value| ((top - value.max(1e-6).ln()) / (top - bottom)).clamp(-0.2, 1.2));
    match look {
        Look::Log => scaled.mapv(|value| value.clamp(0.0, 1.0)),
        Look::SCurve => scaled.mapv(s_curve),
        Look::Enhanced => {
            let wide = morphology::gaussian(scaled.view(), f64::from(4.0 / spacing));
            let narrow = morphology::gaussian(scaled.view(), f64::from(0.6 / spacing));
            let mut enhanced = scaled;
            Zip::from(&mut enhanced)
                .and(&wide)
                .and(&narrow)
                .for_each(|value, &wide, &narrow| {
                    *value = s_curve(*value + 0.25 * (*value - wide) + 0.35 * (*value - narrow));
                });
            enhanced
        }
    }
}

fn s_curve(value: f32) -> f32 {
    let sigmoid = |value: f32| 1.0 / (1.0 + (-5.0 * (value - 0.5)).exp());
    let (low, high) = (sigmoid(0.0), sigmoid(1.0));
    ((sigmoid(value) - low) / (high - low)).clamp(0.0, 1.0)
}

/// The open part of the field: a rectangle, sometimes turned, sometimes the whole picture.
pub(super) fn collimator(rows: usize, columns: usize, share: f32, rng: &mut ChaCha8Rng) -> Mask {
    let mut open = Mask::empty((rows, columns));
    if rng.random::<f32>() >= share {
        return Mask::full((rows, columns));
    }
    let tilt = if rng.random_bool(0.4) {
        rng.random_range(-0.08_f32..0.08)
    } else {
        0.0
    };
    let (sine, cosine) = tilt.sin_cos();
    let half = (
        columns as f32 * rng.random_range(0.40_f32..0.49),
        rows as f32 * rng.random_range(0.42_f32..0.5),
    );
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (column as f32 - columns as f32 / 2.0, row as f32 - rows as f32 / 2.0);
            if (x * cosine + y * sine).abs() < half.0 && (y * cosine - x * sine).abs() < half.1 {
                open.set(row, column, true);
            }
        }
    }
    open
}
