//! A phantom as a DICOM Digital X-Ray Image (PS3.3 A.26), or Computed Radiography where no spacing is known (A.2).

use super::{Look, Phantom, Scene};
use crate::dicom::{sop_class, uid};
use crate::radiograph::BodyPart;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// How pixels are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Bits Stored (0028,0101), 10 to 14.
    pub bits: u16,
    /// MONOCHROME1: the smallest stored value is the most opaque.
    pub inverted: bool,
}

impl Encoding {
    pub(super) fn by_chance(rng: &mut ChaCha8Rng) -> Self {
        Self {
            bits: [10, 12, 12, 14][rng.random_range(0..4)],
            inverted: rng.random_bool(0.4),
        }
    }

    /// Largest stored value.
    pub const fn largest(self) -> u16 {
        ((1_u32 << self.bits) - 1) as u16
    }
}

/// The DICOM writer refused a phantom.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The file meta information could not be made.
    #[error("cannot build the file meta information")]
    Meta(#[source] Box<dicom_object::WithMetaError>),
    /// The data set could not be encoded.
    #[error("cannot encode the data set")]
    DataSet(#[source] Box<dicom_object::WriteError>),
}

/// The bytes of a Part 10 file, Explicit VR Little Endian. Everything in it follows from the phantom, `seed` and `index`.
///
/// # Errors
///
/// What the DICOM writer says; for a phantom of this crate it does not happen.
pub fn dicom_bytes(phantom: &Phantom, seed: u64, index: u64) -> Result<Vec<u8>, EncodeError> {
    examination_bytes(phantom, seed, index, Examination::Only)
}

/// Which examination of a patient a phantom is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Examination {
    Only,
    Prior,
    Current,
}

impl Examination {
    /// What its UIDs are made from.
    fn maker(self) -> &'static [u8] {
        match self {
            Self::Only => b"calxray phantom",
            Self::Prior => b"calxray phantom, prior",
            Self::Current => b"calxray phantom, current",
        }
    }

    /// Study Date (0008,0020).
    fn date(self) -> &'static str {
        match self {
            Self::Only | Self::Prior => "20000101",
            Self::Current => "20010101",
        }
    }
}

