//! The same body twice, with deposits that are known to have changed: truth for follow-up.
//!
//! The second picture has an exposure, processing, storage, collimation, pixel size and side letter of its own, and the
//! body lies turned, enlarged and shifted in it.

mod motion;
mod set;
mod version;

pub use motion::Motion;
pub use set::write_series;

use super::anatomy::{self, Person};
use super::layers::Layers;
use super::material::Material;
use super::object::Objects;
use super::place::{Drawn, Placed, Placer};
use super::texture::Texture;
use super::{Drawing, Kind, Options, Phantom, Scene, Split, Visibility, beam, flesh, focus, turn};
use crate::label::Region;
use crate::radiograph::Mask;
use motion::Raster;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What became of a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Area changed by less than 10 %.
    Stable,
    /// Area grew by half or more.
    Grown,
    /// Area shrank to two thirds or less.
    Shrunk,
    /// Only in the second picture.
    New,
    /// Only in the first.
    Gone,
    /// Two became one.
    Merged,
    /// One became two.
    Split,
}

/// One deposit over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepositFate {
    /// Name of what it is.
    pub label: String,
    /// What became of it.
    pub fate: Fate,
    /// Its foci in the truth of the first picture, by number.
    pub prior: Vec<u32>,
    /// Its foci in the truth of the second picture, by number.
    pub current: Vec<u32>,
    /// Area at first in mm2.
    pub prior_area_mm2: f64,
    /// Area later in mm2, on the scale of the first picture.
    pub current_area_mm2: f64,
    /// Whether it can be asked of a reader: its place is in both fields, and it can be seen wherever it is.
    pub counts: bool,
}

/// Two pictures of one body.
#[derive(Clone, Debug)]
pub struct Series {
    /// The first picture.
    pub prior: Phantom,
    /// The second.
    pub current: Phantom,
    /// How the body lies in the second picture.
    pub motion: Motion,
    /// What became of each deposit, in the order they were drawn.
    pub fates: Vec<DepositFate>,
}

/// A deposit in both of its versions.
struct Course {
    kind: Kind,
    fate: Fate,
    prior: Vec<Placed>,
    current: Vec<Placed>,
    /// Where it is when it is largest.
    place: Region,
}

/// Largest turn, change of scale and shift between the pictures.
const TURN_DEG: f32 = 10.0;
const SCALE: f32 = 0.1;
const SHIFT_MM: f32 = 15.0;

