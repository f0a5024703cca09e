//! Why a run could not start or go on.

use crate::write::WriteError;
use std::io;
use std::path::PathBuf;

/// Why a run could not start or go on. Input that fails is no such reason: it becomes a row of `errors.csv`.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The output folder cannot be made, read or written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// Folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run writes there.
    #[error("another run is writing to {}: wait for it or choose another --out", .0.display())]
    Busy(PathBuf),
    /// The folder holds results that would not go together with this run's.
    #[error(
        "{} holds results of another run ({differences}): use --fresh to replace them or choose another --out",
        folder.display()
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What is not the same.
        differences: String,
    },
    /// The folder holds a file that this run would overwrite and no run made.
    #[error(
        "{} holds {name}, which no run of calxray made: choose another --out, or --fresh to replace it",
        folder.display()
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// The file.
        name: &'static str,
    },
    /// None of the given paths exists.
    #[error("nothing to scan: {0}")]
    NoInput(String),
    /// A result could not be written.
    #[error("{error}: {}", error.source)]
    Write {
        /// File and reason.
        error: WriteError,
    },
    /// The workers could not be started.
    #[error("cannot start workers: {0}")]
    Workers(#[from] rayon::ThreadPoolBuildError),
}

impl From<WriteError> for BatchError {
    fn from(error: WriteError) -> Self {
        Self::Write { error }
    }
}
