//! Exit status, and the errors that lead to one.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: all input analysed or rightly skipped.
    Done,
    /// 1: some input failed, or the run was stopped; the rest is complete.
    SomeFailed,
    /// 2: arguments, settings or output did not allow a start.
    CouldNotStart,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Done => 0,
            Status::SomeFailed => 1,
            Status::CouldNotStart => 2,
        })
    }
}

/// Why the command ended early: one line for people, and the status to leave with.
#[derive(Debug)]
pub struct Failure {
    status: Status,
    message: String,
}

impl Failure {
    /// The work could not start (status 2).
    pub fn could_not_start(message: impl fmt::Display) -> Self {
        Self {
            status: Status::CouldNotStart,
            message: message.to_string(),
        }
    }

    /// The work began and failed (status 1).
    pub fn failed(message: impl fmt::Display) -> Self {
        Self {
            status: Status::SomeFailed,
            message: message.to_string(),
        }
    }

    /// Writing to `path` failed before any work was done (status 2).
    pub fn output(path: &Path, error: io::Error) -> Self {
        Self::could_not_start(format_args!("cannot write {}: {error}", path.display()))
    }

    /// The status to leave with.
    pub fn status(&self) -> Status {
        self.status
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Says `line` on standard error. Nobody listening is no reason to end.
pub(super) fn tell(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes `bytes` to the file `path`, or to standard output without one. A reader that left early is no failure.
pub(super) fn write_out(path: Option<&PathBuf>, bytes: &[u8]) -> Result<(), Failure> {
    match path {
        Some(path) => std::fs::write(path, bytes).map_err(|error| Failure::output(path, error)),
        None => match io::stdout().lock().write_all(bytes) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::could_not_start(format_args!(
                "cannot write to standard output: {error}"
            ))),
            _ => Ok(()),
        },
    }
}