/// As [`dicom_bytes`], of one of several examinations of the same synthetic patient.
pub(super) fn examination_bytes(
    phantom: &Phantom,
    seed: u64,
    index: u64,
    examination: Examination,
) -> Result<Vec<u8>, EncodeError> {
    let for_processing = matches!(phantom.truth.look, Look::Log | Look::Linear);
    // Digital X-ray must state a spacing; where a radiograph has none it stays what it mostly was.
    let computed = phantom.radiograph.spacing().is_none();
    let class = if computed {
        sop_class::COMPUTED_RADIOGRAPHY
    } else if for_processing {
        sop_class::DIGITAL_X_RAY_FOR_PROCESSING
    } else {
        sop_class::DIGITAL_X_RAY_FOR_PRESENTATION
    };
    let Encoding { bits, inverted } = phantom.encoding;
    let (rows, columns) = phantom.radiograph.shape();
    let largest = phantom.encoding.largest();
    let words: Vec<u16> = phantom
        .radiograph
        .pixels()
        .iter()
        .map(|&value| if inverted { largest - value } else { value })
        .collect();
    let spacing = phantom
        .radiograph
        .spacing()
        .map(|spacing| format!("{0}\\{0}", round(spacing.mean())))
        .unwrap_or_default();
    // Other options draw another picture of the same seed and number: it has another name.
    let pixels: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let content = uid::from_content(&[&pixels, spacing.as_bytes(), class.as_bytes()]);
    let name = |what: &str| {
        uid::from_content(&[
            examination.maker(),
            what.as_bytes(),
            &seed.to_be_bytes(),
            &index.to_be_bytes(),
            content.as_bytes(),
        ])
    };

    let mut object = InMemDicomObject::new_empty();
    let mut text = |tag: Tag, vr: VR, value: &str| {
        object.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
    };
    text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100");
    text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY");
    text(tags::SOP_CLASS_UID, VR::UI, class);
    text(tags::SOP_INSTANCE_UID, VR::UI, &name("instance"));
    text(tags::STUDY_DATE, VR::DA, examination.date());
    text(tags::CONTENT_DATE, VR::DA, examination.date());
    text(tags::ACQUISITION_DATE, VR::DA, examination.date());
    text(tags::STUDY_TIME, VR::TM, "000000");
    text(tags::CONTENT_TIME, VR::TM, "000000");
    text(tags::ACCESSION_NUMBER, VR::SH, "");
    text(tags::MODALITY, VR::CS, if computed { "CR" } else { "DX" });
    if computed {
        text(tags::VIEW_POSITION, VR::CS, "");
        text(tags::LATERALITY, VR::CS, "");
    } else {
        text(
            tags::PRESENTATION_INTENT_TYPE,
            VR::CS,
            if for_processing {
                "FOR PROCESSING"
            } else {
                "FOR PRESENTATION"
            },
        );
        text(tags::DETECTOR_TYPE, VR::CS, "DIRECT");
        text(tags::IMAGER_PIXEL_SPACING, VR::DS, &spacing);
        text(tags::IMAGE_LATERALITY, VR::CS, "U");
    }
    text(tags::MANUFACTURER, VR::LO, "calxray phantom (synthetic)");
    text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, "");
    text(tags::STUDY_DESCRIPTION, VR::LO, "synthetic radiograph");
    text(tags::PATIENT_NAME, VR::PN, "SYNTHETIC^PHANTOM");
    text(tags::PATIENT_ID, VR::LO, &format!("SYNTHETIC-{seed}-{index}"));
    text(tags::PATIENT_BIRTH_DATE, VR::DA, "");
    text(tags::PATIENT_SEX, VR::CS, "O");
    text(
        tags::PATIENT_AGE,
        VR::AS,
        &format!("{:03}Y", phantom.truth.age_years as u32),
    );
    let place = phantom.radiograph.place();
    let stated = place.body_part_stated.as_deref().unwrap_or("");
    text(tags::BODY_PART_EXAMINED, VR::CS, stated.get(..16).unwrap_or(stated));
    text(tags::STUDY_INSTANCE_UID, VR::UI, &name("study"));
    text(tags::SERIES_INSTANCE_UID, VR::UI, &name("series"));
    text(tags::STUDY_ID, VR::SH, "1");
    text(tags::SERIES_NUMBER, VR::IS, "1");
    text(tags::INSTANCE_NUMBER, VR::IS, "1");
    text(tags::PATIENT_ORIENTATION, VR::CS, "L\\F");
    text(
        tags::BURNED_IN_ANNOTATION,
        VR::CS,
        if phantom.truth.burned_in { "YES" } else { "NO" },
    );
    text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    text(
        tags::PHOTOMETRIC_INTERPRETATION,
        VR::CS,
        if inverted { "MONOCHROME1" } else { "MONOCHROME2" },
    );
    text(
        tags::PRESENTATION_LUT_SHAPE,
        VR::CS,
        if inverted { "INVERSE" } else { "IDENTITY" },
    );
    if !computed {
        text(
            tags::PIXEL_INTENSITY_RELATIONSHIP,
            VR::CS,
            if phantom.truth.look == Look::Linear {
                "LIN"
            } else {
                "LOG"
            },
        );
    }
    text(tags::RESCALE_INTERCEPT, VR::DS, "0");
    text(tags::RESCALE_SLOPE, VR::DS, "1");
    text(tags::RESCALE_TYPE, VR::LO, "US");
    let half = 1_u32 << (bits - 1);
    if !for_processing {
        text(tags::WINDOW_CENTER, VR::DS, &half.to_string());
        text(tags::WINDOW_WIDTH, VR::DS, &(2 * half).to_string());
    }

    let mut number = |tag: Tag, value: u16| {
        object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
    };
    number(tags::SAMPLES_PER_PIXEL, 1);
    number(tags::ROWS, rows as u16);
    number(tags::COLUMNS, columns as u16);
    number(tags::BITS_ALLOCATED, 16);
    number(tags::BITS_STORED, bits);
    number(tags::HIGH_BIT, bits - 1);
    number(tags::PIXEL_REPRESENTATION, 0);
    if !computed {
        // Larger stored values, less exposure: the sign is -1, and +1 when stored the other way round (PS3.3 C.8.11.3.1.2).
        let sign: i16 = if inverted { 1 } else { -1 };
        object.put(DataElement::new(
            tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN,
            VR::SS,
            PrimitiveValue::from(sign),
        ));
    }
    if !computed {
        let empty = DataSetSequence::<InMemDicomObject>::empty();
        object.put(DataElement::new(tags::ACQUISITION_CONTEXT_SEQUENCE, VR::SQ, empty));
        let region = region(phantom).filter(|_| !stated.is_empty()).map(code);
        let region = region.map_or_else(DataSetSequence::empty, |item| DataSetSequence::from(vec![item]));
        object.put(DataElement::new(tags::ANATOMIC_REGION_SEQUENCE, VR::SQ, region));
    }
    object.put(DataElement::new(
        tags::PIXEL_DATA,
        VR::OW,
        PrimitiveValue::U16(words.into()),
    ));

    let meta = FileMetaTableBuilder::new()
        .transfer_syntax("1.2.840.10008.1.2.1")
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(name("instance"));
    let file = object
        .with_meta(meta)
        .map_err(|source| EncodeError::Meta(Box::new(source)))?;
    let mut bytes = Vec::with_capacity(rows * columns * 2 + 4096);
    file.write_all(&mut bytes)
        .map_err(|source| EncodeError::DataSet(Box::new(source)))?;
    Ok(bytes)
}

