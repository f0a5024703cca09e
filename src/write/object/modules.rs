//! Modules that every object has: SOP common, patient, study, series, equipment (PS3.3 C.7, C.12.1).

use super::{DataSet, Item, ObjectError, Source};
use crate::dicom::code::{OWN_SCHEME, OWN_SCHEME_VERSION};
use crate::dicom::context::{
    INSTANCE_NUMBER, LOSSY_IMAGE_COMPRESSION, LOSSY_IMAGE_COMPRESSION_METHOD, LOSSY_IMAGE_COMPRESSION_RATIO,
    PATIENT_ORIENTATION, SPECIFIC_CHARACTER_SET,
};
use crate::dicom::{sop_class, uid};
use crate::radiograph::Laterality;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use dicom_object::FileMetaTableBuilder;
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::write) struct Kind {
    /// SOP class.
    pub class: &'static str,
    /// Modality (0008,0060).
    pub modality: &'static str,
    /// Series Number (0020,0011): high, so that viewers list our series after those of the modality.
    pub series: &'static str,
    /// Series Description (0008,103E).
    pub description: &'static str,
}

impl Kind {
    pub const SR: Self = Self {
        class: sop_class::COMPREHENSIVE_3D_SR,
        modality: "SR",
        series: "9901",
        description: "calxray report (research only)",
    };
    pub const SC: Self = Self {
        class: sop_class::SECONDARY_CAPTURE,
        modality: "OT",
        series: "9903",
        description: "calxray overlay (research only)",
    };
    pub const GSPS: Self = Self {
        class: sop_class::GRAYSCALE_PRESENTATION_STATE,
        modality: "PR",
        series: "9904",
        description: "calxray outlines (research only)",
    };
    pub const SEG: Self = Self {
        class: sop_class::SEGMENTATION,
        modality: "SEG",
        series: "9902",
        description: "calxray foci (research only)",
    };
}

/// Day of an image that tells none: Content Date must have a value, and this one is nobody's.
const NO_DATE: (&str, &str) = ("19000101", "000000");

const MANUFACTURER: &str = "calxray project";

/// Attributes of patient and study that must be there, with or without a value (type 2).
const REQUIRED: [(dicom_core::Tag, VR); 9] = [
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_ID, VR::SH),
];

/// An object of `kind` about the image of `item`, without its content and without a name.
pub(in crate::write) fn begin(item: &Item<'_>, source: &Source<'_>, kind: Kind) -> DataSet {
    let mut set = DataSet::new();
    for (tag, vr, value) in item.context.repeated() {
        match std::str::from_utf8(value) {
            // Several values, so that the encoder knows the character set.
            Ok(text) if tag == SPECIFIC_CHARACTER_SET => {
                let terms: Vec<String> = text.split('\\').map(|term| term.trim().to_owned()).collect();
                set.put(tag, vr, PrimitiveValue::Strs(terms.into()));
            }
            _ => set.repeat(tag, vr, value),
        }
    }
    for (tag, vr) in REQUIRED {
        if !set.has(tag) {
            set.empty(tag, vr);
        }
    }
    let (date, time) = item.context.moment().unwrap_or(NO_DATE);
    let version = source.provenance.software.rsplit(' ').next().unwrap_or_default();
    // Settings and version are part of the name: results of another version do not mix with these.
    let mut seed = vec![kind.modality.as_bytes(), source.series.as_bytes()];
    seed.extend(&source.seed()[1..]);
    set.text(tags::SOP_CLASS_UID, VR::UI, kind.class);
    let (day, hour) = match kind {
        Kind::GSPS => (tags::PRESENTATION_CREATION_DATE, tags::PRESENTATION_CREATION_TIME),
        _ => (tags::CONTENT_DATE, tags::CONTENT_TIME),
    };
    set.text(day, VR::DA, date);
    set.text(hour, VR::TM, time);
    set.text(tags::MODALITY, VR::CS, kind.modality);
    set.text(tags::MANUFACTURER, VR::LO, MANUFACTURER);
    set.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "calxray");
    // Software has no serial number, and the attribute must have a value (PS3.3 C.7.5.2).
    set.text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "none");
    set.text(tags::SOFTWARE_VERSIONS, VR::LO, version);
    set.text(tags::SERIES_DESCRIPTION, VR::LO, kind.description);
    set.text(tags::STUDY_INSTANCE_UID, VR::UI, source.study);
    set.text(tags::SERIES_INSTANCE_UID, VR::UI, &uid::from_content(&seed));
    set.text(tags::SERIES_NUMBER, VR::IS, kind.series);
    set.text(
        tags::INSTANCE_NUMBER,
        VR::IS,
        item.context.text(INSTANCE_NUMBER).unwrap_or("1"),
    );
    if matches!(kind, Kind::SR | Kind::SEG) {
        set.items(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE, [own_scheme()]);
    }
    set
}

