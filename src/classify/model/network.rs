//! A small convolutional network that looks at a candidate: is it a focus, and what is it called?
//!
//! It sees the near and the far [`Views`] of a candidate, each through three layers of 3 x 3 convolutions of its own, and how large
//! the candidate is. Plain sums in a fixed order: same weights and views, same log-odds on every machine.

use super::tree::short;
use super::{logistic, softmax};
use crate::classify::Label;
use crate::measure::{CELLS, Feature, Features, View, Views};
use serde::{Deserialize, Serialize};

/// Maps that each layer of a branch gives.
pub const MAPS: [usize; 3] = [16, 24, 32];
/// Maps of a view: grey values and cover.
const SEEN: usize = 2;
/// Cells along a side after the last layer: each layer halves them.
const LAST: usize = CELLS / 8;
/// Values that a branch hands on.
const BRANCH: usize = LAST * LAST * MAPS[2];
/// What is told of the size.
pub const SIZES: usize = 3;
/// Values before the hidden layer.
pub const JOINED: usize = 2 * BRANCH + SIZES;
/// Values of the hidden layer.
pub const HIDDEN: usize = 64;
/// Quarter turns, as they are and mirrored; the first is the view as it is.
const FORMS: usize = 8;
/// Logarithm of the least chance of a name.
const UNKNOWN: f32 = -13.8;
/// Grey values are halved, so that all inputs are of one order.
const GREY: f32 = 0.5;

/// Weights of the network and how its answers join those of the forests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Names, in the order of the answers after the first.
    pub labels: Vec<Label>,
    /// How its answer to whether there is a focus joins that of the forests: share in `0.0..=1.0`, then factor and offset.
    pub finding: [f32; 3],
    /// How its names join those of the forests: share in `0.0..=1.0`, then sharpness.
    pub naming: [f32; 2],
    /// What looks at the near view.
    pub near: [Layer; 3],
    /// What looks at the far view.
    pub far: [Layer; 3],
    /// From both views and the size to [`HIDDEN`] values.
    pub hidden: Layer,
    /// From these to the answers.
    pub answers: Layer,
}

/// Weights, for each place of the filter and each input those of all outputs, and biases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// `places * inputs * outputs` values.
    pub weights: Vec<f32>,
    /// One an output.
    pub biases: Vec<f32>,
}

/// What the network answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Log-odds that the candidate is a focus, not calibrated.
    pub focus: f32,
    /// Logarithm of the chance of each of [`Network::labels`].
    pub names: Vec<f32>,
}

/// Everything that is worked out on the way, which training needs.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// Of each branch: the view, then what each layer gives before it is halved, and after.
    pub branches: [Branch; 2],
    /// Both branches and the size, in a row.
    pub joined: Vec<f32>,
    /// The hidden layer.
    pub hidden: Vec<f32>,
    /// Log-odds of a focus, and logarithms of chances of names up to a common term.
    pub answers: Vec<f32>,
}

/// Maps of a branch, cell by cell, all maps of a cell together.
#[derive(Clone, Debug, Default)]
pub struct Branch {
    /// Inputs of each layer, and what is handed on.
    pub halved: [Vec<f32>; 4],
    /// What each layer gives.
    pub full: [Vec<f32>; 3],
}

/// The size of a candidate as the network is told it: in pixels, and in millimetres if they are known.
pub fn size(features: &Features) -> [f32; SIZES] {
    let logarithm = |feature: Feature| features.get(feature).map(|value| value.max(0.01).ln() as f32);
    let area = logarithm(Feature::AreaPx).unwrap_or(0.0) / 4.0 - 1.5;
    let millimetres = logarithm(Feature::EquivalentDiameterMm);
    [
        area,
        millimetres.unwrap_or(0.0) - 1.5,
        f32::from(u8::from(millimetres.is_some())),
    ]
}

impl Network {
    /// What the network says of a candidate.
    pub fn look(&self, views: &Views, features: &Features) -> Look {
        let mut steps = Steps::default();
        self.walk(views, &size(features), &mut steps);
        let mut names = steps.answers.split_off(1);
        let most = names.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = names.iter().map(|&name| f64::from(name - most).exp()).sum();
        let common = most + sum.ln() as f32;
        names.iter_mut().for_each(|name| *name -= common);
        Look {
            focus: steps.answers[0],
            names,
        }
    }

