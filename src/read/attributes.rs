//! Values of the attributes we read, as the types they are used as.

use super::element::Layout;
use super::error::ReadError;
use super::lengths;
use crate::dicom::Attribute;
use dicom_core::VR;
use dicom_object::mem::{InMemDicomObject, InMemElement};
use dicom_transfer_syntax_registry::entries;
use std::ops::Range;
use std::panic::AssertUnwindSafe;

/// The attributes of a data set that [`Attribute::is_read`] lists.
#[derive(Clone, Debug)]
pub(super) struct Attributes {
    object: InMemDicomObject,
    layout: Layout,
    /// Elements whose encoding is so broken that they count as missing.
    pub(super) unreadable: usize,
}

impl Attributes {
    /// Parses the elements at `spans` of `bytes`; one that does not parse is left out and counted.
    pub(super) fn parse(bytes: &[u8], spans: &[Range<usize>], layout: Layout) -> Self {
        let together: Vec<u8> = spans.iter().flat_map(|span| &bytes[span.clone()]).copied().collect();
        if let Some(object) = parse(&together, layout) {
            return Self {
                object,
                layout,
                unreadable: 0,
            };
        }
        let mut object = InMemDicomObject::new_empty();
        let mut unreadable = 0;
        for span in spans {
            match parse(&bytes[span.clone()], layout) {
                Some(one) => {
                    for element in one {
                        object.put(element);
                    }
                }
                None => unreadable += 1,
            }
        }
        Self {
            object,
            layout,
            unreadable,
        }
    }

    /// The attributes of one item of a sequence.
    fn of_item(&self, item: &InMemDicomObject) -> Self {
        Self {
            object: item.clone(),
            layout: self.layout,
            unreadable: 0,
        }
    }

    /// A data set of the same encoding with nothing in it.
    pub(super) fn none(&self) -> Self {
        self.of_item(&InMemDicomObject::new_empty())
    }

    /// The items of a sequence, which is taken out; empty if missing.
    pub(super) fn take_items(&mut self, attribute: Attribute) -> Vec<Self> {
        let items = self.items(attribute);
        self.object.remove_element(attribute.tag);
        items
    }

    /// Takes over every attribute of `other`.
    pub(super) fn overlay(&mut self, other: &Self) {
        for element in &other.object {
            self.object.put(element.clone());
        }
    }

    /// Takes over one attribute of `other`, if it is there, under the name `to`.
    pub(super) fn copy(&mut self, other: &Self, from: Attribute, to: Attribute) {
        if let Some(element) = other.object.get(from.tag) {
            let element = InMemElement::new(to.tag, element.vr(), element.value().clone());
            self.object.put(element);
        }
    }

    /// Whether there is none at all.
    pub(super) fn is_empty(&self) -> bool {
        self.object.iter().next().is_none()
    }

    /// Whether the attribute is there, with or without a value.
    pub(super) fn has(&self, attribute: Attribute) -> bool {
        self.object.get(attribute.tag).is_some()
    }

    /// Every value as trimmed text; empty if missing.
    pub(super) fn texts(&self, attribute: Attribute) -> Vec<String> {
        let Some(element) = self.object.get(attribute.tag) else {
            return Vec::new();
        };
        let text = if element.vr() == VR::UN {
            element
                .to_bytes()
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .unwrap_or_default()
        } else {
            element.to_multi_str().map(|texts| texts.join("\\")).unwrap_or_default()
        };
        let trimmed = |value: &str| value.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned();
        if text.is_empty() {
            Vec::new()
        } else {
            text.split('\\').map(trimmed).collect()
        }
    }

    /// The first value as trimmed text, if there is one.
    pub(super) fn text(&self, attribute: Attribute) -> Option<String> {
        self.texts(attribute).into_iter().next().filter(|text| !text.is_empty())
    }

    /// The first value in upper case: for code strings.
    pub(super) fn code(&self, attribute: Attribute) -> Option<String> {
        self.text(attribute).map(|text| text.to_ascii_uppercase())
    }

    /// Every value as a number, NaN where a text is none; empty if missing.
    pub(super) fn numbers(&self, attribute: Attribute) -> Vec<f64> {
        let Some(element) = self.object.get(attribute.tag) else {
            return Vec::new();
        };
        let is_binary = matches!(attribute.vr, VR::US | VR::SS | VR::UL | VR::SL | VR::FD | VR::FL);
        if is_binary && element.vr() != VR::UN {
            element.to_multi_float64().unwrap_or_default()
        } else if is_binary {
            self.words(attribute).into_iter().map(f64::from).collect()
        } else {
            let number = |text: String| text.parse().unwrap_or(f64::NAN);
            self.texts(attribute).into_iter().map(number).collect()
        }
    }

    /// The first value as a finite number.
    pub(super) fn number(&self, attribute: Attribute) -> Option<f64> {
        self.numbers(attribute)
            .first()
            .copied()
            .filter(|number| number.is_finite())
    }

