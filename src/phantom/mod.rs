//! A seed to a synthetic radiograph with exact truth.
//!
//! Thicknesses of materials in the beam, Beer-Lambert over a spectrum, scatter, blur, quantum noise, a display curve;
//! or deposits put into a real radiograph by the same law ([`insert_into`]).
//! For demonstration, training, tests and benchmarks; never a stand-in for patients, and called synthetic everywhere.
//! Same seed and index: same bytes, whatever else is drawn.

mod anatomy;
mod artefact;
mod beam;
mod bone;
mod contrast;
mod distractor;
mod file;
mod flesh;
mod focus;
mod insert;
mod layers;
mod look;
mod material;
mod object;
mod options;
mod outline;
mod place;
mod series;
mod set;
mod split;
mod texture;
mod truth;

pub use anatomy::Scene;
pub use beam::Exposure;
pub use distractor::{Distractor, DistractorKind};
pub use file::{EncodeError, Encoding, dicom_bytes};
pub use focus::Kind;
pub use insert::insert_into;
pub use look::{Look, Processing};
pub use options::Options;
pub use series::{DepositFate, Fate, Motion, Series, generate_series, write_series};
pub use set::{SetError, write_inserted, write_set};
pub use split::Split;
pub use truth::{DistractorRecord, FocusRecord, ImageRecord, Truth, TruthFocus, Visibility};

use crate::radiograph::{BodyPart, Mask, PixelSpacing, Place, Radiograph, SpacingPlane, SpacingSource};
use anatomy::Person;
use layers::Layers;
use material::Material;
use ndarray::Array2;
use object::Objects;
use place::{Drawn, Placed, Placer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use texture::Texture;

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

/// The chance of phantom number `index` of `seed` in `split`.
fn chance(seed: u64, index: u64, split: Split) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ split.stream());
    rng.set_stream(index);
    rng
}

/// The phantom number `index` of `seed`.
pub fn generate(seed: u64, index: u64, options: &Options) -> Phantom {
    let mut rng = chance(seed, index, options.split);
    let normal = rng.random::<f32>() < options.normal_share;
    let allowed = |kind: &Kind| options.allows(*kind);
    let scenes: Vec<Scene> = Scene::ALL
        .into_iter()
        .filter(|scene| options.scenes.is_empty() || options.scenes.contains(scene))
        .filter(|scene| normal || scene.kinds().iter().any(allowed))
        .collect();
    let scene = match scenes.len() {
        0 => *options.scenes.first().unwrap_or(&Scene::Thigh),
        count => scenes[rng.random_range(0..count)],
    };
    let spacing = match options.spacing_range {
        Some(range) => focus::log_uniform(range, &mut rng),
        None => options.spacing_mm,
    };
    let turn = turn(options.split, &mut rng);
    let (width, height) = scene.field();
    // A quarter turn turns the detector too.
    let (width, height) = if turn.sin().abs() > 0.9 {
        (height, width)
    } else {
        (width, height)
    };
    let (rows, columns) = options
        .size
        .unwrap_or(((height / spacing) as usize, (width / spacing) as usize));
    let mut layers = Layers::new(rows, columns, spacing);
    layers.turn = turn;
    let texture = Texture::new(&mut rng);
    let person = Person::by_chance(options.split, &mut rng);
    let mut body = anatomy::draw(scene, &person, &mut layers, &texture, &mut rng);
    flesh::streaks(&mut layers, body.axis, &texture, &mut rng);
    let open = beam::collimator(rows, columns, 0.6, &mut rng);
    let bone = Mask::from_fn(layers.map(Material::Bone).view(), |&thickness| thickness > 0.5);
    let share = options.distractor_share.clamp(0.0, 1.0);
    let mut objects = Objects {
        layers: &mut layers,
        found: std::mem::take(&mut body.distractors),
    };
    let metal = (rng.random::<f32>() < share).then(|| objects.metal(&body, &mut rng));
    let vessel = rng.random::<f32>() < share && scene != Scene::Shoulder;
    if vessel {
        objects.vessel(body.axis, &texture, &mut rng);
    }
    if rng.random::<f32>() < 0.2 * share && matches!(scene, Scene::Pelvis | Scene::Hip) {
        objects.contrast(&texture, &mut rng);
    }
    let distractors = objects.found;

    let mut placed = Vec::new();
    if !normal {
        let kinds: Vec<Kind> = scene.kinds().iter().copied().filter(allowed).collect();
        let frame = layers.frame();
        let pixel = |x: f32, y: f32| frame.pixel(x, y);
        let placer = Placer {
            body: &body,
            options,
            spacing,
            texture: &texture,
            pixel: &pixel,
            turn: layers.turn,
        };
        for _ in 0..if rng.random_bool(0.25) { 2 } else { 1 } {
            if !kinds.is_empty() {
                let kind = focus::pick(&kinds, &mut rng);
                let mut ground = Drawn {
                    layers: &mut layers,
                    bone: &bone,
                    open: &open,
                };
                placer.place(kind, &mut ground, &mut placed, &mut rng);
            }
        }
    }
    let drawing = Drawing {
        scene,
        split: options.split,
        age_years: person.age.floor(),
        layers,
        texture,
        bone,
        open,
        share,
        metal,
        vessel,
        distractors,
        placed,
    };
    drawing.exposed(&mut rng)
}

