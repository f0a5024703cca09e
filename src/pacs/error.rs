//! What goes wrong between two nodes, and what keeps a service from starting.

use super::wire::Stopping;
use dicom_ul::association;
use dicom_ul::pdu::ReadError;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why an association ended other than by a release. Holds nothing a peer has sent.
#[derive(Debug, thiserror::Error)]
pub enum AssociationError {
    /// The peer closed the connection or it broke.
    #[error("the connection ended: {0}")]
    Connection(io::Error),
    /// The peer was too slow.
    #[error("timed out")]
    TimedOut,
    /// A PDU was larger than agreed.
    #[error("a PDU is larger than agreed")]
    TooLarge,
    /// What came is no DICOM, or not what had to come.
    #[error("protocol error: {0}")]
    Protocol(&'static str),
    /// The peer aborted.
    #[error("aborted by the peer")]
    Aborted,
    /// We or the peer refused the association.
    #[error("rejected: {0}")]
    Rejected(&'static str),
    /// The service is stopping.
    #[error("stopping")]
    Stopping,
}

impl From<association::Error> for AssociationError {
    fn from(error: association::Error) -> Self {
        match error {
            association::Error::ReceivePdu { source, .. } => match source {
                ReadError::PduTooLarge { .. } => Self::TooLarge,
                ReadError::ReadPdu { source, .. } => Self::from(source),
                _ => Self::Protocol("a malformed PDU"),
            },
            association::Error::ConnectionClosed { .. } => Self::Connection(ErrorKind::UnexpectedEof.into()),
            _ => Self::Protocol("an unexpected PDU"),
        }
    }
}

impl From<io::Error> for AssociationError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut,
            _ if error.get_ref().is_some_and(|inner| inner.is::<Stopping>()) => Self::Stopping,
            _ => Self::Connection(error),
        }
    }
}

/// Why a service of this room cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum PacsError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// A folder cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another receiver uses the spool.
    #[error("another receiver uses the spool {}", .0.display())]
    Busy(PathBuf),
    /// An option makes no sense.
    #[error("{0}")]
    Option(String),
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl PacsError {
    /// For `map_err`: `path` cannot be used.
    pub fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Folder {
            path: path.to_owned(),
            source,
        }
    }
}
