//! Results to bytes: tables, JSON lines, COCO, formats of labelling tools, masks, overlays, the page `report.html`, DICOM SR, SEG, Secondary Capture and presentation state. Every file is written atomically.
//!
//! [`Record`] holds all that is stated about one input; every table is a function of records.
//! Knows no reading, no order of inputs and no clock.
//!
//! ```
//! use calxray::pipeline::{Pipeline, Settings};
//! use calxray::radiograph::Radiograph;
//! use calxray::write::{JsonLines, Record, SourceInfo};
//!
//! let radiograph = Radiograph::new(ndarray::Array2::from_elem((64, 48), 500));
//! let report = Pipeline::new(Settings::default()).run(&radiograph);
//! let source = SourceInfo { path: "drawn.png".to_owned(), frame: 1, frames: 1, ..SourceInfo::default() };
//! let record = Record::analysed(source, &report);
//! assert_eq!((record.rows, record.columns), (Some(64), Some(48)));
//!
//! let mut lines = JsonLines::new(Vec::new());
//! lines.push(&record)?;
//! let text = String::from_utf8(lines.finish()?)?;
//! assert_eq!(Record::from_json(text.trim_end())?, record);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod atomic;
mod base64;
#[cfg(test)]
mod example;
mod focus_record;
pub mod gsps;
pub mod masks;
pub(crate) mod number;
pub mod object;
pub mod overlay;
pub mod page;
mod polygon;
mod record;
pub mod rendering;
mod rle;
pub mod sc;
mod schema;
pub mod seg;
pub mod sr;
pub mod tables;
pub mod terminal;
pub mod yolo;

pub use atomic::{AtomicFile, WriteError};
pub use focus_record::{FeatureValues, FocusRecord, LabelScore, RejectedRecord};
pub use object::{Item, ObjectError};
pub use record::{
    Failure, Magnification, Outcome, Pseudonyms, RECORD_VERSION, Record, SourceInfo, SourceUids, SpacingRecord, sha256,
};
pub use rle::Rle;
pub use schema::schema;
pub use tables::{JsonLines, Selection, Summary, Tables};
