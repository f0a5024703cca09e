//! The command: arguments in, exit status out. One file per verb.
//!
//! Data goes to standard output, talk to standard error. Knows every room; decides nothing about images.

mod compare;
mod completions;
mod evaluate;
mod inspect;
mod labels;
mod log;
mod man;
mod naming;
mod objects;
mod phantom;
mod progress;
mod provenance;
mod pull;
mod reading;
mod receive;
mod scan;
mod schema;
mod segments;
mod send;
mod settings;
mod signal;
mod status;
mod tls;
mod trace;
mod train;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

pub use status::{Failure, Status};

/// Finds radio-opaque foci in the soft tissue of plain radiographs and names each by its form and place.
///
/// Research software, never a diagnosis: a label means "pattern consistent with".
#[derive(Debug, Parser)]
#[command(name = "calxray", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Command {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

const AFTER_HELP: &str = "\
Exit status:
  0  all input analysed or rightly skipped
  1  some input failed, or the run was stopped; the rest is complete
  2  could not start: arguments, settings or output

NO_COLOR (any value) turns colours off. `calxray VERB --help` explains a verb.";

/// How much the command says on standard error.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Talk {
    /// Say nothing but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more, such as why an input was skipped.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Find foci in files, folders and archives, and write tables and pictures.
    Scan(Box<scan::Scan>),
    /// Explain one image on the terminal: what was read, found and rejected, and why.
    Inspect(inspect::Inspect),
    /// Score detections against truth.
    Evaluate(evaluate::Evaluate),
    /// Tell what became of each deposit between two examinations.
    Compare(Box<compare::Compare>),
    /// Write synthetic radiographs with exact truth.
    Phantom(phantom::Phantom),
    /// Fit the classifier to images with known foci.
    Train(train::Train),
    /// Receive radiographs by DICOM C-STORE, analyse them, and send the results on.
    Receive(Box<receive::Receive>),
    /// Fetch radiographs from a DICOMweb server.
    Pull(pull::Pull),
    /// Send DICOM files to a DICOM node or a DICOMweb server.
    Send(send::Send),
    /// Print the JSON Schema of the results.
    Schema(schema::Schema),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
    /// Print the manual page, or write the page of every verb to a folder.
    Man(man::Man),
}

/// Runs the command with `args` (the first is the program's name).
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match clap_command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to standard output with status 0; a closed pipe there is no failure of ours.
            let _ = error.print();
            return if error.use_stderr() {
                Status::CouldNotStart
            } else {
                Status::Done
            }
            .into();
        }
    };
    let command = Command::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match command.verb.run(command.talk) {
        Ok(status) => status.into(),
        Err(failure) => {
            status::tell(&format!("calxray: {failure}"));
            failure.status().into()
        }
    }
}

impl Verb {
    fn run(self, talk: Talk) -> Result<Status, Failure> {
        match self {
            Verb::Scan(verb) => verb.run(talk),
            Verb::Inspect(verb) => verb.run(),
            Verb::Evaluate(verb) => verb.run(),
            Verb::Compare(verb) => verb.run(),
            Verb::Phantom(verb) => verb.run(),
            Verb::Train(verb) => verb.run(),
            Verb::Receive(verb) => verb.run(talk),
            Verb::Pull(verb) => verb.run(talk),
            Verb::Send(verb) => verb.run(talk),
            Verb::Schema(verb) => verb.run(),
            Verb::Completions(verb) => verb.run(clap_command()),
            Verb::Man(verb) => verb.run(clap_command()),
        }
    }
}

/// The command line as clap sees it, for parsing, completions and manual pages.
pub fn clap_command() -> clap::Command {
    Command::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::clap_command().debug_assert();
    }

    #[test]
    fn every_verb_and_option_is_explained() {
        fn check(command: &clap::Command) {
            assert!(
                command.get_about().is_some(),
                "{} has no description",
                command.get_name()
            );
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {} has no description",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&super::clap_command());
    }
}
