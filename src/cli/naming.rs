//! The site key: how patients and studies are named in tables.

use super::status::Failure;
use crate::batch::{Formats, Naming};
use crate::dicom::SiteKey;
use std::path::Path;

/// Holds the secret where no file is given.
const VARIABLE: &str = "CALXRAY_SITE_KEY";

/// How to name, by the key in `file` or the environment.
pub(super) fn naming(file: Option<&Path>, hash_uids: bool, formats: &Formats) -> Result<Naming, Failure> {
    let (secret, from) = match file {
        Some(path) => {
            let secret = std::fs::read(path)
                .map_err(|error| Failure::could_not_start(format_args!("cannot read {}: {error}", path.display())))?;
            (Some(secret), path.display().to_string())
        }
        None => {
            let secret = std::env::var_os(VARIABLE).filter(|secret| !secret.is_empty());
            (secret.map(|secret| secret.into_encoded_bytes()), VARIABLE.to_owned())
        }
    };
    let key = secret.map(|secret| SiteKey::new(&secret)).transpose();
    let key = key.map_err(|error| Failure::could_not_start(format_args!("{from}: {error}")))?;
    match (key, hash_uids) {
        (None, false) => Ok(Naming::Plain),
        (None, true) => Err(Failure::could_not_start(format_args!(
            "--hash-uids needs a site key: --site-key or {VARIABLE}"
        ))),
        (Some(key), false) => Ok(Naming::Keyed(key)),
        (Some(key), true) => match formats.objects().next() {
            None => Ok(Naming::KeyedUids(key)),
            Some(format) => Err(Failure::could_not_start(format_args!(
                "--hash-uids: a DICOM object ({}) refers to its image by UID and belongs to its study",
                format.name()
            ))),
        },
    }
}
