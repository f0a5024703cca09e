//! C-STORE as its user (PS3.4 annex B): DICOM files to a node, over one association.

use super::command::{C_STORE_RQ, Command, RESPONSE, Status};
use super::tls::{self, Connector};
use crate::dicom::TransferSyntax;
use dicom_object::{FileMetaTable, InMemDicomObject};
use dicom_transfer_syntax_registry::entries::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN};
use dicom_ul::association::{ClientAssociation, ClientAssociationOptions, CloseSocket, Error};
use dicom_ul::pdu::{PDataValue, PDataValueType, Pdu};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Presentation contexts that fit into one association (PS3.8 9.3.2.2: odd numbers up to 255).
const MOST_CONTEXTS: usize = 128;
/// How long a node may take to answer.
const TIME: Duration = Duration::from_secs(60);

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The node has it.
    Stored,
    /// The node does not take it, now or later: why.
    Refused(String),
    /// It did not work this time: why.
    Later(String),
}

/// What a file is, as its meta information says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The file.
    pub path: PathBuf,
    /// SOP Class UID.
    pub class: String,
    /// SOP Instance UID.
    pub instance: String,
    /// Transfer Syntax UID.
    pub syntax: String,
    /// Where the data set begins, in bytes.
    pub data_set: u64,
}

impl Item {
    /// Reads the head of a DICOM file (PS3.10 7.1).
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let mut preamble = [0; 132];
        file.read_exact(&mut preamble)?;
        if !preamble.ends_with(b"DICM") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no DICOM file"));
        }
        file.seek_relative(-4)?;
        let meta = FileMetaTable::from_reader(&mut file)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "malformed file meta information"))?;
        let data_set = file.stream_position()?;
        Ok(Self {
            path: path.to_owned(),
            class: meta.media_storage_sop_class_uid().to_owned(),
            instance: meta.media_storage_sop_instance_uid().to_owned(),
            syntax: meta.transfer_syntax().to_owned(),
            data_set,
        })
    }

    /// Whether the data set can be rewritten in the other plain transfer syntax.
    fn is_plain(&self) -> bool {
        [TransferSyntax::EXPLICIT_LITTLE.uid, TransferSyntax::IMPLICIT_LITTLE.uid].contains(&self.syntax.as_str())
    }

    /// What to propose for this file: its own transfer syntax first.
    fn proposals(&self) -> Vec<(String, String)> {
        let mut syntaxes = vec![self.syntax.clone()];
        if self.is_plain() {
            let both = [TransferSyntax::EXPLICIT_LITTLE.uid, TransferSyntax::IMPLICIT_LITTLE.uid];
            syntaxes.extend(both.into_iter().filter(|uid| *uid != self.syntax).map(str::to_owned));
        }
        syntaxes
            .into_iter()
            .map(|syntax| (self.class.clone(), syntax))
            .collect()
    }
}

/// AE titles of both ends.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The node's.
    pub called: &'a str,
    /// Ours.
    pub calling: &'a str,
}

/// Sends `items` to the node at `address`, with `tls` encrypted; tells `done` what became of each, by its number.
/// Returns why the association failed, if it did: what was not told of by then was not sent.
///
/// # Errors
///
/// Why, in words.
pub fn send(
    address: &str,
    tls: Option<&Connector>,
    names: Names<'_>,
    items: &[Item],
    done: &mut dyn FnMut(usize, Sent),
) -> Result<(), String> {
    let proposals: BTreeSet<(String, String)> = items.iter().flat_map(Item::proposals).collect();
    let mut options = ClientAssociationOptions::new()
        .calling_ae_title(names.calling)
        .called_ae_title(names.called)
        .max_pdu_length(1 << 16)
        .connection_timeout(Duration::from_secs(10))
        .read_timeout(TIME)
        .write_timeout(TIME);
    for (class, syntax) in proposals.iter().take(MOST_CONTEXTS) {
        options = options.with_presentation_context(class.clone(), vec![syntax.clone()]);
    }
    match tls {
        None => converse(options.establish(address), items, done),
        Some(connector) => converse(connector.establish(options, address), items, done),
    }
}

/// Sends `items` over an association, if there is one.
fn converse<S: Read + Write + CloseSocket>(
    established: Result<ClientAssociation<S>, Error>,
    items: &[Item],
    done: &mut dyn FnMut(usize, Sent),
) -> Result<(), String> {
    let mut association = match established {
        Ok(association) => association,
        Err(Error::NoAcceptedPresentationContexts { .. }) => {
            for number in 0..items.len() {
                done(number, Sent::Refused("the node takes no such objects".to_owned()));
            }
            return Ok(());
        }
        Err(error) => return Err(said(&error)),
    };
    for (number, item) in items.iter().enumerate() {
        // Message IDs need to differ only among requests under way, and here is one at a time.
        let message = (number % 0xFFFF) as u16 + 1;
        let sent = store(&mut association, message, item)?;
        done(number, sent);
    }
    // Everything was acknowledged; a node that fails to say goodbye changes nothing.
    let _ = association.release();
    Ok(())
}

