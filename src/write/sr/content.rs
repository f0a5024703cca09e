//! Content items of a structured report (PS3.3 C.17.3).

use super::{DataSet, Source};
use crate::dicom::Code;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;

pub const CONTAINS: &str = "CONTAINS";
pub const HAS_ACQ_CONTEXT: &str = "HAS ACQ CONTEXT";
pub const HAS_CONCEPT_MOD: &str = "HAS CONCEPT MOD";
pub const HAS_OBS_CONTEXT: &str = "HAS OBS CONTEXT";
const SELECTED_FROM: &str = "SELECTED FROM";

fn item(relationship: &str, value_type: &str, name: Option<&Code>) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::RELATIONSHIP_TYPE, VR::CS, relationship);
    item.text(tags::VALUE_TYPE, VR::CS, value_type);
    if let Some(name) = name {
        item.code(tags::CONCEPT_NAME_CODE_SEQUENCE, name);
    }
    item
}

fn with_children(mut item: DataSet, children: impl IntoIterator<Item = DataSet>) -> DataSet {
    let mut children = children.into_iter().peekable();
    if children.peek().is_some() {
        item.items(tags::CONTENT_SEQUENCE, children);
    }
    item
}

/// Words.
pub fn text(relationship: &str, name: &Code, words: &str) -> DataSet {
    let mut item = item(relationship, "TEXT", Some(name));
    item.text(tags::TEXT_VALUE, VR::UT, words);
    item
}

/// A coded concept.
pub fn code(relationship: &str, name: &Code, value: &Code) -> DataSet {
    code_with(relationship, name, value, [])
}

/// A coded concept with modifiers.
pub fn code_with(
    relationship: &str,
    name: &Code,
    value: &Code,
    modifiers: impl IntoIterator<Item = DataSet>,
) -> DataSet {
    let mut item = item(relationship, "CODE", Some(name));
    item.code(tags::CONCEPT_CODE_SEQUENCE, value);
    with_children(item, modifiers)
}

/// A UID.
pub fn uidref(relationship: &str, name: &Code, uid: &str) -> DataSet {
    let mut item = item(relationship, "UIDREF", Some(name));
    item.text(tags::UID, VR::UI, uid);
    item
}

/// A measured value; `digits` is a decimal string.
pub fn number(relationship: &str, name: &Code, digits: &str, unit: &Code) -> DataSet {
    let mut value = DataSet::new();
    value.code(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, unit);
    value.text(tags::NUMERIC_VALUE, VR::DS, digits);
    let mut item = item(relationship, "NUM", Some(name));
    item.items(tags::MEASURED_VALUE_SEQUENCE, [value]);
    item
}

/// The source image.
pub fn image(relationship: &str, source: &Source<'_>, children: impl IntoIterator<Item = DataSet>) -> DataSet {
    let mut item = item(relationship, "IMAGE", None);
    item.items(tags::REFERENCED_SOP_SEQUENCE, [source.reference()]);
    with_children(item, children)
}

/// A closed line on the source image through `(column, row)` points; the origin is the top left corner of the first pixel
/// (PS3.3 C.18.6.1.1).
pub fn region(relationship: &str, name: &Code, points: &[[f32; 2]], source: &Source<'_>) -> DataSet {
    let mut item = item(relationship, "SCOORD", Some(name));
    item.text(tags::GRAPHIC_TYPE, VR::CS, "POLYLINE");
    let data: Vec<f32> = points.iter().flatten().copied().collect();
    item.put(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(data.into()));
    with_children(item, [image(SELECTED_FROM, source, [])])
}

/// A heading with `children`.
pub fn container(relationship: &str, name: &Code, children: impl IntoIterator<Item = DataSet>) -> DataSet {
    let mut item = item(relationship, "CONTAINER", Some(name));
    item.text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
    with_children(item, children)
}

/// Turns `set` into a heading that follows template `identifier` of PS3.16: the root of a document, or a group in it.
pub fn container_of_template(
    set: &mut DataSet,
    name: &Code,
    identifier: &str,
    children: impl IntoIterator<Item = DataSet>,
) {
    let mut template = DataSet::new();
    template.text(tags::MAPPING_RESOURCE, VR::CS, "DCMR");
    template.text(tags::TEMPLATE_IDENTIFIER, VR::CS, identifier);
    set.text(tags::VALUE_TYPE, VR::CS, "CONTAINER");
    set.code(tags::CONCEPT_NAME_CODE_SEQUENCE, name);
    set.text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
    set.items(tags::CONTENT_TEMPLATE_SEQUENCE, [template]);
    set.items(tags::CONTENT_SEQUENCE, children);
}

/// A group in a document that follows template `identifier`.
pub fn group(name: &Code, identifier: &str, children: impl IntoIterator<Item = DataSet>) -> DataSet {
    let mut item = item(CONTAINS, "CONTAINER", None);
    container_of_template(&mut item, name, identifier, children);
    item
}
