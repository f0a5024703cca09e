//! Segments and how they are described (PS3.3 C.8.20.2, Segment Description Macro C.8.20.4).

use super::{DataSet, ObjectError, SegmentBy, Source};
use crate::classify::Label;
use crate::dicom::Code;
use crate::dicom::code::ABNORMAL_STRUCTURE;
use crate::label::Region;
use crate::write::object::{label_code, laterality_code, morphology_code, site_code, tracking};
use crate::write::{FocusRecord, Record};
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// One segment.
#[derive(Debug)]
pub struct Segment<'a> {
    pub label: Label,
    pub regions: Vec<Region>,
    /// The focus it is, if it is one.
    focus: Option<&'a FocusRecord>,
}

/// Whether a pixel belongs to two segments: the outlines of neighbouring foci may cross.
pub fn share_pixels(segments: &[Segment<'_>]) -> bool {
    segments.iter().enumerate().any(|(nth, segment)| {
        let later = || segments[nth + 1..].iter().flat_map(|other| &other.regions);
        segment
            .regions
            .iter()
            .any(|region| later().any(|other| region.overlap(other) > 0))
    })
}

/// The segments of a record: by label in the order of [`Label::ALL`], or by focus in the order of the foci.
pub fn segments<'a>(record: &'a Record, source: &Source<'_>, by: SegmentBy) -> Result<Vec<Segment<'a>>, ObjectError> {
    let mut segments: Vec<Segment<'a>> = Vec::new();
    for focus in &record.foci {
        let region = focus
            .segmentation
            .decode()
            .filter(|_| focus.segmentation.size == [u32::from(source.rows), u32::from(source.columns)])
            .ok_or(ObjectError::Mask(focus.number))?;
        match segments.iter_mut().find(|segment| segment.label == focus.label) {
            Some(segment) if by == SegmentBy::Label => segment.regions.push(region),
            _ => segments.push(Segment {
                label: focus.label,
                regions: vec![region],
                focus: (by == SegmentBy::Focus).then_some(focus),
            }),
        }
    }
    if by == SegmentBy::Label {
        segments.sort_by_key(|segment| Label::ALL.iter().position(|label| *label == segment.label));
    }
    Ok(segments)
}

impl Segment<'_> {
    /// The item of the Segment Sequence.
    pub fn describe(&self, number: u16, record: &Record, source: &Source<'_>) -> DataSet {
        let mut item = DataSet::new();
        item.short(tags::SEGMENT_NUMBER, number);
        let name = match self.focus {
            Some(focus) => format!("{} (focus {})", self.label.title(), focus.number),
            None => self.label.title().to_owned(),
        };
        item.text(tags::SEGMENT_LABEL, VR::LO, &name);
        item.code(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, &ABNORMAL_STRUCTURE);
        let mut property = DataSet::of_code(&label_code(self.label));
        if let Some(morphology) = morphology_code(self.label) {
            property.code(tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE, &morphology);
        }
        item.items(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, [property]);
        if let Some(site) = site_code(record.body_part_stated.as_deref(), record.body_part) {
            let mut region = DataSet::of_code(&site);
            if let Some(side) = laterality_code(record.laterality) {
                region.code(tags::ANATOMIC_REGION_MODIFIER_SEQUENCE, &side);
            }
            item.items(tags::ANATOMIC_REGION_SEQUENCE, [region]);
        }
        item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, "AUTOMATIC");
        item.text(tags::SEGMENT_ALGORITHM_NAME, VR::LO, &source.provenance.software);
        item.items(
            tags::SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE,
            [algorithm(source)],
        );
        if let Some(focus) = self.focus {
            let (identifier, uid) = tracking(source, focus);
            item.text(tags::TRACKING_ID, VR::UT, &identifier);
            item.text(tags::TRACKING_UID, VR::UI, &uid);
        }
        item
    }
}

/// Algorithm Identification Macro (PS3.3 10.16).
fn algorithm(source: &Source<'_>) -> DataSet {
    let provenance = source.provenance;
    let (name, version) = provenance
        .software
        .rsplit_once(' ')
        .unwrap_or((&provenance.software, "unknown"));
    let mut item = DataSet::new();
    item.code(
        tags::ALGORITHM_FAMILY_CODE_SEQUENCE,
        &Code::dcm("123106", "Multi-Scale/Resolution Filtering"),
    );
    item.text(tags::ALGORITHM_NAME, VR::LO, name);
    item.text(tags::ALGORITHM_VERSION, VR::LO, version);
    item.text(tags::ALGORITHM_SOURCE, VR::LO, "calxray project");
    item.text(
        tags::ALGORITHM_PARAMETERS,
        VR::LT,
        &format!(
            "settings sha256 {}; classifier {}",
            provenance.settings_digest, provenance.classifier
        ),
    );
    item
}
