//! What an object made from an image repeats of it: whose it is, which study it belongs to, when it was taken.
//!
//! The only place that holds a patient's data. It goes from the header of an image into DICOM objects of the same study
//! and nowhere else: it has no serialised form, and its debug form tells nothing.

use super::uid;
use dicom_core::{Tag, VR};
use std::collections::BTreeMap;
use std::fmt;

/// What an attribute of a [`Context`] is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Repeated as it is in every derived object: patient, study, clinical trial (PS3.3 C.7.1, C.7.2).
    Repeated,
    /// Asked for by its tag.
    Asked,
}

use Use::{Asked, Repeated};

/// Attributes kept, by tag, with their value representation (PS3.6).
const KEPT: &[(Tag, VR, Use)] = &[
    (SPECIFIC_CHARACTER_SET, VR::CS, Repeated),
    (STUDY_DATE, VR::DA, Repeated),
    (Tag(0x0008, 0x0021), VR::DA, Asked),
    (Tag(0x0008, 0x0022), VR::DA, Asked),
    (Tag(0x0008, 0x0023), VR::DA, Asked),
    (Tag(0x0008, 0x0030), VR::TM, Repeated),
    (Tag(0x0008, 0x0031), VR::TM, Asked),
    (Tag(0x0008, 0x0032), VR::TM, Asked),
    (Tag(0x0008, 0x0033), VR::TM, Asked),
    (Tag(0x0008, 0x0050), VR::SH, Repeated),
    (Tag(0x0008, 0x0090), VR::PN, Repeated),
    (Tag(0x0008, 0x0201), VR::SH, Repeated),
    (Tag(0x0008, 0x1030), VR::LO, Repeated),
    (Tag(0x0010, 0x0010), VR::PN, Repeated),
    (PATIENT_ID, VR::LO, Repeated),
    (PATIENT_ID_ISSUER, VR::LO, Repeated),
    (Tag(0x0010, 0x0030), VR::DA, Repeated),
    (Tag(0x0010, 0x0032), VR::TM, Repeated),
    (PATIENT_SEX, VR::CS, Repeated),
    (Tag(0x0010, 0x1010), VR::AS, Repeated),
    (Tag(0x0010, 0x1020), VR::DS, Repeated),
    (Tag(0x0010, 0x1030), VR::DS, Repeated),
    (Tag(0x0012, 0x0010), VR::LO, Repeated),
    (Tag(0x0012, 0x0020), VR::LO, Repeated),
    (Tag(0x0012, 0x0021), VR::LO, Repeated),
    (Tag(0x0012, 0x0030), VR::LO, Repeated),
    (Tag(0x0012, 0x0031), VR::LO, Repeated),
    (Tag(0x0012, 0x0040), VR::LO, Repeated),
    (Tag(0x0012, 0x0042), VR::LO, Repeated),
    (Tag(0x0012, 0x0050), VR::LO, Repeated),
    (Tag(0x0012, 0x0051), VR::ST, Repeated),
    (Tag(0x0012, 0x0062), VR::CS, Repeated),
    (Tag(0x0012, 0x0063), VR::LO, Repeated),
    (Tag(0x0020, 0x0010), VR::SH, Repeated),
    (INSTANCE_NUMBER, VR::IS, Asked),
    (PATIENT_ORIENTATION, VR::CS, Asked),
    (FRAME_OF_REFERENCE_UID, VR::UI, Asked),
    (BURNED_IN_ANNOTATION, VR::CS, Asked),
    (RESCALE_INTERCEPT, VR::DS, Asked),
    (RESCALE_SLOPE, VR::DS, Asked),
    (RESCALE_TYPE, VR::LO, Asked),
    (LOSSY_IMAGE_COMPRESSION, VR::CS, Asked),
    (LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS, Asked),
    (LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, Asked),
    (MODALITY_LUT_SEQUENCE, VR::SQ, Asked),
];

/// Specific Character Set (0008,0005).
pub const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// Study Date (0008,0020).
pub const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
/// Patient ID (0010,0020).
const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
/// Issuer of Patient ID (0010,0021).
const PATIENT_ID_ISSUER: Tag = Tag(0x0010, 0x0021);
/// Patient's Sex (0010,0040).
const PATIENT_SEX: Tag = Tag(0x0010, 0x0040);
/// Instance Number (0020,0013).
pub const INSTANCE_NUMBER: Tag = Tag(0x0020, 0x0013);
/// Patient Orientation (0020,0020).
pub const PATIENT_ORIENTATION: Tag = Tag(0x0020, 0x0020);
/// Frame of Reference UID (0020,0052).
pub const FRAME_OF_REFERENCE_UID: Tag = Tag(0x0020, 0x0052);
/// Burned In Annotation (0028,0301).
pub const BURNED_IN_ANNOTATION: Tag = Tag(0x0028, 0x0301);
/// Rescale Intercept (0028,1052).
pub const RESCALE_INTERCEPT: Tag = Tag(0x0028, 0x1052);
/// Rescale Slope (0028,1053).
pub const RESCALE_SLOPE: Tag = Tag(0x0028, 0x1053);
/// Rescale Type (0028,1054).
pub const RESCALE_TYPE: Tag = Tag(0x0028, 0x1054);
/// Modality LUT Sequence (0028,3000). Of a sequence it is only kept that it is there.
pub const MODALITY_LUT_SEQUENCE: Tag = Tag(0x0028, 0x3000);
/// Lossy Image Compression (0028,2110).
pub const LOSSY_IMAGE_COMPRESSION: Tag = Tag(0x0028, 0x2110);
/// Lossy Image Compression Ratio (0028,2112).
pub const LOSSY_IMAGE_COMPRESSION_RATIO: Tag = Tag(0x0028, 0x2112);
/// Lossy Image Compression Method (0028,2114).
pub const LOSSY_IMAGE_COMPRESSION_METHOD: Tag = Tag(0x0028, 0x2114);

