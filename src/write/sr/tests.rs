//! Reports read back by the DICOM library.

use super::encode;
use crate::dicom::Context;
use crate::measure::Feature;
use crate::write::{Item, ObjectError, Record, example};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, InMemDicomObject, from_reader};

fn encoded(record: &Record, context: &Context) -> DefaultDicomObject {
    let bytes = encode(&Item { record, context }).expect("a record with an image");
    from_reader(std::io::Cursor::new(bytes)).expect("a Part 10 file")
}

fn text(set: &InMemDicomObject, tag: Tag) -> String {
    set.element(tag).unwrap().to_str().unwrap().into_owned()
}

fn items(set: &InMemDicomObject, tag: Tag) -> Vec<InMemDicomObject> {
    set.element(tag)
        .map_or(Vec::new(), |element| element.items().unwrap().to_vec())
}

/// Code value and scheme of a code sequence.
fn code(set: &InMemDicomObject, tag: Tag) -> (String, String) {
    let item = &items(set, tag)[0];
    (text(item, tags::CODE_VALUE), text(item, tags::CODING_SCHEME_DESIGNATOR))
}

/// Children of `parent` whose concept name has `value`.
fn named(parent: &InMemDicomObject, value: &str) -> Vec<InMemDicomObject> {
    let mut children = items(parent, tags::CONTENT_SEQUENCE);
    children.retain(|child| {
        child.element(tags::CONCEPT_NAME_CODE_SEQUENCE).is_ok()
            && code(child, tags::CONCEPT_NAME_CODE_SEQUENCE).0 == value
    });
    children
}

/// Value and unit of the only number called `name`.
fn measured(group: &InMemDicomObject, name: &str) -> Option<(f64, String)> {
    let item = named(group, name).pop()?;
    let value = &items(&item, tags::MEASURED_VALUE_SEQUENCE)[0];
    let number = value.element(tags::NUMERIC_VALUE).unwrap().to_float64().unwrap();
    Some((number, code(value, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).0))
}

fn groups(report: &InMemDicomObject) -> Vec<InMemDicomObject> {
    let measurements = named(report, "126010");
    measurements.first().map_or(Vec::new(), |found| named(found, "125007"))
}

#[test]
fn every_focus_is_a_group_with_its_numbers() {
    let record = &example::records()[0];
    let report = encoded(record, &Context::default());
    assert_eq!(code(&report, tags::CONCEPT_NAME_CODE_SEQUENCE).0, "126000");
    let groups = groups(&report);
    assert_eq!(groups.len(), record.foci.len());
    for (group, focus) in groups.iter().zip(&record.foci) {
        assert_eq!(
            text(&named(group, "112039")[0], tags::TEXT_VALUE),
            format!("calxray focus {}", focus.number)
        );
        let area = focus.features.get(Feature::AreaMm2).unwrap();
        assert_eq!(measured(group, "42798000"), Some((area, "mm2".to_owned())));
        let aspect = focus.features.get(Feature::AspectRatio).unwrap();
        assert_eq!(measured(group, "ASPECT-RATIO"), Some((aspect, "1".to_owned())));
        let (certainty, unit) = measured(group, "111012").unwrap();
        assert_eq!((certainty / 100.0) as f32, focus.score);
        assert_eq!(unit, "%");
        let finding = code(&named(group, "121071")[0], tags::CONCEPT_CODE_SEQUENCE);
        let label = focus.label.name().to_ascii_uppercase().replace('_', "-");
        assert_eq!(finding, (label, "99CALXRAY".to_owned()));
        let region = &named(group, "111030")[0];
        assert_eq!(text(region, tags::GRAPHIC_TYPE), "POLYLINE");
        let points = region.element(tags::GRAPHIC_DATA).unwrap().to_multi_float32().unwrap();
        assert_eq!(points[..2], points[points.len() - 2..], "closed");
        let [top, left, bottom, right] = focus.bounds.map(|edge| edge as f32);
        let inside = |pair: &[f32]| (left..=right).contains(&pair[0]) && (top..=bottom).contains(&pair[1]);
        assert!(points.chunks(2).all(inside));
        let image = &items(region, tags::CONTENT_SEQUENCE)[0];
        let reference = &items(image, tags::REFERENCED_SOP_SEQUENCE)[0];
        assert_eq!(text(reference, tags::REFERENCED_SOP_INSTANCE_UID), "2.25.1");
    }
    let uids: Vec<String> = groups
        .iter()
        .map(|group| text(&named(group, "112040")[0], tags::UID))
        .collect();
    assert!(uids[0] != uids[1] && uids[1] != uids[2]);
    // A disease is never coded; what looks alike is told in words.
    let differential = text(&named(&groups[0], "111023")[0], tags::TEXT_VALUE);
    assert_eq!(differential, "Looks alike: distal ureteric stone");
}

