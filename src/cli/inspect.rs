//! `calxray inspect FILE`.

use super::reading::spacing;
use super::settings::{effective, pipeline};
use super::status::{Failure, Status, write_out};
use super::trace;
use crate::batch::overlay_style;
use crate::radiograph::Radiograph;
use crate::read::{self, ErrorKind, Header, ImageKind, Instance, ModalityFilter, Opened, ReadOptions, Source};
use crate::units::Millimetres;
use crate::write::terminal::{HeaderFacts, render};
use crate::write::{atomic, overlay, sha256};
use clap::Args;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Explains one image: what was read, the scene, each focus with the evidence for and against its label, and what was
/// rejected and why.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  calxray inspect knee.dcm
  calxray inspect pelvis.png --spacing 0.143 --overlay pelvis-foci.png
  calxray inspect knee.dcm --trace steps/

Files written: only those asked for with --overlay and --trace.

Exit status: 0 explained; 1 the file is damaged, not supported or not an image; 2 could not start.")]
pub struct Inspect {
    /// The image: DICOM of any modality, PNG, TIFF or JPEG.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which frame of a multi-frame image, counted from 1.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    frame: u32,
    /// Settings in TOML; what it does not name keeps its default.
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
    /// A model made by `calxray train`, in place of the one that is built in.
    #[arg(long, value_name = "FILE.json")]
    model: Option<PathBuf>,
    /// Pixel spacing in mm, both ways, for an image that states none.
    #[arg(long, value_name = "MM", value_parser = spacing)]
    spacing: Option<Millimetres>,
    /// Write a picture with foci and rejected candidates outlined (PNG).
    #[arg(long, value_name = "FILE.png")]
    overlay: Option<PathBuf>,
    /// Write every intermediate image as PNG to this folder; made if missing.
    #[arg(long, value_name = "DIR")]
    trace: Option<PathBuf>,
}

impl Inspect {
    /// Explains the image.
    pub fn run(self) -> Result<Status, Failure> {
        let pipeline = pipeline(effective(self.settings.as_deref())?, self.model.as_deref())?;
        let instance = self.open()?;
        let header = instance.header();
        let radiograph = instance
            .radiograph(self.frame as usize - 1)
            .map_err(|error| self.failed(&error.explained()))?;
        let report = match &self.trace {
            None => pipeline.run(&radiograph),
            Some(folder) => {
                let (report, trace) = pipeline.trace(&radiograph);
                trace::write(folder, &trace)?;
                report
            }
        };
        if let Some(path) = &self.overlay {
            // As `scan` calls it: by content, for a file's name may be a patient's.
            let name =
                std::fs::read(&self.file).map_or_else(|_| String::new(), |bytes| sha256(&bytes)[..16].to_owned());
            let png =
                overlay::png(&radiograph, &report, &name, &overlay_style(header, true)).map_err(Failure::failed)?;
            atomic::write(path, &png).map_err(|error| Failure::output(path, error.source))?;
        }
        let colour =
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let facts = HeaderFacts {
            title: self.file.display().to_string(),
            facts: facts(header, &radiograph, self.frame),
        };
        write_out(None, render(&report, &facts, colour).as_bytes())?;
        Ok(Status::Done)
    }

    fn open(&self) -> Result<Box<Instance>, Failure> {
        let options = ReadOptions {
            modalities: ModalityFilter::Any,
            spacing: self.spacing,
            ..ReadOptions::default()
        };
        match read::open(&Source::Path(self.file.clone()), &options) {
            Ok(Opened::Instance(instance)) => Ok(instance),
            Ok(Opened::Skipped { reason, .. }) => Err(self.failed(&reason.to_string())),
            Err(error) if error.kind() == ErrorKind::FileSystem => Err(Failure::could_not_start(format_args!(
                "{}: {}",
                self.file.display(),
                error.explained()
            ))),
            Err(error) => Err(self.failed(&error.explained())),
        }
    }

    fn failed(&self, why: &str) -> Failure {
        Failure::failed(format_args!("{}: {why}", self.file.display()))
    }
}

/// What the file says of itself, for people. No attribute that names a patient.
fn facts(header: &Header, radiograph: &Radiograph, frame: u32) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |what: &str, value: Option<String>| facts.extend(value.map(|value| (what.to_owned(), value)));
    let format = match header.kind {
        ImageKind::Dicom => "DICOM",
        ImageKind::Png => "PNG",
        ImageKind::Tiff => "TIFF",
        ImageKind::Jpeg => "JPEG",
    };
    let modality = header
        .modality
        .as_ref()
        .map_or(String::new(), |modality| format!(", modality {modality}"));
    fact("Format", Some(format!("{format}{modality}")));
    fact("Transfer syntax", header.transfer_syntax_uid.clone());
    fact("Intent", header.presentation_intent.clone());
    let frames = (header.frames > 1).then(|| format!("{frame} of {}", header.frames));
    fact("Frame", frames);
    let turned = if radiograph.value_scale().slope < 0.0 {
        "turned: "
    } else {
        ""
    };
    let stated = header.photometric_interpretation.as_deref().unwrap_or("not stated");
    fact(
        "Polarity",
        Some(format!("{stated}, {turned}larger is more radio-opaque")),
    );
    fact(
        "Bits",
        (header.bits_stored > 0).then(|| format!("{} stored of {}", header.bits_stored, header.bits_allocated)),
    );
    let magnification = &header.magnification;
    fact(
        "Magnification",
        magnification
            .estimated_factor
            .map(|factor| format!("{factor} stated, not applied")),
    );
    let distances = magnification
        .source_to_detector_mm
        .zip(magnification.source_to_patient_mm);
    fact(
        "Distances",
        distances.map(|(detector, patient)| format!("source to detector {detector} mm, to patient {patient} mm")),
    );
    facts
}
