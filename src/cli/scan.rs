//! `calxray scan PATH... --out DIR`.

use super::progress::{Progress, Talker};
use super::reading::{Modalities, read_options};
use super::segments::Segments;
use super::settings::{effective, pipeline, print};
use super::status::{Failure, Status, write_out};
use super::{Talk, objects, signal};
use crate::batch::{self, BatchError, Ended, Formats, Job, Shard, Watch};
use crate::pipeline::Pipeline;
use clap::Args;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Finds foci in every radiograph of the given files, folders and archives.
///
/// Files are told by content, whatever their name: DICOM (with or without preamble), PNG, TIFF (8 or 16 bit), JPEG, and
/// archives (.zip, .tar, .tar.gz), which are read in place. Folders are searched to any depth. A DICOMDIR stands for the
/// files it lists. Other files are skipped with a reason.
///
/// A run that was stopped or killed goes on where it was when the same command is given again.
#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Scan {
    /// Files, folders and archives; `-` reads paths from standard input, one a line or separated by NUL.
    #[arg(value_name = "PATH", required_unless_present = "print_settings")]
    inputs: Vec<PathBuf>,
    /// Folder for the results; made if missing. A folder that holds results of the same settings is continued.
    #[arg(short, long, value_name = "DIR", required_unless_present = "print_settings")]
    out: Option<PathBuf>,
    /// What to write, separated by commas: jsonl, csv, coco, overlay, html, parquet, label-studio, cvat, yolo, yolo-segment, masks, and the
    /// DICOM objects sr, seg, sc, gsps, which repeat the patient's data of their image.
    #[arg(short, long, value_name = "LIST", default_value_t)]
    format: Formats,
    /// Copy the DICOM objects to this folder too, all in one, where routers such as mercure pick them up. Each is put there
    /// once, also if it is taken away and the scan goes on or is begun again; all of them with --fresh.
    #[arg(long, value_name = "DIR")]
    objects: Option<PathBuf>,
    /// What is one segment of a DICOM segmentation (`--format seg`).
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    segments: Segments,
    /// Settings in TOML; what it does not name keeps its default.
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
    /// A model made by `calxray train`, in place of the one that is built in.
    #[arg(long, value_name = "FILE.json")]
    model: Option<PathBuf>,
    /// Print the effective settings as TOML, ready for --settings, and stop.
    #[arg(long)]
    print_settings: bool,
    /// DICOM modalities to analyse, separated by commas, or `any`. Others are skipped.
    #[arg(long, value_name = "LIST", default_value = "CR,DX")]
    modality: Modalities,
    /// Least score of a focus, from 0 to 1; what scores lower is listed as rejected. Overrides the settings file.
    #[arg(long, value_name = "S", value_parser = super::settings::score)]
    min_score: Option<f32>,
    /// Pixel spacing in mm, both ways, for images that state none. Without it no size rule is used on them.
    #[arg(long, value_name = "MM", value_parser = super::reading::spacing)]
    spacing: Option<crate::units::Millimetres>,
    /// File with the site's secret, at least 16 bytes: adds keyed hashes of patient and study to the tables, the same for the same
    /// secret, so that images can be grouped without naming anybody. The environment variable CALXRAY_SITE_KEY does the same.
    #[arg(long, value_name = "FILE", help_heading = "De-identification")]
    site_key: Option<PathBuf>,
    /// Put keyed hashes in place of the UIDs of images, series and studies too. Needs a site key; not with sr, seg and sc.
    #[arg(long, help_heading = "De-identification")]
    hash_uids: bool,
    /// Images analysed at once. Results do not depend on it.
    #[arg(short, long, value_name = "N", help_heading = "Work", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Ceiling on the memory of images in flight, in megabytes. Default: 1024 for each of --jobs.
    #[arg(long, value_name = "MB", help_heading = "Work", value_parser = clap::value_parser!(u64).range(16..=1 << 24))]
    memory: Option<u64>,
    /// Do only part I of N of the input; every input is in exactly one part. Each part needs an --out of its own.
    #[arg(
        long,
        value_name = "I/N",
        help_heading = "Work",
        default_value = "1/1",
        hide_default_value = true
    )]
    shard: Shard,
    /// Analyse everything again and replace the results in --out.
    #[arg(long, help_heading = "Work")]
    fresh: bool,
    /// Stop at the first input that fails.
    #[arg(long, help_heading = "Work")]
    fail_fast: bool,
    /// Go on looking for new files until stopped (Ctrl-C, SIGTERM), and keep the results up to date. Each look that finds
    /// something is a run: whatever happens, --out holds the whole result of the last one.
    #[arg(long, help_heading = "Watch", conflicts_with = "fail_fast")]
    watch: bool,
    /// Seconds that a file must have been left alone before it is read.
    #[arg(long, value_name = "S", help_heading = "Watch", default_value_t = 5, requires = "watch", value_parser = clap::value_parser!(u64).range(0..=86400))]
    settle: u64,
    /// How to show progress: `auto` is a bar on a terminal and plain lines elsewhere.
    #[arg(long, value_enum, default_value_t, help_heading = "Work", value_name = "HOW")]
    progress: Progress,
}

