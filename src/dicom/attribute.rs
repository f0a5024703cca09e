//! Attributes we read (PS3.6), each with its tag, name and value representation.
//!
//! The list is also a promise: what is not in it is never looked at. The only attribute of the patient is the age.

use dicom_core::{Tag, VR};

/// One attribute of the data dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Group and element.
    pub tag: Tag,
    /// Name as PS3.6 writes it.
    pub name: &'static str,
    /// Value representation; of several that PS3.6 allows, the unsigned one.
    pub vr: VR,
}

impl Attribute {
    const fn new(group: u16, element: u16, name: &'static str, vr: VR) -> Self {
        Self {
            tag: Tag(group, element),
            name,
            vr,
        }
    }

    /// Whether `tag` is one that we read.
    pub fn is_read(tag: Tag) -> bool {
        ALL.binary_search_by_key(&tag, |attribute| attribute.tag).is_ok()
    }
}

/// Media Storage SOP Class UID (0002,0002).
pub const MEDIA_STORAGE_SOP_CLASS_UID: Attribute =
    Attribute::new(0x0002, 0x0002, "Media Storage SOP Class UID", VR::UI);
/// Media Storage SOP Instance UID (0002,0003).
pub const MEDIA_STORAGE_SOP_INSTANCE_UID: Attribute =
    Attribute::new(0x0002, 0x0003, "Media Storage SOP Instance UID", VR::UI);
/// Transfer Syntax UID (0002,0010).
pub const TRANSFER_SYNTAX_UID: Attribute = Attribute::new(0x0002, 0x0010, "Transfer Syntax UID", VR::UI);
/// SOP Class UID (0008,0016).
pub const SOP_CLASS_UID: Attribute = Attribute::new(0x0008, 0x0016, "SOP Class UID", VR::UI);
/// SOP Instance UID (0008,0018).
pub const SOP_INSTANCE_UID: Attribute = Attribute::new(0x0008, 0x0018, "SOP Instance UID", VR::UI);
/// Modality (0008,0060).
pub const MODALITY: Attribute = Attribute::new(0x0008, 0x0060, "Modality", VR::CS);
/// Presentation Intent Type (0008,0068).
pub const PRESENTATION_INTENT_TYPE: Attribute = Attribute::new(0x0008, 0x0068, "Presentation Intent Type", VR::CS);
/// Code Value (0008,0100).
pub const CODE_VALUE: Attribute = Attribute::new(0x0008, 0x0100, "Code Value", VR::SH);
/// Coding Scheme Designator (0008,0102).
pub const CODING_SCHEME_DESIGNATOR: Attribute = Attribute::new(0x0008, 0x0102, "Coding Scheme Designator", VR::SH);
/// Code Meaning (0008,0104).
pub const CODE_MEANING: Attribute = Attribute::new(0x0008, 0x0104, "Code Meaning", VR::LO);
/// Anatomic Region Sequence (0008,2218).
pub const ANATOMIC_REGION_SEQUENCE: Attribute = Attribute::new(0x0008, 0x2218, "Anatomic Region Sequence", VR::SQ);
/// Patient's Age (0010,1010).
pub const PATIENT_AGE: Attribute = Attribute::new(0x0010, 0x1010, "Patient's Age", VR::AS);
/// Body Part Examined (0018,0015).
pub const BODY_PART_EXAMINED: Attribute = Attribute::new(0x0018, 0x0015, "Body Part Examined", VR::CS);
/// Distance Source to Detector (0018,1110).
pub const DISTANCE_SOURCE_TO_DETECTOR: Attribute =
    Attribute::new(0x0018, 0x1110, "Distance Source to Detector", VR::DS);
/// Distance Source to Patient (0018,1111).
pub const DISTANCE_SOURCE_TO_PATIENT: Attribute = Attribute::new(0x0018, 0x1111, "Distance Source to Patient", VR::DS);
/// Estimated Radiographic Magnification Factor (0018,1114).
pub const ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR: Attribute =
    Attribute::new(0x0018, 0x1114, "Estimated Radiographic Magnification Factor", VR::DS);
/// Imager Pixel Spacing (0018,1164).
pub const IMAGER_PIXEL_SPACING: Attribute = Attribute::new(0x0018, 0x1164, "Imager Pixel Spacing", VR::DS);
/// Shutter Shape (0018,1600).
pub const SHUTTER_SHAPE: Attribute = Attribute::new(0x0018, 0x1600, "Shutter Shape", VR::CS);
/// Shutter Left Vertical Edge (0018,1602).
pub const SHUTTER_LEFT_VERTICAL_EDGE: Attribute = Attribute::new(0x0018, 0x1602, "Shutter Left Vertical Edge", VR::IS);
/// Shutter Right Vertical Edge (0018,1604).
pub const SHUTTER_RIGHT_VERTICAL_EDGE: Attribute =
    Attribute::new(0x0018, 0x1604, "Shutter Right Vertical Edge", VR::IS);