/// Dates and times that tell when an image came to be, the closest to the exposure first.
const MOMENTS: [(Tag, Tag); 4] = [
    (Tag(0x0008, 0x0022), Tag(0x0008, 0x0032)),
    (Tag(0x0008, 0x0023), Tag(0x0008, 0x0033)),
    (Tag(0x0008, 0x0021), Tag(0x0008, 0x0031)),
    (STUDY_DATE, Tag(0x0008, 0x0030)),
];

/// Longest text kept, in bytes: four for each of the 64 characters of the value representation LO, and names in three
/// scripts.
const LONGEST: usize = 1024;

/// Patient, study and time of an image, as its header states them, in the header's own characters.
///
/// Values are kept as bytes: whatever the Specific Character Set, they are repeated and not translated. A value that its
/// value representation forbids is not kept, so that one odd header does not make an object that archives refuse.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<Tag, Vec<u8>>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({} attributes, not shown)", self.values.len())
    }
}

impl Context {
    /// Whether `tag` is one that is kept.
    pub fn keeps(tag: Tag) -> bool {
        entry(tag).is_some()
    }

    /// Keeps the value of `tag`, given as the bytes of the data set, unless the tag is not kept or its value is malformed.
    pub fn set(&mut self, tag: Tag, value: &[u8]) {
        if let Some((_, vr, _)) = entry(tag)
            && let Some(value) = sound(tag, *vr, trimmed(value))
        {
            self.values.insert(tag, value);
        }
    }

    /// What every derived object repeats: tag, value representation and value without padding, by tag.
    pub fn repeated(&self) -> impl Iterator<Item = (Tag, VR, &[u8])> {
        KEPT.iter()
            .filter(|(_, _, purpose)| *purpose == Repeated)
            .filter_map(|(tag, vr, _)| Some((*tag, *vr, self.values.get(tag)?.as_slice())))
    }

    /// The value of `tag`, if it is there and plain ASCII.
    pub fn text(&self, tag: Tag) -> Option<&str> {
        let value = self.values.get(&tag).filter(|value| value.is_ascii())?;
        std::str::from_utf8(value).ok()
    }

    /// The patient, told by Patient ID (0010,0020) within its issuer (0010,0021): equal for images of one patient, and good
    /// for nothing but to compare.
    pub fn patient(&self) -> Option<Vec<u8>> {
        let id = self.values.get(&PATIENT_ID).filter(|id| !id.is_empty())?;
        let issuer = self.values.get(&PATIENT_ID_ISSUER).map_or(&[][..], Vec::as_slice);
        Some([id, &b"\n"[..], issuer].concat())
    }

    /// When the image came to be, as `YYYYMMDD` and `HHMMSS[.F]`: acquisition, else content, series or study; midnight
    /// where only the date is stated.
    pub fn moment(&self) -> Option<(&str, &str)> {
        MOMENTS
            .iter()
            .find_map(|&(date, time)| Some((self.text(date)?, self.text(time).unwrap_or("000000"))))
    }
}

fn entry(tag: Tag) -> Option<&'static (Tag, VR, Use)> {
    let at = KEPT.binary_search_by_key(&tag, |(kept, ..)| *kept).ok()?;
    KEPT.get(at)
}

/// Without padding (PS3.5 6.2).
fn trimmed(value: &[u8]) -> &[u8] {
    let padding = |byte: &u8| matches!(byte, b' ' | 0);
    let first = value.iter().position(|byte| !padding(byte)).unwrap_or(value.len());
    let last = value.iter().rposition(|byte| !padding(byte)).map_or(first, |at| at + 1);
    &value[first..last]
}

