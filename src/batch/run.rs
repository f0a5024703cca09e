//! The run: what is left to do is spread over workers; tables follow in one fixed order.

use super::Observer;
use super::earlier::Earlier;
use super::error::BatchError;
use super::formats::{Format, Formats};
use super::gate::Gate;
use super::image::Bench;
use super::journal::Identity;
use super::naming::Naming;
use super::output::{OVERLAYS, Output};
use super::queue::Queue;
use super::shard::Shard;
use super::stamp;
use super::walk::{self, Found};
use super::work::{Run, Work};
use crate::pipeline::Pipeline;
use crate::read::{self, ModalityFilter, ReadOptions};
use crate::write::seg::SegmentBy;
use crate::write::{Failure, Summary};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// What to scan and how. Only `read`, `formats`, `segment_by`, `naming` and `shard` change what is written.
#[derive(Clone, Debug)]
pub struct Job {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    /// Folder for the results; made if missing.
    pub out: PathBuf,
    /// Which files to write.
    pub formats: Formats,
    /// How to read; what objects repeat of a patient is read when `formats` ask for it.
    pub read: ReadOptions,
    /// What is one segment of a DICOM segmentation.
    pub segment_by: SegmentBy,
    /// The part of the input to do.
    pub shard: Shard,
    /// Workers, at least 1.
    pub jobs: usize,
    /// Ceiling on bytes of images in flight.
    pub memory: u64,
    /// How patients and studies are named in tables.
    pub naming: Naming,
    /// Whether to replace what earlier runs left.
    pub fresh: bool,
    /// Whether the first failure stops the run.
    pub fail_fast: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Counts over all inputs that are done, in this run or before.
    pub summary: Summary,
    /// Inputs taken over from an earlier run.
    pub resumed: u64,
    /// Whether the run was stopped before all inputs were done.
    pub stopped: bool,
}

/// Scans what `job` says with `pipeline` until done or until `stop` is set; tells `observer` how it goes.
///
/// The files written depend on the inputs, the settings and the version alone: not on the order of inputs, not on the
/// number of workers, not on how often the run was killed and begun again.
///
/// # Errors
///
/// If the output cannot be written, belongs to another run, or no input exists. Input that fails is no error.
pub fn run(job: &Job, pipeline: &Pipeline, stop: &AtomicBool, observer: &dyn Observer) -> Result<Ended, BatchError> {
    run_with(job, &|| find(job), pipeline, stop, observer)
}

/// As [`run`], on what `find` gives once the output folder is ours.
pub(super) fn run_with(
    job: &Job,
    find: &dyn Fn() -> Result<Found, BatchError>,
    pipeline: &Pipeline,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Ended, BatchError> {
    let identity = identity(job, pipeline);
    let output = Output::claim(&job.out, &job.formats, &identity, job.fresh)?;
    let found = find()?;
    for folder in &found.own_output {
        observer.remark(&format!("{folder}: left out, it is output of an earlier run"));
    }
    if output.contents.torn > 0 {
        observer.remark("the last run was cut off while writing: its last input is done again");
    }
    let fingerprint = fingerprint(&found);
    if let Some(summary) = nothing_to_do(job, &output, &identity, &found, &fingerprint) {
        let resumed = summary.analysed + summary.skipped + summary.failed;
        return Ok(Ended {
            summary,
            resumed,
            stopped: false,
        });
    }

    let failed = AtomicBool::new(false);
    let read = ReadOptions {
        context: job.formats.objects().next().is_some() || job.naming != Naming::Plain,
        ..job.read.clone()
    };
    let flags = [stop, &failed];
    let earlier = Earlier::new(&output, &identity, &job.formats);
    let (done, open) = earlier.split(&found.files, job.shard);
    let resumed = done.len() as u64;
    let run = Run {
        job,
        identity: &identity,
        output: &output,
        observer,
        bench: Bench {
            pipeline,
            read: &read,
            overlays: job.formats.has(Format::Overlay).then(|| output.path(OVERLAYS)),
            objects: job
                .formats
                .objects()
                .map(|format| (format, output.path(format.name())))
                .collect(),
            formats: job.formats.clone(),
            folder: output.folder.clone(),
            segment_by: job.segment_by,
            naming: job.naming.clone(),
            unnamed: AtomicU64::new(0),
            reading: Gate::new(job.memory / 8),
            analysing: Gate::new(job.memory - job.memory / 4),
        },
        by_digest: Mutex::new(earlier.by_digest()),
        earlier,
        progress: (AtomicU64::new(resumed), AtomicU64::new(resumed + open.len() as u64)),
        done: Mutex::new(done),
        archives: Mutex::default(),
        fatal: Mutex::default(),
        failed: &failed,
    };
    run.tell();
    for problem in found.problems.iter().filter(|problem| job.shard.holds(&problem.shown)) {
        let failure = Failure {
            stage: "walk".to_owned(),
            attribute: None,
            kind: "file_system".to_owned(),
            message: problem.message.clone(),
        };
        run.settle_problem(&problem.shown, failure)?;
    }
    let work = open.into_iter().map(Work::File).collect();
    let queue = Queue::new(work, &flags, job.memory / 8);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.jobs.max(1))
        .thread_name(|number| format!("calxray-{number}"))
        // Nested sequences are read by recursion.
        .stack_size(8 << 20)
        .build()
        .map_err(BatchError::Workers)?;
    pool.scope(|scope| {
        for _ in 0..job.jobs.max(1) {
            scope.spawn(|_| run.worker(&queue));
        }
    });
    drop(pool);
    let stopped = queue.stopped();
    run.finish(stopped, resumed, fingerprint)
}

