//! A whole run over a folder: first time, and again when nothing changed.
//!
//! `cargo bench --bench batch`. The images are synthetic: a slope with discs and grain, 16 bit, 1500 x 1250.

use calxray::batch::{Formats, Job, Naming, Observer, Shard, run};
use calxray::pipeline::{Pipeline, Settings};
use calxray::read::ReadOptions;
use calxray::write::Record;
use calxray::write::seg::SegmentBy;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

const IMAGES: u32 = 8;
const ROWS: u32 = 1500;
const COLUMNS: u32 = 1250;

struct Silent;

impl Observer for Silent {
    fn progress(&self, _: u64, _: u64) {}
    fn not_analysed(&self, _: &Record) {}
    fn remark(&self, _: &str) {}
}

fn archive() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    for seed in 0..IMAGES {
        let picture = image::ImageBuffer::from_fn(COLUMNS, ROWS, |x, y| {
            let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed.wrapping_mul(97)) >> 7 & 63;
            let disc = if (x % 250).pow(2) + (y % 300).pow(2) < 400 {
                3000
            } else {
                0
            };
            image::Luma([(12_000 + 8 * x + disc + grain) as u16])
        });
        // Uncompressed, so that the run is measured and not a decoder.
        let path = folder.path().join(format!("{seed}.tiff"));
        picture.save(path).expect("room for an image");
    }
    folder
}

fn job(input: &Path, out: &Path, formats: &str) -> Job {
    Job {
        inputs: vec![input.to_path_buf()],
        out: out.to_path_buf(),
        formats: formats.parse::<Formats>().expect("known formats"),
        read: ReadOptions::default(),
        segment_by: SegmentBy::default(),
        shard: Shard::WHOLE,
        naming: Naming::Plain,
        jobs: 1,
        memory: 1 << 30,
        fresh: false,
        fail_fast: false,
    }
}

fn batch(criterion: &mut Criterion) {
    let archive = archive();
    let pipeline = Pipeline::new(Settings::default());
    let go = AtomicBool::new(false);
    let mut group = criterion.benchmark_group("batch");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(u64::from(IMAGES)));
    for formats in ["csv", "jsonl,csv,coco,overlay"] {
        group.bench_function(format!("first run, {formats}"), |bencher| {
            bencher.iter_batched(
                || tempfile::tempdir().expect("a folder for temporary files"),
                |out| {
                    run(
                        &job(archive.path(), &out.path().join("out"), formats),
                        &pipeline,
                        &go,
                        &Silent,
                    )
                    .expect("a run");
                    out
                },
                BatchSize::PerIteration,
            );
        });
    }
    let out = tempfile::tempdir().expect("a folder for temporary files");
    let job = job(archive.path(), out.path(), "csv");
    run(&job, &pipeline, &go, &Silent).expect("a run");
    group.bench_function("nothing changed", |bencher| {
        bencher.iter(|| run(&job, &pipeline, &go, &Silent).expect("a run"))
    });
    group.finish();
}

criterion_group!(benches, batch);
criterion_main!(benches);