/// The value as PS3.5 6.2 allows it; `None` if it cannot be had.
fn sound(tag: Tag, vr: VR, value: &[u8]) -> Option<Vec<u8>> {
    let all = |test: fn(&u8) -> bool| value.iter().all(test);
    let text = std::str::from_utf8(value);
    let fine = match vr {
        VR::CS if tag == PATIENT_SEX => matches!(value, b"M" | b"F" | b"O"),
        VR::CS => {
            value.len() <= 64
                && all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'\\'))
                    | (tag == SPECIFIC_CHARACTER_SET && all(|byte| byte.is_ascii_graphic() || *byte == b' '))
        }
        // ACR-NEMA wrote YYYY.MM.DD and HH:MM:SS (PS3.5 6.2, notes).
        VR::DA => {
            let digits: Vec<u8> = value.iter().copied().filter(|byte| *byte != b'.').collect();
            let between = |range: std::ops::Range<usize>, least: u8, most: u8| {
                let number = std::str::from_utf8(&digits[range])
                    .ok()
                    .and_then(|text| text.parse().ok());
                number.is_some_and(|number: u8| (least..=most).contains(&number))
            };
            let is_date = digits.len() == 8
                && digits.iter().all(u8::is_ascii_digit)
                && between(4..6, 1, 12)
                && between(6..8, 1, 31);
            return is_date.then_some(digits);
        }
        VR::TM => {
            let short: Vec<u8> = value.iter().copied().filter(|byte| *byte != b':').collect();
            let mut parts = short.splitn(2, |byte| *byte == b'.');
            let whole = parts.next().unwrap_or_default();
            let fraction = parts.next();
            let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
            let is_time = matches!(whole.len(), 2 | 4 | 6)
                && digits(whole)
                && fraction.is_none_or(|part| whole.len() == 6 && (1..=6).contains(&part.len()) && digits(part));
            return is_time.then_some(short);
        }
        VR::AS => value.len() == 4 && value[..3].iter().all(u8::is_ascii_digit) && b"DWMY".contains(&value[3]),
        VR::DS => value.len() <= 16 && text.is_ok_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite)),
        VR::IS => value.len() <= 12 && text.is_ok_and(|text| text.parse::<i32>().is_ok()),
        VR::UI => text.is_ok_and(uid::is_valid),
        VR::SQ => return Some(b"THERE".to_vec()),
        // Escape switches character sets (PS3.5 6.1.2.5).
        _ => value.len() <= LONGEST && all(|byte| *byte >= 0x20 || *byte == 0x1b),
    };
    (fine && !value.is_empty()).then(|| value.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{Context, INSTANCE_NUMBER, KEPT, LOSSY_IMAGE_COMPRESSION, STUDY_DATE};
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
    use dicom_core::{Tag, VR};
    use dicom_dictionary_std::StandardDataDictionary;

    const NAME: Tag = Tag(0x0010, 0x0010);
    const BIRTH_DATE: Tag = Tag(0x0010, 0x0030);

    #[test]
    fn the_table_is_that_of_the_dictionary() {
        assert!(KEPT.is_sorted_by_key(|(tag, ..)| *tag));
        for (tag, vr, _) in KEPT {
            let entry = StandardDataDictionary.by_tag(*tag).expect("a standard attribute");
            assert_eq!(entry.vr(), VirtualVr::Exact(*vr), "{tag}");
        }
    }

    #[test]
    fn names_are_repeated_byte_for_byte_and_shown_nowhere() {
        let mut context = Context::default();
        // Japanese in ISO 2022, with escapes.
        let name = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B ";
        context.set(NAME, name);
        let repeated: Vec<_> = context.repeated().collect();
        assert_eq!(repeated, [(NAME, VR::PN, &name[..name.len() - 1])]);
        assert_eq!(format!("{context:?}"), "Context(1 attributes, not shown)");
    }

    #[test]
    fn malformed_values_are_not_repeated() {
        let mut context = Context::default();
        for value in [&b"19991301"[..], b"199901", b"unknown", b"", b"        "] {
            context.set(BIRTH_DATE, value);
        }
        context.set(Tag(0x0010, 0x0040), b"W");
        context.set(Tag(0x0008, 0x0050), b"a\x00\x07b");
        context.set(INSTANCE_NUMBER, b"one");
        context.set(LOSSY_IMAGE_COMPRESSION, b"no");
        // An attribute that is none of ours.
        context.set(Tag(0x0010, 0x4000), b"comment");
        assert_eq!(context, Context::default());
        context.set(BIRTH_DATE, b"1999.12.31");
        assert_eq!(context.text(BIRTH_DATE), Some("19991231"));
    }

    #[test]
    fn the_moment_is_as_close_to_the_exposure_as_the_header_tells() {
        let mut context = Context::default();
        assert_eq!(context.moment(), None);
        context.set(STUDY_DATE, b"20200102");
        assert_eq!(context.moment(), Some(("20200102", "000000")));
        context.set(Tag(0x0008, 0x0023), b"20200103");
        context.set(Tag(0x0008, 0x0033), b"10:11:12.5 ");
        assert_eq!(context.moment(), Some(("20200103", "101112.5")));
        context.set(Tag(0x0008, 0x0022), b"20200104");
        context.set(Tag(0x0008, 0x0032), b"25");
        assert_eq!(context.moment(), Some(("20200104", "25")));
    }
}
