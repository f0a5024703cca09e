//! A connection, encrypted or not.

use super::chosen::Secure;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

/// A connection, encrypted or not.
#[derive(Debug)]
pub enum Stream {
    /// Not encrypted.
    Plain(TcpStream),
    /// Encrypted.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "there is no acceptor to make one"))]
    Secure(Box<Secure>),
}

impl Stream {
    /// The socket below.
    pub fn raw(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Secure(secure) => secure.raw(),
        }
    }

    /// Says that nothing more will be said.
    pub fn finish(&mut self) {
        if let Self::Secure(secure) = self {
            secure.say_goodbye();
        }
        let _ = self.raw().shutdown(Shutdown::Write);
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Secure(secure) => secure.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Secure(secure) => secure.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Secure(secure) => secure.flush(),
        }
    }
}
