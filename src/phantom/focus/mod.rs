//! Mineral deposits: every mission label in several forms over its clinical size range, and further kinds.
//!
//! Sizes and forms: Tropical Medicine Central Resource ch. 7 (rice grains), AJR 1999;172:13 (lucent centres of
//! phleboliths), RadioGraphics 2006;26:871 (tumoral calcinosis), Insights Imaging 2018;9:477 (tendon deposits).

mod amorphous;
mod further;
mod grain;
mod mask;
mod ossification;
mod round;
mod tendon;
mod tumoral;

use super::layers::Layers;
use super::material::Material;
use super::texture::{Texture, normal};
use crate::morphology;
use ndarray::Array2;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What a deposit is; names as in the classifier, which this room does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Spindle along the muscle.
    RiceGrain,
    /// Round vein stone.
    Phlebolith,
    /// Lobulated mass beside a joint.
    TumoralCalcinosis,
    /// Deposit in a tendon.
    CalcificTendinitis,
    /// Bone in soft tissue.
    Ossification,
    /// Mineral without order.
    Calcification,
    /// Round or eggshell nodule of the buttock.
    InjectionGranuloma,
    /// Stones and plates in the skin of hand and forearm.
    CalcinosisCutis,
    /// Sheets along fascia.
    FascialSheet,
    /// Thin line inside a joint.
    Chondrocalcinosis,
    /// Fine specks all over soft tissue.
    MetastaticCalcification,
    /// Tram tracks of an artery, net of a vein.
    VascularCalcification,
    /// Mass with a dense middle and a fading border: not benign-looking.
    MineralisedMass,
}

impl Kind {
    /// The six mission labels, in the order of category numbers. Drawn unless told otherwise.
    pub const ALL: [Kind; 6] = [
        Kind::RiceGrain,
        Kind::Phlebolith,
        Kind::TumoralCalcinosis,
        Kind::CalcificTendinitis,
        Kind::Ossification,
        Kind::Calcification,
    ];

    /// Kinds drawn only when [`super::Options::kinds`] names them; category numbers go on.
    pub const FURTHER: [Kind; 7] = [
        Kind::InjectionGranuloma,
        Kind::CalcinosisCutis,
        Kind::FascialSheet,
        Kind::Chondrocalcinosis,
        Kind::MetastaticCalcification,
        Kind::VascularCalcification,
        Kind::MineralisedMass,
    ];

    /// Stable name, such as `rice_grain`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::RiceGrain => "rice_grain",
            Kind::Phlebolith => "phlebolith",
            Kind::TumoralCalcinosis => "tumoral_calcinosis",
            Kind::CalcificTendinitis => "calcific_tendinitis",
            Kind::Ossification => "ossification",
            Kind::Calcification => "calcification",
            Kind::InjectionGranuloma => "injection_granuloma",
            Kind::CalcinosisCutis => "calcinosis_cutis",
            Kind::FascialSheet => "fascial_sheet",
            Kind::Chondrocalcinosis => "chondrocalcinosis",
            Kind::MetastaticCalcification => "metastatic_calcification",
            Kind::VascularCalcification => "vascular_calcification",
            Kind::MineralisedMass => "mineralised_mass",
        }
    }

    /// How many lie together.
    pub(super) fn count(self, rng: &mut ChaCha8Rng) -> usize {
        match self {
            // Now and then a few, mostly a field.
            Kind::RiceGrain if rng.random_bool(0.25) => rng.random_range(1..4),
            Kind::RiceGrain => log_uniform((5.0, 60.0), rng) as usize,
            Kind::Phlebolith => log_uniform((1.0, 9.0), rng) as usize,
            Kind::Calcification | Kind::InjectionGranuloma => rng.random_range(1..5),
            Kind::CalcificTendinitis => 1 + usize::from(rng.random_bool(0.2)),
            Kind::TumoralCalcinosis | Kind::Ossification | Kind::FascialSheet => rng.random_range(1..3),
            Kind::CalcinosisCutis => rng.random_range(2..9),
            Kind::Chondrocalcinosis
            | Kind::MetastaticCalcification
            | Kind::VascularCalcification
            | Kind::MineralisedMass => 1,
        }
    }

    /// Whether it may lie away from its usual places.
    pub(super) fn roams(self) -> bool {
        matches!(
            self,
            Kind::RiceGrain | Kind::Phlebolith | Kind::Ossification | Kind::Calcification
        )
    }

    /// Share of its pixels that may lie over bone when it keeps off bone: large ones beside a joint overlap it.
    pub(super) fn overlap(self) -> f32 {
        match self {
            Kind::TumoralCalcinosis | Kind::MineralisedMass | Kind::MetastaticCalcification => 0.35,
            Kind::Ossification => 0.2,
            _ => 0.05,
        }
    }

    /// Whether it keeps off bone when it can.
    pub(super) fn off_bone(self) -> bool {
        !matches!(
            self,
            Kind::Chondrocalcinosis | Kind::VascularCalcification | Kind::InjectionGranuloma | Kind::FascialSheet
        )
    }
}

