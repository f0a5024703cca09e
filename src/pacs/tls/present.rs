//! TLS by rustls.

use super::Stream;
use crate::pacs::error::PacsError;
use dicom_ul::association::client::TlsStream;
use dicom_ul::association::{ClientAssociation, ClientAssociationOptions, Error};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

/// Takes connections over TLS.
#[derive(Clone)]
pub struct Acceptor(Arc<ServerConfig>);

impl Acceptor {
    /// Shows the certificate in the PEM file `certificate`, with those that lead to its root, and proves it by `key`. With
    /// `peers`, who connects must show a certificate that one of those in this file has signed.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or holds no such thing, or the key is not that of the certificate.
    pub fn new(certificate: &Path, key: &Path, peers: Option<&Path>) -> Result<Self, PacsError> {
        let unfit = |error: rustls::Error| unfit(certificate, &error);
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = builder.with_safe_default_protocol_versions().map_err(unfit)?;
        let builder = match peers {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(path)?), provider());
                builder.with_client_cert_verifier(verifier.build().map_err(|error| self::unfit(path, &error))?)
            }
        };
        let config = builder.with_single_cert(chain(certificate)?, private_key(key)?);
        Ok(Self(Arc::new(config.map_err(unfit)?)))
    }

    /// Begins to speak TLS over `socket`: the handshake goes along with the first bytes read.
    pub(in crate::pacs) fn accept(&self, socket: TcpStream) -> io::Result<Stream> {
        let connection = ServerConnection::new(Arc::clone(&self.0)).map_err(io::Error::other)?;
        let secure = Secure(StreamOwned::new(connection, socket));
        Ok(Stream::Secure(Box::new(secure)))
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A secret is not shown.
        f.write_str("Acceptor")
    }
}

/// Connects over TLS.
#[derive(Clone)]
pub struct Connector(Arc<ClientConfig>);

impl Connector {
    /// Trusts nodes with a certificate for their host that one of those in the PEM file `trusted` has signed. Shows the
    /// certificate, and proves it by the key, of `own` to nodes that ask.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or holds no such thing, or the key is not that of the certificate.
    pub fn new(trusted: &Path, own: Option<(&Path, &Path)>) -> Result<Self, PacsError> {
        let builder = ClientConfig::builder_with_provider(provider());
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| unfit(trusted, &error))?;
        let builder = builder.with_root_certificates(roots(trusted)?);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let config = builder.with_client_auth_cert(chain(certificate)?, private_key(key)?);
                config.map_err(|error| unfit(certificate, &error))?
            }
        };
        Ok(Self(Arc::new(config)))
    }

    /// An association with the node at `address` (host and port), whose certificate must be for its host.
    pub(in crate::pacs) fn establish(
        &self,
        options: ClientAssociationOptions<'_>,
        address: &str,
    ) -> Result<ClientAssociation<TlsStream>, Error> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        options
            .tls_config(Arc::clone(&self.0))
            .server_name(host)
            .establish_tls(address)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

/// What went wrong with TLS, in words.
pub fn said(error: &Error) -> Option<String> {
    match error {
        Error::TlsHandshake { source, .. } => Some(format!("TLS: {source}")),
        Error::TlsConnection { source, .. } => Some(format!("TLS: {source}")),
        Error::InvalidServerName { .. } => Some("TLS: the host is no name of a certificate".to_owned()),
        _ => None,
    }
}

/// An encrypted connection.
pub struct Secure(StreamOwned<ServerConnection, TcpStream>);

impl Secure {
    pub fn raw(&mut self) -> &mut TcpStream {
        &mut self.0.sock
    }

    /// Sends the alert that tells the end from a connection cut off (RFC 8446 6.1).
    pub fn say_goodbye(&mut self) {
        let StreamOwned { conn, sock } = &mut self.0;
        conn.send_close_notify();
        while conn.wants_write() && conn.write_tls(sock).is_ok_and(|written| written > 0) {}
    }
}

impl fmt::Debug for Secure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secure").field(&self.0.sock).finish()
    }
}

impl Read for Secure {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Secure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Named, not left to the process: several may be built in.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, PacsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(unfit(path, &"no certificate in it")),
        Err(error) => Err(unfit(path, &error)),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, PacsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| unfit(path, &error))
}

fn roots(path: &Path) -> Result<RootCertStore, PacsError> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(path)? {
        roots.add(certificate).map_err(|error| unfit(path, &error))?;
    }
    Ok(roots)
}

fn unfit(path: &Path, why: &dyn fmt::Display) -> PacsError {
    PacsError::Option(format!("cannot use {} for TLS: {why}", path.display()))
}
