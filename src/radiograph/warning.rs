//! Things that are odd but do not stop the work; each reaches the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One oddity. Never holds a patient's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Stable name for machines, such as `polarity_conflict`.
    pub code: String,
    /// One sentence for people, with the DICOM attribute where one is at fault.
    pub message: String,
}

impl Warning {
    /// A warning of kind `code` that reads `message`.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}
