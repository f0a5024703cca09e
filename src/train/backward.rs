//! Slopes of the loss, back through the layers of the network.
//!
//! Gradients and weights have all inputs of an output side by side here, so that what did not speak is passed over.

use crate::classify::model::{Layer, Network, neighbours};

/// Gradients of nought.
pub(super) fn empty(network: &Network) -> Vec<Layer> {
    let nought = |layer: &Layer| Layer {
        weights: vec![0.0; layer.weights.len()],
        biases: vec![0.0; layer.biases.len()],
    };
    network.layers().map(nought).collect()
}

/// Weights with those of all inputs side by side, for each output: so gradients walk back.
pub(super) struct Turned(pub(super) Vec<Vec<f32>>);

impl Turned {
    pub(super) fn of(network: &Network) -> Self {
        let turned = |(nth, layer): (usize, &Layer)| {
            let mut turned = vec![0.0; layer.weights.len()];
            for (at, &weight) in layer.weights.iter().enumerate() {
                turned[turned_place(nth, layer, at)] = weight;
            }
            turned
        };
        Self(network.layers().enumerate().map(turned).collect())
    }
}

/// Where weight `at` of `layer`, the `nth` of the network, lies when all inputs of an output are side by side.
pub(super) fn turned_place(nth: usize, layer: &Layer, at: usize) -> usize {
    // Filters come first, six of them.
    let places = if nth < 6 { 9 } else { 1 };
    let outputs = layer.biases.len();
    let inputs = layer.weights.len() / outputs / places;
    let (place, input, output) = (at / outputs / inputs, at / outputs % inputs, at % outputs);
    (place * outputs + output) * inputs + input
}

/// Through a layer that joins everything, back: slopes by its inputs; adds to its gradient, inputs side by side.
pub(super) fn dense_back(errors: &[f32], inputs: &[f32], turned: &[f32], gradient: &mut Layer) -> Vec<f32> {
    let mut back = vec![0.0_f32; inputs.len()];
    for (output, &error) in errors.iter().enumerate() {
        gradient.biases[output] += error;
        if error == 0.0 {
            continue;
        }
        let own = output * inputs.len()..(output + 1) * inputs.len();
        let weights = turned[own.clone()].iter();
        let gradients = gradient.weights[own].iter_mut();
        for (((back, weight), gradient), input) in back.iter_mut().zip(weights).zip(gradients).zip(inputs) {
            *back += error * weight;
            *gradient += error * input;
        }
    }
    back
}

/// Through 3 x 3 filters, back: slopes by the maps before, if `turned` weights are given; adds to the gradient.
pub(super) fn filter_back(
    errors: &[f32],
    maps: &[f32],
    side: usize,
    turned: Option<&Vec<f32>>,
    gradient: &mut Layer,
) -> Vec<f32> {
    let outputs = gradient.biases.len();
    let inputs = maps.len() / (side * side);
    let mut back = vec![0.0_f32; if turned.is_some() { maps.len() } else { 0 }];
    for (cell, errors) in errors.chunks_exact(outputs).enumerate() {
        if errors.iter().all(|&error| error == 0.0) {
            continue;
        }
        for (bias, error) in gradient.biases.iter_mut().zip(errors) {
            *bias += error;
        }
        for (place, from) in neighbours(cell / side, cell % side, side) {
            let values = &maps[from * inputs..][..inputs];
            for (output, &error) in errors.iter().enumerate() {
                if error == 0.0 {
                    continue;
                }
                let own = (place * outputs + output) * inputs;
                for (gradient, value) in gradient.weights[own..][..inputs].iter_mut().zip(values) {
                    *gradient += error * value;
                }
                if let Some(turned) = turned {
                    let back = back[from * inputs..][..inputs].iter_mut();
                    for (back, weight) in back.zip(&turned[own..][..inputs]) {
                        *back += error * weight;
                    }
                }
            }
        }
    }
    back
}

/// From means of every four cells back to these, nought where the layer gave nought. `side` is that of the full maps.
pub(super) fn spread_mean<const MAPS: usize>(back: &[f32], full: &[f32], side: usize) -> Vec<f32> {
    let own = full.iter().enumerate().map(|(at, &value)| {
        let (cell, map) = (at / MAPS, at % MAPS);
        let half = cell / side / 2 * (side / 2) + cell % side / 2;
        if value > 0.0 {
            0.25 * back[half * MAPS + map]
        } else {
            0.0
        }
    });
    own.collect()
}

/// From the largest of every four cells back to it, nought where the layer gave nought. `side` is that of the full maps.
pub(super) fn spread_most(back: &[f32], halved: &[f32], full: &[f32], maps: usize, side: usize) -> Vec<f32> {
    let mut spread = vec![0.0; full.len()];
    let half = side / 2;
    for (at, (&back, &most)) in back.iter().zip(halved).enumerate() {
        if most <= 0.0 || back == 0.0 {
            continue;
        }
        let (cell, map) = (at / maps, at % maps);
        let four = [(0, 0), (0, 1), (1, 0), (1, 1)];
        let mut cells = four
            .iter()
            .map(|(down, across)| ((cell / half * 2 + down) * side + cell % half * 2 + across) * maps + map);
        if let Some(first) = cells.find(|&at| full[at] == most) {
            spread[first] = back;
        }
    }
    spread
}
