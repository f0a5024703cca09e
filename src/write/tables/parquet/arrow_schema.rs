//! The schema as Arrow keeps it in a Parquet file, so that fields carry units and descriptions.
//!
//! Source: Apache Arrow, format/Schema.fbs and format/Message.fbs, in FlatBuffers; the message is that of the IPC format.

use crate::write::tables::row::{Column, Kind};

/// An encapsulated message that holds the schema of `columns`.
pub fn message(columns: &[Column]) -> Vec<u8> {
    let mut buffer = Buffer::default();
    let root = buffer.reserve_offset();
    // Message: version V5, header Schema, no body.
    let message = buffer.table(&[Slot::I16(4), Slot::U8(1), Slot::Offset, Slot::I64(0)]);
    buffer.point(root, message.at);
    // Schema: little endian, fields.
    let schema = buffer.table(&[Slot::I16(0), Slot::Offset]);
    buffer.point(message.offsets[0], schema.at);
    let fields = buffer.vector(schema.offsets[0], columns.len());
    for (slot, column) in fields.into_iter().zip(columns) {
        field(&mut buffer, slot, column);
    }
    let mut bytes = buffer.bytes;
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let mut framed = vec![0xFF; 4];
    framed.extend((bytes.len() as u32).to_le_bytes());
    framed.extend(bytes);
    framed
}

fn field(buffer: &mut Buffer, slot: usize, column: &Column) {
    // Of the union Type: Int 2, FloatingPoint 3, Utf8 5.
    let kind = match column.kind {
        Kind::Text => 5,
        Kind::Whole => 2,
        Kind::Number => 3,
    };
    // Name, nullable, kind of type, type, no dictionary, children, metadata.
    let table = buffer.table(&[
        Slot::Offset,
        Slot::U8(1),
        Slot::U8(kind),
        Slot::Offset,
        Slot::Absent,
        Slot::Offset,
        Slot::Offset,
    ]);
    buffer.point(slot, table.at);
    let [name, of_type, children, metadata] = table.offsets[..] else {
        return;
    };
    buffer.text(name, &column.name);
    let described = match column.kind {
        Kind::Text => buffer.table(&[]),
        // 64 bits, signed.
        Kind::Whole => buffer.table(&[Slot::I32(64), Slot::U8(1)]),
        // Double precision.
        Kind::Number => buffer.table(&[Slot::I16(2)]),
    };
    buffer.point(of_type, described.at);
    buffer.vector(children, 0);
    let unit = column.unit.map(|unit| ("unit", unit));
    let about = Some(("description", column.about)).filter(|(_, about)| !about.is_empty());
    let pairs: Vec<(&str, &str)> = [unit, about].into_iter().flatten().collect();
    let slots = buffer.vector(metadata, pairs.len());
    for (slot, (key, value)) in slots.into_iter().zip(pairs) {
        let pair = buffer.table(&[Slot::Offset, Slot::Offset]);
        buffer.point(slot, pair.at);
        buffer.text(pair.offsets[0], key);
        buffer.text(pair.offsets[1], value);
    }
}

/// A field of a table.
#[derive(Clone, Copy, Debug)]
enum Slot {
    Absent,
    U8(u8),
    I16(i16),
    I32(i32),
    I64(i64),
    /// To be pointed later.
    Offset,
}

/// Where a table is, and where its offsets are, in order.
#[derive(Debug)]
struct Table {
    at: usize,
    offsets: Vec<usize>,
}

/// FlatBuffers written from front to back: what is pointed at comes after what points.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    fn reserve_offset(&mut self) -> usize {
        self.align(4);
        let at = self.bytes.len();
        self.bytes.extend([0; 4]);
        at
    }

    /// Points the offset at `slot` to `at`.
    fn point(&mut self, slot: usize, at: usize) {
        self.bytes[slot..slot + 4].copy_from_slice(&((at - slot) as u32).to_le_bytes());
    }

    fn table(&mut self, slots: &[Slot]) -> Table {
        // Places within the table, after the four bytes that lead to its list of places.
        let mut places = Vec::with_capacity(slots.len());
        let mut length = 4_usize;
        for slot in slots {
            let size = match slot {
                Slot::Absent => {
                    places.push(0);
                    continue;
                }
                Slot::U8(_) => 1,
                Slot::I16(_) => 2,
                Slot::I32(_) | Slot::Offset => 4,
                Slot::I64(_) => 8,
            };
            length = length.next_multiple_of(size);
            places.push(length);
            length += size;
        }
        self.align(8);
        let list = self.bytes.len();
        let listed = 4 + 2 * slots.len();
        self.bytes.extend((listed as u16).to_le_bytes());
        self.bytes.extend((length as u16).to_le_bytes());
        for place in &places {
            self.bytes.extend((*place as u16).to_le_bytes());
        }
        self.align(8);
        let at = self.bytes.len();
        self.bytes.extend(((at - list) as i32).to_le_bytes());
        self.bytes.resize(at + length, 0);
        let mut offsets = Vec::new();
        for (slot, place) in slots.iter().zip(places) {
            let here = at + place;
            match slot {
                Slot::Absent => {}
                Slot::U8(value) => self.bytes[here] = *value,
                Slot::I16(value) => self.bytes[here..here + 2].copy_from_slice(&value.to_le_bytes()),
                Slot::I32(value) => self.bytes[here..here + 4].copy_from_slice(&value.to_le_bytes()),
                Slot::I64(value) => self.bytes[here..here + 8].copy_from_slice(&value.to_le_bytes()),
                Slot::Offset => offsets.push(here),
            }
        }
        Table { at, offsets }
    }

    /// A vector of `length` offsets that the one at `slot` points to; gives where they are.
    fn vector(&mut self, slot: usize, length: usize) -> Vec<usize> {
        self.align(4);
        let at = self.bytes.len();
        self.point(slot, at);
        self.bytes.extend((length as u32).to_le_bytes());
        (0..length).map(|_| self.reserve_offset()).collect()
    }

    fn text(&mut self, slot: usize, text: &str) {
        self.align(4);
        let at = self.bytes.len();
        self.point(slot, at);
        self.bytes.extend((text.len() as u32).to_le_bytes());
        self.bytes.extend(text.bytes());
        self.bytes.push(0);
    }
}
