//! A seed to a synthetic radiograph with exact truth.
//!
//! Thicknesses of materials in the beam, Beer-Lambert over a spectrum, scatter, blur, quantum noise, a display curve.
//! For demonstration, tests, tuning and benchmarks; never a stand-in for patients, and called synthetic everywhere.
//! Same seed and index: same bytes, whatever else is drawn.

mod anatomy;
mod beam;
mod bone;
mod file;
mod flesh;
mod focus;
mod layers;
mod material;
mod object;
mod outline;
mod set;
mod texture;
mod truth;

pub use anatomy::Scene;
pub use beam::{Exposure, Look};
pub use file::{EncodeError, Encoding, dicom_bytes};
pub use focus::Kind;
pub use set::{SetError, write_set};
pub use truth::{FocusRecord, ImageRecord, Truth, TruthFocus, Visibility};

use crate::label::{Region, Run};
use crate::radiograph::{BodyPart, Mask, PixelSpacing, Place, Radiograph, SpacingPlane, SpacingSource};
use focus::Deposit;
use layers::Layers;
use material::Material;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use texture::Texture;

/// What kind of phantoms to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Scenes to choose from; empty: all.
    pub scenes: Vec<Scene>,
    /// Kinds of deposit to choose from; empty: all. Scenes without any of them are not drawn, unless normal.
    pub kinds: Vec<Kind>,
    /// Share of images without deposits, `0.0..=1.0`.
    pub normal_share: f32,
    /// Side of a pixel in mm.
    pub spacing_mm: f32,
    /// `(rows, columns)`; `None`: what the scene needs at that spacing.
    pub size: Option<(usize, usize)>,
    /// Range of the factor on mineral density; 1 is obvious, 0.05 is barely visible.
    pub density: (f32, f32),
    /// Share of images with metal, and likewise with calcified arteries.
    pub distractor_share: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scenes: Vec::new(),
            kinds: Vec::new(),
            normal_share: 0.3,
            spacing_mm: 0.16,
            size: None,
            density: (0.35, 1.0),
            distractor_share: 0.15,
        }
    }
}

/// A synthetic radiograph, as stored and as read, with its truth.
#[derive(Clone, Debug)]
pub struct Phantom {
    /// Larger is more radio-opaque, spacing stated.
    pub radiograph: Radiograph,
    /// How the pixels are stored in DICOM.
    pub encoding: Encoding,
    /// What is in it.
    pub truth: Truth,
}

/// The phantom number `index` of `seed`.
pub fn generate(seed: u64, index: u64, options: &Options) -> Phantom {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index);
    let normal = rng.random::<f32>() < options.normal_share;
    let allowed = |kind: &Kind| options.kinds.is_empty() || options.kinds.contains(kind);
    let scenes: Vec<Scene> = Scene::ALL
        .into_iter()
        .filter(|scene| options.scenes.is_empty() || options.scenes.contains(scene))
        .filter(|scene| normal || scene.kinds().iter().any(allowed))
        .collect();
    let scene = match scenes.len() {
        0 => *options.scenes.first().unwrap_or(&Scene::Thigh),
        count => scenes[rng.random_range(0..count)],
    };
    let (width, height) = scene.field();
    let spacing = options.spacing_mm;
    let (rows, columns) = options
        .size
        .unwrap_or(((height / spacing) as usize, (width / spacing) as usize));
    let mut layers = Layers::new(rows, columns, spacing);
    let texture = Texture::new(&mut rng);
    let person = anatomy::Person::by_chance(&mut rng);
    let body = anatomy::draw(scene, &person, &mut layers, &texture, &mut rng);
    let open = beam::collimator(rows, columns, 0.6, &mut rng);
    let bone = layers.map(Material::Bone).clone();
    let metal = (rng.random::<f32>() < options.distractor_share).then(|| object::metal(&mut layers, &mut rng));
    let vessel = rng.random::<f32>() < options.distractor_share && scene != Scene::Shoulder;
    if vessel {
        object::vessel(&mut layers, body.axis, &texture, &mut rng);
    }
    let mut placed = Vec::new();
    if !normal {
        let kinds: Vec<Kind> = scene.kinds().iter().copied().filter(allowed).collect();
        for _ in 0..if rng.random_bool(0.25) { 2 } else { 1 } {
            if !kinds.is_empty() {
                let kind = focus::pick(&kinds, &mut rng);
                place_kind(
                    kind,
                    &mut layers,
                    &body,
                    &bone,
                    &open,
                    &texture,
                    options,
                    &mut placed,
                    &mut rng,
                );
            }
        }
    }
    let marker = rng.random_bool(0.7).then(|| object::side_marker(&mut layers, &mut rng));

    let trunk = matches!(scene, Scene::Pelvis | Scene::Hip | Scene::Shoulder);
    let exposure = Exposure {
        photons: rng.random_range(8.0_f32..10.5).exp(),
        scatter: if trunk {
            rng.random_range(0.02_f32..0.06)
        } else {
            rng.random_range(0.005_f32..0.03)
        },
        blur_mm: rng.random_range(0.10_f32..0.2),
    };
    let primary = beam::primary(&layers);
    let clean = beam::signal(&primary, &open, &exposure, spacing);
    let noisy = beam::noisy(&clean, &exposure, &mut rng);
    let look = [Look::Log, Look::SCurve, Look::Enhanced][rng.random_range(0..3)];
    let anchors = anchors(&clean, &open, layers.map(Material::Soft), look, &mut rng);
    let shown = beam::displayed(&noisy, look, anchors, spacing);
    let reference = beam::displayed(&clean, look, anchors, spacing);
    let encoding = Encoding::by_chance(&mut rng);
    let full = f32::from(encoding.largest());
    let pixels = shown.mapv(|value| (value * full).round().clamp(0.0, full) as u16);

    let foci = settle(placed, &shown, &reference, &bone, &open, spacing);
    let radiograph = Radiograph::new(pixels)
        .with_spacing(PixelSpacing::square(
            f64::from(spacing),
            SpacingPlane::Detector,
            SpacingSource::Phantom,
        ))
        .with_place(Place {
            body_part: match scene {
                Scene::Thigh => BodyPart::Thigh,
                Scene::LowerLeg => BodyPart::LowerLeg,
                Scene::Forearm => BodyPart::Forearm,
                Scene::Pelvis => BodyPart::Pelvis,
                Scene::Hip => BodyPart::Hip,
                Scene::Shoulder => BodyPart::Shoulder,
            },
            body_part_stated: Some(scene.body_part().to_owned()),
            age_years: Some(person.age.floor()),
            ..Place::default()
        });
    Phantom {
        radiograph,
        encoding,
        truth: Truth {
            scene,
            age_years: person.age.floor(),
            look,
            exposure,
            marker,
            metal,
            vessel,
            foci,
        },
    }
}

