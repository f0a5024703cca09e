//! Structures in Thrift's compact protocol, as Parquet's metadata are written.
//!
//! Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.

const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A structure under way: fields are added in ascending order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes, ended.
    pub fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }

    fn field(&mut self, number: u8, kind: u8) {
        debug_assert!(number > self.last && number - self.last < 16);
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
    }

    pub fn i32(mut self, number: u8, value: i32) -> Self {
        self.field(number, I32);
        varint(&mut self.bytes, zigzag(value.into()));
        self
    }

    pub fn i64(mut self, number: u8, value: i64) -> Self {
        self.field(number, I64);
        varint(&mut self.bytes, zigzag(value));
        self
    }

    pub fn text(mut self, number: u8, text: &str) -> Self {
        self.field(number, BINARY);
        binary(&mut self.bytes, text);
        self
    }

    pub fn inner(mut self, number: u8, inner: Struct) -> Self {
        self.field(number, STRUCT);
        self.bytes.extend(inner.end());
        self
    }

    pub fn structs(mut self, number: u8, items: Vec<Struct>) -> Self {
        self.list(number, STRUCT, items.len());
        for item in items {
            self.bytes.extend(item.end());
        }
        self
    }

    pub fn numbers(mut self, number: u8, items: &[i32]) -> Self {
        self.list(number, I32, items.len());
        for &item in items {
            varint(&mut self.bytes, zigzag(item.into()));
        }
        self
    }

    pub fn texts(mut self, number: u8, items: &[&str]) -> Self {
        self.list(number, BINARY, items.len());
        for item in items {
            binary(&mut self.bytes, item);
        }
        self
    }

    fn list(&mut self, number: u8, kind: u8, length: usize) {
        self.field(number, LIST);
        if length < 15 {
            self.bytes.push((length as u8) << 4 | kind);
        } else {
            self.bytes.push(0xF0 | kind);
            varint(&mut self.bytes, length as u64);
        }
    }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// Seven bits a byte, the lowest first.
pub fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn binary(bytes: &mut Vec<u8>, text: &str) {
    varint(bytes, text.len() as u64);
    bytes.extend(text.bytes());
}

#[cfg(test)]
mod tests {
    use super::{Struct, varint};

    #[test]
    fn fields_are_those_of_the_specification() {
        let inner = Struct::new().i32(3, -1);
        let bytes = Struct::new()
            .i32(1, 1)
            .i64(2, 300)
            .text(4, "ab")
            .inner(6, inner)
            .numbers(7, &[0, 3])
            .end();
        let expected = [
            0x15, 0x02, 0x16, 0xD8, 0x04, 0x28, 2, b'a', b'b', 0x2C, 0x35, 0x01, 0, 0x19, 0x25, 0, 6, 0,
        ];
        assert_eq!(bytes, expected);
        let long = Struct::new().structs(1, vec![Struct::new(); 20]).end();
        assert_eq!(long[..3], [0x19, 0xFC, 20]);
        let mut bytes = Vec::new();
        varint(&mut bytes, 16_384);
        assert_eq!(bytes, [0x80, 0x80, 1]);
    }
}
