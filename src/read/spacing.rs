//! Which of a file's statements on pixel spacing holds, and in which plane (PS3.3 10.7.1). One test per row.
//!
//! | Pixel Spacing | Calibration Type | Imager or Nominal Scanned | gives | plane |
//! |---|---|---|---|---|
//! | yes | yes | any | Pixel Spacing | patient |
//! | yes | no | differs | Pixel Spacing | patient |
//! | yes | no | equal | Pixel Spacing | detector |
//! | yes | no | no | Pixel Spacing | unknown |
//! | exactly 1\1 | no | no | as if absent, with a warning | |
//! | no | any | Imager | Imager Pixel Spacing | detector |
//! | no | any | Nominal Scanned only | Nominal Scanned Pixel Spacing | detector (the film) |
//! | no | any | no | the user's, else none and a warning | unknown |
//!
//! A value that is not above zero counts as absent and is warned of. So does a lone Pixel Spacing of exactly 1 mm:
//! converters fill it in where nothing is known, and no detector has it. Nothing is divided by a magnification.

use super::attributes::Attributes;
use crate::dicom::Attribute;
use crate::dicom::attribute::{
    IMAGER_PIXEL_SPACING, NOMINAL_SCANNED_PIXEL_SPACING, PIXEL_ASPECT_RATIO, PIXEL_SPACING,
    PIXEL_SPACING_CALIBRATION_TYPE,
};
use crate::radiograph::{PixelSpacing, SpacingPlane, SpacingSource, Warning};
use crate::units::Millimetres;

/// Two spacings closer than this, relative, are the same number written with different digits.
const SAME: f64 = 1e-3;
/// Pixel sizes of radiography lie well within, in mm.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 0.01..=2.0;

/// Between rows and between columns.
type Pair = [Millimetres; 2];

/// What a data set says about spacing, each value already known to be above zero.
#[derive(Clone, Copy, Debug, Default)]
struct Stated {
    pixel: Option<Pair>,
    imager: Option<Pair>,
    nominal_scanned: Option<Pair>,
    calibrated: bool,
    user: Option<Millimetres>,
}

/// The spacing of a data set; appends what was odd to `warnings`.
pub(super) fn decide(
    attributes: &Attributes,
    user: Option<Millimetres>,
    warnings: &mut Vec<Warning>,
) -> Option<PixelSpacing> {
    let mut pair = |attribute| pair(attributes, attribute, warnings);
    let mut stated = Stated {
        pixel: pair(PIXEL_SPACING),
        imager: pair(IMAGER_PIXEL_SPACING),
        nominal_scanned: pair(NOMINAL_SCANNED_PIXEL_SPACING),
        calibrated: attributes.text(PIXEL_SPACING_CALIBRATION_TYPE).is_some(),
        user,
    };
    if is_placeholder(&stated) {
        stated.pixel = None;
        let message = "Pixel Spacing 1\\1 with nothing to confirm it is a converter's placeholder and was ignored";
        warnings.push(Warning::new("spacing_placeholder", message));
    }
    let spacing = rule(&stated);
    match spacing {
        None => {
            warnings.push(Warning::new(
                "no_spacing",
                "the file states no pixel spacing: sizes are in pixels only",
            ));
            if let [rows, columns, ..] = attributes.numbers(PIXEL_ASPECT_RATIO)[..]
                && rows != columns
            {
                let message = format!("Pixel Aspect Ratio {rows}\\{columns} is not applied: pixels are not square");
                warnings.push(Warning::new("pixels_not_square", message));
            }
        }
        Some(spacing) if !PLAUSIBLE.contains(&spacing.mean()) => {
            let message = format!("pixels of {} mm are unlikely in a radiograph", spacing.mean());
            warnings.push(Warning::new("spacing_implausible", message));
        }
        Some(_) => {}
    }
    spacing
}

fn pair(attributes: &Attributes, attribute: Attribute, warnings: &mut Vec<Warning>) -> Option<Pair> {
    let numbers = attributes.numbers(attribute);
    let both = match numbers[..] {
        [] => return None,
        [rows, columns, ..] => [rows, columns],
        // One number where two belong: old writers meant it both ways.
        [both] => [both; 2],
    };
    match both.map(Millimetres::new) {
        [Some(rows), Some(columns)] => Some([rows, columns]),
        _ => {
            let message = format!(
                "{} {}\\{} is no spacing and was ignored",
                attribute.name, both[0], both[1]
            );
            warnings.push(Warning::new("spacing_invalid", message));
            None
        }
    }
}

fn is_placeholder(stated: &Stated) -> bool {
    let is_one = stated.pixel.is_some_and(|pair| pair.iter().all(|mm| mm.get() == 1.0));
    is_one && !stated.calibrated && stated.imager.is_none() && stated.nominal_scanned.is_none()
}

fn rule(stated: &Stated) -> Option<PixelSpacing> {
    use SpacingPlane::{Detector, Patient, Unknown};
    let detector = stated.imager.or(stated.nominal_scanned);
    let (pair, plane, source) = match (stated.pixel, detector) {
        (Some(pixel), _) if stated.calibrated => (pixel, Patient, SpacingSource::PixelSpacing),
        (Some(pixel), Some(detector)) if differ(pixel, detector) => (pixel, Patient, SpacingSource::PixelSpacing),
        (Some(pixel), Some(_)) => (pixel, Detector, SpacingSource::PixelSpacing),
        (Some(pixel), None) => (pixel, Unknown, SpacingSource::PixelSpacing),
        (None, Some(detector)) if stated.imager.is_some() => (detector, Detector, SpacingSource::ImagerPixelSpacing),
        (None, Some(film)) => (film, Detector, SpacingSource::NominalScannedPixelSpacing),
        (None, None) => ([stated.user?; 2], Unknown, SpacingSource::User),
    };
    Some(PixelSpacing {
        between_rows: pair[0],
        between_columns: pair[1],
        plane,
        source,
    })
}

