use super::{BYTE_ARRAY, Content, DOUBLE, MAGIC, Parquet};
use crate::write::example;
use crate::write::tables::{Foci, Images};
use ruzstd::decoding::StreamingDecoder;
use std::collections::BTreeMap;
use std::io::Read;

/// A value in Thrift's compact protocol.
#[derive(Debug)]
enum Value {
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Struct(BTreeMap<u8, Value>),
}

impl Value {
    fn at(&self, field: u8) -> &Value {
        match self {
            Value::Struct(fields) => &fields[&field],
            other => panic!("{other:?}"),
        }
    }

    fn int(&self) -> i64 {
        match self {
            Value::Int(number) => *number,
            other => panic!("{other:?}"),
        }
    }

    fn text(&self) -> String {
        match self {
            Value::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn list(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            other => panic!("{other:?}"),
        }
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn value(bytes: &mut &[u8], kind: u8) -> Value {
    match kind {
        5 | 6 => {
            let number = varint(bytes);
            Value::Int((number >> 1) as i64 ^ -((number & 1) as i64))
        }
        8 => {
            let length = varint(bytes) as usize;
            let (own, rest) = bytes.split_at(length);
            *bytes = rest;
            Value::Bytes(own.to_vec())
        }
        9 => {
            let head = bytes[0];
            *bytes = &bytes[1..];
            let length = if head >> 4 == 15 {
                varint(bytes)
            } else {
                u64::from(head >> 4)
            };
            Value::List((0..length).map(|_| value(bytes, head & 15)).collect())
        }
        12 => {
            let (mut fields, mut number) = (BTreeMap::new(), 0);
            loop {
                let head = bytes[0];
                *bytes = &bytes[1..];
                if head == 0 {
                    break Value::Struct(fields);
                }
                number += head >> 4;
                fields.insert(number, value(bytes, head & 15));
            }
        }
        other => panic!("type {other}"),
    }
}

/// Cells as texts, column by column, with the names.
fn read(file: &[u8]) -> Vec<(String, Vec<String>)> {
    assert!(file.starts_with(MAGIC) && file.ends_with(MAGIC));
    let end = file.len() - 8;
    let length = u32::from_le_bytes(file[end..end + 4].try_into().unwrap()) as usize;
    let footer = value(&mut &file[end - length..end], 12);
    let [group] = footer.at(4).list() else {
        panic!("one row group")
    };
    let chunks = group.at(1).list().iter().map(|chunk| {
        let about = chunk.at(3);
        let mut page = &file[about.at(9).int() as usize..];
        let head = value(&mut page, 12);
        let mut plain = Vec::new();
        let packed = &page[..head.at(3).int() as usize];
        StreamingDecoder::new(packed).unwrap().read_to_end(&mut plain).unwrap();
        assert_eq!(plain.len() as i64, head.at(2).int());
        let levels = 4 + u32::from_le_bytes(plain[..4].try_into().unwrap()) as usize;
        let (mut runs, mut values) = (&plain[4..levels], &plain[levels..]);
        let mut take = |length: usize| {
            let (own, rest) = values.split_at(length);
            values = rest;
            own.to_vec()
        };
        let mut cells = Vec::new();
        while !runs.is_empty() {
            let count = varint(&mut runs) >> 1;
            let there = runs[0] == 1;
            runs = &runs[1..];
            for _ in 0..count {
                cells.push(match about.at(1).int() as i32 {
                    _ if !there => String::new(),
                    BYTE_ARRAY => {
                        let length = u32::from_le_bytes(take(4).try_into().unwrap());
                        String::from_utf8(take(length as usize)).unwrap()
                    }
                    DOUBLE => f64::from_le_bytes(take(8).try_into().unwrap()).to_string(),
                    _ => i64::from_le_bytes(take(8).try_into().unwrap()).to_string(),
                });
            }
        }
        assert_eq!(cells.len() as i64, footer.at(3).int());
        (about.at(3).list()[0].text(), cells)
    });
    let schema = footer.at(2).list();
    let names: Vec<String> = schema[1..].iter().map(|element| element.at(4).text()).collect();
    let columns: Vec<(String, Vec<String>)> = chunks.collect();
    assert!(columns.iter().map(|(name, _)| name).eq(&names));
    columns
}

fn written(content: Content) -> Vec<u8> {
    let mut table = Parquet::new(Vec::new(), content).unwrap();
    for record in example::records() {
        table.push(&record).unwrap();
    }
    table.finish().unwrap()
}

#[test]
fn cells_are_those_of_the_text_tables() {
    for content in [Content::Images, Content::Foci] {
        let (mut images, mut foci) = (Images::new(Vec::new()).unwrap(), Foci::new(Vec::new()).unwrap());
        for record in example::records() {
            images.push(&record).unwrap();
            foci.push(&record).unwrap();
        }
        let text = match content {
            Content::Images => images.finish().unwrap(),
            Content::Foci => foci.finish().unwrap(),
        };
        let columns = read(&written(content));
        let mut table = csv::Reader::from_reader(&text[..]);
        let names = table.headers().unwrap().clone();
        assert_eq!(names.len(), columns.len());
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        assert!(rows.len() >= 3 && rows.len() == columns[0].1.len());
        for (nth, (name, cells)) in columns.iter().enumerate() {
            assert_eq!(&names[nth], name);
            for (row, cell) in rows.iter().zip(cells) {
                // The guard against formulas is for spreadsheets alone.
                let text = row[nth]
                    .strip_prefix("./")
                    .or(row[nth].strip_prefix('\''))
                    .unwrap_or(&row[nth]);
                assert_eq!(text, cell, "{name}");
            }
        }
    }
}

#[test]
fn a_table_without_rows_has_columns() {
    let table = Parquet::new(Vec::new(), Content::Foci).unwrap().finish().unwrap();
    let end = table.len() - 8;
    let length = u32::from_le_bytes(table[end..end + 4].try_into().unwrap()) as usize;
    let footer = value(&mut &table[end - length..end], 12);
    assert_eq!(footer.at(3).int(), 0);
    assert_eq!(footer.at(2).list().len(), 1 + super::foci::columns().len());
    let keys: Vec<String> = footer.at(5).list().iter().map(|pair| pair.at(1).text()).collect();
    assert_eq!(keys, ["about", "ARROW:schema"]);
}
