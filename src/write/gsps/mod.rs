//! Outlines of foci as a DICOM Grayscale Softcopy Presentation State (PS3.3 A.33.1): vectors that a viewer draws over the
//! original image and hides on request.
//!
//! A presentation state says all about how its image is shown, so it brings the window of our pictures along, and black and
//! white as we read them. Only for images in grey: colour has a presentation state of its own, and radiographs have none.

mod annotation;

use super::number::rounded;
use super::object::{DataSet, Item, Kind, ObjectError, Source, begin, decimal, finish, laterality};
use super::overlay::{Window, greys};
use crate::dicom::Context;
use crate::dicom::context::{MODALITY_LUT_SEQUENCE, RESCALE_INTERCEPT, RESCALE_SLOPE, RESCALE_TYPE};
use crate::radiograph::Radiograph;
use crate::report::Report;
use crate::write::Record;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;

/// Windows narrower than so many values are written with the function that is exact for fractions.
const NARROW: f64 = 64.0;

/// Which values of an image are shown as black and as white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Greys {
    /// Ends of the range, modality values, `low < high`.
    low: f64,
    high: f64,
    /// Whether low values are shown white.
    turned: bool,
}

impl Greys {
    /// As pictures of `radiograph` show it: through `window`, or through percentiles, and radio-opaque is white.
    pub fn of(radiograph: &Radiograph, report: &Report, window: Option<Window>) -> Self {
        let scale = radiograph.value_scale();
        let (black, white) = greys(radiograph, report, window);
        let ends = [black, white].map(|pixel| scale.intercept + scale.slope * pixel);
        Self {
            low: ends[0].min(ends[1]),
            high: ends[0].max(ends[1]),
            turned: scale.slope < 0.0,
        }
    }
}

/// The bytes of a Part 10 file, Explicit VR Little Endian, that outlines the foci of `item`; `None` if there are none, or
/// if the image has a Modality LUT Sequence, which a presentation state would have to repeat.
///
/// # Errors
///
/// [`ObjectError::Identity`] if the image was not analysed or has no UIDs to refer to; [`ObjectError::Mask`] if a mask is
/// not one of the image.
pub fn encode(item: &Item<'_>, greys: &Greys) -> Result<Option<Vec<u8>>, ObjectError> {
    let source = Source::of(item.record)?;
    if item.record.foci.is_empty() || item.context.text(MODALITY_LUT_SEQUENCE).is_some() {
        return Ok(None);
    }
    let mut set = begin(item, &source, Kind::GSPS);
    laterality(&mut set, item);
    set.text(tags::CONTENT_LABEL, VR::CS, "CALXRAY");
    set.text(tags::CONTENT_DESCRIPTION, VR::LO, "Radio-opaque foci in soft tissue");
    // No person made it.
    set.empty(tags::CONTENT_CREATOR_NAME, VR::PN);
    let mut series = DataSet::new();
    series.text(tags::SERIES_INSTANCE_UID, VR::UI, source.series);
    series.items(tags::REFERENCED_IMAGE_SEQUENCE, [source.reference()]);
    set.items(tags::REFERENCED_SERIES_SEQUENCE, [series]);
    set.items(
        tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
        [displayed_area(item.record, &source)],
    );
    modality_lut(&mut set, item.context);
    set.items(tags::SOFTCOPY_VOILUT_SEQUENCE, [window(greys)]);
    let shape = if greys.turned { "INVERSE" } else { "IDENTITY" };
    set.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, shape);
    set.items(tags::GRAPHIC_LAYER_SEQUENCE, [annotation::layer()]);
    set.items(
        tags::GRAPHIC_ANNOTATION_SEQUENCE,
        [annotation::of_foci(item.record, &source)?],
    );
    finish(set, Kind::GSPS).map(Some)
}

/// The whole image (PS3.3 C.10.4), its pixels as far apart as the image says.
fn displayed_area(record: &Record, source: &Source<'_>) -> DataSet {
    let corner = |column: u16, row: u16| PrimitiveValue::I32(vec![i32::from(column), i32::from(row)].into());
    let mut area = DataSet::new();
    area.put(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, corner(1, 1));
    area.put(
        tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER,
        VR::SL,
        corner(source.columns, source.rows),
    );
    area.text(tags::PRESENTATION_SIZE_MODE, VR::CS, "SCALE TO FIT");
    match &record.spacing {
        Some(spacing) => {
            let both = [spacing.between_rows_mm, spacing.between_columns_mm].map(decimal);
            area.texts(tags::PRESENTATION_PIXEL_SPACING, VR::DS, &[&both[0], &both[1]]);
        }
        None => area.texts(tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, &["1", "1"]),
    }
    area
}

/// The line to modality values (PS3.3 C.11.1), as the image states it and as it was read.
fn modality_lut(set: &mut DataSet, context: &Context) {
    let stated = [RESCALE_SLOPE, RESCALE_INTERCEPT].map(|tag| context.text(tag));
    let is_line = stated[0].is_none_or(|slope| slope.parse().is_ok_and(|slope: f64| slope != 0.0));
    if !is_line || stated == [None, None] {
        return;
    }
    set.text(RESCALE_SLOPE, VR::DS, stated[0].unwrap_or("1"));
    set.text(RESCALE_INTERCEPT, VR::DS, stated[1].unwrap_or("0"));
    set.text(RESCALE_TYPE, VR::LO, context.text(RESCALE_TYPE).unwrap_or("US"));
}

/// The range as a window (PS3.3 C.11.2.1.2): of the linear function, a window of width `w` about `c` begins at
/// `c - 0.5 - (w - 1) / 2`.
fn window(greys: &Greys) -> DataSet {
    let (low, high) = (greys.low, greys.high);
    let mut item = DataSet::new();
    let (center, width) = if high - low < NARROW {
        item.text(tags::VOILUT_FUNCTION, VR::CS, "LINEAR_EXACT");
        ((low + high) / 2.0, high - low)
    } else {
        ((low + high + 1.0) / 2.0, high - low + 1.0)
    };
    let short = |value| decimal(rounded(value).unwrap_or(1.0));
    item.text(tags::WINDOW_CENTER, VR::DS, &short(center));
    item.text(tags::WINDOW_WIDTH, VR::DS, &short(width));
    item
}

#[cfg(test)]
mod tests;