const AFTER_HELP: &str = "\
Examples:
  calxray scan archive/ --out results
  calxray scan a.dcm study.zip --out results --format csv,overlay
  find /pacs -newer last -print0 | calxray scan - --out results
  calxray scan archive/ --out part1 --shard 1/4      (and 2/4, 3/4, 4/4 elsewhere)
  calxray scan --print-settings > settings.toml
  calxray scan incoming/ --out results --watch --settle 10

Files written to --out, each whole or not at all:
  images.csv       one row per image, also those without foci, skipped or failed
  foci.csv         one row per focus: label, score, box, every measurement with its unit
  findings.jsonl   one line per image: findings, foci with evidence, what was rejected and why
                   (`calxray schema` prints its JSON Schema)
  coco.json        images, categories, and a box and a mask per focus
  overlays/        a picture per image with outlines and labels, named after the image in the tables
  sr/              a DICOM structured report (TID 1500) per DICOM image, in the study of the image
  seg/             a DICOM segmentation per DICOM image with foci
  sc/              the overlay as a DICOM Secondary Capture Image, for viewers that show neither
  gsps/            outlines as a DICOM presentation state, which viewers draw over the image
  report.html      one page to look foci over, filter, and correct them; corrections are saved as a file
  crops/           what it shows, for the next run
  images.parquet, foci.parquet    the CSV tables, typed, with units
  label_studio.json, label_studio.xml, cvat.xml    tasks with predictions for labelling tools
  images/          for those tools: every analysed image as PNG of 16 bits that keeps all grey levels
  yolo/, yolo-segment/    images, boxes or outlines, and data.yaml
  masks/           PNG of 16 bits: numbers of foci, numbers of labels
  errors.csv       input that failed: path, stage, attribute, message
  gathered         with --objects: which objects were put there
  journal          what is done; lets the same command continue

Exit status:
  0  all input analysed or rightly skipped; with --watch: stopped when told so
  1  some input failed, or the run was stopped; the rest is complete
  2  could not start: arguments, settings or output";

