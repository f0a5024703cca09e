//! Segmentations read back by the DICOM library.

use super::{SegmentBy, encode};
use crate::dicom::Context;
use crate::label::{Region, Run};
use crate::write::{Item, ObjectError, Record, example};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, InMemDicomObject, from_reader};

fn read(bytes: &[u8]) -> DefaultDicomObject {
    from_reader(std::io::Cursor::new(bytes)).expect("a Part 10 file")
}

fn encoded(record: &Record, context: &Context, by: SegmentBy) -> DefaultDicomObject {
    let bytes = encode(&Item { record, context }, by).expect("a record with an image");
    read(&bytes.expect("a record with foci"))
}

fn text(set: &InMemDicomObject, tag: Tag) -> String {
    set.element(tag).unwrap().to_str().unwrap().into_owned()
}

fn item(set: &InMemDicomObject, tag: Tag, at: usize) -> InMemDicomObject {
    set.element(tag).unwrap().items().unwrap()[at].clone()
}

/// The pixels of frame `at` as a region.
fn frame(set: &DefaultDicomObject, at: usize) -> Region {
    let side = |tag| set.element(tag).unwrap().to_int::<usize>().unwrap();
    let (rows, columns) = (side(tags::ROWS), side(tags::COLUMNS));
    let bytes = set.element(tags::PIXEL_DATA).unwrap().to_bytes().unwrap();
    assert_eq!(
        bytes.len(),
        (side(tags::NUMBER_OF_FRAMES) * rows * columns).div_ceil(16) * 2
    );
    let mut runs = Vec::new();
    for pixel in 0..rows * columns {
        let bit = at * rows * columns + pixel;
        if bytes[bit / 8] >> (bit % 8) & 1 == 1 {
            let (row, start) = ((pixel / columns) as u32, (pixel % columns) as u32);
            runs.push(Run {
                row,
                start,
                end: start + 1,
            });
        }
    }
    Region::new(runs).expect("a segment has pixels")
}

#[test]
fn frames_hold_exactly_the_masks_of_the_foci() {
    // 60 x 79 pixels: frames begin within a byte.
    let mut report = example::report();
    report.shape = (60, 79);
    let record = Record::analysed(example::source("a.dcm", 1, 1), &report);
    let by_focus = encoded(&record, &Context::default(), SegmentBy::Focus);
    for (at, focus) in record.foci.iter().enumerate() {
        assert_eq!(
            Some(frame(&by_focus, at)),
            focus.segmentation.decode(),
            "focus {}",
            focus.number
        );
    }
    let by_label = encoded(&record, &Context::default(), SegmentBy::Label);
    // Foci 1 and 3 are phleboliths, 2 is a rice grain, whose label comes first.
    let together = |foci: &[usize]| {
        let runs = foci
            .iter()
            .flat_map(|at| record.foci[*at].segmentation.decode().unwrap().runs().to_vec());
        Region::new(runs.collect()).unwrap()
    };
    assert_eq!(frame(&by_label, 0), together(&[1]));
    assert_eq!(frame(&by_label, 1), together(&[0, 2]));
    let labels: Vec<String> = (0..2)
        .map(|at| text(&item(&by_label, tags::SEGMENT_SEQUENCE, at), tags::SEGMENT_LABEL))
        .collect();
    assert_eq!(labels, ["rice grain", "phlebolith"]);
}

#[test]
fn the_object_is_tied_to_its_image_and_needs_no_frame_of_reference() {
    let record = &example::records()[0];
    let mut context = Context::default();
    context.set(tags::PATIENT_NAME, b"Doe^Jane");
    context.set(tags::LOSSY_IMAGE_COMPRESSION, b"01");
    context.set(tags::ACQUISITION_DATE, b"20240229");
    let set = encoded(record, &context, SegmentBy::Label);
    assert_eq!(text(&set, tags::STUDY_INSTANCE_UID), "2.25.3");
    assert_ne!(text(&set, tags::SERIES_INSTANCE_UID), "2.25.2");
    assert_eq!(text(&set, tags::PATIENT_NAME), "Doe^Jane");
    assert_eq!(text(&set, tags::CONTENT_DATE), "20240229");
    assert_eq!(text(&set, tags::LOSSY_IMAGE_COMPRESSION), "01");
    assert!(set.element(tags::FRAME_OF_REFERENCE_UID).is_err());
    for at in 0..2 {
        let groups = item(&set, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, at);
        let derivation = item(&groups, tags::DERIVATION_IMAGE_SEQUENCE, 0);
        let image = item(&derivation, tags::SOURCE_IMAGE_SEQUENCE, 0);
        assert_eq!(text(&image, tags::REFERENCED_SOP_INSTANCE_UID), "2.25.1");
        let segment = item(&set, tags::SEGMENT_SEQUENCE, at);
        assert_eq!(text(&segment, tags::SEGMENT_ALGORITHM_TYPE), "AUTOMATIC");
        let place = item(&segment, tags::ANATOMIC_REGION_SEQUENCE, 0);
        assert_eq!(text(&place, tags::CODE_VALUE), "816092008");
    }
}

#[test]
fn the_name_follows_from_the_content() {
    let record = &example::records()[0];
    let context = Context::default();
    let bytes = |record: &Record| {
        let item = Item {
            record,
            context: &context,
        };
        encode(&item, SegmentBy::Label).unwrap().unwrap()
    };
    let first = bytes(record);
    assert_eq!(bytes(record), first);
    let mut other = record.clone();
    other.foci.truncate(2);
    let (first, second) = (read(&first), read(&bytes(&other)));
    assert_ne!(
        text(&first, tags::SOP_INSTANCE_UID),
        text(&second, tags::SOP_INSTANCE_UID)
    );
    assert_eq!(
        text(&first, tags::SERIES_INSTANCE_UID),
        text(&second, tags::SERIES_INSTANCE_UID)
    );
    assert_eq!(
        first.meta().media_storage_sop_instance_uid(),
        text(&first, tags::SOP_INSTANCE_UID)
    );
}

#[test]
fn records_that_cannot_be_segmented_are_told() {
    let records = example::records();
    let context = Context::default();
    let of = |record: &Record| {
        let item = Item {
            record,
            context: &context,
        };
        encode(&item, SegmentBy::Label)
    };
    // No foci; not analysed; a mask of another image.
    assert!(matches!(of(&records[1]), Ok(None)));
    assert!(matches!(of(&records[2]), Err(ObjectError::Identity(_))));
    let mut wrong = records[0].clone();
    wrong.foci[0].segmentation.size = [59, 80];
    assert!(matches!(of(&wrong), Err(ObjectError::Mask(1))));
}

#[test]
fn segments_that_share_pixels_say_so() {
    let mut report = example::report();
    let apart = Record::analysed(example::source("a.dcm", 1, 1), &report);
    let overlap = |record: &Record| {
        text(
            &encoded(record, &Context::default(), SegmentBy::Focus),
            tags::SEGMENTS_OVERLAP,
        )
    };
    assert_eq!(overlap(&apart), "NO");
    report.foci[1].candidate.region = report.foci[0].candidate.region.clone();
    let crossed = Record::analysed(example::source("a.dcm", 1, 1), &report);
    assert_eq!(overlap(&crossed), "YES");
}
