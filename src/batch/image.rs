//! One input to its records: open, decode, analyse, draw; whatever goes wrong becomes a record too.

use super::formats::{Format, Formats};
use super::gate::Gate;
use super::journal::Kind;
use super::naming::Naming;
use super::stamp::hex;
use crate::dicom::Context;
use crate::pipeline::Pipeline;
use crate::radiograph::Radiograph;
use crate::read::{self, ErrorKind, Header, Instance, Opened, ReadError, ReadOptions, Source};
use crate::report::Report;
use crate::write::overlay::{self, Style, Window};
use crate::write::seg::SegmentBy;
use crate::write::{
    self, Failure, Item, ObjectError, Record, SourceInfo, SourceUids, WriteError, atomic, gsps, sc, seg, sr,
};
use image::RgbImage;
use sha2::{Digest, Sha256};
use std::any::Any;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What every worker needs.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The stages.
    pub pipeline: &'a Pipeline,
    /// How to read.
    pub read: &'a ReadOptions,
    /// Where pictures go; `None` draws none.
    pub overlays: Option<PathBuf>,
    /// Kinds of DICOM objects to write, and where they go.
    pub objects: Vec<(Format, PathBuf)>,
    /// Which files to write.
    pub formats: Formats,
    /// The output folder.
    pub folder: PathBuf,
    /// What is one segment of a DICOM segmentation.
    pub segment_by: SegmentBy,
    /// How patients and studies are named in tables.
    pub naming: Naming,
    /// Images that no object could refer to.
    pub unnamed: AtomicU64,
    /// Ceiling on bytes of files being read.
    pub reading: Gate,
    /// Ceiling on bytes of images being analysed.
    pub analysing: Gate,
}

/// Bytes in flight per pixel while an image is decoded, analysed and drawn: 8 were measured on an uncompressed image of
/// 3000 x 2500; decoders that hold samples of 32 bits and colour take more.
const BYTES_PER_PIXEL: u64 = 16;

/// How an image is shown, as far as its objects need to know.
#[derive(Clone, Copy, Debug)]
struct Shown<'a> {
    picture: Option<&'a RgbImage>,
    /// None of an image in colour.
    greys: Option<&'a gsps::Greys>,
}

/// Where an input's bytes are.
#[derive(Debug)]
pub enum Bytes {
    /// In a file of so many bytes.
    File(PathBuf, u64),
    /// In memory.
    Memory(Arc<[u8]>),
}

/// What became of an input.
#[derive(Debug)]
pub struct Settled {
    /// One record per frame, at least one.
    pub records: Vec<Record>,
    /// SHA-256 of its bytes, where they were read.
    pub digest: Option<String>,
    /// What it came to.
    pub kind: Kind,
    /// Names of its pictures.
    pub overlays: Vec<String>,
    /// Names of its further files, by folder.
    pub files: BTreeMap<String, Vec<String>>,
}

impl Settled {
    /// An input that came to one record.
    pub fn one(record: Record, kind: Kind) -> Self {
        Self {
            digest: record.digest.clone(),
            records: vec![record],
            kind,
            overlays: Vec::new(),
            files: BTreeMap::new(),
        }
    }
}

/// What reading an input gave.
#[derive(Debug)]
pub enum Looked {
    /// Nothing to analyse.
    Settled(Settled),
    /// An image that qualifies.
    Image {
        /// The image, header read.
        instance: Box<Instance>,
        /// SHA-256 of the input's bytes.
        digest: String,
        /// Bytes it may hold in memory.
        size: u64,
    },
}

