//! `calxray scan` from outside.

mod archives;
mod deidentified;
mod formats;
mod inputs;
mod objects;
mod output;
mod resume;
#[cfg(unix)]
mod watch;

use crate::support::{Finished, run};
use std::path::Path;

/// Scans `input` into `out` with more arguments.
fn scan(input: &Path, out: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["scan".as_ref(), input.as_os_str(), "--out".as_ref(), out.as_os_str()];
    arguments.extend(more.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    run(arguments)
}
