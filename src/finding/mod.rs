//! Foci to findings: foci that belong together become one statement.
//!
//! Takes labelled candidates, gives [`Focus`] and [`Finding`]. Knows no pixels and no files.

mod focus;
mod group;

pub use focus::{Candidate, Focus, Rejected};
pub use group::{Finding, Pattern};
