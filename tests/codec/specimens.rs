//! Streams of other encoders in `fixtures/specimens/codec`: every line of `samples.csv` is one, with what it must decode to.

use super::LIMITS;
use calxray::codec::{Decoded, jpeg, jpeg_ls};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// One line of the table.
pub struct Specimen {
    pub file: String,
    pub bytes: Vec<u8>,
    shape: [u32; 4],
    tolerance: u16,
    sha256: String,
}

pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/specimens/codec"))
}

pub fn all() -> Vec<Specimen> {
    let mut table = csv::Reader::from_path(folder().join("samples.csv")).unwrap();
    let specimen = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.unwrap();
        let number = |column: usize| record[column].parse().unwrap();
        Specimen {
            file: record[0].to_owned(),
            bytes: std::fs::read(folder().join(&record[0])).unwrap(),
            shape: [1, 2, 3, 4].map(number),
            tolerance: record[5].parse().unwrap(),
            sha256: record[6].to_owned(),
        }
    };
    table.records().map(specimen).collect()
}

impl Specimen {
    pub fn decode(&self) -> Result<Decoded, calxray::codec::CodecError> {
        decode(&self.file, &self.bytes)
    }
}

/// Decodes by the ending of the name.
pub fn decode(file: &str, bytes: &[u8]) -> Result<Decoded, calxray::codec::CodecError> {
    if file.ends_with(".jls") {
        jpeg_ls::decode(bytes, &LIMITS)
    } else {
        jpeg::decode(bytes, &LIMITS)
    }
}

#[test]
fn every_specimen_decodes_to_its_samples() {
    let specimens = all();
    assert_eq!(specimens.len(), 49);
    for specimen in specimens {
        let decoded = specimen
            .decode()
            .unwrap_or_else(|error| panic!("{}: {error}", specimen.file));
        let shape = [
            decoded.rows,
            decoded.columns,
            decoded.components.into(),
            decoded.bits.into(),
        ];
        assert_eq!(shape, specimen.shape, "{}", specimen.file);
        let bytes: Vec<u8> = decoded.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        if specimen.tolerance == 0 {
            let digest: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(digest, specimen.sha256, "{}", specimen.file);
            continue;
        }
        // Inverse transforms may round differently (T.83): the other decoder's samples are kept beside the stream.
        let reference = std::fs::read(folder().join(format!("{}.u16", specimen.file))).unwrap();
        assert_eq!(reference.len(), bytes.len(), "{}", specimen.file);
        let differences = reference.chunks_exact(2).zip(&decoded.samples);
        let worst = differences
            .map(|(pair, &sample)| u16::from_le_bytes([pair[0], pair[1]]).abs_diff(sample))
            .max();
        assert!(worst <= Some(specimen.tolerance), "{}: {worst:?}", specimen.file);
    }
}

#[test]
fn an_image_over_the_limit_is_refused_before_it_is_decoded() {
    use calxray::codec::{CodecError, Limits};
    for specimen in all() {
        let pixels = u64::from(specimen.shape[0]) * u64::from(specimen.shape[1]);
        let limits = Limits { pixels: pixels - 1 };
        let decode = if specimen.file.ends_with(".jls") {
            jpeg_ls::decode
        } else {
            jpeg::decode
        };
        let expected = CodecError::TooLarge {
            pixels,
            limit: pixels - 1,
        };
        assert_eq!(decode(&specimen.bytes, &limits), Err(expected), "{}", specimen.file);
    }
}
