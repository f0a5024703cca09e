//! One association as its acceptor: C-ECHO and C-STORE requests in, objects into the spool, responses out.

use super::acceptor::{Acceptance, Agreed, VERIFICATION, busy};
use super::command::{self, C_CANCEL_RQ, C_ECHO_RQ, C_STORE_RQ, Command, Status};
use super::error::AssociationError;
use super::log::Log;
use super::metrics::Metrics;
use super::seats::Seats;
use super::spool::{Incoming, Spool};
use super::wire::Wire;
use crate::dicom::{TransferSyntax, uid};
use dicom_object::FileMetaTableBuilder;
use dicom_ul::pdu::{AbortRQServiceProviderReason, PDataValue, PDataValueType, Pdu};
use std::io;
use std::time::{Duration, Instant};

/// What every association shares.
#[derive(Debug)]
pub struct Storage<'a> {
    /// What is agreed to.
    pub acceptance: &'a Acceptance,
    /// How many may speak at once.
    pub seats: &'a Seats,
    /// Where objects go.
    pub spool: &'a Spool,
    /// How long a peer may take.
    pub times: Times,
    /// Most bytes of an object.
    pub most_bytes: u64,
    /// What is counted.
    pub metrics: &'a Metrics,
    /// What is told.
    pub log: &'a dyn Log,
}

/// How long a peer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// To ask for an association, from the connection on.
    pub request: Duration,
    /// To send one PDU, from the last one on, and to take one of ours; also how long an association may be idle.
    pub pdu: Duration,
    /// To send one object.
    pub object: Duration,
}

impl Default for Times {
    /// 30 s (the usual ARTIM), 60 s, and 15 minutes.
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            pdu: Duration::from_secs(60),
            object: Duration::from_secs(900),
        }
    }
}

/// A request being received.
#[derive(Debug)]
enum Message<'a> {
    None,
    /// The command, so far, and its presentation context.
    Command(u8, Vec<u8>),
    /// The data set of a command.
    Data(Box<Transfer<'a>>),
}

/// A C-STORE whose data set is coming in.
#[derive(Debug)]
struct Transfer<'a> {
    context: u8,
    command: Command,
    deadline: Instant,
    /// Where it goes, or why it does not. What comes after an error is thrown away: the peer listens only at the end.
    object: Result<Incoming<'a>, (Status, &'static str)>,
}

