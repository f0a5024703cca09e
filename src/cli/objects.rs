//! DICOM objects of a scan in one flat folder, as routers take them.

use super::status::Failure;
use crate::batch::{Format, Formats};
use crate::write::atomic;
use std::fs;
use std::path::Path;

/// Whether `formats` has objects at all.
///
/// # Errors
///
/// If not: `--objects` would have nothing to gather.
pub(super) fn expect_some(formats: &Formats) -> Result<(), Failure> {
    if formats.objects().next().is_some() {
        return Ok(());
    }
    Err(Failure::could_not_start(
        "--objects needs a --format with sr, seg, sc or gsps",
    ))
}

/// Copies every object in the results `out` to `into`, as `<image>-<kind>.dcm`, each whole or not at all.
///
/// # Errors
///
/// If one cannot be read or written.
pub(super) fn gather(out: &Path, into: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::failed(format_args!("cannot copy objects to {}: {error}", into.display()))
    };
    fs::create_dir_all(into).map_err(|error| failed(&error))?;
    for folder in Format::OBJECTS.into_iter().flat_map(Format::folders) {
        let kind = folder.name;
        let Ok(entries) = fs::read_dir(out.join(kind)) else {
            continue;
        };
        for entry in entries {
            let path = entry.map_err(|error| failed(&error))?.path();
            let Some(image) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".dcm")) else {
                continue;
            };
            let bytes = fs::read(&path).map_err(|error| failed(&error))?;
            atomic::write(&into.join(format!("{image}-{kind}.dcm")), &bytes).map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}