/// Shutter Upper Horizontal Edge (0018,1606).
pub const SHUTTER_UPPER_HORIZONTAL_EDGE: Attribute =
    Attribute::new(0x0018, 0x1606, "Shutter Upper Horizontal Edge", VR::IS);
/// Shutter Lower Horizontal Edge (0018,1608).
pub const SHUTTER_LOWER_HORIZONTAL_EDGE: Attribute =
    Attribute::new(0x0018, 0x1608, "Shutter Lower Horizontal Edge", VR::IS);
/// Center of Circular Shutter (0018,1610).
pub const CENTER_OF_CIRCULAR_SHUTTER: Attribute = Attribute::new(0x0018, 0x1610, "Center of Circular Shutter", VR::IS);
/// Radius of Circular Shutter (0018,1612).
pub const RADIUS_OF_CIRCULAR_SHUTTER: Attribute = Attribute::new(0x0018, 0x1612, "Radius of Circular Shutter", VR::IS);
/// Vertices of the Polygonal Shutter (0018,1620).
pub const VERTICES_OF_THE_POLYGONAL_SHUTTER: Attribute =
    Attribute::new(0x0018, 0x1620, "Vertices of the Polygonal Shutter", VR::IS);
/// Nominal Scanned Pixel Spacing (0018,2010).
pub const NOMINAL_SCANNED_PIXEL_SPACING: Attribute =
    Attribute::new(0x0018, 0x2010, "Nominal Scanned Pixel Spacing", VR::DS);
/// View Position (0018,5101).
pub const VIEW_POSITION: Attribute = Attribute::new(0x0018, 0x5101, "View Position", VR::CS);
/// Study Instance UID (0020,000D).
pub const STUDY_INSTANCE_UID: Attribute = Attribute::new(0x0020, 0x000d, "Study Instance UID", VR::UI);
/// Series Instance UID (0020,000E).
pub const SERIES_INSTANCE_UID: Attribute = Attribute::new(0x0020, 0x000e, "Series Instance UID", VR::UI);
/// Laterality (0020,0060).
pub const LATERALITY: Attribute = Attribute::new(0x0020, 0x0060, "Laterality", VR::CS);
/// Image Laterality (0020,0062).
pub const IMAGE_LATERALITY: Attribute = Attribute::new(0x0020, 0x0062, "Image Laterality", VR::CS);
/// Frame Anatomy Sequence (0020,9071).
pub const FRAME_ANATOMY_SEQUENCE: Attribute = Attribute::new(0x0020, 0x9071, "Frame Anatomy Sequence", VR::SQ);
/// Frame Laterality (0020,9072).
pub const FRAME_LATERALITY: Attribute = Attribute::new(0x0020, 0x9072, "Frame Laterality", VR::CS);
/// Samples per Pixel (0028,0002).
pub const SAMPLES_PER_PIXEL: Attribute = Attribute::new(0x0028, 0x0002, "Samples per Pixel", VR::US);
/// Photometric Interpretation (0028,0004).
pub const PHOTOMETRIC_INTERPRETATION: Attribute = Attribute::new(0x0028, 0x0004, "Photometric Interpretation", VR::CS);
/// Planar Configuration (0028,0006).
pub const PLANAR_CONFIGURATION: Attribute = Attribute::new(0x0028, 0x0006, "Planar Configuration", VR::US);
/// Number of Frames (0028,0008).
pub const NUMBER_OF_FRAMES: Attribute = Attribute::new(0x0028, 0x0008, "Number of Frames", VR::IS);
/// Rows (0028,0010).
pub const ROWS: Attribute = Attribute::new(0x0028, 0x0010, "Rows", VR::US);
/// Columns (0028,0011).
pub const COLUMNS: Attribute = Attribute::new(0x0028, 0x0011, "Columns", VR::US);
/// Pixel Spacing (0028,0030).
pub const PIXEL_SPACING: Attribute = Attribute::new(0x0028, 0x0030, "Pixel Spacing", VR::DS);
/// Pixel Aspect Ratio (0028,0034).
pub const PIXEL_ASPECT_RATIO: Attribute = Attribute::new(0x0028, 0x0034, "Pixel Aspect Ratio", VR::IS);
/// Pixel Spacing Calibration Type (0028,0A02).
pub const PIXEL_SPACING_CALIBRATION_TYPE: Attribute =
    Attribute::new(0x0028, 0x0a02, "Pixel Spacing Calibration Type", VR::CS);
