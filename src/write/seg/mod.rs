//! Masks of foci as a DICOM Segmentation (PS3.3 A.51, C.8.20): binary, one segment per label or per focus.
//!
//! Pixels are exactly those of the record's masks. Works for projection images, which have no Frame of Reference: frames
//! are tied to the image by derivation. A record without foci has nothing to segment and gives no object; that nothing was
//! found is for the report to say.

mod bits;
mod segment;

use super::object::{DataSet, Item, Kind, ObjectError, Source, begin, derived_image, finish};
use crate::dicom::Code;
use crate::dicom::context::FRAME_OF_REFERENCE_UID;
use crate::dicom::uid;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use segment::segments;

/// What is one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SegmentBy {
    /// All foci of one label.
    #[default]
    Label,
    /// Each focus, with the tracking identifiers of the report.
    Focus,
}

impl SegmentBy {
    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Focus => "focus",
        }
    }
}

/// The bytes of a Part 10 file, Explicit VR Little Endian, that holds the masks of the record of `item`; `None` if there
/// are no foci.
///
/// # Errors
///
/// [`ObjectError::Identity`] if the image was not analysed or has no UIDs to refer to; [`ObjectError::Mask`] if a mask is
/// not one of the image.
pub fn encode(item: &Item<'_>, by: SegmentBy) -> Result<Option<Vec<u8>>, ObjectError> {
    let source = Source::of(item.record)?;
    if item.record.foci.is_empty() {
        return Ok(None);
    }
    let segments = segments(item.record, &source, by)?;
    let mut set = begin(item, &source, Kind::SEG);
    image(&mut set, item, &source, segments.len());
    frame_of_reference(&mut set, item);
    dimensions(&mut set, &source);
    set.text(tags::SEGMENTATION_TYPE, VR::CS, "BINARY");
    let overlap = if segment::share_pixels(&segments) { "YES" } else { "NO" };
    set.text(tags::SEGMENTS_OVERLAP, VR::CS, overlap);
    set.text(tags::CONTENT_LABEL, VR::CS, "CALXRAY");
    set.text(tags::CONTENT_DESCRIPTION, VR::LO, "Radio-opaque foci in soft tissue");
    // No person made it.
    set.empty(tags::CONTENT_CREATOR_NAME, VR::PN);
    let described = segments
        .iter()
        .zip(1..)
        .map(|(segment, number)| segment.describe(number, item.record, &source));
    set.items(tags::SEGMENT_SEQUENCE, described.collect::<Vec<_>>());
    set.items(tags::REFERENCED_SERIES_SEQUENCE, [referenced_series(&source)]);
    set.items(tags::SOURCE_IMAGE_SEQUENCE, [source.reference()]);
    // No Pixel Measures: its Pixel Spacing is a length in the patient, which most radiographs do not tell, and readers ask
    // for a slice thickness beside it. The spacing is that of the image, to which every frame refers.
    set.items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, [DataSet::new()]);
    set.items(
        tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
        (1..=segments.len()).map(|number| frame_groups(number as u16, &source)),
    );
    let frame = usize::from(source.rows) * usize::from(source.columns);
    let mut pixels = bits::Bits::new(frame * segments.len());
    for (number, segment) in segments.iter().enumerate() {
        for region in &segment.regions {
            for run in region.runs() {
                let row = number * frame + run.row as usize * usize::from(source.columns);
                pixels.set(row + run.start as usize, row + run.end as usize);
            }
        }
    }
    set.put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into_bytes().into()));
    finish(set, Kind::SEG).map(Some)
}

/// General image, multi-frame and image pixel modules (PS3.3 C.7.6.1, C.7.6.6, C.8.20.2).
fn image(set: &mut DataSet, item: &Item<'_>, source: &Source<'_>, frames: usize) {
    set.texts(tags::IMAGE_TYPE, VR::CS, &["DERIVED", "PRIMARY"]);
    derived_image(set, item);
    set.text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.to_string());
    set.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    for (tag, number) in [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, source.rows),
        (tags::COLUMNS, source.columns),
        (tags::BITS_ALLOCATED, 1),
        (tags::BITS_STORED, 1),
        (tags::HIGH_BIT, 0),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        set.short(tag, number);
    }
}

/// The Frame of Reference of the image, in the rare case that it has one.
fn frame_of_reference(set: &mut DataSet, item: &Item<'_>) {
    if let Some(uid) = item.context.text(FRAME_OF_REFERENCE_UID) {
        set.text(FRAME_OF_REFERENCE_UID, VR::UI, uid);
        set.empty(tags::POSITION_REFERENCE_INDICATOR, VR::LO);
    }
}

/// One dimension: the segment (PS3.3 C.7.6.17).
fn dimensions(set: &mut DataSet, source: &Source<'_>) {
    let mut parts = source.seed().to_vec();
    parts.push(b"dimension");
    let organization = uid::from_content(&parts);
    let mut one = DataSet::new();
    one.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &organization);
    set.items(tags::DIMENSION_ORGANIZATION_SEQUENCE, [one]);
    let mut index = DataSet::new();
    let pointer = |tag: Tag| PrimitiveValue::Tags(vec![tag].into());
    index.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &organization);
    index.put(
        tags::DIMENSION_INDEX_POINTER,
        VR::AT,
        pointer(tags::REFERENCED_SEGMENT_NUMBER),
    );
    index.put(
        tags::FUNCTIONAL_GROUP_POINTER,
        VR::AT,
        pointer(tags::SEGMENT_IDENTIFICATION_SEQUENCE),
    );
    index.text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, "Segment Number");
    set.items(tags::DIMENSION_INDEX_SEQUENCE, [index]);
}

fn referenced_series(source: &Source<'_>) -> DataSet {
    let mut instance = DataSet::new();
    instance.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, source.class);
    instance.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, source.instance);
    let mut series = DataSet::new();
    series.text(tags::SERIES_INSTANCE_UID, VR::UI, source.series);
    series.items(tags::REFERENCED_INSTANCE_SEQUENCE, [instance]);
    series
}

/// What holds for one frame: its place among frames, its segment, the image it was made from.
fn frame_groups(number: u16, source: &Source<'_>) -> DataSet {
    let mut content = DataSet::new();
    content.put(
        tags::DIMENSION_INDEX_VALUES,
        VR::UL,
        PrimitiveValue::from(u32::from(number)),
    );
    let mut identification = DataSet::new();
    identification.short(tags::REFERENCED_SEGMENT_NUMBER, number);
    let mut image = source.reference();
    image.code(
        tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
        &Code::dcm("121322", "Source image for image processing operation"),
    );
    image.text(tags::SPATIAL_LOCATIONS_PRESERVED, VR::CS, "YES");
    let mut derivation = DataSet::new();
    derivation.code(tags::DERIVATION_CODE_SEQUENCE, &Code::dcm("113076", "Segmentation"));
    derivation.items(tags::SOURCE_IMAGE_SEQUENCE, [image]);
    let mut groups = DataSet::new();
    groups.items(tags::FRAME_CONTENT_SEQUENCE, [content]);
    groups.items(tags::SEGMENT_IDENTIFICATION_SEQUENCE, [identification]);
    groups.items(tags::DERIVATION_IMAGE_SEQUENCE, [derivation]);
    groups
}

#[cfg(test)]
mod tests;
