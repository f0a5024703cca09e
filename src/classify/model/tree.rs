//! Decision trees whose leaves add up to log-odds.

use serde::{Deserialize, Serialize};

/// Trees whose leaves are summed, starting from a bias.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forest {
    /// Log-odds before any tree speaks.
    pub bias: f32,
    /// The trees.
    pub trees: Vec<Tree>,
}

/// A binary tree in the order it is walked: node 0 is the root, children come after their parent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// One node: `[input, threshold, lower, upper, missing]` or a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Node {
    /// Input, threshold, the child for values up to the threshold, the child for larger ones, and whether a missing
    /// value goes to the first.
    Split(u16, f32, u16, u16, bool),
    /// Log-odds added.
    Leaf(f32),
}

/// `value` to four significant digits, so that the model file is short; nothing measured is more exact.
pub fn short(value: f32) -> f32 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

impl Forest {
    /// Log-odds for `inputs`; a missing value is NaN.
    pub fn log_odds(&self, inputs: &[f32]) -> f32 {
        self.trees.iter().fold(self.bias, |sum, tree| sum + tree.value(inputs))
    }

    /// What makes the forest unusable with `inputs` inputs, if anything.
    pub(super) fn check(&self, inputs: usize) -> Result<(), String> {
        for tree in &self.trees {
            for (at, node) in tree.nodes.iter().enumerate() {
                match *node {
                    Node::Split(input, threshold, lower, upper, _) => {
                        let forward = |child: u16| (at + 1..tree.nodes.len()).contains(&usize::from(child));
                        if usize::from(input) >= inputs || threshold.is_nan() || !forward(lower) || !forward(upper) {
                            return Err(format!("node {at} leads nowhere"));
                        }
                    }
                    Node::Leaf(value) if !value.is_finite() => return Err(format!("leaf {at} is not finite")),
                    Node::Leaf(_) => {}
                }
            }
            if tree.nodes.is_empty() {
                return Err("a tree without nodes".to_owned());
            }
        }
        if self.bias.is_finite() {
            Ok(())
        } else {
            Err("bias is not finite".to_owned())
        }
    }
}

impl Tree {
    /// Log-odds this tree adds.
    pub fn value(&self, inputs: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split(input, threshold, lower, upper, missing_is_lower) => {
                    let value = inputs[usize::from(input)];
                    let is_lower = if value.is_nan() {
                        missing_is_lower
                    } else {
                        value <= threshold
                    };
                    at = usize::from(if is_lower { lower } else { upper });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Forest, Node, Tree};

    fn stump() -> Forest {
        Forest {
            bias: 0.5,
            trees: vec![Tree {
                nodes: vec![Node::Split(1, 2.0, 1, 2, false), Node::Leaf(-1.0), Node::Leaf(3.0)],
            }],
        }
    }

    #[test]
    fn values_go_down_and_missing_ones_where_they_are_sent() {
        let forest = stump();
        assert_eq!(forest.log_odds(&[9.0, 2.0]), -0.5);
        assert_eq!(forest.log_odds(&[9.0, 2.1]), 3.5);
        assert_eq!(forest.log_odds(&[9.0, f32::NAN]), 3.5);
    }

    #[test]
    fn text_and_back_is_the_same_forest() {
        let text = serde_json::to_string(&stump()).unwrap();
        assert_eq!(serde_json::from_str::<Forest>(&text).unwrap(), stump());
    }

    #[test]
    fn trees_that_lead_nowhere_or_in_circles_are_refused() {
        assert!(stump().check(2).is_ok());
        assert!(stump().check(1).is_err());
        let mut circle = stump();
        circle.trees[0].nodes[0] = Node::Split(1, 2.0, 0, 2, false);
        assert!(circle.check(2).is_err());
        circle.trees[0].nodes.clear();
        assert!(circle.check(2).is_err());
    }
}