/// Splits `items` so that each part fits into one association.
pub fn parts(items: &[Item]) -> Vec<&[Item]> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut contexts = BTreeSet::new();
    for (number, item) in items.iter().enumerate() {
        let mut more = contexts.clone();
        more.extend(item.proposals());
        if more.len() > MOST_CONTEXTS {
            parts.push(&items[begin..number]);
            begin = number;
            more = item.proposals().into_iter().collect();
        }
        contexts = more;
    }
    if begin < items.len() {
        parts.push(&items[begin..]);
    }
    parts
}

/// Sends one file.
fn store<S: Read + Write + CloseSocket>(
    association: &mut ClientAssociation<S>,
    message: u16,
    item: &Item,
) -> Result<Sent, String> {
    let context = |syntax: &str| {
        let fits = |agreed: &&dicom_ul::pdu::PresentationContextNegotiated| {
            agreed.abstract_syntax == item.class && trimmed(&agreed.transfer_syntax) == syntax
        };
        association
            .presentation_contexts()
            .iter()
            .find(fits)
            .map(|agreed| agreed.id)
    };
    let mut file = match File::open(&item.path) {
        Ok(file) => file,
        Err(error) => return Ok(Sent::Later(format!("cannot be read: {error}"))),
    };
    if let Err(error) = file.seek(SeekFrom::Start(item.data_set)) {
        return Ok(Sent::Later(format!("cannot be read: {error}")));
    }
    let (id, mut data): (u8, Box<dyn Read>) = if let Some(id) = context(&item.syntax) {
        (id, Box::new(file))
    } else {
        let other = item
            .proposals()
            .into_iter()
            .skip(1)
            .find_map(|(_, syntax)| Some((context(&syntax)?, syntax)));
        let Some((id, syntax)) = other else {
            return Ok(Sent::Refused("the node takes no such objects".to_owned()));
        };
        match rewritten(file, &item.syntax, &syntax) {
            Ok(bytes) => (id, Box::new(io::Cursor::new(bytes))),
            Err(error) => {
                return Ok(Sent::Refused(format!(
                    "cannot be put into another transfer syntax: {error}"
                )));
            }
        }
    };
    let request = Command::store(message, &item.class, &item.instance);
    let command = PDataValue {
        presentation_context_id: id,
        value_type: PDataValueType::Command,
        is_last: true,
        data: request.write(),
    };
    association
        .send(&Pdu::PData { data: vec![command] })
        .map_err(|error| said(&error))?;
    let mut writer = association.send_pdata(id);
    if let Err(error) = io::copy(&mut data, &mut writer) {
        writer.abandon();
        return Err(format!("the connection ended: {}", error.kind()));
    }
    writer
        .finish()
        .map_err(|error| format!("the connection ended: {}", error.kind()))?;
    let response = response(association)?;
    if response.field() != C_STORE_RQ | RESPONSE || response.answers() != Some(message) {
        return Err("the node answers something else".to_owned());
    }
    Ok(match response.status() {
        Some(status) if status.is_stored() => Sent::Stored,
        Some(status) if status.is_passing() => Sent::Later(format!("status 0x{:04X}", status.0)),
        Some(Status(status)) => Sent::Refused(format!("status 0x{status:04X}")),
        None => return Err("the node answers without a status".to_owned()),
    })
}

/// The next command the node sends.
fn response<S: Read + Write + CloseSocket>(association: &mut ClientAssociation<S>) -> Result<Command, String> {
    let mut bytes = Vec::new();
    loop {
        match association.receive().map_err(|error| said(&error))? {
            Pdu::PData { data } => {
                for value in data {
                    if value.value_type != PDataValueType::Command || bytes.len() > super::command::MOST_BYTES {
                        return Err("the node answers something else".to_owned());
                    }
                    bytes.extend(value.data);
                    if value.is_last {
                        return Command::read(&bytes).map_err(|error| error.to_string());
                    }
                }
            }
            Pdu::AbortRQ { .. } => return Err("aborted by the node".to_owned()),
            _ => return Err("the node answers something else".to_owned()),
        }
    }
}

/// A plain data set in the other plain transfer syntax.
fn rewritten(data: impl Read, from: &str, to: &str) -> Result<Vec<u8>, String> {
    let syntax = |uid: &str| {
        if uid == TransferSyntax::IMPLICIT_LITTLE.uid {
            IMPLICIT_VR_LITTLE_ENDIAN.erased()
        } else {
            EXPLICIT_VR_LITTLE_ENDIAN.erased()
        }
    };
    let set = InMemDicomObject::read_dataset_with_ts(BufReader::new(data), &syntax(from)).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    set.write_dataset_with_ts(&mut bytes, &syntax(to))
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}

fn trimmed(uid: &str) -> &str {
    uid.trim_matches(['\0', ' '])
}

/// What went wrong, in words that hold nothing of what was sent.
fn said(error: &Error) -> String {
    match error {
        Error::Connect { source, .. } => format!("cannot connect: {}", source.kind()),
        Error::ToAddress { .. } => "the host is not known".to_owned(),
        Error::Rejected { association_rj, .. } => format!("association rejected: {}", association_rj.source),
        Error::Aborted { .. } => "aborted by the node".to_owned(),
        Error::Timeout { .. } => "timed out".to_owned(),
        _ => tls::said(error).unwrap_or_else(|| "the connection ended".to_owned()),
    }
}