/// Bits Allocated (0028,0100).
pub const BITS_ALLOCATED: Attribute = Attribute::new(0x0028, 0x0100, "Bits Allocated", VR::US);
/// Bits Stored (0028,0101).
pub const BITS_STORED: Attribute = Attribute::new(0x0028, 0x0101, "Bits Stored", VR::US);
/// High Bit (0028,0102).
pub const HIGH_BIT: Attribute = Attribute::new(0x0028, 0x0102, "High Bit", VR::US);
/// Pixel Representation (0028,0103).
pub const PIXEL_REPRESENTATION: Attribute = Attribute::new(0x0028, 0x0103, "Pixel Representation", VR::US);
/// Pixel Padding Value (0028,0120).
pub const PIXEL_PADDING_VALUE: Attribute = Attribute::new(0x0028, 0x0120, "Pixel Padding Value", VR::US);
/// Pixel Padding Range Limit (0028,0121).
pub const PIXEL_PADDING_RANGE_LIMIT: Attribute = Attribute::new(0x0028, 0x0121, "Pixel Padding Range Limit", VR::US);
/// Pixel Intensity Relationship (0028,1040).
pub const PIXEL_INTENSITY_RELATIONSHIP: Attribute =
    Attribute::new(0x0028, 0x1040, "Pixel Intensity Relationship", VR::CS);
/// Pixel Intensity Relationship Sign (0028,1041).
pub const PIXEL_INTENSITY_RELATIONSHIP_SIGN: Attribute =
    Attribute::new(0x0028, 0x1041, "Pixel Intensity Relationship Sign", VR::SS);
/// Window Center (0028,1050).
pub const WINDOW_CENTER: Attribute = Attribute::new(0x0028, 0x1050, "Window Center", VR::DS);
/// Window Width (0028,1051).
pub const WINDOW_WIDTH: Attribute = Attribute::new(0x0028, 0x1051, "Window Width", VR::DS);
/// Rescale Intercept (0028,1052).
pub const RESCALE_INTERCEPT: Attribute = Attribute::new(0x0028, 0x1052, "Rescale Intercept", VR::DS);
/// Rescale Slope (0028,1053).
pub const RESCALE_SLOPE: Attribute = Attribute::new(0x0028, 0x1053, "Rescale Slope", VR::DS);
/// VOI LUT Function (0028,1056).
pub const VOI_LUT_FUNCTION: Attribute = Attribute::new(0x0028, 0x1056, "VOI LUT Function", VR::CS);
/// Modality LUT Sequence (0028,3000).
pub const MODALITY_LUT_SEQUENCE: Attribute = Attribute::new(0x0028, 0x3000, "Modality LUT Sequence", VR::SQ);
/// LUT Descriptor (0028,3002).
pub const LUT_DESCRIPTOR: Attribute = Attribute::new(0x0028, 0x3002, "LUT Descriptor", VR::US);
/// LUT Data (0028,3006).
pub const LUT_DATA: Attribute = Attribute::new(0x0028, 0x3006, "LUT Data", VR::US);
/// VOI LUT Sequence (0028,3010).
pub const VOI_LUT_SEQUENCE: Attribute = Attribute::new(0x0028, 0x3010, "VOI LUT Sequence", VR::SQ);
/// Pixel Measures Sequence (0028,9110).
pub const PIXEL_MEASURES_SEQUENCE: Attribute = Attribute::new(0x0028, 0x9110, "Pixel Measures Sequence", VR::SQ);
/// Frame VOI LUT Sequence (0028,9132).
pub const FRAME_VOI_LUT_SEQUENCE: Attribute = Attribute::new(0x0028, 0x9132, "Frame VOI LUT Sequence", VR::SQ);
/// Pixel Value Transformation Sequence (0028,9145).
pub const PIXEL_VALUE_TRANSFORMATION_SEQUENCE: Attribute =
    Attribute::new(0x0028, 0x9145, "Pixel Value Transformation Sequence", VR::SQ);
/// Frame Pixel Data Properties Sequence (0028,9443).
pub const FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE: Attribute =
    Attribute::new(0x0028, 0x9443, "Frame Pixel Data Properties Sequence", VR::SQ);
/// View Code Sequence (0054,0220).
pub const VIEW_CODE_SEQUENCE: Attribute = Attribute::new(0x0054, 0x0220, "View Code Sequence", VR::SQ);
/// Presentation LUT Shape (2050,0020).
pub const PRESENTATION_LUT_SHAPE: Attribute = Attribute::new(0x2050, 0x0020, "Presentation LUT Shape", VR::CS);
/// Shared Functional Groups Sequence (5200,9229).
pub const SHARED_FUNCTIONAL_GROUPS_SEQUENCE: Attribute =
    Attribute::new(0x5200, 0x9229, "Shared Functional Groups Sequence", VR::SQ);
