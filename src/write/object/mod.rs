//! What the DICOM objects that we write have in common: whose they are, which image they are about, who made them, and
//! a name that follows from what they say.
//!
//! An object is a function of a [`Record`] and the [`Context`] of its image. It belongs to the study of the image, in a
//! series of its own, and every UID in it is derived from its content (PS3.5 B.2): the same image, settings and version
//! give the same bytes, so that sending an object twice changes nothing in an archive, and an object that says something
//! else has another name. For the same reason the clock is not asked: Content Date is the day of the exposure.

mod coding;
mod data_set;
mod modules;

pub(super) use coding::{label_code, laterality_code, morphology_code, site_code};
pub(super) use data_set::{DataSet, decimal, plain};
pub(super) use modules::{Kind, begin, derived_image, finish, laterality};

use super::Record;
use crate::dicom::Context;

/// A record and what the header of its image says of patient and study.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What was found.
    pub record: &'a Record,
    /// Patient, study and time.
    pub context: &'a Context,
}

/// Why a record cannot become a DICOM object.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The image was not analysed, or its header lacks a UID that the object must name.
    #[error("the image has no usable {0}, so that no DICOM object can refer to it")]
    Identity(&'static str),
    /// The file meta information could not be made.
    #[error("cannot build the file meta information")]
    Meta(#[source] Box<dicom_object::WithMetaError>),
    /// The data set could not be encoded.
    #[error("cannot encode the data set")]
    DataSet(#[source] Box<dicom_object::WriteError>),
    /// A mask of the record is not one of its image.
    #[error("the mask of focus {0} does not fit the image")]
    Mask(u32),
}

/// The image that an object is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// SOP Class UID.
    pub class: &'a str,
    /// SOP Instance UID.
    pub instance: &'a str,
    /// Series Instance UID.
    pub series: &'a str,
    /// Study Instance UID.
    pub study: &'a str,
    /// Frame, 1-based, of an image that has several.
    pub frame: Option<u32>,
    /// Rows.
    pub rows: u16,
    /// Columns.
    pub columns: u16,
    /// Software with its version, settings and classifier.
    pub provenance: &'a crate::report::Provenance,
}

impl<'a> Source<'a> {
    pub fn of(record: &'a Record) -> Result<Self, ObjectError> {
        let uid = |uid: &'a Option<String>, name| uid.as_deref().ok_or(ObjectError::Identity(name));
        let side = |side: Option<u32>, name| {
            side.and_then(|side| u16::try_from(side).ok())
                .ok_or(ObjectError::Identity(name))
        };
        Ok(Self {
            class: uid(&record.source.sop_class, "SOP Class UID")?,
            instance: uid(&record.source.sop_instance, "SOP Instance UID")?,
            series: uid(&record.source.series, "Series Instance UID")?,
            study: uid(&record.source.study, "Study Instance UID")?,
            frame: (record.frames > 1).then_some(record.frame),
            rows: side(record.rows, "number of rows")?,
            columns: side(record.columns, "number of columns")?,
            provenance: record.provenance.as_ref().ok_or(ObjectError::Identity("analysis"))?,
        })
    }

    /// What makes names of this source, these settings and this version.
    pub fn seed(&self) -> [&'a [u8]; 4] {
        [
            self.instance.as_bytes(),
            self.provenance.software.as_bytes(),
            self.provenance.settings_digest.as_bytes(),
            self.provenance.classifier.as_bytes(),
        ]
    }

    /// The reference to the image (PS3.3 10.8, Image SOP Instance Reference Macro).
    pub fn reference(&self) -> DataSet {
        use dicom_core::VR;
        use dicom_dictionary_std::tags;
        let mut item = DataSet::new();
        item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, self.class);
        item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, self.instance);
        if let Some(frame) = self.frame {
            item.text(tags::REFERENCED_FRAME_NUMBER, VR::IS, &frame.to_string());
        }
        item
    }
}

/// What a person reads in a list: `focus 3`; what a machine follows: a UID of its own.
pub(super) fn tracking(source: &Source<'_>, focus: &super::FocusRecord) -> (String, String) {
    let identifier = match source.frame {
        None => format!("calxray focus {}", focus.number),
        Some(frame) => format!("calxray frame {frame} focus {}", focus.number),
    };
    let mut parts = source.seed().to_vec();
    parts.extend([
        &b"calxray focus"[..],
        identifier.as_bytes(),
        focus.segmentation.counts.as_bytes(),
    ]);
    let uid = crate::dicom::uid::from_content(&parts);
    (identifier, uid)
}
