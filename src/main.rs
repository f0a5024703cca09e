//! The `calxray` command: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    calxray::cli::main(std::env::args_os())
}
