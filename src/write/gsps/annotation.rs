//! Foci as graphic annotations (PS3.3 C.10.5).

use super::{DataSet, ObjectError, Source};
use crate::write::Record;
use crate::write::sr::outline;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;

/// The one layer (PS3.3 C.10.7), which a viewer can hide.
const LAYER: &str = "CALXRAY";

/// The layer.
pub fn layer() -> DataSet {
    let mut layer = DataSet::new();
    layer.text(tags::GRAPHIC_LAYER, VR::CS, LAYER);
    layer.text(tags::GRAPHIC_LAYER_ORDER, VR::IS, "1");
    layer.text(
        tags::GRAPHIC_LAYER_DESCRIPTION,
        VR::LO,
        "calxray foci: pattern consistent with the name; research only",
    );
    layer
}

/// Outline, number and name of every focus.
pub fn of_foci(record: &Record, source: &Source<'_>) -> Result<DataSet, ObjectError> {
    let (mut graphics, mut texts) = (Vec::new(), Vec::new());
    for focus in &record.foci {
        let mask = focus.segmentation.decode().ok_or(ObjectError::Mask(focus.number))?;
        let points = outline::closed(&mask);
        graphics.push(line(&points));
        // Right of the outline, at the height of its middle.
        let right = points.iter().map(|point| point[0]).fold(0.0, f32::max);
        let heights = points.iter().map(|point| point[1]);
        let middle = (heights.clone().fold(f32::MAX, f32::min) + heights.fold(0.0, f32::max)) / 2.0;
        let words = format!("{} {}", focus.number, focus.label.title());
        texts.push(text(&words, [right.min(f32::from(source.columns)), middle]));
    }
    let mut annotation = DataSet::new();
    annotation.items(tags::REFERENCED_IMAGE_SEQUENCE, [source.reference()]);
    annotation.text(tags::GRAPHIC_LAYER, VR::CS, LAYER);
    annotation.items(tags::TEXT_OBJECT_SEQUENCE, texts);
    annotation.items(tags::GRAPHIC_OBJECT_SEQUENCE, graphics);
    Ok(annotation)
}

/// A closed line; the origin is the top left corner of the first pixel (PS3.3 C.10.5.1.1).
fn line(points: &[[f32; 2]]) -> DataSet {
    let mut graphic = DataSet::new();
    graphic.text(tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, "PIXEL");
    graphic.short(tags::GRAPHIC_DIMENSIONS, 2);
    graphic.short(tags::NUMBER_OF_GRAPHIC_POINTS, points.len() as u16);
    let data: Vec<f32> = points.iter().flatten().copied().collect();
    graphic.put(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(data.into()));
    graphic.text(tags::GRAPHIC_TYPE, VR::CS, "POLYLINE");
    graphic.text(tags::GRAPHIC_FILLED, VR::CS, "N");
    graphic
}

/// Words beside a point.
fn text(words: &str, at: [f32; 2]) -> DataSet {
    let mut text = DataSet::new();
    text.text(tags::ANCHOR_POINT_ANNOTATION_UNITS, VR::CS, "PIXEL");
    text.text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, words);
    text.put(tags::ANCHOR_POINT, VR::FL, PrimitiveValue::F32(at.to_vec().into()));
    text.text(tags::ANCHOR_POINT_VISIBILITY, VR::CS, "N");
    text
}
