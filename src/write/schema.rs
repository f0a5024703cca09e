//! The shape of a line of `findings.jsonl`, for those who read it.

use super::Record;

/// JSON Schema (draft 2020-12) of one line of `findings.jsonl`, with a description of every field.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Record).to_value()
}

#[cfg(test)]
mod tests;
