//! Trees fitted to examples: the chance that a candidate is a focus, and that each name is right.
//!
//! The model is a text file; the one in use by default lies beside this file and was built on synthetic radiographs.
//! Trees walk in microseconds. The rules stay: they refuse what is no question of likeness (metal, markers, edges), ban
//! names that may not be given, and state the evidence. Where no spacing is stated, other trees
//! ask for nothing in millimetres.

mod company;
mod inputs;
mod mean;
mod network;
mod tree;

pub use company::{Called, Company, Member};
pub use inputs::{INPUTS, inputs, names as input_names};
pub use network::{HIDDEN, JOINED, Layer, Look, MAPS, Network, SIZES, Steps, joined, joined_names, neighbours, size};
pub use tree::{Forest, Node, Tree, short};

use super::Label;
use crate::measure::{Feature, Features, Views};
use crate::radiograph::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The default model.
static DEFAULT: LazyLock<Model> =
    LazyLock::new(|| Model::from_json(include_str!("default.json")).expect("the default model is well-formed"));

/// Least suspicion at which a candidate is looked at: one in fifty.
pub const LEAST_SUSPICION: f32 = 0.02;

/// Suspicion below which a candidate is not asked about again: of 91,000 candidates of synthetic radiographs nearly three in five are
/// that far below, and none of these scored one in ten when all were asked.
pub const LEAST_ASKED: f32 = 0.001;

/// Least score at which it is looked at again, from all sides.
pub const LEAST_SCORE: f32 = 0.05;

/// Forests and how their answers become chances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name and version, copied into every report.
    pub identity: String,
    /// What it was built on, in words.
    pub built_on: String,
    /// Names of the inputs, in their order.
    pub inputs: Vec<String>,
    /// Least chance at which a name is given, `0.0..=1.0`.
    pub sure: f32,
    /// Who finds foci where the spacing is stated.
    pub with_spacing: Detector,
    /// Who finds them where it is not: nothing in millimetres is asked.
    pub without_spacing: Detector,
    /// What a focus is called where the spacing is stated.
    pub names: Names,
    /// What it is called where it is not: by form and place alone. A model without these forests gives no names there.
    #[serde(default)]
    pub names_without_spacing: Names,
    /// What the names of the other foci of a picture say; a model without it leaves each to itself.
    #[serde(default)]
    pub company: Company,
    /// What looks at candidates and joins the forests; a model without it leaves them the last word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

/// Whether a candidate is a focus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Judged without its company.
    pub alone: Scorer,
    /// Judged with its company.
    pub focus: Scorer,
}

/// A forest with its calibration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scorer {
    /// Factor and offset from the forest's log-odds to calibrated ones (Platt 1999).
    pub calibration: [f32; 2],
    /// The trees.
    pub forest: Forest,
}

/// The name of a focus: a forest a label, whose answers compete.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Factor on the forests' answers that makes their chances true ones (temperature scaling, Guo et al., ICML 2017).
    pub sharpness: f32,
    /// The forests.
    pub forests: BTreeMap<Label, Forest>,
}

impl Names {
    /// Chance of each name; they sum to 1, unless there is none.
    pub fn chances(&self, inputs: &[f32]) -> Vec<(Label, f32)> {
        let mut chances: Vec<f32> = self
            .forests
            .values()
            .map(|forest| self.sharpness * forest.log_odds(inputs))
            .collect();
        softmax(&mut chances);
        self.forests.keys().copied().zip(chances).collect()
    }
}

/// Logarithms of chances, up to a common term, to chances that sum to 1.
pub fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0_f64;
    for value in &mut *values {
        *value = (f64::from(*value) - f64::from(most)).exp() as f32;
        sum += f64::from(*value);
    }
    for value in values {
        *value = (f64::from(*value) / sum) as f32;
    }
}

/// The chance that has these log-odds.
pub fn logistic(log_odds: f32) -> f32 {
    (1.0 / (1.0 + (-f64::from(log_odds)).exp())) as f32
}

impl Scorer {
    /// Calibrated chance in `0.0..=1.0`.
    pub fn chance(&self, inputs: &[f32]) -> f32 {
        logistic(self.log_odds(inputs))
    }

    fn log_odds(&self, inputs: &[f32]) -> f32 {
        self.calibration[0] * self.forest.log_odds(inputs) + self.calibration[1]
    }
}

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not JSON, an unknown key, or a value of the wrong kind.
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    /// Made for other inputs, or damaged.
    #[error("{0}")]
    Content(String),
}