impl Scan {
    /// Runs the scan.
    pub fn run(self, talk: Talk) -> Result<Status, Failure> {
        let mut settings = effective(self.settings.as_deref())?;
        settings.least_score = self.min_score.unwrap_or(settings.least_score);
        if self.print_settings {
            return print(&settings);
        }
        let naming = super::naming::naming(self.site_key.as_deref(), self.hash_uids, &self.format)?;
        if self.objects.is_some() {
            objects::expect_some(&self.format)?;
        }
        let out = self.out.unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.jobs.map_or(cores, usize::from);
        let mut job = Job {
            inputs: inputs(self.inputs)?,
            out: out.clone(),
            formats: self.format,
            segment_by: self.segments.into(),
            read: read_options(self.modality, self.spacing),
            shard: self.shard,
            naming,
            jobs,
            memory: self.memory.unwrap_or(1024 * jobs as u64) << 20,
            fresh: self.fresh,
            fail_fast: self.fail_fast,
        };
        let stop = signal::stop_on_interrupt(talk)?;
        quiet_panics(talk);
        let pipeline = pipeline(settings, self.model.as_deref())?;
        let run = |job: &Job, watch: Option<&mut Watch>| {
            let ended = round(job, watch, &pipeline, stop, self.progress, talk)?;
            if let (Some(_), Some(into)) = (&ended, &self.objects) {
                objects::gather(&job.out, into, job.fresh)?;
            }
            Ok::<_, Failure>(ended)
        };
        if !self.watch {
            let ended = run(&job, None)?;
            let well = ended.is_some_and(|ended| !ended.stopped && ended.summary.failed == 0);
            return Ok(if well { Status::Done } else { Status::SomeFailed });
        }
        let mut watch = Watch::new(Duration::from_secs(self.settle));
        while !stop.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let wait = match run(&job, Some(&mut watch))? {
                Some(_) => {
                    job.fresh = false;
                    LOOK.0
                }
                // Looking through a large archive takes its time: a tenth of it all.
                None => (9 * begun.elapsed()).clamp(LOOK.0, LOOK.1),
            };
            pause(wait, stop);
        }
        Ok(Status::Done)
    }
}

/// Shortest and longest time between two looks at a watched folder.
const LOOK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// One run, or one look at what is watched, told to a person; `None` if there was nothing new.
fn round(
    job: &Job,
    watch: Option<&mut Watch>,
    pipeline: &Pipeline,
    stop: &AtomicBool,
    progress: Progress,
    talk: Talk,
) -> Result<Option<Ended>, Failure> {
    let talker = Talker::new(progress, talk);
    let ended = catch_unwind(AssertUnwindSafe(|| match watch {
        None => batch::run(job, pipeline, stop, &talker).map(Some),
        Some(watch) => watch.look(job, pipeline, stop, &talker),
    }));
    talker.finish();
    let ended = ended.map_err(|_| {
        Failure::failed(
            "calxray is at fault, please report it with --verbose. Give the same command again to continue.",
        )
    })?;
    match ended {
        Ok(ended) => {
            if let (Some(ended), false) = (&ended, talk.quiet) {
                write_out(None, closing(ended, &job.formats, &job.out).as_bytes())?;
            }
            Ok(ended)
        }
        Err(error @ BatchError::Write { .. }) => Err(Failure::failed(format_args!(
            "{error}\nWhat is done is kept: give the same command again to continue."
        ))),
        Err(error) => Err(Failure::could_not_start(error)),
    }
}

/// Waits for `time`, or until `stop`.
fn pause(time: Duration, stop: &AtomicBool) {
    let until = Instant::now() + time;
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The paths given, with `-` replaced by those on standard input.
fn inputs(given: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let (lists, mut paths): (Vec<PathBuf>, Vec<PathBuf>) = given.into_iter().partition(|path| path == Path::new("-"));
    if !lists.is_empty() {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::could_not_start(format_args!("cannot read standard input: {error}")))?;
        paths.extend(batch::parse_list(&bytes));
    }
    Ok(paths)
}

/// What is said at the end.
fn closing(ended: &Ended, formats: &Formats, out: &Path) -> String {
    let mut text = ended.summary.to_string();
    if ended.resumed > 0 {
        text += &format!("{} taken over from an earlier run\n", counted(ended.resumed, "input"));
    }
    let mut files: Vec<String> = formats.tables().map(str::to_owned).collect();
    if formats.has(batch::Format::Overlay) {
        files.push(format!("{}/", batch::OVERLAYS));
    }
    let folders = formats.folders().into_iter();
    files.extend(folders.map(|folder| format!("{}/", folder.name)));
    text += &format!("Written to {}: {}\n", out.display(), files.join(", "));
    if ended.stopped {
        text += "Stopped before the end. Give the same command again to continue.\n";
    }
    text
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A panic in one image is told as that image's failure; its raw text would only break the progress bar.
pub(super) fn quiet_panics(talk: Talk) {
    if !talk.verbose {
        std::panic::set_hook(Box::new(|_| {}));
    }
}
