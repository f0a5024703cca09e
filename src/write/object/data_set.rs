//! A data set under construction.

use crate::dicom::Code;
use crate::dicom::code::{OWN_SCHEME, OWN_SCHEME_VERSION};
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Elements by tag. What is put twice counts once, the later.
#[derive(Clone, Debug)]
pub(in crate::write) struct DataSet(InMemDicomObject);

impl DataSet {
    pub fn new() -> Self {
        Self(InMemDicomObject::new_empty())
    }

    pub fn into_object(self) -> InMemDicomObject {
        self.0
    }

    pub fn as_object(&self) -> &InMemDicomObject {
        &self.0
    }

    pub fn has(&self, tag: Tag) -> bool {
        self.0.get(tag).is_some()
    }

    /// Text of this program's own making: what is not printable ASCII is replaced, for the character set is the source's.
    pub fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        self.put(tag, vr, PrimitiveValue::from(plain(text)));
    }

    /// Several values of this program's own making.
    pub fn texts(&mut self, tag: Tag, vr: VR, texts: &[&str]) {
        let texts: Vec<String> = texts.iter().map(|text| plain(text)).collect();
        self.put(tag, vr, PrimitiveValue::Strs(texts.into()));
    }

    /// A value of the source, in the source's character set.
    pub fn repeat(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        match std::str::from_utf8(value) {
            Ok(text) if text.is_ascii() && !text.contains('\x1b') => self.put(tag, vr, PrimitiveValue::from(text)),
            _ => {
                let mut padded = value.to_vec();
                if padded.len() % 2 == 1 {
                    padded.push(b' ');
                }
                self.put(tag, vr, PrimitiveValue::U8(padded.into()));
            }
        }
    }

    /// An attribute that must be there and has no value (type 2).
    pub fn empty(&mut self, tag: Tag, vr: VR) {
        self.put(tag, vr, PrimitiveValue::Empty);
    }

    pub fn short(&mut self, tag: Tag, number: u16) {
        self.put(tag, VR::US, PrimitiveValue::from(number));
    }

    pub fn put(&mut self, tag: Tag, vr: VR, value: PrimitiveValue) {
        self.0.put(DataElement::new(tag, vr, value));
    }

    pub fn items(&mut self, tag: Tag, items: impl IntoIterator<Item = DataSet>) {
        let items: Vec<InMemDicomObject> = items.into_iter().map(Self::into_object).collect();
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }

    /// A code sequence with one item (PS3.3 8.8).
    pub fn code(&mut self, tag: Tag, code: &Code) {
        self.items(tag, [Self::of_code(code)]);
    }

    /// The item of a code sequence.
    pub fn of_code(code: &Code) -> Self {
        let mut item = Self::new();
        item.text(tags::CODE_VALUE, VR::SH, &code.value);
        item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, code.scheme);
        if code.scheme == OWN_SCHEME {
            item.text(tags::CODING_SCHEME_VERSION, VR::SH, OWN_SCHEME_VERSION);
        }
        item.text(tags::CODE_MEANING, VR::LO, &code.meaning);
        item
    }
}

/// `text` with what is not printable ASCII replaced, and `\`, which separates values, by `/`.
pub(in crate::write) fn plain(text: &str) -> String {
    let character = |c: char| match c {
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(character).collect()
}

/// `value` as a decimal string of at most 16 characters (PS3.5 6.2); exact for all numbers that a record holds.
pub(in crate::write) fn decimal(value: f64) -> String {
    let short = value.to_string();
    if short.len() <= 16 { short } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::{decimal, plain};

    #[test]
    fn numbers_keep_their_six_digits_in_sixteen_characters() {
        for value in [
            0.0,
            0.5,
            -12.3457,
            1_234_570.0,
            1.234_57e-30,
            -1.234_57e22,
            9_007_199_254_740_991.0,
        ] {
            let text = decimal(value);
            assert!(text.len() <= 16, "{text}");
            assert_eq!(text.parse(), Ok(value));
        }
    }

    #[test]
    fn texts_stay_one_value_of_plain_characters() {
        assert_eq!(plain("a\\b\nü"), "a/b??");
    }
}