    /// Every value as 16 raw bits, whether stored as US, SS, OW or UN.
    pub(super) fn words(&self, attribute: Attribute) -> Vec<u16> {
        let Some(element) = self.object.get(attribute.tag) else {
            return Vec::new();
        };
        match element.vr() {
            VR::US | VR::SS => {
                let numbers = element.to_multi_int::<i32>().unwrap_or_default();
                numbers.into_iter().map(|number| number as u16).collect()
            }
            VR::OW => self.ow(element),
            _ => {
                let bytes = element.to_bytes().unwrap_or_default();
                bytes
                    .chunks_exact(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect()
            }
        }
    }

    fn ow(&self, element: &InMemElement) -> Vec<u16> {
        element.to_multi_int::<u16>().unwrap_or_default()
    }

    /// The first value as 16 raw bits.
    pub(super) fn word(&self, attribute: Attribute) -> Option<u16> {
        self.words(attribute).first().copied()
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    ///
    /// If a value is there and is no such number.
    pub(super) fn count(&self, attribute: Attribute) -> Result<Option<u32>, ReadError> {
        let wrong = |found: String| ReadError::Value {
            attribute: attribute.name,
            found,
            expected: "a whole number",
        };
        match self.numbers(attribute).first() {
            None => Ok(None),
            Some(&number) if number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0 => {
                Ok(Some(number as u32))
            }
            Some(number) if number.is_nan() => Err(wrong("not a number".to_owned())),
            Some(number) => Err(wrong(number.to_string())),
        }
    }

    /// A whole number above zero that must be there.
    ///
    /// # Errors
    ///
    /// If it is missing, zero or no whole number.
    pub(super) fn required_count(&self, attribute: Attribute) -> Result<u32, ReadError> {
        match self.count(attribute)? {
            None => Err(ReadError::Missing(attribute.name)),
            Some(0) => Err(ReadError::Value {
                attribute: attribute.name,
                found: "0".to_owned(),
                expected: "above zero",
            }),
            Some(count) => Ok(count),
        }
    }

    /// The items of a sequence; empty if missing.
    pub(super) fn items(&self, attribute: Attribute) -> Vec<Self> {
        let element = self.object.get(attribute.tag);
        let items = element.and_then(|element| element.items()).unwrap_or_default();
        items.iter().map(|item| self.of_item(item)).collect()
    }
}

fn parse(bytes: &[u8], layout: Layout) -> Option<InMemDicomObject> {
    if !lengths::stay_within(bytes, layout) {
        return None;
    }
    let read = || match (layout.explicit_vr, layout.big_endian) {
        (true, true) => InMemDicomObject::read_dataset_with_ts(bytes, &entries::EXPLICIT_VR_BIG_ENDIAN.erased()),
        (true, false) => InMemDicomObject::read_dataset_with_ts(bytes, &entries::EXPLICIT_VR_LITTLE_ENDIAN.erased()),
        (false, _) => InMemDicomObject::read_dataset_with_ts(bytes, &entries::IMPLICIT_VR_LITTLE_ENDIAN.erased()),
    };
    // The parser is sound as far as fuzzing shows; a batch must survive even if it is not.
    super::contain::contain(AssertUnwindSafe(read)).ok()?.ok()
}

#[cfg(test)]
impl Attributes {
    /// A data set with these text values, for tests of the rules.
    pub(super) fn of_texts(values: &[(Attribute, &str)]) -> Self {
        let mut object = InMemDicomObject::new_empty();
        for (attribute, text) in values {
            object.put(InMemElement::new(attribute.tag, attribute.vr, *text));
        }
        Self {
            object,
            layout: Layout::EXPLICIT_LITTLE,
            unreadable: 0,
        }
    }

    /// Adds a sequence, likewise.
    pub(super) fn put_items(&mut self, attribute: Attribute, items: &[Self]) {
        let items: Vec<InMemDicomObject> = items.iter().map(|item| item.object.clone()).collect();
        let items = dicom_core::value::DataSetSequence::from(items);
        self.object.put(InMemElement::new(attribute.tag, attribute.vr, items));
    }

    /// Adds 16-bit values, likewise.
    pub(super) fn put_words(&mut self, attribute: Attribute, words: &[u16]) {
        let words = dicom_core::PrimitiveValue::U16(words.into());
        self.object.put(InMemElement::new(attribute.tag, VR::US, words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::attribute::{BITS_STORED, PIXEL_PADDING_VALUE, RESCALE_SLOPE, ROWS};

    fn parsed(bytes: &[u8]) -> Attributes {
        let whole = 0..bytes.len();
        Attributes::parse(bytes, std::slice::from_ref(&whole), Layout::EXPLICIT_LITTLE)
    }

    #[test]
    fn a_value_written_as_un_is_read_as_what_it_is() {
        let slope = parsed(b"\x28\0\x53\x10UN\0\0\x02\0\0\x001 ");
        assert_eq!(slope.number(RESCALE_SLOPE), Some(1.0));
        let rows = parsed(b"\x28\0\x10\0UN\0\0\x02\0\0\0\x34\x12");
        assert_eq!(rows.count(ROWS).expect("a number"), Some(0x1234));
    }

    #[test]
    fn signed_words_keep_their_bits() {
        let padding = parsed(b"\x28\0\x20\x01SS\x02\0\xff\xff");
        assert_eq!(padding.word(PIXEL_PADDING_VALUE), Some(0xffff));
    }

    #[test]
    fn one_broken_element_does_not_take_the_others_along() {
        let bytes = b"\x28\0\x10\0US\x02\0\x05\0\x28\0\x01\x01US\x09\0\x0c";
        let attributes = Attributes::parse(bytes, &[0..10, 10..19], Layout::EXPLICIT_LITTLE);
        assert_eq!(attributes.count(ROWS).expect("a number"), Some(5));
        assert_eq!(
            (attributes.count(BITS_STORED).expect("absent"), attributes.unreadable),
            (None, 1)
        );
    }

    #[test]
    fn counts_must_be_whole_and_present() {
        let negative = Attributes::of_texts(&[(crate::dicom::attribute::NUMBER_OF_FRAMES, "-1")]);
        let error = negative
            .count(crate::dicom::attribute::NUMBER_OF_FRAMES)
            .expect_err("negative");
        assert_eq!(error.attribute(), Some("Number of Frames"));
        assert!(matches!(negative.required_count(ROWS), Err(ReadError::Missing("Rows"))));
    }
}
