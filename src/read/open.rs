//! Header first: what a file is, whether it qualifies, and only then its pixels.

use super::error::ReadError;
use super::header::{Header, ImageKind};
use super::instance::Instance;
use super::options::ReadOptions;
use super::source::Source;
use super::{raster, sniff};
use std::fmt;
use std::sync::Arc;

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
/// # Errors
///
/// If the bytes cannot be had, or they are an image whose header is damaged or not supported.
pub fn open(source: &Source, options: &ReadOptions) -> Result<Opened, ReadError> {
    let bytes: Arc<[u8]> = match source {
        Source::Path(path) => std::fs::read(path)?.into(),
        Source::Bytes(bytes) => Arc::clone(bytes),
    };
    match sniff::sniff(&bytes) {
        None => Ok(Opened::Skipped {
            header: None,
            reason: SkipReason::NotAnImage,
        }),
        Some(ImageKind::Dicom) => Err(ReadError::Unsupported {
            attribute: "Transfer Syntax UID",
            what: "DICOM".to_owned(),
        }),
        Some(kind) => {
            let header = raster::header(kind, &bytes, options)?;
            Ok(Opened::Instance(Box::new(Instance {
                header,
                bytes,
                limits: options.limits,
            })))
        }
    }
}
