//! From thickness to a detector signal.

use super::focus::log_uniform;
use super::layers::Layers;
use super::look::wide;
use super::material::{Material, SPECTRUM};
use super::texture::normal;
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::{Array2, Zip};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How the exposure was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exposure {
    /// Mean photons per pixel in the open beam.
    pub photons: f32,
    /// Scatter over primary behind the thickest part.
    pub scatter: f32,
    /// Standard deviation of focal spot and detector blur together, in mm.
    pub blur_mm: f32,
    /// Share by which the beam rises from top to bottom and from left to right: the heel effect.
    #[serde(default)]
    pub heel: (f32, f32),
}

impl Exposure {
    /// As an automatic exposure control would have it: a dose behind the body, whatever its thickness.
    pub(super) fn by_chance(
        trunk: bool,
        primary: &Array2<f32>,
        layers: &Layers,
        open: &Mask,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let soft = layers.map(Material::Soft);
        let mut behind: Vec<f32> = primary
            .indexed_iter()
            .filter(|&((row, column), _)| (row % 8, column % 8) == (0, 0) && open.get(row, column))
            .filter(|&(place, _)| soft[place] > 8.0)
            .map(|(_, &value)| value)
            .collect();
        behind.sort_by(f32::total_cmp);
        let middle = behind.get(behind.len() / 2).copied().unwrap_or(0.5).max(1e-4);
        // Quanta per mm2 that are counted behind the body: about 1 to 16 uGy.
        let quanta = log_uniform((1.2e4, 3e5), rng) * layers.spacing * layers.spacing;
        Self {
            photons: quanta / middle,
            scatter: if trunk {
                rng.random_range(0.02_f32..0.09)
            } else {
                rng.random_range(0.004_f32..0.03)
            },
            blur_mm: rng.random_range(0.09_f32..0.22),
            heel: (rng.random_range(-0.15_f32..0.15), rng.random_range(-0.08_f32..0.08)),
        }
    }
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

/// The signal without noise: primary and scatter, blurred, next to nothing behind the collimator; uneven by the heel
/// effect.
pub(super) fn signal(primary: &Array2<f32>, open: &Mask, exposure: &Exposure, spacing: f32) -> Array2<f32> {
    let mut beam = primary.clone();
    Zip::indexed(&mut beam).for_each(|(row, column), value| {
        if !open.get(row, column) {
            *value *= 0.004;
        }
    });
    let scatter = wide(&beam, 28.0, spacing);
    let (rows, columns) = beam.dim();
    let (along, across) = exposure.heel;
    Zip::indexed(&mut beam).for_each(|(row, column), value| {
        let (x, y) = (column as f32 / columns as f32 - 0.5, row as f32 / rows as f32 - 0.5);
        *value *= 1.0 + across * x + along * y;
    });
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

/// The open part of the field: the whole picture, a rectangle, often turned, now and then not straight, or a disc.
pub(super) fn collimator(rows: usize, columns: usize, share: f32, rng: &mut ChaCha8Rng) -> Mask {
    let mut open = Mask::empty((rows, columns));
    if rng.random::<f32>() >= share {
        return Mask::full((rows, columns));
    }
    let (width, height) = (columns as f32, rows as f32);
    let round = rng.random_bool(0.05);
    let tilt = if rng.random_bool(0.4) {
        rng.random_range(-0.14_f32..0.14)
    } else {
        0.0
    };
    let skew = if rng.random_bool(0.15) {
        rng.random_range(-0.08_f32..0.08)
    } else {
        0.0
    };
    let (sine, cosine) = tilt.sin_cos();
    // Each blade has a place of its own; some lie outside the picture.
    let mut blade = |length: f32| length * rng.random_range(0.40_f32..0.53);
    let (left, right, top, bottom) = (blade(width), blade(width), blade(height), blade(height));
    let radius = 0.5 * rows.max(columns) as f32 * 0.96;
    for row in 0..rows {
        let y = row as f32 - 0.5 * height;
        for column in 0..columns {
            let x = column as f32 - 0.5 * width;
            let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
            let inside = if round {
                x.hypot(y) < radius
            } else {
                u > -left + skew * v && u < right && v > -top && v < bottom - skew * u
            };
            if inside {
                open.set(row, column, true);
            }
        }
    }
    open
}
