//! The overlay as a DICOM Secondary Capture Image (PS3.3 A.8.1), for viewers that show neither reports nor segmentations.
//!
//! A picture of 8-bit colour with outlines and names burnt in, windowed and scaled: for looking at, not for measuring, so it
//! states no pixel spacing.

use super::object::{Item, Kind, ObjectError, Source, begin, derived_image, finish, laterality};
use crate::dicom::Code;
use crate::dicom::context::BURNED_IN_ANNOTATION;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use image::RgbImage;

/// The bytes of a Part 10 file, Explicit VR Little Endian, that holds `picture`, drawn of the image of `item`.
///
/// # Errors
///
/// [`ObjectError::Identity`] if the image was not analysed or has no UIDs to refer to, or the picture is larger than an
/// image can be.
pub fn encode(item: &Item<'_>, picture: &RgbImage) -> Result<Vec<u8>, ObjectError> {
    let source = Source::of(item.record)?;
    let side = |length: u32| u16::try_from(length).map_err(|_| ObjectError::Identity("size of picture"));
    let (rows, columns) = (side(picture.height())?, side(picture.width())?);
    let mut set = begin(item, &source, Kind::SC);
    set.texts(tags::IMAGE_TYPE, VR::CS, &["DERIVED", "SECONDARY", "OTHER"]);
    // Workstation: not a scan of paper (PS3.3 C.8.6.1).
    set.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
    set.text(
        tags::DERIVATION_DESCRIPTION,
        VR::ST,
        "Windowed, scaled, foci outlined and named by calxray. For orientation, not for measurement. Research only.",
    );
    let mut image = source.reference();
    image.code(
        tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
        &Code::dcm("121322", "Source image for image processing operation"),
    );
    set.items(tags::SOURCE_IMAGE_SEQUENCE, [image]);
    // What was burnt into the image is still there.
    if let Some(burned_in) = item.context.text(BURNED_IN_ANNOTATION) {
        set.text(BURNED_IN_ANNOTATION, VR::CS, burned_in);
    }
    derived_image(&mut set, item);
    laterality(&mut set, item);
    set.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB");
    for (tag, number) in [
        (tags::SAMPLES_PER_PIXEL, 3),
        (tags::PLANAR_CONFIGURATION, 0),
        (tags::ROWS, rows),
        (tags::COLUMNS, columns),
        (tags::BITS_ALLOCATED, 8),
        (tags::BITS_STORED, 8),
        (tags::HIGH_BIT, 7),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        set.short(tag, number);
    }
    let mut pixels = picture.as_raw().clone();
    if pixels.len() % 2 == 1 {
        pixels.push(0);
    }
    set.put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into()));
    finish(set, Kind::SC)
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::dicom::Context;
    use crate::dicom::context::BURNED_IN_ANNOTATION;
    use crate::write::overlay::{Style, draw};
    use crate::write::{Item, example};
    use dicom_object::from_reader;

    #[test]
    fn the_picture_is_in_the_study_of_its_image() {
        let report = example::report();
        let picture = draw(&example::radiograph(), &report, "name", &Style::default());
        let mut context = Context::default();
        context.set(BURNED_IN_ANNOTATION, b"YES");
        let item = Item {
            record: &example::records()[0],
            context: &context,
        };
        let bytes = encode(&item, &picture).unwrap();
        assert_eq!(bytes, encode(&item, &picture).unwrap());
        let object = from_reader(std::io::Cursor::new(bytes)).unwrap();
        let text = |name| object.element_by_name(name).unwrap().to_str().unwrap().into_owned();
        assert_eq!(text("StudyInstanceUID"), "2.25.3");
        assert_eq!(text("BurnedInAnnotation"), "YES");
        assert_eq!(text("ImageType"), "DERIVED\\SECONDARY\\OTHER");
        assert_eq!(text("Columns"), picture.width().to_string());
        let pixels = object.element_by_name("PixelData").unwrap().to_bytes().unwrap();
        assert_eq!(pixels[..picture.as_raw().len()], picture.as_raw()[..]);
        assert!(object.element_by_name("PixelSpacing").is_err());
    }
}
