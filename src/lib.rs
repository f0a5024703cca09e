//! Finds radio-opaque foci in the soft tissue of plain radiographs and names each by its form and place.
//!
//! Research software, never a diagnosis: a label means "pattern consistent with".

pub mod classify;
pub mod finding;
pub mod label;
pub mod measure;
pub mod radiograph;
pub mod report;
pub mod units;