/// Orientation, and whether information was lost: an image made from one that has lost some has lost it too (PS3.3
/// C.7.6.1.1.5).
pub(in crate::write) fn derived_image(set: &mut DataSet, item: &Item<'_>) {
    let mut repeat = |tag, vr| {
        let value = item.context.text(tag);
        if let Some(value) = value {
            set.repeat(tag, vr, value.as_bytes());
        }
        value.is_some()
    };
    let oriented = repeat(PATIENT_ORIENTATION, VR::CS);
    let lossy = item.context.text(LOSSY_IMAGE_COMPRESSION) == Some("01");
    if lossy {
        repeat(LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS);
        repeat(LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS);
    }
    set.text(LOSSY_IMAGE_COMPRESSION, VR::CS, if lossy { "01" } else { "00" });
    if !oriented {
        set.empty(PATIENT_ORIENTATION, VR::CS);
    }
}

/// The side: without a body part to say that there is none, it must be there, if only as unknown (PS3.3 C.7.3.1).
pub(in crate::write) fn laterality(set: &mut DataSet, item: &Item<'_>) {
    match item.record.laterality {
        Laterality::Left => set.text(tags::LATERALITY, VR::CS, "L"),
        Laterality::Right => set.text(tags::LATERALITY, VR::CS, "R"),
        _ => set.empty(tags::LATERALITY, VR::CS),
    }
}

/// The private scheme (PS3.3 C.12.1).
fn own_scheme() -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, OWN_SCHEME);
    item.text(tags::CODING_SCHEME_VERSION, VR::SH, OWN_SCHEME_VERSION);
    item.text(tags::CODING_SCHEME_NAME, VR::ST, "calxray labels and measurements");
    item.text(tags::CODING_SCHEME_RESPONSIBLE_ORGANIZATION, VR::ST, MANUFACTURER);
    item
}

/// Names the object after all that is in it, and gives the bytes of a Part 10 file, Explicit VR Little Endian.
///
/// # Errors
///
/// What the encoder says; it does not happen for objects of this room.
pub(in crate::write) fn finish(mut set: DataSet, kind: Kind) -> Result<Vec<u8>, ObjectError> {
    let failed = |source| ObjectError::DataSet(Box::new(source));
    let mut content = Vec::new();
    set.as_object()
        .write_dataset_with_ts(&mut content, &EXPLICIT_VR_LITTLE_ENDIAN.erased())
        .map_err(failed)?;
    let instance = uid::from_content(&[b"calxray object", &content]);
    drop(content);
    set.text(tags::SOP_INSTANCE_UID, VR::UI, &instance);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN.uid())
        .media_storage_sop_class_uid(kind.class)
        .media_storage_sop_instance_uid(&instance)
        .implementation_class_uid(uid::implementation_class())
        .implementation_version_name(uid::implementation_version());
    let file = set
        .into_object()
        .with_meta(meta)
        .map_err(|source| ObjectError::Meta(Box::new(source)))?;
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
