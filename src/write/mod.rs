//! Results to bytes: tables, JSON lines, COCO, overlays. Every file is written atomically.
//!
//! [`Record`] holds all that is stated about one input; every table is a function of records.
//! Knows no reading, no order of inputs and no clock.

pub mod atomic;
#[cfg(test)]
mod example;
mod focus_record;
mod number;
pub mod overlay;
mod record;
mod rle;
mod schema;
pub mod tables;
pub mod terminal;

pub use atomic::{AtomicFile, WriteError};
pub use focus_record::{FeatureValues, FocusRecord, LabelScore, RejectedRecord};
pub use record::{
    Failure, Magnification, Outcome, RECORD_VERSION, Record, SourceInfo, SourceUids, SpacingRecord, sha256,
};
pub use rle::Rle;
pub use schema::schema;
pub use tables::{Selection, Summary, Tables};
