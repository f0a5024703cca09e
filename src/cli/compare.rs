//! `calxray compare PRIOR CURRENT`.

use super::reading::{Modalities, read_options, spacing};
use super::settings::{effective, pipeline, score};
use super::status::{Failure, Status, write_out};
use crate::batch::overlay_style;
use crate::compare::{self, Comparisons, Event, Identity, ImageName, Left, Pair, best, days_between, groups};
use crate::pipeline::Pipeline;
use crate::radiograph::Radiograph;
use crate::read::{self, Header, Instance, Opened, ReadOptions, Source};
use crate::units::Millimetres;
use crate::write::{atomic, overlay, sha256};
use clap::Args;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Tells what became of each deposit between two examinations: new, gone, grown, shrunk, stable, merged, split.
///
/// Images of two folders are paired by patient, body part, side and view. The later image is laid on the earlier one by the edges
/// of bones, whatever its exposure, collimation and pixel size; a focus that only one of them reports is looked for in the other
/// at the same place before it is called new or gone. Areas are measured alike in both and told on the scale of the earlier one.
#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Compare {
    /// The earlier image, or a folder of images.
    prior: PathBuf,
    /// The later image, or a folder of images.
    current: PathBuf,
    /// Folder for the results; made if missing.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Pairs as a table (CSV) with the columns prior and current: paths below PRIOR and CURRENT. Headers are not asked then.
    #[arg(long, value_name = "FILE.csv")]
    pair: Option<PathBuf>,
    /// Compare images whatever their headers say of patient, body part, side and view.
    #[arg(long)]
    any_place: bool,
    /// Do not draw pictures.
    #[arg(long)]
    no_pictures: bool,
    /// Which DICOM modalities count as radiographs, or `any`.
    #[arg(long, value_name = "LIST", default_value = "CR,DX")]
    modality: Modalities,
    /// Pixel spacing in mm, both ways, for images that state none.
    #[arg(long, value_name = "MM", value_parser = spacing)]
    spacing: Option<Millimetres>,
    /// Settings in TOML; what it does not name keeps its default.
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
    /// A model made by `calxray train`, in place of the one that is built in.
    #[arg(long, value_name = "FILE.json")]
    model: Option<PathBuf>,
    /// Least score of deposits that are followed: of the better focus, or of both together.
    #[arg(long, value_name = "SCORE", value_parser = score)]
    min_score: Option<f32>,
}

const AFTER_HELP: &str = "\
Examples:
  calxray compare 2021/hand.dcm 2024/hand.dcm --out change
  calxray compare archive/2021 archive/2024 --out change
  calxray compare old new --pair pairs.csv --out change

Files written to --out:
  comparison.json  every pair: how the images lie on each other, every deposit, sums; or why there is no comparison
  changes.csv      one row per deposit: event, areas and long axes with uncertainty
  burden.csv       one row per pair and part of the picture: count and area of all deposits, before and now
  burden.svg       the same as a drawing
  pictures/        both images with matching outlines, named after the images' short names

A change of area of up to 25 % is called stable. Images are not compared if headers state different patients, parts, sides or
views, if only one states a spacing, or if their bones do not fit on each other.

Exit status:
  0  every pair was compared
  1  some image could not be read, or some pair could not be compared, or nothing could be paired
  2  could not start";

/// Foci from this score on are followed if both images together make them likely.
const FAINT: f32 = 0.1;

/// An image to be compared: its file, its header and nothing else.
struct Listed {
    file: PathBuf,
    shown: String,
    identity: Identity,
    date: Option<String>,
}

