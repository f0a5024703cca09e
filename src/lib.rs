//! Finds radio-opaque foci in the soft tissue of plain radiographs and names each by its form and place.
//!
//! Research software, never a diagnosis: a label means "pattern consistent with".

pub mod batch;
pub mod classify;
pub mod cli;
pub mod codec;
pub mod compare;
pub mod dicom;
pub mod enhance;
pub mod evaluate;
pub mod finding;
pub mod label;
pub mod measure;
pub mod morphology;
pub mod pacs;
pub mod phantom;
pub mod pipeline;
pub mod radiograph;
pub mod read;
pub mod report;
pub mod scene;
pub mod threshold;
pub mod train;
pub mod units;
pub mod write;