impl Bench<'_> {
    /// Reads the input shown as `shown` as far as needed to say whether it is to be analysed.
    pub fn look(&self, shown: &str, bytes: Bytes) -> Looked {
        let bare = || SourceInfo {
            path: shown.to_owned(),
            ..SourceInfo::default()
        };
        let unread = |error| Looked::Settled(Settled::one(Record::failed(bare(), failure_of(&error)), Kind::Unread));
        let (source, size, held) = match &bytes {
            Bytes::File(path, size) => (Source::Path(path.clone()), *size, *size),
            Bytes::Memory(bytes) => (Source::Bytes(Arc::clone(bytes)), bytes.len() as u64, 0),
        };
        // A member of an archive is in memory already.
        let _permit = self.reading.acquire(held.min(self.read.limits.bytes));
        let opened = match guarded("open", || read::open(&source, self.read)) {
            Ok(Ok(Opened::Skipped { header, reason })) => {
                let info = header.map_or_else(bare, |header| {
                    self.naming.named(describe(shown, &header, None, 1), None)
                });
                return Looked::Settled(Settled::one(Record::skipped(info, reason.to_string()), Kind::Settled));
            }
            Ok(Ok(Opened::Instance(instance))) => Ok(instance),
            Ok(Err(error)) if error.kind() == ErrorKind::FileSystem => return unread(error),
            Ok(Err(error)) => Err(failure_of(&error)),
            Err(failure) => Err(failure),
        };
        let digest = || match &bytes {
            Bytes::Memory(bytes) => Ok(write::sha256(bytes)),
            Bytes::File(path, _) => digest_of(path).map_err(ReadError::Io),
        };
        match opened {
            Ok(instance) => match digest() {
                Ok(digest) => Looked::Image { instance, digest, size },
                Err(error) => unread(error),
            },
            Err(failure) => {
                // What is wrong was told by the header: no use reading a huge file to its end.
                let digest = (size <= self.read.limits.bytes).then(|| digest().ok()).flatten();
                let info = SourceInfo { digest, ..bare() };
                Looked::Settled(Settled::one(Record::failed(info, failure), Kind::Settled))
            }
        }
    }

    /// Analyses every frame of an image of `size` bytes that qualified.
    ///
    /// # Errors
    ///
    /// If a picture or an object cannot be written. Whatever is wrong with the image becomes a record.
    pub fn analyse(&self, shown: &str, instance: &Instance, digest: &str, size: u64) -> Result<Settled, WriteError> {
        let header = instance.header();
        let pixels = u64::from(header.rows) * u64::from(header.columns);
        let _permit = self
            .analysing
            .acquire(size.saturating_add(pixels.saturating_mul(BYTES_PER_PIXEL)));
        let mut records = Vec::with_capacity(instance.frames());
        let mut overlays = Vec::new();
        let folders = self.formats.folders().into_iter();
        let mut files: BTreeMap<String, Vec<String>> =
            folders.map(|folder| (folder.name.to_owned(), Vec::new())).collect();
        for frame in 0..instance.frames() {
            let named = || {
                let info = describe(shown, header, Some(digest), frame as u32 + 1);
                self.naming.named(info, instance.context())
            };
            let info = named();
            let decoded = guarded("decode", || instance.radiograph(frame));
            let radiograph = match decoded {
                Ok(Ok(radiograph)) => radiograph,
                Ok(Err(error)) => {
                    records.push(Record::failed(info, failure_of(&error)));
                    continue;
                }
                Err(failure) => {
                    records.push(Record::failed(info, failure));
                    continue;
                }
            };
            let report = match guarded("analyse", || self.pipeline.run(&radiograph)) {
                Ok(report) => report,
                Err(failure) => {
                    records.push(Record::failed(info, failure));
                    continue;
                }
            };
            let picture = match self.draws().then(|| self.picture(&radiograph, &report, header, &info)) {
                None => None,
                Some(Ok((picture, png))) => {
                    // The picture first: an input that is done has its picture.
                    if let Some(folder) = &self.overlays {
                        let name = format!("{}.png", info.image());
                        atomic::write(&folder.join(&name), &png)?;
                        overlays.push(name);
                    }
                    Some(picture)
                }
                Some(Err(failure)) => {
                    records.push(Record::failed(info, failure));
                    continue;
                }
            };
            let record = Record::analysed(info, &report);
            let greys = self.writes(Format::Gsps).then(|| {
                let window = overlay_style(header, false).window;
                gsps::Greys::of(&radiograph, &report, window)
            });
            let greys = greys.filter(|_| is_grey(header));
            drop(report);
            if let Some(failure) = self.export(&record, &radiograph, &mut files)? {
                records.push(Record::failed(named(), failure));
                continue;
            }
            drop(radiograph);
            let seen = Shown {
                picture: picture.as_ref(),
                greys: greys.as_ref(),
            };
            match self.write_objects(&record, instance.context(), seen, &mut files)? {
                None => records.push(record),
                Some(failure) => records.push(Record::failed(named(), failure)),
            }
        }
        Ok(Settled {
            records,
            digest: Some(digest.to_owned()),
            kind: Kind::Settled,
            overlays,
            files,
        })
    }

    /// Whether anything shows a picture.
    fn draws(&self) -> bool {
        self.overlays.is_some() || self.writes(Format::Sc)
    }

    /// Whether DICOM objects of `kind` are written.
    fn writes(&self, kind: Format) -> bool {
        self.objects.iter().any(|(format, _)| *format == kind)
    }

    /// The overlay, and its PNG where one is to be written.
    fn picture(
        &self,
        radiograph: &Radiograph,
        report: &Report,
        header: &Header,
        info: &SourceInfo,
    ) -> Result<(RgbImage, Vec<u8>), Failure> {
        let style = overlay_style(header, false);
        let drawn = guarded("overlay", || {
            let picture = overlay::draw(radiograph, report, &info.image(), &style);
            let png = match &self.overlays {
                Some(_) => overlay::encode(&picture)?,
                None => Vec::new(),
            };
            Ok((picture, png))
        });
        drawn.and_then(|picture| picture.map_err(|error: io::Error| overlay_failure(&error)))
    }

    /// Writes the DICOM objects of `record` and notes their names; gives what failed. An image without the UIDs that an
    /// object must refer to (a PNG, a broken header) has none: that is no failure.
    fn write_objects(
        &self,
        record: &Record,
        context: Option<&Context>,
        shown: Shown<'_>,
        written: &mut BTreeMap<String, Vec<String>>,
    ) -> Result<Option<Failure>, WriteError> {
        let unnamed = || {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
        };
        let Some(context) = context else {
            if !self.objects.is_empty() {
                unnamed();
            }
            return Ok(None);
        };
        let item = Item { record, context };
        for (format, folder) in &self.objects {
            let encoded = guarded(format.name(), || match format {
                Format::Seg => seg::encode(&item, self.segment_by),
                Format::Sc => shown.picture.map(|picture| sc::encode(&item, picture)).transpose(),
                Format::Gsps => match shown.greys {
                    Some(greys) => gsps::encode(&item, greys),
                    None => Ok(None),
                },
                _ => sr::encode(&item).map(Some),
            });
            let bytes = match encoded {
                Ok(Ok(None)) => continue,
                Ok(Err(ObjectError::Identity(_))) => {
                    unnamed();
                    return Ok(None);
                }
                Ok(Ok(Some(bytes))) => bytes,
                Ok(Err(error)) => {
                    return Ok(Some(Failure {
                        stage: format.name().to_owned(),
                        attribute: None,
                        kind: "internal".to_owned(),
                        message: error.to_string(),
                    }));
                }
                Err(failure) => return Ok(Some(failure)),
            };
            let name = format!("{}.dcm", record.image);
            atomic::write(&folder.join(&name), &bytes)?;
            written.entry(format.name().to_owned()).or_default().push(name);
        }
        Ok(None)
    }
}