    /// The mean of what it says of all sides, `upright` being what it says of the first: turned by quarters and mirrored. Which way is up
    /// tells nothing, and the mean is the better answer for eight times the work.
    pub fn look_from_all_sides(&self, upright: Look, views: &Views, features: &Features) -> Look {
        let mut looks = vec![upright];
        looks.extend((1..FORMS).map(|form| self.look(&views.turned(form, 1.0), features)));
        let mean = |value: &dyn Fn(&Look) -> f32| looks.iter().map(value).sum::<f32>() / FORMS as f32;
        Look {
            focus: mean(&|look| look.focus),
            names: (0..self.labels.len())
                .map(|nth| mean(&|look| look.names[nth]))
                .collect(),
        }
    }

    /// What `look` says of each of `labels`: logarithms of chances; little of what the network does not know.
    pub fn names_of<'a>(&self, look: &Look, labels: impl Iterator<Item = &'a Label>) -> Vec<f32> {
        let place = |label: &Label| self.labels.iter().position(|own| own == label);
        let of = |label| place(label).map_or(UNKNOWN, |at| look.names[at].max(UNKNOWN));
        labels.map(of).collect()
    }

    /// Every step from the views to the answers.
    pub fn walk(&self, views: &Views, size: &[f32; SIZES], steps: &mut Steps) {
        self.join(views, size, steps);
        steps.hidden = self.hidden.times(&steps.joined);
        steps.hidden.iter_mut().for_each(|value| *value = value.max(0.0));
        steps.answers = self.answers.times(&steps.hidden);
    }

    /// The steps up to the joined values.
    pub fn join(&self, views: &Views, size: &[f32; SIZES], steps: &mut Steps) {
        steps.joined.clear();
        let branches = [(&self.near, &views.near), (&self.far, &views.far)];
        for (branch, (layers, view)) in steps.branches.iter_mut().zip(branches) {
            branch.walk(layers, view);
            steps.joined.extend_from_slice(&branch.halved[3]);
        }
        steps.joined.extend_from_slice(size);
    }

    /// Its parts, in the order of the model file.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.near.iter().chain(&self.far).chain([&self.hidden, &self.answers])
    }

    /// As [`Network::layers`], to be changed.
    pub fn layers_mut(&mut self) -> impl Iterator<Item = &mut Layer> {
        let Self {
            near,
            far,
            hidden,
            answers,
            ..
        } = self;
        near.iter_mut().chain(far.iter_mut()).chain([hidden, answers])
    }

    /// With every weight as exact as the model file keeps it.
    pub fn shortened(mut self) -> Self {
        for layer in self.layers_mut() {
            let values = layer.weights.iter_mut().chain(&mut layer.biases);
            values.for_each(|value| *value = short(*value));
        }
        self
    }

    /// Inputs (times the places of a filter) and outputs of each layer, for so many names.
    pub fn shapes(names: usize) -> [(usize, usize); 8] {
        let [first, second, third] = MAPS;
        let [a, b, c] = [(9 * SEEN, first), (9 * first, second), (9 * second, third)];
        [a, b, c, a, b, c, (JOINED, HIDDEN), (HIDDEN, 1 + names)]
    }

    /// What makes the network unusable, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        for (layer, (inputs, outputs)) in self.layers().zip(Self::shapes(self.labels.len())) {
            if layer.weights.len() != inputs * outputs || layer.biases.len() != outputs {
                return Err("a layer of the network has another size".to_owned());
            }
        }
        if self.labels.contains(&Label::Indeterminate) {
            return Err("names must not hold indeterminate".to_owned());
        }
        let values = self
            .layers()
            .flat_map(|layer| layer.weights.iter().chain(&layer.biases));
        let own = self.finding.into_iter().chain(self.naming);
        if values.copied().chain(own).any(|value| !value.is_finite()) {
            return Err("weights of the network must be finite".to_owned());
        }
        Ok(())
    }
}

