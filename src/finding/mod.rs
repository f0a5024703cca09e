//! Foci to findings: foci that belong together become one statement.
//!
//! Takes labelled candidates, gives [`Focus`] and [`Finding`]. Knows no pixels and no files.

mod assemble;
mod context;
mod focus;
mod group;
mod grouping;
mod neighbours;
mod statement;
#[cfg(test)]
mod tests;

pub use assemble::assemble;
pub use focus::{Candidate, Focus, Rejected};
pub use group::{Finding, Pattern};
pub use grouping::Grouping;