impl Storage<'_> {
    /// Serves the peer at the other end of `wire`, shown as `peer`, until it has had enough. If no seat is free once it
    /// has asked for an association, it is sent away: who says nothing takes none.
    ///
    /// # Errors
    ///
    /// However the association ended, if not by a release. The peer has been told.
    pub fn serve(&self, mut wire: Wire<'_>, peer: &str) -> Result<(), AssociationError> {
        let request = match wire.receive(self.times.request, true) {
            Ok(Pdu::AssociationRQ(request)) => request,
            Ok(_) => {
                wire.abort(AbortRQServiceProviderReason::UnexpectedPdu);
                return Err(AssociationError::Protocol("no association request"));
            }
            Err(error) => {
                // Who has not spoken DICOM gets no answer in DICOM, but who sent a PDU too many bytes long does.
                match error {
                    AssociationError::TooLarge => wire.abort(AbortRQServiceProviderReason::InvalidPduParameter),
                    _ => wire.close(),
                }
                return Err(error);
            }
        };
        let seat = self.seats.take();
        let answered = match &seat {
            Some(_) => self.acceptance.answer(&request),
            None => Err(busy()),
        };
        let (answer, agreed) = match answered {
            Ok(agreed) => agreed,
            Err((rejection, error)) => {
                let _ = wire.send(&Pdu::AssociationRJ(rejection));
                wire.close();
                return Err(error);
            }
        };
        wire.send(&Pdu::AssociationAC(answer))?;
        wire.agree(self.acceptance.most_bytes);
        let ended = self.converse(&mut wire, &agreed, peer);
        match &ended {
            Ok(()) => {
                let _ = wire.send(&Pdu::ReleaseRP);
                wire.close();
            }
            Err(AssociationError::Aborted | AssociationError::Connection(_)) => wire.close(),
            Err(AssociationError::Protocol(_)) => wire.abort(AbortRQServiceProviderReason::UnexpectedPdu),
            Err(AssociationError::TooLarge) => wire.abort(AbortRQServiceProviderReason::InvalidPduParameter),
            Err(_) => wire.abort(AbortRQServiceProviderReason::ReasonNotSpecified),
        }
        ended
    }

    /// Requests and responses, until the peer asks for a release.
    fn converse(&self, wire: &mut Wire<'_>, agreed: &Agreed, peer: &str) -> Result<(), AssociationError> {
        let mut message = Message::None;
        loop {
            let idle = matches!(message, Message::None);
            match wire.receive(self.times.pdu, idle)? {
                Pdu::PData { data } => {
                    for value in data {
                        message = self.value(wire, agreed, peer, message, value)?;
                    }
                }
                Pdu::ReleaseRQ if idle => return Ok(()),
                Pdu::AbortRQ { .. } => return Err(AssociationError::Aborted),
                _ => return Err(AssociationError::Protocol("an unexpected PDU")),
            }
            if let Message::Data(transfer) = &message
                && Instant::now() >= transfer.deadline
            {
                return Err(AssociationError::TimedOut);
            }
        }
    }

    /// Takes one piece of a command or of a data set.
    fn value<'a>(
        &'a self,
        wire: &mut Wire<'_>,
        agreed: &Agreed,
        peer: &str,
        message: Message<'a>,
        value: PDataValue,
    ) -> Result<Message<'a>, AssociationError> {
        let context = value.presentation_context_id;
        match (message, value.value_type) {
            (message @ (Message::None | Message::Command(..)), PDataValueType::Command) => {
                let (context, mut bytes) = match message {
                    Message::Command(begun, bytes) if begun == context => (begun, bytes),
                    Message::Command(..) => return Err(AssociationError::Protocol("a command in two contexts")),
                    _ => (context, Vec::new()),
                };
                if bytes.len() + value.data.len() > command::MOST_BYTES {
                    return Err(AssociationError::Protocol("a command too long"));
                }
                bytes.extend(value.data);
                if !value.is_last {
                    return Ok(Message::Command(context, bytes));
                }
                let command = Command::read(&bytes).map_err(|_| AssociationError::Protocol("a malformed command"))?;
                self.command(wire, agreed, context, command)
            }
            (Message::Data(mut transfer), PDataValueType::Data) if transfer.context == context => {
                transfer.add(&value.data, self.most_bytes);
                if !value.is_last {
                    return Ok(Message::Data(transfer));
                }
                self.stored(wire, agreed, peer, *transfer)?;
                Ok(Message::None)
            }
            _ => Err(AssociationError::Protocol("data out of order")),
        }
    }

    /// Answers a whole command, or begins to take its data set.
    fn command<'a>(
        &'a self,
        wire: &mut Wire<'_>,
        agreed: &Agreed,
        context: u8,
        command: Command,
    ) -> Result<Message<'a>, AssociationError> {
        let Some((class, syntax)) = agreed.contexts.get(&context) else {
            return Err(AssociationError::Protocol("a context that was not agreed on"));
        };
        match command.field() {
            C_STORE_RQ if class != VERIFICATION => {
                if !command.has_data_set() {
                    let response = command.response(Status::CANNOT_UNDERSTAND, "no data set");
                    respond(wire, context, &response)?;
                    return Ok(Message::None);
                }
                let object = self.begin(&command, class, syntax);
                Ok(Message::Data(Box::new(Transfer {
                    context,
                    command,
                    deadline: Instant::now() + self.times.object,
                    object,
                })))
            }
            C_ECHO_RQ if class == VERIFICATION && !command.has_data_set() => {
                respond(wire, context, &command.response(Status::SUCCESS, ""))?;
                self.metrics.echoes.add(1);
                Ok(Message::None)
            }
            // What it would cancel is done already.
            C_CANCEL_RQ => Ok(Message::None),
            _ if command.has_data_set() => Err(AssociationError::Protocol("an operation that is not offered")),
            _ => {
                respond(wire, context, &command.response(Status::UNRECOGNIZED_OPERATION, ""))?;
                Ok(Message::None)
            }
        }
    }

    fn begin(
        &self,
        command: &Command,
        class: &str,
        syntax: &TransferSyntax,
    ) -> Result<Incoming<'_>, (Status, &'static str)> {
        if command.class() != class {
            return Err((Status::CLASS_NOT_SUPPORTED, "the class is not that of the context"));
        }
        let instance = command.instance();
        // Leading zeros are wrong, and common enough to be let through.
        let is_uid_like = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if instance.is_empty() || instance.len() > 64 || !instance.bytes().all(is_uid_like) {
            return Err((Status::INVALID_INSTANCE, "the instance UID is malformed"));
        }
        let head = head(class, instance, syntax).ok_or((Status::CANNOT_UNDERSTAND, "no file can be made of it"))?;
        self.spool.begin(&head).map_err(|error| out_of_resources(&error))
    }

    /// Makes an object last, and only then says so.
    fn stored(
        &self,
        wire: &mut Wire<'_>,
        agreed: &Agreed,
        peer: &str,
        transfer: Transfer<'_>,
    ) -> Result<(), AssociationError> {
        let Transfer {
            context,
            command,
            object,
            ..
        } = transfer;
        let done = object.and_then(|incoming| {
            let bytes = incoming.bytes();
            let name = incoming.commit().map_err(|error| out_of_resources(&error))?;
            Ok((name, bytes))
        });
        let caller = &agreed.caller;
        let response = match &done {
            Ok((name, bytes)) => {
                self.metrics.stored.add(1);
                self.metrics.stored_bytes.add(*bytes);
                let image = &name[..16];
                self.log
                    .detail(&format!("stored image={image} bytes={bytes} from={caller} peer={peer}"));
                command.response(Status::SUCCESS, "")
            }
            Err((status, why)) => {
                self.metrics.refused.add(1);
                self.log.warning(&format!(
                    "refused status=0x{:04X} reason=\"{why}\" from={caller} peer={peer}",
                    status.0
                ));
                command.response(*status, why)
            }
        };
        respond(wire, context, &response)
    }
}