/// The pair number `index` of `seed`; [`Options::normal_share`] is passed over, for there is always something to follow.
pub fn generate_series(seed: u64, index: u64, options: &Options) -> Series {
    // A stream of its own: the pictures are not those of single phantoms.
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ options.split.stream() ^ 0x5E21_E500);
    rng.set_stream(index);
    let rng = &mut rng;
    let allowed = |kind: &Kind| options.allows(*kind);
    let scenes: Vec<Scene> = Scene::ALL
        .into_iter()
        .filter(|scene| options.scenes.is_empty() || options.scenes.contains(scene))
        .filter(|scene| scene.kinds().iter().any(allowed))
        .collect();
    let scene = match scenes.len() {
        0 => *options.scenes.first().unwrap_or(&Scene::Thigh),
        count => scenes[rng.random_range(0..count)],
    };
    let spacing = options.spacing_mm;
    let (width, height) = scene.field();
    let size = options
        .size
        .unwrap_or(((height / spacing) as usize, (width / spacing) as usize));
    let mut layers = Layers::new(size.0, size.1, spacing);
    // No quarter turns: both pictures would have them.
    layers.turn = match options.split {
        Split::Train => rng.random_range(-6.0_f32..6.0).to_radians(),
        split => turn(split, rng),
    };
    let texture = Texture::new(rng);
    let person = Person::by_chance(options.split, rng);
    let mut body = anatomy::draw(scene, &person, &mut layers, &texture, rng);
    flesh::streaks(&mut layers, body.axis, &texture, rng);
    let bone = Mask::from_fn(layers.map(Material::Bone).view(), |&thickness| thickness > 0.5);
    let share = options.distractor_share.clamp(0.0, 1.0);
    let mut objects = Objects {
        layers: &mut layers,
        found: std::mem::take(&mut body.distractors),
    };
    let metal = (rng.random::<f32>() < 0.5 * share).then(|| objects.metal(&body, rng));

    let full = Mask::full(size);
    let kinds: Vec<Kind> = scene.kinds().iter().copied().filter(allowed).collect();
    let mut placed = Vec::new();
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
    // Where there is room is asked of a copy, for each version is put into the body it belongs to.
    let mut tried = layers.clone();
    for _ in 0..rng.random_range(2..4) {
        if !kinds.is_empty() {
            let kind = focus::pick(&kinds, rng);
            let mut ground = Drawn {
                layers: &mut tried,
                bone: &bone,
                open: &full,
            };
            placer.place(kind, &mut ground, &mut placed, rng);
        }
    }
    drop(tried);
    let courses: Vec<Course> = placed.iter().map(|placed| course(placed, spacing, rng)).collect();

    let motion = Motion::by_chance(TURN_DEG, SCALE, SHIFT_MM, rng);
    let picture = |later: bool, rng: &mut ChaCha8Rng| {
        let mut layers = layers.clone();
        layers.turn = 0.0;
        let versions = |course: &Course| {
            if later {
                course.current.len()
            } else {
                course.prior.len()
            }
        };
        let each = courses
            .iter()
            .flat_map(|course| if later { &course.current } else { &course.prior });
        for placed in each.clone() {
            focus::insert(&mut layers, &placed.deposit, placed.at);
        }
        let from = Raster::of(&layers);
        let (motion, onto) = if later {
            let spacing = spacing * rng.random_range(0.8_f32..1.25);
            let side = |mm: f32, share: f32| (mm * share / spacing) as usize;
            let (width, height) = layers.extent();
            let onto = Raster {
                rows: side(height, rng.random_range(0.85_f32..1.05)),
                columns: side(width, rng.random_range(0.85_f32..1.05)),
                spacing,
            };
            (motion, onto)
        } else {
            (Motion::STILL, from)
        };
        let (moved, reached) = motion.moved(&layers, onto);
        let mut open = beam::collimator(onto.rows, onto.columns, 0.6, rng);
        open.intersect(&reached);
        let bone = Mask::from_fn(moved.map(Material::Bone).view(), |&thickness| thickness > 0.5);
        // A deposit out of the picture has no region there.
        let regions: Vec<Option<Region>> = each
            .clone()
            .map(|placed| motion.region(&placed.region, from, onto))
            .collect();
        let foci: Vec<Placed> = each
            .zip(&regions)
            .filter_map(|(placed, region)| {
                let mut placed = version::same(placed)?;
                placed.region = region.clone()?;
                Some(placed)
            })
            .collect();
        let within: Vec<bool> = courses
            .iter()
            .map(|course| {
                let place = motion.region(&course.place, from, onto);
                place.is_some_and(|place| place.pixels().all(|(row, column)| open.get(row, column)))
            })
            .collect();
        let drawing = Drawing {
            scene,
            split: options.split,
            age_years: person.age.floor(),
            layers: moved,
            texture: texture.clone(),
            bone,
            open,
            share,
            metal,
            vessel: false,
            distractors: Vec::new(),
            placed: foci,
        };
        let phantom = drawing.exposed(rng);
        // Numbers follow from where foci lie.
        let mut regions = regions.into_iter();
        let numbers: Vec<Vec<Option<u32>>> = courses
            .iter()
            .map(|course| {
                let own = regions.by_ref().take(versions(course));
                own.map(|region| {
                    let at = phantom
                        .truth
                        .foci
                        .iter()
                        .position(|focus| Some(&focus.region) == region.as_ref());
                    at.map(|at| at as u32 + 1)
                })
                .collect()
            })
            .collect();
        (phantom, numbers, within)
    };
    let (prior, first, in_first) = picture(false, rng);
    let (current, second, in_second) = picture(true, rng);
    let fates = courses
        .iter()
        .enumerate()
        .map(|(nth, course)| {
            let seen = |phantom: &Phantom, numbers: &[Option<u32>]| {
                numbers.iter().all(|number| {
                    let focus = number.and_then(|number| phantom.truth.foci.get(number as usize - 1));
                    focus.is_some_and(|focus| focus.visibility != Visibility::Ignore)
                })
            };
            let pixel = f64::from(spacing) * f64::from(spacing);
            let area =
                |versions: &[Placed]| versions.iter().map(|placed| placed.region.area()).sum::<u64>() as f64 * pixel;
            DepositFate {
                label: course.kind.name().to_owned(),
                fate: course.fate,
                prior: first[nth].iter().copied().flatten().collect(),
                current: second[nth].iter().copied().flatten().collect(),
                prior_area_mm2: area(&course.prior),
                current_area_mm2: area(&course.current),
                counts: in_first[nth] && in_second[nth] && seen(&prior, &first[nth]) && seen(&current, &second[nth]),
            }
        })
        .collect();
    Series {
        prior,
        current,
        motion,
        fates,
    }
}

/// What became of `placed`, which is drawn as it is when largest.
fn course(placed: &Placed, spacing: f32, rng: &mut ChaCha8Rng) -> Course {
    let chance: f32 = rng.random();
    let gap = rng.random_range(2.0_f32..4.0);
    let much = rng.random_range(1.5_f32..3.0);
    let little = rng.random_range(0.93_f32..1.0);
    let long = placed.region.bounds().height().max(placed.region.bounds().width()) as f32 * spacing;
    let whole = || version::same(placed).into_iter().collect::<Vec<_>>();
    let smaller = |area: f32| version::resized(placed, area.sqrt()).into_iter().collect::<Vec<_>>();
    let (fate, prior, current) = if chance < 0.1 && long > 10.0 {
        match version::parted(placed, gap / spacing) {
            Some(pieces) if chance < 0.05 => (Fate::Merged, pieces.into(), whole()),
            Some(pieces) => (Fate::Split, whole(), pieces.into()),
            None => (Fate::Stable, whole(), whole()),
        }
    } else if chance < 0.45 {
        (Fate::Stable, smaller(little), whole())
    } else if chance < 0.6 {
        (Fate::Grown, smaller(1.0 / much), whole())
    } else if chance < 0.74 {
        (Fate::Shrunk, whole(), smaller(1.0 / much))
    } else if chance < 0.87 {
        (Fate::New, Vec::new(), whole())
    } else {
        (Fate::Gone, whole(), Vec::new())
    };
    Course {
        kind: placed.deposit.kind,
        fate,
        prior,
        current,
        place: placed.region.clone(),
    }
}
