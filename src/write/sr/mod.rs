//! A record as a DICOM Structured Report: Imaging Measurement Report, PS3.16 TID 1500, as Comprehensive 3D SR.
//!
//! Each focus is a measurement group (TID 1410) with the closed outline that viewers draw, its name, place, side and
//! measurements. Without a known spacing sizes are in pixels. A record without foci gives a report that says so. Texts
//! state what a radiograph cannot prove. Regions are in image coordinates; the class is the one that writers of TID 1500
//! and viewers agree on, and takes 2D coordinates as well.

mod content;
mod group;
mod measurement;
pub(super) mod outline;

use super::object::{DataSet, Item, Kind, ObjectError, Source, begin, decimal, finish, plain};
use crate::dicom::Code;
use crate::dicom::code::{MILLIMETRE, PIXELS};
use crate::dicom::uid;
use crate::radiograph::{SpacingPlane, SpacingSource};
use crate::write::{Record, SpacingRecord};
use content::{
    CONTAINS, HAS_ACQ_CONTEXT, HAS_CONCEPT_MOD, HAS_OBS_CONTEXT, code, container, container_of_template, image, number,
    text, uidref,
};
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// What every report says about itself.
const CAVEAT: &str = "Research software, not a medical device. A name means: pattern consistent with. A focus that is not \
                      reported is not proof of absence; foci projected over bone are not evaluated.";

/// The bytes of a Part 10 file, Explicit VR Little Endian, that reports on the record of `item`.
///
/// # Errors
///
/// [`ObjectError::Identity`] if the image was not analysed or has no UIDs to refer to; [`ObjectError::Mask`] if a mask
/// does not decode.
pub fn encode(item: &Item<'_>) -> Result<Vec<u8>, ObjectError> {
    let record = item.record;
    let source = Source::of(record)?;
    let mut set = begin(item, &source, Kind::SR);
    set.items(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, []);
    set.items(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, []);
    set.text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE");
    set.text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED");
    set.text(tags::PRELIMINARY_FLAG, VR::CS, "PRELIMINARY");
    set.items(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, [evidence(&source)]);

    let mut children = context(&source);
    children.push(container(
        CONTAINS,
        &Code::dcm("111028", "Image Library"),
        [container(
            CONTAINS,
            &Code::dcm("126200", "Image Library Group"),
            [library_entry(record, &source)],
        )],
    ));
    if !record.foci.is_empty() {
        let groups: Result<Vec<DataSet>, ObjectError> = record
            .foci
            .iter()
            .map(|focus| group::measurement_group(record, &source, focus))
            .collect();
        children.push(container(
            CONTAINS,
            &Code::dcm("126010", "Imaging Measurements"),
            groups?,
        ));
    }
    children.push(container(
        CONTAINS,
        &Code::of("UMLS", "C0034375", "Qualitative Evaluations"),
        evaluations(record),
    ));
    container_of_template(
        &mut set,
        &Code::dcm("126000", "Imaging Measurement Report"),
        "1500",
        children,
    );
    finish(set, Kind::SR)
}

/// Every image that is referred to, by study and series (PS3.3 C.17.2).
fn evidence(source: &Source<'_>) -> DataSet {
    let mut instance = DataSet::new();
    instance.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, source.class);
    instance.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, source.instance);
    let mut series = DataSet::new();
    series.text(tags::SERIES_INSTANCE_UID, VR::UI, source.series);
    series.items(tags::REFERENCED_SOP_SEQUENCE, [instance]);
    let mut study = DataSet::new();
    study.text(tags::STUDY_INSTANCE_UID, VR::UI, source.study);
    study.items(tags::REFERENCED_SERIES_SEQUENCE, [series]);
    study
}

/// Language, observer (TID 1002, 1004) and procedure.
fn context(source: &Source<'_>) -> Vec<DataSet> {
    let device = uid::from_content(&[b"calxray device", source.provenance.software.as_bytes()]);
    let observer = |value, meaning, words: &str| text(HAS_OBS_CONTEXT, &Code::dcm(value, meaning), words);
    vec![
        code(
            HAS_CONCEPT_MOD,
            &Code::dcm("121049", "Language of Content Item and Descendants"),
            &Code::of("RFC5646", "en-US", "English (United States)"),
        ),
        code(
            HAS_OBS_CONTEXT,
            &Code::dcm("121005", "Observer Type"),
            &Code::dcm("121007", "Device"),
        ),
        uidref(HAS_OBS_CONTEXT, &Code::dcm("121012", "Device Observer UID"), &device),
        observer("121013", "Device Observer Name", "calxray"),
        observer("121014", "Device Observer Manufacturer", "calxray project"),
        observer("121015", "Device Observer Model Name", &source.provenance.software),
        code(
            HAS_CONCEPT_MOD,
            &Code::dcm("121058", "Procedure reported"),
            &Code::sct("168537006", "Plain radiography"),
        ),
    ]
}

