//! A verdict that carries its proof.

use super::{Label, Rejection};
use crate::measure::{Feature, Features};
use crate::radiograph::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One criterion, the value it met, and how far that spoke for or against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The label or rejection it speaks about, by machine name.
    pub about: String,
    /// The criterion in words and numbers, such as `aspect_ratio 1.0 to 1.4`.
    pub criterion: String,
    /// The feature judged; `None` for a criterion on the place.
    pub feature: Option<Feature>,
    /// The measured value; `None` when it could not be had, and then `support` is 0.
    pub value: Option<f64>,
    /// From -1 (speaks against) to 1 (speaks for), before weighing.
    pub support: f32,
    /// Weight of the criterion in the label's score, above 0.
    pub weight: f32,
}

/// What a focus is called, how sure, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Chosen label.
    pub label: Label,
    /// Score of the chosen label, in `0.0..=1.0`; for `indeterminate` that of the best label that was not sure enough.
    pub label_score: f32,
    /// Every label but `indeterminate` with its score in `0.0..=1.0`, in the order of [`Label::ALL`].
    pub scores: Vec<(Label, f32)>,
    /// Next best label and its score.
    pub runner_up: Option<(Label, f32)>,
    /// Criteria for the chosen label and the runner-up.
    pub evidence: Vec<Evidence>,
    /// Remarks for the reader, such as that without spacing no size rule could fire.
    pub notes: Vec<String>,
}

/// Outcome for one candidate.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// A focus, with the score in `0.0..=1.0` that it truly is one, and its name.
    Focus {
        /// Suspicion that this is a focus in soft tissue, whatever its name.
        score: f32,
        /// Its name.
        assessment: Assessment,
    },
    /// Not a focus.
    Rejected {
        /// The reason that weighed most.
        reason: Rejection,
        /// What spoke for the reason.
        evidence: Vec<Evidence>,
    },
}

/// Judges candidates. Implement it to bring your own model.
pub trait Classifier: Send + Sync {
    /// Name and version, copied into every report.
    fn identity(&self) -> &str;

    /// The verdicts on all candidates of one image, in their order.
    fn assess(&self, candidates: &[Features], place: &Place) -> Vec<Verdict>;
}