/// SHA-256 of a file, read piece by piece: native pixels are never in memory as bytes.
fn digest_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 << 10];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(count) => hash.update(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether an image is shown through windows: one in colour is not.
fn is_grey(header: &Header) -> bool {
    let interpretation = header.photometric_interpretation.as_deref();
    interpretation.is_some_and(|interpretation| interpretation.starts_with("MONOCHROME"))
}

fn overlay_failure(error: &io::Error) -> Failure {
    Failure {
        stage: "overlay".to_owned(),
        attribute: None,
        kind: "internal".to_owned(),
        message: format!("the picture cannot be encoded: {error}"),
    }
}

/// How to draw an image with `header`: through its first window.
pub fn overlay_style(header: &Header, rejected: bool) -> Style {
    let first = header.windows.first();
    Style {
        window: first.map(|window| Window {
            center: window.center,
            width: window.width,
        }),
        rejected,
    }
}

/// What a header says, for a record.
pub fn describe(shown: &str, header: &Header, digest: Option<&str>, frame: u32) -> SourceInfo {
    SourceInfo {
        path: shown.to_owned(),
        digest: digest.map(str::to_owned),
        frame,
        frames: header.frames,
        uids: SourceUids {
            sop_class: header.sop_class_uid.clone(),
            sop_instance: header.sop_instance_uid.clone(),
            series: header.series_instance_uid.clone(),
            study: header.study_instance_uid.clone(),
        },
        pseudonyms: None,
        modality: header.modality.clone(),
        place: header.place.clone(),
        shape: Some((header.rows, header.columns)),
        spacing: header.spacing,
        magnification: write::Magnification {
            estimated_factor: header.magnification.estimated_factor,
            source_to_detector_mm: header.magnification.source_to_detector_mm,
            source_to_patient_mm: header.magnification.source_to_patient_mm,
        },
        warnings: header.warnings.clone(),
    }
}

/// A reading error as a record holds it, with its causes.
pub fn failure_of(error: &ReadError) -> Failure {
    Failure {
        stage: error.stage().to_owned(),
        attribute: error.attribute().map(str::to_owned),
        kind: error.kind().name().to_owned(),
        message: error.explained(),
    }
}

/// Runs `work`; a panic in it, which is a fault of ours, becomes a failure of `stage`, and the batch goes on.
pub(super) fn guarded<T>(stage: &str, work: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Failure {
        stage: stage.to_owned(),
        attribute: None,
        kind: "internal".to_owned(),
        message: format!("calxray is at fault, please report it: {}", panic_text(panic.as_ref())),
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message")
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_becomes_a_failure_with_its_stage() {
        let failure = guarded("analyse", || -> u8 { std::panic::panic_any("row 7 of 5".to_owned()) }).unwrap_err();
        assert_eq!((failure.stage.as_str(), failure.kind.as_str()), ("analyse", "internal"));
        assert!(failure.message.ends_with("row 7 of 5"));
        assert_eq!(guarded("analyse", || 3), Ok(3));
    }
}
