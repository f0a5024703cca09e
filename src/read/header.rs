//! What a file says of itself before its pixels are read.

use crate::radiograph::{PixelSpacing, Place, Warning};
use serde::{Deserialize, Serialize};

/// File format, found by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageKind {
    /// DICOM, with or without preamble and file meta information.
    Dicom,
    /// PNG.
    Png,
    /// TIFF.
    Tiff,
    /// JPEG outside DICOM.
    Jpeg,
}

/// One VOI window in modality values (PS3.3 C.11.2.1.2). For display only: detection never sees it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Window Center (0028,1050).
    pub center: f64,
    /// Window Width (0028,1051), above zero.
    pub width: f64,
}

/// VOI LUT Function (0028,1056).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiLutFunction {
    /// PS3.3 C.11.2.1.2.1, the default.
    #[default]
    Linear,
    /// PS3.3 C.11.2.1.3.2.
    LinearExact,
    /// PS3.3 C.11.2.1.3.1.
    Sigmoid,
}

/// What the header says about magnification. Reported, never applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Magnification {
    /// Estimated Radiographic Magnification Factor (0018,1114).
    pub estimated_factor: Option<f64>,
    /// Distance Source to Detector (0018,1110), mm.
    pub source_to_detector_mm: Option<f64>,
    /// Distance Source to Patient (0018,1111), mm.
    pub source_to_patient_mm: Option<f64>,
}

/// What a file says of itself. Holds UIDs and technique, never a patient's name, number or dates.
///
/// Fields a format does not know are `None`, zero or empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// File format.
    pub kind: ImageKind,
    /// Modality (0008,0060).
    pub modality: Option<String>,
    /// SOP Class UID (0008,0016).
    pub sop_class_uid: Option<String>,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: Option<String>,
    /// Series Instance UID (0020,000E).
    pub series_instance_uid: Option<String>,
    /// Study Instance UID (0020,000D).
    pub study_instance_uid: Option<String>,
    /// Transfer Syntax UID (0002,0010), or the one found by content where the file has no meta information.
    pub transfer_syntax_uid: Option<String>,
    /// Rows (0028,0010).
    pub rows: u32,
    /// Columns (0028,0011).
    pub columns: u32,
    /// Number of Frames (0028,0008), 1 where absent.
    pub frames: u32,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: u16,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// Photometric Interpretation (0028,0004).
    pub photometric_interpretation: Option<String>,
    /// Presentation Intent Type (0008,0068): `FOR PRESENTATION` or `FOR PROCESSING`.
    pub presentation_intent: Option<String>,
    /// VOI windows in the file's order.
    pub windows: Vec<Window>,
    /// How a window maps.
    pub voi_lut_function: VoiLutFunction,
    /// Body part, side, view and age.
    pub place: Place,
    /// Distance between pixel centres, if any statement of it is usable.
    pub spacing: Option<PixelSpacing>,
    /// Magnification as stated.
    pub magnification: Magnification,
    /// What was odd in the header; each radiograph of the instance carries these too.
    pub warnings: Vec<Warning>,
}

impl Header {
    /// An empty header of an image of `kind`.
    pub(super) fn new(kind: ImageKind) -> Self {
        Self {
            kind,
            modality: None,
            sop_class_uid: None,
            sop_instance_uid: None,
            series_instance_uid: None,
            study_instance_uid: None,
            transfer_syntax_uid: None,
            rows: 0,
            columns: 0,
            frames: 1,
            samples_per_pixel: 1,
            bits_allocated: 0,
            bits_stored: 0,
            photometric_interpretation: None,
            presentation_intent: None,
            windows: Vec::new(),
            voi_lut_function: VoiLutFunction::default(),
            place: Place::default(),
            spacing: None,
            magnification: Magnification::default(),
            warnings: Vec::new(),
        }
    }
}