/// The signals that become the ends of the scale, as a vendor's processing would choose them from the field.
///
/// For presentation only the body counts: thicker than 12 mm of `soft` tissue.
fn anchors(clean: &Array2<f32>, open: &Mask, soft: &Array2<f32>, look: Look, rng: &mut ChaCha8Rng) -> (f32, f32) {
    let mut values: Vec<f32> = clean
        .indexed_iter()
        .filter(|&((row, column), _)| (row % 5, column % 5) == (0, 0) && open.get(row, column))
        .filter(|&(place, _)| look == Look::Log || soft[place] > 12.0)
        .map(|(_, &value)| value)
        .collect();
    if values.is_empty() {
        values.push(1.0);
    }
    values.sort_by(f32::total_cmp);
    let at = |share: f32| values[((values.len() - 1) as f32 * share) as usize].max(1e-5);
    match look {
        Look::Log => (at(1.0) * 1.1, at(0.0005) * 0.5),
        // For presentation, direct exposure is clipped and the opaque end is tight.
        _ => (
            at(rng.random_range(0.965_f32..1.0)) * 1.05,
            at(0.004) * rng.random_range(0.55_f32..0.8),
        ),
    }
}

struct Placed {
    deposit: Deposit,
    at: (usize, usize),
}

/// Finds places for one group of deposits of `kind` and puts them into the layers.
#[expect(
    clippy::too_many_arguments,
    reason = "one call; a struct for it would only rename them"
)]
fn place_kind(
    kind: Kind,
    layers: &mut Layers,
    body: &anatomy::Body,
    bone: &Array2<f32>,
    open: &Mask,
    texture: &Texture,
    options: &Options,
    placed: &mut Vec<Placed>,
    rng: &mut ChaCha8Rng,
) {
    let count = match kind {
        Kind::RiceGrain => rng.random_range(7..28),
        Kind::Phlebolith => rng.random_range(1..7),
        Kind::Calcification => rng.random_range(1..4),
        Kind::CalcificTendinitis => 1,
        Kind::TumoralCalcinosis | Kind::Ossification => rng.random_range(1..3),
    };
    let density = rng.random_range(options.density.0..=options.density.1);
    let (width, height) = layers.extent();
    let sites: Vec<_> = body.sites.iter().filter(|site| site.kind == kind).collect();
    // Grains keep together in one muscle.
    let field = (
        rng.random_range(-0.22_f32..0.22) * width,
        rng.random_range(-0.25_f32..0.25) * height,
        rng.random_range(0.10_f32..0.2) * width,
        rng.random_range(0.14_f32..0.28) * height,
    );
    let mut done = 0;
    for _ in 0..count * 60 {
        if done == count {
            break;
        }
        let (middle, half, axis) = match (sites.len(), kind) {
            (0, Kind::RiceGrain) => ((field.0, field.1), (field.2, field.3), body.axis),
            (0, _) => ((0.0, 0.0), (0.44 * width, 0.42 * height), body.axis),
            (many, _) => {
                let site = sites[rng.random_range(0..many)];
                (site.middle, site.half, site.axis)
            }
        };
        let (angle, away) = (
            rng.random_range(0.0_f32..std::f32::consts::TAU),
            rng.random::<f32>().sqrt(),
        );
        let (x, y) = (
            middle.0 + half.0 * away * angle.cos(),
            middle.1 + half.1 * away * angle.sin(),
        );
        let (row, column) = (
            y / layers.spacing + layers.rows as f32 / 2.0,
            x / layers.spacing + layers.columns as f32 / 2.0,
        );
        if row < 0.0 || column < 0.0 || row >= layers.rows as f32 || column >= layers.columns as f32 {
            continue;
        }
        let at = (row as usize, column as usize);
        let deposit = focus::deposit(kind, axis, density, layers.spacing, texture, rng);
        let over_bone_is_fine = rng.random_bool(0.08);
        let candidate = Placed { deposit, at };
        if fits(&candidate, layers, bone, open, placed, over_bone_is_fine) {
            focus::insert(layers, &candidate.deposit, at);
            placed.push(candidate);
            done += 1;
        }
    }
}

