//! Ctrl-C and SIGTERM: once to end well, twice to end at once.

use super::Talk;
use super::status::{Failure, tell};
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status of a process ended by SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

static STOP: AtomicBool = AtomicBool::new(false);

/// The flag that Ctrl-C and SIGTERM set. The second signal ends the process; what is done is safe in the journal.
pub fn stop_on_interrupt(talk: Talk) -> Result<&'static AtomicBool, Failure> {
    ctrlc::set_handler(move || {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
        if !talk.quiet {
            tell("\nStopping: images in work are finished first. Once more ends at once.");
        }
    })
    .map_err(|error| Failure::could_not_start(format_args!("cannot listen to signals: {error}")))?;
    Ok(&STOP)
}