impl Transfer<'_> {
    fn add(&mut self, piece: &[u8], most_bytes: u64) {
        let Ok(incoming) = &mut self.object else { return };
        let error = if incoming.bytes().saturating_add(piece.len() as u64) > most_bytes {
            (Status::CANNOT_UNDERSTAND, "the object is too large")
        } else {
            match incoming.write(piece) {
                Ok(()) => return,
                Err(error) => out_of_resources(&error),
            }
        };
        self.object = Err(error);
    }
}

fn out_of_resources(error: &io::Error) -> (Status, &'static str) {
    let why = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the spool is full",
        _ => "the spool cannot be written",
    };
    (Status::OUT_OF_RESOURCES, why)
}

fn respond(wire: &mut Wire<'_>, context: u8, response: &Command) -> Result<(), AssociationError> {
    wire.send(&Pdu::PData {
        data: vec![PDataValue {
            presentation_context_id: context,
            value_type: PDataValueType::Command,
            is_last: true,
            data: response.write(),
        }],
    })
}

/// The beginning of a DICOM file (PS3.10 7.1) in front of the data set. It tells nothing of who sent it when, so that
/// the same object is the same file.
fn head(class: &str, instance: &str, syntax: &TransferSyntax) -> Option<Vec<u8>> {
    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(instance)
        .transfer_syntax(syntax.uid)
        .implementation_class_uid(uid::implementation_class())
        .implementation_version_name(uid::implementation_version())
        .build()
        .ok()?;
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    meta.write(&mut bytes).ok()?;
    Some(bytes)
}
