//! `calxray phantom`: synthetic radiographs with exact truth.

use super::{Failure, Status};
use crate::phantom::{Kind, Options, Scene, write_set};
use clap::Args;
use std::path::PathBuf;

/// Writes synthetic radiographs as DICOM DX with exact truth (`truth.json`, and `coco.json` with masks).
///
/// For demonstration, tests and tuning. They are not radiographs of anybody and say so in their headers.
/// Same seed, same bytes; image number 7 is the same whatever the count.
#[derive(Args, Clone, Debug)]
pub struct Phantom {
    /// Folder to write to; made if it is missing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of images.
    #[arg(long, default_value_t = 10)]
    count: u64,
    /// Seed of all chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Scenes to draw: thigh, lower_leg, forearm, pelvis, shoulder, hip; all if not given.
    #[arg(long, value_delimiter = ',', value_parser = scene)]
    scene: Vec<Scene>,
    /// Deposits to draw, by label: rice_grain, phlebolith, tumoral_calcinosis, calcific_tendinitis, ossification,
    /// calcification; all if not given.
    #[arg(long, value_delimiter = ',', value_parser = kind)]
    label: Vec<Kind>,
    /// Share of images without deposits.
    #[arg(long, default_value_t = 0.3, value_name = "SHARE")]
    normal: f32,
    /// Millimetres along the side of a pixel.
    #[arg(long, default_value_t = 0.16, value_name = "MM")]
    spacing: f32,
    /// Rows and columns, such as 3000x2500; what the scene needs if not given.
    #[arg(long, value_name = "ROWSxCOLUMNS", value_parser = size)]
    size: Option<(usize, usize)>,
    /// Least and largest factor on mineral density, such as 0.05,0.3 for faint deposits.
    #[arg(long, value_name = "LOW,HIGH", value_parser = density, default_value = "0.35,1")]
    density: (f32, f32),
}

fn scene(text: &str) -> Result<Scene, String> {
    let found = Scene::ALL.into_iter().find(|scene| scene.name() == text);
    found.ok_or_else(|| format!("no such scene; there are {}", Scene::ALL.map(Scene::name).join(", ")))
}

fn kind(text: &str) -> Result<Kind, String> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == text);
    found.ok_or_else(|| format!("no such label; there are {}", Kind::ALL.map(Kind::name).join(", ")))
}

fn size(text: &str) -> Result<(usize, usize), String> {
    let pair = text
        .split_once('x')
        .and_then(|(rows, columns)| Some((rows.parse().ok()?, columns.parse().ok()?)));
    pair.filter(|&(rows, columns)| (64..=10_000).contains(&rows) && (64..=10_000).contains(&columns))
        .ok_or_else(|| "expected ROWSxCOLUMNS, each 64 to 10000".to_owned())
}

fn density(text: &str) -> Result<(f32, f32), String> {
    let pair = text
        .split_once(',')
        .and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    pair.filter(|&(low, high): &(f32, f32)| 0.0 < low && low <= high && high <= 4.0)
        .ok_or_else(|| "expected LOW,HIGH with 0 < LOW <= HIGH <= 4".to_owned())
}

impl Phantom {
    /// Draws and writes.
    pub(super) fn run(self) -> Result<Status, Failure> {
        if !(0.0..=1.0).contains(&self.normal) {
            return Err(Failure::could_not_start("--normal is a share, 0 to 1"));
        }
        if !(0.05..=2.0).contains(&self.spacing) {
            return Err(Failure::could_not_start("--spacing is 0.05 to 2 mm"));
        }
        std::fs::create_dir_all(&self.out).map_err(|error| Failure::output(&self.out, error))?;
        let options = Options {
            scenes: self.scene,
            kinds: self.label,
            normal_share: self.normal,
            spacing_mm: self.spacing,
            size: self.size,
            density: self.density,
            ..Options::default()
        };
        write_set(&self.out, self.seed, self.count, &options, || {}).map_err(Failure::failed)?;
        println!(
            "{} synthetic radiographs, truth.json and coco.json in {}",
            self.count,
            self.out.display()
        );
        Ok(Status::Done)
    }
}
