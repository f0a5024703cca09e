//! DIMSE command sets (PS3.7 6.3.1 and annex E): group 0000, always Implicit VR Little Endian.

use std::collections::BTreeMap;

/// Most bytes of a command set. Real ones have some 200.
pub const MOST_BYTES: usize = 16 << 10;

/// Command Field of the requests that concern us (PS3.7 E.1-1). A response has the highest bit set.
pub const C_STORE_RQ: u16 = 0x0001;
/// Verification.
pub const C_ECHO_RQ: u16 = 0x0030;
/// Cancels another request; has no response.
pub const C_CANCEL_RQ: u16 = 0x0FFF;
/// The bit that makes a request's field that of its response.
pub const RESPONSE: u16 = 0x8000;

const AFFECTED_SOP_CLASS_UID: u16 = 0x0002;
const COMMAND_FIELD: u16 = 0x0100;
const MESSAGE_ID: u16 = 0x0110;
const MESSAGE_ID_BEING_RESPONDED_TO: u16 = 0x0120;
const PRIORITY: u16 = 0x0700;
const COMMAND_DATA_SET_TYPE: u16 = 0x0800;
const STATUS: u16 = 0x0900;
const ERROR_COMMENT: u16 = 0x0902;
const AFFECTED_SOP_INSTANCE_UID: u16 = 0x1000;
/// Command Data Set Type of a command without data set; every other value says that one follows.
const NO_DATA_SET: u16 = 0x0101;
const DATA_SET_FOLLOWS: u16 = 0x0001;

/// A response status (PS3.7 annex C, PS3.4 table B.2-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// Done.
    pub const SUCCESS: Self = Self(0x0000);
    /// The instance UID is no UID.
    pub const INVALID_INSTANCE: Self = Self(0x0117);
    /// The class is not that of the presentation context.
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x0122);
    /// A request we do not know.
    pub const UNRECOGNIZED_OPERATION: Self = Self(0x0211);
    /// The disk or the spool is full: to be sent again later.
    pub const OUT_OF_RESOURCES: Self = Self(0xA700);
    /// The object makes no sense to us, now and later.
    pub const CANNOT_UNDERSTAND: Self = Self(0xC000);

    /// Whether the object is stored: success, or a warning (PS3.7 C.1.2).
    pub fn is_stored(self) -> bool {
        matches!(self.0, 0x0000 | 0x0001 | 0x0107 | 0x0116 | 0xB000..=0xBFFF)
    }

    /// Whether the same object may be taken another time.
    pub fn is_passing(self) -> bool {
        matches!(self.0, 0xA700..=0xA7FF | 0x0110 | 0x0213 | 0xFE00)
    }
}

/// Bytes that are no command set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed command set")]
pub struct Malformed;

/// A command set: values by element number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command(BTreeMap<u16, Vec<u8>>);

