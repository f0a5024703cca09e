//! What stands in for TLS where it was not built in: nothing that could ever be.

use super::Stream;
use crate::pacs::error::PacsError;
use dicom_ul::association::{ClientAssociation, ClientAssociationOptions, Error};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;

const MISSING: &str = "TLS needs a calxray built with the feature `tls`";

/// Takes connections over TLS. There is none without the feature `tls`.
#[derive(Clone, Copy, Debug)]
pub enum Acceptor {}

impl Acceptor {
    /// Never succeeds.
    ///
    /// # Errors
    ///
    /// Always: TLS was not built in.
    pub fn new(_: &Path, _: &Path, _: Option<&Path>) -> Result<Self, PacsError> {
        Err(PacsError::Option(MISSING.to_owned()))
    }

    pub(in crate::pacs) fn accept(&self, _: TcpStream) -> io::Result<Stream> {
        match *self {}
    }
}

/// Connects over TLS. There is none without the feature `tls`.
#[derive(Clone, Copy, Debug)]
pub enum Connector {}

impl Connector {
    /// Never succeeds.
    ///
    /// # Errors
    ///
    /// Always: TLS was not built in.
    pub fn new(_: &Path, _: Option<(&Path, &Path)>) -> Result<Self, PacsError> {
        Err(PacsError::Option(MISSING.to_owned()))
    }

    pub(in crate::pacs) fn establish(
        &self,
        _: ClientAssociationOptions<'_>,
        _: &str,
    ) -> Result<ClientAssociation<TcpStream>, Error> {
        match *self {}
    }
}

/// What went wrong with TLS, in words.
pub fn said(_: &Error) -> Option<String> {
    None
}

/// An encrypted connection.
#[derive(Debug)]
pub enum Secure {}

impl Secure {
    pub fn raw(&mut self) -> &mut TcpStream {
        match *self {}
    }

    pub fn say_goodbye(&mut self) {
        match *self {}
    }
}

impl Read for Secure {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

impl Write for Secure {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }

    fn flush(&mut self) -> io::Result<()> {
        match *self {}
    }
}