#[test]
fn without_spacing_nothing_is_in_millimetres() {
    let mut report = example::report();
    report.spacing = None;
    for focus in &mut report.foci {
        focus.candidate.features.set(Feature::AreaMm2, None);
    }
    let record = Record::analysed(example::source("a.dcm", 1, 1), &report);
    let set = encoded(&record, &Context::default());
    let area = record.foci[0].features.get(Feature::AreaPx).unwrap();
    assert_eq!(
        measured(&groups(&set)[0], "42798000"),
        Some((area, "{pixels}".to_owned()))
    );
    let mut open = items(&set, tags::CONTENT_SEQUENCE);
    while let Some(item) = open.pop() {
        for value in items(&item, tags::MEASURED_VALUE_SEQUENCE) {
            assert!(!code(&value, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).0.starts_with("mm"));
        }
        open.extend(items(&item, tags::CONTENT_SEQUENCE));
    }
}

#[test]
fn a_report_without_foci_says_so_and_refers_to_the_frame() {
    let mut record = example::records()[1].clone();
    record.frame = 2;
    let set = encoded(&record, &Context::default());
    assert!(groups(&set).is_empty());
    let evaluations = &named(&set, "C0034375")[0];
    let summary = code(&named(evaluations, "111017")[0], tags::CONCEPT_CODE_SEQUENCE);
    assert_eq!(summary.0, "111241");
    let words = text(&named(evaluations, "121106")[0], tags::TEXT_VALUE);
    assert!(words.starts_with("No radio-opaque foci reported."), "{words}");
    let library = &named(&named(&set, "111028")[0], "126200")[0];
    let image = &items(
        &items(library, tags::CONTENT_SEQUENCE)[0],
        tags::REFERENCED_SOP_SEQUENCE,
    )[0];
    assert_eq!(text(image, tags::REFERENCED_FRAME_NUMBER), "2");
}

#[test]
fn patient_and_study_are_those_of_the_image() {
    let record = &example::records()[0];
    let mut context = Context::default();
    // Latin-1, one byte to a letter.
    context.set(tags::SPECIFIC_CHARACTER_SET, b"ISO_IR 100");
    context.set(tags::PATIENT_NAME, b"M\xfcller^J\xf6rg");
    context.set(tags::PATIENT_ID, b"4711");
    context.set(tags::STUDY_DATE, b"20240101");
    context.set(tags::INSTANCE_NUMBER, b"7");
    let set = encoded(record, &context);
    assert_eq!(text(&set, tags::PATIENT_NAME), "Müller^Jörg");
    assert_eq!(text(&set, tags::PATIENT_ID), "4711");
    assert_eq!(text(&set, tags::STUDY_INSTANCE_UID), "2.25.3");
    assert_eq!(text(&set, tags::INSTANCE_NUMBER), "7");
    assert_eq!(text(&set, tags::CONTENT_DATE), "20240101");
    // Required, and not stated.
    assert_eq!(text(&set, tags::PATIENT_BIRTH_DATE), "");
    let study = &items(&set, tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE)[0];
    let series = &items(study, tags::REFERENCED_SERIES_SEQUENCE)[0];
    assert_eq!(text(series, tags::SERIES_INSTANCE_UID), "2.25.2");
    // Another patient, another object.
    let mut corrected = context.clone();
    corrected.set(tags::PATIENT_ID, b"4712");
    let other = encoded(record, &corrected);
    assert_ne!(text(&set, tags::SOP_INSTANCE_UID), text(&other, tags::SOP_INSTANCE_UID));
    let again = encoded(record, &context);
    assert_eq!(text(&set, tags::SOP_INSTANCE_UID), text(&again, tags::SOP_INSTANCE_UID));
}

#[test]
fn an_image_without_uids_has_no_report() {
    let mut record = example::records()[0].clone();
    record.source.study = None;
    let item = Item {
        record: &record,
        context: &Context::default(),
    };
    assert!(matches!(
        encode(&item),
        Err(ObjectError::Identity("Study Instance UID"))
    ));
}
