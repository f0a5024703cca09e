//! DICOMDIR: the files it lists (PS3.3 F.3, PS3.10 section 8).

use super::contain::contain;
use super::error::ReadError;
use dicom_core::Tag;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// _Directory Record Sequence_.
const RECORDS: Tag = Tag(0x0004, 0x1220);

/// _Referenced File ID_: the parts of a path.
const FILE_ID: Tag = Tag(0x0004, 0x1500);

/// Most bytes of a DICOMDIR; a record takes about 500.
const LIMIT: u64 = 256 << 20;

/// The files that the DICOMDIR at `path` lists, relative to its folder, in its order. Parts that would lead out of
/// the folder are left out together with their file.
///
/// # Errors
///
/// If it cannot be read or is not a DICOMDIR.
pub fn listed(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(ReadError::Limit {
            attribute: "Directory Record Sequence",
            found: bytes.len() as u64,
            limit: LIMIT,
        });
    }
    let object = contain(|| dicom_object::from_reader(&bytes[..]))
        .map_err(ReadError::Structure)?
        .map_err(|error| ReadError::Structure(error.to_string()))?;
    let Ok(records) = object.element(RECORDS) else {
        return Err(ReadError::Missing("Directory Record Sequence"));
    };
    let ids = records
        .items()
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.element(FILE_ID).ok()?.to_multi_str().ok());
    Ok(ids.filter_map(|parts| relative(&parts)).collect())
}

/// The path made of `parts`; `None` if it is empty or leads elsewhere.
fn relative(parts: &[String]) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in parts {
        let part = part.trim_matches([' ', '\0']);
        if matches!(part, "" | "." | "..") || part.contains(['/', '\\', ':', '\0']) {
            return None;
        }
        path.push(part);
    }
    (!path.as_os_str().is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::{FILE_ID, RECORDS, listed, relative};
    use dicom_core::{DataElement, VR, value::DataSetSequence};
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
    use std::path::PathBuf;

    fn write_directory(path: &std::path::Path, ids: &[&[&str]]) {
        let items = ids.iter().map(|parts| {
            let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let value = dicom_core::PrimitiveValue::Strs(parts.into());
            InMemDicomObject::from_element_iter([DataElement::new(FILE_ID, VR::CS, value)])
        });
        let records = DataSetSequence::from(items.collect::<Vec<_>>());
        let object = InMemDicomObject::from_element_iter([DataElement::new(RECORDS, VR::SQ, records)]);
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax("1.2.840.10008.1.2.1")
            .media_storage_sop_class_uid("1.2.840.10008.1.3.10")
            .media_storage_sop_instance_uid("2.25.1");
        object.with_meta(meta).unwrap().write_to_file(path).unwrap();
    }

    #[test]
    fn files_are_listed_in_order_and_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("DICOMDIR");
        write_directory(
            &path,
            &[&["PAT1", "IM2"], &["PAT1", "IM1"], &["..", "..", "etc"], &["A/../B"]],
        );
        let expected: Vec<PathBuf> = ["PAT1/IM2", "PAT1/IM1"].map(PathBuf::from).into();
        assert_eq!(listed(&path).unwrap(), expected);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert!(listed(&path).map_or(0, |files| files.len()) <= 2);
        }
    }

    #[test]
    fn parts_that_lead_out_are_refused() {
        let parts = |text: &str| -> Vec<String> { text.split('\\').map(str::to_owned).collect() };
        assert_eq!(relative(&parts("A\\B ")), Some(PathBuf::from("A/B")));
        for text in ["", "..\\A", "/etc", "A\\\\B", "C:"] {
            assert_eq!(relative(&parts(text)), None, "{text}");
        }
    }
}
