//! Presentation states read back by the DICOM library.

use super::{Greys, encode};
use crate::dicom::Context;
use crate::dicom::context::{MODALITY_LUT_SEQUENCE, RESCALE_INTERCEPT, RESCALE_SLOPE};
use crate::radiograph::ValueScale;
use crate::write::overlay::Window;
use crate::write::{Item, example};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{InMemDicomObject, from_reader};

fn encoded(context: &Context, greys: &Greys) -> InMemDicomObject {
    let record = &example::records()[0];
    let bytes = encode(&Item { record, context }, greys).unwrap().expect("foci");
    assert_eq!(Some(&bytes), encode(&Item { record, context }, greys).unwrap().as_ref());
    from_reader(std::io::Cursor::new(bytes)).unwrap().into_inner()
}

fn text(set: &InMemDicomObject, tag: Tag) -> String {
    set.element(tag).unwrap().to_str().unwrap().into_owned()
}

fn items(set: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    set.element(tag).unwrap().items().unwrap()
}

fn greys() -> Greys {
    Greys::of(&example::radiograph(), &example::report(), None)
}

#[test]
fn every_focus_is_a_closed_line_around_its_mask_and_a_name() {
    let set = encoded(&Context::default(), &greys());
    assert_eq!(text(&set, tags::MODALITY), "PR");
    let [annotation] = items(&set, tags::GRAPHIC_ANNOTATION_SEQUENCE) else {
        panic!("one annotation");
    };
    let record = &example::records()[0];
    let lines = items(annotation, tags::GRAPHIC_OBJECT_SEQUENCE);
    let names = items(annotation, tags::TEXT_OBJECT_SEQUENCE);
    assert_eq!((lines.len(), names.len()), (record.foci.len(), record.foci.len()));
    for (focus, (line, name)) in record.foci.iter().zip(lines.iter().zip(names)) {
        let data = line.element(tags::GRAPHIC_DATA).unwrap().to_multi_float32().unwrap();
        let count = line
            .element(tags::NUMBER_OF_GRAPHIC_POINTS)
            .unwrap()
            .to_int::<usize>()
            .unwrap();
        assert_eq!((data.len(), &data[..2]), (2 * count, &data[2 * count - 2..]));
        let range = |from: usize| {
            let values = data[from..].iter().step_by(2);
            (
                values.clone().copied().fold(f32::MAX, f32::min),
                values.copied().fold(0.0, f32::max),
            )
        };
        let mask = focus.segmentation.decode().unwrap();
        let columns = (
            mask.runs().iter().map(|run| run.start).min().unwrap(),
            mask.runs().iter().map(|run| run.end).max().unwrap(),
        );
        assert_eq!(range(0), (columns.0 as f32, columns.1 as f32));
        let rows = mask.runs();
        assert_eq!(range(1), (rows[0].row as f32, rows[rows.len() - 1].row as f32 + 1.0));
        assert_eq!(
            text(name, tags::UNFORMATTED_TEXT_VALUE),
            format!("{} {}", focus.number, focus.label.title())
        );
    }
}

#[test]
fn the_image_is_shown_whole_through_our_window() {
    let set = encoded(&Context::default(), &greys());
    let area = &items(&set, tags::DISPLAYED_AREA_SELECTION_SEQUENCE)[0];
    let end = area.element(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER).unwrap();
    assert_eq!(end.to_multi_int::<i32>().unwrap(), [80, 60]);
    assert_eq!(text(area, tags::PRESENTATION_PIXEL_SPACING), "0.1\\0.2");
    assert_eq!(text(&set, tags::PRESENTATION_LUT_SHAPE), "IDENTITY");
    assert!(set.element(RESCALE_SLOPE).is_err());
    // Pixel = 1000 - value: a window on values 200 to 600.
    let scale = ValueScale {
        intercept: 1000.0,
        slope: -1.0,
    };
    let bare = crate::report::Report {
        foci: vec![],
        ..example::report()
    };
    let ramp = ndarray::Array2::from_shape_fn((60, 1001), |(_, column)| column as u16);
    let turned = crate::radiograph::Radiograph::new(ramp).with_value_scale(scale);
    let window = Window {
        center: 400.0,
        width: 800.0,
    };
    let mut context = Context::default();
    context.set(RESCALE_SLOPE, b"1 ");
    context.set(RESCALE_INTERCEPT, b"0 ");
    let set = encoded(&context, &Greys::of(&turned, &bare, Some(window)));
    assert_eq!(text(&set, tags::PRESENTATION_LUT_SHAPE), "INVERSE");
    assert_eq!(text(&set, RESCALE_SLOPE), "1");
    let shown = &items(&set, tags::SOFTCOPY_VOILUT_SEQUENCE)[0];
    // From 0 to 800: c - 0.5 - (w - 1) / 2 = 0.
    assert_eq!(
        (text(shown, tags::WINDOW_CENTER), text(shown, tags::WINDOW_WIDTH)),
        ("400.5".to_owned(), "801".to_owned())
    );
}

#[test]
fn what_cannot_be_shown_has_none() {
    let records = example::records();
    let mut context = Context::default();
    // No foci.
    let of = |at: usize, context: &Context| {
        let record = &records[at];
        encode(&Item { record, context }, &greys())
    };
    assert!(of(1, &context).unwrap().is_none());
    assert!(of(2, &context).is_err());
    // A table from stored to modality values.
    context.set(MODALITY_LUT_SEQUENCE, b"");
    assert!(of(0, &context).unwrap().is_none());
}
