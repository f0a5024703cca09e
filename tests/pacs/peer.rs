//! A peer that can do wrong. Its commands are built by dicom-object, not by the code under test.

use super::service::Service;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries::IMPLICIT_VR_LITTLE_ENDIAN;
use dicom_ul::association::{ClientAssociation, ClientAssociationOptions};
use dicom_ul::pdu::{AssociationRQ, PDataValue, PDataValueType, Pdu, PresentationContextProposed, write_pdu};
use std::error::Error;
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub const ECHO: &str = "1.2.840.10008.1.1";
pub const CR: &str = "1.2.840.10008.5.1.4.1.1.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";

/// An association of a peer.
#[derive(Debug)]
pub struct Peer(ClientAssociation<TcpStream>);

/// An association with the service, with one context for C-ECHO (1) and one for Computed Radiography (3).
pub fn client(service: &Service, calling: &str, called: &str) -> Result<Peer, String> {
    let association = ClientAssociationOptions::new()
        .calling_ae_title(calling.to_owned())
        .called_ae_title(called.to_owned())
        .with_presentation_context(ECHO, vec![IMPLICIT])
        .with_presentation_context(CR, vec![IMPLICIT])
        .read_timeout(Duration::from_secs(20))
        .establish(service.address());
    association.map(Peer).map_err(|error| error.to_string())
}

/// Whether the service answers an echo.
pub fn answers(service: &Service) -> bool {
    let mut peer = client(service, "CR1", "CALXRAY").unwrap();
    let status = peer.echo();
    peer.release();
    status == 0
}

impl Peer {
    fn command(&mut self, context: u8, elements: &[(u16, VR, PrimitiveValue)]) {
        let data = vec![command(context, elements)];
        self.0.send(&Pdu::PData { data }).unwrap();
    }

    /// Status of the answer to a C-ECHO.
    pub fn echo(&mut self) -> u16 {
        self.0.send(&Pdu::PData { data: vec![echo()] }).unwrap();
        self.status()
    }

    /// Sends so many C-ECHO in one PDU and reads no answer; whether the connection took them.
    pub fn ask_for_echoes(&mut self, count: usize) -> bool {
        let mut bytes = Vec::new();
        let data = vec![echo(); count];
        write_pdu(&mut bytes, &Pdu::PData { data }).unwrap();
        std::io::Write::write_all(self.0.inner_stream(), &bytes).is_ok()
    }

    /// Sends the command of a C-STORE.
    pub fn begin_store(&mut self, instance: &str) {
        self.begin_store_of(CR, instance);
    }

    pub fn begin_store_of(&mut self, class: &str, instance: &str) {
        self.command(
            3,
            &[
                (0x0002, VR::UI, class.into()),
                (0x0100, VR::US, 1_u16.into()),
                (0x0110, VR::US, 9_u16.into()),
                (0x0700, VR::US, 0_u16.into()),
                (0x0800, VR::US, 0_u16.into()),
                (0x1000, VR::UI, instance.into()),
            ],
        );
    }

    /// Sends a piece of a data set; whether the connection took it.
    pub fn piece(&mut self, data: &[u8], is_last: bool) -> bool {
        let value = PDataValue {
            presentation_context_id: 3,
            value_type: PDataValueType::Data,
            is_last,
            data: data.to_vec(),
        };
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, &Pdu::PData { data: vec![value] }).unwrap();
        std::io::Write::write_all(self.0.inner_stream(), &bytes).is_ok()
    }

    /// Status of the next response.
    pub fn status(&mut self) -> u16 {
        let Ok(Pdu::PData { data }) = self.0.receive() else {
            panic!("no response");
        };
        let set =
            InMemDicomObject::read_dataset_with_ts(&data[0].data[..], &IMPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
        let number = |element| set.element(Tag(0, element)).unwrap().to_int::<u16>().unwrap();
        assert_eq!(number(0x0120), 9);
        number(0x0900)
    }

    /// The next PDU, whatever it is.
    pub fn receive(&mut self) -> Option<Pdu> {
        self.0.receive().ok()
    }

    pub fn release(self) {
        self.0.release().unwrap();
    }

    /// Closes the connection in the middle of things.
    pub fn hang_up(mut self) {
        self.0.inner_stream().shutdown(std::net::Shutdown::Both).unwrap();
    }
}

/// A whole command.
fn command(context: u8, elements: &[(u16, VR, PrimitiveValue)]) -> PDataValue {
    let elements = elements
        .iter()
        .map(|(element, vr, value)| DataElement::new(Tag(0, *element), *vr, value.clone()));
    let set = InMemDicomObject::command_from_element_iter(elements);
    let mut data = Vec::new();
    set.write_dataset_with_ts(&mut data, &IMPLICIT_VR_LITTLE_ENDIAN.erased())
        .unwrap();
    PDataValue {
        presentation_context_id: context,
        value_type: PDataValueType::Command,
        is_last: true,
        data,
    }
}

/// A C-ECHO.
fn echo() -> PDataValue {
    let elements = [
        (0x0002, VR::UI, ECHO.into()),
        (0x0100, VR::US, 0x0030_u16.into()),
        (0x0110, VR::US, 9_u16.into()),
        (0x0800, VR::US, 0x0101_u16.into()),
    ];
    command(1, &elements)
}

/// The bytes of an association request with one context.
pub fn request_bytes(calling: &str, called: &str, class: &str) -> Vec<u8> {
    let request = Pdu::AssociationRQ(AssociationRQ {
        protocol_version: 1,
        calling_ae_title: calling.to_owned(),
        called_ae_title: called.to_owned(),
        application_context_name: "1.2.840.10008.3.1.1.1".to_owned(),
        presentation_contexts: vec![PresentationContextProposed {
            id: 1,
            abstract_syntax: class.to_owned(),
            transfer_syntaxes: vec![IMPLICIT.to_owned()],
        }],
        user_variables: Vec::new(),
    });
    let mut bytes = Vec::new();
    write_pdu(&mut bytes, &request).unwrap();
    bytes
}

/// The next PDU on a bare connection.
pub fn read_pdu(socket: &mut TcpStream) -> Option<Pdu> {
    let mut head = [0; 6];
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.read_exact(&mut head).ok()?;
    let mut bytes = head.to_vec();
    bytes.resize(6 + u32::from_be_bytes([head[2], head[3], head[4], head[5]]) as usize, 0);
    socket.read_exact(&mut bytes[6..]).ok()?;
    dicom_ul::read_pdu(&bytes[..], 1 << 20, true)
        .map_err(|error| error.source().map(ToString::to_string))
        .ok()?
}

/// Whether the peer at the other end closes within `time`, whatever it says before.
pub fn closed_within(socket: &mut TcpStream, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut sink = [0; 4096];
    while Instant::now() < deadline {
        match socket.read(&mut sink) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            // Reset.
            Err(_) => return true,
        }
    }
    false
}

/// Head and body of the next HTTP request.
pub fn http_request(socket: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut piece = [0; 65536];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end + 2].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap_or_default();
            while bytes.len() < end + 4 + length {
                let count = socket.read(&mut piece).unwrap();
                assert!(count > 0, "the request is cut off");
                bytes.extend_from_slice(&piece[..count]);
            }
            return (head, bytes.split_off(end + 4));
        }
        let count = socket.read(&mut piece).unwrap();
        assert!(count > 0, "the request is cut off");
        bytes.extend_from_slice(&piece[..count]);
    }
}