/// All that results depend on besides the input.
fn identity(job: &Job, pipeline: &Pipeline) -> Identity {
    let modalities = match &job.read.modalities {
        ModalityFilter::Any => "any".to_owned(),
        ModalityFilter::Only(list) => list.join(","),
    };
    let mut options = vec![format!("modality={modalities}")];
    if let Some(spacing) = job.read.spacing {
        options.push(format!("spacing={}", spacing.get()));
    }
    if job.formats.has(Format::Seg) && job.segment_by != SegmentBy::default() {
        options.push(format!("segments={}", job.segment_by.name()));
    }
    options.extend(job.naming.option());
    if job.shard != Shard::WHOLE {
        options.push(format!("shard={}", job.shard));
    }
    Identity::new(pipeline.settings_digest(), options)
}

/// The inputs of `job`.
pub(super) fn find(job: &Job) -> Result<Found, BatchError> {
    let found = walk::find(&job.inputs, &job.out, &|path| {
        read::listed(path).map_err(|error| error.explained())
    });
    match found.problems.first() {
        Some(problem) if found.files.is_empty() && found.problems.len() >= job.inputs.len() => {
            Err(BatchError::NoInput(format!("{}: {}", problem.shown, problem.message)))
        }
        None if job.inputs.is_empty() => Err(BatchError::NoInput("no path given".to_owned())),
        _ => Ok(found),
    }
}

/// SHA-256 over all inputs in order, without reading them.
fn fingerprint(found: &Found) -> String {
    let mut hash = Sha256::new();
    for file in &found.files {
        hash.update(format!("{}\n{}\n", file.shown, file.stamp));
    }
    for problem in &found.problems {
        hash.update(format!("! {}\n{}\n", problem.shown, problem.message));
    }
    stamp::hex(&hash.finalize())
}

/// The summary of the last run, if it finished, nothing changed since, and all it wrote is still there.
fn nothing_to_do(job: &Job, output: &Output, identity: &Identity, found: &Found, fingerprint: &str) -> Option<Summary> {
    let end = output.contents.end.as_ref()?;
    let tables: Vec<&str> = job.formats.tables().collect();
    let written: Vec<&str> = end.files.iter().map(|(name, _)| name.as_str()).collect();
    let there = |(name, size): &(String, u64)| {
        fs::metadata(output.folder.join(name)).is_ok_and(|metadata| metadata.is_file() && metadata.len() == *size)
    };
    let earlier = Earlier::new(output, identity, &job.formats);
    let same = end.inputs == fingerprint
        && !output.holds_unwanted(&job.formats)
        && tables == written
        && end.files.iter().all(there)
        && earlier.split(&found.files, job.shard).1.is_empty();
    same.then(|| end.summary.clone())
}
