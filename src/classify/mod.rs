//! Features to assessment: a score per label, the evidence for and against, or a rejection with its reason.
//!
//! Takes [`Features`](crate::measure::Features); never sees pixels. The rules' numbers live in the settings file.

mod assessment;
mod label;
pub mod model;
pub mod rules;
mod trained;

pub use assessment::{Assessment, Classifier, Evidence, Verdict};
pub use label::{Label, Rejection};
pub use model::Model;
pub use rules::Rules;
pub use trained::{Said, judge};
