//! `calxray completions SHELL`.

use super::status::{Failure, Status, write_out};
use clap::Args;
use clap_complete::Shell;

/// Prints a completion script for a shell.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  calxray completions bash > ~/.local/share/bash-completion/completions/calxray")]
pub struct Completions {
    /// Shell to write the script for.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(self, mut command: clap::Command) -> Result<Status, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "calxray", &mut script);
        write_out(None, &script)?;
        Ok(Status::Done)
    }
}
