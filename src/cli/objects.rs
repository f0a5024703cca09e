//! DICOM objects of a scan in one flat folder, as routers take them: each is put there once.

use super::status::Failure;
use crate::batch::{Format, Formats};
use crate::write::{atomic, sha256};
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Name of the file in an output folder that says which objects were put where.
const GATHERED: &str = "gathered";

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

/// Copies every object in the results `out` that was not yet put there to `into`, as `<image>-<kind>.dcm`, each whole or
/// not at all. With `again`, what was put there before is copied too.
///
/// A router takes objects away, so what is in `into` does not tell: a file in `out` does. It is written after the copies; a
/// kill in between copies some of them twice and loses none.
///
/// # Errors
///
/// If one cannot be read or written.
pub(super) fn gather(out: &Path, into: &Path, again: bool) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::failed(format_args!("cannot copy objects to {}: {error}", into.display()))
    };
    let place = place(into).map_err(|error| failed(&error))?;
    let ledger = out.join(GATHERED);
    let before = read(&ledger).map_err(|error| failed(&error))?;
    // What other folders were given stays known; of this one, what is still a result.
    let mut known: BTreeMap<String, String> = before
        .iter()
        .filter(|(what, _)| !what.starts_with(&place))
        .map(|(what, stamp)| (what.clone(), stamp.clone()))
        .collect();
    let copied = copy_new(out, into, |name, stamp| {
        let what = format!("{place} {name}");
        let is_new = again || before.get(&what) != Some(&stamp);
        known.insert(what, stamp);
        is_new
    });
    // Only if all went well: what failed is tried again.
    copied.map_err(|error| failed(&error))?;
    if known == before {
        return Ok(());
    }
    let lines: String = known.iter().map(|(what, stamp)| format!("{what} {stamp}\n")).collect();
    atomic::write(&ledger, lines.as_bytes()).map_err(|error| Failure::output(&ledger, error.source))
}

/// Copies the objects of which `is_new` says so, told name in the flat folder and stamp.
fn copy_new(out: &Path, into: &Path, mut is_new: impl FnMut(&str, String) -> bool) -> io::Result<()> {
    for folder in Format::OBJECTS.into_iter().flat_map(Format::folders) {
        let kind = folder.name;
        let Ok(entries) = fs::read_dir(out.join(kind)) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let Some(image) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".dcm")) else {
                continue;
            };
            let name = format!("{image}-{kind}.dcm");
            if is_new(&name, stamp(&entry.metadata()?)) {
                atomic::write(&into.join(name), &fs::read(&path)?).map_err(|error| error.source)?;
            }
        }
    }
    Ok(())
}

/// What stands for the folder `into`, made if missing: digits of a digest, as results hold no paths of a machine.
fn place(into: &Path) -> io::Result<String> {
    fs::create_dir_all(into)?;
    let digest = sha256(fs::canonicalize(into)?.as_os_str().as_encoded_bytes());
    Ok(digest[..16].to_owned())
}

/// Tells a result from one that was written later in its place.
fn stamp(metadata: &Metadata) -> String {
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{}-{}", metadata.len(), modified.map_or(0, |time| time.as_nanos()))
}

/// What was put where, with stamps; nothing if there is no such file. Lines that make no sense are passed over: what they
/// were about is copied again.
fn read(ledger: &Path) -> io::Result<BTreeMap<String, String>> {
    let text = match fs::read(ledger) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
    Ok(lines.map(|(what, stamp)| (what.to_owned(), stamp.to_owned())).collect())
}
