//! Decoders at the sizes of real radiographs, 12 bits, on a synthetic image: smooth ground, an edge, noise of a few levels.
//!
//! `cargo bench --bench decode`. Throughput is in pixels.

#[path = "../tests/support/jpeg_ls.rs"]
mod jpeg_ls_encoder;
// The tests use all of it.
#[allow(dead_code)]
#[path = "../tests/support/jpeg.rs"]
mod jpeg_writer;

use calxray::codec::{Limits, jpeg, jpeg_ls};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jpeg_ls_encoder::{Image, Options, encode};
use jpeg_writer::Writer;
use std::hint::black_box;

const SIZES: [(usize, usize); 3] = [(2500, 2000), (3000, 2500), (4300, 3500)];
const LIMITS: Limits = Limits { pixels: 1 << 27 };

/// Levels of a limb in front of the bare detector. Noise is the sum of four numbers, so roughly normal, of 6 levels.
fn image(rows: usize, columns: usize) -> Image {
    let mut state = 1u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (0..4).map(|part| (state >> (16 + 12 * part) & 0xF) as i64).sum::<i64>() - 30
    };
    let mut samples = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        for column in 0..columns {
            let across = (column as f64 / columns as f64 - 0.5) * 2.5;
            let thickness = (1.0 - across * across).max(0.0).sqrt() * (1.0 + 0.2 * (row as f64 / 300.0).sin());
            samples.push(((thickness * 2600.0) as i64 + 400 + noise() / 2).clamp(0, 4095) as u16);
        }
    }
    Image {
        rows,
        columns,
        components: 1,
        samples,
    }
}

/// Without loss, each sample predicted by the one before.
fn jpeg_lossless(image: &Image) -> Vec<u8> {
    let size = (image.rows as u16, image.columns as u16);
    let mut writer = Writer::new(0xC3, 12, size, &[(1, 1)], None, 0);
    writer.scan(&[0], [1, 0, 0]);
    for (index, &sample) in image.samples.iter().enumerate() {
        let before = match (index / image.columns, index % image.columns) {
            (0, 0) => 2048,
            (_, 0) => image.samples[index - image.columns],
            _ => image.samples[index - 1],
        };
        writer.difference(0, i32::from(sample) - i32::from(before));
    }
    writer.finish()
}

/// Blocks with the mean of the image and a few coefficients of noise.
fn jpeg_12_bits(image: &Image) -> Vec<u8> {
    let size = (image.rows as u16, image.columns as u16);
    let mut writer = Writer::new(0xC1, 12, size, &[(1, 1)], Some(&[16; 64]), 0);
    writer.scan(&[0], [0, 63, 0]);
    let mut before = 0;
    for row in (0..image.rows).step_by(8) {
        for column in (0..image.columns).step_by(8) {
            let line = &image.samples[row * image.columns + column..][..8.min(image.columns - column)];
            let mean = line.iter().map(|&sample| i32::from(sample)).sum::<i32>() / line.len() as i32;
            let mut block = [0; 64];
            block[0] = (mean - 2048) / 2 - before;
            before += block[0];
            line.iter()
                .zip(&mut block[1..])
                .for_each(|(&sample, value)| *value = (i32::from(sample) - mean) / 8);
            writer.block(&block);
        }
    }
    writer.finish()
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.sample_size(10);
    for (rows, columns) in SIZES {
        let image = image(rows, columns);
        let size = format!("{columns}x{rows}");
        group.throughput(Throughput::Elements((rows * columns) as u64));
        for (name, near) in [("JPEG-LS", 0), ("JPEG-LS near 2", 2)] {
            let options = Options {
                bits: 12,
                near,
                interleave: 0,
                restart_lines: 0,
                preset: None,
            };
            let (bytes, expected) = encode(&image, &options);
            assert_eq!(jpeg_ls::decode(&bytes, &LIMITS).unwrap().samples, expected);
            group.bench_function(BenchmarkId::new(name, &size), |bencher| {
                bencher.iter(|| jpeg_ls::decode(black_box(&bytes), &LIMITS))
            });
        }
        let lossless = jpeg_lossless(&image);
        assert_eq!(jpeg::decode(&lossless, &LIMITS).unwrap().samples, image.samples);
        for (name, bytes) in [("JPEG lossless", lossless), ("JPEG 12 bits", jpeg_12_bits(&image))] {
            group.bench_function(BenchmarkId::new(name, &size), |bencher| {
                bencher.iter(|| jpeg::decode(black_box(&bytes), &LIMITS))
            });
        }
    }
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