impl Default for Model {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl Model {
    /// A model that knows nothing: every chance is a half, and there are no names.
    pub fn untrained() -> Self {
        Self {
            identity: "untrained".to_owned(),
            built_on: "nothing".to_owned(),
            inputs: input_names().map(str::to_owned).collect(),
            sure: 0.5,
            with_spacing: Detector::default(),
            without_spacing: Detector::default(),
            names: Names::default(),
            names_without_spacing: Names::default(),
            company: Company::default(),
            network: None,
        }
    }

    /// The model in a text file.
    ///
    /// # Errors
    ///
    /// [`ModelError`] when `text` is no model, or one made for other inputs.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        let model: Self = serde_json::from_str(text)?;
        model.check().map_err(ModelError::Content)?;
        Ok(model)
    }

    /// The model as text, every tree and every layer on a line of its own.
    ///
    /// # Panics
    ///
    /// Never: every field has a JSON form.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string(self).expect("a model has a JSON form");
        text.replace("{\"nodes\":", "\n{\"nodes\":")
            .replace("{\"weights\":", "\n{\"weights\":")
            + "\n"
    }

    fn check(&self) -> Result<(), String> {
        if !self.inputs.iter().map(String::as_str).eq(input_names()) {
            return Err("made for other inputs than this version measures; train it again".to_owned());
        }
        if !(0.0..=1.0).contains(&self.sure) {
            return Err("sure must be 0 to 1".to_owned());
        }
        let detectors = [&self.with_spacing, &self.without_spacing].map(|detector| [&detector.alone, &detector.focus]);
        for names in [&self.names, &self.names_without_spacing] {
            if names.forests.contains_key(&Label::Indeterminate) {
                return Err("names must not hold indeterminate".to_owned());
            }
            for forest in names.forests.values() {
                forest.check(INPUTS)?;
            }
            if !names.sharpness.is_finite() {
                return Err("sharpness must be finite".to_owned());
            }
        }
        for scorer in detectors.into_iter().flatten() {
            scorer.forest.check(INPUTS)?;
            if scorer.calibration.iter().any(|value| !value.is_finite()) {
                return Err("calibration must be finite".to_owned());
            }
        }
        self.company.check()?;
        self.network.as_ref().map_or(Ok(()), Network::check)
    }

    fn detector(&self, features: &Features) -> &Detector {
        match features.get(Feature::EquivalentDiameterMm) {
            Some(_) => &self.with_spacing,
            None => &self.without_spacing,
        }
    }

    /// Chance that a candidate is a focus, its company not yet known.
    pub fn suspicion(&self, features: &Features, place: &Place) -> f32 {
        self.detector(features).alone.chance(&inputs(features, place))
    }

    /// What is seen of a candidate, if the model looks; of one that it may take for a focus, from all sides.
    pub fn look(&self, views: &Views, features: &Features, place: &Place) -> Option<Look> {
        let network = self.network.as_ref()?;
        let first = network.look(views, features);
        let is_likely = self.in_company(features, place, Some(&first)) >= LEAST_SCORE;
        Some(if is_likely {
            network.look_from_all_sides(first, views, features)
        } else {
            first
        })
    }

    /// Chance that a candidate is a focus; `suspicion` is that before its company was known, `look` what was seen of it, if it was
    /// looked at.
    pub fn score(&self, features: &Features, place: &Place, suspicion: f32, look: Option<&Look>) -> f32 {
        if suspicion < LEAST_ASKED {
            return suspicion;
        }
        self.in_company(features, place, look)
    }

    fn in_company(&self, features: &Features, place: &Place, look: Option<&Look>) -> f32 {
        let (forest, inputs) = (&self.detector(features).focus, inputs(features, place));
        match (&self.network, look) {
            (Some(network), Some(look)) => joined(forest.log_odds(&inputs), look.focus, network.finding),
            _ => forest.chance(&inputs),
        }
    }

    /// Chance of each name, of a candidate that is a focus, by itself.
    pub fn name_chances(&self, features: &Features, place: &Place, look: Option<&Look>) -> Vec<(Label, f32)> {
        let names = match features.get(Feature::EquivalentDiameterMm) {
            Some(_) => &self.names,
            None => &self.names_without_spacing,
        };
        let chances = names.chances(&inputs(features, place));
        match (&self.network, look) {
            (Some(network), Some(look)) => {
                let (labels, forests): (Vec<Label>, Vec<f32>) = chances.into_iter().unzip();
                let joined = joined_names(network, labels.iter(), &forests, look);
                labels.into_iter().zip(joined).collect()
            }
            _ => chances,
        }
    }
}
