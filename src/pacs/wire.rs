//! PDUs over TCP (PS3.8 9.3), each within its time and size: a peer that is slow, silent or hostile costs a thread for a
//! bounded while, never more.

use super::error::AssociationError;
use super::tls::{Acceptor, Stream};
use bytes::BytesMut;
use dicom_ul::association::read_pdu_from_wire;
use dicom_ul::pdu::{AbortRQServiceProviderReason, AbortRQSource, Pdu, write_pdu};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a waiting reader or writer looks at its clock and at the stop flag.
const TICK: Duration = Duration::from_millis(200);

/// How long a peer may take to hear that this is the end.
const FAREWELL: Duration = Duration::from_millis(400);

/// Most bytes of a request for an association: 128 presentation contexts with every transfer syntax there is fit in.
const LARGEST_REQUEST: u32 = 1 << 18;

/// What ends a wait before its time.
#[derive(Clone, Copy, Debug)]
pub struct Stops<'a> {
    /// As soon as the peer has nothing under way.
    pub when_idle: &'a AtomicBool,
    /// At once.
    pub now: &'a AtomicBool,
}

/// A connection with a deadline.
#[derive(Debug)]
pub struct Wire<'a> {
    timed: Timed<'a>,
    buffer: BytesMut,
    most_bytes: u32,
    patience: Duration,
}

impl<'a> Wire<'a> {
    /// Speaks over `socket`, with `tls` encrypted; a peer has `patience` to take a PDU of ours. While the peer is idle,
    /// `stops.when_idle` ends the wait; `stops.now` ends any.
    ///
    /// # Errors
    ///
    /// If the socket takes no time-outs.
    pub fn new(socket: TcpStream, tls: Option<&Acceptor>, patience: Duration, stops: Stops<'a>) -> io::Result<Self> {
        socket.set_nonblocking(false)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(TICK))?;
        socket.set_write_timeout(Some(TICK))?;
        Ok(Self {
            timed: Timed {
                socket: match tls {
                    None => Stream::Plain(socket),
                    Some(acceptor) => acceptor.accept(socket)?,
                },
                stops,
                deadline: Instant::now(),
                idle: false,
                begun: false,
            },
            buffer: BytesMut::new(),
            most_bytes: LARGEST_REQUEST,
            patience,
        })
    }

    /// From now on, a PDU of more than `most_bytes` is an error: what was agreed on is about data, not about requests for
    /// an association (PS3.8 D.1).
    pub fn agree(&mut self, most_bytes: u32) {
        self.most_bytes = most_bytes;
    }

    /// The next PDU, whole within `time`. With `idle`, the peer owes us nothing and may be left alone.
    ///
    /// # Errors
    ///
    /// If the time is over, the PDU is too large or malformed, the peer has gone, or we are to stop.
    pub fn receive(&mut self, time: Duration, idle: bool) -> Result<Pdu, AssociationError> {
        self.timed.deadline = Instant::now() + time;
        self.timed.idle = idle;
        self.timed.begun = !self.buffer.is_empty();
        read_pdu_from_wire(&mut self.timed, &mut self.buffer, self.most_bytes, true).map_err(AssociationError::from)
    }

    /// Sends `pdu`.
    ///
    /// # Errors
    ///
    /// [`AssociationError::Connection`] if the peer has gone or does not take it in time: there is no telling it so.
    pub fn send(&mut self, pdu: &Pdu) -> Result<(), AssociationError> {
        self.send_within(pdu, self.patience)
    }

    fn send_within(&mut self, pdu: &Pdu, time: Duration) -> Result<(), AssociationError> {
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, pdu).map_err(|_| AssociationError::Protocol("a PDU of ours cannot be encoded"))?;
        self.timed.deadline = Instant::now() + time;
        self.timed
            .write_all(&bytes)
            .and_then(|()| self.timed.flush())
            .map_err(AssociationError::Connection)
    }

    /// Tells the peer that this is the end, as the provider of the service, and closes. Who does not listen is not waited
    /// for.
    pub fn abort(mut self, reason: AbortRQServiceProviderReason) {
        let source = AbortRQSource::ServiceProvider(reason);
        let _ = self.send_within(&Pdu::AbortRQ { source }, FAREWELL.min(self.patience));
        self.close();
    }

    /// Closes for writing and gives the peer a moment to read what was said last: closing at once with unread bytes
    /// would make TCP throw it away (PS3.8 9.2, state 13 waits for the peer to close).
    pub fn close(mut self) {
        self.timed.socket.finish();
        let socket = self.timed.socket.raw();
        let (deadline, mut sink) = (Instant::now() + FAREWELL, [0; 4096]);
        while Instant::now() < deadline && matches!(socket.read(&mut sink), Ok(1..)) {}
        let _ = socket.shutdown(std::net::Shutdown::Both);
    }
}

/// A socket that gives up at its deadline.
#[derive(Debug)]
struct Timed<'a> {
    socket: Stream,
    stops: Stops<'a>,
    deadline: Instant,
    idle: bool,
    /// Whether a part of the PDU has come.
    begun: bool,
}

impl Timed<'_> {
    /// What `act` does to the socket, tried again until the deadline; `while_waiting` says between two attempts whether to go on.
    fn patiently<T>(
        &mut self,
        mut act: impl FnMut(&mut Stream) -> io::Result<T>,
        while_waiting: impl Fn(&Self) -> io::Result<()>,
    ) -> io::Result<T> {
        loop {
            // Also before what would succeed: a trickle of bytes must not go on for ever.
            if Instant::now() >= self.deadline {
                return Err(ErrorKind::TimedOut.into());
            }
            if self.stops.now.load(Ordering::Relaxed) {
                return Err(io::Error::other(Stopping));
            }
            match act(&mut self.socket) {
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) =>
                {
                    while_waiting(self)?;
                }
                done => return done,
            }
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.patiently(
            |socket| socket.read(buffer),
            // What has come already is heard first.
            |timed| match timed.idle && !timed.begun && timed.stops.when_idle.load(Ordering::Relaxed) {
                true => Err(io::Error::other(Stopping)),
                false => Ok(()),
            },
        )?;
        self.begun = true;
        Ok(count)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|socket| socket.write(bytes), |_| Ok(()))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.patiently(Stream::flush, |_| Ok(()))
    }
}

/// We are to stop.
#[derive(Debug, thiserror::Error)]
#[error("stopping")]
pub struct Stopping;
