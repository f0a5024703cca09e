//! The whole walk over one radiograph, from pixels to report, and the stages that are its own:
//! `cargo bench --bench pipeline [-- FILTER]`.
//!
//! Two synthetic pictures of the sizes detectors give: a phantom (a pelvis with deposits), and a slope crowded with 150
//! discs, drawn here from a fixed seed. Throughput is in pixels; everything runs on one core. Say which machine when
//! quoting a figure.

use calxray::classify::Classifier;
use calxray::enhance::{self, EnhanceSettings, Inside, Noise};
use calxray::finding::{self, Candidate};
use calxray::morphology::BlockMeans;
use calxray::phantom::{self, Options};
use calxray::pipeline::{Pipeline, Settings};
use calxray::radiograph::{PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
use calxray::report::Report;
use calxray::scene::{Scene, SceneSettings};
use calxray::units::Millimetres;
use calxray::write::{Record, SourceInfo};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use std::hint::black_box;
use std::time::Duration;

const SHAPES: [(usize, usize); 3] = [(2000, 2500), (3000, 2500), (4300, 3500)];
/// Millimetres along the side of a pixel.
const SIDE: f32 = 0.139;

/// A pelvis with deposits, as the phantom draws it.
fn pelvis(size: (usize, usize)) -> Radiograph {
    let options = Options {
        scenes: vec![phantom::Scene::Pelvis],
        normal_share: 0.0,
        spacing_mm: SIDE,
        size: Some(size),
        ..Options::default()
    };
    phantom::generate(7, 0, &options).radiograph
}

/// A slope with noise and 150 discs of radius 8 to 20.
fn discs(shape: (usize, usize)) -> Radiograph {
    let mut state = 0x5eed_u64;
    let mut below = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let mut pixels = Array2::from_shape_fn(shape, |(r, c)| (4000 + r / 2 + c / 3 + below(44) + below(44)) as u16);
    for _ in 0..150 {
        let radius = 8 + below(13);
        let (row, column) = (below(shape.0 - 42) + 21, below(shape.1 - 42) + 21);
        for r in row - radius..=row + radius {
            for c in column - radius..=column + radius {
                if r.abs_diff(row).pow(2) + c.abs_diff(column).pow(2) <= radius * radius {
                    pixels[[r, c]] += 400;
                }
            }
        }
    }
    let side = Millimetres::new(f64::from(SIDE)).expect("a length above zero");
    Radiograph::new(pixels).with_spacing(Some(PixelSpacing {
        between_rows: side,
        between_columns: side,
        plane: SpacingPlane::Detector,
        source: SpacingSource::ImagerPixelSpacing,
    }))
}

fn candidates(report: &Report) -> Vec<Candidate> {
    let foci = report.foci.iter().map(|focus| focus.candidate.clone());
    foci.chain(report.rejected.iter().map(|rejected| rejected.candidate.clone()))
        .collect()
}

fn walk(criterion: &mut Criterion) {
    let settings = Settings::default();
    let pipeline = Pipeline::new(settings.clone());
    for shape in SHAPES {
        let mut group = criterion.benchmark_group("pipeline");
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements((shape.0 * shape.1) as u64));
        let name = format!("{}x{}", shape.0, shape.1);
        let block = EnhanceSettings::default().coarsest(shape, SIDE.into());
        for (kind, radiograph) in [("pelvis", pelvis(shape)), ("150 discs", discs(shape))] {
            let id = |stage: &str| BenchmarkId::new(format!("{kind}/{stage}"), &name);
            group.bench_function(id("whole"), |bencher| {
                bencher.iter(|| black_box(pipeline.run(&radiograph)))
            });
            group.bench_function(id("scene"), |bencher| {
                bencher.iter(|| {
                    let mut means = BlockMeans::of(radiograph.pixels());
                    black_box(Scene::read(&radiograph, &mut means, block, &SceneSettings::default()))
                })
            });
            let mut means = BlockMeans::of(radiograph.pixels());
            let scene = Scene::read(&radiograph, &mut means, block, &SceneSettings::default());
            group.bench_function(id("responses"), |bencher| {
                bencher.iter(|| {
                    let inside = Inside {
                        mask: &scene.body,
                        factor: scene.grid.factor,
                    };
                    let mut means = BlockMeans::of(radiograph.pixels());
                    let (mm, settings) = (scene.grid.native_mm, EnhanceSettings::default());
                    black_box(enhance::responses(&radiograph, &mut means, mm, inside, &settings))
                })
            });
            group.bench_function(id("noise"), |bencher| {
                bencher.iter(|| black_box(Noise::of(radiograph.pixels())))
            });
            let report = pipeline.run(&radiograph);
            let all = candidates(&report);
            let features: Vec<_> = all.iter().map(|candidate| candidate.features.clone()).collect();
            group.bench_function(id("classify"), |bencher| {
                bencher.iter(|| black_box(settings.rules.assess(&features, radiograph.place())))
            });
            let verdicts = settings.rules.assess(&features, radiograph.place());
            group.bench_function(id("findings"), |bencher| {
                bencher.iter_batched(
                    || (all.clone(), verdicts.clone()),
                    |(all, verdicts)| {
                        let (place, spacing) = (radiograph.place(), radiograph.spacing());
                        black_box(finding::assemble(
                            &settings.grouping,
                            all,
                            verdicts,
                            place,
                            spacing,
                            false,
                        ))
                    },
                    BatchSize::LargeInput,
                )
            });
            group.bench_function(id("record"), |bencher| {
                bencher.iter(|| black_box(Record::analysed(SourceInfo::default(), &report).to_json()))
            });
        }
        group.finish();
    }
}

criterion_group!(benches, walk);
criterion_main!(benches);