/// A number between the ends of a range, even in its logarithm.
pub(super) fn log_uniform((low, high): (f32, f32), rng: &mut ChaCha8Rng) -> f32 {
    if high <= low {
        return low;
    }
    rng.random_range(low.ln()..high.ln()).exp()
}

/// A deposit on a small grid of its own: thickness in mm, the material, and what to call its form.
pub(super) struct Deposit {
    pub(super) kind: Kind,
    pub(super) form: &'static str,
    pub(super) material: Material,
    /// Thickness in mm; the middle of the array is the deposit's place.
    pub(super) thickness: Array2<f32>,
    /// Its pixels as runs `(row, start, end)` of the grid.
    pub(super) runs: Vec<(usize, usize, usize)>,
}

/// Form, thickness, and the gap in mm over which parts belong together.
pub(super) struct Drawn {
    form: &'static str,
    thickness: Array2<f32>,
    gap: f32,
}

/// What every form needs.
pub(super) struct Recipe<'a> {
    /// Local fibre direction in radians from downwards.
    pub(super) axis: f32,
    /// Factor on the share of mineral.
    pub(super) density: f32,
    /// Side of a pixel in mm.
    pub(super) spacing: f32,
    /// Largest length in mm that fits the place.
    pub(super) room: f32,
    pub(super) texture: &'a Texture,
    /// Factor on the noise.
    pub(super) roughness: f32,
    /// Standard deviation in mm by which it is smoothed.
    pub(super) softness: f32,
    pub(super) shift: (f32, f32),
}

impl<'a> Recipe<'a> {
    pub(super) fn new(
        axis: f32,
        density: f32,
        spacing: f32,
        room: f32,
        texture: &'a Texture,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        Self {
            axis,
            density,
            spacing,
            room,
            texture,
            roughness: 1.0,
            softness: 0.0,
            shift: (rng.random_range(0.0_f32..200.0), rng.random_range(0.0_f32..200.0)),
        }
    }

    /// Noise of its own.
    fn noise(&self, x: f32, y: f32, scale: f32, octaves: u32) -> f32 {
        self.roughness * self.texture.fractal(x + self.shift.0, y + self.shift.1, scale, octaves)
    }

    /// A length between the ends of a range, even in its logarithm, as far as there is room.
    fn length(&self, (low, high): (f32, f32), rng: &mut ChaCha8Rng) -> f32 {
        log_uniform((low, high.min(self.room.max(1.2 * low))), rng)
    }

    /// Draws `thickness(x, y)` (mm from the place) on a grid that reaches `reach` mm to each side.
    fn draw(&self, reach: f32, thickness: impl Fn(f32, f32) -> f32) -> Array2<f32> {
        let half = (reach / self.spacing).ceil() as isize;
        let side = (2 * half + 1) as usize;
        Array2::from_shape_fn((side, side), |(row, column)| {
            thickness(
                (column as isize - half) as f32 * self.spacing,
                (row as isize - half) as f32 * self.spacing,
            )
        })
    }
}

/// Chord through a sphere of radius `radius` at distance `away` from its middle.
fn chord(radius: f32, away: f32) -> f32 {
    2.0 * (radius * radius - away * away).max(0.0).sqrt()
}

