//! Finds places for deposits.

use super::Options;
use super::anatomy::{Body, Site};
use super::focus::{self, Deposit, Kind, Recipe, log_uniform};
use super::layers::Layers;
use super::material::Material;
use super::texture::Texture;
use crate::label::{Region, Run};
use crate::radiograph::Mask;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A deposit and where it lies.
pub(super) struct Placed {
    pub(super) deposit: Deposit,
    /// Row and column of its middle.
    pub(super) at: (usize, usize),
    pub(super) region: Region,
}

/// Where deposits may lie.
pub(super) trait Ground {
    /// `(rows, columns)`.
    fn shape(&self) -> (usize, usize);
    /// Whether tissue that can hold a deposit is shown at a pixel.
    fn soft(&self, row: usize, column: usize) -> bool;
    /// Whether bone lies there.
    fn bone(&self, row: usize, column: usize) -> bool;
    /// Puts a deposit in.
    fn put(&mut self, placed: &Placed);
}

/// The layers of a drawn body behind an open collimator.
pub(super) struct Drawn<'a> {
    pub(super) layers: &'a mut Layers,
    pub(super) bone: &'a Mask,
    pub(super) open: &'a Mask,
}

impl Ground for Drawn<'_> {
    fn shape(&self) -> (usize, usize) {
        (self.layers.rows, self.layers.columns)
    }

    fn soft(&self, row: usize, column: usize) -> bool {
        self.layers.map(Material::Soft)[(row, column)] >= 6.0 && self.open.get(row, column)
    }

    fn bone(&self, row: usize, column: usize) -> bool {
        self.bone.get(row, column)
    }

    fn put(&mut self, placed: &Placed) {
        focus::insert(self.layers, &placed.deposit, placed.at);
    }
}

/// The pixels of `deposit` with its middle at `at`; `None` if any lies outside the picture or there are none.
fn region_of(deposit: &Deposit, at: (usize, usize), (rows, columns): (usize, usize)) -> Option<Region> {
    let (height, width) = deposit.thickness.dim();
    let top = at.0.checked_sub(height / 2).map(|top| top as isize);
    let (top, left) = (
        top.unwrap_or(at.0 as isize - (height / 2) as isize),
        at.1 as isize - (width / 2) as isize,
    );
    let mut runs = Vec::with_capacity(deposit.runs.len());
    for &(row, start, end) in &deposit.runs {
        let (row, start, end) = (top + row as isize, left + start as isize, left + end as isize);
        if row < 0 || start < 0 || row >= rows as isize || end > columns as isize {
            return None;
        }
        runs.push(Run {
            row: row as u32,
            start: start as u32,
            end: end as u32,
        });
    }
    Region::new(runs)
}

/// What places a group of deposits.
pub(super) struct Placer<'a> {
    pub(super) body: &'a Body,
    pub(super) options: &'a Options,
    pub(super) spacing: f32,
    pub(super) texture: &'a Texture,
    /// From the coordinates of sites to `(row, column)`.
    pub(super) pixel: &'a dyn Fn(f32, f32) -> (f32, f32),
    /// Angle by which the picture is turned against those coordinates.
    pub(super) turn: f32,
}

