//! DICOM over TLS (PS3.15 B.12, the BCP 195 profile): TLS 1.2 and 1.3, certificates as PEM files, nobody trusted but whom
//! they name.
//!
//! The cryptography (ring) is C and assembly, so all of it is behind the feature `tls`. Without it nobody can have an
//! [`Acceptor`] or a [`Connector`], and what takes one costs nothing.

#[cfg(not(feature = "tls"))]
mod absent;
#[cfg(feature = "tls")]
mod present;
mod stream;

#[cfg(not(feature = "tls"))]
use absent as chosen;
#[cfg(feature = "tls")]
use present as chosen;

pub use chosen::{Acceptor, Connector, said};
pub use stream::Stream;