impl Branch {
    fn walk(&mut self, layers: &[Layer; 3], view: &View) {
        let input = &mut self.halved[0];
        input.clear();
        for (grey, cover) in view.grey().zip(view.cover()) {
            input.extend([GREY * grey, cover]);
        }
        let [first, second, third] = layers;
        self.full[0] = first.convolved::<{ MAPS[0] }>(&self.halved[0], CELLS);
        self.halved[1] = halved::<{ MAPS[0] }>(&self.full[0], CELLS, f32::max);
        self.full[1] = second.convolved::<{ MAPS[1] }>(&self.halved[1], CELLS / 2);
        self.halved[2] = halved::<{ MAPS[1] }>(&self.full[1], CELLS / 2, f32::max);
        self.full[2] = third.convolved::<{ MAPS[2] }>(&self.halved[2], CELLS / 4);
        self.halved[3] = halved::<{ MAPS[2] }>(&self.full[2], CELLS / 4, |a, b| a + b);
        self.halved[3].iter_mut().for_each(|value| *value *= 0.25);
    }
}

impl Layer {
    /// 3 x 3 filters over maps of `side` by `side` cells, nought beyond them; what is below nought becomes nought.
    fn convolved<const OUTPUTS: usize>(&self, maps: &[f32], side: usize) -> Vec<f32> {
        let inputs = maps.len() / (side * side);
        let mut given = Vec::with_capacity(side * side * OUTPUTS);
        for row in 0..side {
            for column in 0..side {
                let mut sums = [0.0_f32; OUTPUTS];
                sums.copy_from_slice(&self.biases);
                for (place, cell) in neighbours(row, column, side) {
                    let weights = &self.weights[place * inputs * OUTPUTS..][..inputs * OUTPUTS];
                    let values = &maps[cell * inputs..][..inputs];
                    for (value, weights) in values.iter().zip(weights.chunks_exact(OUTPUTS)) {
                        for (sum, weight) in sums.iter_mut().zip(weights) {
                            *sum += value * weight;
                        }
                    }
                }
                given.extend(sums.map(|sum| sum.max(0.0)));
            }
        }
        given
    }

    /// Every output for `inputs`.
    pub fn times(&self, inputs: &[f32]) -> Vec<f32> {
        let mut sums = self.biases.clone();
        for (input, weights) in inputs.iter().zip(self.weights.chunks_exact(sums.len())) {
            if *input != 0.0 {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += input * weight;
                }
            }
        }
        sums
    }
}

/// The chance that there is a focus, of the log-odds of forests and network, joined by share, factor and offset.
pub fn joined(forests: f32, look: f32, [share, factor, offset]: [f32; 3]) -> f32 {
    logistic(factor * (forests + share * (look - forests)) + offset)
}

/// The chances of `labels`, of what forests and network say of them.
pub fn joined_names<'a>(
    network: &Network,
    labels: impl Iterator<Item = &'a Label>,
    forests: &[f32],
    look: &Look,
) -> Vec<f32> {
    let [share, sharpness] = network.naming;
    let of = |(&forest, look): (&f32, f32)| {
        let forest = forest.max(1e-6).ln();
        sharpness * (forest + share * (look - forest))
    };
    let mut chances: Vec<f32> = forests.iter().zip(network.names_of(look, labels)).map(of).collect();
    softmax(&mut chances);
    chances
}

/// The cells around a cell of `side` by `side`, itself included: place in the filter, and number.
pub fn neighbours(row: usize, column: usize, side: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..9).filter_map(move |place| {
        let (down, across) = (row + place / 3, column + place % 3);
        let is_inside = (1..=side).contains(&down) && (1..=side).contains(&across);
        is_inside.then(|| (place, (down - 1) * side + across - 1))
    })
}