impl Placer<'_> {
    /// Finds places for one group of deposits of `kind` and gives each to `put`.
    pub(super) fn place<G: Ground>(&self, kind: Kind, ground: &mut G, placed: &mut Vec<Placed>, rng: &mut ChaCha8Rng) {
        let count = kind.count(rng);
        let density = log_uniform(self.options.density, rng);
        let roughness = log_uniform(self.options.roughness, rng);
        let softness = match self.options.softness_mm {
            most if most > 0.0 && rng.random_bool(0.5) => rng.random_range(0.0..most),
            _ => 0.0,
        };
        let (rows, columns) = ground.shape();
        let (width, height) = (columns as f32 * self.spacing, rows as f32 * self.spacing);
        let (width, height) = if self.turn.sin().abs() > 0.9 {
            (height, width)
        } else {
            (width, height)
        };
        let anywhere = Site {
            kind,
            middle: (0.0, 0.0),
            half: (0.44 * width, 0.42 * height),
            axis: self.body.axis,
        };
        let own: Vec<Site> = self
            .body
            .sites
            .iter()
            .copied()
            .filter(|site| site.kind == kind)
            .collect();
        // Most lie where they are usual, some elsewhere.
        let pool = |rng: &mut ChaCha8Rng| {
            if own.is_empty() || (kind.roams() && rng.random_bool(0.3)) {
                anywhere
            } else {
                own[rng.random_range(0..own.len())]
            }
        };
        let mut site = pool(rng);
        if kind == Kind::RiceGrain && count > 3 && own.is_empty() {
            // Grains keep together in one muscle.
            site.middle = (
                rng.random_range(-0.22_f32..0.22) * width,
                rng.random_range(-0.25_f32..0.25) * height,
            );
            site.half = (
                rng.random_range(0.10_f32..0.25) * width,
                rng.random_range(0.14_f32..0.40) * height,
            );
        }
        let over_bone_is_fine = rng.random_bool(0.12);
        for _ in 0..count {
            if kind != Kind::RiceGrain && rng.random_bool(0.5) {
                site = pool(rng);
            }
            // A deposit that finds no place is drawn anew, smaller.
            let mut room = 1.8 * site.half.0.max(site.half.1).min(0.4 * width);
            for _ in 0..3 {
                let own_density = density * rng.random_range(0.8_f32..1.2);
                let recipe = Recipe {
                    roughness,
                    softness,
                    ..Recipe::new(
                        site.axis - self.turn,
                        own_density,
                        self.spacing,
                        room,
                        self.texture,
                        rng,
                    )
                };
                let deposit = focus::deposit(kind, &recipe, rng);
                room *= 0.6;
                let Some(found) = self.find(deposit, &site, ground, placed, over_bone_is_fine, rng) else {
                    continue;
                };
                ground.put(&found);
                placed.push(found);
                break;
            }
        }
    }

    fn find<G: Ground>(
        &self,
        deposit: Deposit,
        site: &Site,
        ground: &G,
        placed: &[Placed],
        over_bone_is_fine: bool,
        rng: &mut ChaCha8Rng,
    ) -> Option<Placed> {
        let (rows, columns) = ground.shape();
        let off_bone = deposit.kind.off_bone() && !over_bone_is_fine;
        let overlap = if off_bone { deposit.kind.overlap() } else { 1.0 };
        for _ in 0..24 {
            let (angle, away) = (
                rng.random_range(0.0_f32..std::f32::consts::TAU),
                rng.random::<f32>().sqrt(),
            );
            let (row, column) = (self.pixel)(
                site.middle.0 + site.half.0 * away * angle.cos(),
                site.middle.1 + site.half.1 * away * angle.sin(),
            );
            if !(row >= 0.0 && column >= 0.0 && row < rows as f32 && column < columns as f32) {
                continue;
            }
            let at = (row as usize, column as usize);
            if !ground.soft(at.0, at.1) || (overlap < 0.1 && ground.bone(at.0, at.1)) {
                continue;
            }
            let Some(region) = region_of(&deposit, at, (rows, columns)) else {
                continue;
            };
            if self.fits(&region, overlap, ground, placed) {
                return Some(Placed { deposit, at, region });
            }
        }
        None
    }

    /// Whether a deposit lies in soft tissue inside the field, apart from others, and over bone with at most a share
    /// of `overlap`.
    fn fits<G: Ground>(&self, region: &Region, overlap: f32, ground: &G, placed: &[Placed]) -> bool {
        let bounds = region.bounds();
        let (rows, columns) = ground.shape();
        let margin = (3.0 / self.spacing) as u32;
        if bounds.top < margin
            || bounds.left < margin
            || bounds.bottom + margin > rows as u32
            || bounds.right + margin > columns as u32
        {
            return false;
        }
        let (mut over, mut seen) = (0_usize, 0_usize);
        let step = (region.area() as usize / 400).max(1);
        for (row, column) in region.pixels().step_by(step) {
            if !ground.soft(row, column) {
                return false;
            }
            over += usize::from(ground.bone(row, column));
            seen += 1;
        }
        if over as f32 > overlap * seen as f32 {
            return false;
        }
        let gap = 1.2 / self.spacing;
        placed.iter().all(|other| {
            let other = other.region.bounds();
            let apart = |low: u32, high: u32, other_low: u32, other_high: u32| {
                low as f32 > other_high as f32 + gap || other_low as f32 > high as f32 + gap
            };
            apart(bounds.top, bounds.bottom, other.top, other.bottom)
                || apart(bounds.left, bounds.right, other.left, other.right)
        })
    }
}
