//! From attributes to [`Header`]: lenient, for files that are skipped have one too.

use super::data_set::DataSet;
use super::header::{Header, ImageKind, Magnification, VoiLutFunction, Window};
use super::options::ReadOptions;
use super::{place, spacing};
use crate::dicom::attribute::{
    BITS_ALLOCATED, BITS_STORED, COLUMNS, DISTANCE_SOURCE_TO_DETECTOR, DISTANCE_SOURCE_TO_PATIENT,
    ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, MEDIA_STORAGE_SOP_CLASS_UID, MEDIA_STORAGE_SOP_INSTANCE_UID, MODALITY,
    NUMBER_OF_FRAMES, PHOTOMETRIC_INTERPRETATION, PRESENTATION_INTENT_TYPE, ROWS, SAMPLES_PER_PIXEL,
    SERIES_INSTANCE_UID, SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID, VOI_LUT_FUNCTION, WINDOW_CENTER,
    WINDOW_WIDTH,
};
use crate::dicom::{Attribute, uid};

/// What the data set says of itself; numbers that cannot be read are zero here and refused later.
pub(super) fn header(set: &DataSet, options: &ReadOptions) -> Header {
    let attributes = &set.attributes;
    // Only what is built like a UID: damaged bytes have no place in a report.
    let uid = |attribute| attributes.text(attribute).filter(|text| uid::is_valid(text));
    let meta_uid = |attribute| set.meta.text(attribute).filter(|text| uid::is_valid(text));
    let code = |attribute| {
        attributes
            .code(attribute)
            .map(|text| harmless(&text))
            .filter(|text| !text.is_empty())
    };
    let count = |attribute: Attribute| attributes.count(attribute).ok().flatten().unwrap_or(0);
    let positive = |attribute| attributes.number(attribute).filter(|&number| number > 0.0);
    let short = |attribute| u16::try_from(count(attribute)).unwrap_or(0);
    let mut header = Header::new(ImageKind::Dicom);
    header.warnings.clone_from(&set.warnings);
    header.modality = code(MODALITY);
    header.sop_class_uid = uid(SOP_CLASS_UID).or_else(|| meta_uid(MEDIA_STORAGE_SOP_CLASS_UID));
    header.sop_instance_uid = uid(SOP_INSTANCE_UID).or_else(|| meta_uid(MEDIA_STORAGE_SOP_INSTANCE_UID));
    header.series_instance_uid = uid(SERIES_INSTANCE_UID);
    header.study_instance_uid = uid(STUDY_INSTANCE_UID);
    header.transfer_syntax_uid = Some(set.syntax_uid.clone()).filter(|text| uid::is_valid(text));
    header.rows = count(ROWS);
    header.columns = count(COLUMNS);
    header.frames = count(NUMBER_OF_FRAMES).max(1);
    header.samples_per_pixel = short(SAMPLES_PER_PIXEL).max(1);
    header.bits_allocated = short(BITS_ALLOCATED);
    header.bits_stored = short(BITS_STORED);
    header.photometric_interpretation = code(PHOTOMETRIC_INTERPRETATION);
    header.presentation_intent = code(PRESENTATION_INTENT_TYPE);
    header.windows = windows(set);
    header.voi_lut_function = match attributes.code(VOI_LUT_FUNCTION).as_deref() {
        Some("LINEAR_EXACT") => VoiLutFunction::LinearExact,
        Some("SIGMOID") => VoiLutFunction::Sigmoid,
        _ => VoiLutFunction::Linear,
    };
    header.place = place::place(attributes);
    header.magnification = Magnification {
        estimated_factor: positive(ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR),
        source_to_detector_mm: positive(DISTANCE_SOURCE_TO_DETECTOR),
        source_to_patient_mm: positive(DISTANCE_SOURCE_TO_PATIENT),
    };
    header.spacing = spacing::decide(attributes, options.spacing, &mut header.warnings);
    header
}

fn windows(set: &DataSet) -> Vec<Window> {
    let centers = set.attributes.numbers(WINDOW_CENTER);
    let widths = set.attributes.numbers(WINDOW_WIDTH);
    centers
        .into_iter()
        .zip(widths)
        .filter(|(center, width)| center.is_finite() && width.is_finite() && *width > 0.0)
        .map(|(center, width)| Window { center, width })
        .collect()
}

/// A code string's own characters (PS3.5 6.2), at most 16.
fn harmless(text: &str) -> String {
    let is_code = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | ' ');
    text.chars().filter(is_code).take(16).collect()
}
