//! Fits the weights of the network that looks at candidates.
//!
//! Sums are in a fixed order whatever the number of threads, so the same examples give the same weights.

use super::adam::Adam;
use super::backward::{Turned, dense_back, empty, filter_back, spread_mean, spread_most};
use crate::classify::Label;
use crate::classify::model::{HIDDEN, JOINED, Layer, MAPS, Network, SIZES, Steps};
use crate::measure::{CELLS, Views};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// A candidate to learn from.
#[derive(Clone, Debug)]
pub struct Example<'a> {
    /// What it looks like.
    pub views: &'a Views,
    /// Its size, as [`size`](crate::classify::model::size) tells it.
    pub size: [f32; SIZES],
    /// Whether it is a focus, and how much that counts.
    pub focus: (bool, f32),
    /// The number of its name, and how much that counts.
    pub name: (usize, f32),
}

/// How the network is fitted.
#[derive(Clone, Debug)]
pub struct Course {
    /// Passes over the examples.
    pub passes: usize,
    /// First rate of learning; falls to nought along a half cosine.
    pub rate: f32,
    /// Decay of weights, as a part of the rate.
    pub decay: f32,
    /// Share of joined and hidden values that are left out at random (Srivastava et al., J Mach Learn Res 2014;15:1929).
    pub left_out: f32,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            passes: 8,
            rate: 2e-3,
            decay: 1e-3,
            left_out: 0.3,
        }
    }
}

/// Examples a step.
const BATCH: usize = 256;
/// Examples whose gradients are summed by one thread.
const SHARE: usize = 16;
/// Grey values are multiplied by a factor drawn between these.
const GAINS: std::ops::Range<f32> = 0.7..1.4;
/// A network fitted to `examples`, its answers not yet joined to those of forests.
pub fn fit(examples: &[Example<'_>], labels: Vec<Label>, course: &Course) -> Network {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut network = drawn(labels, &mut rng);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut adam = Adam::of(&network);
    let steps = course.passes * order.len().div_ceil(BATCH);
    let mut step = 0;
    for _ in 0..course.passes {
        order.shuffle(&mut rng);
        for batch in order.chunks(BATCH) {
            let turned = Turned::of(&network);
            let seed: u64 = rng.random();
            let parts: Vec<Vec<Layer>> = batch
                .par_chunks(SHARE)
                .enumerate()
                .map(|(nth, part)| {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ nth as u64);
                    let mut gradient = empty(&network);
                    let mut walk = Walk::default();
                    for &at in part {
                        walk.add(
                            &network,
                            &turned,
                            &examples[at],
                            course.left_out,
                            &mut rng,
                            &mut gradient,
                        );
                    }
                    gradient
                })
                .collect();
            let progress = step as f32 / steps as f32;
            let rate = course.rate * 0.5 * (1.0 + (std::f32::consts::PI * progress).cos());
            adam.step(&mut network, &parts, batch.len() as f32, rate, course.decay);
            step += 1;
        }
    }
    network.shortened()
}