impl Compare {
    /// Compares and writes.
    pub(super) fn run(self) -> Result<Status, Failure> {
        let mut settings = effective(self.settings.as_deref())?;
        let least_score = self.min_score.unwrap_or(settings.least_score);
        // What two pictures show at one place is likelier than either tells.
        settings.least_score = least_score.min(FAINT);
        let pipeline = pipeline(settings, self.model.as_deref())?;
        let options = ReadOptions {
            context: true,
            ..read_options(self.modality.clone(), self.spacing)
        };
        let mut left: Vec<Left> = Vec::new();
        let prior = list(&self.prior, "prior", &options, &mut left)?;
        let current = list(&self.current, "current", &options, &mut left)?;
        let failed = !left.is_empty();
        std::fs::create_dir_all(&self.out).map_err(|error| Failure::output(&self.out, error))?;
        let pictures = self.out.join("pictures");
        if !self.no_pictures {
            std::fs::create_dir_all(&pictures).map_err(|error| Failure::output(&pictures, error))?;
        }
        let pairs = self.pairs(&prior, &current, &pipeline, &options)?;
        for (of, listed, taken) in [
            ("prior", &prior, pairs.iter().map(|pair| pair.0).collect::<Vec<_>>()),
            ("current", &current, pairs.iter().map(|pair| pair.1).collect()),
        ] {
            let alone = listed.iter().enumerate().filter(|(nth, _)| !taken.contains(nth));
            left.extend(alone.map(|(_, image)| Left {
                of: of.to_owned(),
                path: image.shown.clone(),
                reason: "no partner of the same patient, body part, side and view".to_owned(),
            }));
        }
        let at = compare::Settings {
            any_place: self.any_place || self.pair.is_some(),
            least_score,
            ..compare::Settings::default()
        };
        let compared: Vec<Pair> = pairs
            .par_iter()
            .map(|&(p, c)| {
                let folder = (!self.no_pictures).then_some(pictures.as_path());
                self.one(&prior[p], &current[c], &pipeline, &options, &at, folder)
            })
            .collect::<Result<_, _>>()?;
        let all = Comparisons {
            software: concat!("calxray ", env!("CARGO_PKG_VERSION")).to_owned(),
            settings_digest: pipeline.settings_digest().to_owned(),
            pairs: compared,
            left,
        };
        let write = |name: &str, bytes: &[u8]| atomic::write(&self.out.join(name), bytes).map_err(Failure::failed);
        write("comparison.json", all.to_json().as_bytes())?;
        write("changes.csv", &all.changes_csv().map_err(Failure::failed)?)?;
        write("burden.csv", &all.burden_csv().map_err(Failure::failed)?)?;
        write("burden.svg", all.burden_svg().as_bytes())?;
        write_out(None, said(&all, &self.out).as_bytes())?;
        let refused = all.pairs.iter().any(|pair| pair.comparison.refusal.is_some());
        Ok(if failed || refused || all.pairs.is_empty() {
            Status::SomeFailed
        } else {
            Status::Done
        })
    }

    /// Which images are compared: indices into both lists.
    fn pairs(
        &self,
        prior: &[Listed],
        current: &[Listed],
        pipeline: &Pipeline,
        options: &ReadOptions,
    ) -> Result<Vec<(usize, usize)>, Failure> {
        if let Some(file) = &self.pair {
            return told(file, prior, current);
        }
        // Two files are a pair because they were named.
        if self.prior.is_file() && self.current.is_file() && prior.len() == 1 && current.len() == 1 {
            let patients = (&prior[0].identity.patient, &current[0].identity.patient);
            return match patients {
                (Some(a), Some(b)) if a != b && !self.any_place => Err(Failure::failed(
                    "the images state different patients: they are not compared; --any-place does it all the same",
                )),
                _ => Ok(vec![(0, 0)]),
            };
        }
        let identities =
            |listed: &[Listed]| -> Vec<Identity> { listed.iter().map(|one| one.identity.clone()).collect() };
        let groups = groups(&identities(prior), &identities(current));
        let mut pairs: Vec<(usize, usize)> = groups
            .par_iter()
            .flat_map_iter(|group| {
                best(group, |p, c| {
                    let open = |one: &Listed| open(&one.file, options).ok()?.radiograph(0).ok();
                    let placed = compare::fit(pipeline, &open(&prior[p])?, &open(&current[c])?)?;
                    Some(placed.correlation * placed.agreement)
                })
            })
            .collect();
        pairs.sort_unstable();
        Ok(pairs)
    }

    fn one(
        &self,
        prior: &Listed,
        current: &Listed,
        pipeline: &Pipeline,
        options: &ReadOptions,
        settings: &compare::Settings,
        pictures: Option<&Path>,
    ) -> Result<Pair, Failure> {
        let failed = |listed: &Listed, why: String| Failure::failed(format_args!("{}: {why}", listed.file.display()));
        let load = |listed: &Listed| -> Result<(Instance, Radiograph), Failure> {
            let instance = open(&listed.file, options).map_err(|why| failed(listed, why))?;
            let radiograph = instance
                .radiograph(0)
                .map_err(|error| failed(listed, error.explained()))?;
            Ok((*instance, radiograph))
        };
        let name = |listed: &Listed, header: &Header| -> Result<ImageName, Failure> {
            let bytes = std::fs::read(&listed.file).map_err(|error| failed(listed, error.to_string()))?;
            Ok(ImageName {
                path: listed.shown.clone(),
                image: sha256(&bytes)[..16].to_owned(),
                sop_instance_uid: header.sop_instance_uid.clone(),
            })
        };
        let (before, earlier) = load(prior)?;
        let (after, later) = load(current)?;
        let (first, second) = (name(prior, before.header())?, name(current, after.header())?);
        let reports = (pipeline.run(&earlier), pipeline.run(&later));
        let compared = compare::compare(pipeline, (&earlier, &reports.0), (&later, &reports.1), settings);
        if let Some(folder) = pictures.filter(|_| compared.comparison.refusal.is_none()) {
            let styles = (
                overlay_style(before.header(), false),
                overlay_style(after.header(), false),
            );
            let drawn = compare::picture(
                (&earlier, &reports.0, &styles.0),
                (&later, &reports.1, &styles.1),
                &compared,
            );
            let png = overlay::encode(&drawn).map_err(Failure::failed)?;
            let path = folder.join(format!("{}-{}.png", first.image, second.image));
            atomic::write(&path, &png).map_err(Failure::failed)?;
        }
        let place = earlier.place();
        Ok(Pair {
            prior: first,
            current: second,
            body_part: place.body_part,
            laterality: place.laterality,
            view: place.view.clone(),
            interval_days: prior
                .date
                .as_deref()
                .zip(current.date.as_deref())
                .and_then(|(from, to)| days_between(from, to)),
            comparison: compared.comparison,
        })
    }
}

