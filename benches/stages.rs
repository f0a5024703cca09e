//! One stage each, on synthetic images of the sizes detectors give: `cargo bench --bench stages [-- FILTER]`.
//!
//! The image is a slope with noise and 150 round foci, drawn here from a fixed seed. Throughput is in pixels, so a
//! time per pixel is the inverse; stages run on one core. Say which machine when quoting a figure.

use calxray::label::{Connectivity, components, fill_holes, summaries};
use calxray::measure::{Refinement, Surroundings, measure, refine};
use calxray::morphology::{
    StructuringElement, downsample, gaussian, open_by_reconstruction, squared_distance_to, upsample, white_top_hat,
};
use calxray::radiograph::{Mask, Radiograph};
use calxray::threshold::{Histogram, above, hysteresis, otsu};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use std::hint::black_box;
use std::time::Duration;

const SHAPES: [(usize, usize); 3] = [(2000, 2500), (3000, 2500), (4300, 3500)];

/// Numbers that look random and are the same every time (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// A synthetic image: slope, noise of about 25, foci of radius 8 to 20 and height 400.
fn image(shape: (usize, usize)) -> Array2<u16> {
    let mut dice = Dice(0x5eed);
    let mut image = Array2::from_shape_fn(shape, |(r, c)| {
        let noise = (0..4).map(|_| dice.below(44)).sum::<usize>();
        (4000 + r / 2 + c / 3 + noise) as u16
    });
    for _ in 0..150 {
        let radius = 8 + dice.below(13);
        let (row, column) = (dice.below(shape.0 - 42) + 21, dice.below(shape.1 - 42) + 21);
        for r in row - radius..=row + radius {
            for c in column - radius..=column + radius {
                if r.abs_diff(row).pow(2) + c.abs_diff(column).pow(2) <= radius * radius {
                    image[[r, c]] += 400;
                }
            }
        }
    }
    image
}

fn stages(criterion: &mut Criterion) {
    for shape in SHAPES {
        let pixels = image(shape);
        let real = pixels.mapv(f32::from);
        let top_hat = white_top_hat(real.view(), StructuringElement::Square { half_side: 25 });
        let mask = above(top_hat.view(), 250.0);
        let mut dice = Dice(7);
        let coins = Array2::from_shape_fn(shape, |_| dice.next() & 1 == 1);
        let half = Mask::from_fn(coins.view(), |&on| on);
        let coarse = downsample(pixels.view(), 8);

        let mut group = criterion.benchmark_group("stages");
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements(pixels.len() as u64));
        let name = format!("{}x{}", shape.0, shape.1);
        macro_rules! stage {
            ($stage:literal, $run:expr) => {
                group.bench_function(BenchmarkId::new($stage, &name), |bencher| {
                    bencher.iter(|| black_box($run))
                });
            };
        }
        stage!("threshold/above", above(pixels.view(), 5000));
        stage!("threshold/hysteresis", hysteresis(top_hat.view(), 200.0, 350.0));
        stage!(
            "threshold/histogram and otsu",
            otsu(&Histogram::of_pixels(pixels.view(), None))
        );
        stage!("label/components of foci", components(&mask, None, Connectivity::Eight));
        stage!(
            "label/components of foci with values",
            components(&mask, Some(top_hat.view()), Connectivity::Eight)
        );
        stage!(
            "label/summaries of half noise",
            summaries(&half, None, Connectivity::Eight)
        );
        stage!("label/fill holes", fill_holes(&mask));
        stage!("morphology/top-hat u16 square 51", {
            white_top_hat(pixels.view(), StructuringElement::Square { half_side: 25 })
        });
        stage!("morphology/top-hat f32 square 51", {
            white_top_hat(real.view(), StructuringElement::Square { half_side: 25 })
        });
        stage!("morphology/top-hat u16 octagon 51", {
            white_top_hat(pixels.view(), StructuringElement::Octagon { radius: 25 })
        });
        stage!("morphology/opening by reconstruction u16 octagon 51", {
            open_by_reconstruction(pixels.view(), StructuringElement::Octagon { radius: 25 })
        });
        stage!("morphology/downsample 8", downsample(pixels.view(), 8));
        stage!("morphology/upsample 8", upsample(coarse.view(), 8, shape));
        stage!("morphology/gaussian 1.5", gaussian(pixels.view(), 1.5));
        stage!("morphology/squared distance", squared_distance_to(&mask, [1.0, 1.0]));
        stage!("morphology/mask grown by 10", mask.grown(10.0));
        group.finish();
    }
}

/// The price of one focus about 40 pixels wide, in an image of ordinary size.
fn foci(criterion: &mut Criterion) {
    let mut pixels = image((3000, 2500));
    let inside = |r: usize, c: usize| r.abs_diff(1500).pow(2) + c.abs_diff(1200).pow(2) <= 400;
    for r in 1400..1600 {
        for c in 1100..1300 {
            pixels[[r, c]] = 4000 + ((r * 31 + c * 17) % 50) as u16 + if inside(r, c) { 400 } else { 0 };
        }
    }
    let drawn = Array2::from_shape_fn(pixels.dim(), |(r, c)| inside(r, c));
    let parts = components(&Mask::from_fn(drawn.view(), |&on| on), None, Connectivity::Eight);
    let region = &parts[0].region;
    let radiograph = Radiograph::new(pixels);
    let surroundings = Surroundings {
        noise: Some(15.0),
        ..Surroundings::default()
    };
    let mut group = criterion.benchmark_group("focus");
    group.bench_function("measure, 40 pixels wide", |bencher| {
        bencher.iter(|| black_box(measure(region, &radiograph, &surroundings)))
    });
    group.bench_function("refine, 40 pixels wide", |bencher| {
        bencher.iter(|| black_box(refine(radiograph.pixels(), region, None, 15.0, &Refinement::default())))
    });
    group.finish();
}

criterion_group!(benches, stages, foci);
criterion_main!(benches);
