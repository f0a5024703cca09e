//! `calxray man`.

use super::status::{Failure, Status, write_out};
use clap::Args;
use std::path::PathBuf;

/// Prints the manual page of `calxray`, or writes the pages of all verbs.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  calxray man | man -l -
  calxray man --out ~/.local/share/man/man1

Files written with --out: calxray.1 and calxray-VERB.1 for every verb.")]
pub struct Man {
    /// Folder for one page per verb; made if missing. Without it the main page goes to standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    pub fn run(self, command: clap::Command) -> Result<Status, Failure> {
        match self.out {
            None => write_out(None, &page(command)?)?,
            Some(folder) => std::fs::create_dir_all(&folder)
                .and_then(|()| clap_mangen::generate_to(command.disable_help_subcommand(true), &folder))
                .map_err(|error| Failure::output(&folder, error))?,
        }
        Ok(Status::Done)
    }
}

/// The roff text of `command`'s page.
fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut roff = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut roff)
        .map_err(|error| Failure::failed(format_args!("cannot render the manual page: {error}")))?;
    Ok(roff)
}