fn differ(a: Pair, b: Pair) -> bool {
    a.iter()
        .zip(&b)
        .any(|(a, b)| (a.get() - b.get()).abs() > SAME * b.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use SpacingPlane::{Detector, Patient, Unknown};

    fn mm(rows: f64, columns: f64) -> Option<Pair> {
        Some([Millimetres::new(rows)?, Millimetres::new(columns)?])
    }

    fn decided(stated: Stated) -> Option<(f64, f64, SpacingPlane, SpacingSource)> {
        rule(&stated).map(|s| (s.between_rows.get(), s.between_columns.get(), s.plane, s.source))
    }

    #[test]
    fn calibrated_pixel_spacing_is_in_the_patient() {
        let stated = Stated {
            pixel: mm(0.14, 0.14),
            imager: mm(0.14, 0.14),
            calibrated: true,
            ..Stated::default()
        };
        assert_eq!(
            decided(stated),
            Some((0.14, 0.14, Patient, SpacingSource::PixelSpacing))
        );
    }

    #[test]
    fn pixel_spacing_that_differs_from_imager_pixel_spacing_is_in_the_patient() {
        let stated = Stated {
            pixel: mm(0.12, 0.12),
            imager: mm(0.14, 0.14),
            ..Stated::default()
        };
        assert_eq!(
            decided(stated),
            Some((0.12, 0.12, Patient, SpacingSource::PixelSpacing))
        );
    }

    #[test]
    fn equal_spacings_are_at_the_detector() {
        let stated = Stated {
            pixel: mm(0.1388, 0.1388),
            imager: mm(0.13889, 0.13889),
            ..Stated::default()
        };
        assert_eq!(
            decided(stated),
            Some((0.1388, 0.1388, Detector, SpacingSource::PixelSpacing))
        );
    }

    #[test]
    fn pixel_spacing_alone_could_be_either() {
        let stated = Stated {
            pixel: mm(0.14, 0.14),
            ..Stated::default()
        };
        assert_eq!(
            decided(stated),
            Some((0.14, 0.14, Unknown, SpacingSource::PixelSpacing))
        );
    }

    #[test]
    fn imager_pixel_spacing_alone_is_at_the_detector() {
        let stated = Stated {
            imager: mm(0.2, 0.1),
            nominal_scanned: mm(0.3, 0.3),
            ..Stated::default()
        };
        assert_eq!(
            decided(stated),
            Some((0.2, 0.1, Detector, SpacingSource::ImagerPixelSpacing))
        );
    }

    #[test]
    fn digitised_film_has_the_spacing_of_the_film() {
        let stated = Stated {
            nominal_scanned: mm(0.05, 0.05),
            ..Stated::default()
        };
        assert_eq!(
            decided(stated),
            Some((0.05, 0.05, Detector, SpacingSource::NominalScannedPixelSpacing))
        );
        let corrected = Stated {
            pixel: mm(0.04, 0.04),
            ..stated
        };
        assert_eq!(
            decided(corrected),
            Some((0.04, 0.04, Patient, SpacingSource::PixelSpacing))
        );
    }

    #[test]
    fn the_user_speaks_only_where_the_file_is_silent() {
        let user = Stated {
            user: Millimetres::new(0.15),
            ..Stated::default()
        };
        assert_eq!(decided(user), Some((0.15, 0.15, Unknown, SpacingSource::User)));
        let both = Stated {
            pixel: mm(0.14, 0.14),
            ..user
        };
        assert_eq!(decided(both), Some((0.14, 0.14, Unknown, SpacingSource::PixelSpacing)));
        assert_eq!(decided(Stated::default()), None);
    }

    #[test]
    fn unequal_spacing_stays_unequal() {
        let stated = Stated {
            pixel: mm(0.3, 0.15),
            ..Stated::default()
        };
        assert_eq!(decided(stated), Some((0.3, 0.15, Unknown, SpacingSource::PixelSpacing)));
    }

    #[test]
    fn a_spacing_of_zero_is_absent_and_warned_of() {
        for text in ["0\\0", "-0.1\\0.1", "NaN\\0.1", "abc\\0.1", "0.1\\0"] {
            let mut warnings = Vec::new();
            let attributes = Attributes::of_texts(&[(PIXEL_SPACING, text)]);
            assert_eq!(decide(&attributes, None, &mut warnings), None, "{text}");
            let codes: Vec<_> = warnings.iter().map(|warning| warning.code.as_str()).collect();
            assert_eq!(codes, ["spacing_invalid", "no_spacing"], "{text}");
            assert!(warnings[0].message.contains("Pixel Spacing"));
        }
    }

    #[test]
    fn one_millimetre_alone_is_a_placeholder() {
        let mut warnings = Vec::new();
        let alone = Attributes::of_texts(&[(PIXEL_SPACING, "1.0\\1.0")]);
        assert_eq!(decide(&alone, None, &mut warnings), None);
        assert_eq!(warnings[0].code, "spacing_placeholder");
        let confirmed = Attributes::of_texts(&[(PIXEL_SPACING, "1\\1"), (IMAGER_PIXEL_SPACING, "1\\1")]);
        assert!(decide(&confirmed, None, &mut warnings).is_some());
    }

    #[test]
    fn a_spacing_of_a_ruler_is_doubted() {
        let mut warnings = Vec::new();
        let attributes = Attributes::of_texts(&[(PIXEL_SPACING, "25.4\\25.4")]);
        assert!(decide(&attributes, None, &mut warnings).is_some());
        assert_eq!(warnings[0].code, "spacing_implausible");
    }
}
