//! From bytes to radiograph: uncompressed and run-length at real sizes, the other encodings on the bundled files.
//!
//! `cargo bench --bench read`. The large images are synthetic: a smooth field with noise, 12 bits in 16.

use calxray::read::{ModalityFilter, Opened, ReadOptions, Source, open};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows and columns of a small, a usual and a large detector.
const SIZES: [(u16, u16); 3] = [(2500, 2000), (3000, 2500), (4300, 3500)];

/// Explicit VR elements of a DX instance up to Pixel Data, after meta information that names `syntax`.
fn header(syntax: &str, rows: u16, columns: u16) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    let mut put = |group: u16, element: u16, vr: &[u8; 2], value: &[u8]| {
        bytes.extend(group.to_le_bytes());
        bytes.extend(element.to_le_bytes());
        bytes.extend(vr);
        let padding = value.len() % 2;
        bytes.extend(((value.len() + padding) as u16).to_le_bytes());
        bytes.extend(value);
        bytes.extend(std::iter::repeat_n(0, padding));
    };
    put(0x0002, 0x0010, b"UI", syntax.as_bytes());
    put(0x0008, 0x0060, b"CS", b"DX");
    put(0x0028, 0x0002, b"US", &1_u16.to_le_bytes());
    put(0x0028, 0x0004, b"CS", b"MONOCHROME1 ");
    put(0x0028, 0x0010, b"US", &rows.to_le_bytes());
    put(0x0028, 0x0011, b"US", &columns.to_le_bytes());
    put(0x0028, 0x0100, b"US", &16_u16.to_le_bytes());
    put(0x0028, 0x0101, b"US", &12_u16.to_le_bytes());
    put(0x0028, 0x0102, b"US", &11_u16.to_le_bytes());
    put(0x0028, 0x0103, b"US", &0_u16.to_le_bytes());
    bytes
}

/// Twelve bits a pixel: slow waves and noise from a linear congruential generator.
fn pixels(rows: u16, columns: u16) -> Vec<u16> {
    let mut state = 1_u32;
    let mut pixels = Vec::with_capacity(usize::from(rows) * usize::from(columns));
    for r in 0..rows {
        for c in 0..columns {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(state >> 27);
            let wave = (f64::from(c) / 400.0).sin() * (f64::from(r) / 500.0).cos();
            pixels.push((2000.0 + 1500.0 * wave + noise) as u16);
        }
    }
    pixels
}

fn explicit(rows: u16, columns: u16) -> Vec<u8> {
    let values: Vec<u8> = pixels(rows, columns)
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let mut bytes = header("1.2.840.10008.1.2.1", rows, columns);
    bytes.extend(b"\xe0\x7f\x10\0OW\0\0");
    bytes.extend((values.len() as u32).to_le_bytes());
    bytes.extend(values);
    bytes
}

/// One byte plane in PackBits: runs of three and more, literals between.
fn packed(plane: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    let run = |from: usize| {
        plane[from..]
            .iter()
            .take(128)
            .take_while(|&&byte| byte == plane[from])
            .count()
    };
    while at < plane.len() {
        let length = run(at);
        if length >= 3 {
            out.push((257 - length) as u8);
            out.push(plane[at]);
            at += length;
            continue;
        }
        let start = at;
        while at < plane.len() && at - start < 128 && run(at) < 3 {
            at += 1;
        }
        out.push((at - start - 1) as u8);
        out.extend(&plane[start..at]);
    }
    out
}

fn run_length(rows: u16, columns: u16) -> Vec<u8> {
    let values = pixels(rows, columns);
    let high = packed(&values.iter().map(|value| (value >> 8) as u8).collect::<Vec<_>>());
    let low = packed(&values.iter().map(|&value| value as u8).collect::<Vec<_>>());
    let mut frame = vec![0; 64];
    for (at, number) in [2, 64, 64 + high.len()].into_iter().enumerate() {
        frame[4 * at..4 * at + 4].copy_from_slice(&(number as u32).to_le_bytes());
    }
    frame.extend(high);
    frame.extend(low);
    frame.extend(std::iter::repeat_n(0, frame.len() % 2));
    let mut bytes = header("1.2.840.10008.1.2.5", rows, columns);
    bytes.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0");
    bytes.extend((frame.len() as u32).to_le_bytes());
    bytes.extend(frame);
    bytes.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
    bytes
}

/// Opens and decodes every frame; gives the number of pixels.
fn read(source: &Source) -> usize {
    let options = ReadOptions {
        modalities: ModalityFilter::Any,
        ..ReadOptions::default()
    };
    match open(source, &options) {
        Ok(Opened::Instance(instance)) => (0..instance.frames())
            .map(|frame| instance.radiograph(frame).expect("a sound frame").pixels().len())
            .sum(),
        other => panic!("not an image: {other:?}"),
    }
}

fn decode(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the files");
    let mut group = criterion.benchmark_group("decode");
    group.sample_size(10);
    for (rows, columns) in SIZES {
        let size = format!("{rows}x{columns}");
        group.throughput(Throughput::Elements(u64::from(rows) * u64::from(columns)));
        let path = folder.path().join(&size);
        std::fs::write(&path, explicit(rows, columns)).expect("room for the file");
        let file = Source::Path(path);
        group.bench_function(BenchmarkId::new("explicit_from_file", &size), |b| {
            b.iter(|| read(black_box(&file)))
        });
        let memory = Source::Bytes(Arc::from(run_length(rows, columns)));
        group.bench_function(BenchmarkId::new("run_length", &size), |b| {
            b.iter(|| read(black_box(&memory)))
        });
    }
    for (name, path) in [
        (
            "jpeg_lossless",
            "radiographs/fodicom_OutOfBoundsOverlay_breast_spot.dcm",
        ),
        ("jpeg_2000", "radiographs/WG04_RG3_leg_J2KR.dcm"),
        ("png", "radiographs/NIH_chest_00000001_000.png"),
    ] {
        let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path);
        let source = Source::Bytes(Arc::from(std::fs::read(path).expect("a bundled file")));
        group.throughput(Throughput::Elements(read(&source) as u64));
        group.bench_function(name, |b| b.iter(|| read(black_box(&source))));
    }
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