/// Maps with half as many cells along a side: what `joins` makes of every four.
fn halved<const MAPS: usize>(maps: &[f32], side: usize, joins: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let half = side / 2;
    let mut given = Vec::with_capacity(half * half * MAPS);
    for row in 0..half {
        for column in 0..half {
            let cell =
                |down: usize, across: usize| &maps[((2 * row + down) * side + 2 * column + across) * MAPS..][..MAPS];
            let (a, b, c, d) = (cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1));
            given.extend((0..MAPS).map(|map| joins(joins(a[map], b[map]), joins(c[map], d[map]))));
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, JOINED, Layer, Network, SIZES, Steps, joined, joined_names, neighbours};
    use crate::classify::Label;
    use crate::classify::model::Look;
    use crate::label::{Region, Run};
    use crate::measure::{RowSums, Views};
    use crate::radiograph::Radiograph;
    use ndarray::Array2;

    fn layer(inputs: usize, outputs: usize, weight: impl Fn(usize) -> f32) -> Layer {
        Layer {
            weights: (0..inputs * outputs).map(weight).collect(),
            biases: vec![0.0; outputs],
        }
    }

    /// A network in which every filter is the same small sum.
    fn network() -> Network {
        let shapes = Network::shapes(2);
        let of = |nth: usize| layer(shapes[nth].0, shapes[nth].1, |at| ((at % 7) as f32 - 2.5) * 0.01);
        Network {
            labels: vec![Label::Phlebolith, Label::Ossification],
            finding: [0.5, 1.0, 0.0],
            naming: [0.5, 1.0],
            near: [of(0), of(1), of(2)],
            far: [of(3), of(4), of(5)],
            hidden: of(6),
            answers: of(7),
        }
    }

    fn views() -> Views {
        let pixels = Array2::from_shape_fn((90, 90), |(r, c)| (1000 + (r * 31 + c * 17) % 200) as u16);
        let runs = (40..52).map(|row| Run {
            row,
            start: 40,
            end: 49,
        });
        let region = Region::new(runs.collect()).unwrap();
        Views::of(&region, &RowSums::of(&Radiograph::new(pixels)))
    }

    #[test]
    fn a_filter_is_the_sum_it_says() {
        // 4 x 4 cells of one map, 16 outputs: output 3 sees the cell above, output 5 the cell to the right.
        let maps: Vec<f32> = (0..16_u8).map(|cell| f32::from(cell) + 1.0).collect();
        let mut filters = layer(9, 16, |_| 0.0);
        filters.weights[16 + 3] = 1.0;
        filters.weights[5 * 16 + 5] = 1.0;
        filters.biases[5] = -4.0;
        let given = filters.convolved::<16>(&maps, 4);
        let at = |row: usize, column: usize, output: usize| given[(row * 4 + column) * 16 + output];
        assert_eq!((at(0, 1, 3), at(2, 1, 3)), (0.0, 6.0));
        assert_eq!((at(1, 3, 5), at(1, 1, 5), at(0, 0, 5)), (0.0, 3.0, 0.0));
        assert_eq!(
            neighbours(0, 0, 4).map(|(place, _)| place).collect::<Vec<_>>(),
            [4, 5, 7, 8]
        );
    }

    #[test]
    fn every_step_has_its_size_and_names_are_chances() {
        let network = network();
        network.check().unwrap();
        let (views, mut steps) = (views(), Steps::default());
        network.walk(&views, &[0.0; SIZES], &mut steps);
        assert_eq!(
            (steps.joined.len(), steps.hidden.len(), steps.answers.len()),
            (JOINED, HIDDEN, 3)
        );
        assert!(steps.joined.iter().any(|value| *value > 0.0));
        let look = network.look(&views, &crate::measure::Features::default());
        let sum: f32 = look.names.iter().map(|name| name.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_network_of_another_size_is_refused() {
        let mut network = network();
        network.hidden.weights.pop();
        assert!(network.check().is_err());
        network.hidden.weights.push(f32::NAN);
        assert!(network.check().unwrap_err().contains("finite"));
    }

    #[test]
    fn forests_and_network_meet_by_their_shares() {
        assert!((joined(2.0, -1.0, [0.5, 2.0, 1.0]) - 1.0 / (1.0 + (-2.0_f32).exp())).abs() < 1e-6);
        assert_eq!(joined(2.0, 50.0, [0.0, 1.0, -2.0]), 0.5);
        let mut network = network();
        let look = Look {
            focus: 0.0,
            names: vec![0.9_f32.ln(), 0.1_f32.ln()],
        };
        let labels = [Label::Phlebolith, Label::Ossification];
        let chances = joined_names(&network, labels.iter(), &[0.1, 0.9], &look);
        assert!((chances[0] - 0.5).abs() < 1e-5);
        network.naming = [1.0, 1.0];
        let chances = joined_names(&network, labels.iter(), &[0.1, 0.9], &look);
        assert!((chances[0] - 0.9).abs() < 1e-5);
    }
}
