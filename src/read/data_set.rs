//! A DICOM input taken apart: file meta information, transfer syntax, the attributes we read, where the pixels are.

use super::attributes::Attributes;
use super::element::{Elements, Head, Layout, Stop, is_vr};
use super::functional_groups;
use super::inflate::inflate;
use super::sniff::starts_with_element;
use crate::dicom::attribute::TRANSFER_SYNTAX_UID;
use crate::dicom::{Attribute, Context, TransferSyntax};
use crate::radiograph::Warning;

/// A data set up to its pixels.
#[derive(Debug)]
pub(super) struct DataSet {
    pub(super) meta: Attributes,
    pub(super) attributes: Attributes,
    /// `None` if the file states one that we do not know.
    pub(super) syntax: Option<TransferSyntax>,
    /// As stated, or found by content.
    pub(super) syntax_uid: String,
    pub(super) pixel_data: Option<Head>,
    /// The data set if it was deflated; offsets count in it.
    pub(super) inflated: Option<Vec<u8>>,
    pub(super) warnings: Vec<Warning>,
    /// Where its elements begin, and how they are laid out.
    data: usize,
    layout: Layout,
}

impl DataSet {
    /// Reads the data set at the beginning of a DICOM input; `complete` tells whether `bytes` are all of it.
    ///
    /// # Errors
    ///
    /// [`Stop::NeedsMore`] if `bytes` end too early and are not all; else what is damaged.
    pub(super) fn read(bytes: &[u8], complete: bool, limit: u64) -> Result<Self, Stop> {
        let elements = Elements::new(bytes, complete);
        let start = start(bytes);
        let is_meta = |tag: dicom_core::Tag| tag.0 == 0x0002;
        let has_meta = bytes.get(start..).is_some_and(|rest| rest.starts_with(&[2, 0]));
        let (walk, data) = if has_meta {
            elements.walk(start, Layout::EXPLICIT_LITTLE, Attribute::is_read, |tag| !is_meta(tag))?
        } else {
            (Default::default(), start)
        };
        let meta = Attributes::parse(bytes, &walk.kept, Layout::EXPLICIT_LITTLE);
        let mut warnings = Vec::new();
        let stated = meta.text(TRANSFER_SYNTAX_UID);
        let (syntax_uid, syntax) = match &stated {
            Some(uid) => (uid.clone(), TransferSyntax::find(uid).copied()),
            None => {
                let found = by_content(bytes.get(data..).unwrap_or_default());
                let message = format!("Transfer Syntax UID is missing; read as {}", found.name);
                warnings.push(Warning::new("transfer_syntax_missing", message));
                (found.uid.to_owned(), Some(found))
            }
        };
        let inflated = match syntax {
            Some(syntax) if syntax.deflated => {
                if !complete {
                    return Err(Stop::NeedsMore);
                }
                Some(inflate(&bytes[data..], limit).map_err(Stop::Damaged)?)
            }
            _ => None,
        };
        let (bytes, data, complete) = match &inflated {
            Some(inflated) => (&inflated[..], 0, true),
            None => (bytes, data, complete),
        };
        let layout = layout(&bytes[data.min(bytes.len())..], syntax, &mut warnings);
        let elements = Elements::new(bytes, complete);
        let (mut walk, _) = elements.walk(data, layout, Attribute::is_read, |_| false)?;
        let found = walk.kept.len();
        walk.kept.retain(|span| {
            let is_group = elements.head(span.start, layout).is_ok_and(|head| head.tag.0 == 0x5200);
            !is_group || span.len() <= functional_groups::MOST_BYTES
        });
        if walk.kept.len() < found {
            let message =
                "Functional Groups Sequences above 8 MiB were ignored, with what they say of spacing and rescale";
            warnings.push(Warning::new("functional_groups_too_large", message));
        }
        let attributes = Attributes::parse(bytes, &walk.kept, layout);
        if attributes.unreadable > 0 {
            let message = format!("{} attributes are damaged and count as missing", attributes.unreadable);
            warnings.push(Warning::new("attributes_damaged", message));
        }
        Ok(Self {
            meta,
            attributes,
            syntax,
            syntax_uid,
            pixel_data: walk.pixel_data,
            inflated,
            warnings,
            data,
            layout,
        })
    }

