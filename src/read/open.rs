//! Header first: what a file is, whether it qualifies, and only then its pixels.

use super::data_set::DataSet;
use super::element::Stop;
use super::encapsulated::Frames;
use super::error::ReadError;
use super::functional_groups::FunctionalGroups;
use super::header::{Header, ImageKind};
use super::instance::{ByFrame, DicomPixels, Instance, Pixels, Store};
use super::options::{ModalityFilter, ReadOptions};
use super::pixel_module::PixelModule;
use super::source::{Input, Source};
use super::{dicom_header, raster, shutter, sniff};
use crate::dicom::attribute::{DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PIXEL_DATA, ROWS, TRANSFER_SYNTAX_UID};
use crate::dicom::{PixelEncoding, TransferSyntax, sop_class};
use crate::radiograph::Warning;
use std::fmt;

/// What became of an input that could be read at least in part.
#[derive(Debug)]
pub enum Opened {
    /// Not an image we look at; its pixels were not read.
    Skipped {
        /// As far as it was read.
        header: Option<Box<Header>>,
        /// Why.
        reason: SkipReason,
    },
    /// An image that qualifies.
    Instance(Box<Instance>),
}

/// Why an input is rightly not analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// Neither DICOM nor PNG, TIFF or JPEG.
    NotAnImage,
    /// A DICOM file whose modality was not asked for.
    Modality(String),
    /// A DICOM file that states no modality and whose SOP class does not tell.
    NoModality,
    /// A DICOM object without pixels (a report, a presentation state).
    NoPixelData,
    /// A DICOMDIR: it lists images and is none.
    Directory,
}

impl SkipReason {
    /// Stable name for tables.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnImage => "not_an_image",
            Self::Modality(_) => "modality",
            Self::NoModality => "no_modality",
            Self::NoPixelData => "no_pixel_data",
            Self::Directory => "directory",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage => write!(f, "neither DICOM nor PNG, TIFF or JPEG"),
            Self::Modality(modality) => write!(f, "modality {modality} was not asked for"),
            Self::NoModality => write!(f, "states no modality"),
            Self::NoPixelData => write!(f, "DICOM object without pixels"),
            Self::Directory => write!(f, "DICOMDIR"),
        }
    }
}

/// Opens an input: sniffs its format, reads its header and decides whether it qualifies.
///
/// Of a file only as much is read as its header needs; pixels of files that are skipped stay on the disk.
///
/// # Errors
///
/// If the bytes cannot be had, or they are an image whose header is damaged or not supported.
pub fn open(source: &Source, options: &ReadOptions) -> Result<Opened, ReadError> {
    let mut input = Input::new(source, &options.limits)?;
    match sniff::sniff(input.bytes()) {
        None => Ok(Opened::Skipped {
            header: None,
            reason: SkipReason::NotAnImage,
        }),
        Some(ImageKind::Dicom) => open_dicom(input, options),
        Some(kind) => {
            input.read_all()?;
            let header = raster::header(kind, input.bytes(), options)?;
            let pixels = Pixels::Raster {
                bytes: input.into_bytes(),
                limits: options.limits,
            };
            Ok(Opened::Instance(Box::new(Instance {
                header,
                context: None,
                pixels,
            })))
        }
    }
}

