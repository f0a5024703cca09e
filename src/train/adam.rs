//! Steps down the slope of the loss.
//!
//! Kingma and Ba, ICLR 2015, arXiv 1412.6980; weight decay apart from the gradient, Loshchilov and Hutter, ICLR 2019, arXiv
//! 1711.05101.

use super::backward::{empty, turned_place};
use crate::classify::model::{Layer, Network};

/// Decay of the means of gradients and of their squares, and what keeps the steps finite.
const ADAM: (f32, f32, f32) = (0.9, 0.999, 1e-8);

/// Running means of gradients and of their squares.
pub(super) struct Adam {
    means: Vec<Layer>,
    squares: Vec<Layer>,
    steps: i32,
}

impl Adam {
    pub(super) fn of(network: &Network) -> Self {
        Self {
            means: empty(network),
            squares: empty(network),
            steps: 0,
        }
    }

    pub(super) fn step(&mut self, network: &mut Network, parts: &[Vec<Layer>], count: f32, rate: f32, decay: f32) {
        self.steps += 1;
        let (first, second, least) = ADAM;
        let (bias, bias_of_squares) = (1.0 - first.powi(self.steps), 1.0 - second.powi(self.steps));
        let memory = self.means.iter_mut().zip(&mut self.squares);
        for (nth, (layer, (means, squares))) in network.layers_mut().zip(memory).enumerate() {
            let update = |value: &mut f32, gradient: f32, mean: &mut f32, square: &mut f32| {
                *mean = first * *mean + (1.0 - first) * gradient;
                *square = second * *square + (1.0 - second) * gradient * gradient;
                let step = (*mean / bias) / ((*square / bias_of_squares).sqrt() + least);
                *value -= rate * (step + decay * *value);
            };
            for at in 0..layer.weights.len() {
                let own = turned_place(nth, layer, at);
                let gradient = parts.iter().fold(0.0, |sum, part| sum + part[nth].weights[own]) / count;
                let (mean, square) = (&mut means.weights[at], &mut squares.weights[at]);
                update(&mut layer.weights[at], gradient, mean, square);
            }
            for (at, value) in layer.biases.iter_mut().enumerate() {
                let gradient = parts.iter().fold(0.0, |sum, part| sum + part[nth].biases[at]) / count;
                update(value, gradient, &mut means.biases[at], &mut squares.biases[at]);
            }
        }
    }
}
