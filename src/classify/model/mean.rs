//! Two models as one: what either learned from its own pictures alone, the other corrects.

use super::{Detector, Forest, Model, Node, Scorer, short};

impl Model {
    /// The model whose detectors answer the mean of the calibrated log-odds of this model's and `other`'s. Names are those
    /// of this one.
    pub fn mean_with(self, other: &Self) -> Self {
        Self {
            with_spacing: self.with_spacing.mean_with(&other.with_spacing),
            without_spacing: self.without_spacing.mean_with(&other.without_spacing),
            built_on: format!(
                "mean of two models: {}; and {}: {}",
                self.built_on, other.identity, other.built_on
            ),
            ..self
        }
    }
}

impl Detector {
    fn mean_with(&self, other: &Self) -> Self {
        Self {
            alone: self.alone.mean_with(&other.alone),
            focus: self.focus.mean_with(&other.focus),
        }
    }
}

impl Scorer {
    fn mean_with(&self, other: &Self) -> Self {
        let (own, other) = (self.halved(), other.halved());
        Self {
            calibration: [1.0, 0.0],
            forest: Forest {
                bias: own.bias + other.bias,
                trees: own.trees.into_iter().chain(other.trees).collect(),
            },
        }
    }

    /// A forest that answers half of the calibrated log-odds.
    fn halved(&self) -> Forest {
        let [factor, offset] = self.calibration.map(|value| value / 2.0);
        let mut forest = self.forest.clone();
        forest.bias = factor * forest.bias + offset;
        for node in forest.trees.iter_mut().flat_map(|tree| &mut tree.nodes) {
            if let Node::Leaf(value) = node {
                *value = short(factor * *value);
            }
        }
        forest
    }
}

#[cfg(test)]
mod tests {
    use super::{Forest, Model, Node, Scorer};
    use crate::classify::model::Tree;

    fn scorer(calibration: [f32; 2], bias: f32, leaf: f32) -> Scorer {
        let nodes = vec![Node::Leaf(leaf)];
        Scorer {
            calibration,
            forest: Forest {
                bias,
                trees: vec![Tree { nodes }],
            },
        }
    }

    #[test]
    fn the_mean_answers_between_both() {
        let (mut a, mut b) = (Model::untrained(), Model::untrained());
        a.with_spacing.focus = scorer([2.0, 1.0], 0.5, 0.25);
        b.with_spacing.focus = scorer([1.0, -1.0], -1.0, 0.5);
        // Calibrated log-odds 2.5 and -1.5.
        let mean = a.mean_with(&b).with_spacing.focus;
        assert!((mean.chance(&[]) - 1.0 / (1.0 + (-0.5_f32).exp())).abs() < 1e-6);
        assert_eq!(mean.forest.trees.len(), 2);
    }
}
