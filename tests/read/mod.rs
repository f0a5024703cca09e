//! Reading files as they come: sound, odd, damaged.

mod mutation;
mod specimens;

use calxray::read::{ModalityFilter, Opened, ReadError, ReadOptions, Source, open};
use std::path::PathBuf;

/// A file below `fixtures/`.
fn fixture(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// Opens whatever the modality.
fn open_any(source: &Source) -> Result<Opened, ReadError> {
    let options = ReadOptions {
        modalities: ModalityFilter::Any,
        ..ReadOptions::default()
    };
    open(source, &options)
}
