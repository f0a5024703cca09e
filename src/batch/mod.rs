//! Many inputs: finds them, spreads them over all cores, and leaves tables that do not depend on order or cores.
//!
//! Takes paths and a [`Pipeline`](crate::pipeline::Pipeline), gives the files of an output folder. Knows no feature and
//! no format of a table; prints nothing, tells an [`Observer`].

mod archive;
mod earlier;
mod error;
mod export;
mod finish;
mod formats;
mod gate;
mod image;
mod journal;
mod name;
mod naming;
mod output;
mod queue;
mod run;
mod shard;
mod single;
mod stamp;
mod walk;
mod watch;
mod work;

pub use error::BatchError;
pub use formats::{Format, Formats};
pub use image::{describe, overlay_style};
pub use naming::Naming;
pub use output::OVERLAYS;
pub use run::{Ended, Job, run};
pub use shard::Shard;
pub use single::{Analysed, FINDINGS, Single};
pub use walk::parse_list;
pub use watch::Watch;

use crate::write::Record;

/// Name of the journal in an output folder.
pub const JOURNAL: &str = "journal";

/// Hears how a run goes. Called by all workers at once.
pub trait Observer: Sync {
    /// `done` of `known` inputs are done; more may become known while archives are read.
    fn progress(&self, done: u64, known: u64);

    /// An input was skipped or failed, as its record says.
    fn not_analysed(&self, record: &Record);

    /// Something else a person may want to know.
    fn remark(&self, text: &str);
}