impl Command {
    /// Reads a command set. The order of elements and unknown elements do not matter.
    ///
    /// # Errors
    ///
    /// If an element is cut off, is not of group 0000, or there is no Command Field.
    pub fn read(mut bytes: &[u8]) -> Result<Self, Malformed> {
        let mut elements = BTreeMap::new();
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_first_chunk::<8>().ok_or(Malformed)?;
            let [g0, g1, e0, e1, l0, l1, l2, l3] = *head;
            let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).map_err(|_| Malformed)?;
            if [g0, g1] != [0, 0] || length > rest.len() {
                return Err(Malformed);
            }
            let (value, rest) = rest.split_at(length);
            elements.insert(u16::from_le_bytes([e0, e1]), value.to_vec());
            bytes = rest;
        }
        let command = Self(elements);
        command.short(COMMAND_FIELD).ok_or(Malformed)?;
        Ok(command)
    }

    /// The bytes of the command set, its group length first.
    pub fn write(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (element, value) in &self.0 {
            body.extend([0, 0]);
            body.extend(element.to_le_bytes());
            body.extend((value.len() as u32).to_le_bytes());
            body.extend(value);
        }
        let mut bytes = vec![0, 0, 0, 0, 4, 0, 0, 0];
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// A request to store an instance.
    pub fn store(message: u16, class: &str, instance: &str) -> Self {
        let mut command = Self::default();
        command.set_uid(AFFECTED_SOP_CLASS_UID, class);
        command.set(COMMAND_FIELD, C_STORE_RQ);
        command.set(MESSAGE_ID, message);
        command.set(PRIORITY, 0);
        command.set(COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS);
        command.set_uid(AFFECTED_SOP_INSTANCE_UID, instance);
        command
    }

    /// The response to this request: the same names, `status`, and what is wrong in at most 64 characters.
    pub fn response(&self, status: Status, comment: &str) -> Self {
        let mut response = Self::default();
        for uid in [AFFECTED_SOP_CLASS_UID, AFFECTED_SOP_INSTANCE_UID] {
            if let Some(value) = self.0.get(&uid) {
                response.0.insert(uid, value.clone());
            }
        }
        response.set(COMMAND_FIELD, self.field() | RESPONSE);
        response.set(MESSAGE_ID_BEING_RESPONDED_TO, self.message());
        response.set(COMMAND_DATA_SET_TYPE, NO_DATA_SET);
        response.set(STATUS, status.0);
        if !comment.is_empty() {
            let mut text: Vec<u8> = comment.bytes().take(64).collect();
            if text.len() % 2 == 1 {
                text.push(b' ');
            }
            response.0.insert(ERROR_COMMENT, text);
        }
        response
    }

    /// Command Field.
    pub fn field(&self) -> u16 {
        self.short(COMMAND_FIELD).unwrap_or_default()
    }

    /// Message ID.
    pub fn message(&self) -> u16 {
        self.short(MESSAGE_ID).unwrap_or_default()
    }

    /// Status of a response.
    pub fn status(&self) -> Option<Status> {
        self.short(STATUS).map(Status)
    }

    /// Message ID that a response answers.
    pub fn answers(&self) -> Option<u16> {
        self.short(MESSAGE_ID_BEING_RESPONDED_TO)
    }

    /// Whether a data set follows.
    pub fn has_data_set(&self) -> bool {
        self.short(COMMAND_DATA_SET_TYPE)
            .is_some_and(|kind| kind != NO_DATA_SET)
    }

    /// Affected SOP Class UID.
    pub fn class(&self) -> &str {
        self.uid(AFFECTED_SOP_CLASS_UID)
    }

    /// Affected SOP Instance UID.
    pub fn instance(&self) -> &str {
        self.uid(AFFECTED_SOP_INSTANCE_UID)
    }

    fn short(&self, element: u16) -> Option<u16> {
        let bytes = self.0.get(&element)?.first_chunk::<2>()?;
        Some(u16::from_le_bytes(*bytes))
    }

    /// Without its padding; empty where there is none or it is no text.
    fn uid(&self, element: u16) -> &str {
        let value = self.0.get(&element).map_or(&[][..], Vec::as_slice);
        std::str::from_utf8(value).map_or("", |text| text.trim_matches(['\0', ' ']))
    }

    fn set(&mut self, element: u16, value: u16) {
        self.0.insert(element, value.to_le_bytes().to_vec());
    }

    fn set_uid(&mut self, element: u16, uid: &str) {
        let mut value = uid.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(0);
        }
        self.0.insert(element, value);
    }
}

#[cfg(test)]
mod tests {
    use super::{C_STORE_RQ, Command, Malformed, RESPONSE, Status};
    use proptest::prelude::*;

    #[test]
    fn a_request_survives_the_wire_and_its_response_answers_it() {
        let request = Command::store(7, "1.2.840.10008.5.1.4.1.1.1", "1.2.3");
        let read = Command::read(&request.write()).unwrap();
        assert_eq!(
            (read.field(), read.message(), read.has_data_set()),
            (C_STORE_RQ, 7, true)
        );
        assert_eq!((read.class(), read.instance()), ("1.2.840.10008.5.1.4.1.1.1", "1.2.3"));
        let response = read.response(Status::OUT_OF_RESOURCES, "the spool is full");
        let read = Command::read(&response.write()).unwrap();
        assert_eq!(read.field(), C_STORE_RQ | RESPONSE);
        assert_eq!(
            (read.answers(), read.status()),
            (Some(7), Some(Status::OUT_OF_RESOURCES))
        );
        assert!(!read.has_data_set() && read.write().len().is_multiple_of(2));
    }

    #[test]
    fn what_is_cut_off_or_no_command_is_refused() {
        let bytes = Command::store(1, "1.2", "1.3").write();
        for length in (1..bytes.len()).filter(|length| !matches!(length, 12)) {
            // Cut between two elements behind the Command Field, a command set is short but whole.
            if let Ok(command) = Command::read(&bytes[..length]) {
                assert_eq!(command.field(), C_STORE_RQ, "{length}");
            }
        }
        assert_eq!(Command::read(&[]), Err(Malformed));
        assert_eq!(Command::read(&[8, 0, 5, 0, 0, 0, 0, 0]), Err(Malformed));
        assert_eq!(Command::read(&[0, 0, 0, 1, 255, 255, 255, 255, 1, 0]), Err(Malformed));
    }

    #[test]
    fn statuses_are_told_apart() {
        assert!(Status::SUCCESS.is_stored() && Status(0xB007).is_stored());
        assert!(!Status::OUT_OF_RESOURCES.is_stored() && Status::OUT_OF_RESOURCES.is_passing());
        assert!(!Status::CANNOT_UNDERSTAND.is_passing() && !Status::CLASS_NOT_SUPPORTED.is_passing());
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            if let Ok(command) = Command::read(&bytes) {
                let _ = (command.class(), command.instance(), command.status());
                prop_assert!(Command::read(&command.response(Status::SUCCESS, "").write()).is_ok());
            }
        }
    }
}