/// Whether a deposit lies in soft tissue inside the field, apart from others and, unless that is fine, off bone.
fn fits(
    candidate: &Placed,
    layers: &Layers,
    bone: &Array2<f32>,
    open: &Mask,
    placed: &[Placed],
    over_bone_is_fine: bool,
) -> bool {
    let Some(region) = region_of(candidate, layers.rows, layers.columns) else {
        return false;
    };
    let bounds = region.bounds();
    let margin = (6.0 / layers.spacing) as u32;
    if bounds.top < margin
        || bounds.left < margin
        || bounds.bottom + margin > layers.rows as u32
        || bounds.right + margin > layers.columns as u32
    {
        return false;
    }
    let (mut over, mut seen) = (0_usize, 0_usize);
    for (row, column) in region.pixels().step_by(7) {
        let soft = layers.map(Material::Soft)[(row, column)];
        if !open.get(row, column) || soft < 12.0 {
            return false;
        }
        over += usize::from(bone[(row, column)] > 0.5);
        seen += 1;
    }
    if !over_bone_is_fine && over * 20 > seen {
        return false;
    }
    let gap = 1.5 / layers.spacing;
    placed.iter().all(|other| {
        region_of(other, layers.rows, layers.columns).is_none_or(|other| {
            let other = other.bounds();
            let apart = |low: u32, high: u32, other_low: u32, other_high: u32| {
                low as f32 > other_high as f32 + gap || other_low as f32 > high as f32 + gap
            };
            apart(bounds.top, bounds.bottom, other.top, other.bottom)
                || apart(bounds.left, bounds.right, other.left, other.right)
        })
    })
}

/// Pixels where the deposit is at least a quarter as thick as at its thickest; small gaps between specks closed.
fn region_of(placed: &Placed, rows: usize, columns: usize) -> Option<Region> {
    let thickness = &placed.deposit.thickness;
    let largest = thickness.iter().copied().fold(0.0_f32, f32::max);
    let (height, width) = thickness.dim();
    let mut runs = Vec::new();
    for (row, line) in thickness.outer_iter().enumerate() {
        let at_row = placed.at.0 as isize + row as isize - (height / 2) as isize;
        if at_row < 0 || at_row >= rows as isize {
            continue;
        }
        for (column, &value) in line.iter().enumerate() {
            let at_column = placed.at.1 as isize + column as isize - (width / 2) as isize;
            if value >= 0.25 * largest && largest > 0.0 && (0..columns as isize).contains(&at_column) {
                runs.push(Run {
                    row: at_row as u32,
                    start: at_column as u32,
                    end: at_column as u32 + 1,
                });
            }
        }
    }
    Region::new(runs)
}