/// The radiographs of a file or folder, in the order of paths; what is damaged goes to `left`, what is no radiograph is passed over.
fn list(path: &Path, of: &str, options: &ReadOptions, left: &mut Vec<Left>) -> Result<Vec<Listed>, Failure> {
    let mut files = Vec::new();
    super::train::collect(path, &mut files)?;
    files.sort();
    let named = path.is_file();
    let mut listed = Vec::new();
    for file in files {
        let below = file
            .strip_prefix(path)
            .ok()
            .filter(|below| !below.as_os_str().is_empty());
        let below = below.map_or_else(
            || file.file_name().map(PathBuf::from).unwrap_or_default(),
            Path::to_path_buf,
        );
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let shown = parts.join("/");
        match read::open(&Source::Path(file.clone()), options) {
            Ok(Opened::Instance(instance)) => {
                let context = instance.context();
                listed.push(Listed {
                    identity: Identity {
                        patient: context.and_then(|context| context.patient()),
                        place: instance.header().place.clone(),
                        name: shown.clone(),
                    },
                    date: context.and_then(|context| Some(context.moment()?.0.to_owned())),
                    shown,
                    file,
                });
            }
            Ok(Opened::Skipped { reason, .. }) if named => {
                return Err(Failure::failed(format_args!("{}: {reason}", file.display())));
            }
            Ok(Opened::Skipped { .. }) => {}
            Err(error) if named => {
                return Err(Failure::failed(format_args!(
                    "{}: {}",
                    file.display(),
                    error.explained()
                )));
            }
            Err(error) => left.push(Left {
                of: of.to_owned(),
                path: shown,
                reason: error.explained(),
            }),
        }
    }
    Ok(listed)
}

fn open(file: &Path, options: &ReadOptions) -> Result<Box<Instance>, String> {
    match read::open(&Source::Path(file.to_owned()), options) {
        Ok(Opened::Instance(instance)) => Ok(instance),
        Ok(Opened::Skipped { reason, .. }) => Err(reason.to_string()),
        Err(error) => Err(error.explained()),
    }
}

/// Pairs as a table tells them.
fn told(file: &Path, prior: &[Listed], current: &[Listed]) -> Result<Vec<(usize, usize)>, Failure> {
    let wrong = |why: String| Failure::could_not_start(format_args!("{}: {why}", file.display()));
    let mut table = csv::Reader::from_path(file).map_err(|error| wrong(error.to_string()))?;
    let head = table.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let column = |name: &str| {
        let at = head.iter().position(|own| own.trim() == name);
        at.ok_or_else(|| wrong(format!("there is no column {name}")))
    };
    let columns = (column("prior")?, column("current")?);
    let find = |listed: &[Listed], name: Option<&str>| {
        let name = name.unwrap_or_default().trim().replace('\\', "/");
        let at = listed.iter().position(|one| one.shown == name);
        at.ok_or_else(|| wrong(format!("there is no radiograph {name:?}")))
    };
    let mut pairs = Vec::new();
    for row in table.records() {
        let row = row.map_err(|error| wrong(error.to_string()))?;
        pairs.push((find(prior, row.get(columns.0))?, find(current, row.get(columns.1))?));
    }
    Ok(pairs)
}

/// What is said at the end.
fn said(all: &Comparisons, out: &Path) -> String {
    let mut text = String::new();
    for pair in &all.pairs {
        let comparison = &pair.comparison;
        text += &format!("{} and {}: ", pair.prior.path, pair.current.path);
        if let Some(refusal) = comparison.refusal {
            text += &format!("not comparable: {refusal}\n");
            continue;
        }
        let counted: Vec<String> = Event::ALL
            .into_iter()
            .filter_map(|event| {
                let count = comparison.changes.iter().filter(|change| change.event == event).count();
                (count > 0).then(|| format!("{count} {}", event.name().replace('_', " ")))
            })
            .collect();
        text += &if counted.is_empty() {
            "no deposit in either".to_owned()
        } else {
            counted.join(", ")
        };
        if let Some(burden) = comparison.burden.first()
            && let (Some(before), Some(now)) = (burden.prior_area_mm2, burden.current_area_mm2)
        {
            text += &format!("; {before:.1} mm2 before, {now:.1} now");
            if let Some((change, uncertainty)) = burden.change.zip(burden.change_uncertainty) {
                text += &format!(" ({:+.0} ± {:.0} %)", 100.0 * change, 100.0 * uncertainty);
            }
        }
        text.push('\n');
    }
    for left in &all.left {
        text += &format!("{} {}: {}\n", left.of, left.path, left.reason);
    }
    text + &format!("Written to {}\n", out.display())
}
