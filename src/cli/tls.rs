//! Certificates for DICOM over TLS, shared by verbs.

use super::status::Failure;
use crate::pacs::{Connector, Destination};
use clap::Args;
use std::path::{Path, PathBuf};

/// Our certificate, and whom to trust among nodes that we send to.
#[derive(Args, Debug)]
pub struct Tls {
    /// Our certificate, then those that lead to its root, in PEM.
    #[arg(long, value_name = "FILE.pem", help_heading = "TLS", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Private key of our certificate, in PEM.
    #[arg(long, value_name = "FILE.pem", help_heading = "TLS", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Certificates, in PEM, one of which must have signed that of a node tls:AET@HOST:PORT. It must be for HOST.
    #[arg(long, value_name = "FILE.pem", help_heading = "TLS")]
    tls_trust: Option<PathBuf>,
}

impl Tls {
    /// Our certificate and its key.
    pub fn own(&self) -> Option<(&Path, &Path)> {
        Some((self.tls_certificate.as_deref()?, self.tls_key.as_deref()?))
    }

    /// What `destinations` need to be spoken with.
    pub fn connector(&self, destinations: &[Destination]) -> Result<Option<Connector>, Failure> {
        let asked = |to: &Destination| matches!(to, Destination::Node { tls: true, .. });
        match &self.tls_trust {
            Some(trusted) => Connector::new(trusted, self.own())
                .map(Some)
                .map_err(Failure::could_not_start),
            None => match destinations.iter().find(|to| asked(to)) {
                Some(node) => Err(Failure::could_not_start(format_args!(
                    "{node}: name the certificates to trust with --tls-trust"
                ))),
                None => Ok(None),
            },
        }
    }
}