/// A body with its deposits on the detector, before the exposure.
struct Drawing {
    scene: Scene,
    split: Split,
    age_years: f32,
    layers: Layers,
    texture: Texture,
    bone: Mask,
    open: Mask,
    share: f32,
    metal: Option<&'static str>,
    vessel: bool,
    distractors: Vec<Distractor>,
    placed: Vec<Placed>,
}

impl Drawing {
    /// The radiograph of it: what lies on the picture, exposure, processing and storage by chance.
    fn exposed(self, rng: &mut ChaCha8Rng) -> Phantom {
        let Self {
            scene,
            split,
            age_years,
            mut layers,
            texture,
            bone,
            open,
            share,
            metal,
            vessel,
            mut distractors,
            placed,
        } = self;
        let spacing = layers.spacing;
        let trunk = is_trunk(scene);
        // What lies on the picture and not in the body does not turn with it.
        layers.origin = (0.0, 0.0);
        layers.turn = 0.0;
        let mut objects = Objects {
            layers: &mut layers,
            found: Vec::new(),
        };
        if rng.random::<f32>() < share {
            objects.outside(trunk, &texture, rng);
        }
        let marker = rng.random_bool(0.7).then(|| objects.side_marker(rng));
        distractors.extend(objects.found);

        let primary = beam::primary(&layers);
        let exposure = Exposure::by_chance(trunk, &primary, &layers, &open, rng);
        let mut clean = beam::signal(&primary, &open, &exposure, spacing);
        drop(primary);
        let grid = rng.random::<f32>() < 0.4 * share;
        if grid {
            artefact::grid_lines(&mut clean, rng);
        }
        let noisy = beam::noisy(&clean, &exposure, rng);
        let looks = split.looks();
        let look = looks[rng.random_range(0..looks.len())];
        let processing = Processing::by_chance(look, &clean, &open, &layers, rng);
        let mut shown = processing.shown(&noisy, spacing);
        drop(noisy);
        let reference = if placed.is_empty() {
            Array2::zeros((0, 0))
        } else {
            processing.shown(&clean, spacing)
        };
        if matches!(look, Look::Log | Look::Linear) || rng.random_bool(0.6) {
            // As exposed.
        } else {
            shutter(&mut shown, &open, if rng.random_bool(0.7) { 0.0 } else { 1.0 });
        }
        let foci = contrast::settle(
            placed,
            &shown,
            &reference,
            |place| bone.get(place.0, place.1),
            &open,
            spacing,
        );
        if rng.random::<f32>() < 0.5 * share {
            distractors.extend(artefact::dead_pixels(&mut shown, rng));
        }
        let burned_in = !matches!(look, Look::Log | Look::Linear) && rng.random::<f32>() < share;
        if burned_in {
            distractors.extend(artefact::text(&mut shown, rng));
        }
        let encoding = Encoding::by_chance(rng);
        let full = f32::from(encoding.largest());
        let pixels = shown.mapv(|value| (value * full).round().clamp(0.0, full) as u16);

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
                    Scene::Forearm | Scene::Elbow => BodyPart::Forearm,
                    Scene::Pelvis => BodyPart::Pelvis,
                    Scene::Hip => BodyPart::Hip,
                    Scene::Knee => BodyPart::Knee,
                    Scene::Hand => BodyPart::Hand,
                    Scene::Shoulder => BodyPart::Shoulder,
                    Scene::Inserted => BodyPart::Unknown,
                },
                body_part_stated: Some(scene.body_part().to_owned()),
                age_years: Some(age_years),
                ..Place::default()
            });
        Phantom {
            radiograph,
            encoding,
            truth: Truth {
                scene,
                split,
                age_years,
                look,
                processing,
                exposure,
                marker,
                metal,
                vessel,
                grid,
                burned_in,
                distractors,
                foci,
            },
        }
    }
}

fn is_trunk(scene: Scene) -> bool {
    matches!(scene, Scene::Pelvis | Scene::Hip | Scene::Shoulder)
}

/// How the picture lies: see [`Split`].
fn turn(split: Split, rng: &mut ChaCha8Rng) -> f32 {
    let degrees = match split {
        Split::Train if rng.random_bool(0.04) => 90.0 * rng.random_range(1..4) as f32,
        Split::Train => rng.random_range(-6.0_f32..6.0),
        Split::Validation => rng.random_range(-8.0_f32..8.0),
        Split::Test => rng.random_range(8.0_f32..25.0) * if rng.random_bool(0.5) { 1.0 } else { -1.0 },
    };
    degrees.to_radians()
}

/// Blackens or whitens what the collimator covers, as consoles do.
fn shutter(shown: &mut Array2<f32>, open: &Mask, value: f32) {
    for ((row, column), shown) in shown.indexed_iter_mut() {
        if !open.get(row, column) {
            *shown = value;
        }
    }
}

#[cfg(test)]
mod tests;
