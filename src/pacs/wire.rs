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

/// How often a waiting reader looks at its clock and at the stop flag.
const TICK: Duration = Duration::from_millis(200);

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
}

impl<'a> Wire<'a> {
    /// Speaks over `socket`, with `tls` encrypted. While the peer is idle, `stops.when_idle` ends the wait; `stops.now`
    /// ends any.
    ///
    /// # Errors
    ///
    /// If the socket takes no time-outs.
    pub fn new(socket: TcpStream, tls: Option<&Acceptor>, stops: Stops<'a>) -> io::Result<Self> {
        socket.set_nonblocking(false)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(TICK))?;
        socket.set_write_timeout(Some(Duration::from_secs(30)))?;
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
    /// If it cannot be encoded or the peer does not take it in time.
    pub fn send(&mut self, pdu: &Pdu) -> Result<(), AssociationError> {
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, pdu).map_err(|_| AssociationError::Protocol("a PDU of ours cannot be encoded"))?;
        let socket = &mut self.timed.socket;
        socket.write_all(&bytes).map_err(AssociationError::Connection)?;
        socket.flush().map_err(AssociationError::Connection)
    }

    /// Tells the peer that this is the end, as the provider of the service, and closes.
    pub fn abort(mut self, reason: AbortRQServiceProviderReason) {
        let source = AbortRQSource::ServiceProvider(reason);
        let _ = self.send(&Pdu::AbortRQ { source });
        self.close();
    }

    /// Closes for writing and gives the peer a moment to read what was said last: closing at once with unread bytes
    /// would make TCP throw it away (PS3.8 9.2, state 13 waits for the peer to close).
    pub fn close(mut self) {
        self.timed.socket.finish();
        let socket = self.timed.socket.raw();
        let (deadline, mut sink) = (Instant::now() + 2 * TICK, [0; 4096]);
        while Instant::now() < deadline && matches!(socket.read(&mut sink), Ok(1..)) {}
        let _ = socket.shutdown(std::net::Shutdown::Both);
    }
}

/// A socket that gives up reading at its deadline.
#[derive(Debug)]
struct Timed<'a> {
    socket: Stream,
    stops: Stops<'a>,
    deadline: Instant,
    idle: bool,
    /// Whether a part of the PDU has come.
    begun: bool,
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Also before a read that would succeed: a trickle of bytes must not go on for ever.
            if Instant::now() >= self.deadline {
                return Err(ErrorKind::TimedOut.into());
            }
            if self.stops.now.load(Ordering::Relaxed) {
                return Err(io::Error::other(Stopping));
            }
            match self.socket.read(buffer) {
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) =>
                {
                    // What has come already is heard first.
                    if self.idle && !self.begun && self.stops.when_idle.load(Ordering::Relaxed) {
                        return Err(io::Error::other(Stopping));
                    }
                }
                Ok(count) => {
                    self.begun = true;
                    return Ok(count);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// We are to stop.
#[derive(Debug, thiserror::Error)]
#[error("stopping")]
pub struct Stopping;
