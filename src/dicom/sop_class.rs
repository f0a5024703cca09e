//! SOP classes that matter here (PS3.4 B.5), by UID.

/// Media Storage Directory Storage: a DICOMDIR.
pub const MEDIA_STORAGE_DIRECTORY: &str = "1.2.840.10008.1.3.10";
/// Computed Radiography Image Storage.
pub const COMPUTED_RADIOGRAPHY: &str = "1.2.840.10008.5.1.4.1.1.1";
/// Digital X-Ray Image Storage - For Presentation.
pub const DIGITAL_X_RAY_FOR_PRESENTATION: &str = "1.2.840.10008.5.1.4.1.1.1.1";
/// Digital X-Ray Image Storage - For Processing.
pub const DIGITAL_X_RAY_FOR_PROCESSING: &str = "1.2.840.10008.5.1.4.1.1.1.1.1";
/// Digital Mammography X-Ray Image Storage - For Presentation.
pub const MAMMOGRAPHY_FOR_PRESENTATION: &str = "1.2.840.10008.5.1.4.1.1.1.2";
/// Digital Mammography X-Ray Image Storage - For Processing.
pub const MAMMOGRAPHY_FOR_PROCESSING: &str = "1.2.840.10008.5.1.4.1.1.1.2.1";
/// Secondary Capture Image Storage.
pub const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";
/// Comprehensive SR Storage.
pub const COMPREHENSIVE_SR: &str = "1.2.840.10008.5.1.4.1.1.88.33";
/// Comprehensive 3D SR Storage.
pub const COMPREHENSIVE_3D_SR: &str = "1.2.840.10008.5.1.4.1.1.88.34";
/// Grayscale Softcopy Presentation State Storage.
pub const GRAYSCALE_PRESENTATION_STATE: &str = "1.2.840.10008.5.1.4.1.1.11.1";
/// Segmentation Storage.
pub const SEGMENTATION: &str = "1.2.840.10008.5.1.4.1.1.66.4";

/// Multi-frame Grayscale Byte Secondary Capture Image Storage.
pub const SECONDARY_CAPTURE_BYTE: &str = "1.2.840.10008.5.1.4.1.1.7.2";
/// Multi-frame Grayscale Word Secondary Capture Image Storage.
pub const SECONDARY_CAPTURE_WORD: &str = "1.2.840.10008.5.1.4.1.1.7.3";

/// What a radiograph may be stored as. Of a Secondary Capture only its Modality tells whether it is one.
pub const RADIOGRAPHS: [&str; 8] = [
    COMPUTED_RADIOGRAPHY,
    DIGITAL_X_RAY_FOR_PRESENTATION,
    DIGITAL_X_RAY_FOR_PROCESSING,
    MAMMOGRAPHY_FOR_PRESENTATION,
    MAMMOGRAPHY_FOR_PROCESSING,
    SECONDARY_CAPTURE,
    SECONDARY_CAPTURE_BYTE,
    SECONDARY_CAPTURE_WORD,
];

/// The modality that a plain radiograph's SOP class stands for, for files that state no Modality.
pub fn modality(uid: &str) -> Option<&'static str> {
    match uid {
        COMPUTED_RADIOGRAPHY => Some("CR"),
        DIGITAL_X_RAY_FOR_PRESENTATION | DIGITAL_X_RAY_FOR_PROCESSING => Some("DX"),
        MAMMOGRAPHY_FOR_PRESENTATION | MAMMOGRAPHY_FOR_PROCESSING => Some("MG"),
        _ => None,
    }
}