fn open_dicom(mut input: Input, options: &ReadOptions) -> Result<Opened, ReadError> {
    let set = loop {
        match DataSet::read(input.bytes(), input.is_complete(), options.limits.bytes) {
            Ok(set) => break set,
            Err(Stop::NeedsMore) => input.read_more()?,
            Err(Stop::Damaged(error)) => return Err(error),
        }
    };
    if set.pixel_data.is_none() && set.attributes.is_empty() && set.meta.is_empty() {
        return Err(ReadError::Structure(
            "the data set holds nothing that we know".to_owned(),
        ));
    }
    let mut set = set;
    let groups = FunctionalGroups::take(&mut set.attributes);
    if let Some(groups) = &groups {
        // The header tells what holds for the first frame.
        set.attributes = groups.frame(0);
    }
    let mut header = dicom_header::header(&set, options);
    if let Some(reason) = skip(&set, &mut header, &options.modalities) {
        return Ok(Opened::Skipped {
            header: Some(Box::new(header)),
            reason,
        });
    }
    let syntax = set
        .syntax
        .filter(TransferSyntax::is_decoded)
        .ok_or_else(|| ReadError::Unsupported {
            attribute: TRANSFER_SYNTAX_UID.name,
            what: header
                .transfer_syntax_uid
                .clone()
                .unwrap_or_else(|| "that is no UID".to_owned()),
        })?;
    let pixel_data = set.pixel_data.ok_or_else(|| {
        let float = [FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA]
            .into_iter()
            .find(|&one| set.attributes.has(one));
        match float {
            Some(float) => ReadError::Unsupported {
                attribute: float.name,
                what: "in place of Pixel Data".to_owned(),
            },
            None => ReadError::Missing(PIXEL_DATA.name),
        }
    })?;
    let module = PixelModule::read(&set.attributes, &options.limits, &mut header.warnings)?;
    let by_frame = groups.filter(FunctionalGroups::is_by_frame).map(|groups| ByFrame {
        groups,
        options: options.clone(),
        before: set.warnings.clone(),
        after: header.warnings.len(),
    });
    let shutter = shutter::mask(
        &shutter::openings(&set.attributes),
        (module.rows as usize, module.columns as usize),
    );
    let context = options.context.then(|| set.context(input.bytes(), input.is_complete()));
    let store = match (set.inflated, pixel_data.length) {
        (Some(inflated), Some(length)) => {
            let present = inflated.len().saturating_sub(pixel_data.value);
            check_length(&module, length.min(present), &mut header.warnings)?;
            Store::Memory {
                bytes: inflated.into(),
                pixels: pixel_data.value,
            }
        }
        (None, Some(length)) => {
            let present = input.length().saturating_sub(pixel_data.value as u64);
            check_length(&module, length.min(present as usize), &mut header.warnings)?;
            input.into_store(pixel_data.value)
        }
        (inflated, None) => {
            let bytes = match inflated {
                Some(inflated) => inflated.into(),
                None => {
                    input.read_all()?;
                    input.into_bytes()
                }
            };
            let frames = Frames::find(&bytes, pixel_data.value, module.frames as usize, &mut header.warnings)?;
            Store::Fragments { bytes, frames }
        }
    };
    let is_encapsulated = matches!(store, Store::Fragments { .. });
    if is_encapsulated == (syntax.encoding == PixelEncoding::Native) {
        let what = if is_encapsulated {
            "is in fragments"
        } else {
            "is not in fragments"
        };
        return Err(ReadError::Structure(format!(
            "Pixel Data {what}, against {}",
            syntax.name
        )));
    }
    let words_are_swapped = syntax.big_endian && pixel_data.vr == Some(*b"OW");
    let pixels = Pixels::Dicom(Box::new(DicomPixels {
        module,
        syntax,
        store,
        shutter,
        words_are_swapped,
        by_frame,
    }));
    Ok(Opened::Instance(Box::new(Instance {
        header,
        context,
        pixels,
    })))
}

/// Why a data set is none that was asked for. Fills in a modality that only the SOP class tells.
fn skip(set: &DataSet, header: &mut Header, modalities: &ModalityFilter) -> Option<SkipReason> {
    let class = header.sop_class_uid.as_deref();
    if class == Some(sop_class::MEDIA_STORAGE_DIRECTORY) {
        return Some(SkipReason::Directory);
    }
    if header.modality.is_none() {
        header.modality = class.and_then(sop_class::modality).map(str::to_owned);
    }
    match &header.modality {
        Some(modality) if !modalities.admits(modality) => return Some(SkipReason::Modality(modality.clone())),
        None if *modalities != ModalityFilter::Any => return Some(SkipReason::NoModality),
        _ => {}
    }
    let is_image = set.pixel_data.is_some()
        || [ROWS, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA]
            .into_iter()
            .any(|one| set.attributes.has(one));
    (!is_image).then_some(SkipReason::NoPixelData)
}

/// Native Pixel Data must hold every frame; a little more is common, much more is odd.
fn check_length(module: &PixelModule, found: usize, warnings: &mut Vec<Warning>) -> Result<(), ReadError> {
    let (found, expected) = (found as u64, module.native_length());
    if found < expected {
        return Err(ReadError::PixelDataLength { found, expected });
    }
    if found > expected + 1 {
        let message = format!("Pixel Data holds {found} bytes, its shape asks for {expected}; the rest was ignored");
        warnings.push(Warning::new("pixel_data_excess", message));
    }
    Ok(())
}