/// A network with weights drawn at random (He et al., ICCV 2015, doi 10.1109/ICCV.2015.123).
fn drawn(labels: Vec<Label>, rng: &mut ChaCha8Rng) -> Network {
    let shapes = Network::shapes(labels.len());
    let mut layers = shapes.iter().map(|&(inputs, outputs)| {
        let spread = (2.0 / inputs as f32).sqrt();
        Layer {
            // The sum of twelve evenly drawn values is close enough to a normal one.
            weights: (0..inputs * outputs)
                .map(|_| spread * ((0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0))
                .collect(),
            biases: vec![0.0; outputs],
        }
    });
    let mut next = || layers.next().unwrap_or_default();
    let (near, far) = ([next(), next(), next()], [next(), next(), next()]);
    Network {
        near,
        far,
        hidden: next(),
        answers: next(),
        labels,
        finding: [0.0, 1.0, 0.0],
        naming: [0.0, 1.0],
    }
}

/// The way to the answers and back, with its memory.
#[derive(Default)]
struct Walk {
    steps: Steps,
}

impl Walk {
    /// Adds the gradient of the loss of one example. Gradients of filters have the layout of [`Turned`].
    fn add(
        &mut self,
        network: &Network,
        turned: &Turned,
        example: &Example<'_>,
        left_out: f32,
        rng: &mut ChaCha8Rng,
        gradient: &mut [Layer],
    ) {
        let view = Turn::drawn(rng);
        let steps = &mut self.steps;
        network.join(&view.of(example.views), &example.size, steps);
        let kept = 1.0 / (1.0 - left_out);
        let mut mask = |values: &mut [f32]| -> Vec<f32> {
            let each = values.iter_mut().map(|value| {
                let factor = if rng.random::<f32>() < left_out { 0.0 } else { kept };
                *value *= factor;
                factor
            });
            each.collect()
        };
        let joined_mask = mask(&mut steps.joined);
        steps.hidden = network.hidden.times(&steps.joined);
        let mut slopes: Vec<f32> = Vec::with_capacity(HIDDEN);
        for value in &mut steps.hidden {
            slopes.push(f32::from(u8::from(*value > 0.0)));
            *value = value.max(0.0);
        }
        let hidden_mask = mask(&mut steps.hidden);
        steps.answers = network.answers.times(&steps.hidden);
        let errors = errors(&steps.answers, example);
        let mut back = dense_back(&errors, &steps.hidden, &turned.0[7], &mut gradient[7]);
        for ((value, slope), mask) in back.iter_mut().zip(&slopes).zip(&hidden_mask) {
            *value *= slope * mask;
        }
        let mut back = dense_back(&back, &steps.joined, &turned.0[6], &mut gradient[6]);
        for (value, mask) in back.iter_mut().zip(&joined_mask) {
            *value *= mask;
        }
        let branch = (JOINED - SIZES) / 2;
        for (nth, back) in back.chunks_exact(branch).take(2).enumerate() {
            let (own, layers) = (&steps.branches[nth], 3 * nth);
            let mut back = spread_mean::<{ MAPS[2] }>(back, &own.full[2], CELLS / 4);
            for layer in (0..3).rev() {
                let side = CELLS >> layer;
                let weights = (layer > 0).then_some(&turned.0[layers + layer]);
                let maps = &own.halved[layer];
                let before = filter_back(&back, maps, side, weights, &mut gradient[layers + layer]);
                if layer > 0 {
                    back = spread_most(
                        &before,
                        &own.halved[layer],
                        &own.full[layer - 1],
                        MAPS[layer - 1],
                        side * 2,
                    );
                }
            }
        }
    }
}

/// Slopes of the loss by the answers: cross entropy of whether it is a focus, and of its name.
fn errors(answers: &[f32], example: &Example<'_>) -> Vec<f32> {
    let (is_focus, weight) = example.focus;
    let chance = 1.0 / (1.0 + (-answers[0]).exp());
    let mut errors = vec![weight * (chance - f32::from(u8::from(is_focus)))];
    let mut names = answers[1..].to_vec();
    crate::classify::model::softmax(&mut names);
    let (truth, weight) = example.name;
    let of = |(nth, chance): (usize, f32)| weight * (chance - f32::from(u8::from(nth == truth)));
    errors.extend(names.into_iter().enumerate().map(of));
    errors
}

/// A view turned by quarters and mirrored, its grey values multiplied.
struct Turn {
    form: usize,
    gain: f32,
}

impl Turn {
    fn drawn(rng: &mut ChaCha8Rng) -> Self {
        Self {
            form: rng.random_range(0..8),
            gain: rng.random_range(GAINS),
        }
    }

    fn of(&self, views: &Views) -> Views {
        views.turned(self.form, self.gain)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Course, Example, Walk, errors, fit};
    use crate::classify::Label;
    use crate::classify::model::{Network, Steps};
    use crate::label::{Region, Run};
    use crate::measure::{RowSums, Views};
    use crate::radiograph::Radiograph;
    use crate::train::backward::{Turned, empty};
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    pub(in crate::train) const LABELS: [Label; 2] = [Label::Phlebolith, Label::Ossification];

    /// A disc (`0`), a ring (`1`), or the even ground (`2`), with texture drawn from `seed`.
    pub(in crate::train) fn views(kind: usize, seed: usize) -> Views {
        let noise = |r: usize, c: usize| ((r * 7919 + c * 104_729 + seed * 1_299_709) % 61) as f64;
        let centre = (30.0 + (seed % 5) as f64, 30.0 - (seed % 3) as f64);
        let pixels = Array2::from_shape_fn((60, 60), |(r, c)| {
            let distance = (r as f64 - centre.0).hypot(c as f64 - centre.1);
            let shown = match kind {
                0 => distance < 8.0,
                1 => (5.0..8.0).contains(&distance),
                _ => false,
            };
            (1000.0 + noise(r, c) + if shown { 120.0 } else { 0.0 }) as u16
        });
        let rows = 22..38;
        let runs = rows.map(|row| Run {
            row,
            start: 22,
            end: 38,
        });
        Views::of(
            &Region::new(runs.collect()).unwrap(),
            &RowSums::of(&Radiograph::new(pixels)),
        )
    }

    pub(in crate::train) fn example(views: &Views, kind: usize) -> Example<'_> {
        Example {
            views,
            size: [0.1, 0.2, 1.0],
            focus: (kind < 2, 1.0),
            name: (kind % 2, if kind < 2 { 1.0 } else { 0.0 }),
        }
    }

    fn loss(network: &Network, example: &Example<'_>) -> f64 {
        let mut steps = Steps::default();
        network.walk(example.views, &example.size, &mut steps);
        let answers: Vec<f64> = steps.answers.iter().map(|&value| f64::from(value)).collect();
        let sign = if example.focus.0 { -1.0 } else { 1.0 };
        let sum: f64 = answers[1..].iter().map(|value| value.exp()).sum();
        (sign * answers[0]).exp().ln_1p() * f64::from(example.focus.1)
            + (sum.ln() - answers[1 + example.name.0]) * f64::from(example.name.1)
    }

    #[test]
    fn gradients_are_those_of_the_loss() {
        let seen = views(1, 4);
        let example = example(&seen, 1);
        let course = Course {
            passes: 0,
            ..Course::default()
        };
        let mut network = fit(std::slice::from_ref(&example), LABELS.to_vec(), &course);
        // A drawing of views that leaves them as they are.
        let seed = (0..).find(|&seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            super::Turn::drawn(&mut rng).form == 0
        });
        let mut rng = ChaCha8Rng::seed_from_u64(seed.unwrap());
        let gain = super::Turn::drawn(&mut rng.clone()).gain;
        let turned_view = seen.turned(0, gain);
        let mut gradient = empty(&network);
        let turned = Turned::of(&network);
        Walk::default().add(&network, &turned, &example, 0.0, &mut rng, &mut gradient);
        let as_seen = Example {
            views: &turned_view,
            ..example
        };
        let mut checked = 0;
        for (layer, own) in gradient.iter().enumerate() {
            let outputs = own.biases.len();
            let places = if layer < 6 { 9 } else { 1 };
            let inputs = own.weights.len() / outputs / places;
            // The weights that matter most, by what is to be shown.
            let mut order: Vec<usize> = (0..own.weights.len()).collect();
            order.sort_by(|&a, &b| own.weights[b].abs().total_cmp(&own.weights[a].abs()));
            for at in order.into_iter().take(6) {
                let (place, output, input) = (at / inputs / outputs, at / inputs % outputs, at % inputs);
                let weight = (place * inputs + input) * outputs + output;
                let mut moved = |by: f32| {
                    let value = &mut network.layers_mut().nth(layer).unwrap().weights[weight];
                    let before = *value;
                    *value += by;
                    let loss = loss(&network, &as_seen);
                    network.layers_mut().nth(layer).unwrap().weights[weight] = before;
                    loss
                };
                // Small enough to leave most kinks alone, large enough for single precision.
                let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
                let stated = f64::from(own.weights[at]);
                assert!(
                    (slope - stated).abs() < 0.08 * stated.abs() + 3e-3,
                    "{layer} {at}: {slope} {stated}"
                );
                checked += 1;
            }
        }
        assert_eq!(checked, 48);
    }

    #[test]
    fn errors_are_chance_less_truth() {
        let seen = views(0, 0);
        let example = example(&seen, 0);
        let errors = errors(&[0.0, 1.0, 1.0], &example);
        assert_eq!(errors, [-0.5, -0.5, 0.5]);
    }

    #[test]
    fn discs_rings_and_ground_are_told_apart_and_fitting_is_repeatable() {
        let seen: Vec<(usize, Views)> = (0..240).map(|nth| (nth % 3, views(nth % 3, nth))).collect();
        let (known, fresh) = seen.split_at(180);
        let examples: Vec<Example<'_>> = known.iter().map(|(kind, views)| example(views, *kind)).collect();
        let course = Course {
            passes: 40,
            ..Course::default()
        };
        let network = fit(&examples, LABELS.to_vec(), &course);
        let mut right = 0;
        for (kind, views) in fresh {
            let mut steps = Steps::default();
            network.walk(views, &[0.1, 0.2, 1.0], &mut steps);
            let name = usize::from(steps.answers[2] > steps.answers[1]);
            right += usize::from((steps.answers[0] > 0.0) == (*kind < 2) && (*kind == 2 || name == *kind));
        }
        assert!(right >= 57, "{right} of 60");
        let brief = Course {
            passes: 2,
            ..Course::default()
        };
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let again = one.install(|| fit(&examples, LABELS.to_vec(), &brief));
        assert_eq!(fit(&examples, LABELS.to_vec(), &brief), again);
    }
}