/// Deposits as truth, in raster order.
fn settle(
    placed: Vec<Placed>,
    shown: &Array2<f32>,
    reference: &Array2<f32>,
    bone: &Array2<f32>,
    open: &Mask,
    spacing: f32,
) -> Vec<TruthFocus> {
    let (rows, columns) = shown.dim();
    let found: Vec<(Placed, Region)> = placed
        .into_iter()
        .filter_map(|placed| region_of(&placed, rows, columns).map(|region| (placed, region)))
        .collect();
    let mut all = Mask::empty((rows, columns));
    for (_, region) in &found {
        all.unite(&region.to_mask((rows, columns)));
    }
    let mut foci: Vec<TruthFocus> = found
        .into_iter()
        .map(|(placed, region)| {
            let (cnr, cnr_noise) = contrast(&region, &all, shown, reference, spacing);
            let area = region.area() as f32;
            let over_bone = region.pixels().filter(|&place| bone[place] > 0.5).count() as f32 / area;
            let cut = region.pixels().any(|(row, column)| !open.get(row, column));
            let visibility = if cut || cnr < 0.4 || cnr_noise < 1.0 {
                Visibility::Ignore
            } else if cnr >= 1.0 && cnr_noise >= 3.0 {
                Visibility::Clear
            } else {
                Visibility::Visible
            };
            TruthFocus {
                kind: placed.deposit.kind,
                form: placed.deposit.form,
                region,
                cnr,
                cnr_noise,
                over_bone,
                visibility,
            }
        })
        .collect();
    foci.sort_by(|a, b| a.region.runs().cmp(b.region.runs()));
    foci
}

/// Contrast over the ring's structure, and over noise.
fn contrast(region: &Region, all: &Mask, shown: &Array2<f32>, reference: &Array2<f32>, spacing: f32) -> (f32, f32) {
    let reach = (6.0 / spacing).ceil() as usize;
    let near = (1.0 / spacing).max(1.0) as usize;
    let bounds = region.bounds();
    let (rows, columns) = shown.dim();
    let top = (bounds.top as usize).saturating_sub(reach);
    let left = (bounds.left as usize).saturating_sub(reach);
    let (bottom, right) = (
        (bounds.bottom as usize + reach).min(rows),
        (bounds.right as usize + reach).min(columns),
    );
    let mut own = Mask::empty((bottom - top, right - left));
    for run in region.runs() {
        own.fill_run(
            run.row as usize - top,
            run.start as usize - left,
            run.end as usize - left,
        );
    }
    let away = crate::morphology::squared_distance_to(&own, [1.0, 1.0]);
    let mut ring = Vec::new();
    for ((row, column), &squared) in away.indexed_iter() {
        let place = (row + top, column + left);
        if squared > (near * near) as f32 && squared <= (reach * reach) as f32 && !all.get(place.0, place.1) {
            ring.push(place);
        }
    }
    if ring.len() < 12 {
        return (0.0, 0.0);
    }
    let plane = plane(&ring, shown);
    let at = |(row, column): (usize, usize)| plane[0] + plane[1] * row as f64 + plane[2] * column as f64;
    let residue = |place: (usize, usize)| f64::from(shown[place]) - at(place);
    let spread = (ring.iter().map(|&place| residue(place).powi(2)).sum::<f64>() / ring.len() as f64).sqrt();
    let noise = ring
        .iter()
        .map(|&place| f64::from(shown[place] - reference[place]).powi(2))
        .sum::<f64>()
        / ring.len() as f64;
    let height = region.pixels().map(residue).sum::<f64>() / region.area() as f64;
    (
        (height / spread.max(1e-9)) as f32,
        (height / noise.sqrt().max(1e-9)) as f32,
    )
}

/// Least-squares plane `value = p0 + p1 row + p2 column` through the pixels at `places`.
fn plane(places: &[(usize, usize)], values: &Array2<f32>) -> [f64; 3] {
    let count = places.len() as f64;
    let mean = |of: &dyn Fn((usize, usize)) -> f64| places.iter().map(|&place| of(place)).sum::<f64>() / count;
    let (row, column) = (mean(&|place| place.0 as f64), mean(&|place| place.1 as f64));
    let value = mean(&|place| f64::from(values[place]));
    let (mut rr, mut rc, mut cc, mut rv, mut cv) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &place in places {
        let (r, c, v) = (
            place.0 as f64 - row,
            place.1 as f64 - column,
            f64::from(values[place]) - value,
        );
        rr += r * r;
        rc += r * c;
        cc += c * c;
        rv += r * v;
        cv += c * v;
    }
    let determinant = rr * cc - rc * rc;
    if determinant.abs() < 1e-9 {
        return [value, 0.0, 0.0];
    }
    let (by_row, by_column) = ((rv * cc - cv * rc) / determinant, (cv * rr - rv * rc) / determinant);
    [value - by_row * row - by_column * column, by_row, by_column]
}

#[cfg(test)]
mod tests;
