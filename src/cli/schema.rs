//! `calxray schema`.

use super::status::{Failure, Status, write_out};
use clap::Args;

/// Prints the JSON Schema of a line of `findings.jsonl`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  calxray schema > findings.schema.json")]
pub struct Schema {}

impl Schema {
    /// Prints the schema.
    pub fn run(self) -> Result<Status, Failure> {
        let mut text = serde_json::to_string_pretty(&crate::write::schema()).map_err(Failure::failed)?;
        text.push('\n');
        write_out(None, text.as_bytes())?;
        Ok(Status::Done)
    }
}