/// Per-frame Functional Groups Sequence (5200,9230).
pub const PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: Attribute =
    Attribute::new(0x5200, 0x9230, "Per-frame Functional Groups Sequence", VR::SQ);
/// Float Pixel Data (7FE0,0008).
pub const FLOAT_PIXEL_DATA: Attribute = Attribute::new(0x7fe0, 0x0008, "Float Pixel Data", VR::OF);
/// Double Float Pixel Data (7FE0,0009).
pub const DOUBLE_FLOAT_PIXEL_DATA: Attribute = Attribute::new(0x7fe0, 0x0009, "Double Float Pixel Data", VR::OD);
/// Pixel Data (7FE0,0010).
pub const PIXEL_DATA: Attribute = Attribute::new(0x7fe0, 0x0010, "Pixel Data", VR::OW);

/// By tag.
const ALL: &[Attribute] = &[
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    MODALITY,
    PRESENTATION_INTENT_TYPE,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    CODE_MEANING,
    ANATOMIC_REGION_SEQUENCE,
    PATIENT_AGE,
    BODY_PART_EXAMINED,
    DISTANCE_SOURCE_TO_DETECTOR,
    DISTANCE_SOURCE_TO_PATIENT,
    ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR,
    IMAGER_PIXEL_SPACING,
    SHUTTER_SHAPE,
    SHUTTER_LEFT_VERTICAL_EDGE,
    SHUTTER_RIGHT_VERTICAL_EDGE,
    SHUTTER_UPPER_HORIZONTAL_EDGE,
    SHUTTER_LOWER_HORIZONTAL_EDGE,
    CENTER_OF_CIRCULAR_SHUTTER,
    RADIUS_OF_CIRCULAR_SHUTTER,
    VERTICES_OF_THE_POLYGONAL_SHUTTER,
    NOMINAL_SCANNED_PIXEL_SPACING,
    VIEW_POSITION,
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    LATERALITY,
    IMAGE_LATERALITY,
    FRAME_ANATOMY_SEQUENCE,
    FRAME_LATERALITY,
    SAMPLES_PER_PIXEL,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    NUMBER_OF_FRAMES,
    ROWS,
    COLUMNS,
    PIXEL_SPACING,
    PIXEL_ASPECT_RATIO,
    BITS_ALLOCATED,
    BITS_STORED,
    HIGH_BIT,
    PIXEL_REPRESENTATION,
    PIXEL_PADDING_VALUE,
    PIXEL_PADDING_RANGE_LIMIT,
    PIXEL_SPACING_CALIBRATION_TYPE,
    PIXEL_INTENSITY_RELATIONSHIP,
    PIXEL_INTENSITY_RELATIONSHIP_SIGN,
    WINDOW_CENTER,
    WINDOW_WIDTH,
    RESCALE_INTERCEPT,
    RESCALE_SLOPE,
    VOI_LUT_FUNCTION,
    MODALITY_LUT_SEQUENCE,
    LUT_DESCRIPTOR,
    LUT_DATA,
    VOI_LUT_SEQUENCE,
    PIXEL_MEASURES_SEQUENCE,
    FRAME_VOI_LUT_SEQUENCE,
    PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
    FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE,
    VIEW_CODE_SEQUENCE,
    PRESENTATION_LUT_SHAPE,
    SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    FLOAT_PIXEL_DATA,
    DOUBLE_FLOAT_PIXEL_DATA,
    PIXEL_DATA,
];

#[cfg(test)]
mod tests {
    use super::{ALL, Attribute, Tag};
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    use dicom_dictionary_std::StandardDataDictionary;

    #[test]
    fn tags_are_those_of_the_dictionary() {
        assert!(ALL.is_sorted_by_key(|attribute| attribute.tag));
        for attribute in ALL {
            let entry = StandardDataDictionary
                .by_tag(attribute.tag)
                .expect("a standard attribute");
            let keyword: String = attribute.name.split([' ', '\'', '-']).map(capitalised).collect();
            // "Patient's Age" is PatientAge, "Center of" is CenterOf.
            assert_eq!(entry.alias(), keyword.replace("PatientS", "Patient"));
        }
    }

    fn capitalised(word: &str) -> String {
        let mut letters = word.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    }

    #[test]
    fn the_patient_is_not_read() {
        let patient: Vec<_> = ALL.iter().filter(|attribute| attribute.tag.0 == 0x0010).collect();
        assert_eq!(patient.len(), 1);
        assert!(Attribute::is_read(Tag(0x0028, 0x0010)) && !Attribute::is_read(Tag(0x0010, 0x0010)));
    }
}
