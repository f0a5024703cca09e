//! `calxray phantom`: synthetic radiographs with exact truth.

use super::{Failure, Status};
use crate::phantom::{Kind, Options, Scene, Split, write_inserted, write_series, write_set};
use crate::radiograph::Radiograph;
use crate::read::{self, ModalityFilter, Opened, ReadOptions, Source};
use clap::Args;
use std::path::{Path, PathBuf};

/// Writes synthetic radiographs as DICOM DX with exact truth (`truth.json`, and `coco.json` with masks).
///
/// For demonstration, training, tests and tuning. They are not radiographs of anybody and say so in their headers.
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
    /// Part of the set: train, validation or test. They share no chance, and test has looks, proportions and poses that
    /// train never has.
    #[arg(long, default_value = "train", value_parser = split)]
    split: Split,
    /// Put deposits into these real radiographs (files or folders) instead of drawing bodies.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    into: Vec<PathBuf>,
    /// Draw every body twice, into prior/ and current/, with deposits that have changed; series.json tells how.
    #[arg(long, conflicts_with = "into")]
    series: bool,
    /// Scenes to draw: thigh, lower_leg, forearm, pelvis, shoulder, hip, knee, elbow, hand; all if not given.
    #[arg(long, value_delimiter = ',', value_parser = scene)]
    scene: Vec<Scene>,
    /// Deposits to draw, by label: rice_grain, phlebolith, tumoral_calcinosis, calcific_tendinitis, ossification,
    /// calcification (all of these if not given); injection_granuloma, calcinosis_cutis, fascial_sheet,
    /// chondrocalcinosis, metastatic_calcification, vascular_calcification, mineralised_mass.
    #[arg(long, value_delimiter = ',', value_parser = kind)]
    label: Vec<Kind>,
    /// Share of images without deposits.
    #[arg(long, default_value_t = 0.3, value_name = "SHARE")]
    normal: f32,
    /// Millimetres along the side of a pixel, or least and largest, such as 0.1,0.2.
    #[arg(long, default_value = "0.16", value_name = "MM", value_parser = spacing)]
    spacing: (f32, f32),
    /// Rows and columns, such as 3000x2500; what the scene needs if not given.
    #[arg(long, value_name = "ROWSxCOLUMNS", value_parser = size)]
    size: Option<(usize, usize)>,
    /// Least and largest factor on mineral density, such as 0.05,0.3 for faint deposits.
    #[arg(long, value_name = "LOW,HIGH", value_parser = density, default_value = "0.2,2")]
    density: (f32, f32),
    /// Least and largest factor on the unrest of deposits; below 1 they are smoother.
    #[arg(long, value_name = "LOW,HIGH", value_parser = density, default_value = "1,1")]
    roughness: (f32, f32),
    /// Largest standard deviation in millimetres by which the margins of half of the groups of deposits are smoothed, 0 to 3.
    #[arg(long, value_name = "MM", default_value_t = 0.0)]
    softness: f32,
    /// Share of images with metal, and likewise with calcified arteries, with clothing and with text.
    #[arg(long, default_value_t = 0.2, value_name = "SHARE")]
    distractors: f32,
}

fn scene(text: &str) -> Result<Scene, String> {
    let found = Scene::ALL.into_iter().find(|scene| scene.name() == text);
    found.ok_or_else(|| format!("no such scene; there are {}", Scene::ALL.map(Scene::name).join(", ")))
}

fn kind(text: &str) -> Result<Kind, String> {
    let every = || Kind::ALL.into_iter().chain(Kind::FURTHER);
    every().find(|kind| kind.name() == text).ok_or_else(|| {
        let names: Vec<_> = every().map(Kind::name).collect();
        format!("no such label; there are {}", names.join(", "))
    })
}

fn split(text: &str) -> Result<Split, String> {
    let found = Split::ALL.into_iter().find(|split| split.name() == text);
    found.ok_or_else(|| format!("no such part; there are {}", Split::ALL.map(Split::name).join(", ")))
}

fn size(text: &str) -> Result<(usize, usize), String> {
    let pair = text
        .split_once('x')
        .and_then(|(rows, columns)| Some((rows.parse().ok()?, columns.parse().ok()?)));
    pair.filter(|&(rows, columns)| (64..=10_000).contains(&rows) && (64..=10_000).contains(&columns))
        .ok_or_else(|| "expected ROWSxCOLUMNS, each 64 to 10000".to_owned())
}

