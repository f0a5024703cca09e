//! One image at a time, for who has them come in one by one: the same steps as a [`run`](super::run), without tables.

use super::error::BatchError;
use super::formats::{Format, Formats};
use super::gate::Gate;
use super::image::{Bench, Bytes, Looked};
use super::journal::Kind;
use super::naming::Naming;
use super::output::OVERLAYS;
use crate::pipeline::Pipeline;
use crate::read::ReadOptions;
use crate::write::seg::SegmentBy;
use crate::write::{Outcome, Record, WriteError, atomic};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

/// Folder of records in an output folder: one file per image, of lines as in `findings.jsonl`.
pub const FINDINGS: &str = "findings";

/// Formats that a single image can be written in.
const FORMATS: [Format; 6] = [
    Format::Jsonl,
    Format::Overlay,
    Format::Sr,
    Format::Seg,
    Format::Sc,
    Format::Gsps,
];

/// Analyses files one by one. May be used by several threads at once.
#[derive(Debug)]
pub struct Single<'a> {
    bench: Bench<'a>,
    folder: PathBuf,
    findings: Option<PathBuf>,
}

/// What a file came to.
#[derive(Debug)]
pub struct Analysed {
    /// One record per frame, at least one.
    pub records: Vec<Record>,
    /// DICOM objects written.
    pub objects: Vec<PathBuf>,
}

impl Analysed {
    /// Why the file, or a frame of it, could not be analysed.
    pub fn failure(&self) -> Option<&crate::write::Failure> {
        self.records.iter().find_map(|record| match &record.outcome {
            Outcome::Failed(failure) => Some(failure),
            _ => None,
        })
    }
}

impl<'a> Single<'a> {
    /// Analyses with `pipeline` and writes `formats` to the folder `out`, made if missing. For DICOM objects, `read` must
    /// ask for the context. At most `memory` bytes of images are in flight.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made.
    pub fn new(
        out: &Path,
        formats: &Formats,
        segment_by: SegmentBy,
        read: &'a ReadOptions,
        pipeline: &'a Pipeline,
        memory: u64,
    ) -> Result<Self, BatchError> {
        let folder = |format: Format, name: &str| formats.has(format).then(|| out.join(name));
        let findings = folder(Format::Jsonl, FINDINGS);
        let overlays = folder(Format::Overlay, OVERLAYS);
        let objects: Vec<(Format, PathBuf)> = formats
            .objects()
            .map(|format| (format, out.join(format.name())))
            .collect();
        let folders = objects.iter().map(|(_, path)| path).chain(&findings).chain(&overlays);
        for path in folders {
            fs::create_dir_all(path).map_err(|source| BatchError::Output {
                path: path.clone(),
                source,
            })?;
            atomic::remove_partial(path)?;
        }
        Ok(Self {
            bench: Bench {
                pipeline,
                read,
                overlays,
                objects,
                formats: formats.clone(),
                folder: out.to_owned(),
                segment_by,
                naming: Naming::Plain,
                unnamed: AtomicU64::new(0),
                reading: Gate::new(memory / 8),
                analysing: Gate::new(memory - memory / 4),
            },
            folder: out.to_owned(),
            findings,
        })
    }

    /// The first of `formats` that needs many images.
    pub fn unfit(formats: &Formats) -> Option<Format> {
        let all = Format::ALL.into_iter();
        all.filter(|format| formats.has(*format))
            .find(|format| !FORMATS.contains(format))
    }

    /// Analyses the file `path`, called `shown` in its records, and writes what it came to. Everything is on the disk
    /// when this returns. A file analysed before is written again, the same.
    ///
    /// # Errors
    ///
    /// If a result cannot be written, or the file cannot be read for no fault of its content. Other failures are records.
    pub fn analyse(&self, path: &Path, shown: &str) -> Result<Analysed, WriteError> {
        let size = fs::metadata(path).map_err(|error| WriteError::new(path, error))?.len();
        let settled = match self.bench.look(shown, Bytes::File(path.to_owned(), size)) {
            Looked::Settled(settled) => settled,
            Looked::Image { instance, digest, size } => self.bench.analyse(shown, &instance, &digest, size)?,
        };
        if settled.kind == Kind::Unread {
            return Err(WriteError::new(path, ErrorKind::Other));
        }
        if let (Some(folder), Some(first)) = (&self.findings, settled.records.first()) {
            // The name of the image, without the frame.
            let image = first
                .digest
                .as_ref()
                .map_or(first.image.as_str(), |digest| &digest[..16]);
            let mut lines = String::new();
            for record in &settled.records {
                lines += &record.to_json();
                lines.push('\n');
            }
            atomic::write(&folder.join(format!("{image}.jsonl")), lines.as_bytes())?;
        }
        let objects = settled.files.iter().flat_map(|(folder, names)| {
            let folder = self.folder.join(folder);
            names.iter().map(move |name| folder.join(name))
        });
        Ok(Analysed {
            objects: objects.collect(),
            records: settled.records,
        })
    }
}