/// SNOMED CT code and meaning of the region shown (PS3.16 CID 4031).
fn region(phantom: &Phantom) -> Option<(&'static str, &'static str)> {
    Some(match (phantom.truth.scene, phantom.radiograph.place().body_part) {
        (Scene::Elbow, _) => ("16953009", "Elbow joint"),
        (_, BodyPart::Pelvis) => ("816092008", "Pelvis"),
        (_, BodyPart::Hip) => ("29836001", "Hip"),
        (_, BodyPart::Thigh) => ("68367000", "Thigh"),
        (_, BodyPart::Knee) => ("72696002", "Knee"),
        (_, BodyPart::LowerLeg) => ("30021000", "Lower leg"),
        (_, BodyPart::Foot) => ("56459004", "Foot"),
        (_, BodyPart::Shoulder) => ("16982005", "Shoulder"),
        (_, BodyPart::UpperArm) => ("40983000", "Upper arm"),
        (_, BodyPart::Forearm) => ("14975008", "Forearm"),
        (_, BodyPart::Hand) => ("85562004", "Hand"),
        (_, BodyPart::Chest) => ("816094009", "Chest"),
        (_, BodyPart::Abdomen) => ("818981001", "Abdomen"),
        (_, BodyPart::Spine) => ("421060004", "Spine"),
        (_, BodyPart::Head) => ("69536005", "Head"),
        (_, BodyPart::Extremity) => ("66019005", "Extremity"),
        (_, BodyPart::Unknown) => return None,
    })
}

fn code((value, meaning): (&str, &str)) -> InMemDicomObject {
    let text = |tag: Tag, vr: VR, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    InMemDicomObject::from_element_iter([
        text(tags::CODE_VALUE, VR::SH, value),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "SCT"),
        text(tags::CODE_MEANING, VR::LO, meaning),
    ])
}

/// A decimal string of at most 16 characters (PS3.5 6.2, DS).
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