/// The image with what a reader needs to know of it (TID 1602, 1603).
fn library_entry(record: &Record, source: &Source<'_>) -> DataSet {
    let pixels =
        |value, meaning, count: u16| number(HAS_ACQ_CONTEXT, &Code::dcm(value, meaning), &count.to_string(), &PIXELS);
    let mut descriptors = vec![
        pixels("110910", "Pixel Data Rows", source.rows),
        pixels("110911", "Pixel Data Columns", source.columns),
    ];
    if let Some(modality) = modality(record.modality.as_deref()) {
        descriptors.insert(0, code(HAS_ACQ_CONTEXT, &Code::dcm("121139", "Modality"), &modality));
    }
    if let Some(spacing) = &record.spacing {
        let length =
            |value, meaning, mm: f64| number(HAS_ACQ_CONTEXT, &Code::dcm(value, meaning), &decimal(mm), &MILLIMETRE);
        descriptors.push(length("111026", "Horizontal Pixel Spacing", spacing.between_columns_mm));
        descriptors.push(length("111066", "Vertical Pixel Spacing", spacing.between_rows_mm));
    }
    image(CONTAINS, source, descriptors)
}

/// The code of a modality (PS3.16 CID 29).
fn modality(stated: Option<&str>) -> Option<Code> {
    match stated? {
        "CR" => Some(Code::dcm("CR", "Computed Radiography")),
        "DX" => Some(Code::dcm("DX", "Digital Radiography")),
        "MG" => Some(Code::dcm("MG", "Mammography")),
        _ => None,
    }
}

/// What holds for the image as a whole.
fn evaluations(record: &Record) -> Vec<DataSet> {
    let outcome = if record.foci.is_empty() {
        Code::dcm("111241", "All algorithms succeeded; without findings")
    } else {
        Code::dcm("111242", "All algorithms succeeded; with findings")
    };
    let remark = |words: &str| text(CONTAINS, &Code::dcm("121106", "Comment"), words);
    let count = match record.foci.len() {
        0 => "No radio-opaque foci reported.".to_owned(),
        1 => "1 radio-opaque focus reported.".to_owned(),
        count => format!("{count} radio-opaque foci reported."),
    };
    let mut items = vec![
        code(
            CONTAINS,
            &Code::dcm("111017", "CAD Processing and Findings Summary"),
            &outcome,
        ),
        remark(&format!("{count} {CAVEAT}")),
        remark(&spacing_in_words(record.spacing.as_ref())),
    ];
    items.extend(record.findings.iter().map(|finding| remark(&plain(&finding.statement))));
    items.extend(
        record
            .warnings
            .iter()
            .map(|warning| remark(&format!("Warning: {}", plain(&warning.message)))),
    );
    items
}

/// Where lengths hold, and that nothing was corrected.
fn spacing_in_words(spacing: Option<&SpacingRecord>) -> String {
    let Some(spacing) = spacing else {
        return "The image states no pixel spacing: sizes are in pixels, and no rule on size was used.".to_owned();
    };
    let statement = match spacing.source {
        SpacingSource::PixelSpacing => "Pixel Spacing (0028,0030)",
        SpacingSource::ImagerPixelSpacing => "Imager Pixel Spacing (0018,1164)",
        SpacingSource::NominalScannedPixelSpacing => "Nominal Scanned Pixel Spacing (0018,2010)",
        SpacingSource::User => "the user's statement",
        SpacingSource::Phantom => "the phantom's geometry",
    };
    let plane = match spacing.plane {
        SpacingPlane::Patient => "in the patient",
        SpacingPlane::Detector => "on the detector, where things look magnified",
        SpacingPlane::Unknown => "in a plane that the image does not tell",
    };
    format!("Lengths follow {statement} and hold {plane}; no correction for magnification was made.")
}

#[cfg(test)]
mod tests;