/// Coordinates along and across an axis `turn` radians from downwards.
fn turned(turn: f32) -> impl Fn(f32, f32) -> (f32, f32) {
    let (sine, cosine) = turn.sin_cos();
    move |x, y| (x * sine + y * cosine, x * cosine - y * sine)
}

/// A closed outline about the origin: how far it lies in each direction, 1 on average.
struct Contour {
    waves: Vec<(f32, f32)>,
}

impl Contour {
    /// Irregular by about `strength`.
    fn new(strength: f32, rng: &mut ChaCha8Rng) -> Self {
        Self {
            waves: (2..8)
                .map(|order| {
                    (
                        strength * normal(rng) / (order as f32).powf(0.8),
                        rng.random_range(0.0_f32..std::f32::consts::TAU),
                    )
                })
                .collect(),
        }
    }

    fn at(&self, u: f32, v: f32) -> f32 {
        let angle = v.atan2(u);
        let sum: f32 = self
            .waves
            .iter()
            .zip(2..)
            .map(|(&(strength, phase), order)| strength * (order as f32 * angle + phase).cos())
            .sum();
        (1.0 + sum).clamp(0.4, 1.7)
    }
}

/// A deposit of `kind`.
pub(super) fn deposit(kind: Kind, recipe: &Recipe<'_>, rng: &mut ChaCha8Rng) -> Deposit {
    let drawn = match kind {
        Kind::RiceGrain => grain::draw(recipe, rng),
        Kind::Phlebolith => round::phlebolith(recipe, rng),
        Kind::InjectionGranuloma => round::granuloma(recipe, rng),
        Kind::TumoralCalcinosis => tumoral::draw(recipe, rng),
        Kind::CalcificTendinitis => tendon::draw(recipe, rng),
        Kind::Ossification => ossification::draw(recipe, rng),
        Kind::Calcification => amorphous::draw(recipe, rng),
        Kind::CalcinosisCutis => further::cutis(recipe, rng),
        Kind::FascialSheet => further::sheet(recipe, rng),
        Kind::Chondrocalcinosis => further::cartilage(recipe, rng),
        Kind::MetastaticCalcification => further::speckles(recipe, rng),
        Kind::VascularCalcification => further::vessel(recipe, rng),
        Kind::MineralisedMass => further::mass(recipe, rng),
    };
    let drawn = if recipe.softness > 0.0 {
        let sigma = f64::from(recipe.softness / recipe.spacing);
        Drawn {
            thickness: morphology::gaussian(drawn.thickness.view(), sigma),
            ..drawn
        }
    } else {
        drawn
    };
    let material = if kind == Kind::Ossification {
        Material::Bone
    } else {
        Material::Hydroxyapatite
    };
    let keep = if drawn.gap < 1.5 { 0.0 } else { 0.3 };
    let runs = mask::runs(&drawn.thickness, drawn.gap / recipe.spacing, keep / recipe.spacing);
    Deposit {
        kind,
        form: drawn.form,
        material,
        thickness: drawn.thickness,
        runs,
    }
}

/// Adds a deposit with its middle at `(row, column)`, in place of as much soft tissue.
pub(super) fn insert(layers: &mut Layers, deposit: &Deposit, (row, column): (usize, usize)) {
    let (height, width) = deposit.thickness.dim();
    for ((r, c), &thickness) in deposit.thickness.indexed_iter() {
        let (at_row, at_column) = (row + r, column + c);
        if thickness <= 0.0 || at_row < height / 2 || at_column < width / 2 {
            continue;
        }
        let place = (at_row - height / 2, at_column - width / 2);
        if place.0 >= layers.rows || place.1 >= layers.columns {
            continue;
        }
        *layers.cell(deposit.material, place.0, place.1) += thickness;
        let soft = layers.cell(Material::Soft, place.0, place.1);
        *soft = (*soft - thickness).max(0.0);
    }
}

/// Picks one of `kinds`.
pub(super) fn pick(kinds: &[Kind], rng: &mut impl Rng) -> Kind {
    kinds[rng.random_range(0..kinds.len())]
}

/// Picks one of `forms`.
fn choose(forms: &[&'static str], rng: &mut ChaCha8Rng) -> &'static str {
    forms[rng.random_range(0..forms.len())]
}