fn spacing(text: &str) -> Result<(f32, f32), String> {
    let (low, high) = text.split_once(',').unwrap_or((text, text));
    let pair = low.parse().ok().zip(high.parse().ok());
    pair.filter(|&(low, high): &(f32, f32)| (0.05..=2.0).contains(&low) && low <= high && high <= 2.0)
        .ok_or_else(|| "expected MM or LOW,HIGH, 0.05 to 2".to_owned())
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
        for (name, share) in [("--normal", self.normal), ("--distractors", self.distractors)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(Failure::could_not_start(format_args!("{name} is a share, 0 to 1")));
            }
        }
        if !(0.0..=3.0).contains(&self.softness) {
            return Err(Failure::could_not_start("--softness is 0 to 3 mm"));
        }
        let sources = radiographs(&self.into)?;
        std::fs::create_dir_all(&self.out).map_err(|error| Failure::output(&self.out, error))?;
        let (low, high) = self.spacing;
        let options = Options {
            scenes: self.scene,
            kinds: self.label,
            normal_share: self.normal,
            spacing_mm: low,
            spacing_range: (high > low).then_some((low, high)),
            size: self.size,
            density: self.density,
            roughness: self.roughness,
            softness_mm: self.softness,
            distractor_share: self.distractors,
            split: self.split,
        };
        if self.series {
            for folder in ["prior", "current"].map(|name| self.out.join(name)) {
                std::fs::create_dir_all(&folder).map_err(|error| Failure::output(&folder, error))?;
            }
            write_series(&self.out, self.seed, self.count, &options, || {}).map_err(Failure::failed)?;
            println!(
                "{} pairs of synthetic radiographs in prior and current, and series.json in {}",
                self.count,
                self.out.display()
            );
            return Ok(Status::Done);
        }
        if self.into.is_empty() {
            write_set(&self.out, self.seed, self.count, &options, || {}).map_err(Failure::failed)?;
        } else {
            write_inserted(&self.out, &sources, self.seed, self.count, &options, || {}).map_err(Failure::failed)?;
        }
        println!(
            "{} synthetic radiographs, truth.json and coco.json in {}",
            self.count,
            self.out.display()
        );
        Ok(Status::Done)
    }
}

/// Every radiograph in `paths`, the first frame of each; folders in the order of names.
fn radiographs(paths: &[PathBuf]) -> Result<Vec<Radiograph>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in files(path)? {
            if let Some(radiograph) = open(&file, file == *path)? {
                found.push(radiograph);
            }
        }
    }
    if found.is_empty() && !paths.is_empty() {
        return Err(Failure::could_not_start("--into: no radiograph found"));
    }
    Ok(found)
}

/// The file itself, or the files of a folder and its folders.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let listed = || -> std::io::Result<Vec<PathBuf>> {
        let mut names = std::fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    };
    let names = listed().map_err(|error| Failure::could_not_start(format_args!("{}: {error}", path.display())))?;
    let mut found = Vec::new();
    for name in names {
        // A link may lead in a circle.
        if !name.is_symlink() {
            found.extend(files(&name)?);
        }
    }
    Ok(found)
}

/// The radiograph in `path`; `None` for what is no radiograph, unless it was named itself.
fn open(path: &Path, named: bool) -> Result<Option<Radiograph>, Failure> {
    let options = ReadOptions {
        modalities: if named {
            ModalityFilter::Any
        } else {
            ModalityFilter::default()
        },
        ..ReadOptions::default()
    };
    let refuse = |why: String| Failure::could_not_start(format_args!("{}: {why}", path.display()));
    match read::open(&Source::Path(path.to_owned()), &options) {
        Ok(Opened::Instance(instance)) => match instance.radiograph(0) {
            Ok(radiograph) => Ok(Some(radiograph)),
            Err(error) if named => Err(refuse(error.explained())),
            Err(_) => Ok(None),
        },
        Ok(Opened::Skipped { reason, .. }) if named => Err(refuse(reason.to_string())),
        Err(error) if named => Err(refuse(error.explained())),
        Ok(Opened::Skipped { .. }) | Err(_) => Ok(None),
    }
}