    /// Patient, study and time; `bytes` are those the data set was read from.
    pub(super) fn context(&self, bytes: &[u8], complete: bool) -> Context {
        let (bytes, complete) = match &self.inflated {
            Some(inflated) => (&inflated[..], true),
            None => (bytes, complete),
        };
        let elements = Elements::new(bytes, complete);
        let mut context = Context::default();
        // The same walk went well before.
        let walk = elements.walk(self.data, self.layout, Context::keeps, |_| false);
        for span in walk.map(|(walk, _)| walk.kept).unwrap_or_default() {
            if let Ok(head) = elements.head(span.start, self.layout) {
                // Only a sequence may have no length (PS3.5 7.1.1), and of a sequence the value does not matter.
                let end = head.length.map_or(head.value, |_| span.end);
                context.set(head.tag, &bytes[head.value..end]);
            }
        }
        context
    }
}

/// Where the first element is: after preamble and prefix, after either alone, or at once.
fn start(bytes: &[u8]) -> usize {
    if bytes.get(128..132) == Some(b"DICM") {
        132
    } else if bytes.starts_with(b"DICM") {
        4
    } else if starts_with_element(bytes) {
        0
    } else {
        132
    }
}

/// The plain transfer syntax that the first element looks like.
fn by_content(bytes: &[u8]) -> TransferSyntax {
    match bytes.first_chunk::<6>() {
        Some([0, group, _, _, v, r]) if *group != 0 && is_vr([*v, *r]) => TransferSyntax::EXPLICIT_BIG,
        Some([_, _, _, _, v, r]) if is_vr([*v, *r]) => TransferSyntax::EXPLICIT_LITTLE,
        _ => TransferSyntax::IMPLICIT_LITTLE,
    }
}

/// The layout that the transfer syntax says, unless the first element shows that it lies about explicit VR.
fn layout(bytes: &[u8], syntax: Option<TransferSyntax>, warnings: &mut Vec<Warning>) -> Layout {
    // Every transfer syntax since the first three is explicit, little endian.
    let stated = syntax.map_or(Layout::EXPLICIT_LITTLE, |syntax| Layout {
        explicit_vr: syntax.explicit_vr,
        big_endian: syntax.big_endian,
    });
    let Some(head) = bytes.first_chunk::<8>() else {
        return stated;
    };
    let looks_explicit = is_vr([head[4], head[5]]);
    if looks_explicit == stated.explicit_vr || stated.big_endian || !starts_with_element(bytes) {
        return stated;
    }
    let message = "Transfer Syntax UID is wrong about explicit value representations; the content was believed";
    warnings.push(Warning::new("transfer_syntax_conflict", message));
    Layout {
        explicit_vr: looks_explicit,
        ..stated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPLICIT: &[u8] = b"\x08\0\x60\0CS\x02\0CR";
    const IMPLICIT: &[u8] = b"\x08\0\x60\0\x02\0\0\0CR";
    const BIG: &[u8] = b"\0\x08\0\x60CS\0\x02CR";

    fn modality(bytes: &[u8]) -> (Option<String>, String) {
        let set = DataSet::read(bytes, true, 1 << 20).expect("a data set");
        (set.attributes.text(crate::dicom::attribute::MODALITY), set.syntax_uid)
    }

    fn with_meta(uid: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM\x02\0\x10\0UI");
        bytes.extend((uid.len() as u16).to_le_bytes());
        bytes.extend(uid.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn the_layout_is_found_without_meta_information() {
        for (bytes, uid) in [
            (EXPLICIT, "1.2.840.10008.1.2.1"),
            (IMPLICIT, "1.2.840.10008.1.2"),
            (BIG, "1.2.840.10008.1.2.2"),
        ] {
            assert_eq!(modality(bytes), (Some("CR".to_owned()), uid.to_owned()));
        }
    }

    #[test]
    fn meta_information_needs_neither_preamble_nor_group_length() {
        let full = with_meta("1.2.840.10008.1.2\0", IMPLICIT);
        for bytes in [&full[..], &full[128..], &full[132..]] {
            assert_eq!(modality(bytes).0.as_deref(), Some("CR"));
        }
        let mut without_prefix = full.clone();
        without_prefix[128..132].fill(b'x');
        assert_eq!(modality(&without_prefix).0.as_deref(), Some("CR"));
    }

    #[test]
    fn content_is_believed_where_the_syntax_lies() {
        for (uid, data) in [("1.2.840.10008.1.2\0", EXPLICIT), ("1.2.840.10008.1.2.1\0", IMPLICIT)] {
            let set = DataSet::read(&with_meta(uid, data), true, 1 << 20).expect("a data set");
            assert_eq!(
                set.attributes.text(crate::dicom::attribute::MODALITY).as_deref(),
                Some("CR")
            );
            assert_eq!(set.warnings[0].code, "transfer_syntax_conflict");
        }
    }
}
